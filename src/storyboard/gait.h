/* gait.h - what a body does while it moves, so that it is never a sticker that slides: steps, hops,
 * wing beats, the stroke of a fish, the roll of a ship, breath.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/cast.h"

/* Does it lie on its legs when it sleeps, so that they are not seen? */
bool gait_lies(const struct actor *a);

/* Changes the pose of a picture of actor a that is in state s, seconds into the film. */
void gait_apply(struct sprite_pose *p, const struct actor *a, const struct cast_state *s,
                float seconds);
