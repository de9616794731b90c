/* cast_path.c - where each body is at a time, by its moves; see cast.h.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>

#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

/* Chains of those who follow each other end here; a longer one follows a home. */
enum { MOST_FOLLOWED = 3 };

static struct cast_state follow(const struct cast *c, int actor, int body, float t, int n_followed);

/* How far out of the middle the picture's edge lies, as a factor on what suits a wide one. */
float cast_path_reach(const struct path *p)
{
    const struct stage *s = p->c->at.stage;
    return curve_clamp((float)s->width / (float)s->height / 1.78F, 0.5F, 1.3F);
}

bool cast_path_target(const struct path *p, float t, struct cast_state *out)
{
    if (p->target < 0 || p->target >= p->c->n || &p->c->actor[p->target] == p->a)
        return false;
    *out = follow(p->c, p->target, p->i_body, t, p->n_followed + 1);
    return true;
}

bool cast_path_crosses(enum move move)
{
    static const unsigned crossing = 1U << MOVE_WALK | 1U << MOVE_RUN | 1U << MOVE_GALLOP |
                                     1U << MOVE_FLY | 1U << MOVE_SWIM | 1U << MOVE_JUMP;
    return crossing >> move & 1;
}

float cast_path_side(const struct path *p, float at, float z)
{
    return (at - p->a->lane) * cast_path_reach(p) * p->a->heading * z + p->b->x * 0.9F;
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

/* The state after the share e of a move that began in s. */
static struct cast_state after(const struct path *p, struct cast_state s, enum move move, float e)
{
    assert((unsigned)move < MOVES);
    s.pace = pace_of(move) * p->b->pace;
    s.move = move;
    s.e = e;
    switch (move) {
    case MOVE_APPROACH:
    case MOVE_CIRCLE:
    case MOVE_CHASE:
    case MOVE_FLEE:
    case MOVE_LOOK:
        cast_aim_apply(p, &s, move, e);
        break;
    default:
        cast_move_apply(p, &s, move, e);
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

static bool is_beside(const struct actor *a)
{
    const enum where w = a->plan->where;
    return (w == WHERE_BESIDE || w == WHERE_BEHIND || w == WHERE_BEFORE) &&
           a->plan->where_target != PLAN_NOBODY;
}

bool cast_path_arrives(const struct cast *c, const struct actor *a)
{
    const int to = a->plan->where_target;
    return is_beside(a) && to < c->n && cast_path_crosses(a->plan->moves[0].move) &&
           !cast_path_crosses(c->actor[to].plan->moves[0].move);
}

/* Goes along with the one beside, behind or before whom it is. */
static bool walks_with(const struct actor *a, const struct actor *to)
{
    return is_beside(a) && cast_path_crosses(a->plan->moves[0].move) &&
           cast_path_crosses(to->plan->moves[0].move);
}

/* Where the other goes, there is this one. */
static void ride(const struct path *p, struct cast_state *s)
{
    const int to = p->a->plan->where_target;
    if (to < 0 || to >= p->c->n || p->n_followed >= MOST_FOLLOWED || &p->c->actor[to] == p->a)
        return;
    const struct actor *other = &p->c->actor[to];
    const bool rides = p->a->rides;
    if (!rides && !walks_with(p->a, other))
        return;
    const struct cast_state mount = follow(p->c, to, p->i_body, p->t, p->n_followed + 1);
    s->x = mount.x + (rides ? 0 : p->a->x - other->x + p->b->x);
    s->heading = mount.heading;
    if (!rides) {
        s->z = mount.z * p->a->z / other->z;
        return;
    }
    s->z = mount.z * (p->a->plan->where == WHERE_IN ? 1.002F : 0.998F);
    s->height = mount.height;
    s->facing = 0;
    s->scale = mount.scale;
    s->cover *= mount.cover;
}

/* The share of all its time on the way through the picture that a move takes. */
static float share_of_way(const struct actor *a, int i_move)
{
    float all = 0;
    for (int i = 0; i < a->plan->n_moves; i++)
        if (cast_path_crosses(a->plan->moves[i].move))
            all += a->plan->moves[i].to - a->plan->moves[i].from;
    const struct plan_move *m = &a->plan->moves[i_move];
    return all > 0 ? (m->to - m->from) / all : 1;
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
    struct cast_state s = cast_move_begin(&p, opening);
    for (int i = 0; i < plan->n_moves; i++) {
        const struct plan_move *m = &plan->moves[i];
        const float e = curve_clamp((t - m->from) / (m->to - m->from), 0, 1);
        if (i > 0 && e <= 0)
            break;
        p.t = curve_min(t, m->to);
        p.target = lost ? PLAN_NOBODY : m->target;
        p.way = share_of_way(a, i);
        p.first = i == 0;
        p.end = i == plan->n_moves - 1;
        s = after(&p, s, can(a, m->move) ? m->move : MOVE_STAND, e);
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
