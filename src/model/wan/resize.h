/* resize.h - images to the sizes that the models want, as the reference resizes them.
 *
 * Tensors here are host memory of the caller.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "nn/tensor.h"

/* from f32 [C, H, W] to to f32 [C, H2, W2]: bicubic, a = -0.75, corners not aligned, edge pixels
 * repeated, no smoothing when it shrinks (torch's interpolate). */
void resize_bicubic(struct tensor from, struct tensor to);

/* from u8 [H, W, C] to to u8 [H2, W2, C]: Lanczos with three lobes, widened when it shrinks,
 * columns first, rounded to bytes after each pass (Pillow's). ERR_MEMORY. */
int resize_lanczos(struct tensor from, struct tensor to, struct error *err) MUST_CHECK;

/* from u8 [H, W, C] to to u8 [H2, W2, C]: as large as needed to cover to, then its middle.
 * ERR_MEMORY. */
int resize_cover(struct tensor from, struct tensor to, struct error *err) MUST_CHECK;

struct resize_size {
    int width, height; /* px */
};

/* Size for an image of this size in image-to-video of 2.1 and A14B: its aspect, at most max_area
 * px, multiples of 16. */
struct resize_size resize_size_of(struct resize_size image, int64_t max_area);

/* Size in TI2V-5B and of text to video: multiples of step, at least one, near area px; of the two
 * roundings the one nearer to the aspect. */
struct resize_size resize_size_near(struct resize_size image, int64_t area, int step);
