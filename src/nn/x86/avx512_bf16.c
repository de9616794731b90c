/* avx512_bf16.c - as avx512.c, for processors that also multiply pairs of bf16.
 *
 * SPDX-License-Identifier: MIT */
#define TABLE ops_avx512_bf16
#define ROWS  8
#define VECS  3
#define BLOCK 192 /* a panel of 36 KiB, of a first-level cache of 48 */
#include "nn/x86/simd_avx512.h"

/* Bits of floats are those of pairs: a lane is moved as it is. */
static inline vec bf16_muladd(vec a, vec b, vec c)
{
    return _mm512_dpbf16_ps(c, (__m512bh)_mm512_castps_si512(a), (__m512bh)_mm512_castps_si512(b));
}

#define BF16_MULADD(a, b, c) bf16_muladd(a, b, c)
#include "nn/x86/table_tmpl.inc"
