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

/* Into the frame: darker towards the corners (vignette, 0..1), with a fixed fine grain instead of
 * steps. */
void rows_store(const struct rows *r, struct frame *f, float vignette);

/* All samples of the pair drawn towards a colour (bytes of the frame) by k of 256. */
void rows_veil(struct rows *r, const uint8_t colour[3], int k);
