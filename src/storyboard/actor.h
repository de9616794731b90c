/* actor.h - the subject: where it is at each moment, how it moves, how it is drawn.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/ground.h"
#include "storyboard/nature.h"
#include "storyboard/sprite.h"

/* What an actor must know of its place. */
struct actor_stage {
    const struct stage *stage;
    const struct palette *palette;
    float summit_x, summit_v; /* screen units: the highest crest */
    bool has_ground;
    bool on_water; /* the ground where it plays is water */
    bool under_water;
    float seconds; /* of the film */
};

struct actor {
    struct actor_stage at;
    struct nature_row nature;
    const struct plan *plan;
    const struct plan_actor *actor; /* of plan->cast */
    float depth;                    /* where it plays */
    float size;                     /* height at depth 1 */
    float heading;                  /* 1 to the right, -1 to the left */
    bool faces_right;
    bool clipped; /* its lower part is in the water */
    struct sprite *side;
    struct sprite *front; /* NULL: none */
};

/* Draw its pictures. ERR_MEMORY, ERR_IO, ERR_CORRUPT. */
int actor_open(struct actor *a, const struct actor_stage *at, const struct plan *plan,
               struct error *err) MUST_CHECK;
void actor_close(struct actor *a); /* after actor_open failed too */

/* Its place at time t of the film, 0..1, in the units of the stage. */
struct actor_state {
    float x, z;
    float height;  /* of its anchor over the ground */
    float heading; /* -1..1; between: turning */
    float turn;    /* in full turns */
    float pace;    /* how fast its limbs go, per second */
    float cover;
    enum move move;
};
bool actor_airborne(const struct actor *a); /* it is not held by the ground */
struct actor_state actor_at(const struct actor *a, float t);

/* Its pictures in one frame. */
struct actor_frame {
    float depth;
    struct sprite_frame side, front, mirrored;
    float shadow_x, shadow_y, shadow_wide, shadow_tall; /* px */
    float shadow;                                       /* 0..1 */
};

void actor_place(struct actor_frame *f, const struct actor *a, const struct stage_pose *pose,
                 float t);
void actor_draw(const struct actor_frame *f, struct rows *r);
