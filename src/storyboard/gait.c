/* gait.c - see gait.h. SPDX-License-Identifier: MIT */
#include "storyboard/gait.h"

#include "storyboard/curve.h"
#include "storyboard/noise.h"

/* The rhythms of one moment, each -1..1. */
struct beat {
    float full, half; /* of the body's own pace    */
    float slow;       /* of breath, wind and waves */
    float seconds;
    float pace;
};

static bool rests(const struct beat *b)
{
    return b->pace < 1;
}

static void breathe(struct sprite_pose *p, const struct beat *b)
{
    p->breath = 0.012F * b->full;
    p->tall *= 1 + 0.010F * b->full;
    p->sway = 0.012F * b->slow;
    p->nod = 0.020F * b->slow;
}

static void walk(struct sprite_pose *p, const struct beat *b)
{
    const float strength = b->pace > 2.2F ? 1.7F : 1, step = curve_magnitude(b->full);
    if (rests(b)) {
        breathe(p, b);
        return;
    }
    const bool runs = b->pace > 2.2F;
    p->y -= p->size * (runs ? 0.075F : 0.022F) * step;
    p->turn += (runs ? 0.022F : 0.010F) * b->half;
    p->tall *= 1 + 0.022F * curve_sine(b->seconds * b->pace * 2 + 0.2F);
    p->sway = 0.025F * b->half;
    p->stride = 0.075F * strength;
    p->stride_at = b->seconds * b->pace;
    p->nod = 0.05F * curve_sine(b->seconds * b->pace * 2 + 0.1F);
}

/* Without legs: drawn out and together again, a wave running along. */
static void crawl(struct sprite_pose *p, const struct beat *b, float heading)
{
    if (rests(b)) {
        breathe(p, b);
        return;
    }
    const float pull = curve_sine(b->seconds * b->pace * 0.6F);
    p->wide *= 1 + 0.14F * pull;
    p->tall *= 1 - 0.08F * pull;
    p->x += 0.09F * p->size * heading * pull;
    p->sway = 0.10F * curve_sine(b->seconds * b->pace * 0.6F + 0.3F);
    p->wave = 0.03F;
    p->wave_at = -b->seconds * b->pace;
}

/* In bounds: the back leads, the front follows, the whole body rocks. */
static void gallop(struct sprite_pose *p, const struct beat *b, float heading)
{
    const float up = b->full > 0 ? b->full : 0;
    p->y -= p->size * 0.10F * up;
    p->turn -= 0.030F * heading * curve_sine(b->seconds * b->pace + 0.25F);
    p->wide *= 1 + 0.05F * b->full;
    p->tall *= 1 - 0.04F * b->full;
    p->stride = 0.12F;
    p->stride_at = b->seconds * b->pace + 0.15F;
    p->nod = 0.09F * curve_sine(b->seconds * b->pace + 0.4F);
}

static void hop(struct sprite_pose *p, const struct beat *b)
{
    const float up = curve_magnitude(b->full);
    if (rests(b)) {
        breathe(p, b);
        p->turn += 0.012F * b->slow;
        return;
    }
    p->y -= p->size * 0.085F * up;
    p->tall *= 0.94F + 0.09F * up;
    p->wide *= 1.05F - 0.06F * up;
    p->turn += 0.018F * b->half;
}

/* Small wings shut like a book; large ones row. */
static void flap(struct sprite_pose *p, const struct beat *b, bool small)
{
    p->y -= p->size * (small ? 0.12F : 0.05F) * b->full;
    if (small) {
        const float shut = curve_sine(b->seconds * b->pace * 2.7F);
        p->wide *= 0.72F + 0.28F * shut;
        p->turn += 0.03F * b->slow;
        return;
    }
    p->beat = 0.13F * curve_sine(b->seconds * b->pace + 0.2F);
    p->tall *= 1 + 0.06F * b->full;
    p->wide *= 1 - 0.05F * b->full;
    p->wave = 0.012F;
    p->wave_at = -b->seconds * b->pace * 0.7F;
    p->sway = 0.03F * b->half;
}

/* The wings are pictures of their own (cast_wing.c): the body sinks as they rise. */
static void beat_wings(struct sprite_pose *p, const struct beat *b)
{
    p->y += p->size * 0.045F * curve_sine(b->seconds * b->pace - 0.08F);
    p->turn += 0.008F * b->slow;
    p->nod = 0.02F * b->full;
}

static void swim(struct sprite_pose *p, const struct beat *b)
{
    p->wave = b->pace > 1 ? 0.038F : 0.024F;
    p->wave_at = -b->seconds * (0.4F + 0.5F * b->pace);
    p->turn += 0.014F * b->slow;
    p->y -= p->size * 0.03F * b->slow;
    p->wide *= 1 + 0.03F * b->full;
}

static void roll(struct sprite_pose *p, const struct beat *b)
{
    const float t = b->seconds;
    p->turn += 0.012F * curve_sine(t * 0.31F) + 0.006F * curve_sine(t * 0.53F);
    p->y += p->size * 0.028F * curve_sine(t * 0.36F + 0.1F);
    p->sway = 0.02F * curve_sine(t * 0.31F + 0.05F);
}

static void drive(struct sprite_pose *p, const struct beat *b)
{
    p->tall *= 1 + 0.006F * curve_sine(b->seconds * 9.7F); /* its engine */
    if (rests(b))
        return;
    p->y -= p->size * 0.014F * (noise_line(b->seconds * 9, 3) - 0.3F);
    p->turn += 0.006F * (noise_line(b->seconds * 5, 4) - 0.5F);
    p->tall *= 1 + 0.012F * curve_sine(b->seconds * 3.1F);
    p->sway = 0.012F * curve_sine(b->seconds * 1.3F);
}

