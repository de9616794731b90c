/* kernel_test.c - every set of kernels gives the bits of plain C, and writes no further.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/kernel.h"

#include <string.h>

#include "base/memory.h"
#include "storyboard/kernel_case.h"
#include "storyboard/rows.h"
#include "unit.h"

static void compare(const struct kernel_case *c, const struct kernels *set, int n, uint32_t seed)
{
    SCOPED(mem) struct kernel_case_data *a = mem_alloc(sizeof *a);
    SCOPED(mem) struct kernel_case_data *b = mem_alloc(sizeof *b);
    kernel_case_fill(a, seed);
    kernel_case_fill(b, seed);
    c->run(kernel_list(0), a, n);
    c->run(set, b, n);
    if (memcmp(a, b, sizeof *a) != 0)
        fail_msg("%s of %s differs from plain C for %d samples, seed %u", c->name, set->name, n,
                 seed);
}

TEST(every_set_gives_the_bits_of_plain_c)
{
    static const int sizes[] = {2, 6, 8, 14, 16, 18, 30, 34, 64, 126, 640, 1278, 1280};
    for (int k = 1; kernel_list(k); k++)
        for (size_t i = 0; i < kernel_case_count; i++)
            for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++)
                for (uint32_t seed = 1; seed <= 5; seed++)
                    compare(&kernel_case_list[i], kernel_list(k), sizes[n], seed);
}

/* Bytes behind what a call may write: walks end with their last knot. */
TEST(no_kernel_writes_beyond_its_row)
{
    SCOPED(mem) struct kernel_case_data *d = mem_alloc(sizeof *d);
    SCOPED(mem) struct kernel_case_data *was = mem_alloc(sizeof *was);
    for (int k = 0; kernel_list(k); k++)
        for (size_t i = 0; i < kernel_case_count; i++)
            for (int n = 2; n < 70; n += 4) {
                const int end = (n + KERNEL_SLACK - 1) / KERNEL_SLACK * KERNEL_SLACK;
                kernel_case_fill(d, 3);
                memcpy(was, d, sizeof *d);
                kernel_case_list[i].run(kernel_list(k), d, n);
                for (int x = 0; x < 4; x++) {
                    assert_memory_equal(d->bytes[x] + n, was->bytes[x] + n, 64);
                    assert_memory_equal(d->lines[x] + n, was->lines[x] + n, 64);
                }
                assert_memory_equal(d->walked[0] + end, was->walked[0] + end, 64);
            }
}

TEST(the_case_list_names_every_kernel_once)
{
    const size_t rows = (sizeof(struct kernels) - sizeof(char *)) / sizeof(void (*)(void));
    assert_int_equal(kernel_case_count, rows);
    for (size_t i = 0; i < kernel_case_count; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(kernel_case_list[i].name, kernel_case_list[k].name);
}

TEST(a_clear_texel_leaves_the_row_and_an_opaque_one_replaces_it)
{
    const struct kernel_ink ink = {.cover = 256};
    const uint32_t clear[16] = {0}, opaque[2] = {0xff8064c8, 0xff8064c8};
    for (int k = 0; kernel_list(k); k++) {
        int16_t line[16], to[2] = {3000, 20000};
        for (int i = 0; i < 16; i++)
            line[i] = (int16_t)(2048 + i * 1700);
        kernel_list(k)->over_luma(line, clear, &ink, 16);
        for (int i = 0; i < 16; i++)
            assert_int_equal(line[i], 2048 + i * 1700);
        kernel_list(k)->over_luma(to, opaque, &ink, 2);
        assert_int_equal(to[0], 0xc8 << ROWS_BITS);
        assert_int_equal(to[1], 0xc8 << ROWS_BITS);
    }
}

/* The tone curve bends, but neither clips nor turns round. */
TEST(brighter_samples_stay_brighter)
{
    const int16_t dim[1] = {0};
    const int8_t grain[1] = {0};
    const struct kernel_finish f = {.dim = dim, .grain = grain, .contrast = 65536};
    int before = 0;
    for (int in = 16 << ROWS_BITS; in <= 235 << ROWS_BITS; in += 16) {
        const int16_t sample = (int16_t)in;
        uint8_t out;
        kernel_set()->store_luma(&out, &sample, &f, 1);
        assert_true(out >= before && out >= 16 && out <= 235);
        before = out;
    }
    assert_true(before >= 233);
}
