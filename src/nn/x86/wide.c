/* wide.c - the kernels of avx512_bf16.c on a vector of plain C (simd_wide.h), for the tests alone.
 *
 * SPDX-License-Identifier: MIT */
#define TABLE ops_wide
#define ROWS  8
#define VECS  3
#define BLOCK 192
#include "nn/x86/simd_wide.h"
#include "nn/x86/table_tmpl.inc"
