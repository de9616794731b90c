/* box.h - places with walls: a room, a street between houses. Their walls, floor and ceiling lead
 * away from the camera; they are painted once as they are seen at rest and looked up from where
 * the camera has gone.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/layer.h"
#include "storyboard/place.h"
#include "storyboard/sky.h"

struct box {
    enum box_kind kind;
    float side, top, back; /* where walls, ceiling and far wall are, in heights of the eye */
    float window;          /* x of the room's window on the far wall                       */
    const struct palette *palette;
    const struct sky *sky;
    uint32_t seed;
    float sparkle; /* share of the windows that are lit */
    bool snow;
};

void box_init(struct box *b, enum box_kind kind, const struct palette *palette,
              const struct sky *sky, uint32_t seed);

/* Where the camera of pose sees, at screen units (x, v) of its own, what stood at rest at *x0,
 * *v0. */
void box_look(const struct box *b, const struct stage_pose *pose, float x, float v, float *x0,
              float *v0);

void box_brush(void *arg, struct layer_line *line); /* arg is a struct box */

/* A painted box in a frame; f is placed by layer_place. */
void box_draw(const struct layer_frame *f, struct rows *r);
