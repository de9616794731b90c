/* prop.c - see prop.h. SPDX-License-Identifier: MIT */
#include "storyboard/prop.h"

#include "storyboard/curve.h"
#include "storyboard/pack.h"

static void scatter(struct prop_paint *p)
{
    const struct place_prop *row = p->row;
    for (int i = 0; i < row->n && i < PROP_MOST; i++) {
        const float lot = ((float)i + 0.15F + 0.7F * curve_random(i, 1, p->seed)) / (float)row->n;
        float x = curve_mix(row->left, row->right, lot);
        if (x > -p->clear && x < p->clear)
            x = x < 0 ? x - p->clear : x + p->clear;
        p->at[p->n].x = x;
        p->at[p->n].size = row->size * (0.8F + 0.4F * curve_random(i, 2, p->seed));
        p->at[p->n].foot = 1 / row->depth * (0.97F + 0.06F * curve_random(i, 3, p->seed));
        if (row->kind == PROP_FLOATING)
            p->at[p->n].foot = 0.6F * curve_random(i, 5, p->seed) - 0.35F;
        p->at[p->n].flip = curve_random(i, 4, p->seed) < 0.5F;
        p->n++;
    }
}

int prop_open(struct prop_paint *p, float density, struct error *err)
{
    int size = 64;
    while (size < 1024 && (float)size < p->row->size * density * 1.2F)
        size *= 2;
    const int picture = pack_find(p->row->picture);
    if (picture < 0)
        return error_set(err, ERR_NOT_FOUND, "no picture %s", p->row->picture);
    const struct sprite_options options = {.picture = picture,
                                           .size = size,
                                           .colour = p->colour,
                                           .depth = p->row->depth,
                                           .shade = 0.10F};
    p->px = density;
    scatter(p);
    return sprite_open(&p->sprite, p->palette, &options, err);
}

void prop_close(struct prop_paint *p)
{
    sprite_close(p->sprite);
    p->sprite = NULL;
}

struct layer_area prop_area(const struct prop_paint *p)
{
    struct layer_area a = {.left = 9, .right = -9, .top = 9, .bottom = -9};
    for (int i = 0; i < p->n; i++) {
        a.left = curve_min(a.left, p->at[i].x - 0.6F * p->at[i].size - 0.02F);
        a.right = curve_max(a.right, p->at[i].x + 0.6F * p->at[i].size + 0.02F);
        a.top = curve_min(a.top, p->at[i].foot - 1.05F * p->at[i].size - 0.03F);
        a.bottom = curve_max(a.bottom, p->at[i].foot + 0.12F * p->at[i].size + 0.02F);
    }
    return a;
}

static struct colour3 out_of(uint32_t texel)
{
    const float a = (float)(texel >> 24);
    return (struct colour3){
        .y = ((float)(texel & 255) * 255 / a - 16) / 219,
        .u = ((float)(texel >> 8 & 255) * 255 / a - 128) / 224,
        .v = ((float)(texel >> 16 & 255) * 255 / a - 128) / 224,
    };
}

/* The ground is darker where something stands on it. */
static float shadow(const struct prop_paint *p, int i, float x, float v)
{
    const float wide = p->at[i].size * 0.45F * (p->sprite->right - p->sprite->left);
    const float dx = (x - p->at[i].x) / wide, dy = (v - p->at[i].foot) / (wide * 0.16F);
    return 0.34F * curve_clamp(1 - dx * dx - dy * dy, 0, 1);
}

static void stamp(const struct prop_paint *p, int i, struct layer_line *line, int x)
{
    const float at = line->left + (float)x * line->step, size = p->at[i].size;
    float u = (at - p->at[i].x) / size;
    const float v = (line->at - p->at[i].foot) / size + p->sprite->bottom;
    const uint32_t t = sprite_texel(p->sprite, (p->at[i].flip ? -u : u) + 0.5F, v, size * p->px);
    const float under = line->a[x];
    const float cover = (float)(t >> 24) / 255;
    if (cover <= 0)
        return;
    const struct colour3 c = out_of(t), old = {.y = line->y[x], .u = line->u[x], .v = line->v[x]};
    const float sum = cover + under * (1 - cover);
    layer_put(line, x, palette_mix(old, c, cover / sum), sum);
}

void prop_brush(void *arg, struct layer_line *line)
{
    const struct prop_paint *p = arg;
    const struct colour3 dark = palette_scale(palette_lit(p->palette, 0x1c2018), 0.6F);
    for (int x = 0; x < line->n; x++) {
        const float at = line->left + (float)x * line->step;
        float shade = 0;
        for (int i = 0; i < p->n; i++)
            shade =
                curve_max(shade, p->row->kind == PROP_FLOATING ? 0 : shadow(p, i, at, line->at));
        layer_put(line, x, dark, shade);
    }
    for (int i = 0; i < p->n; i++) {
        const int first =
            curve_floor((p->at[i].x - 0.5F * p->at[i].size - line->left) / line->step);
        const int end = curve_floor((p->at[i].x + 0.5F * p->at[i].size - line->left) / line->step) +
                        2;
        for (int x = first < 0 ? 0 : first; x < end && x < line->n; x++)
            stamp(p, i, line, x);
    }
}
