/* clock.c - see clock.h. SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * CLOCK_SECOND_US + t.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_iso(int64_t us, char *out)
{
    time_t s = (time_t)(us / CLOCK_SECOND_US);
    struct tm t;
    gmtime_r(&s, &t);
    size_t n = strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &t);
    snprintf(out + n, CLOCK_ISO_SIZE - n, ".%03dZ", (int)(us % CLOCK_SECOND_US / 1000));
}

/* Exactly n digits at *s. */
static bool digits(struct text *s, size_t n, int min, int max, int *out)
{
    int64_t v;
    if (s->len < n || s->at[0] == '-' || !text_int((struct text){s->at, n}, min, max, &v))
        return false;
    s->at += n;
    s->len -= n;
    *out = (int)v;
    return true;
}

static bool skip(struct text *s, char c)
{
    if (!s->len || s->at[0] != c)
        return false;
    s->at++;
    s->len--;
    return true;
}

static bool parse_offset(struct text *s, bool needed, int *minutes)
{
    int hours = 0;
    int rest = 0;
    *minutes = 0;
    if (!s->len)
        return !needed;
    if (skip(s, 'Z') || skip(s, 'z'))
        return true;
    int sign = skip(s, '+') ? 1 : skip(s, '-') ? -1 : 0;
    if (!sign || !digits(s, 2, 0, 23, &hours))
        return false;
    skip(s, ':');
    if (!digits(s, 2, 0, 59, &rest))
        return false;
    *minutes = sign * (hours * 60 + rest);
    return true;
}

bool clock_iso_parse(struct text s, bool need_offset, int64_t *out_us)
{
    struct tm t = {0};
    int year = 0;
    int month = 0;
    int offset = 0;
    int64_t fraction_us = 0;
    if (!digits(&s, 4, 1970, 9999, &year) || !skip(&s, '-') || !digits(&s, 2, 1, 12, &month) ||
        !skip(&s, '-') || !digits(&s, 2, 1, 31, &t.tm_mday))
        return false;
    if (skip(&s, 'T') || skip(&s, 't') || skip(&s, ' ')) {
        if (!digits(&s, 2, 0, 23, &t.tm_hour) || !skip(&s, ':') || !digits(&s, 2, 0, 59, &t.tm_min))
            return false;
        if (skip(&s, ':') && !digits(&s, 2, 0, 59, &t.tm_sec))
            return false;
        if (skip(&s, '.')) {
            int64_t unit = CLOCK_SECOND_US / 10;
            if (!s.len || s.at[0] < '0' || s.at[0] > '9')
                return false;
            for (; s.len && s.at[0] >= '0' && s.at[0] <= '9'; s.at++, s.len--, unit /= 10)
                fraction_us += unit * (s.at[0] - '0');
        }
    }
    if (!parse_offset(&s, need_offset, &offset) || s.len)
        return false;
    t.tm_year = year - 1900;
    t.tm_mon = month - 1;
    int day = t.tm_mday;
    time_t seconds = timegm(&t);
    if (t.tm_mday != day) /* 31 February became a day of March */
        return false;
    *out_us = ((int64_t)seconds - (int64_t)offset * 60) * CLOCK_SECOND_US + fraction_us;
    return true;
}

void clock_http(int64_t us, char *out)
{
    time_t s = (time_t)(us / CLOCK_SECOND_US);
    struct tm t;
    gmtime_r(&s, &t);
    strftime(out, CLOCK_HTTP_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &t);
}
