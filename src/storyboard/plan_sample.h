/* plan_sample.h - plans for tests, made by hand: a place under one shot, and who is in it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/plan.h"

/* A clear day with nobody there and the same seed each time; one shot through the whole film. */
struct plan plan_sample(enum place place, enum shot shot);

/* One more kind in the cast, with one move through the whole film; returns its index. Fails the
 * test where no picture has that name. */
int plan_sample_add(struct plan *p, const char *picture, int count, enum move move);

/* Where an actor stands: to the target in the cast, or to the place itself for PLAN_NOBODY. */
void plan_sample_put(struct plan *p, int actor, enum where where, int target);
