/* plan.c - see plan.h. What the prompt says goes before what the seed says.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/plan.h"

#include "base/hash.h"
#include "base/memory.h"
#include "storyboard/nature.h"
#include "storyboard/parse.h"

/* A reading and the dice for what it leaves open. */
struct choice {
    struct plan *plan;
    const struct parse_result *read;
    struct hash_rng rng;
};

static bool all_alone(const struct choice *c)
{
    return c->plan->n_cast == 0;
}

static bool plays_music(const struct plan_actor *a)
{
    return a->holds >= 0 && nature_home(a->holds, 0) == PLACE_STAGE;
}

/* Where the first of the cast is at home; not where another of them cannot be: what swims comes up
 * to a ship, and who lies on a sofa lies in a room. */
static enum place home_of(const struct plan *p, uint32_t pick)
{
    const enum place home = nature_home(p->cast[0].picture, pick);
    if (plays_music(&p->cast[0]))
        return PLACE_STAGE;
    for (int i = 1; i < p->n_cast; i++) {
        const enum place other = nature_home(p->cast[i].picture, pick);
        if (other == PLACE_ROOM && p->cast[0].where_target == i)
            return PLACE_ROOM;
        if (home == PLACE_UNDERWATER && p->cast[0].where != WHERE_BELOW &&
            nature_of(p->cast[i].picture).nature == NATURE_BOAT)
            return PLACE_SEA;
    }
    return home;
}

/* A place by the nature of the subject, somebody to live in an empty place. */
static void choose_place(struct choice *c)
{
    struct plan *p = c->plan;
    const uint32_t pick = hash_rng_u32(&c->rng), home = hash_rng_u32(&c->rng);
    if (!c->read->has_place) {
        const enum place usual = all_alone(c) ? (enum place)(home % PLACES) : home_of(p, home);
        if (c->read->has_weather && plan_has(p, WEATHER_SNOW) &&
            (all_alone(c) || usual != PLACE_ROOM))
            p->place = PLACE_SNOW;
        else if (!all_alone(c))
            p->place = usual;
        else
            p->place = (enum place)(home % PLACES);
    }
    if (!all_alone(c) || c->read->nobody || p->without & WITHOUT_ANIMALS)
        return;
    p->cast[p->n_cast++] = (struct plan_actor){.picture = nature_dweller(p->place, pick),
                                               .near_picture = -1,
                                               .holds = -1,
                                               .count = 1,
                                               .where_target = PLAN_NOBODY};
}

static enum time_of_day usual_time(const struct plan *p, uint32_t pick)
{
    static const uint8_t times[MOODS][4] = {
        [MOOD_PLAIN] = {TIME_DAY, TIME_GOLDEN, TIME_DAWN, TIME_DUSK},
        [MOOD_MENACING] = {TIME_DUSK, TIME_DUSK, TIME_DUSK, TIME_DUSK},
        [MOOD_CHEERFUL] = {TIME_DAY, TIME_DAY, TIME_GOLDEN, TIME_DAWN},
        [MOOD_CALM] = {TIME_DAWN, TIME_GOLDEN, TIME_DUSK, TIME_DAY},
        [MOOD_MELANCHOLIC] = {TIME_DUSK, TIME_DAWN, TIME_DUSK, TIME_NIGHT},
        [MOOD_DREAMY] = {TIME_DUSK, TIME_DAWN, TIME_NIGHT, TIME_GOLDEN},
        [MOOD_EPIC] = {TIME_GOLDEN, TIME_DUSK, TIME_DAWN, TIME_GOLDEN},
        [MOOD_NOIR] = {TIME_NIGHT, TIME_NIGHT, TIME_NIGHT, TIME_NIGHT},
        [MOOD_VINTAGE] = {TIME_GOLDEN, TIME_DAY, TIME_GOLDEN, TIME_DAY},
        [MOOD_NEON] = {TIME_NIGHT, TIME_NIGHT, TIME_NIGHT, TIME_DUSK},
    };
    return (enum time_of_day)(plan_has(p, WEATHER_FIREFLIES) ? TIME_NIGHT
                                                             : times[p->mood][pick % 4]);
}

static void choose_light(struct choice *c)
{
    struct plan *p = c->plan;
    const uint32_t pick = hash_rng_u32(&c->rng);
    if (!c->read->has_time)
        p->time = usual_time(p, pick);
    if (c->read->has_weather && p->weather)
        return;
    const bool heavy = p->mood == MOOD_MENACING || p->mood == MOOD_MELANCHOLIC;
    const bool clouds = heavy || (pick >> 8) % 3 == 0;
    const bool may = !(c->read->no_weather & 1U << WEATHER_CLOUD);
    p->weather = 1U << (clouds && may ? WEATHER_CLOUD : WEATHER_CLEAR);
}

/* One that brings somebody in takes a little less of the film than the others. */
static float weight_of(const struct choice *c, int beat)
{
    for (int i = 0; i < c->read->n_steps; i++)
        if (c->read->steps[i].beat == beat && c->read->steps[i].move != MOVE_APPEAR)
            return 1;
    return 0.75F;
}

/* Where stretch number beat begins, of the whole film; beat may be their number: the end. */
static float begin_of(const struct choice *c, int beat)
{
    float before = 0, all = 0;
    for (int b = 0; b < c->read->n_beats; b++) {
        const float w = weight_of(c, b);
        before += b < beat ? w : 0;
        all += w;
    }
    return beat >= c->read->n_beats ? 1 : before / all;
}

