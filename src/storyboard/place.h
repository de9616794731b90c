/* place.h - how each place is composed: what stands in it, how far, how high, in which colour.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "storyboard/plan.h"

enum ridge {
    RIDGE_NONE,
    RIDGE_PEAKS, /* bare rock, light and shade, snow on top  */
    RIDGE_HILLS,
    RIDGE_DUNES,  /* one sharp crest each                     */
    RIDGE_MESAS,  /* flat tops, steep sides                   */
    RIDGE_CLIFFS, /* the same on both sides of a gap at x     */
    RIDGE_FALL,   /* a sheet of water, 2 * pitch wide, at x   */
    RIDGE_BERGS,  /* ice, in facets                           */
    RIDGE_SPIRES, /* needles of stone                         */
    RIDGE_FIRS,
    RIDGE_CROWNS, /* round trees                              */
    RIDGE_TRUNKS, /* a wood from within                       */
    RIDGE_STEMS,  /* the same of bamboo                       */
    RIDGE_PALMS,  /* tufts of long leaves, high and low       */
    RIDGE_VINES,  /* leaves that hang in from above           */
    RIDGE_HEDGE,
    RIDGE_FENCE,    /* none within x of the middle              */
    RIDGE_HOUSES,   /* a skyline with windows                   */
    RIDGE_COTTAGES, /* a row of them, none within x of the middle */
    RIDGE_CASTLE,   /* one, at x                                */
    RIDGE_BARN,     /* one with a silo, at x                    */
    RIDGE_VOLCANO,
    RIDGE_CLOUDS, /* the upper side of clouds                 */
    RIDGE_BANK,   /* clouds that stand on the horizon         */
    RIDGE_REEF,
    RIDGE_SWELL,  /* the crest of a wave                      */
    RIDGE_ISLET,  /* rocks in the water, pitch to either side of x */
    RIDGE_BLADES, /* grass close to the camera                */
    RIDGE_STALKS, /* the same with ears                       */
    RIDGE_CAVE,   /* rock all round an opening                */
    RIDGE_DRAPE,  /* a curtain across the stage               */
    RIDGE_WINGS,  /* curtains at its sides and along its top  */
    RIDGE_PLANET,
    RIDGES
};

enum floor {
    GROUND_NONE,
    GROUND_BOXED, /* there is one, but the box of the place has it */
    GROUND_GRASS,
    GROUND_SAND,
    GROUND_ROCK,
    GROUND_SNOW,
    GROUND_STREET,
    GROUND_WATER,
    GROUND_BEACH, /* sand, and water behind it          */
    GROUND_SHORE, /* grass, and water behind it         */
    GROUND_QUAY,  /* paving, and water behind it        */
    GROUND_RIVER, /* grass, and water that winds away   */
    GROUND_FLOES, /* ice, and water between its plates  */
    GROUND_SEABED,
    GROUND_FIELD, /* furrows that lead away             */
    GROUND_LAVA,  /* rock that glows in its cracks      */
    GROUND_BOARDS,
    GROUND_CRATERS,
    FLOORS
};

enum box_kind { BOX_NONE, BOX_ROOM, BOX_STREET };

enum { PLACE_MOST_RIDGES = 6, PLACE_MOST_PROPS = 6, PLACE_MOST_MOTES = 5 };

struct place_ridge {
    enum ridge kind;
    float depth;
    float base;      /* how far under the horizon its valleys lie, in heights of the frame */
    float height;    /* of its highest crests over them */
    float pitch;     /* crests per height of the frame */
    uint32_t colour; /* local, 0xRRGGBB */
    bool behind;     /* stands where the ground ends */
    float x;         /* where a single thing stands, in screen units; the seed picks the side */
};

/* What kind of thing a prop is, for what a prompt wants left out. */
enum prop_kind { PROP_PLANT, PROP_HOUSE, PROP_THING, PROP_ANIMAL, PROP_FLOATING };

struct place_prop {
    const char *picture; /* of pack.h */
    float depth;
    float size; /* in heights of the frame */
    int n;
    float left, right; /* where along the picture, in screen units */
    enum prop_kind kind;
};

/* x of a mote that stands over the highest crest of the farthest sheet. */
#define PLACE_AT_SUMMIT 9.0F

enum when { WHEN_ALWAYS, WHEN_DARK, WHEN_LIGHT };

/* Of mote.h, in a place. Lights have their own colour, all else stands in the sun's light; mist
 * without a colour has that of the haze. Its x is on the side of the ridges' x. */
struct place_mote {
    int kind; /* enum mote_kind */
    float depth, x, v, wide, tall, size, strength;
    int n;
    uint32_t colour, other;
    enum when when;
};

struct place_row {
    float horizon; /* from the top, in heights of the frame */
    enum floor ground;
    uint32_t ground_near, ground_far;
    bool road;
    enum box_kind box;
    struct place_ridge ridges[PLACE_MOST_RIDGES]; /* from far to near */
    struct place_prop props[PLACE_MOST_PROPS];
    struct place_mote motes[PLACE_MOST_MOTES];
};

const struct place_row *place_of(enum place p);

/* That of a plan: a forest of bamboo has other stems. */
const struct place_row *place_of_plan(const struct plan *plan);
