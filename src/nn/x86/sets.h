/* sets.h - the tables of this folder. A processor must have what a set's name says.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/ops.h"

extern const struct nn_ops ops_avx2, ops_avx512, ops_avx512_bf16;
extern const struct nn_ops ops_wide; /* of the tests: wide.c; needs AVX2 */
