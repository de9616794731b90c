/* cast_path.c - where each body is at a time, by its moves; see cast.h.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>

#include "storyboard/cast.h"
#include "storyboard/curve.h"

/* Chains of those who follow each other end here; a longer one follows a home. */
enum { MOST_FOLLOWED = 3 };

/* One body under way. */
struct path {
    const struct cast *c;
    const struct actor *a;
    const struct body *b;
    int i_body;
    float t; /* of the film, 0..1 */
    int n_followed;
    int target; /* of the move at work */
};

static struct cast_state follow(const struct cast *c, int actor, int body, float t, int n_followed);

/* The height over the ground of something that appears v under the horizon at depth z. */
static float height_at(float v, float z)
{
    return 1 - v * z;
}

/* How far out of the middle the picture's edge lies, as a factor on what suits a wide one. */
static float reach(const struct path *p)
{
    const struct stage *s = p->c->at.stage;
    return curve_clamp((float)s->width / (float)s->height / 1.78F, 0.5F, 1.3F);
}

static struct cast_state home(const struct path *p)
{
    const struct actor *a = p->a;
    return (struct cast_state){.x = a->x + p->b->x,
                               .z = a->z + p->b->z,
                               .height = a->height + p->b->height,
                               .heading = a->heading,
                               .cover = 1,
                               .scale = 1,
                               .stretch = 1};
}

/* The target of the move, or false. */
static bool find_target(const struct path *p, struct cast_state *out)
{
    if (p->target < 0 || p->target >= p->c->n || &p->c->actor[p->target] == p->a)
        return false;
    *out = follow(p->c, p->target, p->i_body, p->t, p->n_followed + 1);
    return true;
}

static bool is_far(const struct actor *a)
{
    return a->plan->where == WHERE_ABOVE && a->plan->where_target == PLAN_NOBODY && a->z > 20;
}

static bool comes_from_afar(const struct actor *a)
{
    if (is_far(a) || a->plan->where == WHERE_DISTANCE)
        return true;
    for (int i = 0; i < a->plan->n_moves; i++)
        if (a->plan->moves[i].move == MOVE_APPROACH && a->plan->moves[i].target == PLAN_NOBODY)
            return true;
    return false;
}

static struct cast_state far_away(const struct path *p)
{
    struct cast_state s = home(p);
    const struct cast_stage *at = &p->c->at;
    const struct actor *a = p->a;
    if (is_far(a) || a->plan->where == WHERE_DISTANCE)
        return s;
    const float z = a->airborne ? 27 : 13, k = z / s.z;
    s.z = z;
    s.x = (a->airborne ? at->summit_x * z : 0.35F * s.x * k) + p->b->x * k * 0.5F;
    if (a->airborne)
        s.height = height_at(at->has_ground ? at->summit_v - 0.085F : -0.10F, z) + p->b->height;
    return s;
}

/* Across the picture from side a to side b, in heights of the frame. */
static float side(const struct path *p, float at, float z)
{
    return at * reach(p) * p->a->heading * z + p->b->x * 0.9F;
}

/* Where it is when the film begins. */
static struct cast_state begin(const struct path *p, enum move move)
{
    const bool placed = p->a->plan->where != WHERE_FREE;
    const float start = move == MOVE_WALK || move == MOVE_SWIM || move == MOVE_JUMP ? -0.50F
                                                                                    : -0.80F;
    struct cast_state s = home(p);
    switch (move) {
    case MOVE_APPEAR:
        return comes_from_afar(p->a) ? far_away(p) : s;
    case MOVE_APPROACH:
        if (p->a->plan->moves[0].target == PLAN_NOBODY)
            return far_away(p);
        s.x -= 0.35F * p->a->heading * s.z;
        break;
    case MOVE_RECEDE:
        s.z *= 0.75F;
        break;
    case MOVE_WALK:
    case MOVE_SWIM:
    case MOVE_JUMP:
    case MOVE_RUN:
    case MOVE_GALLOP:
    case MOVE_FLY:
        s.x = placed ? s.x - 0.40F * p->a->heading * s.z : side(p, start, s.z);
        break;
    case MOVE_FLEE:
        if (!placed && p->a->plan->moves[0].target != PLAN_NOBODY)
            s.x = side(p, -0.55F, s.z);
        break;
    case MOVE_FALL:
        s.height = height_at(-0.70F, s.z);
        break;
    case MOVE_RISE:
        s.height -= p->a->airborne ? 0.25F * s.z : 0;
        break;
    default:
        break;
    }
    return s;
}

