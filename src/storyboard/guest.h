/* guest.h - who comes into a still picture because the prompt says so.
 *
 * A prompt that names somebody may mean who is in the picture already. Only one whose way through
 * it the prompt tells is added, with whom it chases and what it rides; they come in from outside,
 * stand on the ground that was found in the picture and in its light.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/dolly.h"
#include "storyboard/palette.h"
#include "storyboard/rows.h"

struct guests;

struct guest_stage {
    const struct plan *plan; /* outlives the guests, like palette */
    const struct palette *palette;
    struct dolly_floor floor; /* where they stand, whether it is seen or not */
    int width, height;        /* px */
    float seconds;            /* of the film */
    float shutter;            /* how long it is open, share of the film */
};

/* *out is NULL when nobody comes. ERR_MEMORY, ERR_IO, ERR_CORRUPT. */
int guest_open(struct guests **out, const struct guest_stage *stage, struct error *err) MUST_CHECK;
void guest_close(struct guests *g); /* NULL is fine, here and below */

/* Where they are at time t of the film, 0..1. One frame at a time. */
void guest_place(struct guests *g, float t);

/* Those whose nearness (of depth.h) is more than from and at most to, into the rows of the frame
 * that guest_place prepared. Any thread. */
void guest_draw(const struct guests *g, float from, float to, struct rows *r);
