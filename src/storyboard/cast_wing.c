/* cast_wing.c - birds that stand in their pictures beat wings when they fly; see cast.h and wing.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast_impl.h"
#include "storyboard/curve.h"

#define FAR_X 0.035F /* of the picture: the far shoulder lies a little before the near one */
#define FAR_Y 0.020F

/* Down fast and up slowly; seen from the side a wing that rises is tall, one that falls hangs. */
static float lift(float turns)
{
    return 0.22F + 0.78F * curve_sine(turns + 0.06F * curve_sine(turns));
}

static struct sprite_pose wing_pose(const struct stand *d, const struct sprite_pose *whole,
                                    float turns, bool far)
{
    const struct wing *w = &d->a->wing;
    const float up = lift(turns);
    struct sprite_pose p = {.anchor_x = WING_ROOT_X - 0.5F,
                            .anchor_y = WING_ROOT_Y,
                            .size = w->size * whole->size,
                            .turn = whole->turn,
                            .wide = whole->wide * (1 - 0.12F * up),
                            .tall = whole->tall * up,
                            .sway = 0.10F * curve_sine(turns - 0.25F),
                            .cover = whole->cover,
                            .haze = whole->haze,
                            .blur = whole->blur};
    sprite_point(whole, w->x - (far ? FAR_X : 0), w->y - (far ? FAR_Y : 0), &p.x, &p.y);
    return p;
}

void cast_wing_place(struct cast_list *l, const struct stand *d)
{
    const float turns = d->seconds * d->state.pace;
    const float opened = turns - d->c->at.shutter * d->c->at.seconds * d->state.pace;
    for (int far = 0; far < 2; far++) {
        struct cast_item *item = cast_list_next(l, d->state.z * (far ? 1.0003F : 0.9997F));
        if (!item)
            return;
        const float late = far ? 0.05F : 0;
        const struct sprite_pose now = wing_pose(d, &d->now, turns - late, far);
        const struct sprite_pose before = wing_pose(d, &d->before, opened - late, far);
        sprite_place(&item->frame, d->a->wings[far], &now, &before, d->c->at.palette, d->size);
    }
}
