/* tokenizer_normal.c - a text as the pieces of its model expect it; see tokenizer.h.
 *
 * The map is a Darts double array: each unit is 32 bits,
 *
 *     bit 31      1: a value stands in bits 0-30
 *     bits 10-30  offset to the children, times 256 when bit 9 is set
 *     bit 8       a value hangs under this unit
 *     bits 0-7    label: the byte that leads here
 *
 * and the values are offsets into the strings behind it. The longest key that the text begins
 * with is replaced; a character without a key stays.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/tokenizer_impl.h"

#include <string.h>

static const char space_mark[] = "\xe2\x96\x81"; /* U+2581 */
static const char replacement[] = "\xef\xbf\xbd";

int tokenizer_set_map(struct tokenizer *t, struct text map, struct error *err)
{
    uint32_t n;
    if (map.len == 0)
        return 0;
    if (map.len < sizeof n)
        return error_set(err, ERR_CORRUPT, "the normaliser's map has %zu bytes", map.len);
    memcpy(&n, map.at, sizeof n);
    if (n % 4 != 0 || n < 4 || n > map.len - sizeof n)
        return error_set(err, ERR_CORRUPT, "the normaliser's map claims a trie of %u bytes of %zu",
                         n, map.len);
    t->trie = map.at + sizeof n;
    t->n_trie = n / 4;
    t->strings = map.at + sizeof n + n;
    t->n_strings = map.len - sizeof n - n;
    if (t->n_strings == 0 || t->strings[t->n_strings - 1] != '\0')
        return error_set(err, ERR_CORRUPT, "the normaliser's strings do not end");
    return 0;
}

static bool unit_at(const struct tokenizer *t, size_t i, uint32_t *out)
{
    if (i >= t->n_trie)
        return false;
    memcpy(out, t->trie + i * 4, 4);
    return true;
}

static size_t unit_offset(uint32_t unit)
{
    return (size_t)(unit >> 10) << ((unit & 1U << 9) >> 6);
}

/* The longest key at the front of s: returns its length, 0 for none, and its value. */
static size_t longest_key(const struct tokenizer *t, struct text s, uint32_t *out_value)
{
    size_t best = 0, node = 0;
    uint32_t unit;
    if (!t->trie || !unit_at(t, 0, &unit))
        return 0;
    node = unit_offset(unit);
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.at[i];
        node ^= c;
        if (!unit_at(t, node, &unit) || (unit & (1U << 31 | 0xff)) != c)
            break;
        node ^= unit_offset(unit);
        uint32_t value;
        if (unit & 1U << 8 && unit_at(t, node, &value)) {
            best = i + 1;
            *out_value = value & 0x7fffffff;
        }
    }
    return best;
}

/* The length of the well-formed character at the front of s; 0 when it is none. */
static size_t character(struct text s)
{
    const unsigned char c = (unsigned char)s.at[0];
    const size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return n <= s.len && text_utf8_valid((struct text){s.at, n}) ? n : 0;
}

/* What the front of *s becomes; moves *s behind what was used. */
static struct text normal_front(const struct tokenizer *t, struct text *s)
{
    uint32_t value = 0;
    size_t used = longest_key(t, *s, &value);
    struct text out;
    if (used > 0 && value < t->n_strings)
        out = text_of(t->strings + value);
    else if ((used = character(*s)) > 0)
        out = (struct text){s->at, used};
    else {
        out = text_of(replacement);
        used = 1;
    }
    s->at += used;
    s->len -= used;
    return out;
}

static void add_space(const struct tokenizer *t, struct text_buf *out)
{
    text_buf_add_text(out, t->escape_spaces ? space_mark : " ");
}

static void skip_front_spaces(const struct tokenizer *t, struct text *s)
{
    while (s->len > 0) {
        struct text rest = *s;
        if (!text_equal(normal_front(t, &rest), TEXT(" ")))
            return;
        *s = rest;
    }
}

static void drop_end_spaces(const struct tokenizer *t, struct text_buf *out)
{
    const char *space = t->escape_spaces ? space_mark : " ";
    const size_t n = strlen(space);
    while (out->len >= n && memcmp(out->at + out->len - n, space, n) == 0)
        out->len -= n;
}

void tokenizer_normalize(const struct tokenizer *t, struct text s, struct text_buf *out)
{
    if (t->remove_spaces)
        skip_front_spaces(t, &s);
    if (s.len == 0)
        return;
    if (t->add_prefix)
        add_space(t, out);
    bool after_space = t->remove_spaces;
    while (s.len > 0) {
        struct text front = normal_front(t, &s);
        while (after_space && front.len > 0 && front.at[0] == ' ') {
            front.at++;
            front.len--;
        }
        for (size_t i = 0; i < front.len; i++)
            if (front.at[i] == ' ')
                add_space(t, out);
            else
                text_buf_add(out, &front.at[i], 1);
        if (front.len > 0)
            after_space = t->remove_spaces && front.at[front.len - 1] == ' ';
    }
    if (t->remove_spaces && !out->failed)
        drop_end_spaces(t, out);
}
