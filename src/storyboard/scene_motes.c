/* scene_motes.c - what is alive in a place's air: smoke, lamps, stars, leaves, fireflies.
 *
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "storyboard/air.h"
#include "storyboard/curve.h"
#include "storyboard/ridge.h"
#include "storyboard/scene_impl.h"

/* Before the nearest sheet that stands behind the ground, or among those? */
static bool is_behind(const struct scene *s, float depth)
{
    for (int i = 0; i < PLACE_MOST_RIDGES; i++)
        if (s->place->ridges[i].behind && s->place->ridges[i].depth <= depth)
            return true;
    return false;
}

/* A sheet with nothing on it but motes. */
static int add(struct scene *s, float depth, const struct mote_source *source, struct error *err)
{
    const float side = 8 / (float)s->stage.height;
    const struct layer_area area = {.right = side, .bottom = side};
    if (s->n_items == SCENE_MOST_ITEMS)
        return 0;
    struct layer *l = layer_new(area, (float)s->stage.height, depth);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    for (int y = 0; y < l->height; y++)
        l->full[y] = 0;
    layer_index(l);
    l->seconds = s->cast.at.seconds;
    l->motes = mem_alloc(sizeof *l->motes);
    mote_add(l->motes, source);
    s->item[s->n_items++] = (struct scene_item){.layer = l, .behind = is_behind(s, depth)};
    return 0;
}

static bool unwanted(const struct scene *s, const struct place_mote *m)
{
    const unsigned w = s->plan->without;
    const bool dark = s->palette.is_dark;
    if ((m->when == WHEN_DARK && !dark) || (m->when == WHEN_LIGHT && dark))
        return true;
    const enum place p = s->plan->place;
    if (p == PLACE_VILLAGE || p == PLACE_CITY || p == PLACE_STREET || p == PLACE_CASTLE)
        return w & WITHOUT_HOUSES && m->kind != MOTE_MIST;
    return m->kind == MOTE_PETAL && w & WITHOUT_PLANTS;
}

/* To the chimney next to x of a row of cottages at the depth, if there is one. */
static void find_chimney(const struct scene *s, float depth, float *x, float *v)
{
    for (int i = 0; i < PLACE_MOST_RIDGES; i++) {
        const struct place_ridge *row = &s->place->ridges[i];
        const float away = row->depth - depth;
        if (row->kind != RIDGE_COTTAGES || away < 0 || away > 0.5F)
            continue;
        const struct ridge_paint r = {.row = row, .seed = s->seed + (uint32_t)i * 101};
        *x = ((float)curve_floor(*x * row->pitch) + 0.69F) / row->pitch;
        *v = ridge_crest(&r, *x) - 0.004F;
    }
}

static int add_of_place(struct scene *s, int i, struct error *err)
{
    const struct place_mote *m = &s->place->motes[i];
    const bool windy = plan_has(s->plan, WEATHER_WIND) || plan_has(s->plan, WEATHER_STORM);
    const float side = s->sky.sun_x > 0 && s->place->box == BOX_NONE ? -1 : 1;
    if (unwanted(s, m))
        return 0;
    float x = m->x >= PLACE_AT_SUMMIT ? s->summit_x : m->x * side, v = m->v;
    if (m->kind == MOTE_SMOKE)
        find_chimney(s, m->depth, &x, &v);
    const bool signs = m->kind == MOTE_NEON && s->plan->mood == MOOD_NEON; /* many and bright */
    const struct mote_source source = {
        .kind = (enum mote_kind)m->kind,
        .x = x,
        .v = v,
        .wide = m->wide,
        .tall = m->tall,
        .size = m->size * (signs ? 1.5F : 1),
        .strength = signs                                         ? 1
                    : m->kind == MOTE_MIST && s->palette.is_night ? 0.6F * m->strength
                                                                  : m->strength,
        .wind = windy ? 0.5F : 0.10F,
        .n = m->n * (signs ? 3 : 1),
        .colour = air_colour(&s->palette, (enum mote_kind)m->kind, m->depth, m->colour),
        .other = air_colour(&s->palette, (enum mote_kind)m->kind, m->depth, m->other),
        .seed = s->seed + 500 + (uint32_t)i * 31,
    };
    return add(s, m->depth, &source, err);
}

/* Rain and snow fall before the window of a room and the mouth of a cave. */
static int add_outside(struct scene *s, struct error *err)
{
    const bool rain = plan_has(s->plan, WEATHER_RAIN) || plan_has(s->plan, WEATHER_STORM);
    const bool snow = plan_has(s->plan, WEATHER_SNOW);
    const enum place p = s->plan->place;
    if ((p != PLACE_ROOM && p != PLACE_CAVE) || !(rain || snow))
        return 0;
    const struct colour3 white = palette_lit(&s->palette, 0xf4f8ff);
    const struct mote_source source = {.kind = rain ? MOTE_STREAM : MOTE_PETAL,
                                       .v = -0.1F,
                                       .wide = 0.45F,
                                       .tall = 0.40F,
                                       .size = rain ? 0.03F : 0.004F,
                                       .strength = rain ? 0.35F : 0.9F,
                                       .n = 90,
                                       .colour = white,
                                       .other = white,
                                       .seed = s->seed + 800};
    return add(s, 34, &source, err);
}

static int add_of_air(struct scene *s, struct error *err)
{
    struct air air[AIR_MOST];
    const int n = air_of(air, s->plan, &s->palette, s->seed);
    int code = 0;
    for (int i = 0; code == 0 && i < n; i++)
        code = add(s, air[i].depth, &air[i].source, err);
    return code;
}

static int add_stars(struct scene *s, struct error *err)
{
    const enum place p = s->plan->place;
    const bool space = p == PLACE_SPACE || p == PLACE_PLANET;
    const float k = s->palette.stars;
    if (k < 0.1F || p == PLACE_UNDERWATER || p == PLACE_STAGE || p == PLACE_ROOM)
        return 0;
    const struct mote_source source = {.kind = MOTE_STAR,
                                       .v = space ? -0.05F : -0.38F,
                                       .wide = 1,
                                       .tall = space ? 0.5F : 0.27F,
                                       .size = 0.0022F,
                                       .strength = 0.9F * k,
                                       .n = space ? 80 : 54,
                                       .colour = palette_rgb(0xffffff),
                                       .other = palette_rgb(0xbfd4ff),
                                       .seed = s->seed + 600};
    int code = add(s, STAGE_FAR, &source, err);
    s->item[s->n_items - 1].behind = true;
    return code;
}

int scene_motes(struct scene *s, struct error *err)
{
    int code = add_stars(s, err);
    for (int i = 0; code == 0 && i < PLACE_MOST_MOTES && s->place->motes[i].n > 0; i++)
        code = add_of_place(s, i, err);
    if (code == 0)
        code = add_outside(s, err);
    return code == 0 ? add_of_air(s, err) : code;
}
