/* scene_paint.c - the scenery of a plan: every sheet painted, once per film; see scene_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "storyboard/box.h"
#include "storyboard/curve.h"
#include "storyboard/prop.h"
#include "storyboard/ridge.h"
#include "storyboard/scene_impl.h"

/* A sheet that is larger than this share of the frame would cost more than it shows. */
#define MOST_SIDE 3.5F

/* How large a depth appears over the film, px per screen unit. */
struct seen_scale {
    float least, most; /* most 0: never seen */
};

/* What the camera sees of a depth over the whole film, and how large. */
static struct layer_area seen(const struct scene *s, float depth, struct seen_scale *scale)
{
    struct layer_area a = {.left = 9, .right = -9, .top = 9, .bottom = -9};
    *scale = (struct seen_scale){.least = 1e9F};
    for (int i = 0; i <= 64; i++) {
        const struct stage_pose pose = scene_pose(s, (float)i / 64);
        const struct stage_view v = stage_view(&s->stage, &pose, depth);
        if (v.scale <= 0)
            continue;
        a.left = curve_min(a.left, -v.x / v.scale);
        a.right = curve_max(a.right, ((float)s->stage.width - v.x) / v.scale);
        a.top = curve_min(a.top, -v.y / v.scale);
        a.bottom = curve_max(a.bottom, ((float)s->stage.height - v.y) / v.scale);
        scale->most = curve_max(scale->most, v.scale);
        scale->least = curve_min(scale->least, v.scale);
    }
    const float aspect = (float)s->stage.width / (float)s->stage.height;
    a.left = curve_max(a.left - 0.03F, -MOST_SIDE * aspect);
    a.right = curve_min(a.right + 0.03F, MOST_SIDE * aspect);
    a.top = curve_max(a.top - 0.03F, -MOST_SIDE);
    a.bottom = curve_min(a.bottom + 0.03F, MOST_SIDE);
    return a;
}

/* Pixels per screen unit: as sharp as the largest view, within reason, and not so fine that a row
 * of the smallest view would run over more pixels than layer_draw takes. */
static float density(const struct scene *s, struct seen_scale scale)
{
    const float height = (float)s->stage.height;
    return curve_min(curve_clamp(scale.most / height, 1, 1.4F) * height, 3.5F * scale.least);
}

/* What is closer than who plays is out of focus, more the closer it is. */
static int focus(const struct scene *s, struct layer *l, struct error *err)
{
    const float at = s->cast.n > 0 ? s->cast.actor->z : 3;
    const float near = 1 / l->depth - 1 / curve_clamp(at, 2.4F, 30);
    return near > 0.05F ? layer_soften(l, 9 * near * l->density / 720, err) : 0;
}

/* A sheet for the brush to be painted on. NULL when there is no memory. */
static struct layer *new_item(struct scene *s, struct layer_area area, float per_unit, float depth,
                              bool behind)
{
    struct layer *l = layer_new(area, per_unit, depth);
    if (l) {
        l->seconds = s->cast.at.seconds;
        s->item[s->n_items++] = (struct scene_item){.layer = l, .behind = behind};
    }
    return l;
}

/* What a sheet is: where, how fine, how far, and who paints it. */
struct sheet {
    struct layer_area area;
    float per_unit, depth;
    bool behind;
    layer_brush *brush;
    void *arg;
};

static int add(struct scene *s, const struct sheet *sheet, struct error *err)
{
    struct layer *l = new_item(s, sheet->area, sheet->per_unit, sheet->depth, sheet->behind);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    int code = layer_paint(l, s->crew, sheet->brush, sheet->arg, err);
    return code == 0 ? focus(s, l, err) : code;
}

static struct layer *last(const struct scene *s)
{
    return s->item[s->n_items - 1].layer;
}

static bool windy(const struct scene *s)
{
    return plan_has(s->plan, WEATHER_WIND) || plan_has(s->plan, WEATHER_STORM);
}

static bool hides_sky(enum place p)
{
    return p == PLACE_STAGE;
}

static int add_sky(struct scene *s, struct error *err)
{
    struct seen_scale scale;
    struct layer_area a = seen(s, STAGE_FAR, &scale);
    if (s->ground.kind > GROUND_BOXED)
        a.bottom = curve_min(a.bottom, 0.04F);
    if (a.bottom < a.top + 0.1F)
        a.bottom = a.top + 0.1F;
    const struct sheet sheet = {a, density(s, scale), STAGE_FAR, true, sky_paint, &s->sky};
    return add(s, &sheet, err);
}

