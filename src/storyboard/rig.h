/* rig.h - a body that is put together from several pictures which move against each other, as a
 * puppet is: wings that beat, jaws that open.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/sprite.h"

struct rig;

enum { RIG_MOST_PARTS = 8 };

/* Is there a puppet for a picture of pack.h? */
bool rig_exists(int picture);

/* options: as for the picture; its size does not matter. frame_height in px. ERR_MEMORY, ERR_IO,
 * ERR_CORRUPT. */
int rig_open(struct rig **out, const struct palette *palette, const struct sprite_options *options,
             int frame_height, struct error *err) MUST_CHECK;
void rig_close(struct rig *r); /* NULL is fine */
SCOPED_CLOSE(rig)

struct rig_state {
    float beat; /* of its wings, in turns */
    float open; /* its jaws, 0..1         */
};

/* Its parts, from behind to before, into at most RIG_MOST_PARTS frames; returns how many. pose
 * stands for the whole: its anchor in the middle of the chest, its size that of the chest and all
 * between claws and horns. */
int rig_place(const struct rig *r, struct sprite_frame *frames[], const struct sprite_pose *pose,
              const struct sprite_pose *before, const struct rig_state *state,
              const struct palette *palette, const int size[2]);
