/* still_light.h - the light of a still picture, and how the prompt changes it: dusk falls.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/frame.h"
#include "storyboard/grade.h"
#include "storyboard/palette.h"

/* The light of a picture: its sky above the horizon (of the height, from above), its haze there,
 * the mean of all as the lamp. */
void still_light_measure(struct palette *out, const struct frame *picture, float horizon);

/* What the hour that the prompt asks for does to the colours of a picture of that light; nothing
 * when it asks for none. */
struct grade still_light_hour(const struct plan *plan, const struct palette *picture);

/* The way to a grade, k 0..1; at 0 nothing changes. */
struct grade still_light_part(const struct grade *g, float k);
