/* cast_home.c - where the actors live: to each other, to the place, and one of a crowd to the
 * others; see cast.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

static bool moves_in_air(enum move m)
{
    return m == MOVE_FLY || m == MOVE_RISE || m == MOVE_FALL || m == MOVE_FLOAT;
}

static bool moves_on_ground(enum move m)
{
    return m == MOVE_WALK || m == MOVE_RUN || m == MOVE_GALLOP || m == MOVE_SLEEP ||
           m == MOVE_DANCE || m == MOVE_STAND || m == MOVE_LOOK || m == MOVE_JUMP;
}

static bool goes_on_foot(const struct plan_actor *p)
{
    const enum move m = p->moves[0].move;
    return m == MOVE_WALK || m == MOVE_RUN || m == MOVE_JUMP || m == MOVE_DANCE;
}

/* Is it held by nothing? What the prompt has it do says more than what it is. */
static bool is_airborne(const struct cast *c, const struct actor *a)
{
    const struct plan_actor *p = a->plan;
    const enum nature n = a->nature;
    bool in_air = false, on_ground = true;
    if (c->at.under_water || !c->at.has_ground)
        return true;
    for (int i = 0; i < p->n_moves; i++) {
        in_air = in_air || moves_in_air(p->moves[i].move);
        on_ground = on_ground && moves_on_ground(p->moves[i].move);
    }
    if (n == NATURE_FLOATER && goes_on_foot(p))
        return false;
    if (n == NATURE_CRAFT || n == NATURE_FLOATER)
        return true;
    if (n == NATURE_STILL)
        return in_air; /* above the sea a lighthouse stands on a rock */
    if (n == NATURE_FLYER)
        return !on_ground || nature_of(p->picture).size < 0.2F;
    if (c->at.has_water && (n == NATURE_BOAT || n == NATURE_SWIMMER))
        return plan_plays(p, MOVE_FLY) && nature_in_motion(p->picture, MOVE_FLY) >= 0; /* a duck */
    return in_air || p->where == WHERE_ABOVE;
}

static bool crosses(const struct actor *a)
{
    static const unsigned crossing = 1U << MOVE_WALK | 1U << MOVE_RUN | 1U << MOVE_GALLOP |
                                     1U << MOVE_FLY | 1U << MOVE_SWIM | 1U << MOVE_CHASE |
                                     1U << MOVE_FLEE;
    return a->plan->n_moves > 0 && crossing >> a->plan->moves[0].move & 1;
}

/* The actor that it belongs to by its place or its moves; PLAN_NOBODY. */
static int partner(const struct actor *a)
{
    if (a->plan->where_target != PLAN_NOBODY)
        return a->plan->where_target;
    for (int i = 0; i < a->plan->n_moves; i++)
        if (a->plan->moves[i].move == MOVE_CHASE && a->plan->moves[i].target != PLAN_NOBODY)
            return a->plan->moves[i].target;
    return PLAN_NOBODY;
}

/* Who goes after or with another looks where that one looks; others look at each other. */
static void set_headings(struct cast *c, uint32_t seed)
{
    for (int i = 0; i < c->n; i++)
        c->actor[i].heading = curve_random(i, 0, seed) < 0.5F ? -1 : 1;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < c->n; i++) {
            const int to = partner(&c->actor[i]);
            if (to >= 0 && to < c->n && to != i)
                c->actor[i].heading = c->actor[to].heading;
            else if (i > 0) /* the same way through the picture, else face to face */
                c->actor[i].heading = crosses(&c->actor[i]) ? c->actor[0].heading
                                                            : -c->actor[0].heading;
        }
}

/* Half of how much of the stage a group takes, in heights of the eye. */
static float half_width(const struct actor *a)
{
    return a->size * 0.5F;
}

/* Who go the same way go one behind the other. */
static void set_lanes(struct cast *c)
{
    float taken = 0;
    for (int i = 0; i < c->n; i++) {
        struct actor *a = &c->actor[i];
        const enum move m = a->plan->moves[0].move;
        if (!crosses(a) || m == MOVE_CHASE || m == MOVE_FLEE || a->plan->where != WHERE_FREE)
            continue;
        const float half = 0.9F * half_width(a) / a->depth;
        a->lane = taken > 0 ? taken + half : 0;
        taken = a->lane + half;
    }
}

/* In its own place, the k-th of those that have none given. */
static void settle_free(struct cast *c, struct actor *a, int k)
{
    static const float side[PLAN_MOST_CAST] = {-0.10F, 0.36F, -0.46F, 0.16F, -0.28F, 0.52F};
    static const float depth[PLAN_MOST_CAST] = {1, 1.14F, 1.30F, 0.90F, 1.5F, 1.22F};
    const bool rooted = a->nature == NATURE_STILL || a->nature == NATURE_THING;
    const float aspect = (float)c->at.stage->width / (float)c->at.stage->height;
    float u = side[k] * c->actor[0].heading * curve_clamp(aspect / 1.6F, 0.45F, 1.1F);
    a->z = a->depth * depth[k];
    if (rooted && c->n == 1)
        u = -1.2F * u;
    if (a->nature == NATURE_STILL && a->size > 0.5F * a->depth && c->n > 1) {
        a->z *= 1.75F; /* what is built stands behind who plays before it */
        a->size *= 1.6F;
    }
    a->x = u * a->z;
    a->height = a->airborne ? cast_height_at(c->at.under_water || !c->at.has_ground
                                                 ? -0.08F + 0.07F * (float)(k % 3)
                                                 : -0.20F - 0.05F * (float)(k % 2),
                                             a->z)
                            : 0;
}

