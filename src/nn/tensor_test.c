/* tensor_test.c - views of numbers. SPDX-License-Identifier: MIT */
#include "nn/tensor.h"

#include <string.h>

#include "unit.h"

TEST(a_tensor_counts_rows_columns_and_bytes)
{
    const struct tensor t = {.dtype = DTYPE_BF16, .n_dims = 3, .shape = {2, 3, 5}, .scale = 1};
    assert_int_equal(tensor_count(&t), 30);
    assert_int_equal(tensor_rows(&t), 6);
    assert_int_equal(tensor_cols(&t), 5);
    assert_int_equal(tensor_bytes(&t), 60);
    const struct tensor one = {.dtype = DTYPE_F32, .scale = 1};
    assert_int_equal(tensor_count(&one), 1);
    assert_int_equal(tensor_rows(&one), 1);
    assert_int_equal(tensor_cols(&one), 1);
}

TEST(blocks_are_counted_as_blocks)
{
    const struct tensor t = {.dtype = DTYPE_Q6_K, .n_dims = 2, .shape = {3, 512}, .scale = 1};
    assert_int_equal(tensor_bytes(&t), 3 * 2 * 210);
    const struct tensor u = {.dtype = DTYPE_Q8_0, .n_dims = 2, .shape = {3, 512}, .scale = 1};
    assert_int_equal(tensor_bytes(&u), 3 * 16 * 34);
}

TEST(every_type_has_a_name_of_its_own_and_a_size)
{
    for (int a = 0; a < DTYPES; a++) {
        assert_true(dtype_block((enum dtype)a) >= 1);
        assert_true(dtype_block_bytes((enum dtype)a) >= 1);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(dtype_name((enum dtype)a), dtype_name((enum dtype)b));
    }
}

TEST(a_part_begins_where_its_rows_do)
{
    char bytes[4 * 34];
    const struct tensor t = {
        .data = bytes, .dtype = DTYPE_Q8_0, .n_dims = 2, .shape = {4, 32}, .scale = 0.5F};
    const struct tensor part = tensor_part(&t, 1, 2);
    assert_ptr_equal(part.data, bytes + 34);
    assert_int_equal(part.shape[0], 2);
    assert_true(part.scale == t.scale);
    const struct tensor none = {.dtype = DTYPE_F32, .n_dims = 1, .shape = {4}, .scale = 1};
    assert_null(tensor_part(&none, 2, 2).data);
}

TEST(a_view_keeps_the_numbers_and_changes_the_shape)
{
    float numbers[12];
    const struct tensor t = {
        .data = numbers, .dtype = DTYPE_F32, .n_dims = 2, .shape = {3, 4}, .scale = 1};
    const struct tensor view = tensor_view(&t, 3, (const int64_t[]){2, 2, 3});
    assert_ptr_equal(tensor_f32(&view), numbers);
    assert_int_equal(tensor_cols(&view), 3);
    assert_false(tensor_same_shape(&t, &view));
    const struct tensor back = tensor_view(&view, 2, t.shape);
    assert_true(tensor_same_shape(&t, &back));
}

TEST(a_text_names_type_and_shape)
{
    char text[64];
    const struct tensor t = {.dtype = DTYPE_F32, .n_dims = 3, .shape = {3, 4, 5}, .scale = 1};
    assert_string_equal(tensor_text(&t, text, sizeof text), "F32 [3, 4, 5]");
    const struct tensor huge = {.dtype = DTYPE_F8_E4M3,
                                .n_dims = 5,
                                .shape = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX},
                                .scale = 1};
    char small[8];
    assert_string_equal(tensor_text(&huge, small, sizeof small), "F8_E4M3");
    char all[160];
    assert_int_equal(strlen(tensor_text(&huge, all, sizeof all)), 9 + 5 * 19 + 4 * 2 + 1);
}
