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
    enum dtype number;  /* of x; but by Winograd's way that of products */
    const char *zero;   /* [depth] */
    const char *packed; /* tiles of columns */
    size_t tile_bytes;  /* of packed, per tile */
    size_t row_bytes;   /* of x, per pixel */
    float *y;           /* [ot * oh * ow, out] */
    const float *bias;
    char *scratch; /* [workers] tables of rows */
};

/* Is this the way? The kernel tells, never the picture. */
bool winograd_fits(const struct conv *c, const struct conv_shape *k);

/* Make y of w, whose other members but scratch are set, on s's stack; measures, too. Its products
 * are f32, x may be bf16. */
void winograd_run(struct step *s, const struct conv_work *w);
