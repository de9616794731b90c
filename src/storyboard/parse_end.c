/* parse_end.c - what is put right when all has been read; see parse.h.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "storyboard/nature.h"
#include "storyboard/pack.h"
#include "storyboard/parse_impl.h"

static bool travels(enum move m)
{
    return m == MOVE_WALK || m == MOVE_RUN || m == MOVE_GALLOP || m == MOVE_FLY || m == MOVE_SWIM ||
           m == MOVE_APPROACH || m == MOVE_RECEDE || m == MOVE_FLEE || m == MOVE_CHASE ||
           m == MOVE_CIRCLE;
}

/* "A knight on a horse gallops": the horse does. */
static void move_mounts(struct parse *p)
{
    for (int a = 0; a < p->plan->n_cast; a++) {
        const struct plan_actor *rider = &p->plan->cast[a];
        const int mount = rider->where == WHERE_ON ? rider->where_target : PLAN_NOBODY;
        if (mount == PLAN_NOBODY || nature_of(p->plan->cast[mount].picture).nature == NATURE_STILL)
            continue;
        for (int i = 0; i < p->out->n_steps; i++) {
            struct parse_step *s = &p->out->steps[i];
            if (s->actor == a && s->target != mount && travels(s->move))
                s->actor = mount;
        }
    }
}

/* "A knight rides through the valley": nobody says on what, so on a horse. */
static void mount_riders(struct parse *p)
{
    static const char *const afoot[] = {"man-walking",    "man-standing",   "woman-walking",
                                        "woman-standing", "person-fencing", "prince",
                                        "princess"};
    for (int a = 0; a < p->plan->n_cast; a++)
        for (size_t i = 0; i < sizeof afoot / sizeof *afoot; i++)
            if (p->riders & 1U << a && p->plan->cast[a].where != WHERE_ON &&
                p->plan->cast[a].picture == pack_find(afoot[i]))
                p->plan->cast[a].picture = pack_find("horse-racing");
}

/* Whom a preposition brought in is not the first of the cast while there is somebody else. */
static void put_subject_first(struct parse *p)
{
    struct plan *plan = p->plan;
    int first = 0;
    while (first < plan->n_cast && p->led & 1U << first)
        first++;
    if (first == 0 || first >= plan->n_cast)
        return;
    const struct plan_actor subject = plan->cast[first];
    memmove(&plan->cast[1], &plan->cast[0], (size_t)first * sizeof *plan->cast);
    plan->cast[0] = subject;
    int moved[PLAN_MOST_CAST];
    for (int i = 0; i < PLAN_MOST_CAST; i++)
        moved[i] = i == first ? 0 : i < first ? i + 1 : i;
    for (int i = 0; i < plan->n_cast; i++)
        if (plan->cast[i].where_target != PLAN_NOBODY)
            plan->cast[i].where_target = moved[plan->cast[i].where_target];
    for (int i = 0; i < p->out->n_steps; i++) {
        struct parse_step *s = &p->out->steps[i];
        s->actor = s->actor == PLAN_NOBODY ? PLAN_NOBODY : moved[s->actor];
        s->target = s->target == PLAN_NOBODY ? PLAN_NOBODY : moved[s->target];
    }
}

static void count_beats(struct parse_result *r)
{
    for (int i = 0; i < r->n_steps; i++)
        if (r->steps[i].beat >= r->n_beats)
            r->n_beats = r->steps[i].beat + 1;
}

void parse_end(struct parse *p)
{
    if (p->snowy && p->plan->place != PLACE_SNOW) {
        p->plan->weather = (p->plan->weather & ~(1U << WEATHER_CLEAR)) | 1U << WEATHER_SNOW;
        p->out->has_weather = true;
    }
    move_mounts(p);
    mount_riders(p);
    count_beats(p->out);
    put_subject_first(p);
}
