/* scene_paint.c - the scenery of a plan: every sheet painted, once per film; see scene_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "storyboard/box.h"
#include "storyboard/curve.h"
#include "storyboard/scene_sheet.h"

static bool hides_sky(enum place p)
{
    return p == PLACE_STAGE;
}

static int add_sky(struct scene *s, struct error *err)
{
    struct scene_scale scale;
    struct layer_area a = scene_sheet_seen(s, STAGE_FAR, &scale);
    if (s->ground.kind > GROUND_BOXED)
        a.bottom = curve_min(a.bottom, 0.04F);
    if (a.bottom < a.top + 0.1F)
        a.bottom = a.top + 0.1F;
    const struct scene_sheet sheet = {
        a, scene_sheet_density(s, scale), STAGE_FAR, true, sky_paint, &s->sky};
    return scene_sheet_add(s, &sheet, err);
}

/* A sheet of light over the sky's whole width: soft, so that few pixels show as much. */
static int add_light(struct scene *s, layer_brush *brush, float depth, float bottom,
                     struct error *err)
{
    const bool behind = depth > 10;
    struct scene_scale scale;
    struct layer_area a = scene_sheet_seen(s, depth, &scale);
    a.bottom = curve_min(a.bottom, bottom);
    a.left -= 0.05F;
    a.right += 0.05F;
    if (scale.most <= 0 || a.bottom < a.top + 0.05F)
        return 0;
    const struct scene_sheet sheet = {
        a, scene_sheet_density(s, scale) * 0.33F, depth, behind, brush, &s->sky};
    int code = scene_sheet_add(s, &sheet, err);
    scene_sheet_last(s)->sway =
        (struct layer_sway){.most = 0.03F, .root = a.top, .reach = a.bottom - a.top, .pace = 0.05F};
    return code;
}

static int add_clouds(struct scene *s, struct error *err)
{
    const enum place p = s->plan->place;
    struct scene_scale scale;
    struct layer_area a = scene_sheet_seen(s, STAGE_FAR, &scale);
    if (s->plan->without & WITHOUT_CLOUDS || p == PLACE_SPACE || p == PLACE_PLANET)
        return 0;
    const float drift = (scene_sheet_windy(s) ? 0.20F : 0.07F) * s->cast.at.seconds / 5.6F;
    a.left -= drift;
    a.bottom = curve_min(a.bottom, 0);
    if (a.bottom < a.top + 0.05F)
        return 0;
    /* Clouds are soft: half the pixels show as much. */
    const struct scene_sheet sheet = {
        a, scene_sheet_density(s, scale) * 0.5F, STAGE_FAR, true, sky_paint_clouds, &s->sky};
    int code = scene_sheet_add(s, &sheet, err);
    scene_sheet_last(s)->drift = drift;
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
    const enum weather w = palette_weather(s->plan);
    const bool clear = (w <= WEATHER_CLOUD || (w == WEATHER_FOG && dim)) &&
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
        return add_light(s, sky_paint_shafts, p == PLACE_FOREST ? 9 : 20, 0.12F, err);
    if ((p == PLACE_ICE || p == PLACE_SNOW) && s->palette.is_night && s->palette.stars > 0.6F)
        return add_light(s, sky_paint_aurora, STAGE_FAR, 0, err);
    return 0;
}

/* What the film sees of a box: its frames' corners, the middles of their sides, and their middle.
 */
static struct layer_area seen_of_box(const struct scene *s, const struct box *box)
{
    struct layer_area a = {.left = 9, .right = -9, .top = 9, .bottom = -9};
    const float half_width = 0.5F * (float)s->stage.width,
                half_height = 0.5F * (float)s->stage.height, margin = 0.02F;
    for (int i = 0; i <= 64; i++) {
        const struct stage_pose pose = scene_pose(s, (float)i / 64);
        const struct stage_view far = stage_view(&s->stage, &pose, STAGE_FAR);
        for (int k = 0; k < 9; k++) {
            const int column = k % 3, row = k / 3;
            float x, v;
            box_look(box, &pose, (half_width * (float)column - far.x) / far.scale,
                     (half_height * (float)row - far.y) / far.scale, &x, &v);
            a.left = curve_min(a.left, x);
            a.right = curve_max(a.right, x);
            a.top = curve_min(a.top, v);
            a.bottom = curve_max(a.bottom, v);
        }
    }
    return (struct layer_area){.left = curve_max(a.left, -2.4F) - margin,
                               .right = curve_min(a.right, 2.4F) + margin,
                               .top = curve_max(a.top, -1.6F) - margin,
                               .bottom = curve_min(a.bottom, 1.6F) + margin};
}

/* The walls, when the place has some. */
static int add_box(struct scene *s, struct error *err)
{
    const bool street = s->place->box == BOX_STREET;
    if (s->place->box == BOX_NONE || (street && s->plan->without & WITHOUT_HOUSES))
        return 0;
    struct box box;
    box_init(&box, s->place->box, &s->palette, &s->sky, s->seed);
    box.sparkle = s->palette.is_dark ? 0.5F : 0.06F;
    box.snow = s->ground.snow;
    struct layer *l =
        scene_sheet_new(s, seen_of_box(s, &box), 1.15F * (float)s->stage.height, box.back, false);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    l->box = mem_alloc(sizeof box);
    *l->box = box;
    return layer_paint(l, s->crew, box_brush, l->box, err);
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
        code = scene_land_ridge(s, i, err);
        if (code == 0)
            code = step_done(b, err);
    }
    for (int i = 0; code == 0 && i < PLACE_MOST_PROPS && s->place->props[i].picture; i++) {
        code = scene_land_prop(s, i, err);
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
        const struct ridge_paint r = scene_land_paint(s, k);
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