static void cross(const struct path *p, struct cast_state *s, float e, float to)
{
    const bool placed = p->a->plan->where != WHERE_FREE;
    const float goal = placed ? s->x + 0.8F * p->a->heading * s->z : side(p, to, s->z);
    s->x = curve_mix(s->x, goal, e);
    s->heading = p->a->heading;
}

/* Straight towards the camera, until it fills the frame. */
static void approach_camera(const struct path *p, struct cast_state *s, float e)
{
    const bool air = p->a->airborne;
    const float least = p->a->n > 1 ? 1.5F : 1;
    const float fill = p->a->rig                       ? 2.0F
                       : air                           ? 1.12F
                       : p->a->plan->near_picture >= 0 ? 0.98F
                                                       : 0.80F;
    const float z = p->a->size / fill * least;
    const float u = s->x / s->z, v = (1 - s->height) / s->z;
    const float middle = 0.5F - p->c->at.stage->horizon; /* of the frame, under the horizon */
    const float goal = p->a->rig ? middle + 0.20F : middle + 0.04F;
    /* What is seen is the size, 1 / z: let that grow, ever faster. */
    const float rush = e * e * (1.35F - 0.35F * e * e);
    const float aside = p->b->x / (p->a->z + p->b->z);
    s->z = 1 / curve_mix(1 / s->z, 1 / (z + 0.4F * curve_max(p->b->z, 0)), rush);
    s->x = curve_mix(u, aside * 0.8F, curve_step(0, 0.9F, e)) * s->z;
    s->facing = curve_max(s->facing, curve_step(0.04F, 0.30F, e));
    if (air)
        s->height = height_at(curve_mix(v, goal, curve_step(0, 0.8F, e)), s->z) +
                    p->b->height * curve_step(0.3F, 1, e) * 0.4F;
    else /* the camera kneels to it when its feet are out of sight */
        s->height = curve_max(0, (1 - goal * s->z - 0.5F * p->a->size) * curve_step(0.55F, 1, e));
    s->turn += 0.018F * curve_sine(e * 2.4F) * (1 - e);
}

/* A head turned smoothly towards x. */
static float towards(const struct cast_state *s, float x)
{
    return curve_clamp((x - s->x) / (0.14F * s->z), -1, 1);
}

/* To the side of another, close. */
static void approach(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state to;
    if (!find_target(p, &to)) {
        approach_camera(p, s, e);
        return;
    }
    const struct actor *other = &p->c->actor[p->target];
    const float apart = 0.42F * (p->a->size + other->size), from = s->x < to.x ? -1 : 1;
    const float k = curve_ease(e);
    s->heading = towards(s, to.x);
    s->x = curve_mix(s->x, to.x + from * apart + p->b->x * 0.5F, k);
    s->z = curve_mix(s->z, to.z * 0.985F, k);
    if (p->a->airborne)
        s->height = curve_mix(s->height, to.height + 0.1F * p->a->size, k);
}

static void recede(const struct path *p, struct cast_state *s, float e)
{
    s->z = curve_mix(s->z, p->a->airborne ? 24 : 15, e * (0.35F + 0.65F * e));
    s->x = curve_mix(s->x, 0.25F * p->a->heading * s->z, 0.6F * e);
    if (p->a->airborne)
        s->height += 2.2F * e * e;
}

static void fly(const struct path *p, struct cast_state *s, float e)
{
    const float z = s->z;
    cross(p, s, e, 0.80F);
    if (p->a->n == 1) {
        s->z = z * (1 - 0.22F * curve_sine(0.5F * e));
        s->x *= s->z / z;
    }
    s->height += (0.05F + 0.05F * curve_sine(e * 0.9F + 0.1F)) * s->z;
    s->turn = -0.012F * p->a->heading * curve_sine(e * 0.9F + 0.35F);
}

static void jump(const struct path *p, struct cast_state *s, float e)
{
    const float hops = e * 4 + p->b->phase, at = hops - (float)curve_floor(hops);
    const float arc = 4 * at * (1 - at), land = curve_step(0.12F, 0, curve_min(at, 1 - at));
    cross(p, s, e, 0.50F);
    s->height += arc * 0.42F * p->a->size * (e < 1 ? 1 : 0);
    s->turn = p->a->heading * (at - 0.5F) * (p->a->nature == NATURE_SWIMMER ? 0.26F : 0.07F);
    s->stretch = 1 + 0.10F * arc - 0.20F * land;
}

