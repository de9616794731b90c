/* simd_wide.h - the 16 floats of simd_avx512.h, lane by lane, for processors without AVX-512: the
 * tests run the templates with the sizes of that set on it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "nn/quant.h"

enum { LANES = 16 };
typedef float vec __attribute__((vector_size(64)));

#define VEC_EACH(expression)                                                                       \
    vec result = {0};                                                                              \
    for (int i = 0; i < LANES; i++)                                                                \
        result[i] = (expression);                                                                  \
    return result

static inline vec vec_fma(vec a, vec b, vec c)
{
    VEC_EACH(fmaf(a[i], b[i], c[i]));
}
#define VEC_MULADD(a, b, c) vec_fma((a), (b), (c))

static inline vec vec_set(float x)
{
    uint32_t bits = quant_to_bits(x);
    VEC_EACH(quant_from_bits(bits));
}

static inline vec vec_load(const float *p)
{
    vec x;
    memcpy(&x, p, sizeof x);
    return x;
}

static inline void vec_store(float *p, vec x)
{
    memcpy(p, &x, sizeof x);
}

static inline vec vec_widen(const uint16_t *p)
{
    VEC_EACH(quant_from_bf16(p[i]));
}

static inline vec vec_load_part(const float *p, int64_t n)
{
    vec x = vec_set(0);
    memcpy(&x, p, (size_t)n * sizeof *p);
    return x;
}

static inline void vec_store_part(float *p, int64_t n, vec x)
{
    memcpy(p, &x, (size_t)n * sizeof *p);
}

static inline vec vec_choose(int64_t n, vec x, vec other)
{
    VEC_EACH(i < n ? x[i] : other[i]);
}

static inline vec vec_min(vec a, vec b)
{
    VEC_EACH(a[i] < b[i] ? a[i] : b[i]);
}

static inline vec vec_max(vec a, vec b)
{
    VEC_EACH(a[i] > b[i] ? a[i] : b[i]);
}

static inline vec vec_round(vec x)
{
    VEC_EACH(rintf(x[i]));
}

static inline vec vec_power(vec n)
{
    VEC_EACH(isnan(n[i]) ? n[i] : ldexpf(1, (int)n[i]));
}

static inline vec vec_zero_below(vec x, vec a, vec b)
{
    VEC_EACH(a[i] < b[i] ? 0 : x[i]);
}

static inline vec vec_abs(vec x)
{
    VEC_EACH(fabsf(x[i]));
}

static inline float vec_sum(vec x)
{
    float sum = 0;
    for (int i = 0; i < LANES; i++)
        sum += x[i];
    return sum;
}

static inline float vec_largest(vec x)
{
    float top = x[0];
    for (int i = 1; i < LANES; i++)
        top = x[i] > top ? x[i] : top;
    return top;
}

static inline vec vec_twice(const float *p)
{
    VEC_EACH(p[i / 2]);
}

static inline vec vec_swap_pairs(vec x)
{
    VEC_EACH(x[i ^ 1]);
}

static inline vec vec_turn(vec a, vec b, vec c)
{
    VEC_EACH(i % 2 ? fmaf(a[i], b[i], c[i]) : fmaf(a[i], b[i], -c[i]));
}

static inline float bf16_pair(float a, float b, float c)
{
    const uint32_t x = quant_to_bits(a);
    const uint32_t y = quant_to_bits(b);
    const float low = quant_from_bits(x << 16) * quant_from_bits(y << 16);
    const float high = quant_from_bits(x & 0xffff0000U) * quant_from_bits(y & 0xffff0000U);
    return c + high + low;
}

static inline vec bf16_muladd(vec a, vec b, vec c)
{
    VEC_EACH(bf16_pair(a[i], b[i], c[i]));
}
#define BF16_MULADD(a, b, c) bf16_muladd(a, b, c)