/* A sheet of light over the sky's whole width: soft, so that few pixels show as much. */
static int add_light(struct scene *s, layer_brush *brush, float depth, float bottom,
                     struct error *err)
{
    const bool behind = depth > 10;
    struct seen_scale scale;
    struct layer_area a = seen(s, depth, &scale);
    a.bottom = curve_min(a.bottom, bottom);
    a.left -= 0.05F;
    a.right += 0.05F;
    if (scale.most <= 0 || a.bottom < a.top + 0.05F)
        return 0;
    const struct sheet sheet = {a, density(s, scale) * 0.33F, depth, behind, brush, &s->sky};
    int code = add(s, &sheet, err);
    last(s)->sway =
        (struct layer_sway){.most = 0.03F, .root = a.top, .reach = a.bottom - a.top, .pace = 0.05F};
    return code;
}

static int add_clouds(struct scene *s, struct error *err)
{
    const enum place p = s->plan->place;
    struct seen_scale scale;
    struct layer_area a = seen(s, STAGE_FAR, &scale);
    if (s->plan->without & WITHOUT_CLOUDS || p == PLACE_SPACE || p == PLACE_PLANET)
        return 0;
    const float drift = (windy(s) ? 0.20F : 0.07F) * s->cast.at.seconds / 5.6F;
    a.left -= drift;
    a.bottom = curve_min(a.bottom, 0);
    if (a.bottom < a.top + 0.05F)
        return 0;
    /* Clouds are soft: half the pixels show as much. */
    const struct sheet sheet = {a,    density(s, scale) * 0.5F, STAGE_FAR,
                                true, sky_paint_clouds,         &s->sky};
    int code = add(s, &sheet, err);
    last(s)->drift = drift;
    return code;
}

/* Shafts of a low sun where something stands for them to fall through. */
static bool has_shafts(const struct scene *s)
{
    const enum place p = s->plan->place;
    const bool dim = p == PLACE_FOREST || p == PLACE_JUNGLE || p == PLACE_CAVE;
    const bool open = p == PLACE_MOUNTAINS || p == PLACE_CANYON || p == PLACE_CASTLE ||
                      p == PLACE_STREET || p == PLACE_WATERFALL || p == PLACE_SKY;
    const bool low = s->plan->time == TIME_DAWN || s->plan->time == TIME_GOLDEN;
    const bool clear = palette_weather(s->plan) <= WEATHER_CLOUD &&
                       !(s->plan->without & WITHOUT_SUN);
    return clear && !s->palette.is_night && (dim || (open && low));
}

static int add_lights(struct scene *s, struct error *err)
{
    const enum place p = s->plan->place;
    if (p == PLACE_STAGE)
        return add_light(s, sky_paint_beams, 6, 0.4F, err);
    if (p == PLACE_UNDERWATER)
        return add_light(s, sky_paint_rays, STAGE_FAR, 0.4F, err);
    if (has_shafts(s))
        return add_light(s, sky_paint_shafts, 20, 0.12F, err);
    if ((p == PLACE_ICE || p == PLACE_SNOW) && s->palette.is_night && s->palette.stars > 0.6F)
        return add_light(s, sky_paint_aurora, STAGE_FAR, 0, err);
    return 0;
}

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
    const float k = water ? 2.2F : windy(s) && !inside ? 2.4F : 1;
    const float most = swing(row->kind) * k;
    struct layer_sway sway = {.pace = water      ? 0.20F
                                      : windy(s) ? 0.62F
                                                 : 0.30F,
                              .waves = water ? 0.7F : 0.10F};
    if (row->kind == RIDGE_SWELL)
        sway.bob = 0.012F + 0.012F * (s->ground.rough - 1);
    if (most <= 0)
        return sway;
    sway.most = most;
    sway.lean = windy(s) && !inside ? 0.9F * most : 0;
    sway.root = hangs ? (row->kind == RIDGE_VINES ? -0.75F : -0.9F)
                      : curve_max(row->base, 1 / row->depth);
    sway.reach = hangs ? 0.75F : -1.2F * row->height - 0.02F;
    return sway;
}

