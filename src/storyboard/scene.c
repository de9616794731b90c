/* scene.c - what stands on the stage; see scene.h. SPDX-License-Identifier: MIT */
#include "storyboard/scene.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/ground.h"
#include "storyboard/layer.h"
#include "storyboard/prop.h"
#include "storyboard/ridge.h"
#include "storyboard/scene_impl.h"
#include "storyboard/weather.h"

/* A sheet that is larger than this share of the frame would cost more than it shows. */
#define MOST_SIDE 3.5F

static float film_time(const struct scene *s, int i)
{
    return s->options.n_frames > 1 ? (float)i / (float)(s->options.n_frames - 1) : 0;
}

float scene_dread(const struct scene *s, float t)
{
    if (s->cast.n == 0 || (s->plan->mood != MOOD_MENACING && !s->cast.actor->rig))
        return 0;
    const struct cast_state c = cast_state(&s->cast, 0, 0, t);
    if (c.move != MOVE_APPROACH)
        return 0;
    return curve_step(0.25F, 1.2F, s->cast.actor->size * c.scale / c.z);
}

struct stage_pose scene_pose(const struct scene *s, float t)
{
    const float x = s->cast.n > 0 ? cast_state(&s->cast, 0, 0, t).x : 0;
    struct stage_pose p = stage_camera(&s->stage, t, x);
    stage_tremble(&p, &s->stage, t, 0.055F * scene_dread(s, t));
    return p;
}

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

static int add(struct scene *s, struct layer_area area, float per_unit, float depth, bool behind,
               layer_brush *brush, void *arg, struct error *err)
{
    struct layer *l = layer_new(area, per_unit, depth);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    s->item[s->n_items++] = (struct scene_item){.layer = l, .behind = behind};
    int code = layer_paint(l, s->crew, brush, arg, err);
    return code == 0 ? focus(s, l, err) : code;
}

static int add_sky(struct scene *s, struct error *err)
{
    struct seen_scale scale;
    struct layer_area a = seen(s, STAGE_FAR, &scale);
    if (s->ground.kind != GROUND_NONE)
        a.bottom = curve_min(a.bottom, 0.04F);
    if (a.bottom < a.top + 0.1F)
        a.bottom = a.top + 0.1F;
    return add(s, a, density(s, scale), STAGE_FAR, true, sky_paint, &s->sky, err);
}

static int add_clouds(struct scene *s, struct error *err)
{
    const enum place p = s->plan->place;
    struct seen_scale scale;
    struct layer_area a = seen(s, STAGE_FAR, &scale);
    if (p == PLACE_SPACE || p == PLACE_PLANET)
        return 0;
    const bool rays = p == PLACE_UNDERWATER;
    const float drift = (rays                               ? 0.05F
                         : plan_has(s->plan, WEATHER_STORM) ? 0.20F
                                                            : 0.07F) *
                        s->cast.at.seconds / 5.6F;
    a.left -= drift;
    a.bottom = curve_min(a.bottom, rays ? 0.4F : 0.0F);
    if (a.bottom < a.top + 0.05F)
        return 0;
    /* Clouds are soft: half the pixels show as much. */
    int code = add(s, a, density(s, scale) * (rays ? 0.35F : 0.5F), STAGE_FAR, true,
                   rays ? sky_paint_rays : sky_paint_clouds, &s->sky, err);
    s->item[s->n_items - 1].layer->drift = drift;
    return code;
}

static int add_ridge(struct scene *s, int i, struct error *err)
{
    const struct place_ridge *row = &s->place->ridges[i];
    const bool first = i == 0 && (row->kind == RIDGE_PEAKS);
    struct ridge_paint paint = {
        .row = row,
        .palette = &s->palette,
        .sky = &s->sky,
        .tallest = first && s->plan->tallest,
        .summit_x = s->summit_x,
        .snow = s->ground.snow || s->plan->place == PLACE_SNOW,
        .seed = s->seed + (uint32_t)i * 101,
        .sparkle = s->palette.is_night          ? 0.5F
                   : s->plan->time == TIME_DUSK ? 0.35F
                                                : 0.06F,
    };
    struct seen_scale scale;
    float top, bottom;
    struct layer_area a = seen(s, row->depth, &scale);
    ridge_extent(row, paint.tallest, &top, &bottom);
    a.top = curve_max(a.top, top);
    a.bottom = curve_min(a.bottom, bottom);
    if (a.bottom < a.top + 0.01F || scale.most <= 0)
        return 0;
    struct layer *l = layer_new(a, density(s, scale), row->depth);
    if (!l)
        return error_set(err, ERR_MEMORY, "no memory for a layer");
    s->item[s->n_items++] = (struct scene_item){.layer = l, .behind = row->behind};
    int code = ridge_open(&paint, l, err);
    if (code == 0)
        code = layer_paint(l, s->crew, ridge_brush, &paint, err);
    if (code == 0)
        code = focus(s, l, err);
    ridge_close(&paint);
    return code;
}

