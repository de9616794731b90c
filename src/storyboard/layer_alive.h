/* layer_alive.h - what moves about a painted sheet by itself: it swings, motes are over it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/layer.h"

/* For layer_place, when the rest of f is there; t: of the film, 0..1. */
void layer_alive_place(struct layer_frame *f, const struct stage *stage,
                       const struct stage_pose *pose, float t);

/* How far a row of the sheet has swung to the right, in pixels of its luma, 16.16. */
int64_t layer_alive_swing(const struct layer_frame *f, int row);

/* Over the drawn sheet. */
void layer_alive_draw(const struct layer_frame *f, struct rows *r);
