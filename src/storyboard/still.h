/* still.h - a camera that moves over an image. Its first frame is the image itself, byte for
 * byte; from there it starts from a standstill.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/frame.h"
#include "media/image.h"
#include "storyboard/crew.h"
#include "storyboard/plan.h"

struct still;

/* The image is read here and not kept. ERR_MEMORY. */
int still_open(struct still **out, const struct plan *plan, const struct image *image,
               struct crew *crew, struct error *err) MUST_CHECK;
void still_close(struct still *s); /* NULL is fine */
SCOPED_CLOSE(still)

/* The frame at time t of the film, 0..1. */
void still_draw(struct still *s, float t, struct frame *out);