static void circle(const struct path *p, struct cast_state *s, float e)
{
    const float turn = e * 1.25F + p->b->phase * 0.33F;
    struct cast_state to = *s;
    float radius = 0.40F * s->z * reach(p);
    if (find_target(p, &to))
        radius = 0.55F * (p->c->actor[p->target].size + p->a->size);
    else
        to.x = p->a->x * 0.3F;
    const float k = curve_step(0, 0.12F, e);
    s->x = curve_mix(s->x, to.x + radius * curve_sine(turn + 0.75F) * p->a->heading, k);
    s->z = curve_mix(s->z, to.z * (1 + 0.26F * curve_sine(turn)), k);
    s->heading = curve_clamp(curve_sine(turn) * 2.2F, -1, 1) * p->a->heading;
    if (p->a->airborne)
        s->height += 0.06F * s->z * curve_sine(turn * 1.5F);
}

static void chase(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state to;
    if (!find_target(p, &to)) {
        cross(p, s, e, 0.85F);
        return;
    }
    const float gap = curve_mix(1.15F, 0.62F, curve_ease(e)) *
                      (p->c->actor[p->target].size + p->a->size) * 0.5F;
    const float behind = to.heading < 0 ? gap : -gap;
    s->x = to.x + behind + p->b->x * 0.7F;
    s->z = to.z * 1.03F + curve_max(p->b->z, 0) * 0.5F;
    s->heading = towards(s, to.x);
    if (p->a->airborne)
        s->height = to.height + 0.12F * p->a->size + p->b->height * 0.5F;
}

static void flee(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state from;
    const bool chased = p->n_followed > 0;
    float away = p->a->heading;
    if (!chased && find_target(p, &from) && p->c->actor[p->target].heading != away)
        away = from.x < s->x ? 1 : -1;
    s->x = curve_mix(s->x, side(p, 0.85F, s->z) * away * p->a->heading, e * (0.7F + 0.3F * e));
    s->z *= 1 + 0.10F * e;
    s->heading = curve_mix(s->heading, away, curve_step(0, 0.08F, e));
}

static void float_about(const struct path *p, struct cast_state *s, float e)
{
    const float t = e * p->c->at.seconds + p->b->phase;
    s->x += 0.10F * s->z * p->a->heading * (e - 0.3F) + 0.02F * s->z * curve_sine(t * 0.17F);
    if (p->a->airborne)
        s->height += 0.035F * s->z * curve_sine(t * 0.21F);
    s->turn = 0.035F * curve_sine(t * 0.13F + 0.1F) * p->a->heading;
}

static void rise(const struct path *p, struct cast_state *s, float e)
{
    s->height += curve_ease(e) * (p->a->nature == NATURE_CRAFT ? 1.1F : 0.75F) * s->z;
}

/* Falls, and what is not of stone comes up again a little. */
static void fall(const struct path *p, struct cast_state *s, float e)
{
    const bool ends = p->c->at.has_ground && !p->c->at.under_water;
    const float floor = !ends ? height_at(0.45F, s->z) : p->a->airborne ? 0.45F * p->a->size : 0;
    const float hit = 0.72F, k = e / hit;
    const float up = e > hit ? (e - hit) / (1 - hit) : 0;
    if (!ends || e < hit)
        s->height = curve_mix(s->height, floor, ends ? k * k : e * e);
    else
        s->height = floor + 0.5F * up * (1 - up) * p->a->size * 0.5F;
    s->turn += ends && e >= hit ? 0.09F * p->a->heading * (1 - up) : 0.09F * p->a->heading * e;
    s->stretch = ends ? 1 - 0.30F * curve_step(0.09F, 0, e < hit ? hit - e : (e - hit) * 0.7F)
                      : 1.06F;
}

static void spin(const struct path *p, struct cast_state *s, float e)
{
    const float turns = e * p->c->at.seconds * 0.55F;
    if (p->a->airborne || p->a->nature == NATURE_THING)
        s->turn += turns * p->a->heading;
    else
        s->heading = curve_sine(turns + 0.25F) * p->a->heading;
}

static void dance(const struct path *p, struct cast_state *s, float e)
{
    const float beat = e * p->c->at.seconds * 0.75F + p->b->phase;
    const float hop = curve_sine(beat * 2), phrase = beat * 0.5F;
    const float aside = curve_sine(phrase);
    s->turn = 0.035F * curve_sine(beat);
    s->height += 0.10F * p->a->size * curve_max(hop, 0);
    s->x += 0.10F * p->a->size * aside;
    s->heading = curve_clamp(curve_sine(phrase + 0.25F) * 4, -1, 1) * p->a->heading;
}

