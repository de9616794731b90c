/* cast_stand.c - how one body stands in a frame: where, how large, how turned, on whose back.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"
#include "storyboard/gait.h"

const struct look *cast_stand_look(const struct stand *d)
{
    return cast_look(d->a, d->state.move);
}

const struct sprite *cast_stand_side(const struct stand *d)
{
    const struct look *l = cast_stand_look(d);
    return l->tones[d->b->tone % l->n_tones];
}

float cast_stand_anchor(const struct actor *a, const struct sprite *s)
{
    if (a->airborne)
        return (s->top + s->bottom) / 2;
    if (!a->wet)
        return s->bottom - 0.012F;
    return a->nature == NATURE_BOAT      ? s->bottom - 0.07F
           : a->nature == NATURE_SWIMMER ? s->bottom - 0.10F
                                         : s->bottom - 0.30F * (s->bottom - s->top);
}

static float defocus(const struct stand *d)
{
    const float focus = d->c->n > 0 ? d->c->actor[0].z : 3;
    const float near = 1 / d->state.z - 1 / curve_max(focus, 0.5F);
    const bool subject = d->a == d->c->actor;
    return subject || near <= 0.12F ? 0 : curve_min(near, 0.5F) * 0.022F * (float)d->size[1];
}

static struct sprite_pose pose_at(const struct stand *d, const struct stage_view *view)
{
    const struct cast_state s = d->state;
    const struct sprite *side = cast_stand_side(d);
    const bool flip = (s.heading > 0) != cast_stand_look(d)->faces_right;
    /* Turned away it is never as thin as paper, and not for long. */
    const float turned = curve_min(3 * curve_magnitude(s.heading), 1);
    const float thin = s.stretch > 0.2F ? 1 / __builtin_sqrtf(s.stretch) : 1;
    struct sprite_pose p = {
        .x = view->x + view->scale * s.x / s.z,
        .y = view->y + view->scale * (1 - s.height) / s.z,
        .anchor_y = cast_stand_anchor(d->a, side),
        .size = view->scale * d->a->size * d->b->size * s.scale / s.z,
        .turn = s.turn,
        .wide = (flip ? -1 : 1) * (0.40F + 0.60F * turned) * thin,
        .tall = s.stretch,
        .cover = s.cover,
        .haze = 0.75F * palette_haze(d->c->at.palette, s.z),
        .blur = defocus(d),
    };
    gait_apply(&p, d->a, &s, d->seconds);
    return p;
}

void cast_stand_at(struct stand *d, int i_actor, int i_body, const struct stage_pose *camera,
                   float t, struct sprite_pose *out)
{
    d->a = &d->c->actor[i_actor];
    d->b = &d->a->body[i_body % d->a->n];
    d->state = cast_state(d->c, i_actor, i_body, t);
    d->seconds = t * d->c->at.seconds + d->b->phase;
    d->view = stage_view(d->c->at.stage, camera, d->state.z);
    *out = (struct sprite_pose){0};
    if (d->view.scale <= 0 || d->state.z <= 0.05F)
        return;
    d->ground = d->view.y + d->view.scale / d->state.z;
    *out = pose_at(d, &d->view);
}

void cast_stand_mount(struct stand *d, const struct stage_pose *camera, float t,
                      struct sprite_pose *out)
{
    const int to = d->a->plan->where_target;
    const struct sprite *own = cast_stand_side(d);
    struct stand under = {.c = d->c, .size = {d->size[0], d->size[1]}};
    struct sprite_pose p;
    cast_stand_at(&under, to, (int)(d->b - d->a->body), camera, t, &p);
    const struct sprite *bearer = cast_stand_side(&under);
    const bool in = d->a->plan->where == WHERE_IN;
    const float most = (in ? 0.50F : d->a->nature == NATURE_HEAD ? 0.46F : 0.60F) * p.size;
    const float behind = under.a->nature == NATURE_STILL        ? 0
                         : cast_stand_look(&under)->faces_right ? -0.06F
                                                                : 0.06F;
    const bool head = d->a->nature == NATURE_HEAD || under.a->nature == NATURE_STILL;
    const bool sits = nature_is_upright(d->a->plan->picture);
    out->size = curve_min(out->size, most);
    sprite_point(&p, 0.5F + behind, bearer->back + (in ? 0.10F : 0.02F), &out->x, &out->y);
    out->anchor_y = own->bottom - (in     ? 0.22F
                                   : head ? 0.04F
                                   : sits ? 0.20F
                                          : 0.14F) *
                                      (own->bottom - own->top);
    out->turn = 0.7F * p.turn + 0.5F * out->turn;
    out->nod = 0.05F * curve_sine(t * d->c->at.seconds * d->state.pace);
    out->stride = 0;
    out->cover *= p.cover > 0 ? 1 : 0;
    d->ground = 1e9F;
    if (d->state.move == MOVE_SLEEP && gait_lies(d->a)) { /* on its legs, which are not seen */
        d->ground = out->y;
        out->y += 0.13F * out->size;
    }
}
