/* emit.h - JSON as it leaves: the few pieces that every reply is made of.
 *
 * Replies are written straight into a buffer, not through a tree: a poll is answered in
 * microseconds. Each function adds one whole JSON value, emit_member with its name.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/text.h"

/* A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void emit_text(struct text_buf *b, struct text s);
void emit_string(struct text_buf *b, const char *s); /* NULL is null */
void emit_int(struct text_buf *b, int64_t v);
void emit_bool(struct text_buf *b, bool v);

/* A string behind its name, which is written as it stands: ",\"stage\":". */
void emit_member(struct text_buf *b, const char *name, const char *value);

/* value rounded to places (0..9) digits behind the point, without zeros at the end. */
void emit_fixed(struct text_buf *b, double value, int places);

/* US dollars of credits, exact: 120000 is 0.06. */
void emit_usd(struct text_buf *b, int64_t credits);

/* The same with nine places, as the header has it: "0.060000000". out has EMIT_USD_SIZE bytes. */
#define EMIT_USD_SIZE 40
void emit_usd_header(int64_t credits, char *out);

/* "2026-02-18T06:59:10.031Z" in quotes. */
void emit_time(struct text_buf *b, int64_t us);
