/* nature.h - what kind of thing a picture shows: how it moves, where it lives, how large it is.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/plan.h"

enum nature {
    NATURE_THING,   /* lies or stands where it is              */
    NATURE_STILL,   /* grows or is built: never moves          */
    NATURE_WALKER,  /* a body with legs                        */
    NATURE_CRAWLER, /* a body without legs, or none to see */
    NATURE_HEAD,    /* drawn as a head, or squat: hops along   */
    NATURE_FLYER,   /* wings                                   */
    NATURE_SWIMMER, /* lives in water                          */
    NATURE_BOAT,    /* floats on it                            */
    NATURE_VEHICLE, /* wheels                                  */
    NATURE_CRAFT,   /* flies without wings that beat           */
    NATURE_FLOATER, /* hangs in the air                        */
    NATURES
};

struct nature_row {
    enum nature nature;
    float size; /* height on the screen, in heights of the frame, where the picture plays */
};

struct nature_row nature_of(int picture);

/* The same thing seen from the front; -1 when there is no such picture. */
int nature_front(int picture);

/* The picture of the same body as it walks, runs, sleeps, flies (MOVE_WALK, MOVE_RUN, MOVE_SLEEP,
 * MOVE_FLY) or dances; -1: none. */
int nature_in_motion(int picture, enum move move);

/* Does the body lie in this picture? */
bool nature_lies(int picture);

/* Somebody upright who looks out of the picture, whole, and holds things before the chest. */
bool nature_faces_us(int picture);

/* Somebody upright, seen whole, who lies down to sleep. */
bool nature_is_upright(int picture);

/* The same whichever way up: a ball, a wheel. */
bool nature_is_round(int picture);

/* A picture that points up to the right and shall point up when it rises. */
bool nature_climbs(int picture);

/* Does the picture look to the right? Nearly all look to the left. */
bool nature_faces_right(int picture);

/* Where a picture is at home, and what such a thing does there; pick is any number. */
enum place nature_home(int picture, uint32_t pick);
enum move nature_habit(enum nature n, uint32_t pick);

/* Clothes and the like: in them somebody is dressed. */
bool nature_is_worn(int picture);

/* Who could live in a place: a picture of pack.h; pick is any number. */
int nature_dweller(enum place p, uint32_t pick);
