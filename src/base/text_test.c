/* text_test.c - views, buffers, encodings. SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <string.h>

#include "unit.h"

TEST(int_takes_whole_numbers_in_range_only)
{
    int64_t v = 7;
    assert_true(text_int(TEXT("60"), 0, 60, &v));
    assert_int_equal(v, 60);
    assert_false(text_int(TEXT("61"), 0, 60, &v));
    assert_false(text_int(TEXT(""), 0, 60, &v));
    assert_false(text_int(TEXT("-"), -9, 60, &v));
    assert_false(text_int(TEXT("1e3"), 0, 10000, &v));
    assert_false(text_int(TEXT(" 1"), 0, 10000, &v));
    assert_false(text_int(TEXT("9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_true(text_int(TEXT("-9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_int_equal(v, INT64_MIN);
}

TEST(cut_walks_the_parts)
{
    struct text s = TEXT("a=1&b&&c");
    assert_true(text_equal(text_cut(&s, '&'), TEXT("a=1")));
    assert_true(text_equal(text_cut(&s, '&'), TEXT("b")));
    assert_true(text_equal(text_cut(&s, '&'), TEXT("")));
    assert_true(text_equal(text_cut(&s, '&'), TEXT("c")));
    assert_int_equal(s.len, 0);
}

TEST(a_list_has_whole_words_alone)
{
    const struct text words = TEXT("fox red-fox  cat");
    assert_true(text_lists(words, TEXT("fox")));
    assert_true(text_lists(words, TEXT("red-fox")));
    assert_true(text_lists(words, TEXT("cat")));
    assert_false(text_lists(words, TEXT("red")));
    assert_false(text_lists(words, TEXT("fox red-fox")));
    assert_false(text_lists(words, TEXT("")));
    assert_false(text_lists(TEXT(""), TEXT("fox")));
}

TEST(buffer_past_its_maximum_is_empty_and_failed)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 5);
    text_buf_printf(&b, "%d", 12345);
    assert_string_equal(b.at, "12345");
    text_buf_add_text(&b, "6");
    assert_true(b.failed);
    assert_null(b.at);
    text_buf_add_text(&b, "1");
    assert_null(b.at);
}

TEST(utf8_is_strict)
{
    const struct {
        const char *s;
        bool valid;
    } cases[] = {
        {"plain", true},
        {"\xc3\xa9", true},
        {"\xe4\xb8\xad", true},
        {"\xf0\x9f\x90\x89", true},
        {"\xc0\x80", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xe4\xb8", false},
        {"\x80", false},
        {"\xf8\x88\x80\x80\x80", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(text_utf8_valid(text_of(cases[i].s)), cases[i].valid);
    assert_int_equal(text_utf8_length(TEXT("a\xf0\x9f\x90\x89z")), 3);
}

TEST(blank_knows_the_spaces_of_unicode)
{
    assert_true(text_is_blank(TEXT("")));
    assert_true(text_is_blank(TEXT(" \t\n\xe3\x80\x80\xc2\xa0")));
    assert_false(text_is_blank(TEXT(" . ")));
}

TEST(what_is_no_utf8_is_shown_as_such)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"\xe7\x8b\x90\xe7\x8b", "\xe7\x8b\x90\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xef\xbf\xbd", "\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED(mem) char *s = text_utf8_repair(text_of(rows[i][0]));
        assert_string_equal(s, rows[i][1]);
    }
}

TEST(base64_round_trip_in_both_alphabets)
{
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 250);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        char digits[96];
        uint8_t back[96];
        text_base64url_encode(bytes, n, digits);
        assert_int_equal(text_base64_decode(text_of(digits), back), n);
        assert_memory_equal(back, bytes, n);
        assert_int_equal(text_base64_encode(bytes, n, digits), (n + 2) / 3 * 4);
        assert_int_equal(text_base64_decode(text_of(digits), back), n);
        assert_memory_equal(back, bytes, n);
    }
    uint8_t out[8];
    assert_int_equal(text_base64_decode(TEXT("+/==\n"), out), 1);
    assert_int_equal(text_base64_decode(TEXT("_-8="), out), 2);
    assert_int_equal(text_base64_decode(TEXT("A"), out), ERR_INVALID);
    assert_int_equal(text_base64_decode(TEXT("AA=A"), out), ERR_INVALID);
    assert_int_equal(text_base64_decode(TEXT("AA="), out), ERR_INVALID);
    assert_int_equal(text_base64_decode(TEXT("A*AA"), out), ERR_INVALID);
}
