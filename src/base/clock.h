/* clock.h - time is int64_t microseconds, everywhere inside. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define CLOCK_SECOND_US 1000000LL

int64_t clock_now_us(void);  /* since 1970, UTC: what is stored and shown */
int64_t clock_mono_us(void); /* monotonic: what is waited for             */

/* "2026-02-18T06:59:10.031Z"; out has CLOCK_ISO_SIZE bytes. */
#define CLOCK_ISO_SIZE 25
void clock_iso(int64_t us, char *out);

/* ISO 8601 date, or date and time with an optional fraction and an optional offset
 * (none means UTC, unless need_offset). */
bool clock_iso_parse(struct text s, bool need_offset, int64_t *out_us);

/* "Sun, 06 Nov 1994 08:49:37 GMT"; out has CLOCK_HTTP_SIZE bytes. */
#define CLOCK_HTTP_SIZE 30
void clock_http(int64_t us, char *out);