/* How far a sheet goes by itself over the film. */
static float drift_of(const struct scene *s, const struct place_ridge *row)
{
    const float k = (windy(s) ? 2.2F : 1) * s->cast.at.seconds / 5.6F;
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

static struct ridge_paint ridge_paint_of(const struct scene *s, int i)
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
        .sparkle = s->palette.is_night  ? 0.5F
                   : s->palette.is_dark ? 0.35F
                                        : 0.06F,
    };
}

static int add_ridge(struct scene *s, int i, struct error *err)
{
    const struct place_ridge *row = &s->place->ridges[i];
    struct ridge_paint paint = ridge_paint_of(s, i);
    struct seen_scale scale;
    float top, bottom;
    const float drift = drift_of(s, row);
    const struct layer_sway sway = sway_of(s, row);
    struct layer_area a = seen(s, row->depth, &scale);
    ridge_extent(row, paint.tallest, &top, &bottom);
    a.left -= drift + sway.most + sway.lean;
    a.right += sway.most;
    a.top = curve_max(a.top - sway.bob, top);
    a.bottom = curve_min(a.bottom + sway.bob, bottom);
    if (a.bottom < a.top + 0.01F || scale.most <= 0 || unwanted(s, row->kind))
        return 0;
    struct layer *l = new_item(s, a, density(s, scale), row->depth, row->behind);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    l->drift = drift;
    l->sway = sway;
    int code = ridge_open(&paint, l, err);
    if (code == 0)
        code = layer_paint(l, s->crew, ridge_brush, &paint, err);
    if (code == 0)
        code = focus(s, l, err);
    ridge_close(&paint);
    return code;
}

static bool unwanted_prop(const struct scene *s, enum prop_kind kind)
{
    const unsigned w = s->plan->without;
    return (kind == PROP_PLANT && w & WITHOUT_PLANTS) ||
           (kind == PROP_HOUSE && w & WITHOUT_HOUSES) ||
           (kind == PROP_ANIMAL && w & WITHOUT_ANIMALS);
}

static int add_prop(struct scene *s, int i, struct error *err)
{
    const struct place_prop *row = &s->place->props[i];
    const bool boxed = s->place->box != BOX_NONE;
    struct prop_paint paint = {
        .row = row,
        .palette = &s->palette,
        .seed = s->seed + 9000 + (uint32_t)i * 57,
        .clear = s->cast.n > 0 && !boxed && s->cast.actor->z > row->depth ? 0.22F : 0};
    struct seen_scale scale;
    struct layer_area a = seen(s, row->depth, &scale);
    if (scale.most <= 0 || unwanted_prop(s, row->kind))
        return 0;
    int code = prop_open(&paint, density(s, scale), err);
    if (code == 0) {
        const struct layer_area box = prop_area(&paint);
        a.left = curve_max(a.left, box.left);
        a.right = curve_min(a.right, box.right);
        a.top = curve_max(a.top, box.top);
        a.bottom = curve_min(a.bottom, box.bottom);
        const struct sheet sheet = {a, density(s, scale), row->depth, false, prop_brush, &paint};
        if (a.right > a.left + 0.01F && a.bottom > a.top + 0.01F) {
            code = add(s, &sheet, err);
            if (row->kind == PROP_PLANT)
                last(s)->sway = (struct layer_sway){.most = 0.014F * row->size * (windy(s) ? 3 : 1),
                                                    .lean = windy(s) ? 0.03F * row->size : 0,
                                                    .root = 1 / row->depth,
                                                    .reach = -row->size,
                                                    .pace = windy(s) ? 0.6F : 0.28F};
            else if (row->kind == PROP_FLOATING || row->kind == PROP_ANIMAL)
                last(s)->sway = (struct layer_sway){.bob = 0.012F, .pace = 0.17F};
        }
    }
    prop_close(&paint);
    return code;
}

