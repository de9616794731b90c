/* quant.h - numbers of every type as f32: the narrow floats, and the blocks of GGUF.
 *
 * A block holds 32 or 256 neighbours of the last axis with the scales that they share. All is
 * little endian; d, m and dmin are F16; byte offsets stand before the fields. Low four bits of a
 * byte: low, the others: high.
 *
 *   Q8_0    34   0 d  2 q[32] i8                      x[j] = d q[j]
 *   Q4_0    18   0 d  2 q[16]                         x[j] = d (low q[j] - 8), x[j + 16]: high
 *   Q4_1    20   0 d  2 m  4 q[16]                    x = d q + m, in the order of Q4_0
 *   Q5_0    22   0 d  2 h u32  6 q[16]                as Q4_0, bit j of h is bit 4 of q, - 16
 *   Q5_1    24   0 d  2 m  4 h u32  8 q[16]           x = d q + m
 *   IQ4_NL  18   0 d  2 q[16]                         x = d code[q], in the order of Q4_0
 *
 * 256 numbers, in sub-blocks of 32 (Q5_K, Q4_K, IQ4_XS) or 16 (Q6_K, Q3_K, Q2_K), s and t being
 * the scale and the minimum of the sub-block:
 *
 *   Q6_K   210   0 low[128]  128 high[64]  192 s[16] i8  208 d      x = d s (q - 32)
 *   Q5_K   176   0 d  2 dmin  4 st[12]  16 high[32]  48 low[128]    x = d s q - dmin t
 *   Q4_K   144   0 d  2 dmin  4 st[12]  16 q[128]                   x = d s q - dmin t
 *   Q3_K   110   0 high[32]  32 low[64]  96 s[12]  108 d            x = d (s - 32) (q - 4)
 *   Q2_K    84   0 st[16]  16 q[64]  80 d  82 dmin                  x = d s q - dmin t
 *   IQ4_XS 136   0 d  2 sh u16  4 sl[4]  8 q[128]                   x = d (s - 32) code[q]
 *
 * How the bits of s, t and q lie is said where each is read (quant.c).
 *
 * This is the truth that faster rows are compared with. Thread: any.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <string.h>

#include "nn/tensor.h"

/* n numbers of a row, n a multiple of the type's block, to f32; any type, at any address. The
 * scale of an F8_E4M3 tensor is not applied. */
void quant_row(enum dtype type, const void *row, float *out, int64_t n);

/* Rows first .. first + n - 1 of t (tensor_rows) to f32 [n, tensor_cols], scale applied. A row
 * may begin inside a block: shapes may have been changed behind the back of the blocks. */
void quant_widen(float *out, const struct tensor *t, int64_t first, int64_t n);

/* What the 16 values of an IQ4 number stand for, ascending. */
extern const int8_t quant_codes[16];

static inline float quant_from_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t quant_to_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline float quant_from_bf16(uint16_t b)
{
    return quant_from_bits((uint32_t)b << 16);
}

/* Exact; without a branch, so that loops of it become vectors, and without a subnormal on the way
 * (they may be flushed to 0). */
static inline float quant_from_f16(uint16_t h)
{
    const uint32_t rest = h & 0x7fff;
    const uint32_t normal = (rest << 13) + ((112u + (rest >= 0x7c00) * 112u) << 23);
    const float small = quant_from_bits((rest << 13) + (113u << 23)) - 0x1p-14F;
    const uint32_t is_small = 0 - (uint32_t)(rest < 0x400);
    const uint32_t bits = (quant_to_bits(small) & is_small) | (normal & ~is_small);
    return quant_from_bits(bits | (uint32_t)(h & 0x8000) << 16);
}

static inline float quant_from_f8(uint8_t b)
{
    const uint32_t rest = b & 0x7f;
    const uint32_t normal = rest == 0x7f ? 0x7fc00000u : (rest << 20) + (120u << 23);
    const uint32_t small = quant_to_bits((float)(int)rest * 0x1p-9F);
    const uint32_t is_small = 0 - (uint32_t)(rest < 8);
    const uint32_t bits = (small & is_small) | (normal & ~is_small);
    return quant_from_bits(bits | (uint32_t)(b & 0x80) << 24);
}

/* To the nearest, ties to even; NaN stays NaN, what is too large becomes infinite. */
static inline uint16_t quant_to_bf16(float f)
{
    const uint32_t bits = quant_to_bits(f);
    const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return (uint16_t)(f != f ? bits >> 16 | 0x40 : rounded);
}
