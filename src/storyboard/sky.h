/* sky.h - what is painted behind everything: gradient, sun or moon, stars, clouds, light rays.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/layer.h"

struct sky {
    const struct palette *palette;
    enum place place;
    enum weather weather; /* palette_weather */
    unsigned without;     /* enum without */
    float sun_x, sun_y;   /* screen units from the middle of the horizon */
    uint32_t seed;
};

void sky_init(struct sky *s, const struct plan *plan, const struct palette *palette);

/* Brushes for layer_paint; arg is a struct sky. */
void sky_paint(void *arg, struct layer_line *line);
void sky_paint_clouds(void *arg, struct layer_line *line);
void sky_paint_rays(void *arg, struct layer_line *line);
void sky_paint_shafts(void *arg, struct layer_line *line);
void sky_paint_beams(void *arg, struct layer_line *line); /* of spotlights */
void sky_paint_aurora(void *arg, struct layer_line *line);

/* How much of the sun's light falls on screen unit x at the horizon, 0..1. */
float sky_sunlight(const struct sky *s, float x);
