/* puppet.h - a body for those of whom the picture shows only the head or the bust: a trunk, legs
 * that step, a tail that swings.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/sprite.h"

struct puppet;

enum { PUPPET_MOST_PARTS = 7 };

/* Has the picture of pack.h no body of its own? */
bool puppet_exists(int picture);

/* options: as for the head, whose picture says what body it has. ERR_MEMORY, ERR_IO,
 * ERR_CORRUPT. */
int puppet_open(struct puppet **out, const struct palette *palette,
                const struct sprite_options *options, struct error *err) MUST_CHECK;
void puppet_close(struct puppet *p); /* NULL is fine */
SCOPED_CLOSE(puppet)

struct puppet_state {
    float step;    /* in turns, two steps each           */
    float stride;  /* 0: it stands .. 1: it runs         */
    float seconds; /* for what moves by itself           */
    bool lies;     /* on its legs, which are not seen    */
};

/* Its parts from behind to before, the head last, into PUPPET_MOST_PARTS frames; returns how many.
 * pose stands for the whole: its feet at y, its size that of all from the feet to the top of the
 * head. */
int puppet_place(const struct puppet *p, struct sprite_frame *frames[], const struct sprite *head,
                 const struct sprite_pose pose[2], const struct puppet_state *state,
                 const struct palette *palette, const int size[2]);
