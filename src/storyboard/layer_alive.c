/* layer_alive.c - see layer_alive.h. SPDX-License-Identifier: MIT */
#include "storyboard/layer_alive.h"

#include "storyboard/curve.h"

enum { ONE = 1 << 16 };

void layer_alive_place(struct layer_frame *f, const struct stage *stage,
                       const struct stage_pose *pose, float t)
{
    const struct layer *l = f->layer;
    const struct stage_view view = stage_view(stage, pose, l->depth);
    f->sway_at = l->sway.pace * t * l->seconds;
    f->pose = *pose;
    f->far = stage_view(stage, pose, STAGE_FAR);
    f->motes.n = 0;
    if (l->motes)
        mote_place(&f->motes, l->motes, view, t * l->seconds);
    const float bob = l->sway.bob * curve_sine(f->sway_at + 0.13F * l->depth) * l->density;
    f->y0 -= (int64_t)(bob * ONE);
    f->half_y0 -= (int64_t)(bob * (ONE / 2.0F));
}

int64_t layer_alive_swing(const struct layer_frame *f, int row)
{
    const struct layer_sway *s = &f->layer->sway;
    if (s->reach >= 0 && s->reach <= 0)
        return 0;
    const float v = f->layer->top + ((float)row + 0.5F) / f->layer->density;
    const float k = curve_clamp((v - s->root) / s->reach, 0, 1.2F);
    const float phase = f->sway_at + 0.21F * f->layer->depth - s->waves * k;
    const float gust = curve_sine(phase) + 0.35F * curve_sine(2.3F * phase + 0.3F);
    return (int64_t)(k * k * (s->lean + s->most * gust * 0.74F) * f->layer->density * ONE);
}

void layer_alive_draw(const struct layer_frame *f, struct rows *r)
{
    if (f->motes.n > 0)
        mote_draw(&f->motes, r);
}
