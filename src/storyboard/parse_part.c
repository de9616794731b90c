/* parse_part.c - the part that an actor takes in the scene; see parse.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/nature.h"
#include "storyboard/parse_impl.h"

/* What was said before anybody was there. */
static void give_waiting(struct parse *p, int actor)
{
    struct plan_actor *a = &p->plan->cast[actor];
    if (p->waiting_where != WHERE_FREE && p->waiting_target != actor) {
        a->where = p->waiting_where;
        a->where_target = p->waiting_target;
    }
    p->waiting_where = WHERE_FREE;
    p->waiting_target = PLAN_NOBODY;
    for (int i = 0; i < p->n_early; i++)
        parse_verb_add(p, actor, p->early[i], PLAN_NOBODY);
    p->n_early = 0;
}

static void be_subject(struct parse *p, int actor)
{
    p->before = p->fresh ? 0 : p->subjects;
    if (p->fresh || !p->conj)
        p->subjects = 0;
    p->subjects |= 1U << actor;
    p->led &= ~(1U << actor);
    p->fresh = false;
    give_waiting(p, actor);
}

/* "A horse gallops over the prairie" stays on the ground. */
bool parse_part_treads(const struct parse *p, int actor)
{
    const struct parse_result *r = p->out;
    for (int i = r->n_steps - 1; i >= 0; i--)
        if (r->steps[i].actor == actor)
            return r->steps[i].move == MOVE_WALK || r->steps[i].move == MOVE_RUN ||
                   r->steps[i].move == MOVE_GALLOP || r->steps[i].move == MOVE_SWIM;
    return false;
}

/* Does this verb do something to its object, or go somewhere by it? */
static bool takes_target(enum move m)
{
    return m == MOVE_CHASE || m == MOVE_FLEE || m == MOVE_CIRCLE || m == MOVE_LOOK ||
           m == MOVE_APPROACH;
}

/* The steps of the latest verb get their target. */
static void be_target(struct parse *p, int actor)
{
    struct parse_result *r = p->out;
    const int n = r->n_steps;
    int chaser = PLAN_NOBODY;
    for (int i = p->first_step; i < n; i++) {
        if (r->steps[i].actor == actor || !takes_target(r->steps[i].move))
            continue;
        r->steps[i].target = actor;
        if (r->steps[i].move == MOVE_CHASE)
            chaser = r->steps[i].actor;
    }
    if (chaser != PLAN_NOBODY && !(p->subjects & 1U << actor))
        parse_verb_add(p, actor, MOVE_FLEE, chaser);
}

static void be_beside(struct parse *p, int actor, int of)
{
    struct plan_actor *a = &p->plan->cast[actor];
    if (of != PLAN_NOBODY && of != actor && a->where == WHERE_FREE &&
        p->plan->cast[of].where_target != actor) {
        a->where = WHERE_BESIDE;
        a->where_target = of;
    }
}

/* Changes the latest verb, or begins one. */
static void go(struct parse *p, enum move move, int target)
{
    struct parse_result *r = p->out;
    bool changed = false;
    for (int i = p->first_step; i < r->n_steps && p->verb_seen; i++) {
        r->steps[i].move = move;
        r->steps[i].target = target;
        changed = true;
    }
    for (int a = 0; a < p->plan->n_cast && !changed; a++)
        if (p->subjects & 1U << a && a != target)
            parse_verb_add(p, a, move, target);
}

/* Its rider's steps become its own when the reading ends. */
static void be_ridden(struct parse *p, int actor)
{
    for (int a = 0; a < p->plan->n_cast; a++)
        if (p->subjects & 1U << a && a != actor) {
            p->plan->cast[a].where = WHERE_ON;
            p->plan->cast[a].where_target = actor;
        }
}

