/* rows.h - the part of a frame under work: two lines of luma and the line of chroma they share.
 *
 * Samples are the frame's bytes with ROWS_BITS of fraction, so that gradients and slow movements
 * keep what a byte would round away; rows_store dithers them.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "media/frame.h"

enum { ROWS_BITS = 7, ROWS_MOST_WIDTH = 4096 };

struct rows {
    int width; /* px, even */
    int pair;  /* which two lines: 2 * pair and 2 * pair + 1 */
    int16_t y[2][ROWS_MOST_WIDTH];
    int16_t u[ROWS_MOST_WIDTH / 2];
    int16_t v[ROWS_MOST_WIDTH / 2];
};

/* What a film does to every frame at the end. */
struct rows_finish {
    float vignette; /* 0..1: darker towards the corners         */
    float contrast; /* 0..1: of the film's tone curve           */
    float grain;    /* steps of luma; 0: none                   */
    int i_frame;    /* the grain is another one in every third  */
};

/* Into the frame, with a fixed fine pattern instead of steps. */
void rows_store(const struct rows *r, struct frame *f, const struct rows_finish *finish);

/* The same as they are: for what is not yet the frame. */
void rows_copy(const struct rows *r, struct frame *f);

/* All samples of the pair drawn towards a colour (bytes of the frame) by k of 256. */
void rows_veil(struct rows *r, const uint8_t colour[3], int k);