/* Pictures of rockets point up to the right: those that rise stand upright. */
static void hover(struct sprite_pose *p, const struct beat *b, float upright)
{
    p->y -= p->size * 0.03F * b->slow;
    p->turn += 0.010F * curve_sine(b->seconds * 0.4F) + upright;
    p->x += p->size * 0.006F * (noise_line(b->seconds * 11, 5) - 0.5F);
    p->tall *= 1 + 0.015F * curve_sine(b->seconds * 1.1F);
}

static void hang(struct sprite_pose *p, const struct beat *b)
{
    p->y -= p->size * 0.05F * b->slow;
    p->turn += 0.014F * curve_sine(b->seconds * 0.19F);
    p->sway = 0.05F * curve_sine(b->seconds * 0.23F);
    p->breath = 0.012F * b->slow;
}

/* A musician sways with what is played and stays on both feet. */
static void play_on(struct sprite_pose *p, const struct beat *b)
{
    p->tall *= 1 + 0.015F * b->full;
    p->sway += 0.04F * b->half;
    p->nod += 0.03F * b->full;
}

static void dance(struct sprite_pose *p, const struct beat *b)
{
    p->tall *= 1 + 0.07F * b->full;
    p->wide *= 1 - 0.05F * b->full;
    p->sway += 0.12F * b->half;
    p->nod += 0.05F * b->full;
}

/* Lying, heavy, with the slow breath of those who dream. What has legs lies on them, out of sight
 * (cast_draw cuts them off); who stands upright lies on the back. */
static void doze(struct sprite_pose *p, const struct beat *b, const struct actor *a, float heading)
{
    const float breath = curve_sine(b->seconds * 0.27F);
    p->breath = 0.03F * breath;
    if (nature_is_upright(a->plan->picture)) {
        const struct sprite *s = a->looks[STANCE_OWN].tones[0];
        p->turn += heading < 0 ? 0.25F : -0.25F;
        p->y -= (0.31F * (s->right - s->left) + 0.01F * breath) * p->size;
        return;
    }
    if (nature_lies(a->looks[STANCE_SLEEPS].picture)) {
        p->tall *= 1 + 0.020F * breath;
        return;
    }
    p->tall *= 0.90F + 0.030F * breath;
    p->wide *= 1.08F - 0.010F * breath;
    p->nod = 0.12F - 0.02F * breath;
    if (gait_lies(a))
        p->y += 0.20F * p->size;
}

bool gait_lies(const struct actor *a)
{
    const enum nature n = a->nature;
    return (n == NATURE_WALKER || n == NATURE_HEAD) && !a->airborne && !a->wet &&
           !nature_lies(a->looks[STANCE_SLEEPS].picture) && !nature_is_upright(a->plan->picture);
}

static void go(struct sprite_pose *p, const struct actor *a, const struct cast_state *s,
               const struct beat *b)
{
    switch (cast_look(a, s->move)->nature) {
    case NATURE_WALKER:
        walk(p, b);
        break;
    case NATURE_CRAWLER:
        crawl(p, b, s->heading < 0 ? -1 : 1);
        break;
    case NATURE_HEAD:
        hop(p, b);
        break;
    case NATURE_FLYER:
        if (a->airborne)
            flap(p, b, nature_of(a->plan->picture).size < 0.2F);
        else
            hop(p, b);
        break;
    case NATURE_SWIMMER:
        swim(p, b);
        break;
    case NATURE_BOAT:
        roll(p, b);
        break;
    case NATURE_VEHICLE:
        drive(p, b);
        break;
    case NATURE_CRAFT:
        hover(p, b,
              s->move == MOVE_RISE && nature_climbs(a->plan->picture)
                  ? (s->heading < 0 ? 0.115F : -0.115F)
                  : 0);
        break;
    case NATURE_FLOATER:
        if (a->airborne)
            hang(p, b);
        else
            hop(p, b);
        if (!a->airborne && !rests(b) && nature_faces_us(a->plan->picture)) {
            p->stride = 0.06F; /* as one walks on the moon */
            p->stride_at = b->seconds * b->pace;
        }
        break;
    case NATURE_STILL:
        p->sway = 0.010F * b->slow;
        break;
    case NATURE_THING:
        if (rests(b))
            p->tall *= 1 + 0.012F * b->slow;
        else
            hop(p, b);
        break;
    case NATURES:
        break;
    }
}

void gait_apply(struct sprite_pose *p, const struct actor *a, const struct cast_state *s,
                float seconds)
{
    const struct beat b = {
        .full = curve_sine(seconds * s->pace),
        .half = curve_sine(seconds * s->pace * 0.5F),
        .slow = curve_sine(seconds * 0.28F),
        .seconds = seconds,
        .pace = s->pace,
    };
    const bool legs = a->nature == NATURE_WALKER || a->nature == NATURE_HEAD;
    if (s->move == MOVE_SLEEP)
        doze(p, &b, a, s->heading);
    else if (a->wings[0])
        beat_wings(p, &b);
    else if (s->move == MOVE_GALLOP && legs)
        gallop(p, &b, s->heading);
    else if (a->airborne && legs && s->move != MOVE_FALL)
        hang(p, &b); /* who has no wings and flies all the same */
    else if (a->wet && a->nature != NATURE_BOAT)
        swim(p, &b);
    else
        go(p, a, s, &b);
    if (a->airborne && legs && s->move == MOVE_FLY)
        p->wave = 0.02F;
    p->wave_at = p->wave_at != 0 ? p->wave_at : -seconds;
    if (s->move == MOVE_DANCE && a->held)
        play_on(p, &b);
    else if (s->move == MOVE_DANCE)
        dance(p, &b);
}
