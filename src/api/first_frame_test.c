/* first_frame_test.c - unit tests of the forms of an image in a request.
 *
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "api/first_frame.h"
#include "api/sample.h"
#include "base/memory.h"

TEST(the_form_is_told_from_the_value)
{
    static const struct {
        const char *value;
        enum first_frame_kind kind; /* NONE: refused */
    } rows[] = {
        {"http://a.example/b.png", FIRST_FRAME_URL},
        {"HTTPS://A.example:8443/b.png?c=d#e", FIRST_FRAME_URL},
        {"http://[2001:db8::1]:80/x", FIRST_FRAME_URL},
        {"http://127.0.0.1:9/none.png", FIRST_FRAME_URL},
        {"  https://a.example/b.png\n", FIRST_FRAME_URL},
        {"https://\xe4\xbe\x8b.example/\xe5\x9b\xbe.png", FIRST_FRAME_URL},
        {"data:image/png;base64,iVBORw0KGgo=", FIRST_FRAME_DATA},
        {"DATA:IMAGE/JPEG;BASE64,AAAA", FIRST_FRAME_DATA},
        {"data:image/webp;base64,AAAA", FIRST_FRAME_DATA},
        {"data:image/png;name=a.png;base64,AAAA", FIRST_FRAME_DATA},
        {"data:application/octet-stream;base64,AAAA", FIRST_FRAME_DATA},
        {"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA",
         FIRST_FRAME_DATA},
        {"", FIRST_FRAME_NONE},
        {"http://", FIRST_FRAME_NONE},
        {"https:///b.png", FIRST_FRAME_NONE},
        {"http://a b/c", FIRST_FRAME_NONE},
        {"http://a\tb/c", FIRST_FRAME_NONE},
        {"http://a:99999/", FIRST_FRAME_NONE},
        {"http://a:-1/", FIRST_FRAME_NONE},
        {"http://[zz]/", FIRST_FRAME_NONE},
        {"http://[::1/", FIRST_FRAME_NONE},
        {"http://a/\"b\"", FIRST_FRAME_NONE},
        {"ftp://a/b.png", FIRST_FRAME_NONE},
        {"file:///etc/passwd", FIRST_FRAME_NONE},
        {"javascript:alert(1)", FIRST_FRAME_NONE},
        {"//a.example/b.png", FIRST_FRAME_NONE},
        {"cheetah1", FIRST_FRAME_NONE},
        {"data:image/png,rawbytes", FIRST_FRAME_NONE},
        {"data:image/png;base64", FIRST_FRAME_NONE},
        {"data:;base64,AAAA", FIRST_FRAME_NONE},
        {"data:text/html;base64,AAAA", FIRST_FRAME_NONE},
        {"data:image/;base64,AAAA", FIRST_FRAME_NONE},
        {"data:image/png;base64x,AAAA", FIRST_FRAME_NONE},
        {"data:", FIRST_FRAME_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct first_frame f;
        SCOPED(issue_list) struct issue_list issues;
        issue_list_init(&issues);
        bool good = first_frame_read(text_of(rows[i].value), "image_url", &f, &issues);
        if (f.kind != rows[i].kind || good != (f.kind != FIRST_FRAME_NONE) ||
            issues.n != (good ? 0 : 1))
            fail_msg("%s was taken for %d, with %d issues", rows[i].value, f.kind, issues.n);
    }
}

TEST(an_address_with_a_user_is_refused_at_once)
{
    static const char *const urls[] = {"https://user:secret@a.example/b", "http://user@a.example/",
                                       "http://@a.example/", "http://user:1@[::1]/"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct first_frame f;
        SCOPED(issue_list) struct issue_list issues;
        issue_list_init(&issues);
        assert_false(first_frame_read(text_of(urls[i]), "image_url", &f, &issues));
        assert_int_equal(issues.n, 1);
    }
}

TEST(an_address_has_an_end)
{
    SCOPED(issue_list) struct issue_list issues;
    struct first_frame f;
    char url[FIRST_FRAME_URL_MAX + 2];
    memset(url, 'a', sizeof url);
    for (size_t i = 0; i < 9; i++)
        url[i] = "http://b/"[i];
    issue_list_init(&issues);
    assert_true(
        first_frame_read((struct text){url, FIRST_FRAME_URL_MAX}, "image_url", &f, &issues));
    assert_false(
        first_frame_read((struct text){url, FIRST_FRAME_URL_MAX + 1}, "image_url", &f, &issues));
}

/* The bytes behind value, or NULL, with the issues it gave. */
static char *decode(const char *value, size_t *len, struct issue_list *issues)
{
    struct first_frame f;
    issue_list_init(issues);
    if (!first_frame_read(text_of(value), "image_url", &f, issues))
        return NULL;
    return first_frame_decode(&f, "image_url", len, issues);
}

TEST(an_image_is_taken_in_every_alphabet)
{
    SCOPED(mem) char *png = sample_png(320, 301);
    SCOPED(mem) char *uri = mem_printf("data:image/png;base64,%s", png);
    struct issue_list issues;
    size_t len = 0;
    for (int i = 0; i < 3; i++) {
        for (char *c = uri + 22; i == 1 && *c; c++) /* the standard alphabet */
            *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
        SCOPED(mem) char *bytes = decode(i == 2 ? png : uri, &len, &issues);
        assert_non_null(bytes);
        assert_int_equal(issues.n, 0);
        assert_memory_equal(bytes, "\x89PNG", 4);
        issue_list_fini(&issues);
    }
}

TEST(a_small_image_is_told_its_size)
{
    SCOPED(mem) char *png = sample_png(200, 400);
    struct issue_list issues;
    size_t len;
    assert_null(decode(png, &len, &issues));
    SCOPED(mem) char *text = issue_list_take(&issues);
    assert_non_null(strstr(text, "shorter side is 200 px, must exceed 300"));
}

TEST(every_broken_rule_is_told)
{
    SCOPED(mem) char *png = sample_png(900, 100);
    struct issue_list issues;
    size_t len;
    assert_null(decode(png, &len, &issues));
    assert_int_equal(issues.n, 2);
    issue_list_fini(&issues);
}

TEST(what_is_no_base64_or_no_image_is_told_so)
{
    static const struct {
        const char *value;
        const char *word;
    } rows[] = {
        {"data:image/png;base64,", "Invalid base64"},
        {"data:image/png;base64,AAAAA", "Invalid base64"},
        {"data:image/png;base64,AA%3D%3D", "Invalid base64"},
        {"data:image/png;base64,AAA=AAAA", "Invalid base64"},
        {"data:image/png;base64,R0lGODlhAQABAAAAACw=", "image_url"},
        {"data:image/png;base64,iVBORw0KGgo=", "image_url"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct issue_list issues;
        size_t len;
        assert_null(decode(rows[i].value, &len, &issues));
        SCOPED(mem) char *text = issue_list_take(&issues);
        if (!strstr(text, rows[i].word))
            fail_msg("%s: expected \"%s\" in %s", rows[i].value, rows[i].word, text);
    }
}

TEST(too_much_base64_is_refused_before_it_is_decoded)
{
    enum { LEN = 40 * 1000 * 1000 };
    SCOPED(mem) char *big = mem_alloc(LEN + 1);
    struct issue_list issues;
    size_t len;
    memset(big, 'A', LEN);
    assert_null(decode(big, &len, &issues));
    SCOPED(mem) char *text = issue_list_take(&issues);
    assert_non_null(strstr(text, "must not exceed 20000000"));
}
