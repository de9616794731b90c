/* added.c - see added.h. SPDX-License-Identifier: MIT */
#include "storyboard/added.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/grade.h"
#include "storyboard/weather.h"

#define FADE_SECONDS    1.2F
#define GUEST_SECONDS   0.6F
#define GUEST_SIZE      0.62F /* of an actor on its own stage: the picture's own things come first */
#define NEAR_AT_HORIZON 0.16F

struct added {
    struct added_options options;
    int height;
    struct palette palette;
    struct stage stage;
    struct grade grade;
    struct weather_tiles *weather; /* NULL: nothing falls  */
    struct actor guest;
    bool has_guest;
};

/* A prompt that names somebody may mean who is in the picture already: only one who moves through
 * it is added. */
static bool crosses(const struct plan *plan)
{
    if (plan->n_cast < 1 || plan->cast[0].noun[0] == '\0' || !(plan->said & PLAN_SAID_MOVES))
        return false;
    const struct plan_actor *a = &plan->cast[0];
    for (int i = 0; i < a->n_moves; i++)
        switch (a->moves[i].move) {
        case MOVE_WALK:
        case MOVE_RUN:
        case MOVE_GALLOP:
        case MOVE_FLY:
        case MOVE_RISE:
        case MOVE_FALL:
        case MOVE_FLEE:
        case MOVE_CHASE:
        case MOVE_APPEAR:
            return true;
        default:
            break;
        }
    return false;
}

static int open_guest(struct added *a, const struct frame *picture, struct error *err)
{
    const struct actor_stage at = {
        .stage = &a->stage,
        .palette = &a->palette,
        .summit_v = -0.10F,
        .has_ground = true,
        .seconds = a->options.seconds,
    };
    stage_init(&a->stage, a->options.plan, picture->width, picture->height,
               curve_clamp(a->options.horizon, 0.35F, 0.7F));
    a->has_guest = true;
    int code = actor_open(&a->guest, &at, a->options.plan, err);
    a->guest.size *= GUEST_SIZE;
    return code;
}

int added_open(struct added **out, const struct frame *picture, const struct added_options *options,
               struct error *err)
{
    struct added *a = mem_alloc(sizeof *a);
    a->options = *options;
    a->height = picture->height;
    grade_measure(&a->palette, picture, options->horizon);
    a->grade = grade_make(options->plan, &a->palette);
    int code = 0;
    if (options->plan->said & PLAN_SAID_WEATHER)
        code = weather_open(&a->weather, options->plan, &a->palette, picture->height, err);
    if (code == 0 && crosses(options->plan))
        code = open_guest(a, picture, err);
    if (code < 0) {
        added_close(a);
        return code;
    }
    *out = a;
    return 0;
}

void added_close(struct added *a)
{
    if (!a)
        return;
    if (a->has_guest)
        actor_close(&a->guest);
    weather_close(a->weather);
    mem_free(a);
}

float added_guest_near(const struct added *a)
{
    const float below = 1 - a->stage.horizon;
    return a->has_guest ? NEAR_AT_HORIZON + (1 - NEAR_AT_HORIZON) / (a->guest.depth * below) : -1;
}

/* The camera of the picture as the stage counts it, for what is as near as the guest. */
static struct stage_pose pose_of(const struct added *a, const struct dolly_pose *p)
{
    const float near = added_guest_near(a), depth = a->guest.depth;
    const float aspect = (float)a->stage.width / (float)a->stage.height;
    const float grown = 1 / (1 - p->z * near);
    return (struct stage_pose){
        .x = p->x * aspect * near * depth,
        .y = -p->y * near * depth,
        .z = p->z * near * depth,
        .pan = -p->pan * aspect,
        .tilt = -p->tilt + (a->stage.horizon - 0.5F) * (grown - 1),
        .zoom = p->zoom,
    };
}

void added_place(struct added_frame *f, const struct added *a, const struct dolly_pose *pose,
                 float t)
{
    f->seconds = t * a->options.seconds;
    f->fade = curve_step(0, FADE_SECONDS, f->seconds);
    f->grade = curve_step(0, 0.92F, t);
    if (!a->has_guest)
        return;
    const struct stage_pose camera = pose_of(a, pose);
    const float come = curve_step(0, GUEST_SECONDS, f->seconds);
    actor_place(&f->guest, &a->guest, &camera, t);
    f->guest.side.cover = (int)((float)f->guest.side.cover * come);
    f->guest.front.cover = (int)((float)f->guest.front.cover * come);
    f->guest.mirrored.cover = (int)((float)f->guest.mirrored.cover * come);
    f->guest.shadow *= come;
}

void added_draw_guest(const struct added_frame *f, struct rows *r)
{
    actor_draw(&f->guest, r);
}

/* By k of 256 from one line to the other. */
static void mix(int16_t *to, const int16_t *from, int n, int k)
{
    for (int i = 0; i < n; i++)
        to[i] = (int16_t)(from[i] + ((to[i] - from[i]) * k >> 8));
}

static void draw_weather(const struct added *a, const struct added_frame *f, struct rows *r)
{
    static const uint8_t white[3] = {235, 128, 128};
    const int flash = (int)(256 * weather_flash(a->weather, f->seconds));
    weather_draw(a->weather, r, a->height, f->seconds);
    if (flash > 0)
        rows_veil(r, white, flash);
}

static void fade_weather(const struct added *a, const struct added_frame *f, struct rows *r)
{
    const struct rows before = *r;
    const int k = (int)(256 * f->fade);
    draw_weather(a, f, r);
    for (int i = 0; i < 2; i++)
        mix(r->y[i], before.y[i], r->width, k);
    mix(r->u, before.u, r->width / 2, k);
    mix(r->v, before.v, r->width / 2, k);
}

void added_draw(const struct added *a, const struct added_frame *f, struct rows *r)
{
    if (a->weather && f->fade < 1)
        fade_weather(a, f, r);
    else if (a->weather)
        draw_weather(a, f, r);
    grade_rows(&a->grade, f->grade, r);
}
