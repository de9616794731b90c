/* cast.h - who plays: every actor of a plan with all that are of its kind, where each of them is
 * at each moment, and how they are drawn.
 *
 * An actor of the plan is a kind; its bodies differ in size, phase, place and tone. A body's state
 * is a function of the time alone (cast_state), so that frames may be drawn in any order: its
 * moves one after the other, from its home. A move with a target asks for the target's state at
 * the same time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/ground.h"
#include "storyboard/nature.h"
#include "storyboard/rig.h"
#include "storyboard/sprite.h"
#include "storyboard/wheel.h"
#include "storyboard/wing.h"

/* What the cast must know of its place. */
struct cast_stage {
    const struct stage *stage;
    const struct palette *palette;
    float summit_x, summit_v; /* screen units: the highest crest */
    bool has_ground;
    bool has_water; /* swimmers and boats are in it */
    bool all_water; /* and so is who walks          */
    bool under_water;
    float seconds; /* of the film */
    float shutter; /* how long it is open, share of the film */
    float rim;     /* light from behind, 0..1 */
};

enum { CAST_TONES = 4 };

/* One of its kind; offsets are from the home of the group. */
struct body {
    float x, z, height; /* heights of the eye */
    float size;         /* factor */
    float phase;        /* seconds */
    float pace;         /* factor */
    int tone;           /* index of actor.tones */
};

/* A body stands, goes, dances, sleeps and flies in pictures of their own, where there are such. */
enum stance {
    STANCE_OWN,
    STANCE_GOES,
    STANCE_RUNS,
    STANCE_DANCES,
    STANCE_SLEEPS,
    STANCE_FLIES, /* whatever else it does in the air */
    STANCES
};

struct look {
    int picture; /* -1: as it stands */
    enum nature nature;
    bool faces_right;
    int n_tones;
    struct sprite *tones[CAST_TONES];
};

struct actor {
    const struct plan_actor *plan;
    enum nature nature; /* of its own picture */
    float depth;        /* where the group plays */
    float size;         /* height at depth 1 */
    float heading;      /* 1 to the right, -1 to the left */
    float x, z, height; /* home of the group */
    bool airborne;      /* its anchor is its middle, not its feet */
    bool wet;           /* its lower part is in the water */
    float edge;         /* how far out of the middle all of it is still seen when the film ends, in
                         * heights of the frame */
    float lane;         /* how far behind the first of those on their way it goes, in heights of
                         * the frame */
    bool rides;         /* on or in another actor, wherever that goes */
    int n;              /* bodies */
    struct body body[PLAN_MOST_COUNT];
    struct look looks[STANCES];
    struct sprite *front, *held; /* NULL: none */
    struct sprite *snore;        /* a letter, for who sleeps; NULL: none */
    struct wheel_set wheels;     /* of its own picture */
    struct sprite *wheel;        /* NULL: it has none that are known */
    struct wing wing;            /* of who flies in a picture of its own */
    struct sprite *wings[2];     /* near and far; NULL: its picture has all of it */
    struct rig *rig;             /* NULL: it is one picture */
};

struct cast {
    struct cast_stage at;
    const struct plan *plan;
    int n;
    struct actor actor[PLAN_MOST_CAST];
    float aside; /* how far all have gone besides their own ways, for wheels; may change between
                  * frames */
};

/* Draw the pictures. plan and what at points to outlive the cast. ERR_MEMORY, ERR_IO,
 * ERR_CORRUPT. cast_close after a failure too. */
int cast_open(struct cast *c, const struct cast_stage *at, const struct plan *plan,
              struct error *err) MUST_CHECK;
void cast_close(struct cast *c);

/* Where the groups live and how their bodies stand in them; called by cast_open. */
void cast_settle(struct cast *c);

/* After cast_settle: who stays in its place fits into the picture, with head room, through all that
 * the camera does, and hides nobody. */
void cast_fit(struct cast *c);

/* The picture in which it does a move. */
const struct look *cast_look(const struct actor *a, enum move move);

struct cast_state {
    float x, z;
    float height;  /* of its anchor over the ground */
    float heading; /* -1..1; between: turning */
    float facing;  /* 0 from the side .. 1 it looks at the camera */
    float turn;    /* in full turns */
    float pace;    /* how fast its limbs go, per second */
    float cover;
    float scale;   /* of its size */
    float stretch; /* 1; larger: taller and thinner */
    float burst;   /* 0..1: how far its pieces have flown */
    float alarm;   /* 0..1: how much of the light it brings falls on the scene */
    enum move move;
    float e; /* how far that move is, 0..1 */
};

/* One body at time t of the film, 0..1. */
struct cast_state cast_state(const struct cast *c, int actor, int body, float t);

/* What is drawn of the cast in one frame, a picture an item. */
struct cast_item {
    float depth;
    bool high; /* nothing of it is seen against the ground */
    float shadow_x, shadow_y, shadow_wide, shadow_tall; /* px */
    float shadow;                                       /* 0..1; 0: none */
    struct sprite_frame frame;
};

struct cast_list {
    int n, most;
    struct cast_item *item;
    const struct cast_item **order; /* from far to near */
};

/* As many items as the cast may need; ERR_MEMORY. */
int cast_list_open(struct cast_list *l, const struct cast *c, struct error *err) MUST_CHECK;
void cast_list_close(struct cast_list *l);

/* before: the camera when the shutter opens. */
void cast_place(struct cast_list *l, const struct cast *c, const struct stage_pose *camera,
                const struct stage_pose *before, float t);
void cast_draw(const struct cast_item *item, struct rows *r);
