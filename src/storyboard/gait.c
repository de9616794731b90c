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

static void walk(struct sprite_pose *p, const struct beat *b)
{
    const float strength = b->pace > 2.5F ? 1.75F : 1, step = b->full < 0 ? -b->full : b->full;
    if (rests(b)) {
        p->tall *= 1 + 0.012F * b->full;
        p->sway = 0.015F * b->slow;
        return;
    }
    p->y -= p->size * 0.022F * step * strength;
    p->turn += 0.010F * b->half * strength;
    p->tall *= 1 + 0.022F * curve_sine(b->seconds * b->pace * 2 + 0.2F);
    p->sway = 0.035F * b->half;
}

static void hop(struct sprite_pose *p, const struct beat *b)
{
    const float up = b->full < 0 ? -b->full : b->full;
    if (rests(b)) {
        p->tall *= 1 + 0.015F * b->full;
        p->turn += 0.012F * b->slow;
        return;
    }
    p->y -= p->size * 0.085F * up;
    p->tall *= 0.94F + 0.09F * up;
    p->wide *= 1.05F - 0.06F * up;
    p->turn += 0.018F * b->half;
}

static void flap(struct sprite_pose *p, const struct beat *b)
{
    p->y -= p->size * 0.035F * b->full;
    p->tall *= 1 + 0.10F * b->full;
    p->wave = 0.022F;
    p->wave_at = -b->seconds * b->pace * 0.7F;
    p->sway = 0.05F * b->half;
}

static void swim(struct sprite_pose *p, const struct beat *b)
{
    p->wave = 0.030F;
    p->wave_at = -b->seconds * (0.4F + 0.4F * b->pace);
    p->turn += 0.012F * b->slow;
    p->y -= p->size * 0.03F * b->slow;
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
    if (rests(b))
        return;
    p->y -= p->size * 0.010F * (noise_line(b->seconds * 9, 3) - 0.3F);
    p->turn += 0.004F * (noise_line(b->seconds * 5, 4) - 0.5F);
    p->tall *= 1 + 0.012F * curve_sine(b->seconds * 3.1F);
}

/* Pictures of rockets point up to the right: those that rise stand upright. */
static void hover(struct sprite_pose *p, const struct beat *b, enum move move)
{
    p->y -= p->size * 0.03F * b->slow;
    p->turn += 0.010F * curve_sine(b->seconds * 0.4F) + (move == MOVE_RISE ? -0.115F : 0);
}

static void hang(struct sprite_pose *p, const struct beat *b)
{
    p->y -= p->size * 0.05F * b->slow;
    p->turn += 0.014F * curve_sine(b->seconds * 0.19F);
    p->sway = 0.05F * curve_sine(b->seconds * 0.23F);
}

static void dance(struct sprite_pose *p, const struct beat *b)
{
    p->tall *= 1 + 0.07F * b->full;
    p->wide *= 1 - 0.05F * b->full;
    p->sway += 0.12F * b->half;
}

void gait_apply(struct sprite_pose *p, enum nature nature, const struct actor_state *s,
                float seconds)
{
    const struct beat b = {
        .full = curve_sine(seconds * s->pace),
        .half = curve_sine(seconds * s->pace * 0.5F),
        .slow = curve_sine(seconds * 0.28F),
        .seconds = seconds,
        .pace = s->pace,
    };
    switch (nature) {
    case NATURE_WALKER:
        walk(p, &b);
        break;
    case NATURE_HEAD:
        hop(p, &b);
        break;
    case NATURE_FLYER:
        flap(p, &b);
        break;
    case NATURE_SWIMMER:
        swim(p, &b);
        break;
    case NATURE_BOAT:
        roll(p, &b);
        break;
    case NATURE_VEHICLE:
        drive(p, &b);
        break;
    case NATURE_CRAFT:
        hover(p, &b, s->move);
        break;
    case NATURE_FLOATER:
        hang(p, &b);
        break;
    case NATURE_STILL:
        p->sway = 0.008F * b.slow;
        break;
    case NATURE_THING:
        p->tall *= 1 + 0.012F * b.slow;
        break;
    case NATURES:
        break;
    }
    if (s->move == MOVE_DANCE)
        dance(p, &b);
}
