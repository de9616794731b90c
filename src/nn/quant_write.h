/* quant_write.h - f32 to every type that weights are stored in: for tests, benchmarks and
 * fixtures, so simple and well defined rather than the best that can be had.
 *
 * Scales follow from the extremes of a block, are rounded to the bits that store them, and the
 * numbers are then rounded (to the nearest, ties to even) and clamped with the scales as stored.
 * The error of a number is at most about one step of its sub-block.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/tensor.h"

/* n numbers, finite, a multiple of the type's block, to a row of the type: any but U8, I32, I64
 * and BOOL. */
void quant_write_row(enum dtype type, const float *x, void *row, int64_t n);

uint16_t quant_write_f16(float f);
uint8_t quant_write_f8(float f); /* what is too large becomes the largest, 448 */
