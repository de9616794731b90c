/* text.c - see text.h. SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

struct text text_of(const char *s)
{
    return (struct text){.at = s ? s : "", .len = s ? strlen(s) : 0};
}

bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool text_equal_nocase(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

bool text_starts(struct text s, struct text prefix)
{
    return s.len >= prefix.len && text_equal((struct text){s.at, prefix.len}, prefix);
}

bool text_ends(struct text s, struct text end)
{
    return s.len >= end.len && memcmp(s.at + s.len - end.len, end.at, end.len) == 0;
}

bool text_starts_nocase(struct text s, struct text prefix)
{
    return s.len >= prefix.len && text_equal_nocase((struct text){s.at, prefix.len}, prefix);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text s)
{
    while (s.len && is_space(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len && is_space(s.at[s.len - 1]))
        s.len--;
    return s;
}

struct text text_cut(struct text *s, char sep)
{
    const char *end = s->len ? memchr(s->at, sep, s->len) : NULL;
    struct text head = {s->at, end ? (size_t)(end - s->at) : s->len};
    size_t skip = end ? head.len + 1 : head.len;
    s->at += skip;
    s->len -= skip;
    return head;
}

bool text_lists(struct text words, struct text word)
{
    while (word.len > 0 && words.len > 0)
        if (text_equal(text_cut(&words, ' '), word))
            return true;
    return false;
}

bool text_int(struct text s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.len > 1 && s.at[0] == '-';
    int64_t value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = negative; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        int digit = negative ? -(s.at[i] - '0') : s.at[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

void text_buf_init(struct text_buf *b, size_t max)
{
    *b = (struct text_buf){.max = max};
}

void text_buf_fini(struct text_buf *b)
{
    free(b->at);
    *b = (struct text_buf){.max = b->max};
}

static bool reserve(struct text_buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (more > b->max - b->len) {
        text_buf_fini(b);
        b->failed = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap = cap < ((size_t)1 << 20) ? cap * 2 : cap + cap / 2;
    char *at = realloc(b->at, cap);
    if (!at) {
        text_buf_fini(b);
        b->failed = true;
        return false;
    }
    b->at = at;
    b->cap = cap;
    return true;
}

void text_buf_add(struct text_buf *b, const void *bytes, size_t len)
{
    if (!reserve(b, len))
        return;
    if (len)
        memcpy(b->at + b->len, bytes, len);
    b->len += len;
    b->at[b->len] = 0;
}

void text_buf_add_text(struct text_buf *b, const char *s)
{
    text_buf_add(b, s, strlen(s));
}

void text_buf_printf(struct text_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len >= 0 && reserve(b, (size_t)len)) {
        vsnprintf(b->at + b->len, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

char *text_buf_take(struct text_buf *b)
{
    char *at = b->at;
    b->at = NULL;
    text_buf_fini(b);
    return at;
}

/* The length of the sequence at s, its code point in *out; 0 when it is not well formed. */
static size_t utf8_decode(const unsigned char *s, size_t len, uint32_t *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (n == 0 || n > len || s[0] > 0xf4)
        return 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *out = c;
    return n;
}

bool text_utf8_valid(struct text s)
{
    uint32_t c;
    while (s.len) {
        size_t n = utf8_decode((const unsigned char *)s.at, s.len, &c);
        if (n == 0)
            return false;
        s.at += n;
        s.len -= n;
    }
    return true;
}

size_t text_utf8_length(struct text s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += (s.at[i] & 0xc0) != 0x80;
    return n;
}

uint32_t text_utf8_next(struct text *s)
{
    uint32_t c = 0xfffd;
    size_t n = utf8_decode((const unsigned char *)s->at, s->len, &c);
    if (n == 0)
        n = 1;
    s->at += n;
    s->len -= n;
    return c;
}

char *text_utf8_repair(struct text s)
{
    char *out = mem_alloc(3 * s.len + 1);
    size_t n = 0;
    while (s.len) {
        const char *at = s.at;
        uint32_t c = text_utf8_next(&s);
        size_t len = (size_t)(s.at - at);
        bool bad = c == 0xfffd && len == 1;
        memcpy(out + n, bad ? "\xef\xbf\xbd" : at, bad ? 3 : len);
        n += bad ? 3 : len;
    }
    out[n] = 0;
    return out;
}

static bool is_unicode_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool text_is_blank(struct text s)
{
    while (s.len)
        if (!is_unicode_space(text_utf8_next(&s)))
            return false;
    return true;
}

size_t text_base64_max(size_t len)
{
    return len / 4 * 3 + 3;
}

static int base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

int64_t text_base64_decode(struct text s, uint8_t *out)
{
    uint32_t bits = 0;
    size_t digits = 0;
    size_t pads = 0;
    uint8_t *o = out;
    for (size_t i = 0; i < s.len; i++) {
        if (is_space(s.at[i]))
            continue;
        if (s.at[i] == '=') {
            pads++;
            continue;
        }
        int v = base64_value((unsigned char)s.at[i]);
        if (v < 0 || pads)
            return ERR_INVALID;
        bits = bits << 6 | (uint32_t)v;
        if (++digits % 4 == 0) {
            *o++ = (uint8_t)(bits >> 16);
            *o++ = (uint8_t)(bits >> 8);
            *o++ = (uint8_t)bits;
        }
    }
    size_t rest = digits % 4;
    if (rest == 1 || (pads && rest + pads != 4))
        return ERR_INVALID;
    if (rest >= 2)
        *o++ = (uint8_t)(bits >> (rest == 2 ? 4 : 10));
    if (rest == 3)
        *o++ = (uint8_t)(bits >> 2);
    return o - out;
}

/* Without padding; returns what stands behind the last digit. */
static char *base64_digits(const uint8_t *bytes, size_t len, const char *digits, char *out)
{
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)bytes[i] << 16;
        size_t n = len - i < 3 ? len - i : 3;
        if (n > 1)
            bits |= (uint32_t)bytes[i + 1] << 8;
        if (n > 2)
            bits |= bytes[i + 2];
        for (size_t k = 0; k <= n; k++)
            *out++ = digits[bits >> (18 - 6 * k) & 63];
    }
    return out;
}

#define BASE64_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

void text_base64url_encode(const uint8_t *bytes, size_t len, char *out)
{
    *base64_digits(bytes, len, BASE64_DIGITS "-_", out) = 0;
}

size_t text_base64_encode(const uint8_t *bytes, size_t len, char *out)
{
    char *end = base64_digits(bytes, len, BASE64_DIGITS "+/", out);
    while ((end - out) % 4)
        *end++ = '=';
    *end = 0;
    return (size_t)(end - out);
}

void text_hex_encode(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = 0;
}
