/* cursor_test.c - unit tests of cursors and pages. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/page.h"
#include "api/sample.h"

TEST(a_cursor_comes_back)
{
    const int64_t seqs[] = {1, 2, 255, 256, 1LL << 40, INT64_MAX};
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
        char word[CURSOR_SIZE];
        int64_t seq = 0;
        cursor_write(CURSOR_JOBS, seqs[i], word);
        assert_true(cursor_read(text_of(word), CURSOR_JOBS, &seq));
        assert_int_equal(seq, seqs[i]);
        assert_false(cursor_read(text_of(word), CURSOR_ENTRIES, &seq));
    }
}

TEST(a_cursor_that_was_encoded_again_is_refused)
{
    char word[CURSOR_SIZE];
    char other[40];
    int64_t seq;
    cursor_write(CURSOR_ENTRIES, 123456789, word);
    const char *const forms[] = {"%s=", "%s==", " %s", "%s\n", "%sA", "%s%%3D"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        int n = 0;
        for (const char *f = forms[i]; *f; f++) {
            if (f[0] == '%' && f[1] == 's') {
                n += snprintf(other + n, sizeof other - (size_t)n, "%s", word);
                f++;
            } else
                other[n++] = *f;
        }
        other[n] = 0;
        assert_false(cursor_read(text_of(other), CURSOR_ENTRIES, &seq));
    }
    assert_false(cursor_read((struct text){word, strlen(word) - 1}, CURSOR_ENTRIES, &seq));
    /* Ten bytes leave two bits of the last character free: only one of its four forms is ours. */
    word[13] = (char)(word[13] + 1);
    assert_false(cursor_read(text_of(word), CURSOR_ENTRIES, &seq));
}

TEST(nonsense_is_no_cursor)
{
    const char *const words[] = {"",
                                 "x",
                                 "AAAA",
                                 "nonsense",
                                 "eyJ2IjoxfQ",
                                 "AWUAAAAAAAAAAA",
                                 "AWX__________w",
                                 "!!!!!!!!!!!!!!"};
    int64_t seq;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_false(cursor_read(text_of(words[i]), CURSOR_ENTRIES, &seq));
}

TEST(a_page_tells_whether_another_follows)
{
    SCOPED(page) struct page p;
    page_begin(&p, CURSOR_JOBS, 2);
    page_row(&p);
    text_buf_add_text(&p.b, "1");
    page_row(&p);
    text_buf_add_text(&p.b, "2");
    page_end(&p, false);
    sample_same_json(p.b.at, "{'data':[1,2],'pagination':{'next_cursor':null,'has_more':false}}");
}

TEST(a_page_that_goes_on_has_a_cursor)
{
    SCOPED(page) struct page p;
    char expected[128];
    char word[CURSOR_SIZE];
    page_begin(&p, CURSOR_JOBS, 1);
    page_row(&p);
    text_buf_add_text(&p.b, "1");
    p.last_seq = 77;
    page_end(&p, true);
    cursor_write(CURSOR_JOBS, 77, word);
    snprintf(expected, sizeof expected,
             "{'data':[1],'pagination':{'next_cursor':'%s','has_more':true}}", word);
    sample_same_json(p.b.at, expected);
}
