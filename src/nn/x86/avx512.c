/* avx512.c - the kernels for processors with AVX-512 (F, BW, DQ, VL). 24 of the 32 registers hold
 * sums.
 *
 * SPDX-License-Identifier: MIT */
#define TABLE ops_avx512
#define ROWS  8
#define VECS  3
#define BLOCK 192 /* a panel of 36 KiB, of a first-level cache of 48 */
#include "nn/x86/simd_avx512.h"
#include "nn/x86/table_tmpl.inc"
