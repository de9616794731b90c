/* target_test.c - request targets taken apart. SPDX-License-Identifier: MIT */
#include "http/target.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

/* Path, segments and parameters in one line: "/a b [a b] x=1 y=". */
static void render(const char *raw, char *out, size_t size)
{
    struct arena arena = {0};
    struct target t;
    struct error err;
    size_t n = 0;
    if (target_parse(&t, &arena, raw, &err) < 0) {
        snprintf(out, size, "error");
        arena_reset(&arena);
        return;
    }
    n += (size_t)snprintf(out + n, size - n, "%s [", t.path);
    for (size_t i = 0; i < t.n_segments; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%.*s", i ? "|" : "", (int)t.segments[i].len,
                              t.segments[i].at);
    n += (size_t)snprintf(out + n, size - n, "]");
    for (size_t i = 0; i < t.n_params; i++)
        n += (size_t)snprintf(out + n, size - n, " %s=%s", t.params[i].name, t.params[i].value);
    arena_reset(&arena);
}

TEST(a_target_is_cut_before_it_is_decoded)
{
    static const struct {
        const char *raw;
        const char *want;
    } cases[] = {
        {"/", "/ []"},
        {"/a", "/a [a]"},
        {"/a/b/", "/a/b/ [a|b|]"},
        {"//", "// [|]"},
        {"/a%2Fb/c", "/a/b/c [a/b|c]"},
        {"/v%31/x%20y+z", "/v1/x y+z [v1|x y+z]"},
        {"/349865017168125:minimax/hailuo-2.3", "/349865017168125:minimax/hailuo-2.3 "
                                                "[349865017168125:minimax|hailuo-2.3]"},
        {"/a?x=1&y=2&x=3", "/a [a] x=1 y=2 x=3"},
        {"/a?x", "/a [a] x="},
        {"/a?x=", "/a [a] x="},
        {"/a?=x", "/a [a] =x"},
        {"/a?", "/a [a]"},
        {"/a?&&x=1&", "/a [a] x=1"},
        {"/a?x=1=2", "/a [a] x=1=2"},
        {"/a?x=1?2", "/a [a] x=1?2"},
        {"/a?q=two+words%2B%26", "/a [a] q=two words+&"},
        {"/a?na%6De=v", "/a [a] name=v"},
        {"/%", "/% [%]"},
        {"/%4", "/%4 [%4]"},
        {"/%zz%4g%41", "/%zz%4gA [%zz%4gA]"},
        {"/a?x=%&y=%4&z=%gg", "/a [a] x=% y=%4 z=%gg"},
        {"/%C3%A9?n=%C3%A9", "/\xc3\xa9 [\xc3\xa9] n=\xc3\xa9"},
        {"http://host:80/a?x=1", "/a [a] x=1"},
        {"HTTPS://host/a", "/a [a]"},
        {"http://host", "/ []"},
        {"http://host?x=1", "/ [] x=1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[512];
        render(cases[i].raw, got, sizeof got);
        assert_string_equal(got, cases[i].want);
    }
}

TEST(a_target_without_a_slash_or_with_a_zero_byte_is_refused)
{
    static const char *const bad[] = {
        "",       "*",       "a/b",      "?x=1",     "host:80",      "/%00",
        "/a%00b", "/a/b%00", "/a?x=%00", "/a?%00=x", "ftp://host/a",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char got[512];
        render(bad[i], got, sizeof got);
        assert_string_equal(got, "error");
    }
}

TEST(a_long_target_fits)
{
    static char raw[30000];
    struct arena arena = {0};
    struct target t;
    struct error err;
    memset(raw, '/', sizeof raw - 1);
    CHECK_OK(target_parse(&t, &arena, raw, &err), err);
    assert_int_equal(t.n_segments, sizeof raw - 1);
    memset(raw + 1, 'a', 9999);
    raw[10000] = '?';
    memset(raw + 10001, '&', sizeof raw - 10002);
    raw[sizeof raw - 2] = 'z';
    arena_reset(&arena);
    CHECK_OK(target_parse(&t, &arena, raw, &err), err);
    assert_int_equal(t.n_segments, 1);
    assert_int_equal(t.n_params, 1);
    assert_string_equal(t.params[0].name, "z");
    arena_reset(&arena);
}
