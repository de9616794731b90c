/* scene_land.c - the landscape of a scene: its ridges and props, and how they stir.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "storyboard/curve.h"
#include "storyboard/prop.h"
#include "storyboard/scene_sheet.h"

/* How a kind of sheet swings, at its highest, in screen units. */
static float swing(enum ridge kind)
{
    static const float of[RIDGES] = {
        [RIDGE_BLADES] = 0.016F, [RIDGE_STALKS] = 0.022F, [RIDGE_PALMS] = 0.012F,
        [RIDGE_VINES] = 0.016F,  [RIDGE_CROWNS] = 0.003F, [RIDGE_FIRS] = 0.0025F,
        [RIDGE_REEF] = 0.002F,   [RIDGE_DRAPE] = 0.006F,  [RIDGE_WINGS] = 0.008F,
    };
    return of[kind];
}

static struct layer_sway sway_of(const struct scene *s, const struct place_ridge *row)
{
    const bool water = s->plan->place == PLACE_UNDERWATER;
    const bool inside = s->plan->place == PLACE_STAGE;
    const bool hangs = row->kind == RIDGE_VINES || row->kind == RIDGE_DRAPE ||
                       row->kind == RIDGE_WINGS;
    const float k = water ? 2.2F : scene_sheet_windy(s) && !inside ? 2.4F : 1;
    const float most = swing(row->kind) * k;
    struct layer_sway sway = {.pace = water                  ? 0.20F
                                      : scene_sheet_windy(s) ? 0.62F
                                                             : 0.30F,
                              .waves = water ? 0.7F : 0.10F};
    if (row->kind == RIDGE_SWELL)
        sway.bob = 0.012F + 0.012F * (s->ground.rough - 1);
    if (most <= 0)
        return sway;
    sway.most = most;
    sway.lean = scene_sheet_windy(s) && !inside ? 0.9F * most : 0;
    sway.root = hangs ? (row->kind == RIDGE_VINES ? -0.75F : -0.9F)
                      : curve_max(row->base, 1 / row->depth);
    sway.reach = hangs ? 0.75F : -1.2F * row->height - 0.02F;
    return sway;
}

/* How far a sheet goes by itself over the film. */
static float drift_of(const struct scene *s, const struct place_ridge *row)
{
    const float k = (scene_sheet_windy(s) ? 2.2F : 1) * s->cast.at.seconds / 5.6F;
    switch (row->kind) {
    case RIDGE_BANK:
        return 0.02F * k;
    case RIDGE_CLOUDS:
        return (0.03F + 0.35F / row->depth) * k;
    case RIDGE_SWELL:
        return (0.05F + 0.35F / row->depth) * k;
    default:
        return 0;
    }
}

/* Does the prompt want such a sheet left out? */
static bool unwanted(const struct scene *s, enum ridge kind)
{
    const unsigned w = s->plan->without;
    switch (kind) {
    case RIDGE_FIRS:
    case RIDGE_CROWNS:
    case RIDGE_TRUNKS:
    case RIDGE_STEMS:
    case RIDGE_PALMS:
    case RIDGE_VINES:
    case RIDGE_HEDGE:
    case RIDGE_BLADES:
    case RIDGE_STALKS:
        return w & WITHOUT_PLANTS;
    case RIDGE_HOUSES:
    case RIDGE_CASTLE:
    case RIDGE_COTTAGES:
    case RIDGE_BARN:
        return w & WITHOUT_HOUSES;
    case RIDGE_BANK:
        return w & WITHOUT_CLOUDS || palette_weather(s->plan) == WEATHER_FOG;
    default:
        return false;
    }
}

/* Where petals fall, trees are in blossom; where leaves fall, they have turned. */
static enum colour season(const struct scene *s)
{
    return plan_has(s->plan, WEATHER_PETALS)   ? COLOUR_PINK
           : plan_has(s->plan, WEATHER_LEAVES) ? COLOUR_ORANGE
                                               : COLOUR_OWN;
}

static uint32_t colour_of(const struct scene *s, const struct place_ridge *row)
{
    static const uint32_t leaves[3] = {0xc4782c, 0xb0552a, 0xcf9a3a};
    static const uint32_t blossom[3] = {0xeab4c8, 0xe09ab4, 0xf2ccd8};
    const int shade = (int)row->depth % 3;
    const enum colour now = season(s);
    if (row->kind == RIDGE_CROWNS && now != COLOUR_OWN)
        return now == COLOUR_PINK ? blossom[shade] : leaves[shade];
    if (row->kind == RIDGE_FIRS && now == COLOUR_ORANGE)
        return row->depth > 8 ? leaves[shade] : row->colour;
    return row->colour;
}

struct ridge_paint scene_land_paint(const struct scene *s, int i)
{
    const struct place_ridge *row = &s->place->ridges[i];
    return (struct ridge_paint){
        .row = row,
        .palette = &s->palette,
        .sky = &s->sky,
        .tallest = i == 0 && row->kind == RIDGE_PEAKS && s->plan->tallest,
        .summit_x = s->summit_x,
        .side = s->sky.sun_x > 0 ? -1 : 1,
        .snow = s->ground.snow || s->plan->place == PLACE_SNOW,
        .seed = s->seed + (uint32_t)i * 101,
        .colour = colour_of(s, row),
        .sparkle = s->palette.is_night  ? 0.5F
                   : s->palette.is_dark ? 0.35F
                                        : 0.06F,
    };
}