/* Where the place itself has it: above its summit, in its distance, before all. */
static void settle_in_place(struct cast *c, struct actor *a, int k)
{
    const float aspect = (float)c->at.stage->width / (float)c->at.stage->height;
    const float edge = 0.30F * aspect;
    float u = a->x / a->z, v = a->airborne ? (1 - a->height) / a->z : 0;
    switch (a->plan->where) {
    case WHERE_FOREGROUND:
        a->z = curve_max(a->depth * 0.60F, 1.7F);
        u = -0.36F * a->heading;
        break;
    case WHERE_DISTANCE:
        a->z = a->airborne ? 20 : 10;
        u = 0.14F * a->heading;
        v = -0.12F;
        break;
    case WHERE_LEFT:
        u = -edge;
        break;
    case WHERE_RIGHT:
        u = edge;
        break;
    case WHERE_MIDDLE:
        u = 0;
        break;
    case WHERE_ABOVE:
        if (!a->airborne && c->at.summit_v < -0.15F) { /* built on the summit itself */
            a->z = 27;
            a->size = curve_max(a->size, 0.20F * a->z);
            a->height = cast_height_at(c->at.summit_v + 0.02F, a->z);
            a->x = c->at.summit_x * a->z;
            return;
        }
        if (c->plan->tallest) {
            a->z = 27;
            u = c->at.summit_x;
            v = c->at.summit_v - 0.085F;
        } else if (c->at.summit_v < -0.15F) {
            a->z = 2.2F * a->depth;
            u = 0.5F * c->at.summit_x;
            v = curve_max(c->at.summit_v - 0.04F, -0.40F);
        } else {
            v = -0.30F;
        }
        break;
    case WHERE_BELOW:
        a->z *= a->airborne ? 1 : 0.85F;
        v = 0.06F;
        break;
    default:
        break;
    }
    (void)k;
    a->x = u * a->z;
    if (a->airborne)
        a->height = cast_height_at(v, a->z);
}

/* The height of its upper side over the ground. */
static float top_of(const struct actor *a)
{
    return a->height + a->size * (a->airborne ? 0.42F : 0.85F);
}

static void settle_at(struct actor *a, const struct actor *to)
{
    const float side = -to->heading, apart = half_width(a) + half_width(to);
    const float feet = a->airborne ? 0.5F * a->size : 0;
    a->x = to->x;
    a->z = to->z;
    if (!a->airborne && to->airborne)
        a->z = a->depth;
    switch (a->plan->where) {
    case WHERE_ABOVE:
        a->height = top_of(to) + 0.25F * a->size + feet;
        a->z *= 1.01F;
        break;
    case WHERE_BELOW:
        a->height = a->airborne ? to->height - apart * 1.2F : 0;
        break;
    case WHERE_BEHIND:
        a->z *= 1.30F;
        a->x = to->x * 1.3F + side * 0.62F * apart;
        a->height = a->airborne ? to->height + feet : 0;
        break;
    case WHERE_BEFORE:
        a->z *= 0.78F;
        a->x = to->x * 0.78F + side * 0.22F * apart;
        a->height = a->airborne ? to->height : 0;
        break;
    case WHERE_ON:
    case WHERE_IN:
        a->rides = true;
        a->airborne = to->airborne;
        a->height = to->height;
        break;
    default:
        a->x = to->x + side * 0.85F * apart;
        a->z *= 1.02F;
        a->height = a->airborne ? to->height : 0;
        break;
    }
}

/* A handful on the ground: in a row, none before another. */
static void settle_row(struct actor *a, uint32_t seed)
{
    const float n = (float)a->n;
    const float step = curve_min(0.80F * a->size / a->z, 1.25F / (n - 1));
    for (int i = 0; i < a->n; i++) {
        struct body *b = &a->body[i];
        const float u = step * ((float)i - (n - 1) / 2);
        b->z = a->z * (0.07F * (float)(i % 2) + 0.04F * curve_random(i, 2, seed));
        b->x = u * (a->z + b->z);
    }
}

/* The highest of a flock is in the picture, by as much as it rises on its way: all of them closer
 * to the lowest one. */
static void keep_low(const struct cast *c, struct actor *a)
{
    float top = 9, low = -9, highest = 0;
    for (int i = 0; i < a->n; i++) {
        const struct body *b = &a->body[i];
        const float z = a->z + b->z, v = (1 - a->height - b->height) / z;
        highest = curve_max(highest, 0.14F + 0.5F * a->size / z);
        top = curve_min(top, v);
        low = curve_max(low, v);
    }
    highest -= c->at.stage->horizon;
    if (top >= highest)
        return;
    low = curve_max(low, highest + 0.05F);
    const float k = (low - highest) / curve_max(low - top, 0.01F);
    for (int i = 0; i < a->n; i++) {
        struct body *b = &a->body[i];
        const float z = a->z + b->z, v = (1 - a->height - b->height) / z;
        b->height = cast_height_at(low - (low - v) * k, z) - a->height;
    }
}