/* Of whom it is said to fly what has no wings of its own. */
static bool flies_no_wings(const struct parse *p)
{
    if (p->first_step >= p->out->n_steps)
        return false;
    const struct parse_step *s = &p->out->steps[p->first_step];
    const enum nature n = nature_of(p->plan->cast[s->actor].picture).nature;
    return s->move == MOVE_FLY && (n == NATURE_WALKER || n == NATURE_HEAD || n == NATURE_THING);
}

static void stand(struct parse *p)
{
    for (int i = p->first_step; i < p->out->n_steps; i++)
        p->out->steps[i].move = MOVE_STAND;
}

static void be_object(struct parse *p, int actor, enum noun_class class)
{
    const struct parse_result *r = p->out;
    const bool moves = p->first_step < r->n_steps;
    const enum move m = moves ? r->steps[p->first_step].move : MOVE_STAND;
    const bool steers = m == MOVE_RUN || m == MOVE_SWIM || m == MOVE_FLY || m == MOVE_WALK;
    if (m == MOVE_RECEDE)
        go(p, MOVE_FLEE, actor);
    else if (takes_target(m))
        be_target(p, actor);
    else if (steers && class == CLASS_VEHICLE)
        be_ridden(p, actor);
    else
        be_beside(p, actor, parse_current(p));
}

static void be_where(struct parse *p, int actor, int of)
{
    if (p->where == WHERE_ABOVE && of != PLAN_NOBODY && parse_part_treads(p, of))
        p->where = WHERE_ON;
    if (of == PLAN_NOBODY) {
        p->waiting_where = p->where;
        p->waiting_target = actor;
    } else if (of != actor) {
        p->plan->cast[of].where = p->where;
        p->plan->cast[of].where_target = actor;
    }
    if (!(p->subjects & 1U << actor) && of != actor)
        p->led |= 1U << actor;
}

static void be_agent(struct parse *p, int actor)
{
    const int sufferer = parse_current(p);
    parse_verb_add(p, actor, p->passive, sufferer);
    if (p->passive == MOVE_CHASE && sufferer != PLAN_NOBODY && sufferer != actor)
        parse_verb_add(p, sufferer, MOVE_FLEE, actor);
    p->passive = MOVE_STAND;
}

/* Something small that a body carries, and no companion. */
static bool carry(struct parse *p, const struct phrase *at)
{
    const int by = parse_current(p);
    const enum nature n = nature_of(at->noun).nature;
    if (by == PLAN_NOBODY || at->class == CLASS_PERSON || at->class == CLASS_ANIMAL ||
        at->class == CLASS_HOUSE || n == NATURE_VEHICLE || n == NATURE_BOAT || n == NATURE_CRAFT)
        return false;
    if (p->plan->cast[by].holds < 0)
        p->plan->cast[by].holds = at->noun;
    return true;
}

bool parse_part_hold(struct parse *p, const struct phrase *at, enum role role)
{
    const bool flown = role == ROLE_OBJECT && flies_no_wings(p);
    if ((role != ROLE_HOLD && role != ROLE_PLAY_ON && !flown) || !carry(p, at))
        return false;
    if (flown)
        stand(p);
    return true;
}

/* What the role of a noun changes. Behind a verb that was no verb of ours it is an object. */
void parse_part_take(struct parse *p, int actor, enum role role, enum noun_class class)
{
    switch (role) {
    case ROLE_SUBJECT:
        be_subject(p, actor);
        break;
    case ROLE_WHERE:
        be_where(p, actor, p->anchor);
        break;
    case ROLE_TOWARD:
        go(p, MOVE_APPROACH, actor);
        break;
    case ROLE_AWAY:
        go(p, MOVE_FLEE, actor);
        break;
    case ROLE_AGENT:
        be_agent(p, actor);
        break;
    case ROLE_RIDE:
        be_ridden(p, actor);
        break;
    case ROLE_OBJECT:
        be_object(p, actor, class);
        break;
    default:
        be_beside(p, actor, parse_current(p));
        break;
    }
}
