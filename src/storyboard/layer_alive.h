/* layer_alive.h - what moves about a painted sheet by itself: it swings, motes are over it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/layer.h"

/* For layer_place, when the rest of f is there; t: of the film, 0..1. */
void layer_alive_place(struct layer_frame *f, const struct stage *stage,
                       const struct stage_pose *pose, float t);

/* The taps of the frame's n columns into a row of the sheet that may have swung: those of f, or
 * own, [n]. row counts luma rows of the sheet also when half, for chroma. */
const int32_t *layer_alive_taps(const struct layer_frame *f, int32_t *own, int row, bool half,
                                int n);

/* Over the drawn sheet. */
void layer_alive_draw(const struct layer_frame *f, struct rows *r);