static int add_prop(struct scene *s, int i, struct error *err)
{
    const struct place_prop *row = &s->place->props[i];
    struct prop_paint paint = {.row = row,
                               .palette = &s->palette,
                               .seed = s->seed + 9000 + (uint32_t)i * 57,
                               .clear = s->cast.n > 0 && s->cast.actor->z > row->depth ? 0.22F : 0};
    struct seen_scale scale;
    struct layer_area a = seen(s, row->depth, &scale);
    if (scale.most <= 0)
        return 0;
    int code = prop_open(&paint, density(s, scale), err);
    if (code == 0) {
        const struct layer_area box = prop_area(&paint);
        a.left = curve_max(a.left, box.left);
        a.right = curve_min(a.right, box.right);
        a.top = curve_max(a.top, box.top);
        a.bottom = curve_min(a.bottom, box.bottom);
        if (a.right > a.left + 0.01F && a.bottom > a.top + 0.01F)
            code = add(s, a, density(s, scale), row->depth, false, prop_brush, &paint, err);
    }
    prop_close(&paint);
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

static int paint(struct scene *s, struct scene_build *b, struct error *err)
{
    int code = add_sky(s, err);
    if (code == 0)
        code = add_clouds(s, err);
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
    sort_items(s);
    return code;
}

/* The highest point of the farthest sheet, for what shall appear above it. */
static void find_summit(struct scene *s, float *v)
{
    const struct place_ridge *row = &s->place->ridges[0];
    struct ridge_paint r = {.row = row,
                            .palette = &s->palette,
                            .sky = &s->sky,
                            .tallest = s->plan->tallest && row->kind == RIDGE_PEAKS,
                            .summit_x = s->summit_x,
                            .seed = s->seed};
    *v = -0.06F;
    if (row->kind == RIDGE_NONE || row->kind == RIDGE_PLANET || row->kind == RIDGE_TRUNKS)
        return;
    for (int i = -40; i <= 40; i++) {
        const float x = (float)i / 100, crest = ridge_crest(&r, x);
        if (crest < *v) {
            *v = crest;
            if (!r.tallest)
                s->summit_x = x;
        }
    }
}

static bool some_swim(const struct plan *p)
{
    for (int i = 0; i < p->n_cast; i++) {
        const enum nature n = nature_of(p->cast[i].picture).nature;
        if (n == NATURE_BOAT || n == NATURE_SWIMMER)
            return true;
    }
    return false;
}

/* The sun stands low behind who plays: its light comes round their edges. */
static float rim_light(const struct scene *s)
{
    const struct palette *p = &s->palette;
    const bool hidden = s->plan->place == PLACE_UNDERWATER || s->plan->place == PLACE_CAVE ||
                        s->plan->place == PLACE_ROOM || s->plan->without & WITHOUT_SUN;
    if (hidden)
        return 0;
    return p->is_night ? 0.22F
                       : curve_step(0.34F, 0.04F, p->sun_height) * curve_clamp(p->glow, 0, 1);
}

static int set_up(struct scene *s, struct error *err)
{
    const struct plan *p = s->plan;
    const enum floor kind = s->place->ground;
    struct cast_stage at = {
        .stage = &s->stage,
        .palette = &s->palette,
        .has_ground = kind != GROUND_NONE,
        .under_water = p->place == PLACE_UNDERWATER,
        .seconds = (float)s->options.n_frames / (float)s->options.fps,
        .shutter = s->options.n_frames > 1 ? 0.35F / (float)(s->options.n_frames - 1) : 0,
    };
    palette_make(&s->palette, p);
    sky_init(&s->sky, p, &s->palette);
    ground_init(&s->ground, p, &s->palette, &s->sky);
    stage_init(&s->stage, p, s->options.width, s->options.height, s->place->horizon);
    s->summit_x = -s->sky.sun_x * 0.35F;
    find_summit(s, &at.summit_v);
    at.summit_x = s->summit_x;
    at.rim = rim_light(s);
    if (some_swim(p) && s->ground.shore > 0)
        s->ground.shore = 2.3F; /* the water reaches to where they play */
    at.all_water = kind == GROUND_WATER;
    at.has_water = kind == GROUND_WATER || s->ground.shore > 0;
    int code = cast_open(&s->cast, &at, p, err);
    if (code == 0)
        code = cast_list_open(&s->list, &s->cast, err);
    if (code == 0 && (s->cast.n > 0 && s->cast.actor->rig))
        code = sprite_open_glow(&s->glow, palette_rgb(0xff8a30), err);
    if (code == 0 && ground_mirrors(&s->ground)) {
        s->mirror = frame_new(s->options.width, s->options.height);
        if (!s->mirror)
            code = error_set(err, ERR_MEMORY, "no memory for a mirror");
    }
    return code < 0 ? code : weather_open(&s->weather, p, &s->palette, s->options.height, err);
}

int scene_open(struct scene **out, const struct plan *plan, const struct scene_options *options,
               struct crew *crew, int (*step)(void *arg, float done), void *arg, struct error *err)
{
    SCOPED(scene) struct scene *s = mem_alloc(sizeof *s);
    struct scene_build build = {.step = step, .arg = arg, .n_steps = 1};
    s->plan = plan;
    s->options = *options;
    s->crew = crew;
    s->seed = (uint32_t)(plan->seed ^ plan->seed >> 32);
    s->place = place_of(plan->place);
    for (int i = 0; i < PLACE_MOST_RIDGES && s->place->ridges[i].kind; i++)
        build.n_steps++;
    for (int i = 0; i < PLACE_MOST_PROPS && s->place->props[i].picture; i++)
        build.n_steps++;
    int code = set_up(s, err);
    if (code == 0)
        code = paint(s, &build, err);
    if (code < 0)
        return code;
    *out = TAKE(s);
    return 0;
}

void scene_close(struct scene *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n_items; i++)
        layer_free(s->item[i].layer);
    cast_list_close(&s->list);
    cast_close(&s->cast);
    sprite_close(s->glow);
    weather_close(s->weather);
    frame_free(s->mirror);
    mem_free(s);
}

float scene_time(const struct scene *s, int i)
{
    return film_time(s, i);
}
