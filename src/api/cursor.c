/* cursor.c - see cursor.h. SPDX-License-Identifier: MIT */
#include "api/cursor.h"

enum { VERSION = 1, N_BYTES = 10 };

void cursor_write(enum cursor_kind kind, int64_t seq, char out[CURSOR_SIZE])
{
    uint8_t bytes[N_BYTES] = {VERSION, (uint8_t)kind};
    for (int i = 0; i < 8; i++)
        bytes[2 + i] = (uint8_t)((uint64_t)seq >> (56 - 8 * i));
    text_base64url_encode(bytes, N_BYTES, out);
}

bool cursor_read(struct text s, enum cursor_kind kind, int64_t *out_seq)
{
    uint8_t bytes[N_BYTES + 6];
    char again[CURSOR_SIZE];
    uint64_t seq = 0;
    if (s.len >= CURSOR_SIZE || text_base64_decode(s, bytes) != N_BYTES)
        return false;
    if (bytes[0] != VERSION || bytes[1] != (uint8_t)kind)
        return false;
    for (int i = 0; i < 8; i++)
        seq = seq << 8 | bytes[2 + i];
    if (seq == 0 || seq > INT64_MAX)
        return false;
    cursor_write(kind, (int64_t)seq, again);
    if (!text_equal(s, text_of(again)))
        return false;
    *out_seq = (int64_t)seq;
    return true;
}
