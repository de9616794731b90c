/* taps_test.c - samples between samples. SPDX-License-Identifier: MIT */
#include "storyboard/taps.h"

#include <string.h>

#include "storyboard/curve.h"
#include "storyboard/rows.h"
#include "unit.h"

enum { N = 200, ROOM = 2 * N };

static void fill(int16_t in[ROOM], int most)
{
    for (int i = 0; i < ROOM; i++)
        in[i] = (int16_t)(curve_hash(i, 1, 9) % (unsigned)(most + 1));
}

TEST(weights_sum_to_one_and_a_place_on_a_sample_takes_it_alone)
{
    static const int bits[] = {TAPS_BITS, TAPS_DOWN_BITS};
    for (int b = 0; b < 2; b++) {
        struct taps t[TAPS_PHASES];
        taps_make(t, bits[b]);
        for (int i = 0; i < TAPS_PHASES; i++)
            assert_int_equal(t[i].of[0] + t[i].of[1] + t[i].of[2] + t[i].of[3], 1 << bits[b]);
        assert_int_equal(t[0].of[1], 1 << bits[b]);
    }
}

TEST(a_row_walked_from_sample_to_sample_is_itself)
{
    struct taps t[TAPS_PHASES];
    int16_t in[ROOM], out[N];
    taps_make(t, TAPS_BITS);
    fill(in, 255 << TAPS_DOWN_BITS);
    taps_run(out, N, in, (struct taps_walk){.x = 1 << 16, .step = 1 << 16}, t);
    for (int i = 0; i < N; i++)
        assert_int_equal(out[i], in[i + 1] << (ROWS_BITS - TAPS_DOWN_BITS));
}

TEST(the_fast_way_gives_what_the_plain_one_gives)
{
    struct taps t[TAPS_PHASES];
    int16_t in[ROOM], fast[N + 1], plain[N + 1];
    taps_make(t, TAPS_BITS);
    fill(in, 280 << TAPS_DOWN_BITS); /* beyond what a byte holds, as the other way's curve goes */
    for (int i = 0; i < ROOM; i += 7)
        in[i] = (int16_t)(-20 * (1 << TAPS_DOWN_BITS));
    for (int n = 0; n <= N; n += n < 12 ? 1 : 47)
        for (uint32_t step = 40000; step < 100000; step += 9973) {
            const struct taps_walk walk = {.x = (1 << 16) + 7 * step % 65536, .step = step};
            memset(fast, 0x5a, sizeof fast);
            memset(plain, 0x5a, sizeof plain);
            taps_run(fast, n, in, walk, t);
            taps_run_plain(plain, n, in, walk, t);
            assert_memory_equal(fast, plain, sizeof fast);
        }
}

TEST(covers_come_out_the_same_and_whole)
{
    int16_t in[ROOM], fast[N], plain[N];
    for (int i = 0; i < ROOM; i++)
        in[i] = (int16_t)(i < 60 ? 0 : i > 140 ? 255 << TAPS_COVER_BITS : 700 * (i % 46));
    for (int n = 1; n <= N; n += n < 12 ? 1 : 47)
        for (uint32_t step = 40000; step < 90000; step += 9973) {
            const struct taps_walk walk = {.x = (1 << 16) + 7 * step % 65536, .step = step};
            taps_cover(fast, n, in, walk);
            taps_cover_plain(plain, n, in, walk);
            assert_memory_equal(fast, plain, (size_t)n * sizeof *fast);
            assert_int_equal(fast[0], 0);
            for (int i = 0; i < n; i++)
                if ((walk.x + (uint32_t)i * step) >> 16 > 140)
                    assert_int_equal(fast[i], 256);
        }
}
