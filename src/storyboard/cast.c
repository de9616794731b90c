/* cast.c - the pictures of the actors; see cast.h. SPDX-License-Identifier: MIT */
#include "storyboard/cast.h"

#include "storyboard/curve.h"
#include "storyboard/pack.h"

enum { LEAST_PICTURE = 64, MOST_PICTURE = 1024 };

/* Does it come so close that it may fill the frame? */
static bool comes_close(const struct plan_actor *p)
{
    for (int i = 0; i < p->n_moves; i++)
        if (p->moves[i].move == MOVE_APPROACH && p->moves[i].target == PLAN_NOBODY)
            return true;
    return plan_plays(p, MOVE_RECEDE);
}

static float size_factor(const struct plan_actor *p)
{
    static const float of[SIZES] = {[SIZE_OWN] = 1,
                                    [SIZE_TINY] = 0.42F,
                                    [SIZE_SMALL] = 0.68F,
                                    [SIZE_BIG] = 1.35F,
                                    [SIZE_HUGE] = 1.9F};
    const float crowd = __builtin_sqrtf(__builtin_sqrtf((float)p->count));
    return of[p->size] * (p->count > 1 ? 1.12F / crowd : 1);
}

/* Pictures are made no larger than they are seen. */
static int picture_size(const struct cast *c, const struct actor *a)
{
    const float seen = a->size / curve_max(a->z * 0.85F, 1.2F) *
                       (plan_plays(a->plan, MOVE_GROW) ? 2 : 1);
    const float share = comes_close(a->plan) ? 1.2F : seen;
    int size = LEAST_PICTURE;
    while (size < MOST_PICTURE && (float)size < (float)c->at.stage->height * share * 1.05F)
        size *= 2;
    return size;
}

/* What moves upon its picture: letters over who sleeps, wheels. */
static int open_extras(const struct cast *c, struct actor *a, struct error *err)
{
    const int quarter = picture_size(c, a) / 4;
    const struct sprite_options letter = {.picture = pack_find("zzz"), .size = LEAST_PICTURE};
    a->wheels = wheel_set_of(a->plan->picture);
    const struct sprite_options wheel = {.picture = a->wheels.picture,
                                         .size = quarter < LEAST_PICTURE ? LEAST_PICTURE : quarter};
    int code = 0;
    if (plan_plays(a->plan, MOVE_SLEEP))
        code = sprite_open(&a->snore, c->at.palette, &letter, err);
    if (code == 0 && a->wheels.n > 0)
        code = sprite_open(&a->wheel, c->at.palette, &wheel, err);
    return code;
}

/* The far wing lies in the shade of the body. */
static int open_wings(const struct cast *c, struct actor *a, const struct sprite_options *body,
                      struct error *err)
{
    int code = 0;
    a->wing = wing_of(a->plan->picture);
    for (int far = 0; code == 0 && far < 2 && a->wing.picture >= 0; far++) {
        struct sprite_options o = *body;
        o.picture = a->wing.picture;
        o.shade += far ? 0.25F : 0;
        code = sprite_open(&a->wings[far], c->at.palette, &o, err);
    }
    return code;
}

static int open_sprites(const struct cast *c, struct actor *a, struct error *err)
{
    static const float tones[CAST_TONES] = {0, -1, 1, -0.4F};
    const struct plan_actor *p = a->plan;
    struct sprite_options options = {.picture = p->picture,
                                     .size = picture_size(c, a),
                                     .colour = p->colour,
                                     .rim = c->at.rim,
                                     .shade = c->plan->mood == MOOD_MENACING ? 0.12F : 0};
    int code = 0;
    for (int i = 0; code == 0 && i < STANCES; i++) {
        struct look *l = &a->looks[i];
        options.picture = l->picture;
        for (; l->picture >= 0 && code == 0 && l->n_tones < CAST_TONES && l->n_tones < p->count;
             l->n_tones++) {
            options.tone = tones[l->n_tones];
            code = sprite_open(&l->tones[l->n_tones], c->at.palette, &options, err);
        }
    }
    options.tone = 0;
    if (code == 0 && a->looks[STANCE_FLIES].picture >= 0)
        code = open_wings(c, a, &options, err);
    options.picture = p->picture;
    if (code == 0 && comes_close(p) && rig_exists(p->picture))
        code = rig_open(&a->rig, c->at.palette, &options, c->at.stage->height, err);
    if (code == 0 && p->near_picture >= 0 && !a->rig) {
        options.picture = p->near_picture;
        code = sprite_open(&a->front, c->at.palette, &options, err);
    }
    if (code == 0 && p->holds >= 0) {
        options.picture = p->holds;
        options.colour = COLOUR_OWN;
        code = sprite_open(&a->held, c->at.palette, &options, err);
    }
    return code < 0 ? code : open_extras(c, a, err);
}