/* One of a crowd: near its middle and close to the camera the first, the others round it. */
static void settle_bodies(const struct cast *c, struct actor *a, uint32_t seed)
{
    const float n = (float)a->n, spread = curve_min(0.15F * __builtin_sqrtf(n), 0.75F);
    const float aspect =
        curve_clamp((float)c->at.stage->width / (float)c->at.stage->height / 1.6F, 0.45F, 1.1F);
    for (int i = 0; i < a->n; i++) {
        struct body *b = &a->body[i];
        const float r = __builtin_sqrtf(((float)i + 0.3F) / n), angle = (float)i * 0.381966F;
        const float lot = curve_random(i, 1, seed), lot2 = curve_random(i, 2, seed);
        *b = (struct body){.size = 1, .pace = 1, .tone = i % CAST_TONES};
        if (a->n == 1)
            continue;
        b->size = 0.82F + 0.36F * curve_random(i, 3, seed);
        b->pace = 0.90F + 0.20F * curve_random(i, 4, seed);
        b->phase = 3 * curve_random(i, 5, seed);
        const float out = curve_sine(angle + 0.1F * lot), up = curve_sine(angle + 0.25F);
        const float u = curve_min(0.26F * __builtin_sqrtf(n), 0.70F) * aspect * r * out +
                        0.05F * (lot - 0.5F);
        b->z = a->z *
               (a->airborne ? 0.35F * (lot2 - 0.3F) : (0.10F + spread) * r * (1 + up) * 0.8F);
        b->x = u * (a->z + b->z);
        if (a->airborne)
            b->height = (0.62F * spread * r * up + 0.04F * (lot2 - 0.5F)) * (a->z + b->z) -
                        b->z * (1 - a->height) / a->z;
        if (!a->airborne && a->height > 0)
            b->z *= 0.2F; /* they stand on something */
    }
    if (!a->airborne && a->n > 1 && a->n <= 6)
        settle_row(a, seed);
    if (a->airborne && a->n > 1 && c->at.has_ground && !c->at.under_water)
        keep_low(c, a);
}

/* Who is above another is below the upper edge: both come down as far as it takes, or, over one
 * that stands, the upper alone. */
static void keep_in(const struct cast *c, struct actor *a, struct actor *to)
{
    const float least = 0.06F + (a->airborne ? 0.5F : 1) * a->size / a->z - c->at.stage->horizon;
    const float over = least * a->z - (1 - a->height);
    if (over <= 0)
        return;
    a->height -= over;
    to->height -= to->airborne ? over : 0;
}

static void settle(struct cast *c, int i, int k, const bool *done)
{
    struct actor *a = &c->actor[i];
    const int to = a->plan->where_target;
    if (a->plan->where != WHERE_FREE && to >= 0 && to < c->n && done[to]) {
        settle_at(a, &c->actor[to]);
        if (a->plan->where == WHERE_ABOVE)
            keep_in(c, a, &c->actor[to]);
        return;
    }
    settle_free(c, a, k);
    settle_in_place(c, a, k);
}

/* What is circled stands near the middle, for the circle to be seen. */
static void give_room(struct cast *c)
{
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->actor[i].plan->n_moves; k++) {
            const struct plan_move *m = &c->actor[i].plan->moves[k];
            if (m->move == MOVE_CIRCLE && m->target >= 0 && m->target < c->n)
                c->actor[m->target].x *= 0.25F;
        }
}

void cast_settle(struct cast *c)
{
    const uint32_t seed = (uint32_t)c->plan->seed + 5;
    bool done[PLAN_MOST_CAST] = {false};
    int k = 0;
    for (int i = 0; i < c->n; i++) {
        struct actor *a = &c->actor[i];
        a->airborne = is_airborne(c, a);
        a->wet = c->at.has_water && !a->airborne && a->nature != NATURE_STILL &&
                 (c->at.all_water || a->nature == NATURE_BOAT || a->nature == NATURE_SWIMMER);
    }
    set_headings(c, seed);
    set_lanes(c);
    /* Who stands by another comes after that one; in a ring of such the first has its own place. */
    for (int round = 0; round <= c->n; round++)
        for (int i = 0; i < c->n; i++) {
            const int to = c->actor[i].plan->where_target;
            const bool waits = c->actor[i].plan->where != WHERE_FREE && to >= 0 && to < c->n &&
                               !done[to] && round < c->n;
            if (done[i] || waits)
                continue;
            settle(c, i, k, done);
            k += to < 0;
            k %= PLAN_MOST_CAST;
            done[i] = true;
        }
    give_room(c);
    for (int i = 0; i < c->n; i++)
        settle_bodies(c, &c->actor[i], seed + 100 * (uint32_t)i);
}
