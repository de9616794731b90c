/* gait.h - what a body does while it moves, so that it is never a sticker that slides: steps, hops,
 * wing beats, the roll of a ship.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/actor.h"

/* Changes the pose of a picture that is in state s, seconds into the film. */
void gait_apply(struct sprite_pose *p, enum nature nature, const struct actor_state *s,
                float seconds);