/* The walls, when the place has some. */
static int add_box(struct scene *s, struct error *err)
{
    if (s->place->box == BOX_NONE ||
        (s->place->box == BOX_STREET && s->plan->without & WITHOUT_HOUSES))
        return 0;
    struct box box;
    struct layer_area a = {.left = 9, .right = -9, .top = 9, .bottom = -9};
    box_init(&box, s->place->box, &s->palette, &s->sky, s->seed);
    box.sparkle = s->palette.is_dark ? 0.5F : 0.06F;
    box.snow = s->ground.snow;
    for (int i = 0; i <= 64; i++) {
        const struct stage_pose pose = scene_pose(s, (float)i / 64);
        const struct stage_view far = stage_view(&s->stage, &pose, STAGE_FAR);
        for (int k = 0; k < 9; k++) { /* corners, middles of the sides, and the middle */
            float x, v;
            box_look(&box, &pose, ((float)(k % 3) / 2 * (float)s->stage.width - far.x) / far.scale,
                     ((float)(k / 3) / 2 * (float)s->stage.height - far.y) / far.scale, &x, &v);
            a.left = curve_min(a.left, x);
            a.right = curve_max(a.right, x);
            a.top = curve_min(a.top, v);
            a.bottom = curve_max(a.bottom, v);
        }
    }
    const float margin = 0.02F;
    a = (struct layer_area){curve_max(a.left, -2.4F) - margin, curve_min(a.right, 2.4F) + margin,
                            curve_max(a.top, -1.6F) - margin, curve_min(a.bottom, 1.6F) + margin};
    const struct sheet sheet = {a,   1.15F * (float)s->stage.height, box.back, false, box_brush,
                                &box};
    int code = add(s, &sheet, err);
    if (s->n_items > 0 && last(s)->depth <= box.back && last(s)->depth >= box.back) {
        last(s)->box = mem_alloc(sizeof box);
        *last(s)->box = box;
    }
    return code;
}

/* From far to near; what stands behind the ground first. */
static void sort_items(struct scene *s)
{
    for (int i = 1; i < s->n_items; i++)
        for (int k = i; k > 0; k--) {
            struct scene_item *a = &s->item[k - 1], *b = &s->item[k];
            const bool later = a->behind == b->behind ? a->layer->depth < b->layer->depth
                                                      : !a->behind && b->behind;
            if (!later)
                break;
            const struct scene_item swap = *a;
            *a = *b;
            *b = swap;
        }
}

static int step_done(struct scene_build *b, struct error *err)
{
    b->n_done++;
    if (b->step && b->step(b->arg, (float)b->n_done / (float)b->n_steps))
        return error_set(err, ERR_CANCELLED, "cancelled");
    return 0;
}

static int paint_far(struct scene *s, struct error *err)
{
    int code = add_sky(s, err);
    if (code == 0 && !hides_sky(s->plan->place) && s->plan->place != PLACE_UNDERWATER)
        code = add_clouds(s, err);
    if (code == 0)
        code = add_lights(s, err);
    return code == 0 ? add_box(s, err) : code;
}

int scene_paint(struct scene *s, struct scene_build *b, struct error *err)
{
    int code = paint_far(s, err);
    if (code == 0)
        code = step_done(b, err);
    for (int i = 0; code == 0 && i < PLACE_MOST_RIDGES && s->place->ridges[i].kind; i++) {
        code = add_ridge(s, i, err);
        if (code == 0)
            code = step_done(b, err);
    }
    for (int i = 0; code == 0 && i < PLACE_MOST_PROPS && s->place->props[i].picture; i++) {
        code = add_prop(s, i, err);
        if (code == 0)
            code = step_done(b, err);
    }
    if (code == 0)
        code = scene_motes(s, err);
    sort_items(s);
    return code;
}

/* The highest point of what stands behind the ground, for what shall appear above it. */
void scene_paint_summit(struct scene *s, float *v)
{
    *v = -0.06F;
    for (int k = 0; k < PLACE_MOST_RIDGES; k++) {
        const struct place_ridge *row = &s->place->ridges[k];
        const bool solid = row->kind == RIDGE_PEAKS || row->kind == RIDGE_HILLS ||
                           row->kind == RIDGE_VOLCANO || row->kind == RIDGE_MESAS ||
                           row->kind == RIDGE_DUNES || row->kind == RIDGE_CASTLE ||
                           row->kind == RIDGE_HOUSES || row->kind == RIDGE_BERGS ||
                           row->kind == RIDGE_CLIFFS || row->kind == RIDGE_SPIRES;
        if (!row->behind || !solid)
            continue;
        const struct ridge_paint r = ridge_paint_of(s, k);
        for (int i = -40; i <= 40; i++) {
            const float x = (float)i / 100, crest = ridge_crest(&r, x);
            if (crest < *v) {
                *v = crest;
                if (!r.tallest)
                    s->summit_x = x;
            }
        }
        if (k == 0 && (r.tallest || row->kind == RIDGE_VOLCANO))
            return;
    }
}
