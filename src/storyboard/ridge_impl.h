/* ridge_impl.h - what the files that paint the sheets of a landscape share.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/noise.h"
#include "storyboard/ridge.h"

/* One line of a sheet: what does not change along it. */
struct brush {
    const struct ridge_paint *r;
    const struct noise_level *tile;
    struct colour3 rock, shade, mist, snow, warm;
    float v, step;
};

/* Height of the outline at x, 0..1, and of a summit that no other reaches. */
float ridge_shape_at(const struct ridge_paint *r, float x);
float ridge_shape_summit(float x, float height, uint32_t seed);

/* Sunlight on a slope, -1..1: the side that falls away from the sun lies in shade. */
float ridge_brush_facing(const struct ridge_paint *r, float slope, float x);

/* A colour through the air before it; deep: how far under the crest. */
struct colour3 ridge_brush_air(const struct brush *b, struct colour3 c, float x, float deep);

/* Outlines, x and height in heights of the thing, and colours of what is built. */
float ridge_built_castle(float x);
float ridge_built_barn(float x);
float ridge_built_cottage(float crest, uint32_t seed); /* crest: houses along the row */
struct colour3 ridge_built_colour(const struct brush *b, float x, float deep);

void ridge_leaf(const struct brush *b, struct layer_line *line);
void ridge_stem(const struct brush *b, struct layer_line *line);
void ridge_cloud(const struct brush *b, struct layer_line *line);

/* Sheets with holes: each paints a whole line. */
void ridge_frame_cave(const struct brush *b, struct layer_line *line);
void ridge_frame_drape(const struct brush *b, struct layer_line *line);
void ridge_frame_wings(const struct brush *b, struct layer_line *line);
void ridge_frame_fence(const struct brush *b, struct layer_line *line);
void ridge_frame_fall(const struct brush *b, struct layer_line *line);
