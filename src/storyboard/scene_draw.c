/* scene_draw.c - one frame of a scene; see scene.h. SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/scene_impl.h"

#define GRAIN    0.55F /* steps of luma */
#define CONTRAST 0.45F /* of the film's tone curve; moods have their own in grade.h */

/* One frame under work. */
struct work {
    struct scene *scene;
    struct frame *out;
    struct ground_frame ground;
    struct sprite_frame glow; /* of fire, behind who brings it */
    struct rows_finish finish;
    float seconds;
    int flash;      /* 0..256 */
    int fire;       /* 0..256 */
    int n_behind;   /* items that the ground covers */
    int first_pair; /* of this round */
};

/* Nothing behind the item that this returns is seen in the pair; n_behind stands for the ground. */
static int find_start(const struct work *w, int pair)
{
    const struct scene *s = w->scene;
    for (int i = s->n_items - 1; i >= w->n_behind; i--)
        if (layer_hides(&s->item[i].frame, pair))
            return i;
    if (ground_hides(&w->ground, pair))
        return w->n_behind;
    for (int i = w->n_behind - 1; i > 0; i--)
        if (layer_hides(&s->item[i].frame, pair))
            return i;
    return 0;
}

/* Those of the cast that are farther than depth and not drawn yet; high: above the ground. */
static int draw_cast(const struct work *w, struct rows *r, int i, float depth, bool high)
{
    const struct cast_list *l = &w->scene->list;
    for (; i < l->n && l->order[i]->depth > depth; i++)
        if (l->order[i]->high == high)
            cast_draw(l->order[i], r);
    return i;
}

/* The backdrop, and who is far up in it. Where the water mirrors it, it is wanted whole. */
static void draw_behind(const struct work *w, struct rows *r, int start)
{
    const struct scene *s = w->scene;
    int k = 0;
    for (int i = 0; i < w->n_behind; i++) {
        k = draw_cast(w, r, k, s->item[i].layer->depth, true);
        if (i >= start)
            layer_draw(&s->item[i].frame, r);
    }
    draw_cast(w, r, k, 0, true);
}

static void draw_before(const struct work *w, struct rows *r, int start)
{
    const struct scene *s = w->scene;
    int k = 0;
    for (int i = w->n_behind; i < s->n_items; i++) {
        k = draw_cast(w, r, k, s->item[i].layer->depth, false);
        if (i >= start)
            layer_draw(&s->item[i].frame, r);
    }
    draw_cast(w, r, k, 0, false);
}

static void draw_pair(struct work *w, int pair)
{
    static const uint8_t white[3] = {235, 128, 128}, ember[3] = {120, 88, 182};
    struct scene *s = w->scene;
    struct rows r = {.width = s->options.width, .pair = pair};
    const int start = find_start(w, pair);
    const bool mirrored = s->mirror && pair < ground_mirror_pairs(&w->ground);
    draw_behind(w, &r, mirrored ? 0 : start);
    if (w->fire > 0)
        sprite_draw(&w->glow, &r);
    if (mirrored)
        rows_copy(&r, s->mirror);
    if (start <= w->n_behind)
        ground_draw(&w->ground, &r);
    draw_before(w, &r, start);
    weather_draw(s->weather, &r, s->options.height, w->seconds);
    if (w->fire > 0)
        rows_veil(&r, ember, w->fire);
    if (w->flash > 0)
        rows_veil(&r, white, w->flash);
    grade_rows(&s->grade, &r);
    rows_store(&r, w->out, &w->finish);
}

static void draw_next(void *arg, int i)
{
    struct work *w = arg;
    draw_pair(w, w->first_pair + i);
}

static void place(struct work *w, float t)
{
    struct scene *s = w->scene;
    const struct stage_pose pose = scene_pose(s, t);
    const float opened = t > s->cast.at.shutter ? t - s->cast.at.shutter : 0;
    const struct stage_pose before = scene_pose(s, opened);
    for (int i = 0; i < s->n_items; i++) {
        layer_place(&s->item[i].frame, s->item[i].layer, &s->stage, &pose, t);
        w->n_behind += s->item[i].behind;
    }
    ground_place(&w->ground, &s->ground, &s->stage, &pose, w->seconds);
    w->ground.mirror = s->mirror;
    cast_place(&s->list, &s->cast, &pose, &before, t);
}

/* The light that those who play bring: fire from jaws, the flash of what bursts. */
static void light(struct work *w, float t)
{
    struct scene *s = w->scene;
    const int size[2] = {s->options.width, s->options.height};
    const float dread = scene_dread(s, t), flicker = 0.7F + 0.3F * curve_sine(w->seconds * 5.3F);
    float alarm = 0;
    for (int i = 0; i < s->cast.n; i++)
        alarm = curve_max(alarm, cast_state(&s->cast, i, 0, t).alarm);
    w->flash = (int)(256 * curve_min(weather_flash(s->weather, w->seconds) + 0.75F * alarm, 1));
    if (!s->glow)
        return;
    const struct cast_state c = cast_state(&s->cast, 0, 0, t);
    const struct stage_pose pose = scene_pose(s, t);
    const struct stage_view v = stage_view(&s->stage, &pose, c.z);
    const float own = v.scale * s->cast.actor->size / c.z;
    const struct sprite_pose glow = {.x = v.x + v.scale * c.x / c.z,
                                     .y = v.y + v.scale * (1 - c.height) / c.z - 0.2F * own,
                                     .anchor_y = 0.5F,
                                     .size = own * (2.1F + 0.2F * flicker) + 0.12F * (float)size[1],
                                     .wide = 1.3F,
                                     .tall = 1,
                                     .cover = (0.30F + 0.20F * dread) * flicker * c.cover *
                                              c.facing};
    w->glow.sprite = NULL;
    sprite_place(&w->glow, s->glow, &glow, NULL, &s->palette, size);
    w->fire = (int)(256 * 0.13F * dread * flicker) + 1;
}

void scene_draw(struct scene *s, int i, struct frame *out)
{
    const float t = scene_time(s, i);
    struct work w = {
        .scene = s,
        .out = out,
        .seconds = (float)i / (float)s->options.fps,
        .finish = {
            .vignette = s->grade.vignette, .contrast = CONTRAST, .grain = GRAIN, .i_frame = i}};
    const int n_pairs = s->options.height / 2;
    place(&w, t);
    light(&w, t);
    /* The water's rows look into those above the horizon: these first. */
    const int n_above = s->mirror ? ground_mirror_pairs(&w.ground) : 0;
    if (n_above > 0)
        crew_run(s->crew, draw_next, &w, n_above);
    w.first_pair = n_above;
    crew_run(s->crew, draw_next, &w, n_pairs - n_above);
}
