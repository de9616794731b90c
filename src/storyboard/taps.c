/* taps.c - see taps.h. SPDX-License-Identifier: MIT */
#include "storyboard/taps.h"

#include <string.h>

#include "storyboard/curve.h"
#include "storyboard/rows.h"

enum {
    EXTRA = TAPS_DOWN_BITS + TAPS_BITS - ROWS_BITS,
    MOST = 255 << ROWS_BITS,
};

/* The curve of Catmull and Rom. */
void taps_make(struct taps out[TAPS_PHASES], int bits)
{
    for (int i = 0; i < TAPS_PHASES; i++) {
        const float t = (float)i / TAPS_PHASES, one = (float)(1 << bits);
        const float w[4] = {0.5F * (-t + 2 * t * t - t * t * t), 0,
                            0.5F * (t + 4 * t * t - 3 * t * t * t), 0.5F * (-t * t + t * t * t)};
        int sum = 0;
        for (int k = 0; k < 4; k++) {
            out[i].of[k] = (int16_t)curve_floor(w[k] * one + 0.5F);
            sum += k == 1 ? 0 : out[i].of[k];
        }
        out[i].of[1] = (int16_t)((1 << bits) - sum);
    }
}

void taps_run_plain(int16_t *restrict out, int n, const int16_t *restrict in, struct taps_walk walk,
                    const struct taps taps[TAPS_PHASES])
{
    for (int i = 0; i < n; i++, walk.x += walk.step) {
        const int16_t *at = in + (walk.x >> 16) - 1, *w = taps[walk.x >> 8 & 255].of;
        int sum = at[0] * w[0] + at[1] * w[1] + at[2] * w[2] + at[3] * w[3];
        sum = (sum + (1 << (EXTRA - 1))) >> EXTRA;
        out[i] = (int16_t)(sum < 0 ? 0 : sum > MOST ? MOST : sum);
    }
}

void taps_cover_plain(int16_t *restrict out, int n, const int16_t *restrict in,
                      struct taps_walk walk)
{
    for (int i = 0; i < n; i++, walk.x += walk.step) {
        const int16_t *at = in + (walk.x >> 16);
        const int across = (int)(walk.x >> 8 & 255);
        const int cover = (at[0] * (256 - across) + at[1] * across + (1 << 14)) >> 15;
        out[i] = (int16_t)(cover + (cover >> 7));
    }
}

#ifdef __SSE2__
#include <emmintrin.h>

/* The four products of two samples next to each other, added in pairs: two sums of each. */
static inline __m128i two(const int16_t *in, const struct taps taps[TAPS_PHASES], uint32_t x,
                          uint32_t step)
{
    const uint32_t y = x + step;
    const __m128i a = _mm_loadl_epi64((const __m128i *)(const void *)(in + (x >> 16) - 1));
    const __m128i b = _mm_loadl_epi64((const __m128i *)(const void *)(in + (y >> 16) - 1));
    const __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)taps[x >> 8 & 255].of);
    const __m128i w = _mm_loadl_epi64((const __m128i *)(const void *)taps[y >> 8 & 255].of);
    return _mm_madd_epi16(_mm_unpacklo_epi64(a, b), _mm_unpacklo_epi64(v, w));
}

void taps_run(int16_t *out, int n, const int16_t *in, struct taps_walk walk,
              const struct taps taps[TAPS_PHASES])
{
    const __m128i half = _mm_set1_epi32(1 << (EXTRA - 1)), most = _mm_set1_epi16(MOST);
    int i = 0;
    for (; i + 4 <= n; i += 4, walk.x += 4 * walk.step) {
        const __m128 low = _mm_castsi128_ps(two(in, taps, walk.x, walk.step));
        const __m128 high = _mm_castsi128_ps(two(in, taps, walk.x + 2 * walk.step, walk.step));
        const __m128i even = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
        const __m128i odd = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
        __m128i sum = _mm_add_epi32(_mm_add_epi32(even, odd), half);
        sum = _mm_srai_epi32(sum, EXTRA);
        sum = _mm_packs_epi32(sum, sum);
        sum = _mm_max_epi16(_mm_min_epi16(sum, most), _mm_setzero_si128());
        _mm_storel_epi64((__m128i *)(void *)(out + i), sum);
    }
    taps_run_plain(out + i, n - i, in, walk, taps);
}
/* Two neighbours as one number. */
static inline int pair_at(const int16_t *in, uint32_t x)
{
    int pair;
    memcpy(&pair, in + (x >> 16), sizeof pair);
    return pair;
}

void taps_cover(int16_t *out, int n, const int16_t *in, struct taps_walk walk)
{
    const __m128i step = _mm_set1_epi32((int)(4 * walk.step)), one = _mm_set1_epi32(256);
    const uint32_t x = walk.x, s = walk.step;
    __m128i at = _mm_set_epi32((int)(x + 3 * s), (int)(x + 2 * s), (int)(x + s), (int)x);
    int i = 0;
    for (; i + 4 <= n; i += 4, walk.x += 4 * s, at = _mm_add_epi32(at, step)) {
        const __m128i across = _mm_and_si128(_mm_srli_epi32(at, 8), _mm_set1_epi32(255));
        const __m128i weights =
            _mm_or_si128(_mm_sub_epi32(one, across), _mm_slli_epi32(across, 16));
        const __m128i pairs = _mm_set_epi32(pair_at(in, walk.x + 3 * s),
                                            pair_at(in, walk.x + 2 * s), pair_at(in, walk.x + s),
                                            pair_at(in, walk.x));
        __m128i cover = _mm_add_epi32(_mm_madd_epi16(pairs, weights), _mm_set1_epi32(1 << 14));
        cover = _mm_srai_epi32(cover, 15);
        cover = _mm_add_epi32(cover, _mm_srai_epi32(cover, 7));
        _mm_storel_epi64((__m128i *)(void *)(out + i), _mm_packs_epi32(cover, cover));
    }
    taps_cover_plain(out + i, n - i, in, walk);
}
#else
void taps_cover(int16_t *out, int n, const int16_t *in, struct taps_walk walk)
{
    taps_cover_plain(out, n, in, walk);
}

void taps_run(int16_t *out, int n, const int16_t *in, struct taps_walk walk,
              const struct taps taps[TAPS_PHASES])
{
    taps_run_plain(out, n, in, walk, taps);
}
#endif
