/* actor.c - where the subject is and how it moves; see actor.h. SPDX-License-Identifier: MIT */
#include "storyboard/actor.h"

#include <assert.h>

#include "storyboard/curve.h"

enum { LEAST_PICTURE = 256, MOST_PICTURE = 1024 };

bool actor_airborne(const struct actor *a)
{
    const enum nature n = a->nature.nature;
    return n == NATURE_FLYER || n == NATURE_CRAFT || n == NATURE_FLOATER || a->at.under_water ||
           !a->at.has_ground;
}

static bool plays(const struct plan_actor *p, enum move move)
{
    for (int i = 0; i < p->n_moves; i++)
        if (p->moves[i].move == move)
            return true;
    return false;
}

static int open_sprites(struct actor *a, struct error *err)
{
    const struct stage *s = a->at.stage;
    const bool close = plays(a->actor, MOVE_APPROACH) || plays(a->actor, MOVE_RECEDE);
    int size = LEAST_PICTURE;
    while (size < MOST_PICTURE && (float)size < (float)s->height * (close ? 1.2F : 0.7F))
        size *= 2;
    struct sprite_options options = {
        .picture = a->actor->picture, .size = size, .colour = a->actor->colour};
    if (a->plan->mood == MOOD_MENACING)
        options.shade = 0.12F;
    int code = sprite_open(&a->side, a->at.palette, &options, err);
    if (code < 0 || a->actor->near_picture < 0)
        return code;
    options.picture = a->actor->near_picture;
    options.shade *= 0.7F;
    return sprite_open(&a->front, a->at.palette, &options, err);
}

int actor_open(struct actor *a, const struct actor_stage *at, const struct plan *plan,
               struct error *err)
{
    const uint32_t seed = (uint32_t)plan->seed + 5;
    const float feet = curve_clamp(0.90F - at->stage->horizon, 0.22F, 0.36F);
    *a = (struct actor){.at = *at,
                        .nature = nature_of(plan->cast[0].picture),
                        .plan = plan,
                        .actor = &plan->cast[0],
                        .depth = 1 / feet,
                        .heading = curve_random(0, 0, seed) < 0.5F ? -1 : 1,
                        .faces_right = nature_faces_right(plan->cast[0].picture)};
    const enum nature n = a->nature.nature;
    a->clipped = at->on_water && (n == NATURE_BOAT || n == NATURE_SWIMMER);
    a->size = a->nature.size * a->depth;
    if (plays(&plan->cast[0], MOVE_APPROACH))
        a->size *= actor_airborne(a) ? 1.1F : 1.5F;
    return open_sprites(a, err);
}

void actor_close(struct actor *a)
{
    sprite_close(a->side);
    sprite_close(a->front);
    a->side = a->front = NULL;
}

/* The height over the ground of something that appears v under the horizon at depth z. */
static float height_at(float v, float z)
{
    return 1 - v * z;
}

/* Where it is when the film begins, if the first move does not say. */
static struct actor_state home(const struct actor *a)
{
    struct actor_state s = {
        .x = -0.10F * a->heading * a->depth, .z = a->depth, .heading = a->heading, .cover = 1};
    if (actor_airborne(a))
        s.height = height_at(a->at.under_water || !a->at.has_ground ? -0.08F : -0.20F, s.z);
    if (a->nature.nature == NATURE_STILL || a->nature.nature == NATURE_THING)
        s.x = 0.12F * a->heading * a->depth;
    return s;
}

static struct actor_state far_away(const struct actor *a)
{
    struct actor_state s = home(a);
    s.z = actor_airborne(a) ? 27 : 13;
    s.x = a->at.summit_x * s.z;
    if (actor_airborne(a))
        s.height = height_at(a->at.has_ground ? a->at.summit_v - 0.085F : -0.10F, s.z);
    return s;
}

static struct actor_state begin(const struct actor *a, enum move move)
{
    struct actor_state s = home(a);
    const float out = a->heading;
    switch (move) {
    case MOVE_APPEAR:
    case MOVE_APPROACH:
        s = far_away(a);
        break;
    case MOVE_RECEDE:
        s.z = a->depth * 0.75F;
        break;
    case MOVE_WALK:
    case MOVE_JUMP:
        s.x = -0.52F * out * s.z;
        break;
    case MOVE_RUN:
    case MOVE_FLY:
        s.x = -0.78F * out * s.z;
        break;
    case MOVE_FALL:
        s.height = height_at(-0.62F, s.z);
        break;
    default:
        break;
    }
    return s;
}

static float ground_height(const struct actor *a)
{
    return actor_airborne(a) ? height_at(0.02F, a->depth) : 0;
}

/* Straight towards the camera, until it fills the frame. */
static void approach(const struct actor *a, struct actor_state *s, float e)
{
    const bool air = actor_airborne(a);
    const float z = air ? a->size / 1.12F : 2.15F;
    const float u = s->x / s->z, v = (1 - s->height) / s->z;
    const float goal = a->at.stage->horizon > 0.55F ? -0.12F : -0.03F;
    /* What is seen is the size, 1 / z: let that grow, ever faster. */
    const float rush = e * e * (1.35F - 0.35F * e * e);
    s->z = 1 / curve_mix(1 / s->z, 1 / z, rush);
    s->x = curve_mix(u, 0, curve_step(0, 0.9F, e)) * s->z;
    if (air)
        s->height = height_at(curve_mix(v, goal, curve_step(0, 0.8F, e)), s->z);
}

