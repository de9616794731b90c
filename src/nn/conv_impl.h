/* conv_impl.h - what conv.c and winograd.c share of a convolution.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/tile.h"

/* Kernel and result, from the shapes. */
struct conv_shape {
    int64_t in, out;    /* channels */
    int64_t kt, kh, kw; /* taps */
    int64_t t, h, w;    /* of x */
    int64_t ot, oh, ow; /* of the result */
    int64_t depth;      /* channels as the kernel takes them */
    int64_t taps;       /* kt * kh * kw */
};

struct conv_work {
    const struct conv *c;
    const struct ops_products *products;
    struct conv_shape shape;
    const char *x;      /* [t, h, w, depth] */
    enum dtype number;  /* of x: that of products, but by squares perhaps bf16 where they are f32 */
    const char *zero;   /* [depth] */
    const char *packed; /* tiles of columns */
    size_t tile_bytes;  /* of packed, per tile */
    size_t row_bytes;   /* of x, per pixel */
    float *y;           /* [ot * oh * ow, out] */
    const float *bias;
    char *scratch; /* [workers] tables of rows */
};

/* Is this convolution made by squares? The kernel tells, never the picture: its weights are laid
 * out before a picture is known. */
bool winograd_fits(const struct conv *c, const struct conv_shape *k);

/* Fill w->y; all other members but scratch are set, products is of f32. What it needs besides is on
 * s's stack, left for the caller to release; a measuring step only counts it. */
void winograd_run(struct step *s, const struct conv_work *w);