static void look(const struct path *p, struct cast_state *s, float e)
{
    struct cast_state to;
    if (find_target(p, &to)) {
        s->heading = curve_mix(s->heading, towards(s, to.x), curve_step(0, 0.15F, e));
        return;
    }
    s->heading *= curve_clamp(curve_sine(e * 1.25F + 0.25F) * 3.5F, -1, 1);
}

static void appear(const struct path *p, struct cast_state *s, float e, bool first)
{
    if (!comes_from_afar(p->a)) {
        const float late = curve_clamp((e - 0.12F) / 0.22F, 0, 1), back = 1 - late;
        /* Over its size by a tenth and back. */
        s->scale = e < 0.12F ? 0 : curve_max(1 + back * back * (1.7F - 2.7F * back), 0.02F);
        s->stretch = 1 + 0.25F * back * late * 4 * (late - 0.4F);
        s->cover = e < 0.12F ? 0 : 1;
        return;
    }
    s->cover = first ? curve_step(0.02F, 0.4F, e) : 1;
    const float v = (1 - s->height) / s->z;
    s->z *= 1 - 0.22F * e;
    s->x *= 1 - 0.22F * e;
    s->facing = p->a->rig ? 1 : 0;
    if (p->a->airborne)
        s->height = height_at(v + 0.012F * curve_sine(e * 1.3F), s->z);
}

static void vanish(struct cast_state *s, float e)
{
    const float gone = curve_step(0.45F, 0.80F, e);
    s->scale = 1 - gone + 0.12F * curve_sine(curve_clamp((e - 0.3F) / 0.3F, 0, 1) * 0.5F);
    s->stretch = 1 + 0.8F * gone;
    s->cover = 1 - curve_step(0.55F, 0.80F, e);
}

static void explode(const struct path *p, struct cast_state *s, float e)
{
    const float fuse = 0.30F, k = curve_clamp(e / fuse, 0, 1);
    const float seconds = e * p->c->at.seconds;
    s->scale = 1 + 0.14F * k * k;
    s->x += 0.02F * s->z * k * curve_sine(seconds * 13);
    s->burst = curve_clamp((e - fuse) / (1 - fuse), 0, 1);
    s->alarm = s->burst > 0 ? curve_step(0.22F, 0, s->burst) : 0;
}

static void grow(struct cast_state *s, float e, float to)
{
    const float k = curve_ease(e), beat = curve_sine(e * 4) * (1 - e) * e;
    s->scale *= curve_mix(1, to, k) * (1 + 0.12F * beat);
    s->stretch = 1 + 0.10F * beat;
}

/* Steps and beats of each move, per second. */
static float pace_of(enum move move)
{
    static const float paces[MOVES] = {
        [MOVE_STAND] = 0.35F,  [MOVE_WALK] = 1.7F,  [MOVE_RUN] = 3.0F,      [MOVE_GALLOP] = 2.4F,
        [MOVE_FLY] = 1.9F,     [MOVE_SWIM] = 1.3F,  [MOVE_FLOAT] = 0.3F,    [MOVE_RISE] = 1.6F,
        [MOVE_FALL] = 1.2F,    [MOVE_JUMP] = 0.4F,  [MOVE_SPIN] = 0.4F,     [MOVE_DANCE] = 1.5F,
        [MOVE_TURN] = 0.5F,    [MOVE_LOOK] = 0.35F, [MOVE_APPROACH] = 2.6F, [MOVE_RECEDE] = 1.8F,
        [MOVE_FLEE] = 3.4F,    [MOVE_CHASE] = 3.1F, [MOVE_CIRCLE] = 1.6F,   [MOVE_APPEAR] = 1.4F,
        [MOVE_VANISH] = 0.35F, [MOVE_GROW] = 0.5F,  [MOVE_SHRINK] = 0.5F,   [MOVE_EXPLODE] = 0.5F,
        [MOVE_SHAKE] = 0.6F,   [MOVE_SLEEP] = 0.2F,
    };
    return paces[move];
}

/* The moves in the body's own place. */
static void stay(const struct path *p, struct cast_state *s, enum move move, float e)
{
    const float seconds = e * p->c->at.seconds + p->b->phase;
    switch (move) {
    case MOVE_SPIN:
        spin(p, s, e);
        break;
    case MOVE_DANCE:
        dance(p, s, e);
        break;
    case MOVE_TURN:
        s->heading *= curve_mix(1, -1, curve_ease(curve_clamp(e * 2.2F - 0.3F, 0, 1)));
        break;
    case MOVE_LOOK:
        look(p, s, e);
        break;
    case MOVE_VANISH:
        vanish(s, e);
        break;
    case MOVE_GROW:
        grow(s, e, 1.9F);
        break;
    case MOVE_SHRINK:
        grow(s, e, 0.42F);
        break;
    case MOVE_EXPLODE:
        explode(p, s, e);
        break;
    case MOVE_SHAKE:
        s->x += 0.012F * s->z * curve_sine(seconds * 8.3F);
        s->turn += 0.012F * curve_sine(seconds * 7.1F);
        break;
    default:
        break;
    }
}

