/* weather.h - what falls or hangs between the camera and the picture: rain, snow, fog, bubbles.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "storyboard/palette.h"
#include "storyboard/rows.h"

struct weather_tiles;

/* ERR_MEMORY. */
int weather_open(struct weather_tiles **out, const struct plan *plan, const struct palette *palette,
                 int height, struct error *err) MUST_CHECK;
void weather_close(struct weather_tiles *w); /* NULL is fine */

/* Over the rows of a frame, at a time in seconds. */
void weather_draw(const struct weather_tiles *w, struct rows *r, int height, float time);

/* Lightning: how much brighter the frame is, 0..1. */
float weather_flash(const struct weather_tiles *w, float time);
