/* actor_draw.c - the subject in a frame; see actor.h. SPDX-License-Identifier: MIT */
#include "storyboard/actor.h"

#include "storyboard/curve.h"
#include "storyboard/gait.h"

static void place_shadow(struct actor_frame *f, const struct actor *a, const struct actor_state *s,
                         const struct stage_view *view, const struct sprite_pose *p)
{
    const float lifted = curve_max(s->height, 0) / curve_max(a->size, 0.1F);
    const float wide = a->side->right - a->side->left;
    if (!a->at.has_ground || a->at.on_water || s->height < -0.5F)
        return;
    f->shadow_x = p->x;
    f->shadow_y = view->y + view->scale / s->z;
    f->shadow_wide = p->size * wide * 0.52F * (p->wide < 0 ? -p->wide : p->wide);
    f->shadow_tall = f->shadow_wide * 0.16F;
    f->shadow = s->cover * 0.5F * (1 - p->haze) / (1 + 4 * lifted * lifted) *
                curve_step(2.2F, 0.6F, lifted);
}

/* In water: nothing of it under the line where it swims, and its mirror image below. */
static void place_in_water(struct actor_frame *f, const struct actor *a,
                           const struct sprite_pose *pose, float line, bool clip)
{
    const struct stage *st = a->at.stage;
    struct sprite_pose m = *pose;
    m.y = 2 * line - pose->y;
    m.tall = -pose->tall * 0.9F;
    m.turn = -pose->turn;
    m.cover = 0.40F * pose->cover;
    m.ripple = 0.018F;
    m.wave_at = pose->y * 0.01F + pose->x * 0.004F;
    sprite_place(&f->mirrored, a->side, &m, a->at.palette, st->width, st->height);
    const int cut = (int)curve_clamp(line, 0, (float)st->height);
    if (f->mirrored.first_y < cut)
        f->mirrored.first_y = cut;
    if (clip && f->side.end_y > cut)
        f->side.end_y = cut;
}

static float anchor(const struct actor *a, const struct sprite *s)
{
    if (actor_airborne(a))
        return (s->top + s->bottom) / 2;
    return a->clipped ? s->bottom - 0.07F : s->bottom - 0.012F;
}

void actor_place(struct actor_frame *f, const struct actor *a, const struct stage_pose *camera,
                 float t)
{
    const struct stage *st = a->at.stage;
    const struct actor_state s = actor_at(a, t);
    const struct stage_view view = stage_view(st, camera, s.z);
    *f = (struct actor_frame){.depth = s.z};
    if (view.scale <= 0)
        return;
    const bool flip = (s.heading > 0) != a->faces_right;
    const float turned = s.heading < 0 ? -s.heading : s.heading;
    struct sprite_pose p = {
        .x = view.x + view.scale * s.x / s.z,
        .y = view.y + view.scale * (1 - s.height) / s.z,
        .anchor_y = anchor(a, a->side),
        .size = view.scale * a->size / s.z,
        .turn = s.turn,
        .wide = (flip ? -1 : 1) * (0.15F + 0.85F * turned),
        .tall = 1,
        .cover = s.cover,
        .haze = 0.75F * palette_haze(a->at.palette, s.z),
    };
    gait_apply(&p, a->nature.nature, &s, t * a->at.seconds);
    const float share = p.size / (float)st->height;
    const float near = a->front ? curve_step(0.30F, 0.345F, share) : 0;
    struct sprite_pose side = p;
    side.cover *= 1 - near * near;
    sprite_place(&f->side, a->side, &side, a->at.palette, st->width, st->height);
    if (a->front && near > 0) {
        p.cover *= near;
        p.anchor_y = anchor(a, a->front);
        p.sway = 0;
        p.wide = 1;
        sprite_place(&f->front, a->front, &p, a->at.palette, st->width, st->height);
    }
    place_shadow(f, a, &s, &view, &p);
    if (a->at.on_water && a->at.has_ground)
        place_in_water(f, a, &side, view.y + view.scale / s.z, a->clipped);
}

static void draw_shadow(const struct actor_frame *f, struct rows *r)
{
    for (int i = 0; i < 2; i++) {
        const float dy = ((float)(2 * r->pair + i) + 0.5F - f->shadow_y) / f->shadow_tall;
        if (dy * dy >= 1)
            continue;
        const float half = f->shadow_wide * __builtin_sqrtf(1 - dy * dy);
        const int first = (int)curve_clamp(f->shadow_x - half, 0, (float)r->width);
        const int end = (int)curve_clamp(f->shadow_x + half, 0, (float)r->width);
        for (int x = first; x < end; x++) {
            const float dx = ((float)x + 0.5F - f->shadow_x) / f->shadow_wide;
            const float k = 1 - dx * dx - dy * dy;
            const int dark = (int)(256 * f->shadow * curve_clamp(k * 1.6F, 0, 1));
            const int floor = 16 << ROWS_BITS;
            r->y[i][x] = (int16_t)(r->y[i][x] - ((r->y[i][x] - floor) * dark >> 8));
        }
    }
}

void actor_draw(const struct actor_frame *f, struct rows *r)
{
    if (f->shadow > 0.01F && f->shadow_tall >= 1)
        draw_shadow(f, r);
    sprite_draw(&f->mirrored, r);
    sprite_draw(&f->side, r);
    sprite_draw(&f->front, r);
}
