/* ground.h - the level floor of a place in true perspective, drawn anew for every frame: grass,
 * sand, snow, streets, and water that moves and mirrors what stands behind it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/place.h"
#include "storyboard/sky.h"

enum road { ROAD_NONE, ROAD_AWAY, ROAD_ACROSS };

struct ground {
    enum floor kind;
    enum road road;
    const struct palette *palette;
    const struct sky *sky;
    uint32_t near, far; /* local colours */
    uint32_t water;
    uint32_t seed;
    float end;   /* depth of the nearest sheet that stands behind it */
    float rough; /* height of the waves, 1 usual */
    bool snow;   /* lies on it */
    bool wet;    /* its paving mirrors a little as well */
    float shore; /* depth where water begins; 0: everywhere, if it is water at all */
};

void ground_init(struct ground *g, const struct plan *plan, const struct palette *palette,
                 const struct sky *sky);

/* Does water mirror the backdrop? Then ground_draw wants it. */
bool ground_mirrors(const struct ground *g);

struct ground_frame {
    const struct ground *ground;
    const struct frame *mirror; /* NULL unless ground_mirrors */
    float time;                 /* seconds */
    float eye;                  /* height of the camera */
    float x, z;                 /* where it is */
    float horizon;              /* px from the top */
    float middle;               /* px: where x = camera's x stands */
    float scale;                /* px per screen unit */
};

void ground_place(struct ground_frame *f, const struct ground *g, const struct stage *stage,
                  const struct stage_pose *pose, float time);
/* How many pairs of rows of the mirror must be there before ground_draw: at least 1. */
int ground_mirror_pairs(const struct ground_frame *f);

int ground_hides(const struct ground_frame *f, int pair); /* see layer_hides */
void ground_draw(const struct ground_frame *f, struct rows *r);
