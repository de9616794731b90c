/* kernel_avx2.c - the loops of kernel.h for processors with AVX2. Those that look things up are
 * written by hand: eight looks are one gathered load.
 *
 * SPDX-License-Identifier: MIT */
#ifdef __x86_64__
#include <immintrin.h>

#include "storyboard/kernel_impl.h"
#include "storyboard/kernel_loops.h"

#define AVX2   __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

LOOP_SET(AVX2, avx2)

/* Eight samples between two columns each, as 32 bits. */
INLINE __m256i between(const int16_t *line, __m256i taps)
{
    const __m256i at = _mm256_srai_epi32(taps, 8);
    const __m256i k = _mm256_and_si256(taps, _mm256_set1_epi32(255));
    const __m256i weights =
        _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(128), k), _mm256_slli_epi32(k, 16));
    const __m256i both = _mm256_i32gather_epi32((const int *)(const void *)line, at, 2);
    return _mm256_srai_epi32(_mm256_madd_epi16(both, weights), 7);
}

INLINE void put16(int16_t *out, __m256i eight)
{
    const __m256i packed = _mm256_packs_epi32(eight, eight);
    const __m256i order = _mm256_permute4x64_epi64(packed, 0x08);
    _mm_storeu_si128((__m128i *)(void *)out, _mm256_castsi256_si128(order));
}

AVX2 static void avx2_tap(int16_t *out, const int16_t *line, const int32_t *taps, int n)
{
    int i = 0;
    for (; i + 8 <= n; i += 8)
        put16(out + i,
              between(line, _mm256_loadu_si256((const __m256i *)(const void *)(taps + i))));
    loop_tap(out + i, line, taps + i, n - i);
}

AVX2 static void avx2_cover(int16_t *to, const int16_t *colour, const int16_t *alpha,
                            const int32_t *taps, int n)
{
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256i tap = _mm256_loadu_si256((const __m256i *)(const void *)(taps + i));
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
    loop_cover(to + i, colour, alpha, taps + i, n - i);
}

INLINE __m256i mix(__m256i a, __m256i b, __m256i k)
{
    const __m256i bytes = _mm256_set1_epi32(0x00ff00ff);
    const __m256i j = _mm256_sub_epi16(_mm256_set1_epi16(256), k);
    const __m256i even = _mm256_add_epi16(_mm256_mullo_epi16(_mm256_and_si256(a, bytes), j),
                                          _mm256_mullo_epi16(_mm256_and_si256(b, bytes), k));
    const __m256i odd = _mm256_add_epi16(_mm256_mullo_epi16(_mm256_srli_epi16(a, 8), j),
                                         _mm256_mullo_epi16(_mm256_srli_epi16(b, 8), k));
    return _mm256_or_si256(_mm256_srli_epi16(even, 8), _mm256_andnot_si256(bytes, odd));
}

/* The fraction of 16.16 numbers in 8 bits, in both halves of each. */
INLINE __m256i fraction(__m256i x)
{
    const __m256i k = _mm256_and_si256(_mm256_srli_epi32(x, 8), _mm256_set1_epi32(255));
    return _mm256_or_si256(k, _mm256_slli_epi32(k, 16));
}

INLINE __m256i clamp(__m256i x, int most)
{
    const __m256i one = _mm256_set1_epi32(65536);
    x = _mm256_max_epi32(x, _mm256_set1_epi32(-65536));
    return _mm256_add_epi32(_mm256_min_epi32(x, _mm256_set1_epi32(most)), one);
}

INLINE __m256i look(const struct kernel_walk *w, __m256i u, __m256i v)
{
    const __m256i x = clamp(u, w->size * 65536), y = clamp(v, w->size * 65536);
    const int stride = w->size + 3;
    const __m256i at =
        _mm256_add_epi32(_mm256_mullo_epi32(_mm256_srai_epi32(y, 16), _mm256_set1_epi32(stride)),
                         _mm256_srai_epi32(x, 16));
    const int *p = (const int *)(const void *)w->texels;
    const __m256i a = _mm256_i32gather_epi32(p, at, 4), b = _mm256_i32gather_epi32(p + 1, at, 4);
    const __m256i c = _mm256_i32gather_epi32(p + stride, at, 4);
    const __m256i d = _mm256_i32gather_epi32(p + stride + 1, at, 4);
    const __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    if (_mm256_testz_si256(any, any))
        return any;
    const __m256i kx = fraction(x);
    return mix(mix(a, b, kx), mix(c, d, kx), fraction(y));
}

AVX2 static void avx2_walk(uint32_t *out, const struct kernel_walk *w, int n)
{
    const __m256i count = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (int i = 0, knot = 0; i < n; i += KERNEL_KNOT, knot++) {
        const int32_t du = (w->u[knot + 1] - w->u[knot]) >> 3;
        const int32_t dv = (w->v[knot + 1] - w->v[knot]) >> 3;
        const __m256i u = _mm256_add_epi32(_mm256_set1_epi32(w->u[knot]),
                                           _mm256_mullo_epi32(count, _mm256_set1_epi32(du)));
        const __m256i v = _mm256_add_epi32(_mm256_set1_epi32(w->v[knot]),
                                           _mm256_mullo_epi32(count, _mm256_set1_epi32(dv)));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), look(w, u, v));
    }
}

const struct kernels kernel_avx2_set = LOOP_TABLE(avx2, "avx2");
#else
typedef int kernel_avx2_is_empty;
#endif
