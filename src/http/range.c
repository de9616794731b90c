/* range.c - see range.h. SPDX-License-Identifier: MIT */
#include "http/range.h"

/* All digits; what does not fit in 63 bits is as good as the largest number. */
static bool digits(struct text s, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, s.at[i] - '0', &value))
            value = INT64_MAX;
    }
    *out = value;
    return s.len > 0;
}

static enum range_kind last_bytes(struct text count, int64_t size, int64_t *first, int64_t *last)
{
    int64_t n;
    if (!digits(count, &n))
        return RANGE_WHOLE;
    if (n == 0 || size <= 0)
        return RANGE_UNSATISFIABLE;
    *first = n < size ? size - n : 0;
    *last = size - 1;
    return RANGE_PART;
}

enum range_kind range_parse(struct text header, int64_t size, int64_t *first, int64_t *last)
{
    struct text rest = text_trim(header);
    struct text unit = text_cut(&rest, '=');
    if (!text_equal_nocase(unit, TEXT("bytes")))
        return RANGE_WHOLE;
    rest = text_trim(rest);
    if (rest.len && rest.at[0] == '-')
        return last_bytes((struct text){rest.at + 1, rest.len - 1}, size, first, last);

    size_t before = rest.len;
    struct text from_text = text_cut(&rest, '-');
    int64_t from;
    int64_t to = INT64_MAX;
    if (from_text.len == before || !digits(from_text, &from) || (rest.len && !digits(rest, &to)))
        return RANGE_WHOLE;
    if (to < from)
        return RANGE_WHOLE;
    if (from >= size)
        return RANGE_UNSATISFIABLE;
    *first = from;
    *last = to < size ? to : size - 1;
    return RANGE_PART;
}