static void recede(const struct actor *a, struct actor_state *s, float e)
{
    s->z = curve_mix(s->z, actor_airborne(a) ? 24 : 15, e * (0.35F + 0.65F * e));
    s->x = curve_mix(s->x, 0.25F * a->heading * s->z, 0.6F * e);
    if (actor_airborne(a))
        s->height += 2.2F * e * e;
}

static void cross(const struct actor *a, struct actor_state *s, float e, float reach)
{
    const float goal = reach * a->heading * s->z;
    s->x = curve_mix(s->x, goal, e);
}

static void fly(const struct actor *a, struct actor_state *s, float e)
{
    const float z = s->z;
    cross(a, s, e, 0.78F);
    s->z = z * (1 - 0.22F * curve_sine(0.5F * e));
    s->x *= s->z / z;
    s->height += (0.05F + 0.05F * curve_sine(e * 0.9F + 0.1F)) * s->z;
    s->turn = -0.012F * a->heading * curve_sine(e * 0.9F + 0.35F);
}

static void jump(const struct actor *a, struct actor_state *s, float e)
{
    const float hops = 4, at = e * hops - (float)curve_floor(e * hops);
    const float arc = 4 * at * (1 - at);
    cross(a, s, e, 0.50F);
    s->height += arc * 0.42F * a->size;
    s->turn = a->heading * (at - 0.5F) * (a->nature.nature == NATURE_SWIMMER ? 0.26F : 0.07F);
}

static void circle(const struct actor *a, struct actor_state *s, float e)
{
    const float turn = e * 1.15F;
    s->x = 0.42F * s->z * curve_sine(turn + 0.75F) * a->heading;
    s->z *= 1 + 0.30F * curve_sine(turn);
    s->heading = curve_clamp(curve_sine(turn) * 2.2F, -1, 1) * a->heading;
    if (actor_airborne(a))
        s->height += 0.10F * s->z * curve_sine(turn * 1.5F);
}

static void float_about(const struct actor *a, struct actor_state *s, float e)
{
    const float t = e * a->at.seconds;
    s->x += 0.10F * s->z * a->heading * (e - 0.3F) + 0.02F * s->z * curve_sine(t * 0.17F);
    s->height += 0.035F * s->z * curve_sine(t * 0.21F);
    s->turn = 0.035F * curve_sine(t * 0.13F + 0.1F) * a->heading;
}

/* The state after the share e of a move that began in s. */
static struct actor_state after(const struct actor *a, struct actor_state s, enum move move,
                                float e, bool first)
{
    static const float paces[MOVES] = {
        [MOVE_APPEAR] = 1.4F, [MOVE_APPROACH] = 2.6F, [MOVE_RECEDE] = 1.8F, [MOVE_WALK] = 1.7F,
        [MOVE_RUN] = 3.0F,    [MOVE_FLY] = 1.9F,      [MOVE_RISE] = 1.6F,   [MOVE_FALL] = 1.2F,
        [MOVE_FLOAT] = 0.3F,  [MOVE_JUMP] = 0.4F,     [MOVE_DANCE] = 1.5F,  [MOVE_CIRCLE] = 1.6F,
        [MOVE_STAND] = 0.35F,
    };
    const float soft = curve_ease(e);
    assert((unsigned)move < MOVES);
    s.pace = paces[move];
    s.move = move;
    switch (move) {
    case MOVE_APPEAR:
        s.cover = first ? curve_step(0.02F, 0.4F, e) : 1;
        s.z *= 1 - 0.18F * e;
        s.x *= 1 - 0.18F * e;
        if (actor_airborne(a))
            s.height = height_at(
                (1 - s.height) / (s.z / (1 - 0.18F * e)) + 0.012F * curve_sine(e * 1.3F), s.z);
        break;
    case MOVE_APPROACH:
        approach(a, &s, e);
        break;
    case MOVE_RECEDE:
        recede(a, &s, e);
        break;
    case MOVE_WALK:
        cross(a, &s, first ? e : soft, 0.40F);
        break;
    case MOVE_RUN:
        cross(a, &s, e * (0.75F + 0.25F * e), 0.85F);
        break;
    case MOVE_FLY:
        fly(a, &s, e);
        break;
    case MOVE_RISE:
        s.height += soft * 0.75F * s.z;
        break;
    case MOVE_FALL:
        s.height = curve_mix(s.height, ground_height(a), e * e);
        break;
    case MOVE_FLOAT:
        float_about(a, &s, e);
        break;
    case MOVE_JUMP:
        jump(a, &s, e);
        break;
    case MOVE_DANCE:
        s.turn = 0.03F * curve_sine(e * a->at.seconds * 0.75F);
        break;
    case MOVE_CIRCLE:
        circle(a, &s, e);
        break;
    default:
        break;
    }
    return s;
}

struct actor_state actor_at(const struct actor *a, float t)
{
    const struct plan_actor *p = a->actor;
    struct actor_state s = begin(a, p->moves[0].move);
    for (int i = 0; i < p->n_moves; i++) {
        const struct plan_move *m = &p->moves[i];
        const float e = curve_clamp((t - m->from) / (m->to - m->from), 0, 1);
        if (i > 0 && e <= 0)
            break;
        s = after(a, s, m->move, e, i == 0);
        if (e < 1)
            break;
    }
    if (a->nature.nature == NATURE_STILL) { /* a house does not walk */
        struct actor_state still = home(a);
        still.move = MOVE_STAND;
        still.cover = 1;
        return p->moves[0].move == MOVE_APPROACH ? s : still;
    }
    return s;
}