static int add_ridge(struct scene *s, struct ridge_paint paint, struct error *err)
{
    const struct place_ridge *row = paint.row;
    struct scene_scale scale;
    float top, bottom;
    const float drift = drift_of(s, row);
    const struct layer_sway sway = sway_of(s, row);
    struct layer_area a = scene_sheet_seen(s, row->depth, &scale);
    ridge_extent(row, paint.tallest, &top, &bottom);
    a.left -= drift + sway.most + sway.lean;
    a.right += sway.most;
    a.top = curve_max(a.top - sway.bob, top);
    a.bottom = curve_min(a.bottom + sway.bob, bottom);
    if (a.bottom < a.top + 0.01F || scale.most <= 0 || unwanted(s, row->kind))
        return 0;
    struct layer *l = scene_sheet_new(s, a, scene_sheet_density(s, scale), row->depth, row->behind);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    l->drift = drift;
    l->sway = sway;
    int code = ridge_open(&paint, l, err);
    if (code == 0)
        code = layer_paint(l, s->crew, ridge_brush, &paint, err);
    if (code == 0)
        code = scene_sheet_focus(s, l, err);
    ridge_close(&paint);
    return code;
}

int scene_land_ridge(struct scene *s, int i, struct error *err)
{
    return add_ridge(s, scene_land_paint(s, i), err);
}

int scene_land_islets(struct scene *s, struct error *err)
{
    int code = 0;
    for (int i = 0; code == 0 && s->cast.at.all_water && i < s->cast.n; i++) {
        const struct actor *a = &s->cast.actor[i];
        if (a->nature != NATURE_STILL || a->airborne || a->rides)
            continue;
        const float size = a->size / a->z;
        const struct place_ridge row = {.kind = RIDGE_ISLET,
                                        .depth = 0.98F * a->z,
                                        .base = 1 / a->z + 0.05F * size,
                                        .height = 0.26F * size,
                                        .pitch = 0.62F * size,
                                        .colour = 0x5a5650,
                                        .x = a->x / a->z};
        struct ridge_paint paint = scene_land_paint(s, 0);
        paint.row = &row;
        paint.tallest = false;
        paint.side = 1;
        paint.colour = row.colour;
        paint.seed += 77;
        code = add_ridge(s, paint, err);
    }
    return code;
}

static bool unwanted_prop(const struct scene *s, enum prop_kind kind)
{
    const unsigned w = s->plan->without;
    return (kind == PROP_PLANT && w & WITHOUT_PLANTS) ||
           (kind == PROP_HOUSE && w & WITHOUT_HOUSES) ||
           (kind == PROP_ANIMAL && w & WITHOUT_ANIMALS);
}

int scene_land_prop(struct scene *s, int i, struct error *err)
{
    const struct place_prop *row = &s->place->props[i];
    const bool boxed = s->place->box != BOX_NONE;
    struct prop_paint paint = {
        .row = row,
        .palette = &s->palette,
        .seed = s->seed + 9000 + (uint32_t)i * 57,
        .colour = strcmp(row->picture, "deciduous-tree") == 0 ? season(s) : COLOUR_OWN,
        .clear = s->cast.n > 0 && !boxed && s->cast.actor->z > row->depth ? 0.22F : 0};
    struct scene_scale scale;
    struct layer_area a = scene_sheet_seen(s, row->depth, &scale);
    if (scale.most <= 0 || unwanted_prop(s, row->kind))
        return 0;
    int code = prop_open(&paint, scene_sheet_density(s, scale), err);
    if (code == 0) {
        const struct layer_area box = prop_area(&paint);
        a.left = curve_max(a.left, box.left);
        a.right = curve_min(a.right, box.right);
        a.top = curve_max(a.top, box.top);
        a.bottom = curve_min(a.bottom, box.bottom);
        const struct scene_sheet sheet = {
            a, scene_sheet_density(s, scale), row->depth, false, prop_brush, &paint};
        if (a.right > a.left + 0.01F && a.bottom > a.top + 0.01F) {
            code = scene_sheet_add(s, &sheet, err);
            if (row->kind == PROP_PLANT)
                scene_sheet_last(s)->sway =
                    (struct layer_sway){.most = 0.014F * row->size * (scene_sheet_windy(s) ? 3 : 1),
                                        .lean = scene_sheet_windy(s) ? 0.03F * row->size : 0,
                                        .root = 1 / row->depth,
                                        .reach = -row->size,
                                        .pace = scene_sheet_windy(s) ? 0.6F : 0.28F};
            else if (row->kind == PROP_FLOATING || row->kind == PROP_ANIMAL)
                scene_sheet_last(s)->sway = (struct layer_sway){.bob = 0.012F, .pace = 0.17F};
        }
    }
    prop_close(&paint);
    return code;
}
