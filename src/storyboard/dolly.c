/* dolly.c - see dolly.h. SPDX-License-Identifier: MIT */
#include "storyboard/dolly.h"

#include "storyboard/curve.h"
#include "storyboard/noise.h"

/* What one whole command does. Every step to a side is a small step closer too, so that little of
 * what was outside the picture is missing at its edge. */
static const struct dolly_pose commands[SHOTS] = {
    [SHOT_TRUCK_LEFT] = {.x = -0.062F, .pan = -0.004F, .zoom = 0.075F},
    [SHOT_TRUCK_RIGHT] = {.x = 0.062F, .pan = 0.004F, .zoom = 0.075F},
    [SHOT_PAN_LEFT] = {.x = -0.014F, .pan = -0.046F, .zoom = 0.11F},
    [SHOT_PAN_RIGHT] = {.x = 0.014F, .pan = 0.046F, .zoom = 0.11F},
    [SHOT_PUSH_IN] = {.z = 0.20F, .zoom = 0.05F},
    [SHOT_PULL_OUT] = {.z = -0.065F, .zoom = -0.014F},
    [SHOT_PEDESTAL_UP] = {.y = -0.075F, .tilt = -0.006F, .zoom = 0.08F},
    [SHOT_PEDESTAL_DOWN] = {.y = 0.075F, .tilt = 0.006F, .zoom = 0.08F},
    [SHOT_TILT_UP] = {.y = -0.012F, .tilt = -0.048F, .zoom = 0.11F},
    [SHOT_TILT_DOWN] = {.y = 0.012F, .tilt = 0.048F, .zoom = 0.11F},
    [SHOT_ZOOM_IN] = {.zoom = 0.26F},
    [SHOT_ZOOM_OUT] = {.zoom = -0.055F},
    [SHOT_SHAKE] = {.zoom = 0.05F},
    [SHOT_TRACKING] = {.x = 0.045F, .y = -0.012F, .z = 0.05F, .zoom = 0.06F},
    [SHOT_STATIC] = {.z = 0.012F, .zoom = 0.010F}, /* a breath, so that it lives */
};

static void tremble(struct dolly_pose *p, float e, float t, uint32_t seed)
{
    const float swell = curve_step(0, 0.15F, e);
    const float across = noise_rough(t * 30, 2, seed) - 0.5F;
    const float down = noise_rough(t * 30, 2, seed + 5) - 0.5F;
    p->pan += swell * 0.016F * across;
    p->tilt += swell * 0.020F * down;
    p->x += swell * 0.008F * across;
    p->y += swell * 0.008F * down;
}

struct dolly_pose dolly_at(const struct plan *plan, float t)
{
    struct dolly_pose p = {.zoom = 1};
    for (int i = 0; i < plan->n_shots; i++) {
        const struct plan_shot *shot = &plan->shots[i];
        const struct dolly_pose *c = &commands[shot->shot];
        const float e = curve_ease_in((t - shot->from) / (shot->to - shot->from));
        p.x += c->x * e;
        p.y += c->y * e;
        p.z += c->z * e;
        p.pan += c->pan * e;
        p.tilt += c->tilt * e;
        p.zoom *= 1 + c->zoom * e;
        if (shot->shot == SHOT_SHAKE)
            tremble(&p, e, t, (uint32_t)plan->seed);
    }
    p.x = curve_clamp(p.x, -0.09F, 0.09F);
    p.y = curve_clamp(p.y, -0.09F, 0.09F);
    p.z = curve_clamp(p.z, -0.12F, 0.35F);
    p.zoom = curve_clamp(p.zoom, 0.88F, 1.7F);
    return p;
}

/* With n = far + fall / depth, 1 - z n is (1 - z far) (1 - step / depth): a stage whose camera has
 * come closer by step and whose lens is longer by 1 / (1 - z far). What far alone moves, grown by
 * 1 + step / (depth - step), is a turn and a step to the side. */
struct stage_pose dolly_on_stage(const struct dolly_pose *p, const struct dolly_floor *f)
{
    const float still = 1 - p->z * f->far, step = p->z * f->fall / still;
    const float x = p->x * f->aspect;
    return (struct stage_pose){
        .x = x * (f->fall + f->far * step),
        .y = -p->y * (f->fall + f->far * step) + (f->horizon - 0.5F) * step,
        .z = step,
        .pan = -x * f->far - p->pan * f->aspect * still,
        .tilt = -p->y * f->far - p->tilt * still,
        .zoom = p->zoom / still,
    };
}
