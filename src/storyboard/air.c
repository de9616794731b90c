/* air.c - see air.h. SPDX-License-Identifier: MIT */
#include "storyboard/air.h"

#include "storyboard/place.h"

static const struct row {
    enum weather weather;
    struct place_mote mote;
} rows[AIR_MOST] = {
    {WEATHER_LEAVES, {MOTE_LEAF, 5, 0, 0, 0.95F, 0.62F, 0.010F, 0.95F, 40, 0xd87a28, 0xb83a20, 0}},
    {WEATHER_LEAVES,
     {MOTE_LEAF, 2.9F, 0, 0, 0.95F, 0.66F, 0.017F, 0.95F, 20, 0xe8a838, 0xc85a20, 0}},
    {WEATHER_PETALS, {MOTE_PETAL, 5, 0, 0, 0.95F, 0.62F, 0.008F, 0.95F, 56, 0xffc8d8, 0xfff0f4, 0}},
    {WEATHER_PETALS,
     {MOTE_PETAL, 2.9F, 0, 0, 0.95F, 0.66F, 0.013F, 0.9F, 26, 0xffb0c8, 0xffe0ea, 0}},
    {WEATHER_FIREFLIES,
     {MOTE_FIREFLY, 6, 0, 0.08F, 0.85F, 0.26F, 0.009F, 1, 34, 0xe8ff70, 0xffe870, 0}},
    {WEATHER_FIREFLIES,
     {MOTE_FIREFLY, 3, 0, 0.12F, 0.9F, 0.34F, 0.017F, 1, 16, 0xf0ff80, 0xffd860, 0}},
};

static bool is_light(enum mote_kind kind)
{
    return kind == MOTE_LAMP || kind == MOTE_WINDOW || kind == MOTE_FIRE || kind == MOTE_NEON ||
           kind == MOTE_STAR || kind == MOTE_SPARK || kind == MOTE_FIREFLY || kind == MOTE_SPECK;
}

struct colour3 air_colour(const struct palette *p, enum mote_kind kind, float depth, uint32_t rgb)
{
    if (is_light(kind))
        return palette_mix(palette_rgb(rgb), p->haze, 0.5F * palette_haze(p, depth));
    if (rgb == 0)
        return palette_mix(p->haze, p->cloud_lit, 0.35F);
    return palette_mix(palette_lit(p, rgb), p->haze, palette_haze(p, depth));
}

int air_of(struct air out[AIR_MOST], const struct plan *plan, const struct palette *palette,
           uint32_t seed)
{
    const bool windy = plan_has(plan, WEATHER_WIND) || plan_has(plan, WEATHER_STORM);
    int n = 0;
    for (int i = 0; i < AIR_MOST; i++) {
        const struct place_mote *m = &rows[i].mote;
        const enum mote_kind kind = (enum mote_kind)m->kind;
        if (!plan_has(plan, rows[i].weather))
            continue;
        out[n] = (struct air){
            .depth = m->depth,
            .glows = is_light(kind),
            .source = {.kind = kind,
                       .x = m->x,
                       .v = m->v,
                       .wide = m->wide,
                       .tall = m->tall,
                       .size = m->size,
                       .strength = m->strength,
                       .wind = windy ? 1.4F : 0.35F,
                       .n = m->n,
                       .colour = air_colour(palette, kind, m->depth, m->colour),
                       .other = air_colour(palette, kind, m->depth, m->other),
                       .seed = seed + 700 + (uint32_t)i * 13},
        };
        n++;
    }
    return n;
}
