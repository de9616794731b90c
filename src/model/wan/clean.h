/* clean.h - a prompt as the text encoder of Wan was trained to see it.
 *
 * Straight quotes, plain forms of full-width and half-width characters and of ligatures, the
 * canonical composition, no control characters and no escapes of a terminal, HTML's entities
 * as characters (twice: some come escaped twice), text that was decoded by the wrong table
 * mended where the whole of a line shows it, all white space as single blanks.
 *
 * Source: Wan2.1 wan/modules/tokenizers.py with ftfy; of ftfy the repair of wrongly decoded text
 * is the plain case only: a whole line in windows-1252 that reads as UTF-8.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/text.h"

/* Well-formed UTF-8 to well-formed UTF-8; *out is mem_free'd by the caller, NUL-terminated.
 * ERR_MEMORY, ERR_IO the library of Unicode's tables is missing. */
int clean_prompt(char **out, struct text s, struct error *err) MUST_CHECK;
