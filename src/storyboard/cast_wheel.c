/* cast_wheel.c - the wheels of the actors roll as far as they go; see cast.h and wheel.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

#define ROUND 6.2831853F /* of a wheel of radius 1 */

/* Which way a wheel stands, in turns: what is on wheels does not slide. */
static float rolled(const struct stand *d, const struct wheel *w)
{
    const float radius = w->tyre * d->a->size * d->b->size * d->state.scale;
    return (d->state.x + d->c->aside) / (ROUND * curve_max(radius, 0.001F));
}

static struct sprite_pose wheel_pose(const struct sprite_pose *whole, const struct wheel *w,
                                     float turn)
{
    struct sprite_pose p = {.anchor_y = 0.5F,
                            .size = 2 * w->hub * whole->size,
                            .turn = whole->turn + turn,
                            .wide = curve_min(curve_magnitude(whole->wide), 1),
                            .tall = 1,
                            .cover = whole->cover,
                            .haze = whole->haze,
                            .blur = whole->blur};
    sprite_point(whole, w->x, w->y, &p.x, &p.y);
    return p;
}

void cast_wheel_place(struct cast_list *l, const struct stand *d)
{
    const struct wheel_set *s = &d->a->wheels;
    for (int i = 0; i < s->n; i++) {
        const struct wheel *w = &s->at[i];
        struct cast_item *item = cast_list_next(l, d->state.z * (s->behind ? 1.0003F : 0.9997F));
        if (!item)
            return;
        const float turn = rolled(d, w);
        const struct sprite_pose now = wheel_pose(&d->now, w, turn);
        struct sprite_pose before = wheel_pose(&d->before, w, turn);
        before.turn -= (now.x - before.x) / (ROUND * curve_max(w->tyre * d->now.size, 1));
        sprite_place(&item->frame, d->a->wheel, &now, &before, d->c->at.palette, d->size);
    }
}
