/* kernel_avx2.c - the loops of kernel.h for processors with AVX2. Those that look things up are
 * written by hand.
 *
 * SPDX-License-Identifier: MIT */
#ifdef __x86_64__
#include <immintrin.h>
#include <stdbool.h>

#include "storyboard/kernel_impl.h"
#include "storyboard/kernel_loops.h"

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

LOOP_SET(AVX2, avx2)

/* Eight samples between two columns each, as 32 bits. */
INLINE __m256i between(const int16_t *line, __m256i places)
{
    const __m256i at = _mm256_srai_epi32(places, 16);
    const __m256i k = _mm256_and_si256(_mm256_srli_epi32(places, 9), _mm256_set1_epi32(127));
    const __m256i weights =
        _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(128), k), _mm256_slli_epi32(k, 16));
    const __m256i both = _mm256_i32gather_epi32((const int *)(const void *)line, at, 2);
    return _mm256_srai_epi32(_mm256_madd_epi16(both, weights), 7);
}

INLINE __m256i places_at(const struct kernel_way *w, int i)
{
    const __m256i count = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i places = _mm256_add_epi32(_mm256_set1_epi32(w->at + i * w->step),
                                            _mm256_mullo_epi32(count, _mm256_set1_epi32(w->step)));
    return _mm256_min_epi32(_mm256_max_epi32(places, _mm256_setzero_si256()),
                            _mm256_set1_epi32(w->last));
}

INLINE void put16(int16_t *out, __m256i eight)
{
    const __m256i packed = _mm256_packs_epi32(eight, eight);
    const __m256i order = _mm256_permute4x64_epi64(packed, 0x08);
    _mm_storeu_si128((__m128i *)(void *)out, _mm256_castsi256_si128(order));
}

AVX2 static void avx2_tap(int16_t *out, const int16_t *line, const struct kernel_way *w, int n)
{
    int i = 0;
    for (; i + 8 <= n; i += 8)
        put16(out + i, between(line, places_at(w, i)));
    loop_tap(out, line, w, i, n);
}

AVX2 static void avx2_cover(int16_t *to, const int16_t *colour, const int16_t *alpha,
                            const struct kernel_way *w, int n)
{
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256i tap = places_at(w, i);
        __m256i strength = between(alpha, tap);
        if (_mm256_testz_si256(strength, strength))
            continue;
        strength = _mm256_add_epi32(strength, _mm256_srai_epi32(strength, 7));
        strength = _mm256_min_epi32(strength, _mm256_set1_epi32(32767));
        const __m256i was =
            _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(to + i)));
        const __m256i way = _mm256_sub_epi32(between(colour, tap), was);
        put16(to + i,
              _mm256_add_epi32(was, _mm256_srai_epi32(_mm256_mullo_epi32(way, strength), 15)));
    }
    loop_cover(to, colour, alpha, w, i, n);
}

AVX2 static void avx2_ring(int16_t *out, const struct kernel_ring *w, int n)
{
    const __m256i count = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i step = _mm256_set1_epi32((int)w->step), mask = _mm256_set1_epi32((int)w->mask);
    const __m256i one = _mm256_set1_epi32(256), all = _mm256_set1_epi32(255);
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256i first = _mm256_set1_epi32((int)(w->at + (uint32_t)i * w->step));
        const __m256i place = _mm256_add_epi32(first, _mm256_mullo_epi32(count, step));
        const __m256i at = _mm256_and_si256(_mm256_srli_epi32(place, 16), mask);
        const __m256i k = _mm256_and_si256(_mm256_srli_epi32(place, 8), all);
        const __m256i ways = _mm256_or_si256(_mm256_sub_epi32(one, k), _mm256_slli_epi32(k, 16));
        const __m256i both = _mm256_i32gather_epi32((const int *)(const void *)w->line, at, 2);
        put16(out + i, _mm256_srai_epi32(_mm256_madd_epi16(both, ways), 8));
    }
    loop_ring(out, w, i, n);
}

/* Eight looks at a wall. Where it is met face to face they lie close together in two lines. */
struct eight {
    bool close;
    int first, stride;     /* of the first look; to the line below */
    __m256i at;            /* places in the plane */
    __m256i picks;         /* of those loaded: a byte and the next as 16 bits each */
    __m256i ways, k, rest; /* weights of both bytes; of the line below and above   */
};

/* Eight places from one knot to the next. */
INLINE __m256i between_knots(const int32_t *knot)
{
    const __m256i count = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i step = _mm256_set1_epi32((knot[1] - knot[0]) >> 3);
    return _mm256_add_epi32(_mm256_set1_epi32(knot[0]), _mm256_mullo_epi32(count, step));
}

