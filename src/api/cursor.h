/* cursor.h - where a page of a list ends, as an opaque word: base64url of a version, the kind of
 * list, and the number of the page's last row.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/text.h"

#define CURSOR_SIZE 16

enum cursor_kind { CURSOR_JOBS = 'j', CURSOR_ENTRIES = 'e', CURSOR_CHANGES = 'c' };

void cursor_write(enum cursor_kind kind, int64_t seq, char out[CURSOR_SIZE]);

/* Only what cursor_write made for this kind, byte for byte: a cursor that was decoded and encoded
 * again in another way is refused. */
bool cursor_read(struct text s, enum cursor_kind kind, int64_t *out_seq);
