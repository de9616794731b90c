/* guest.c - see guest.h. SPDX-License-Identifier: MIT */
#include "storyboard/guest.h"

#include "base/memory.h"
#include "storyboard/cast.h"
#include "storyboard/curve.h"

#define COME_SECONDS 0.6F /* for who cannot come in from a side */

struct guests {
    struct guest_stage at;
    struct plan plan; /* what of it happens in the picture */
    struct stage stage;
    float aside;      /* heights of the frame by which they begin farther out */
    bool comes_aside; /* else out of nothing */
    struct cast cast;
    struct cast_list list;
};

static bool is_way(enum move m)
{
    static const unsigned ways = 1U << MOVE_WALK | 1U << MOVE_RUN | 1U << MOVE_GALLOP |
                                 1U << MOVE_FLY | 1U << MOVE_SWIM | 1U << MOVE_RISE |
                                 1U << MOVE_FALL | 1U << MOVE_APPROACH | 1U << MOVE_RECEDE |
                                 1U << MOVE_FLEE | 1U << MOVE_CHASE | 1U << MOVE_CIRCLE |
                                 1U << MOVE_APPEAR;
    return ways >> m & 1;
}

/* It begins at a side of the frame and goes on to the other. */
static bool crosses(const struct plan_actor *a)
{
    static const unsigned sides = 1U << MOVE_WALK | 1U << MOVE_RUN | 1U << MOVE_GALLOP |
                                  1U << MOVE_FLY | 1U << MOVE_SWIM | 1U << MOVE_FLEE |
                                  1U << MOVE_CHASE;
    return sides >> a->moves[0].move & 1;
}

static bool has_way(const struct plan_actor *a)
{
    if (a->definite)
        return false;
    for (int i = 0; i < a->n_moves; i++)
        if (a->told && is_way(a->moves[i].move))
            return true;
    return false;
}

/* Whom it takes with it: what carries it, and those whom it chases or flees; nobody who is in the
 * picture. */
static unsigned company(const struct plan *p, const struct plan_actor *a)
{
    unsigned with = 0;
    if ((a->where == WHERE_ON || a->where == WHERE_IN) && a->where_target >= 0)
        with |= 1U << a->where_target;
    for (int i = 0; i < a->n_moves; i++)
        if ((a->moves[i].move == MOVE_CHASE || a->moves[i].move == MOVE_FLEE) &&
            a->moves[i].target >= 0)
            with |= 1U << a->moves[i].target;
    for (int i = 0; i < p->n_cast; i++)
        with &= ~((p->cast[i].definite ? 1U : 0U) << i);
    return with;
}

static unsigned choose(const struct plan *p)
{
    unsigned come = 0;
    for (int i = 0; i < p->n_cast; i++)
        come |= p->cast[i].noun[0] && has_way(&p->cast[i]) ? 1U << i : 0;
    for (int round = 0; round < p->n_cast; round++)
        for (int i = 0; i < p->n_cast; i++) {
            const unsigned with = company(p, &p->cast[i]);
            if (come >> i & 1)
                come |= with;
            else if (come & with && p->cast[i].where_target >= 0 && !p->cast[i].definite)
                come |= 1U << i; /* a rider comes with the horse */
        }
    return come;
}

/* The things of the picture come first: everybody is a size smaller than on a stage of their own.
 */
static enum size smaller(enum size s)
{
    static const enum size of[SIZES] = {[SIZE_OWN] = SIZE_SMALL,
                                        [SIZE_TINY] = SIZE_TINY,
                                        [SIZE_SMALL] = SIZE_TINY,
                                        [SIZE_BIG] = SIZE_OWN,
                                        [SIZE_HUGE] = SIZE_BIG};
    return of[s];
}

/* The plan for those who come; who stays away is nobody's target. */
static void choose_plan(struct plan *out, const struct plan *p)
{
    const unsigned come = choose(p);
    int to[PLAN_MOST_CAST];
    *out = *p;
    out->n_cast = 0;
    for (int i = 0; i < p->n_cast; i++)
        to[i] = come >> i & 1 ? out->n_cast++ : PLAN_NOBODY;
    for (int i = 0; i < p->n_cast; i++) {
        if (to[i] == PLAN_NOBODY)
            continue;
        struct plan_actor *a = &out->cast[to[i]];
        *a = p->cast[i];
        a->size = smaller(a->size);
        if (a->where_target >= 0)
            a->where_target = to[a->where_target];
        if (a->where_target == PLAN_NOBODY && p->cast[i].where_target >= 0)
            a->where = WHERE_FREE;
        for (int k = 0; k < a->n_moves; k++)
            if (a->moves[k].target >= 0)
                a->moves[k].target = to[a->moves[k].target];
    }
    if (!(p->said & PLAN_SAID_PLACE))
        out->place = PLACE_MEADOW; /* open, whatever the seed would have */
}

