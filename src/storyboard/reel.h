/* reel.h - the front door of the storyboard: a prompt or an image in, the frames of a film out.
 *
 * Deterministic: the same request gives the same frames on any machine and with any number of
 * threads, for one version of the program and of the library that draws the vector pictures.
 *
 *     plan.h     what the prompt says            palette.h  one light
 *     place.h    how a place is composed         stage.h    perspective and camera
 *     layer.h    painted sheets: sky, ridges     ground.h   the floor, water
 *     cast.h     who plays                       weather.h  what falls
 *     scene.h    all of it, per frame            parallax.h an image instead
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"
#include "media/frame.h"
#include "media/image.h"
#include "storyboard/plan.h"

enum { REEL_LEAST_SIDE = 64, REEL_MOST_SIDE = 4096 };

struct reel;

struct reel_request {
    struct text prompt;
    const struct image *image; /* of width x height; NULL without one; only read by reel_open */
    uint64_t seed;
    int width, height; /* px, even, REEL_LEAST_SIDE..REEL_MOST_SIDE */
    int fps;
    int n_frames;  /* at least 1 */
    int n_threads; /* that draw; 0: one per processor */
};

/* Called while the sheets are painted, done 0..1; non-zero stops. */
typedef int reel_step(void *arg, float done);

/* Read the prompt and paint. step may be NULL. ERR_INVALID the sizes; ERR_MEMORY; ERR_IO a library
 * is missing; ERR_CANCELLED. */
int reel_open(struct reel **out, const struct reel_request *request, reel_step *step, void *arg,
              struct error *err) MUST_CHECK;
void reel_close(struct reel *r); /* NULL is fine */
SCOPED_CLOSE(reel)

const struct plan *reel_plan(const struct reel *r);
char *reel_plan_json(const struct reel *r); /* mem_free by the caller */

/* Draw frame i, 0..n_frames - 1, into a frame of the request's size. Any order. */
void reel_frame(struct reel *r, int i, struct frame *out);

/* Bytes that a film of this size takes, at most, beside its frames. */
int64_t reel_bytes(int width, int height, bool with_image);
