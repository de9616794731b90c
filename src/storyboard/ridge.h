/* ridge.h - the sheets of a landscape: mountains, woods, roofs, each a crest line and what lies
 * under it in light and haze.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/place.h"
#include "storyboard/sky.h"

struct ridge_paint {
    const struct place_ridge *row;
    const struct palette *palette;
    const struct sky *sky;
    bool tallest; /* one summit stands out, at summit_x */
    float summit_x;
    float side; /* 1 or -1: to which side a row's x goes */
    bool snow;  /* it lies on everything */
    uint32_t seed;
    uint32_t colour; /* local, 0xRRGGBB: the row's in its season */
    /* Made by ridge_open for a layer: */
    int n;
    float step;    /* screen units from column to column    */
    float foot;    /* v of the ground at its depth          */
    float *crest;  /* [n] v of the crest of each column     */
    float *slope;  /* [n] -1..1: falls to the right or left */
    float sparkle; /* lit windows, 0..1                     */
};

/* Where the highest crest can be and where the sheet ends, in screen units. */
void ridge_extent(const struct place_ridge *row, bool tallest, float *top, float *bottom);

/* Work out the crest for the columns of a layer. ERR_MEMORY. */
int ridge_open(struct ridge_paint *r, const struct layer *l, struct error *err) MUST_CHECK;
void ridge_close(struct ridge_paint *r);

/* The brush for layer_paint; arg is a struct ridge_paint. */
void ridge_brush(void *arg, struct layer_line *line);

/* Does the sheet frame the picture: close to the camera, low in the middle? */
bool ridge_frames(const struct place_ridge *row);

/* v of the crest at screen unit x, as ridge_open works it out. */
float ridge_crest(const struct ridge_paint *r, float x);
