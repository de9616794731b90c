/* weights_safetensors_test.c - headers as they should not be. SPDX-License-Identifier: MIT */
#include <string.h>

#include "nn/weights.h"
#include "unit.h"

/* A file with this header and n_data bytes of numbers; static. */
static struct text file_of(const char *header, size_t n_data)
{
    static char bytes[1 << 17];
    const uint64_t len = strlen(header);
    assert_true(sizeof len + len + n_data <= sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &len, sizeof len);
    memcpy(bytes + sizeof len, header, len);
    return (struct text){.at = bytes, .len = sizeof len + len + n_data};
}

TEST(a_header_that_lies_is_refused_with_the_tensors_name)
{
    static const struct {
        const char *header;
        size_t n_data;
        const char *text;
    } rows[] = {
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7, "x is at bytes"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9,
         "1 bytes at the end belong to no tensor"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8,
         "x has 8 bytes where its shape needs 12"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "x is at bytes"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "x leaves a gap"},
        {"{\"x\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
         "x has the dtype F4"},
        {"{\"x\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "x has no dtype"},
        {"{\"x\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "x has no dtype"},
        {"{\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, "x has no shape"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,2],\"data_offsets\":[0,8]}}", 8,
         "x has no shape of at most 5 axes"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "x has a size"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}", 8, "x has a size"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, "no data_offsets"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,\"8\"]}}", 8, "x has a size"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,2],\"data_offsets\":[0,8]}}",
         8, "x has more numbers than can be counted"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807],\"data_offsets\":[0,8]}}", 8,
         "x has more numbers than can be counted"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],"
         "\"data_offsets\":[9223372036854775800,9223372036854775807]}}",
         8, "x is at bytes"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
         "\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
         12, "y overlaps x"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
         "\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
         8, "overlaps"},
        {"{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
         "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
         16, "no JSON: duplicate"},
        {"{\"\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "a name is 0 bytes"},
        {"{\"x\":[]}", 0, "x has no dtype"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "__metadata__ a is no text"},
        {"{\"__metadata__\":7}", 0, "__metadata__ is no object"},
        {"{} x", 0, "no JSON"},
        {"{", 4, "no JSON"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weights *w;
        struct error err;
        if (weights_open_bytes(&w, file_of(rows[i].header, rows[i].n_data), &err) != ERR_CORRUPT)
            fail_msg("%s is not refused", rows[i].header);
        if (!strstr(err.text, rows[i].text))
            fail_msg("%s: \"%s\", must say \"%s\"", rows[i].header, err.text, rows[i].text);
    }
}

TEST(a_header_longer_than_its_file_is_refused)
{
    static const uint64_t lengths[] = {11, 1 << 20, 100 << 20, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct weights *w;
        struct error err;
        struct text file = file_of("{}        ", 0);
        memcpy((char *)file.at, &lengths[i], sizeof lengths[i]);
        CHECK_ERR(weights_open_bytes(&w, file, &err), ERR_CORRUPT);
        assert_non_null(strstr(err.text, "the header is"));
    }
}

TEST(deep_headers_are_refused_before_the_stack_ends)
{
    static char header[1 << 16];
    memset(header, '[', sizeof header - 1);
    memcpy(header, "{\"x\":", 5);
    struct weights *w;
    struct error err;
    CHECK_ERR(weights_open_bytes(&w, file_of(header, 0), &err), ERR_CORRUPT);
}

TEST(metadata_and_tensors_without_numbers_or_axes_are_fine)
{
    struct weights *w;
    struct error err;
    CHECK_OK(weights_open_bytes(
                 &w,
                 file_of("{\"__metadata__\":{\"format\":\"pt\",\"\\u00e4\":\"\"},"
                         "\"z\":{\"dtype\":\"F8_E4M3\",\"shape\":[0,7],\"data_offsets\":[0,0]},"
                         "\"s\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}  \n ",
                         8),
                 &err),
             err);
    assert_int_equal(weights_count(w), 1);
    assert_string_equal(weights_name(w, 0), "s");
    assert_int_equal(weights_tensor(w, 0).n_dims, 0);
    assert_string_equal(weights_meta(w, "format"), "pt");
    assert_string_equal(weights_meta(w, "ä"), "");
    assert_null(weights_meta(w, "nothing"));
    struct weights_value v;
    assert_true(weights_value(w, "format", &v));
    assert_true(text_equal(v.bytes, TEXT("pt")));
    weights_close(w);
}
