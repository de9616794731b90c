/* scene.h - a plan as a picture that moves: everything painted once, then a frame at a time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/frame.h"
#include "storyboard/crew.h"
#include "storyboard/plan.h"

struct scene;

struct scene_options {
    int width, height; /* px, even */
    int fps;
    int n_frames;
};

/* Paint. step, when not NULL, is called after each sheet with the share that is done; it returns
 * non-zero to stop (ERR_CANCELLED). plan and crew outlive the scene. ERR_MEMORY, ERR_IO,
 * ERR_CORRUPT. */
int scene_open(struct scene **out, const struct plan *plan, const struct scene_options *options,
               struct crew *crew, int (*step)(void *arg, float done), void *arg,
               struct error *err) MUST_CHECK;
void scene_close(struct scene *s); /* NULL is fine */
SCOPED_CLOSE(scene)

/* Draw frame i. */
void scene_draw(struct scene *s, int i, struct frame *out);