/* The state after the share e of a move that began in s. */
static struct cast_state after(const struct path *p, struct cast_state s, enum move move, float e,
                               bool first)
{
    const float soft = first ? e : curve_ease(e);
    assert((unsigned)move < MOVES);
    s.pace = pace_of(move) * p->b->pace;
    s.move = move;
    switch (move) {
    case MOVE_APPEAR:
        appear(p, &s, e, first);
        break;
    case MOVE_APPROACH:
        approach(p, &s, e);
        break;
    case MOVE_RECEDE:
        recede(p, &s, e);
        break;
    case MOVE_WALK:
    case MOVE_SWIM:
        cross(p, &s, soft, 0.42F);
        break;
    case MOVE_RUN:
    case MOVE_GALLOP:
        cross(p, &s, e * (0.75F + 0.25F * e), 0.85F);
        break;
    case MOVE_FLY:
        fly(p, &s, e);
        break;
    case MOVE_RISE:
        rise(p, &s, e);
        break;
    case MOVE_FALL:
        fall(p, &s, e);
        break;
    case MOVE_FLOAT:
        float_about(p, &s, e);
        break;
    case MOVE_JUMP:
        jump(p, &s, e);
        break;
    case MOVE_CIRCLE:
        circle(p, &s, e);
        break;
    case MOVE_CHASE:
        chase(p, &s, e);
        break;
    case MOVE_FLEE:
        flee(p, &s, e);
        break;
    default:
        stay(p, &s, move, e);
        break;
    }
    return s;
}

/* What is built or grown does not go: of its moves only those in its place are left. */
static bool can(const struct actor *a, enum move move)
{
    static const unsigned rooted = 1U << MOVE_STAND | 1U << MOVE_APPEAR | 1U << MOVE_VANISH |
                                   1U << MOVE_GROW | 1U << MOVE_SHRINK | 1U << MOVE_EXPLODE |
                                   1U << MOVE_SHAKE | 1U << MOVE_FALL | 1U << MOVE_DANCE |
                                   1U << MOVE_APPROACH;
    return a->nature != NATURE_STILL || a->airborne || (rooted >> move & 1);
}

/* Where the other goes, there is this one. */
static bool ride(const struct path *p, struct cast_state *s)
{
    const int to = p->a->plan->where_target;
    if (!p->a->rides || to < 0 || to >= p->c->n || p->n_followed >= MOST_FOLLOWED)
        return false;
    const struct cast_state mount = follow(p->c, to, p->i_body, p->t, p->n_followed + 1);
    s->x = mount.x;
    s->z = mount.z * (p->a->plan->where == WHERE_IN ? 1.002F : 0.998F);
    s->height = mount.height;
    s->heading = mount.heading;
    s->facing = 0;
    s->scale = mount.scale;
    s->cover *= mount.cover;
    return true;
}

static struct cast_state follow(const struct cast *c, int actor, int body, float t, int n_followed)
{
    const struct actor *a = &c->actor[actor];
    const int i_body = body % a->n;
    struct path p = {
        .c = c, .a = a, .b = &a->body[i_body], .i_body = i_body, .n_followed = n_followed};
    const struct plan_actor *plan = a->plan;
    const bool lost = n_followed >= MOST_FOLLOWED;
    const enum move opening = can(a, plan->moves[0].move) ? plan->moves[0].move : MOVE_STAND;
    struct cast_state s = begin(&p, opening);
    for (int i = 0; i < plan->n_moves; i++) {
        const struct plan_move *m = &plan->moves[i];
        const float e = curve_clamp((t - m->from) / (m->to - m->from), 0, 1);
        if (i > 0 && e <= 0)
            break;
        p.t = curve_min(t, m->to);
        p.target = lost ? PLAN_NOBODY : m->target;
        s = after(&p, s, can(a, m->move) ? m->move : MOVE_STAND, e, i == 0);
        if (e < 1)
            break;
    }
    p.t = t;
    ride(&p, &s);
    return s;
}

struct cast_state cast_state(const struct cast *c, int actor, int body, float t)
{
    return follow(c, actor, body, t, 0);
}
