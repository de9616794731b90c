/* added.h - what a prompt adds to a picture: what falls, dusk, somebody who crosses.
 *
 * Only what the prompt itself says is added, never what the seed chose; all of it comes in from
 * nothing, so that the first frame stays the picture. It stands in the light of the picture.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/actor.h"
#include "storyboard/dolly.h"
#include "storyboard/rows.h"

struct added;

/* horizon: of the height, from above. plan outlives it. ERR_MEMORY, ERR_IO, ERR_CORRUPT. */
struct added_options {
    const struct plan *plan;
    float horizon;
    float seconds; /* of the film */
};
int added_open(struct added **out, const struct frame *picture, const struct added_options *options,
               struct error *err) MUST_CHECK;
void added_close(struct added *a); /* NULL is fine */

/* One frame of it, before its rows are drawn. */
struct added_frame {
    float seconds;
    float fade;  /* 0..1: how much of what falls is there */
    float grade; /* 0..1 */
    struct actor_frame guest;
};
void added_place(struct added_frame *f, const struct added *a, const struct dolly_pose *pose,
                 float t);

/* How near the one who crosses is, as in depth.h; less than 0: nobody does. */
float added_guest_near(const struct added *a);
void added_draw_guest(const struct added_frame *f, struct rows *r);

/* What falls, and the light: over the finished rows. */
void added_draw(const struct added *a, const struct added_frame *f, struct rows *r);
