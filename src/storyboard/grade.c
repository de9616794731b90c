/* grade.c - see grade.h. SPDX-License-Identifier: MIT */
#include "storyboard/grade.h"

#include "storyboard/curve.h"

static const struct grade hours[TIMES] = {
    [TIME_DAWN] = {0.84F, 0.92F, 7, 3, -6, 9},      [TIME_DAY] = {1, 1, 0, 0, 0, 0},
    [TIME_GOLDEN] = {0.93F, 1.05F, -2, 4, -15, 11}, [TIME_DUSK] = {0.56F, 0.9F, 10, 0, -12, 15},
    [TIME_NIGHT] = {0.34F, 0.55F, 13, -6, 7, -4},
};

static const struct grade moods[MOODS] = {
    [MOOD_PLAIN] = {1, 1, 0, 0, 0, 0},
    [MOOD_MENACING] = {0.78F, 0.8F, 4, -2, -2, 4},
    [MOOD_CHEERFUL] = {1, 1.1F, 0, 0, -4, 2},
    [MOOD_CALM] = {1, 0.95F, 1, -1, 0, 0},
    [MOOD_MELANCHOLIC] = {0.9F, 0.7F, 4, -3, 2, -2},
    [MOOD_DREAMY] = {1, 0.95F, 4, 4, 2, 4},
    [MOOD_EPIC] = {0.95F, 1.1F, 4, -3, -7, 5},
    [MOOD_NOIR] = {0.82F, 0, 0, 0, 0, 0},
    [MOOD_VINTAGE] = {0.97F, 0.55F, -2, 3, -9, 6},
    [MOOD_NEON] = {0.8F, 1.25F, 12, 8, 2, 4},
};

struct grade grade_make(const struct plan *plan, const struct palette *picture)
{
    struct grade g = moods[plan->mood];
    if (!(plan->said & PLAN_SAID_TIME))
        return g;
    /* What is dark already need not get as much darker. */
    const struct grade *h = &hours[plan->time];
    const float bright = curve_step(0.14F, 0.42F, picture->middle.y);
    g.gain *= curve_mix(1, h->gain, 0.35F + 0.65F * bright);
    g.colour *= h->colour;
    g.shade_u += h->shade_u;
    g.shade_v += h->shade_v;
    g.light_u += h->light_u;
    g.light_v += h->light_v;
    return g;
}

static int whole(float x)
{
    return curve_floor(x + 0.5F);
}

static void grade_luma(int16_t *s, int n, int gain)
{
    const int black = 16 << ROWS_BITS;
    for (int i = 0; i < n; i++)
        s[i] = (int16_t)(black + ((s[i] - black) * gain >> 10));
}

/* luma: the line above, before its own grade; shade and light with ROWS_BITS of fraction. */
static void grade_chroma(int16_t *s, const int16_t *luma, int n, int colour, int shade, int light)
{
    const int grey = 128 << ROWS_BITS;
    for (int i = 0; i < n; i++) {
        const int bright = luma[2 * i] >> ROWS_BITS;
        const int tint = shade + ((light - shade) * bright >> 8);
        s[i] = (int16_t)(grey + ((s[i] - grey) * colour >> 10) + tint);
    }
}

void grade_rows(const struct grade *g, float k, struct rows *r)
{
    const int one = 1 << ROWS_BITS;
    const int gain = whole(1024 * curve_mix(1, g->gain, k));
    const int colour = whole(1024 * curve_mix(1, g->colour, k));
    const float tints = g->shade_u * g->shade_u + g->shade_v * g->shade_v +
                        g->light_u * g->light_u + g->light_v * g->light_v;
    if (gain == 1024 && colour == 1024 && tints * k <= 0)
        return;
    grade_chroma(r->u, r->y[0], r->width / 2, colour, whole(k * g->shade_u * (float)one),
                 whole(k * g->light_u * (float)one));
    grade_chroma(r->v, r->y[0], r->width / 2, colour, whole(k * g->shade_v * (float)one),
                 whole(k * g->light_v * (float)one));
    for (int i = 0; i < 2; i++)
        grade_luma(r->y[i], r->width, gain);
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

void grade_measure(struct palette *out, const struct frame *picture, float horizon)
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
