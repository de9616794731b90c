/* emit.c - see emit.h. SPDX-License-Identifier: MIT */
#include "api/emit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "job/model.h"

/* May this byte stand in a JSON string as it is, without a look at what follows? */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void add_escape(struct text_buf *b, unsigned char c)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *n = names; *n; n += 2)
        if (*n == (char)c) {
            text_buf_add(b, (char[]){'\\', n[1]}, 2);
            return;
        }
    text_buf_printf(b, "\\u%04x", c);
}

/* One code point that is not plain; bytes that are none become U+FFFD, one for each. */
static void add_point(struct text_buf *b, struct text *s)
{
    const char *at = s->at;
    uint32_t c = text_utf8_next(s);
    if (c < 0x80)
        add_escape(b, (unsigned char)c);
    else if (s->at - at == 1)
        text_buf_add_text(b, "\xef\xbf\xbd");
    else
        text_buf_add(b, at, (size_t)(s->at - at));
}

void emit_text(struct text_buf *b, struct text s)
{
    text_buf_add(b, "\"", 1);
    while (s.len) {
        size_t n = 0;
        while (n < s.len && is_plain((unsigned char)s.at[n]))
            n++;
        text_buf_add(b, s.at, n);
        s.at += n;
        s.len -= n;
        if (s.len)
            add_point(b, &s);
    }
    text_buf_add(b, "\"", 1);
}

void emit_string(struct text_buf *b, const char *s)
{
    if (s)
        emit_text(b, text_of(s));
    else
        text_buf_add(b, "null", 4);
}

void emit_member(struct text_buf *b, const char *name, const char *value)
{
    text_buf_add_text(b, name);
    emit_string(b, value);
}

/* The digits of v, at least n_least of them; out has room for 20. Returns how many. */
static size_t digits_of(uint64_t v, size_t n_least, char *out)
{
    char back[20];
    size_t n = 0;
    for (; v || n < n_least; v /= 10)
        back[n++] = (char)('0' + v % 10);
    for (size_t i = 0; i < n; i++)
        out[i] = back[n - 1 - i];
    return n;
}

void emit_int(struct text_buf *b, int64_t v)
{
    char out[24] = "-";
    size_t sign = v < 0;
    uint64_t size = sign ? -(uint64_t)v : (uint64_t)v;
    text_buf_add(b, out, sign + digits_of(size, 1, out + sign));
}

void emit_bool(struct text_buf *b, bool v)
{
    text_buf_add_text(b, v ? "true" : "false");
}

/* A decimal without the zeros at its end, and without a point that nothing follows. */
static void add_trimmed(struct text_buf *b, const char *digits)
{
    size_t n = strlen(digits);
    if (strchr(digits, '.')) {
        while (digits[n - 1] == '0')
            n--;
        if (digits[n - 1] == '.')
            n--;
    }
    text_buf_add(b, digits, n);
}

void emit_fixed(struct text_buf *b, double value, int places)
{
    char out[48] = "-";
    size_t sign = value < 0;
    uint64_t unit = 1;
    for (int i = 0; i < places; i++)
        unit *= 10;
    double scaled = fabs(value) * (double)unit;
    uint64_t n = scaled < 1e18 ? (uint64_t)llround(scaled) : 0; /* what is no number is 0 too */
    if (n == 0)
        sign = 0;
    size_t len = sign + digits_of(n / unit, 1, out + sign);
    if (places) {
        out[len++] = '.';
        len += digits_of(n % unit, (size_t)places, out + len);
    }
    out[len] = 0;
    add_trimmed(b, out);
}

void emit_usd_header(int64_t credits, char *out)
{
    const int64_t nano = 1000000000 / MODEL_CREDITS_PER_USD;
    int64_t whole = credits / MODEL_CREDITS_PER_USD;
    int64_t rest = credits % MODEL_CREDITS_PER_USD * nano;
    snprintf(out, EMIT_USD_SIZE, "%s%" PRId64 ".%09" PRId64, credits < 0 ? "-" : "",
             whole < 0 ? -whole : whole, rest < 0 ? -rest : rest);
}

void emit_usd(struct text_buf *b, int64_t credits)
{
    char digits[EMIT_USD_SIZE];
    emit_usd_header(credits, digits);
    add_trimmed(b, digits);
}

void emit_time(struct text_buf *b, int64_t us)
{
    char iso[CLOCK_ISO_SIZE];
    clock_iso(us, iso);
    emit_string(b, iso);
}
