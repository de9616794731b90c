/* plan.h - what a prompt says, as far as the storyboard understands it, and what the seed
 * decides where the prompt says nothing.
 *
 * A plan is plain data: the reader writes it, the drawing reads it, plan_json prints it. It is
 * never incomplete: a prompt that says nothing gives a whole plan from the seed alone.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum place {
    PLACE_MOUNTAINS,
    PLACE_HILLS,
    PLACE_PLAIN,
    PLACE_MEADOW,
    PLACE_FOREST,
    PLACE_JUNGLE,
    PLACE_DESERT,
    PLACE_CANYON,
    PLACE_BEACH,
    PLACE_SEA,
    PLACE_UNDERWATER,
    PLACE_RIVER,
    PLACE_LAKE,
    PLACE_WATERFALL,
    PLACE_SNOW,
    PLACE_ICE,
    PLACE_VOLCANO,
    PLACE_CAVE,
    PLACE_VILLAGE,
    PLACE_CITY,
    PLACE_STREET,
    PLACE_CASTLE,
    PLACE_ROOM,
    PLACE_STAGE,
    PLACE_FARM,
    PLACE_GARDEN,
    PLACE_ROAD,
    PLACE_SKY,
    PLACE_SPACE,
    PLACE_PLANET, /* the surface of another one, or of the moon */
    PLACES
};

enum time_of_day { TIME_DAWN, TIME_DAY, TIME_GOLDEN, TIME_DUSK, TIME_NIGHT, TIMES };

/* What is in the air; several at once. CLEAR stands alone. */
enum weather {
    WEATHER_CLEAR,
    WEATHER_CLOUD,
    WEATHER_RAIN,
    WEATHER_STORM, /* rain, wind and lightning */
    WEATHER_SNOW,
    WEATHER_FOG,
    WEATHER_WIND,
    WEATHER_DUST,
    WEATHER_LEAVES, /* falling */
    WEATHER_PETALS,
    WEATHER_FIREFLIES,
    WEATHERS
};

enum mood {
    MOOD_PLAIN,
    MOOD_MENACING,
    MOOD_CHEERFUL,
    MOOD_CALM,
    MOOD_MELANCHOLIC,
    MOOD_DREAMY,
    MOOD_EPIC,
    MOOD_NOIR,
    MOOD_VINTAGE,
    MOOD_NEON,
    MOODS
};

/* What an actor does. */
enum move {
    MOVE_STAND,    /* in its place, alive                         */
    MOVE_WALK,     /* across the picture, at the ground           */
    MOVE_RUN,      /* the same, faster                            */
    MOVE_GALLOP,   /* the same in bounds                          */
    MOVE_FLY,      /* across it, in the air                       */
    MOVE_SWIM,     /* across it, in water                         */
    MOVE_FLOAT,    /* weightless or on water, slowly              */
    MOVE_RISE,     /* upward                                      */
    MOVE_FALL,     /* downward                                    */
    MOVE_JUMP,     /* in arcs                                     */
    MOVE_SPIN,     /* about its own axis                          */
    MOVE_DANCE,    /* in its place, with swing                    */
    MOVE_TURN,     /* once, to look the other way                 */
    MOVE_LOOK,     /* at the target, or about                     */
    MOVE_APPROACH, /* towards the camera, or the target           */
    MOVE_RECEDE,   /* away from the camera                        */
    MOVE_FLEE,     /* away from the target                        */
    MOVE_CHASE,    /* after the target                            */
    MOVE_CIRCLE,   /* round the target, or a middle               */
    MOVE_APPEAR,   /* coming into view                            */
    MOVE_VANISH,
    MOVE_GROW,
    MOVE_SHRINK,
    MOVE_EXPLODE,
    MOVE_SHAKE,
    MOVE_SLEEP,
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
    COLOUR_GOLD,
    COLOUR_SILVER,
    COLOURS
};

enum size { SIZE_OWN, SIZE_TINY, SIZE_SMALL, SIZE_BIG, SIZE_HUGE, SIZES };

/* Where an actor stands, to the scene or to its target. */
enum where {
    WHERE_FREE,       /* the drawing chooses                     */
    WHERE_FOREGROUND, /* close to the camera                     */
    WHERE_DISTANCE,   /* far away                                */
    WHERE_LEFT,
    WHERE_RIGHT,
    WHERE_MIDDLE,
    WHERE_ABOVE, /* the target, or the highest thing there  */
    WHERE_BELOW,
    WHERE_BEHIND,
    WHERE_BEFORE, /* in front of the target                  */
    WHERE_BESIDE,
    WHERE_ON, /* standing on it, riding it               */
    WHERE_IN,
    WHERES
};

