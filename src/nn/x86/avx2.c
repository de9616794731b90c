/* avx2.c - the kernels for processors with AVX2 and FMA. 12 of the 16 registers hold sums.
 *
 * SPDX-License-Identifier: MIT */
#define TABLE ops_avx2
#define ROWS  6
#define VECS  2
#define BLOCK 384 /* a panel of 24 KiB, of a first-level cache of 32 */
#include "nn/x86/simd_avx2.h"
#include "nn/x86/table_tmpl.inc"
