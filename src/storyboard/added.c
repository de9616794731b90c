/* added.c - see added.h. SPDX-License-Identifier: MIT */
#include "storyboard/added.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/guest.h"
#include "storyboard/still_light.h"
#include "storyboard/weather.h"

#define FADE_SECONDS 1.6F
#define LIGHT_UNTIL  0.92F /* of the film: then the hour is reached */
#define MIST         0.22F /* nearness at which half of the light comes through it */
#define SKY_MIST     0.05F /* so near is what has no distance, to the mist */

struct added {
    struct added_options options;
    struct plan plan; /* what happens in any picture: the place as far as the prompt says it */
    int height;
    struct palette palette;
    struct grade mood, hour;
    struct dolly_floor floor;
    struct stage stage;
    uint8_t mist[3];
    struct weather_tiles *weather; /* NULL: nothing falls  */
    struct guests *guests;
    int n_air;
    struct air air[AIR_MOST];
    struct mote_set motes[AIR_MOST];
    struct mote_frame placed[AIR_MOST];
};

static struct dolly_floor floor_of(const struct frame *picture, const struct depth *d)
{
    const float height = (float)picture->height;
    const float horizon = curve_clamp(d->horizon, 0.35F, 0.7F);
    return (struct dolly_floor){.far = d->ground.at + d->ground.slope * height * (horizon - 0.5F),
                                .fall = d->ground.slope * height,
                                .horizon = horizon,
                                .aspect = (float)picture->width / height};
}

static int open_weather(struct added *a, struct error *err)
{
    const struct colour3 haze = a->palette.haze;
    a->mist[0] = (uint8_t)palette_luma(haze.y);
    a->mist[1] = (uint8_t)palette_chroma(haze.u);
    a->mist[2] = (uint8_t)palette_chroma(haze.v);
    a->n_air = air_of(a->air, &a->plan, &a->palette, (uint32_t)a->plan.seed);
    for (int i = 0; i < a->n_air; i++)
        mote_add(&a->motes[i], &a->air[i].source);
    struct plan falls = a->plan;
    falls.weather &= ~(1U << WEATHER_FOG); /* it is not a veil here: see added_mist */
    return weather_open(&a->weather, &falls, &a->palette, a->height, err);
}

static int open_guests(struct added *a, const struct frame *picture, struct error *err)
{
    const struct added_options *o = &a->options;
    const struct guest_stage stage = {
        .plan = o->plan,
        .palette = &a->palette,
        .floor = a->floor,
        .width = picture->width,
        .height = picture->height,
        .seconds = o->seconds,
        .shutter = o->n_frames > 1 ? 0.35F / (float)(o->n_frames - 1) : 0,
    };
    return guest_open(&a->guests, &stage, err);
}

int added_open(struct added **out, const struct frame *picture, const struct added_options *options,
               struct error *err)
{
    const struct plan *plan = options->plan;
    struct added *a = mem_alloc(sizeof *a);
    a->options = *options;
    a->height = picture->height;
    a->plan = *plan;
    if (!(plan->said & PLAN_SAID_PLACE))
        a->plan.place = PLACE_MEADOW; /* rain falls, whatever roof the seed would build */
    if (!(plan->said & PLAN_SAID_WEATHER))
        a->plan.weather = 1U << WEATHER_CLEAR;
    still_light_measure(&a->palette, picture, options->depth->horizon);
    grade_init(&a->mood, plan->mood);
    a->hour = still_light_hour(plan, &a->palette);
    a->floor = floor_of(picture, options->depth);
    stage_init(&a->stage, plan, picture->width, picture->height, a->floor.horizon);
    int code = 0;
    if (plan->said & PLAN_SAID_WEATHER || a->plan.place == PLACE_UNDERWATER)
        code = open_weather(a, err);
    if (code == 0)
        code = open_guests(a, picture, err);
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
    guest_close(a->guests);
    weather_close(a->weather);
    mem_free(a);
}

static void place_air(struct added *a, float fade, float t)
{
    const struct dolly_pose way = dolly_at(a->options.plan, t);
    const struct stage_pose pose = dolly_on_stage(&way, &a->floor);
    for (int i = 0; i < a->n_air; i++) {
        struct mote_frame *f = &a->placed[i];
        mote_place(f, &a->motes[i], stage_view(&a->stage, &pose, a->air[i].depth),
                   t * a->options.seconds);
        for (int k = 0; k < f->n; k++)
            f->at[k].strength *= fade;
    }
}

void added_place(struct added_frame *f, struct added *a, float t)
{
    const float light = curve_step(0, LIGHT_UNTIL, t);
    f->seconds = t * a->options.seconds;
    f->fade = curve_step(0, FADE_SECONDS, f->seconds);
    f->thick = plan_has(&a->plan, WEATHER_FOG) ? MIST * f->fade : 0;
    f->mood = still_light_part(&a->mood, light);
    f->hour = still_light_part(&a->hour, light);
    place_air(a, f->fade, t);
    guest_place(a->guests, t);
}

static float comes_through(float thick, float near)
{
    return (near + SKY_MIST) / (near + SKY_MIST + thick);
}

int added_mist(const struct added_frame *f, float from, float to)
{
    if (f->thick <= 0 || to <= from)
        return 0;
    const float left = comes_through(f->thick, from) / comes_through(f->thick, to);
    return (int)(256 * (1 - left) + 0.5F);
}

const uint8_t *added_mist_colour(const struct added *a)
{
    return a->mist;
}

void added_draw_guests(const struct added *a, float from, float to, struct rows *r)
{
    guest_draw(a->guests, from, to, r);
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

static void draw_air(const struct added *a, bool glows, struct rows *r)
{
    for (int i = 0; i < a->n_air; i++)
        if (a->air[i].glows == glows)
            mote_draw(&a->placed[i], r);
}

void added_draw(const struct added *a, const struct added_frame *f, struct rows *r)
{
    draw_air(a, false, r);
    if (a->weather && f->fade < 1)
        fade_weather(a, f, r);
    else if (a->weather)
        draw_weather(a, f, r);
    grade_rows(&f->mood, r);
    grade_rows(&f->hour, r);
    draw_air(a, true, r); /* lights of their own shine in any dusk */
}