/* What the prompt wants left out. */
enum without {
    WITHOUT_CLOUDS = 1,
    WITHOUT_PEOPLE = 2,
    WITHOUT_ANIMALS = 4,
    WITHOUT_PLANTS = 8,
    WITHOUT_HOUSES = 16,
    WITHOUT_SUN = 32, /* sun and moon */
    WITHOUT_STARS = 64,
};

/* What the prompt said itself; the rest is the seed's. A film over an image shows only this. */
enum plan_said {
    PLAN_SAID_PLACE = 1,
    PLAN_SAID_TIME = 2,
    PLAN_SAID_WEATHER = 4,
};

const char *plan_place_name(enum place p); /* "mountains"; static, like those below */
const char *plan_time_name(enum time_of_day t);
const char *plan_weather_name(enum weather w);
const char *plan_mood_name(enum mood m);
const char *plan_move_name(enum move m);
const char *plan_shot_name(enum shot s); /* "Push in" */
const char *plan_colour_name(enum colour c);
const char *plan_size_name(enum size s);
const char *plan_where_name(enum where w);

/* The length of a film of video-01, for those who ask for a plan without one. */
#define PLAN_SECONDS 5.64

enum {
    PLAN_MOST_CAST = 6,
    PLAN_MOST_COUNT = 40,
    PLAN_MOST_MOVES = 6,
    PLAN_MOST_SHOTS = 12,
    PLAN_MOST_UNREAD = 16,
    PLAN_WORD_SIZE = 48,
    PLAN_NOBODY = -1,
};

/* A stretch of the film, 0..1. */
struct plan_move {
    enum move move;
    float from;
    float to;
    int target; /* index into cast, or PLAN_NOBODY: the camera, or nothing */
};

struct plan_shot {
    enum shot shot;
    float from;
    float to;
};

/* One kind of actor, alone or as a crowd. The first of the cast is the subject. */
struct plan_actor {
    char noun[PLAN_WORD_SIZE]; /* as the prompt has it; "" when the seed chose it */
    int picture;               /* of pack.h */
    int near_picture;          /* the same seen from the front when it comes close; -1: none */
    int holds;                 /* a second picture that it carries ("violinist"); -1: none   */
    int count;                 /* 1..PLAN_MOST_COUNT */
    enum colour colour;
    enum size size;
    enum where where;
    int where_target; /* index into cast, or PLAN_NOBODY: of the place itself */
    bool told;        /* the prompt says what it does */
    bool definite;    /* "the dog", not "a dog": over an image, the one that is in it */
    int n_moves;      /* at least 1; stretches without gaps from 0 to 1. Before an APPEAR that is
                       * not the first it stands out of sight */
    struct plan_move moves[PLAN_MOST_MOVES];
};

struct plan {
    enum place place;
    enum time_of_day time;
    unsigned weather; /* bits 1 << enum weather; at least one */
    enum mood mood;
    unsigned without; /* of enum without */
    bool tallest;     /* one summit stands out */
    bool bamboo;      /* what a forest is of */
    unsigned said;    /* of enum plan_said */

    int n_cast; /* 0: the prompt wants nobody ("an empty beach") */
    struct plan_actor cast[PLAN_MOST_CAST];

    int n_shots; /* at least 1, of the prompt or of the seed */
    struct plan_shot shots[PLAN_MOST_SHOTS];

    int n_unread; /* the first content words that changed nothing */
    char unread[PLAN_MOST_UNREAD][PLAN_WORD_SIZE];
    uint64_t seed;
};

/* Does it do this at any time? */
static inline bool plan_plays(const struct plan_actor *a, enum move move)
{
    for (int i = 0; i < a->n_moves; i++)
        if (a->moves[i].move == move)
            return true;
    return false;
}

static inline bool plan_has(const struct plan *p, enum weather w)
{
    return p->weather & 1U << w;
}

/* prompt: any bytes; what is not UTF-8 is passed over. */
void plan_read(struct plan *out, struct text prompt, uint64_t seed);

/* The plan as a JSON object: place, time, weather [], mood, cast [{noun, picture, count, colour,
 * size, at, moves [{move, from, to, target}]}], camera [{move, from, to}], unread []. from and to
 * are seconds of a film that lasts seconds; at is {where, target} and, like colour, size and
 * target, left out where it says nothing; target is the index of the actor in cast; holds (a
 * picture) and without [] ("clouds") are there when something is. For a film
 * over an image (with_image) the place and what the seed chose are left out: the image decides;
 * in_image is true of whom the prompt speaks of as being in it.
 * mem_free by the caller. */
char *plan_json(const struct plan *p, double seconds, bool with_image);
