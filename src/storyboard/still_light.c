/* still_light.c - see still_light.h. SPDX-License-Identifier: MIT */
#include "storyboard/still_light.h"

#include "storyboard/curve.h"

/* Luma from black up and chroma are multiplied; chroma is drawn to one tint in the dark and to
 * another in the light, in bytes of a frame. */
static const struct row {
    float gain, colour;
    float shade[2], light[2];
} hours[TIMES] = {
    [TIME_DAWN] = {0.84F, 0.92F, {7, 3}, {-6, 9}},
    [TIME_DAY] = {1, 1, {0, 0}, {0, 0}},
    [TIME_GOLDEN] = {0.93F, 1.05F, {-2, 4}, {-15, 11}},
    [TIME_DUSK] = {0.56F, 0.9F, {10, 0}, {-12, 15}},
    [TIME_NIGHT] = {0.34F, 0.55F, {13, -6}, {7, -4}},
};

enum {
    BLACK = 16,
    WHITE = 235,
    MIDDLE = 112
}; /* the last: where kernel_grade turns its contrast */

static int whole(float x)
{
    return curve_floor(x + 0.5F);
}

struct grade still_light_hour(const struct plan *plan, const struct palette *picture)
{
    const struct row *h = &hours[plan->said & PLAN_SAID_TIME ? plan->time : TIME_DAY];
    const float one = 1 << ROWS_BITS;
    /* What is dark already need not get as much darker. */
    const float bright = curve_step(0.14F, 0.42F, picture->middle.y);
    const float gain = curve_mix(1, h->gain, 0.35F + 0.65F * bright);
    struct grade g = {.colours = {.contrast = whole(256 * gain),
                                  .lift = whole((MIDDLE - BLACK) * (gain - 1) * one),
                                  .saturation = whole(256 * h->colour)}};
    for (int c = 0; c < 2; c++) { /* the light of the hour falls on what is dimmed already */
        g.colours.add[c] = whole(h->shade[c] * one);
        g.colours.warm[c] = whole((h->light[c] - h->shade[c]) / gain * one * 128 / (WHITE - BLACK));
    }
    return g;
}

static int part(int from, int to, float k)
{
    return from + whole((float)(to - from) * k);
}

struct grade still_light_part(const struct grade *g, float k)
{
    const struct kernel_grade *c = &g->colours;
    return (struct grade){.colours = {.contrast = part(256, c->contrast, k),
                                      .lift = part(0, c->lift, k),
                                      .saturation = part(256, c->saturation, k),
                                      .add = {part(0, c->add[0], k), part(0, c->add[1], k)},
                                      .warm = {part(0, c->warm[0], k), part(0, c->warm[1], k)}},
                          .vignette = g->vignette * k};
}

/* The mean colour of some rows, 0..1 of the height. */
static struct colour3 mean_of(const struct frame *f, float from, float to)
{
    const int height = f->height / 2, width = f->width / 2;
    int first = (int)(from * (float)height), end = (int)(to * (float)height);
    first = first < 0 ? 0 : first > height - 1 ? height - 1 : first;
    end = end <= first ? first + 1 : end > height ? height : end;
    int64_t y = 0, u = 0, v = 0;
    for (int j = first; j < end; j++)
        for (int i = 0; i < width; i++) {
            y += f->plane[0][(int64_t)(2 * j) * f->stride[0] + 2 * i];
            u += f->plane[1][(int64_t)j * f->stride[1] + i];
            v += f->plane[2][(int64_t)j * f->stride[2] + i];
        }
    const float n = (float)(end - first) * (float)width;
    return (struct colour3){.y = ((float)y / n - 16) / 219,
                            .u = ((float)u / n - 128) / 224,
                            .v = ((float)v / n - 128) / 224};
}

/* The lamp: as bright as the picture is and of its tint, but no weaker than what still shows. */
static void set_lamp(struct palette *out, struct colour3 mean)
{
    const float bright = curve_clamp(0.30F + 1.25F * mean.y, 0.32F, 1);
    const float red = 1.5748F * mean.v * 0.6F, blue = 1.8556F * mean.u * 0.6F;
    out->light[0] = curve_clamp(bright * (1 + red), 0, 1);
    out->light[1] = curve_clamp(bright * (1 - 0.2F * red - 0.1F * blue), 0, 1);
    out->light[2] = curve_clamp(bright * (1 + blue), 0, 1);
}

void still_light_measure(struct palette *out, const struct frame *picture, float horizon)
{
    const struct colour3 sky = mean_of(picture, 0, 0.4F * horizon);
    const struct colour3 low = mean_of(picture, horizon - 0.12F, horizon + 0.02F);
    const struct colour3 all = mean_of(picture, 0, 1);
    const struct colour3 white = {.y = 0.95F};
    *out = (struct palette){
        .zenith = sky,
        .middle = all,
        .low = low,
        .sun = white,
        .haze = palette_mix(palette_mix(low, sky, 0.4F), white, 0.25F),
        .cloud_lit = palette_mix(sky, white, 0.6F),
        .cloud_shade = palette_scale(sky, 0.8F),
        .haze_reach = 60,
        .glow = 0.3F,
        .sun_height = 0.4F,
        .is_night = all.y < 0.17F,
    };
    out->haze.y = curve_clamp(out->haze.y, 0.12F, 0.9F);
    set_lamp(out, all);
}
