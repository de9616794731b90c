/* prop.h - vector pictures that stand in a landscape: trees, houses, shells.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/layer.h"
#include "storyboard/place.h"
#include "storyboard/sprite.h"

enum { PROP_MOST = 8 };

struct prop_paint {
    const struct place_prop *row;
    const struct palette *palette;
    uint32_t seed;
    enum colour colour;
    float clear; /* half the width of the middle that stays free */
    /* Made by prop_open: */
    struct sprite *sprite;
    float px; /* per screen unit */
    int n;
    struct {
        float x, foot, size;
        bool flip;
    } at[PROP_MOST];
};

/* ERR_MEMORY, ERR_IO, ERR_CORRUPT. prop_close after a failure too. */
int prop_open(struct prop_paint *p, float density, struct error *err) MUST_CHECK;
void prop_close(struct prop_paint *p);

/* The part of the stage that they cover. */
struct layer_area prop_area(const struct prop_paint *p);

void prop_brush(void *arg, struct layer_line *line); /* arg is a struct prop_paint */
