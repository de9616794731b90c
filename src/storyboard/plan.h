/* plan.h - what a prompt says, as far as the storyboard understands it, and what the seed
 * decides where the prompt says nothing.
 *
 * Reading is by tables of words (vocabulary.h for places, times, moods, moves and the camera;
 * pack.h for nouns), in English, with plurals and plain verb endings; the camera's fifteen bracket
 * commands also in Chinese. It never fails: a prompt that says nothing gives a whole plan from
 * the seed alone.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum place {
    PLACE_MOUNTAINS,
    PLACE_HILLS,
    PLACE_MEADOW,
    PLACE_FOREST,
    PLACE_JUNGLE,
    PLACE_DESERT,
    PLACE_CANYON,
    PLACE_BEACH,
    PLACE_SEA,
    PLACE_LAKE,
    PLACE_SNOW,
    PLACE_CITY,
    PLACE_VILLAGE,
    PLACE_SPACE,
    PLACE_UNDERWATER,
    PLACE_SKY,
    PLACE_VOLCANO,
    PLACE_MOON,
    PLACE_GARDEN,
    PLACE_ROAD,
    PLACES
};

enum time_of_day { TIME_DAWN, TIME_DAY, TIME_GOLDEN, TIME_DUSK, TIME_NIGHT, TIMES };

enum weather {
    WEATHER_CLEAR,
    WEATHER_CLOUD,
    WEATHER_RAIN,
    WEATHER_SNOW,
    WEATHER_FOG,
    WEATHER_STORM,
    WEATHERS
};

enum mood { MOOD_PLAIN, MOOD_MENACING, MOOD_JOYFUL, MOOD_CALM, MOOD_SAD, MOOD_DREAMY, MOODS };

/* What a subject does. */
enum move {
    MOVE_STAND,    /* in its place, alive                  */
    MOVE_APPEAR,   /* far away, coming into view           */
    MOVE_APPROACH, /* towards the camera                   */
    MOVE_RECEDE,   /* away from it                         */
    MOVE_WALK,     /* across the picture, at the ground    */
    MOVE_RUN,      /* the same, faster                     */
    MOVE_FLY,      /* across it, in the air                */
    MOVE_RISE,     /* upward                               */
    MOVE_FALL,     /* downward                             */
    MOVE_FLOAT,    /* weightless, slowly                   */
    MOVE_JUMP,     /* in arcs                              */
    MOVE_DANCE,    /* in its place, with swing             */
    MOVE_CIRCLE,   /* round a middle                       */
    MOVES
};

/* What the camera does: the fifteen commands, in the order of the contract. */
enum shot {
    SHOT_TRUCK_LEFT,
    SHOT_TRUCK_RIGHT,
    SHOT_PAN_LEFT,
    SHOT_PAN_RIGHT,
    SHOT_PUSH_IN,
    SHOT_PULL_OUT,
    SHOT_PEDESTAL_UP,
    SHOT_PEDESTAL_DOWN,
    SHOT_TILT_UP,
    SHOT_TILT_DOWN,
    SHOT_ZOOM_IN,
    SHOT_ZOOM_OUT,
    SHOT_SHAKE,
    SHOT_TRACKING,
    SHOT_STATIC,
    SHOTS
};

enum colour {
    COLOUR_OWN, /* as the picture is drawn */
    COLOUR_RED,
    COLOUR_ORANGE,
    COLOUR_YELLOW,
    COLOUR_GREEN,
    COLOUR_TEAL,
    COLOUR_BLUE,
    COLOUR_PURPLE,
    COLOUR_PINK,
    COLOUR_BROWN,
    COLOUR_BLACK,
    COLOUR_WHITE,
    COLOUR_GREY,
    COLOURS
};

const char *plan_place_name(enum place p); /* "mountains"; static, like those below */
const char *plan_time_name(enum time_of_day t);
const char *plan_weather_name(enum weather w);
const char *plan_mood_name(enum mood m);
const char *plan_move_name(enum move m);
const char *plan_shot_name(enum shot s); /* "Push in" */
const char *plan_colour_name(enum colour c);

enum { PLAN_MOST_MOVES = 3, PLAN_MOST_SHOTS = 12, PLAN_MOST_UNREAD = 16, PLAN_WORD_SIZE = 48 };

/* A stretch of the film, 0..1. */
struct plan_move {
    enum move move;
    float from;
    float to;
};

struct plan_shot {
    enum shot shot;
    float from;
    float to;
};

struct plan {
    enum place place;
    enum time_of_day time;
    enum weather weather;
    enum mood mood;
    bool tallest; /* one summit stands out */

    char noun[PLAN_WORD_SIZE]; /* as the prompt has it; "" when the seed chose the subject */
    int picture;               /* of pack.h */
    int near_picture;          /* the same seen from the front when it comes close; -1: none */
    enum colour colour;
    int n_moves; /* at least 1; stretches without gaps from 0 to 1 */
    struct plan_move moves[PLAN_MOST_MOVES];

    int n_shots; /* at least 1, of the prompt or of the seed */
    struct plan_shot shots[PLAN_MOST_SHOTS];

    int n_unread; /* the first words that changed nothing */
    char unread[PLAN_MOST_UNREAD][PLAN_WORD_SIZE];
    uint64_t seed;
};

/* prompt: any bytes; what is not UTF-8 is passed over. */
void plan_read(struct plan *out, struct text prompt, uint64_t seed);

/* The plan as a JSON object: place, time, weather, mood, cast [{noun, picture, count, colour,
 * moves [{move, from, to}]}], camera [{move, from, to}], unread. mem_free by the caller. For a film
 * over an image (with_image) place, time, weather, mood and cast are left out: the image decides.
 */
char *plan_json(const struct plan *p, bool with_image);
