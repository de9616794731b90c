/* scene_impl.h - what scene.c builds and scene_draw.c draws. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/cast.h"
#include "storyboard/grade.h"
#include "storyboard/ground.h"
#include "storyboard/layer.h"
#include "storyboard/scene.h"
#include "storyboard/weather.h"

enum { SCENE_MOST_ITEMS = 12 + PLACE_MOST_RIDGES + PLACE_MOST_PROPS + PLACE_MOST_MOTES };

struct scene_item {
    struct layer *layer;
    bool behind; /* the ground is drawn over it */
    struct layer_frame frame;
};

struct scene {
    const struct plan *plan;
    const struct place_row *place;
    struct scene_options options;
    struct crew *crew;
    uint32_t seed;
    struct palette palette;
    struct grade grade;
    struct sky sky;
    struct stage stage;
    struct ground ground;
    struct cast cast;
    struct cast_list list;
    struct sprite *glow; /* NULL: nothing of the cast glows */
    struct weather_tiles *weather;
    struct frame *mirror; /* NULL: nothing mirrors */
    float summit_x;
    int n_items;
    struct scene_item item[SCENE_MOST_ITEMS]; /* from far to near */
};

/* How far the painting is. */
struct scene_build {
    int (*step)(void *arg, float done);
    void *arg;
    int n_done, n_steps;
};

struct stage_pose scene_pose(const struct scene *s, float t);

/* How much of what comes fills the frame, 0..1, and is to be feared: fire, a trembling hand. */
float scene_dread(const struct scene *s, float t);
float scene_time(const struct scene *s, int i); /* of frame i, 0..1 */

/* Paint all of the place's sheets into s->item, sorted from far to near, after scene_paint_summit.
 * ERR_MEMORY, ERR_IO, ERR_CORRUPT, ERR_CANCELLED. */
int scene_paint(struct scene *s, struct scene_build *b, struct error *err) MUST_CHECK;

/* The highest point of the farthest sheet, for what shall appear above it: s->summit_x and *v. */
void scene_paint_summit(struct scene *s, float *v);

/* What is alive in the air of the place and of the weather, as sheets in s->item. ERR_MEMORY. */
int scene_motes(struct scene *s, struct error *err) MUST_CHECK;
