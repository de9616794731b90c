/* plan_sample.c - see plan_sample.h. SPDX-License-Identifier: MIT */
#include "storyboard/plan_sample.h"

#include "storyboard/pack.h"
#include "unit.h"

struct plan plan_sample(enum place place, enum shot shot)
{
    return (struct plan){.place = place,
                         .time = TIME_DAY,
                         .weather = 1U << WEATHER_CLEAR,
                         .n_shots = 1,
                         .shots = {{.shot = shot, .to = 1}},
                         .seed = 7};
}

int plan_sample_add(struct plan *p, const char *picture, int count, enum move move)
{
    p->cast[p->n_cast] = (struct plan_actor){
        .picture = pack_find(picture),
        .near_picture = -1,
        .holds = -1,
        .count = count,
        .where_target = PLAN_NOBODY,
        .n_moves = 1,
        .moves = {{.move = move, .to = 1, .target = PLAN_NOBODY}},
    };
    assert_true(p->cast[p->n_cast].picture >= 0);
    return p->n_cast++;
}

void plan_sample_put(struct plan *p, int actor, enum where where, int target)
{
    p->cast[actor].where = where;
    p->cast[actor].where_target = target;
}
