/* added.h - what a prompt adds to a picture: what falls, what flies about, mist, dusk, a mood, and
 * who comes in (guest.h).
 *
 * Only what the prompt itself says is added, never what the seed chose; all of it comes in from
 * nothing, so that the first frame stays the picture. It stands in the light of the picture, and
 * as far in it as it is.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/air.h"
#include "storyboard/depth.h"
#include "storyboard/dolly.h"
#include "storyboard/grade.h"
#include "storyboard/rows.h"

struct added;

struct added_options {
    const struct plan *plan;   /* outlives what is added, as depth does */
    const struct depth *depth; /* of the picture */
    float seconds;             /* of the film */
    int n_frames;
};
int added_open(struct added **out, const struct frame *picture, const struct added_options *options,
               struct error *err) MUST_CHECK;
void added_close(struct added *a); /* NULL is fine */

/* One frame of it, before its rows are drawn. One frame at a time. */
struct added_frame {
    float seconds;
    float fade;              /* 0..1: how much of what falls is there */
    float thick;             /* of the mist                           */
    struct grade mood, hour; /* as far as they have come              */
};
void added_place(struct added_frame *f, struct added *a, float t);

/* The mist between two nearnesses of depth.h: how much of 256 of its colour (bytes of a frame) lies
 * over what is farther. */
int added_mist(const struct added_frame *f, float from, float to);
const uint8_t *added_mist_colour(const struct added *a);

/* Who comes in, in front of what has the nearness from and behind what has more than to. */
void added_draw_guests(const struct added *a, float from, float to, struct rows *r);

/* What falls, and the light: over the finished rows. */
void added_draw(const struct added *a, const struct added_frame *f, struct rows *r);
