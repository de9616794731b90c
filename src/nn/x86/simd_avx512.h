/* simd_avx512.h - the vector that the templates of this folder are written in: 16 floats. What
 * each does is said in simd_avx2.h.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <immintrin.h>
#include <stdint.h>

enum { LANES = 16 };
typedef __m512 vec;

#define VEC_MULADD(a, b, c) _mm512_fmadd_ps((a), (b), (c))

static inline vec vec_set(float x)
{
    return _mm512_set1_ps(x);
}

static inline vec vec_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

static inline void vec_store(float *p, vec x)
{
    _mm512_storeu_ps(p, x);
}

static inline vec vec_widen(const uint16_t *p)
{
    const __m256i narrow = _mm256_loadu_si256((const __m256i *)(const void *)p);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow), 16));
}

static inline __mmask16 vec_mask(int64_t n)
{
    return (__mmask16)((1u << n) - 1);
}

static inline vec vec_load_part(const float *p, int64_t n)
{
    return _mm512_maskz_loadu_ps(vec_mask(n), p);
}

static inline void vec_store_part(float *p, int64_t n, vec x)
{
    _mm512_mask_storeu_ps(p, vec_mask(n), x);
}

static inline vec vec_choose(int64_t n, vec x, vec other)
{
    return _mm512_mask_blend_ps(vec_mask(n), other, x);
}

static inline vec vec_min(vec a, vec b)
{
    return _mm512_min_ps(a, b);
}

static inline vec vec_max(vec a, vec b)
{
    return _mm512_max_ps(a, b);
}

static inline vec vec_round(vec x)
{
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static inline vec vec_power(vec n)
{
    const __m512i bits = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 23));
}

static inline vec vec_zero_below(vec x, vec a, vec b)
{
    return _mm512_mask_mov_ps(x, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), _mm512_setzero_ps());
}

static inline vec vec_abs(vec x)
{
    return _mm512_abs_ps(x);
}

static inline float vec_sum(vec x)
{
    return _mm512_reduce_add_ps(x);
}

static inline float vec_largest(vec x)
{
    return _mm512_reduce_max_ps(x);
}

static inline vec vec_twice(const float *p)
{
    return _mm512_permutexvar_ps(_mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7),
                                 _mm512_castps256_ps512(_mm256_loadu_ps(p)));
}

static inline vec vec_swap_pairs(vec x)
{
    return _mm512_permute_ps(x, 0xb1);
}

static inline vec vec_turn(vec a, vec b, vec c)
{
    return _mm512_fmaddsub_ps(a, b, c);
}
