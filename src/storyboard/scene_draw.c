/* scene_draw.c - one frame of a scene; see scene.h. SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/scene_impl.h"

#define VIGNETTE 0.34F

/* One frame under work. */
struct work {
    struct scene *scene;
    struct frame *out;
    struct ground_frame ground;
    struct actor_frame actor;
    float seconds;
    int flash;      /* 0..256 */
    int n_behind;   /* items that the ground covers */
    int i_actor;    /* it is drawn before this item */
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

static void draw_pair(struct work *w, int pair)
{
    static const uint8_t white[3] = {235, 128, 128};
    struct scene *s = w->scene;
    struct rows r = {.width = s->options.width, .pair = pair};
    const int start = find_start(w, pair);
    /* Where the water mirrors it, the backdrop is wanted whole. */
    const bool mirrored = s->mirror && pair < ground_mirror_pairs(&w->ground);
    for (int i = mirrored ? 0 : start; i < w->n_behind; i++)
        layer_draw(&s->item[i].frame, &r);
    if (mirrored)
        rows_store(&r, s->mirror, 0);
    if (start <= w->n_behind)
        ground_draw(&w->ground, &r);
    for (int i = w->n_behind; i <= s->n_items; i++) {
        if (i == w->i_actor)
            actor_draw(&w->actor, &r);
        if (i < s->n_items && i >= start)
            layer_draw(&s->item[i].frame, &r);
    }
    weather_draw(s->weather, &r, s->options.height, w->seconds);
    if (w->flash > 0)
        rows_veil(&r, white, w->flash);
    rows_store(&r, w->out, VIGNETTE);
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
    for (int i = 0; i < s->n_items; i++) {
        layer_place(&s->item[i].frame, s->item[i].layer, &s->stage, &pose, t);
        w->n_behind += s->item[i].behind;
    }
    ground_place(&w->ground, &s->ground, &s->stage, &pose, w->seconds);
    w->ground.mirror = s->mirror;
    actor_place(&w->actor, &s->actor, &pose, t);
    w->i_actor = w->n_behind;
    while (w->i_actor < s->n_items && s->item[w->i_actor].layer->depth >= w->actor.depth)
        w->i_actor++;
}

void scene_draw(struct scene *s, int i, struct frame *out)
{
    const float t = scene_time(s, i);
    struct work w = {.scene = s, .out = out, .seconds = (float)i / (float)s->options.fps};
    const int n_pairs = s->options.height / 2;
    place(&w, t);
    w.flash = (int)(256 * weather_flash(s->weather, w.seconds));
    /* The water's rows look into those above the horizon: these first. */
    const int n_above = s->mirror ? ground_mirror_pairs(&w.ground) : 0;
    if (n_above > 0)
        crew_run(s->crew, draw_next, &w, n_above);
    w.first_pair = n_above;
    crew_run(s->crew, draw_next, &w, n_pairs - n_above);
}