static void append(struct plan_actor *a, enum move move, int target)
{
    if (a->n_moves < PLAN_MOST_MOVES)
        a->moves[a->n_moves++] = (struct plan_move){.move = move, .target = target};
}

/* What it does where the prompt says nothing: a mount or a seat keeps still. */
static enum move habit_of(struct choice *c, int actor)
{
    const struct plan *p = c->plan;
    const struct plan_actor *a = &p->cast[actor];
    const uint32_t pick = hash_rng_u32(&c->rng);
    if (a->where == WHERE_ON || a->where == WHERE_IN || (actor > 0 && a->noun[0]))
        return nature_of(a->picture).nature == NATURE_FLYER && a->where == WHERE_FREE ? MOVE_FLY
                                                                                      : MOVE_STAND;
    for (int i = 1; i < p->n_cast; i++)
        if (p->cast[i].where_target == actor && p->cast[i].where == WHERE_ON)
            return MOVE_STAND;
    if (plays_music(a))
        return MOVE_DANCE;
    return nature_habit(nature_of(a->picture).nature, pick);
}

/* "An eagle dives" through the air. */
static enum move move_of(enum move said, int picture)
{
    const enum nature n = nature_of(picture).nature;
    return said == MOVE_SWIM && (n == NATURE_FLYER || n == NATURE_CRAFT) ? MOVE_FLY : said;
}

/* An actor's steps, one after another. What it does lasts until it does something else; somebody
 * who appears later waits out of sight. */
static void set_moves(struct choice *c, int actor)
{
    struct plan_actor *a = &c->plan->cast[actor];
    const struct parse_result *r = c->read;
    int beats[PLAN_MOST_MOVES + 1] = {0};
    for (int i = 0; i < r->n_steps; i++) {
        const struct parse_step *s = &r->steps[i];
        if (s->actor != actor || a->n_moves == PLAN_MOST_MOVES)
            continue;
        if (a->n_moves == 0 && s->beat > 0)
            append(a, s->move == MOVE_APPEAR ? MOVE_STAND : habit_of(c, actor), PLAN_NOBODY);
        a->told = true;
        beats[a->n_moves] = s->beat;
        append(a, move_of(s->move, a->picture), s->target);
    }
    if (a->n_moves == 0)
        append(a, habit_of(c, actor), PLAN_NOBODY);
    for (int i = 0; i < a->n_moves; i++) {
        a->moves[i].from = i ? begin_of(c, beats[i]) : 0;
        a->moves[i].to = i + 1 < a->n_moves ? begin_of(c, beats[i + 1]) : 1;
        if (a->moves[i].move == MOVE_APPROACH && a->moves[i].target == PLAN_NOBODY)
            a->near_picture = nature_front(a->picture);
    }
}

/* Groups follow each other; what is in one runs at the same time. */
static void set_shots(struct plan *p, const struct token_group *groups, int n)
{
    for (int g = 0; g < n; g++)
        for (int k = 0; k < groups[g].n && p->n_shots < PLAN_MOST_SHOTS; k++)
            p->shots[p->n_shots++] = (struct plan_shot){.shot = groups[g].shots[k],
                                                        .from = (float)g / (float)n,
                                                        .to = (float)(g + 1) / (float)n};
}

static bool comes_close(const struct plan *p)
{
    const struct plan_actor *a = &p->cast[0];
    return p->n_cast > 0 && a->moves[a->n_moves - 1].move == MOVE_APPROACH &&
           a->moves[a->n_moves - 1].target == PLAN_NOBODY;
}

static void choose_shot(struct choice *c)
{
    static const uint8_t usual[] = {SHOT_PUSH_IN, SHOT_TRUCK_RIGHT, SHOT_TRUCK_LEFT,
                                    SHOT_PUSH_IN, SHOT_PEDESTAL_UP, SHOT_PULL_OUT};
    struct token_group g = {.n = 1};
    g.shots[0] = (enum shot)usual[hash_rng_u32(&c->rng) % sizeof usual];
    if (comes_close(c->plan))
        g.shots[0] = SHOT_PUSH_IN;
    set_shots(c->plan, &g, 1);
}

static unsigned said(const struct parse_result *r)
{
    return (r->has_place ? PLAN_SAID_PLACE : 0U) | (r->has_time ? PLAN_SAID_TIME : 0U) |
           (r->has_weather ? PLAN_SAID_WEATHER : 0U);
}

void plan_read(struct plan *out, struct text prompt, uint64_t seed)
{
    SCOPED(token_list) struct token_list *tokens = token_list_new(prompt);
    SCOPED(phrase_list) struct phrase_list *phrases = phrase_list_new(tokens);
    struct parse_result read;
    *out = (struct plan){.seed = seed};
    parse_phrases(out, &read, phrases, tokens);
    out->said = said(&read);

    struct choice c = {.plan = out, .read = &read};
    hash_rng_init(&c.rng, seed ^ hash_quick(prompt), 1);
    choose_place(&c);
    choose_light(&c);
    for (int i = 0; i < out->n_cast; i++)
        set_moves(&c, i);
    const bool orders = tokens->n_groups > 0; /* brackets go before prose */
    set_shots(out, orders ? tokens->group : read.groups, orders ? tokens->n_groups : read.n_groups);
    if (out->n_shots == 0)
        choose_shot(&c);
}
