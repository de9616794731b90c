/* simd_avx2.h - the vector that the templates of this folder are written in: 8 floats.
 *
 * Of two operands min and max return the second when one is NaN, so vec_min(bound, x) keeps a NaN
 * of x.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <immintrin.h>
#include <stdint.h>

enum { LANES = 8 };
typedef __m256 vec;

#define VEC_MULADD(a, b, c) _mm256_fmadd_ps((a), (b), (c)) /* a * b + c */

static inline vec vec_set(float x)
{
    return _mm256_set1_ps(x);
}

static inline vec vec_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

static inline void vec_store(float *p, vec x)
{
    _mm256_storeu_ps(p, x);
}

/* LANES of bf16. */
static inline vec vec_widen(const uint16_t *p)
{
    const __m128i narrow = _mm_loadu_si128((const __m128i *)(const void *)p);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
}

static inline __m256i vec_mask(int64_t n)
{
    static const int32_t edge[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(edge + 8 - n));
}

/* The first n of LANES; the others are 0 and are not touched in memory. */
static inline vec vec_load_part(const float *p, int64_t n)
{
    return _mm256_maskload_ps(p, vec_mask(n));
}

static inline void vec_store_part(float *p, int64_t n, vec x)
{
    _mm256_maskstore_ps(p, vec_mask(n), x);
}

/* x in the first n lanes, other in the rest. */
static inline vec vec_choose(int64_t n, vec x, vec other)
{
    return _mm256_blendv_ps(other, x, _mm256_castsi256_ps(vec_mask(n)));
}

static inline vec vec_min(vec a, vec b)
{
    return _mm256_min_ps(a, b);
}

static inline vec vec_max(vec a, vec b)
{
    return _mm256_max_ps(a, b);
}

static inline vec vec_round(vec x)
{
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 2 to the whole number n, -126..127. */
static inline vec vec_power(vec n)
{
    const __m256i bits = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 23));
}

/* x, but 0 where a < b. */
static inline vec vec_zero_below(vec x, vec a, vec b)
{
    return _mm256_andnot_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ), x);
}

static inline vec vec_abs(vec x)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x);
}

static inline float vec_sum(vec x)
{
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static inline float vec_largest(vec x)
{
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

/* p[0], p[0], p[1], p[1], ... of LANES / 2 numbers. */
static inline vec vec_twice(const float *p)
{
    return _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)),
                                    _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3));
}

static inline vec vec_swap_pairs(vec x)
{
    return _mm256_permute_ps(x, 0xb1);
}

/* a * b - c in the even lanes, a * b + c in the odd ones. */
static inline vec vec_turn(vec a, vec b, vec c)
{
    return _mm256_fmaddsub_ps(a, b, c);
}
