/* air.h - what the weather brings into the air that has a way of its own: leaves, petals,
 * fireflies.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/mote.h"
#include "storyboard/plan.h"

/* Some of it, at a depth of the stage. */
struct air {
    float depth;
    bool glows; /* it is a light of its own */
    struct mote_source source;
};

/* All of it for the weather of a plan; returns how many there are. */
enum { AIR_MOST = 6 };
int air_of(struct air out[AIR_MOST], const struct plan *plan, const struct palette *palette,
           uint32_t seed);

/* A light keeps its colour; the rest stands in that of the place. rgb 0: mist. */
struct colour3 air_colour(const struct palette *p, enum mote_kind kind, float depth, uint32_t rgb);
