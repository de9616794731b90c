/* range_test.c - the Range header against tables. SPDX-License-Identifier: MIT */
#include "http/range.h"

#include "unit.h"

struct range_case {
    const char *header;
    int64_t size;
    enum range_kind kind;
    int64_t first;
    int64_t last;
};

static void check_all(const struct range_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct range_case *c = &cases[i];
        int64_t first = -1;
        int64_t last = -1;
        enum range_kind kind = range_parse(text_of(c->header), c->size, &first, &last);
        if (kind != c->kind || (kind == RANGE_PART && (first != c->first || last != c->last)))
            fail_msg("\"%s\" of %lld: kind %d, %lld-%lld", c->header, (long long)c->size, (int)kind,
                     (long long)first, (long long)last);
    }
}

#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof *(cases))

TEST(a_range_within_the_file_is_a_part)
{
    static const struct range_case cases[] = {
        {"bytes=0-0", 1000, RANGE_PART, 0, 0},      {"bytes=0-499", 1000, RANGE_PART, 0, 499},
        {"bytes=500-", 1000, RANGE_PART, 500, 999}, {"bytes=999-999", 1000, RANGE_PART, 999, 999},
        {"bytes=-1", 1000, RANGE_PART, 999, 999},   {"bytes=-1000", 1000, RANGE_PART, 0, 999},
        {"bytes=0-0", 1, RANGE_PART, 0, 0},         {"BYTES=1-2", 1000, RANGE_PART, 1, 2},
        {"bytes= 1-2 ", 1000, RANGE_PART, 1, 2},
    };
    CHECK_ALL(cases);
}

TEST(a_range_beyond_the_end_is_cut_there)
{
    static const struct range_case cases[] = {
        {"bytes=0-1000", 1000, RANGE_PART, 0, 999},
        {"bytes=999-2000", 1000, RANGE_PART, 999, 999},
        {"bytes=-2000", 1000, RANGE_PART, 0, 999},
        {"bytes=1-9223372036854775807", 1000, RANGE_PART, 1, 999},
        {"bytes=1-99999999999999999999999", 1000, RANGE_PART, 1, 999},
        {"bytes=-99999999999999999999999", 1000, RANGE_PART, 0, 999},
    };
    CHECK_ALL(cases);
}

TEST(a_range_that_starts_beyond_the_end_cannot_be_satisfied)
{
    static const struct range_case cases[] = {
        {"bytes=1000-", 1000, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=1000-1001", 1000, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=99999999999999999999-", 1000, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", 1000, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-0", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0},
    };
    CHECK_ALL(cases);
}

TEST(what_is_no_single_byte_range_is_ignored)
{
    static const char *const headers[] = {
        "",          "bytes",         "bytes=",      "bytes=-",     "bytes=a-b",  "bytes=1",
        "bytes=2-1", "bytes=0-1,3-4", "bytes=--1",   "bytes=1--2",  "bytes=+1-2", "bytes=1-+2",
        "items=0-1", "bytes 0-1",     "bytes=0x1-2", "bytes=1-2-3", "bytes=1 -2", "=0-1",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct range_case c = {headers[i], 1000, RANGE_WHOLE, 0, 0};
        check_all(&c, 1);
    }
}
