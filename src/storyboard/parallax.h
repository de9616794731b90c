/* parallax.h - a camera that moves through a still picture.
 *
 *     region.h   regions of one colour or texture   depth.h   which of them is how near
 *     matte.h    borders to the pixel               sheet.h   one sheet for each plane
 *     inpaint.h  what lies behind                   dolly.h   the way of the camera
 *     added.h    what the prompt adds: weather, mist, dusk
 *     guest.h    who comes in                   still_light.h the light of the picture
 *
 * The first frame is the picture itself, byte for byte; from there all starts from a standstill.
 * Each plane is drawn as a camera sees a plane: lines stay straight, nothing is bent. Where the
 * picture does not say what is near, the planes lie close together and little moves against
 * anything else.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/frame.h"
#include "media/image.h"
#include "storyboard/crew.h"
#include "storyboard/depth.h"
#include "storyboard/plan.h"

struct parallax;

struct parallax_options {
    const struct plan *plan; /* outlives the film */
    float seconds;           /* of the film */
    int n_frames;
};

/* The image is read here and not kept. ERR_MEMORY, ERR_IO, ERR_CORRUPT. */
int parallax_open(struct parallax **out, const struct image *image,
                  const struct parallax_options *options, struct crew *crew,
                  struct error *err) MUST_CHECK;
void parallax_close(struct parallax *p); /* NULL is fine */
SCOPED_CLOSE(parallax)

/* The frame at time t of the film, 0..1. Any order. */
void parallax_draw(struct parallax *p, float t, struct frame *out);
