/* randn_test.c - normal numbers from a seed. SPDX-License-Identifier: MIT */
#include "model/wan/randn.h"

#include <math.h>

#include "unit.h"

/* Both ways end in a float of 24 bits; numbers reach 5, the error of the functions 2 ulp. */
#define CLOSE(a, b) assert_float_equal((a), (b), 1e-6)

TEST(long_draws_are_those_of_torch)
{
    const struct {
        uint64_t seed;
        float first[4];
    } cases[] = {
        {0, {-1.1258398F, -1.1523602F, -0.25057858F, -0.4338788F}},
        {42, {1.9269153F, 1.4872841F, 0.9007172F, -2.105521F}},
        {1234, {-0.11171857F, -0.4965901F, 0.1630737F, -0.88168776F}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct randn r;
        float x[1152];
        randn_init(&r, cases[i].seed);
        randn_fill(&r, x, 1152);
        for (int j = 0; j < 4; j++)
            CLOSE(x[j], cases[i].first[j]);
    }
}

TEST(short_draws_take_another_way_and_are_those_of_torch)
{
    struct randn r;
    float x[3];
    randn_init(&r, 0);
    randn_fill(&r, x, 3);
    CLOSE(x[0], 1.5409961F);
    CLOSE(x[1], -0.2934289F);
    CLOSE(x[2], -2.1787894F);
}

TEST(what_is_left_over_draws_the_last_sixteen_anew)
{
    struct randn r;
    float x[17], y[16];
    randn_init(&r, 0);
    randn_fill(&r, x, 17);
    randn_init(&r, 0);
    randn_fill(&r, y, 16);
    CLOSE(x[0], y[0]);
    CLOSE(x[1], -1.6959312F);
    assert_true(fabsf(x[1] - y[1]) > 0.1F);
}

TEST(a_second_draw_goes_on_where_the_first_ended)
{
    struct randn r;
    float x[288];
    randn_init(&r, 0);
    randn_fill(&r, x, 288);
    randn_fill(&r, x, 288);
    CLOSE(x[0], 0.5588033F);
    CLOSE(x[20], 0.10759073F);
}

/* Three single numbers: the second of a pair is kept for the next call. */
TEST(single_numbers_come_in_pairs)
{
    struct randn r;
    float x[3], y;
    randn_init(&r, 42);
    randn_fill(&r, x, 3);
    randn_init(&r, 42);
    for (int i = 0; i < 3; i++) {
        randn_fill(&r, &y, 1);
        assert_true(y == x[i]);
    }
}

TEST(only_the_lower_32_bits_of_a_seed_count)
{
    struct randn r;
    float x[16], y[16];
    randn_init(&r, UINT64_C(8589934597));
    randn_fill(&r, x, 16);
    randn_init(&r, 5);
    randn_fill(&r, y, 16);
    assert_memory_equal(x, y, sizeof x);
}

TEST(mean_and_deviation_are_0_and_1)
{
    enum { N = 1 << 16 };
    static float x[N];
    struct randn r;
    randn_init(&r, 7);
    randn_fill(&r, x, N);
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
    }
    assert_float_equal(sum / N, 0, 0.02); /* 5 deviations of the mean of 65536 */
    assert_float_equal(squares / N, 1, 0.03);
}