static enum stance stance_of(enum move move)
{
    switch (move) {
    case MOVE_WALK:
    case MOVE_RECEDE:
        return STANCE_GOES;
    case MOVE_RUN:
    case MOVE_GALLOP:
    case MOVE_JUMP:
    case MOVE_CHASE:
    case MOVE_FLEE:
    case MOVE_CIRCLE:
        return STANCE_RUNS;
    case MOVE_DANCE:
    case MOVE_SPIN:
        return STANCE_DANCES;
    case MOVE_SLEEP:
        return STANCE_SLEEPS;
    default:
        return STANCE_OWN;
    }
}

const struct look *cast_look(const struct actor *a, enum move move)
{
    const bool flies = a->looks[STANCE_FLIES].picture >= 0 && move != MOVE_SLEEP;
    const struct look *l = &a->looks[flies ? STANCE_FLIES : stance_of(move)];
    return l->picture >= 0 ? l : &a->looks[STANCE_OWN];
}

/* Which pictures its moves want. */
static void choose_looks(struct actor *a)
{
    const struct plan_actor *p = a->plan;
    bool wanted[STANCES] = {[STANCE_OWN] = true, [STANCE_FLIES] = true};
    for (int i = 0; i < p->n_moves; i++)
        wanted[stance_of(p->moves[i].move)] = true;
    for (int i = 0; i < STANCES; i++) {
        static const enum move moves[STANCES] = {MOVE_STAND, MOVE_WALK,  MOVE_RUN,
                                                 MOVE_DANCE, MOVE_SLEEP, MOVE_FLY};
        const int other = i == STANCE_OWN ? -1 : nature_in_motion(p->picture, moves[i]);
        const bool plays = moves[i] == MOVE_DANCE && p->holds >= 0; /* its hands are not free */
        const int picture = i == STANCE_OWN ? p->picture : wanted[i] && !plays ? other : -1;
        a->looks[i].picture = picture;
        if (picture >= 0) {
            a->looks[i].nature = i == STANCE_FLIES ? NATURE_FLYER : nature_of(picture).nature;
            a->looks[i].faces_right = nature_faces_right(picture);
        }
    }
}

int cast_open(struct cast *c, const struct cast_stage *at, const struct plan *plan,
              struct error *err)
{
    int code = 0;
    *c = (struct cast){.at = *at, .plan = plan, .n = plan->n_cast};
    const float feet = curve_clamp(0.90F - at->stage->horizon, 0.22F, 0.36F);
    for (int i = 0; i < c->n; i++) {
        const struct plan_actor *p = &plan->cast[i];
        const struct nature_row row = nature_of(p->picture);
        c->actor[i] = (struct actor){.plan = p,
                                     .nature = row.nature,
                                     .depth = 1 / feet,
                                     .size = row.size * size_factor(p) / feet,
                                     .n = p->count};
        choose_looks(&c->actor[i]);
    }
    cast_settle(c);
    cast_fit(c);
    for (int i = 0; i < c->n; i++)
        if (!c->actor[i].airborne)
            c->actor[i].looks[STANCE_FLIES].picture = -1;
    for (int i = 0; code == 0 && i < c->n; i++)
        code = open_sprites(c, &c->actor[i], err);
    return code;
}

void cast_close(struct cast *c)
{
    for (int i = 0; i < c->n; i++) {
        struct actor *a = &c->actor[i];
        for (int k = 0; k < CAST_TONES * STANCES; k++)
            sprite_close(a->looks[k / CAST_TONES].tones[k % CAST_TONES]);
        sprite_close(a->front);
        sprite_close(a->held);
        sprite_close(a->snore);
        sprite_close(a->wheel);
        sprite_close(a->wings[0]);
        sprite_close(a->wings[1]);
        rig_close(a->rig);
    }
    *c = (struct cast){0};
}
