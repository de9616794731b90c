/* text.h - strings with a length: a view, and a growing buffer with a maximum at birth; and the
 * encodings that the wire uses (UTF-8, base64, base64url, hex).
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

/* A view of len bytes; not owned, not NUL-terminated. */
struct text {
    const char *at;
    size_t len;
};

#define TEXT(literal)                                                                              \
    (struct text)                                                                                  \
    {                                                                                              \
        .at = (literal), .len = sizeof(literal) - 1                                                \
    }

struct text text_of(const char *s); /* NULL gives the empty view */
bool text_equal(struct text a, struct text b);
bool text_equal_nocase(struct text a, struct text b); /* ASCII */
bool text_starts(struct text s, struct text prefix);
bool text_ends(struct text s, struct text end);
bool text_starts_nocase(struct text s, struct text prefix);
struct text text_trim(struct text s); /* ASCII white space at both ends */

/* Cut s at the first sep: returns what stands before it and moves *s behind it; with no sep
 * there, all of it, and *s becomes empty. */
struct text text_cut(struct text *s, char sep);

/* Is word one of words, which blanks separate? An empty one is not. */
bool text_lists(struct text words, struct text word);

/* A whole decimal number in min..max, nothing else around it. */
bool text_int(struct text s, int64_t min, int64_t max, int64_t *out);

/* Growing bytes. at is NUL-terminated as soon as something was added. Adding past max, or
 * without memory, frees the buffer and sets failed; later adds do nothing: ask once, at the end. */
struct text_buf {
    char *at;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

void text_buf_init(struct text_buf *b, size_t max);
void text_buf_fini(struct text_buf *b);
SCOPED_FINI(text_buf)
void text_buf_add(struct text_buf *b, const void *bytes, size_t len);
void text_buf_add_text(struct text_buf *b, const char *s);
void text_buf_printf(struct text_buf *b, const char *fmt, ...) PRINTF(2, 3);
char *text_buf_take(struct text_buf *b); /* the caller frees; NULL if it failed or is empty */

/* Well-formed UTF-8 (no overlongs, no surrogates, at most U+10FFFF)? */
bool text_utf8_valid(struct text s);
size_t text_utf8_length(struct text s); /* code points of well-formed UTF-8 */

/* The next code point of well-formed UTF-8; moves *s behind it. s is not empty. */
uint32_t text_utf8_next(struct text *s);

/* A copy in which each byte that belongs to no UTF-8 is U+FFFD: names of files may be anything.
 * mem_free by the caller. */
char *text_utf8_repair(struct text s);

/* White space of Unicode only, or empty? */
bool text_is_blank(struct text s);

/* Base64, standard or URL alphabet, padded or not; white space is skipped. out has at least
 * text_base64_max(s.len) bytes. Returns the decoded length or ERR_INVALID. */
size_t text_base64_max(size_t len);
int64_t text_base64_decode(struct text s, uint8_t *out);

/* URL alphabet, no padding; out has at least (len * 4 + 2) / 3 + 1 bytes. */
void text_base64url_encode(const uint8_t *bytes, size_t len, char *out);

/* Standard alphabet, padded; out has at least (len + 2) / 3 * 4 + 1 bytes. Returns the length. */
size_t text_base64_encode(const uint8_t *bytes, size_t len, char *out);

void text_hex_encode(const uint8_t *bytes, size_t len, char *out); /* 2 * len + 1 bytes */
