/* stage.c - see stage.h. SPDX-License-Identifier: MIT */
#include "storyboard/stage.h"

#include "storyboard/curve.h"
#include "storyboard/noise.h"

void stage_init(struct stage *s, const struct plan *plan, int width, int height, float horizon)
{
    *s = (struct stage){.width = width,
                        .height = height,
                        .horizon = horizon,
                        .n_shots = plan->n_shots,
                        .strength = 1,
                        .seed = (uint32_t)(plan->seed ^ plan->seed >> 32)};
    for (int i = 0; i < plan->n_shots; i++)
        s->shots[i] = plan->shots[i];
}

/* Of an angle up to a third of a right angle, in radians, to a ten-thousandth. */
static float tangent(float x)
{
    return x * (15 - x * x) / (15 - 6 * x * x);
}

void stage_tremble(struct stage_pose *p, const struct stage *s, float t, float strength)
{
    p->pan += strength * (noise_rough(t * 34, 2, s->seed + 17) - 0.5F);
    p->tilt += strength * (noise_rough(t * 34, 2, s->seed + 26) - 0.5F);
}

/* A pose that is the whole of one command. */
static void add_shot(struct stage_pose *p, enum shot shot, float e, float t, uint32_t seed)
{
    switch (shot) {
    case SHOT_TRUCK_LEFT:
        p->x -= 0.75F * e;
        break;
    case SHOT_TRUCK_RIGHT:
        p->x += 0.75F * e;
        break;
    case SHOT_PAN_LEFT:
        p->pan += tangent(0.33F * e);
        break;
    case SHOT_PAN_RIGHT:
        p->pan -= tangent(0.33F * e);
        break;
    case SHOT_PUSH_IN:
        p->z += 0.80F * e;
        break;
    case SHOT_PULL_OUT:
        p->z -= 1.1F * e;
        break;
    case SHOT_PEDESTAL_UP:
        p->y += 0.45F * e;
        break;
    case SHOT_PEDESTAL_DOWN:
        p->y -= 0.40F * e;
        break;
    case SHOT_TILT_UP:
        p->tilt += tangent(0.20F * e);
        break;
    case SHOT_TILT_DOWN:
        p->tilt -= tangent(0.16F * e);
        break;
    case SHOT_ZOOM_IN:
        p->zoom *= 1 + 0.45F * e;
        break;
    case SHOT_ZOOM_OUT:
        p->zoom *= 1 / (1 + 0.25F * e);
        break;
    case SHOT_SHAKE: {
        float swell = curve_step(0, 0.06F, t);
        p->pan += swell * 0.022F * (noise_rough(t * 34, 2, seed) - 0.5F);
        p->tilt += swell * 0.022F * (noise_rough(t * 34, 2, seed + 9) - 0.5F);
        break;
    }
    case SHOT_TRACKING:
    case SHOT_STATIC:
    case SHOTS:
        break;
    }
}

/* A picture that never moves looks frozen: a breath of movement stays in every shot but one that
 * is told to stand still. */
static void breathe(struct stage_pose *p, float t, uint32_t seed)
{
    p->x += 0.03F * (noise_line(t * 2.2F, seed + 31) - 0.5F);
    p->y += 0.02F * (noise_line(t * 1.8F, seed + 32) - 0.5F);
}

struct stage_pose stage_camera(const struct stage *s, float t, float subject_x)
{
    struct stage_pose p = {.zoom = 1};
    bool still = true;
    for (int i = 0; i < s->n_shots; i++) {
        const struct plan_shot *shot = &s->shots[i];
        float local = (t - shot->from) / (shot->to - shot->from);
        float e = s->n_shots == 1 ? 0.35F * curve_clamp(local, 0, 1) + 0.65F * curve_ease(local)
                                  : curve_ease(local);
        if (shot->shot == SHOT_SHAKE && (local < 0 || local > 1))
            continue;
        add_shot(&p, shot->shot, e * s->strength, t, s->seed);
        if (shot->shot == SHOT_TRACKING)
            p.x += subject_x * 0.85F * curve_step(0, 0.2F, local);
        still = still && shot->shot == SHOT_STATIC;
    }
    if (!still)
        breathe(&p, t, s->seed);
    return p;
}

struct stage_view stage_view(const struct stage *s, const struct stage_pose *pose, float depth)
{
    const float near = depth - pose->z;
    const float k = depth >= STAGE_FAR ? 1 : near > 0.05F ? depth / near : 0;
    const float px = (float)s->height * pose->zoom;
    const float shift_x = depth >= STAGE_FAR ? 0 : -pose->x / depth * k;
    const float shift_y = depth >= STAGE_FAR ? 0 : pose->y / depth * k;
    return (struct stage_view){
        .x = 0.5F * (float)s->width + px * (shift_x + pose->pan),
        .y = 0.5F * (float)s->height + px * (shift_y + s->horizon - 0.5F + pose->tilt),
        .scale = px * k,
    };
}