static bool some_swim(const struct plan *p)
{
    for (int i = 0; i < p->n_cast; i++)
        for (int k = 0; k < p->cast[i].n_moves; k++)
            if (p->cast[i].moves[k].move == MOVE_SWIM)
                return true;
    return p->place == PLACE_SEA || p->place == PLACE_LAKE || p->place == PLACE_RIVER;
}

static float half_width(const struct guests *g)
{
    return 0.5F * g->at.floor.aspect;
}

/* How far everybody must stand out to be beyond the edge when the film begins. */
static void find_aside(struct guests *g)
{
    const struct cast *c = &g->cast;
    g->comes_aside = true;
    for (int i = 0; i < c->n; i++) {
        const struct actor *a = &c->actor[i];
        g->comes_aside = g->comes_aside && (crosses(a->plan) || a->rides) &&
                         a->heading * c->actor[0].heading > 0;
        for (int k = 0; k < a->n; k++) {
            const struct cast_state s = cast_state(c, i, k, 0);
            /* Half of it, and what a stride reaches out. */
            const float half = 0.6F * a->size * a->body[k].size;
            const float out = s.x / s.z * a->heading + half / s.z;
            g->aside = curve_max(g->aside, out + half_width(g));
        }
    }
    g->aside = g->comes_aside ? g->aside * c->actor[0].heading : 0;
}

static int open_cast(struct guests *g, struct error *err)
{
    const struct cast_stage at = {
        .stage = &g->stage,
        .palette = g->at.palette,
        .summit_v = -0.10F,
        .has_ground = g->plan.place != PLACE_UNDERWATER,
        .has_water = some_swim(&g->plan),
        .under_water = g->plan.place == PLACE_UNDERWATER,
        .seconds = g->at.seconds,
        .shutter = g->at.shutter,
    };
    int code = cast_open(&g->cast, &at, &g->plan, err);
    return code < 0 ? code : cast_list_open(&g->list, &g->cast, err);
}

int guest_open(struct guests **out, const struct guest_stage *stage, struct error *err)
{
    struct guests *g = mem_alloc(sizeof *g);
    g->at = *stage;
    choose_plan(&g->plan, stage->plan);
    stage_init(&g->stage, &g->plan, stage->width, stage->height, stage->floor.horizon);
    int code = g->plan.n_cast > 0 ? open_cast(g, err) : 0;
    if (code < 0 || g->plan.n_cast == 0) {
        guest_close(g);
        return code;
    }
    find_aside(g);
    *out = g;
    return 0;
}

void guest_close(struct guests *g)
{
    if (!g)
        return;
    cast_list_close(&g->list);
    cast_close(&g->cast);
    mem_free(g);
}

/* From out of the frame into their own way; when that is one for the whole film, out again. */
static float aside_at(const struct guests *g, float t)
{
    const float to = g->plan.cast[0].moves[0].to;
    const float k = to < 1 ? curve_min(t / to, 1) - 1 : 2 * t - 1;
    return g->aside * k;
}

static struct stage_pose pose_at(const struct guests *g, float t)
{
    const struct dolly_pose way = dolly_at(g->at.plan, t);
    struct stage_pose p = dolly_on_stage(&way, &g->at.floor);
    p.x -= aside_at(g, t) * g->cast.actor[0].z;
    return p;
}

void guest_place(struct guests *g, float t)
{
    if (!g)
        return;
    const float opened = curve_max(t - g->at.shutter, 0);
    const struct stage_pose now = pose_at(g, t), before = pose_at(g, opened);
    const float come = g->comes_aside ? 1 : curve_step(0, COME_SECONDS, t * g->at.seconds);
    g->cast.aside = aside_at(g, t) * g->cast.actor[0].z;
    cast_place(&g->list, &g->cast, &now, &before, t);
    for (int i = 0; i < g->list.n; i++) {
        struct cast_item *item = &g->list.item[i];
        item->frame.cover = (int)((float)item->frame.cover * come);
        item->shadow *= come;
    }
}

void guest_draw(const struct guests *g, float from, float to, struct rows *r)
{
    for (int i = 0; g && i < g->list.n; i++) {
        const struct cast_item *item = g->list.order[i];
        const float near = g->at.floor.far + g->at.floor.fall / item->depth;
        if (near > from && near <= to)
            cast_draw(item, r);
    }
}
