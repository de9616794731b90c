/* mote.h - what is alive in a painted place: smoke that rises, lamps that flicker, stars that
 * twinkle, leaves, petals, sparks and fireflies in the air.
 *
 * All of them are soft ovals of one colour whose way is a function of time alone, so that frames
 * may be drawn in any order.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/palette.h"
#include "storyboard/rows.h"
#include "storyboard/stage.h"

enum mote_kind {
    MOTE_SMOKE,   /* puffs from a mouth, rising and spreading         */
    MOTE_STREAM,  /* falling water                                    */
    MOTE_MIST,    /* wide banks that drift along the ground           */
    MOTE_SPRAY,   /* where water falls: short-lived, from the foot up */
    MOTE_LAMP,    /* a steady light                                   */
    MOTE_WINDOW,  /* a light that somebody switches on and off        */
    MOTE_FIRE,    /* a light that never rests                         */
    MOTE_NEON,    /* a light with a bad contact                       */
    MOTE_STAR,    /* twinkles                                         */
    MOTE_SPARK,   /* embers, upward                                   */
    MOTE_LEAF,    /* falls, turning                                   */
    MOTE_PETAL,   /* the same, lighter                                */
    MOTE_FIREFLY, /* wanders and glows                                */
    MOTE_SPECK,   /* dust in a beam of light                          */
};

/* A source of n motes round (x, v), in screen units at the depth of the sheet that it is in. */
struct mote_source {
    enum mote_kind kind;
    float x, v;
    float wide, tall; /* half the area that they are spread over    */
    float size;       /* half a mote's height                       */
    float strength;   /* 0..1                                       */
    float wind;       /* screen units to the right over a life      */
    int n;
    struct colour3 colour, other; /* each mote is somewhere between */
    uint32_t seed;
};

enum { MOTE_MOST_SOURCES = 40, MOTE_MOST = 192 };

struct mote_set {
    int n;
    struct mote_source at[MOTE_MOST_SOURCES];
};

/* One oval: inside where a dx^2 + b dx dy + c dy^2 < 1. */
struct mote {
    float x, y; /* px of the frame */
    float reach_x, reach_y;
    float a, b, c;
    float strength;       /* 0..1 in its middle                 */
    float edge;           /* 1: fades to its rim, more: a disc  */
    int16_t luma, cb, cr; /* samples of rows.h              */
};

struct mote_frame {
    int n;
    struct mote at[MOTE_MOST];
};

/* A source more; beyond MOTE_MOST_SOURCES it is left out. */
void mote_add(struct mote_set *set, const struct mote_source *source);

/* Where they are at a time in seconds, seen through view. */
void mote_place(struct mote_frame *f, const struct mote_set *set, struct stage_view view,
                float seconds);
void mote_draw(const struct mote_frame *f, struct rows *r);
