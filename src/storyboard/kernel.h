/* kernel.h - the loops in which the time of a film goes, in a table: plain C, and the same for
 * processors that do more at once. Which set runs is chosen when the first film is drawn.
 *
 * All of it is whole-number arithmetic: every set gives the same bits, and kernel_test holds them
 * against plain C. Samples of a row are those of rows.h; texels are those of sprite.h.
 *
 * There is no set for AVX-512: these loops wait for gathered loads, which it does not do faster,
 * and it would be a second copy of code to keep equal.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

enum { KERNEL_KNOT = 16, KERNEL_SLACK = 32, KERNEL_PEEK = 8 };

/* A row of the frame along a line of samples, evenly: 16.16 columns, kept within 0..last. */
struct kernel_way {
    int32_t at, step; /* of the first, and from one to the next */
    int32_t last;     /* the line has KERNEL_SLACK more, whatever is in them */
};

/* A row of the frame through the texels of a picture: where it runs is known every KERNEL_KNOT
 * pixels, straight between. */
struct kernel_walk {
    const uint32_t *texels; /* [size + 3, size + 3]: the picture and a clear border of 1 before and
                             * 2 behind */
    int size;
    const int32_t *u, *v; /* 16.16 texels of the picture, n / KERNEL_KNOT + 2 of each */
};

/* A row of the frame along a line that repeats, evenly. */
struct kernel_ring {
    const int16_t *line; /* [mask + 2], the last like the first */
    uint32_t at, step;   /* 16.16, of the first and from one to the next */
    uint32_t mask;       /* a power of two less 1 */
};

/* A row of the frame into a painted wall: where it looks is known every KERNEL_PEEK samples,
 * straight between. */
struct kernel_peek {
    const uint8_t *plane, *cover; /* [height, stride], and KERNEL_SLACK bytes more that may be read;
                                     cover NULL: all of it is opaque */
    int stride;
    const int32_t *x, *y; /* 16.16, within the last but one; n / KERNEL_PEEK + 2 of each */
};

/* How texels lie over what is there. */
struct kernel_ink {
    int cover; /* 0..256 */
    int haze;  /* 0..256: how much of the haze's colour is in them */
    int luma;  /* of the haze, bytes of the frame */
    int cb, cr;
};

/* A mood's hand on the colours; struct grade says what they are. */
struct kernel_grade {
    int contrast, lift;
    int saturation;
    int add[2], warm[2]; /* of Cb and Cr */
};

/* How a line of samples becomes bytes. */
struct kernel_finish {
    const int16_t *dim;  /* [n] what the corner takes away, of 65536, by column */
    const int8_t *grain; /* [n] in the samples' fractions */
    int dim_line;        /* the same by line */
    int contrast;        /* of the tone curve, 0..32767 */
    uint16_t dither;     /* where the line's pattern starts */
};

struct kernels {
    const char *name;
    /* out[i] = a[i] * (128 - k) + b[i] * k; k 0..128 */
    void (*mix)(int16_t *out, const uint8_t *a, const uint8_t *b, int k, int n);
    /* out[i] = (line[i] * (128 - k) + line[i + 1] * k) >> 7 */
    void (*slide)(int16_t *out, const int16_t *line, int k, int n);
    /* The same along a way, in 128ths. */
    void (*tap)(int16_t *out, const int16_t *line, const struct kernel_way *w, int n);
    /* A tapped colour over to, by a tapped cover of 0..32640. */
    void (*cover)(int16_t *to, const int16_t *colour, const int16_t *alpha,
                  const struct kernel_way *w, int n);
    /* out[i] = the line at its place, in 256ths. */
    void (*ring)(int16_t *out, const struct kernel_ring *w, int n);
    /* What is seen of the wall over to. */
    void (*peek)(int16_t *to, const struct kernel_peek *w, int n);
    /* out[i] = the texel between four, in 64ths, clear outside the picture; writes up to the next
     * knot. */
    void (*walk)(uint32_t *out, const struct kernel_walk *w, int n);
    /* out[i] = the mean of the texels of n_rows rows, each stride after the one before, at most 8;
     * reads and writes up to the next 32 of each. */
    void (*average)(uint32_t *out, const uint32_t *rows, int stride, int n_rows, int n);
    void (*over_luma)(int16_t *to, const uint32_t *texels, const struct kernel_ink *ink, int n);
    /* n pairs of columns of two lines. */
    void (*over_chroma)(int16_t *const to[2], const uint32_t *const lines[2],
                        const struct kernel_ink *ink, int n);
    /* to[i] += (colour - to[i]) * k >> 8; and by a line of covers. */
    void (*veil)(int16_t *to, int colour, int k, int n);
    void (*fall)(int16_t *to, const uint8_t *cover, int colour, int n);
    /* In place; hues goes by every other sample of luma. */
    void (*tones)(int16_t *luma, const struct kernel_grade *g, int n);
    void (*hues)(int16_t *const chroma[2], const int16_t *luma, const struct kernel_grade *g,
                 int n);
    void (*store_luma)(uint8_t *out, const int16_t *in, const struct kernel_finish *f, int n);
    void (*store_chroma)(uint8_t *out, const int16_t *in, uint16_t dither, int n);
};

/* The set in use: the best that this processor runs, unless kernel_use chose. */
const struct kernels *kernel_set(void);

/* The sets, for tests and measurements; NULL behind the last, plain C first. Those that this
 * processor cannot run are not among them. */
const struct kernels *kernel_list(int i);

/* Draw with this set from now on; NULL: the best. Before films are drawn, on one thread. */
void kernel_use(const struct kernels *set);
