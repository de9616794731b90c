/* still_sample.h - pictures for tests, as people send them: drawn here, the same each time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/image.h"

enum still_sample {
    STILL_LANDSCAPE, /* a text film's first frame                               */
    STILL_PORTRAIT,  /* a face before lights out of focus                       */
    STILL_FACADE,    /* a house of straight lines under the sky, at a street    */
    STILL_PARK,      /* hills, a lawn with a path, a tree, a lamp post, a fence  */
    STILL_GROUP,     /* people close together before a wall of one colour        */
    STILL_MARKERS,   /* sky and meadow; a red egg close by, a blue one far off  */
    STILL_GRADIENT,
    STILL_NOISE,
    STILL_PLAIN, /* one colour */
    STILL_SAMPLES
};

const char *still_sample_name(enum still_sample s);

/* The caller frees. Fails the test where it cannot be drawn. */
struct image *still_sample_draw(enum still_sample s, int width, int height);
