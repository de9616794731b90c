/* pages_test.c - the pack that the program carries, and the form that a client gets.
 *
 * SPDX-License-Identifier: MIT */
#include "api/pages.h"

#include <string.h>

#include "unit.h"

enum { ALL = 1 << PAGES_PLAIN | 1 << PAGES_GZIP | 1 << PAGES_BROTLI };

TEST(the_best_form_that_the_client_takes_is_sent)
{
    static const struct {
        const char *accept;
        unsigned there;
        enum pages_form form;
    } rows[] = {
        {NULL, ALL, PAGES_PLAIN},
        {"", ALL, PAGES_PLAIN},
        {"identity", ALL, PAGES_PLAIN},
        {"gzip, deflate, br, zstd", ALL, PAGES_BROTLI},
        {"gzip, deflate", ALL, PAGES_GZIP},
        {"GZIP;q=0.5 , BR ; q=1.0", ALL, PAGES_BROTLI},
        {"br;q=0, gzip", ALL, PAGES_GZIP},
        {"br;q=0.000;x=1", ALL, PAGES_PLAIN},
        {"br;q=0.001", ALL, PAGES_BROTLI},
        {"br, gzip", 1 << PAGES_PLAIN | 1 << PAGES_GZIP, PAGES_GZIP},
        {"br, gzip", 1 << PAGES_PLAIN, PAGES_PLAIN},
        {"brotli, xgzip", ALL, PAGES_PLAIN},
        {"*", ALL, PAGES_PLAIN},
        {",,;;q=,", ALL, PAGES_PLAIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (pages_form_for(rows[i].accept, rows[i].there) != rows[i].form)
            fail_msg("%s gave %d", rows[i].accept, pages_form_for(rows[i].accept, rows[i].there));
}

TEST(the_pages_are_in_the_pack_and_nothing_else_is_found)
{
    struct pages_file f;
    assert_true(pages_find("index.html", &f));
    assert_string_equal(f.type, "text/html; charset=utf-8");
    assert_int_equal(strlen(f.tag), 22);
    assert_true(text_starts_nocase(f.forms[PAGES_PLAIN], TEXT("<!doctype html>")));
    assert_true(pages_find("docs.html", &f));
    assert_false(pages_find("", &f));
    assert_false(pages_find("a", &f));
    assert_false(pages_find("zzz", &f));
    assert_false(pages_find("app", &f));
    assert_false(pages_find("index.htm", &f));
}