INLINE struct eight eight_at(const struct kernel_peek *w, int knot)
{
    const __m256i x = between_knots(w->x + knot), y = between_knots(w->y + knot);
    const __m256i one = _mm256_set1_epi32(256), all = _mm256_set1_epi32(255);
    const __m256i kx = _mm256_and_si256(_mm256_srli_epi32(x, 8), all);
    const int32_t *xs = w->x + knot, *ys = w->y + knot;
    const int left = xs[0] >> 16, wide = ((xs[0] + 7 * ((xs[1] - xs[0]) >> 3)) >> 16) - left;
    const int last = (ys[0] + 7 * ((ys[1] - ys[0]) >> 3)) >> 16;
    struct eight e = {.close = last == ys[0] >> 16 && wide >= 0 && wide < 15,
                      .first = last * w->stride + left,
                      .stride = w->stride};
    const __m256i column = _mm256_srai_epi32(x, 16);
    const __m256i apart = _mm256_sub_epi32(column, _mm256_set1_epi32(left));
    e.picks = _mm256_add_epi32(_mm256_mullo_epi32(apart, _mm256_set1_epi32(0x00010001)),
                               _mm256_set1_epi32((int)0x80018000));
    e.at = _mm256_add_epi32(
        _mm256_mullo_epi32(_mm256_srai_epi32(y, 16), _mm256_set1_epi32(w->stride)), column);
    e.k = _mm256_and_si256(_mm256_srli_epi32(y, 8), all);
    e.rest = _mm256_sub_epi32(one, e.k);
    e.ways = _mm256_or_si256(_mm256_sub_epi32(one, kx), _mm256_slli_epi32(kx, 16));
    return e;
}

/* A byte and the next of each look, 16 bits each. */
INLINE __m256i pairs_of(const uint8_t *plane, const struct eight *e)
{
    if (e->close) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(plane + e->first));
        return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), e->picks);
    }
    const __m256i four = _mm256_i32gather_epi32((const int *)(const void *)plane, e->at, 1);
    const __m256i second = _mm256_and_si256(four, _mm256_set1_epi32(0xff00));
    return _mm256_or_si256(_mm256_and_si256(four, _mm256_set1_epi32(0xff)),
                           _mm256_slli_epi32(second, 8));
}

/* All between four bytes, as samples. */
INLINE __m256i wall_at(const struct eight *e, __m256i top, __m256i low)
{
    const __m256i a = _mm256_mullo_epi32(_mm256_madd_epi16(top, e->ways), e->rest);
    const __m256i b = _mm256_mullo_epi32(_mm256_madd_epi16(low, e->ways), e->k);
    return _mm256_srai_epi32(_mm256_add_epi32(a, b), 16 - ROWS_BITS);
}

/* Over to, where the covers are not all clear. */
INLINE void lay_eight(int16_t *to, const struct kernel_peek *w, const struct eight *e)
{
    const __m256i full = _mm256_set1_epi32(0x00ff00ff);
    const __m256i c = pairs_of(w->cover, e), d = pairs_of(w->cover + e->stride, e);
    if (_mm256_testz_si256(_mm256_or_si256(c, d), full))
        return;
    const __m256i value = wall_at(e, pairs_of(w->plane, e), pairs_of(w->plane + e->stride, e));
    const __m256i was = _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)to));
    const __m256i k = _mm256_srai_epi32(wall_at(e, c, d), 2);
    const __m256i way = _mm256_mullo_epi32(_mm256_sub_epi32(value, was), k);
    const __m256i laid = _mm256_add_epi32(was, _mm256_srai_epi32(way, 13));
    put16(to, _mm256_blendv_epi8(laid, value, _mm256_cmpeq_epi32(_mm256_and_si256(c, d), full)));
}

AVX2 static void avx2_peek(int16_t *to, const struct kernel_peek *w, int n)
{
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        const struct eight e = eight_at(w, i / KERNEL_PEEK);
        if (w->cover)
            lay_eight(to + i, w, &e);
        else
            put16(to + i, wall_at(&e, pairs_of(w->plane, &e), pairs_of(w->plane + e.stride, &e)));
    }
    loop_peek(to, w, i, n);
}

/* 16.16 numbers within -1..size, and one more, so that none is negative. */
INLINE __m256i clamp(__m256i x, int size)
{
    const __m256i one = _mm256_set1_epi32(65536);
    x = _mm256_max_epi32(x, _mm256_set1_epi32(-65536));
    return _mm256_add_epi32(_mm256_min_epi32(x, _mm256_set1_epi32(size * 65536)), one);
}

