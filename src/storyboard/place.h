/* place.h - how each place is composed: what stands in it, how far, how high, in which colour.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "storyboard/plan.h"

enum ridge {
    RIDGE_NONE,
    RIDGE_PEAKS, /* bare rock, light and shade, snow on top */
    RIDGE_HILLS,
    RIDGE_DUNES, /* one sharp crest each                    */
    RIDGE_MESAS, /* flat tops, steep sides                  */
    RIDGE_FIRS,
    RIDGE_CROWNS, /* round trees                             */
    RIDGE_TRUNKS, /* a wood from within                      */
    RIDGE_HOUSES, /* a skyline with windows                  */
    RIDGE_VOLCANO,
    RIDGE_CLOUDS, /* the upper side of clouds                */
    RIDGE_REEF,
    RIDGE_BLADES, /* grass close to the camera               */
    RIDGE_PLANET,
};

enum floor {
    GROUND_NONE,
    GROUND_GRASS,
    GROUND_SAND,
    GROUND_ROCK,
    GROUND_SNOW,
    GROUND_STREET,
    GROUND_WATER,
    GROUND_BEACH, /* sand, and water behind it   */
    GROUND_SHORE, /* grass, and water behind it  */
    GROUND_SEABED,
};

enum { PLACE_MOST_RIDGES = 6, PLACE_MOST_PROPS = 6 };

struct place_ridge {
    enum ridge kind;
    float depth;
    float base;      /* how far under the horizon its valleys lie, in heights of the frame */
    float height;    /* of its highest crests over them */
    float pitch;     /* crests per height of the frame */
    uint32_t colour; /* local, 0xRRGGBB */
    bool behind;     /* stands where the ground ends */
};

struct place_prop {
    const char *picture; /* of pack.h */
    float depth;
    float size; /* in heights of the frame */
    int n;
    float left, right; /* where along the picture, in screen units; both sides when left < 0 */
};

struct place_row {
    float horizon; /* from the top, in heights of the frame */
    enum floor ground;
    uint32_t ground_near, ground_far;
    bool road;
    struct place_ridge ridges[PLACE_MOST_RIDGES]; /* from far to near */
    struct place_prop props[PLACE_MOST_PROPS];
};

const struct place_row *place_of(enum place p);
