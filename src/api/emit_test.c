/* emit_test.c - unit tests of JSON as it leaves. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>

#include "api/emit.h"
#include "base/memory.h"

struct row {
    struct text in;
    const char *out;
};

static void check_text(struct text in, const char *out)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 4096);
    emit_text(&b, in);
    assert_string_equal(b.at, out);
    json_t *again = json_loads(b.at, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(again);
    json_decref(again);
}

TEST(text_is_escaped_and_always_valid_json)
{
    const struct row rows[] = {
        {TEXT(""), "\"\""},
        {TEXT("a fox"), "\"a fox\""},
        {TEXT("say \"hi\" \\ now"), "\"say \\\"hi\\\" \\\\ now\""},
        {TEXT("a\nb\tc\rd\be\ff"), "\"a\\nb\\tc\\rd\\be\\ff\""},
        {TEXT("\x01\x1f\x7f"), "\"\\u0001\\u001f\\u007f\""},
        {TEXT("nul\0in"), "\"nul\\u0000in\""},
        {TEXT("\xc3\xa9 \xe8\xaa\x9e \xf0\x9f\x90\x89"),
         "\"\xc3\xa9 \xe8\xaa\x9e \xf0\x9f\x90\x89\""},
        {TEXT("\xff"), "\"\xef\xbf\xbd\""},
        {TEXT("a\xc3"), "\"a\xef\xbf\xbd\""},
        {TEXT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {TEXT("\xc0\x80x"), "\"\xef\xbf\xbd\xef\xbf\xbdx\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_text(rows[i].in, rows[i].out);
}

TEST(a_missing_string_is_null)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 64);
    emit_string(&b, NULL);
    assert_string_equal(b.at, "null");
}

TEST(numbers_lose_their_zeros_at_the_end_only)
{
    const struct {
        double value;
        int places;
        const char *out;
    } rows[] = {{5.64, 6, "5.64"}, {0, 3, "0"},       {1, 3, "1"},
                {0.5, 0, "1"},     {100, 0, "100"},   {0.1239, 3, "0.124"},
                {-0.0001, 3, "0"}, {-2.5, 3, "-2.5"}, {0.05, 6, "0.05"},
                {6, 6, "6"},       {1e300, 3, "0"},   {__builtin_nan(""), 3, "0"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED(text_buf) struct text_buf b;
        text_buf_init(&b, 64);
        emit_fixed(&b, rows[i].value, rows[i].places);
        assert_string_equal(b.at, rows[i].out);
    }
}

TEST(whole_numbers_are_whole)
{
    SCOPED(text_buf) struct text_buf b;
    const int64_t values[] = {0, 7, -7, 120000, INT64_MAX, INT64_MIN};
    text_buf_init(&b, 1024);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        emit_int(&b, values[i]);
        text_buf_add_text(&b, " ");
    }
    assert_string_equal(b.at, "0 7 -7 120000 9223372036854775807 -9223372036854775808 ");
}

TEST(dollars_are_exact)
{
    const struct {
        int64_t credits;
        const char *json;
        const char *header;
    } rows[] = {{120000, "0.06", "0.060000000"},
                {2480, "0.00124", "0.001240000"},
                {1, "0.0000005", "0.000000500"},
                {0, "0", "0.000000000"},
                {2000000, "1", "1.000000000"},
                {-300, "-0.00015", "-0.000150000"},
                {-4000001, "-2.0000005", "-2.000000500"},
                {INT64_MAX, "4611686018427.3879035", "4611686018427.387903500"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED(text_buf) struct text_buf b;
        char header[EMIT_USD_SIZE];
        text_buf_init(&b, 64);
        emit_usd(&b, rows[i].credits);
        emit_usd_header(rows[i].credits, header);
        assert_string_equal(b.at, rows[i].json);
        assert_string_equal(header, rows[i].header);
    }
}