/* Four pairs of neighbouring texels. */
INLINE __m256i load_pairs(const uint32_t *texels, const int32_t at[4])
{
    __m128i low = _mm_loadl_epi64((const __m128i *)(const void *)(texels + at[0]));
    __m128i high = _mm_loadl_epi64((const __m128i *)(const void *)(texels + at[2]));
    const __m128i low2 = _mm_loadl_epi64((const __m128i *)(const void *)(texels + at[1]));
    const __m128i high2 = _mm_loadl_epi64((const __m128i *)(const void *)(texels + at[3]));
    low = _mm_unpacklo_epi64(low, low2);
    high = _mm_unpacklo_epi64(high, high2);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/* Sums of products with weights of 64 in all, back to what they were. */
INLINE __m256i settle(__m256i sums)
{
    return _mm256_srli_epi16(_mm256_add_epi16(sums, _mm256_set1_epi16(32)), 6);
}

/* Four texels as 16 bits a byte. kx and ky hold their weights of the second in the lowest bits of
 * 32, the first two in the lower half. */
INLINE __m256i between_four(__m256i above, __m256i below, __m256i kx, __m256i ky)
{
    const __m256i first = _mm256_set1_epi16(0x0100), second = _mm256_set1_epi16(0x0504);
    const __m256i ways =
        _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(64), ky), _mm256_slli_epi32(ky, 8));
    const __m256i even = settle(
        _mm256_maddubs_epi16(_mm256_unpacklo_epi8(above, below), _mm256_shuffle_epi8(ways, first)));
    const __m256i odd = settle(_mm256_maddubs_epi16(_mm256_unpackhi_epi8(above, below),
                                                    _mm256_shuffle_epi8(ways, second)));
    const __m256i each = _mm256_unpacklo_epi64(first, second);
    const __m256i k = _mm256_shuffle_epi8(kx, each);
    const __m256i left = _mm256_unpacklo_epi64(even, odd), right = _mm256_unpackhi_epi64(even, odd);
    return settle(
        _mm256_add_epi16(_mm256_mullo_epi16(left, _mm256_sub_epi16(_mm256_set1_epi16(64), k)),
                         _mm256_mullo_epi16(right, k)));
}

INLINE __m256i look(const struct kernel_walk *w, __m256i u, __m256i v)
{
    const __m256i x = clamp(u, w->size), y = clamp(v, w->size), most = _mm256_set1_epi32(63);
    const int stride = w->size + 3;
    const __m256i places =
        _mm256_add_epi32(_mm256_mullo_epi32(_mm256_srai_epi32(y, 16), _mm256_set1_epi32(stride)),
                         _mm256_srai_epi32(x, 16));
    const __m256i kx = _mm256_and_si256(_mm256_srli_epi32(x, 10), most);
    const __m256i ky = _mm256_and_si256(_mm256_srli_epi32(y, 10), most);
    const __m256i low = _mm256_setr_epi32(0, 1, 0, 1, 2, 3, 2, 3);
    const __m256i high = _mm256_setr_epi32(4, 5, 4, 5, 6, 7, 6, 7);
    int32_t at[8];
    _mm256_storeu_si256((__m256i *)(void *)at, places);
    const __m256i a = load_pairs(w->texels, at), b = load_pairs(w->texels + stride, at);
    const __m256i c = load_pairs(w->texels, at + 4), d = load_pairs(w->texels + stride, at + 4);
    const __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    if (_mm256_testz_si256(any, any))
        return any;
    const __m256i p = between_four(a, b, _mm256_permutevar8x32_epi32(kx, low),
                                   _mm256_permutevar8x32_epi32(ky, low));
    const __m256i q = between_four(c, d, _mm256_permutevar8x32_epi32(kx, high),
                                   _mm256_permutevar8x32_epi32(ky, high));
    return _mm256_permute4x64_epi64(_mm256_packus_epi16(p, q), 0xd8);
}

AVX2 static void avx2_walk(uint32_t *out, const struct kernel_walk *w, int n)
{
    const __m256i count = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (int i = 0, knot = 0; i < n; i += KERNEL_KNOT, knot++) {
        const __m256i du = _mm256_set1_epi32((w->u[knot + 1] - w->u[knot]) >> 4);
        const __m256i dv = _mm256_set1_epi32((w->v[knot + 1] - w->v[knot]) >> 4);
        const __m256i u =
            _mm256_add_epi32(_mm256_set1_epi32(w->u[knot]), _mm256_mullo_epi32(count, du));
        const __m256i v =
            _mm256_add_epi32(_mm256_set1_epi32(w->v[knot]), _mm256_mullo_epi32(count, dv));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), look(w, u, v));
        _mm256_storeu_si256((__m256i *)(void *)(out + i + 8),
                            look(w, _mm256_add_epi32(u, _mm256_slli_epi32(du, 3)),
                                 _mm256_add_epi32(v, _mm256_slli_epi32(dv, 3))));
    }
}

const struct kernels kernel_avx2_set = LOOP_TABLE(avx2, "avx2");
#else
typedef int kernel_avx2_is_empty;
#endif
