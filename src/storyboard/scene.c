/* scene.c - what stands on the stage; see scene.h. SPDX-License-Identifier: MIT */
#include "storyboard/scene.h"

#include "base/memory.h"
#include "storyboard/actor.h"
#include "storyboard/curve.h"
#include "storyboard/ground.h"
#include "storyboard/layer.h"
#include "storyboard/scene_impl.h"
#include "storyboard/weather.h"

static float film_time(const struct scene *s, int i)
{
    return s->options.n_frames > 1 ? (float)i / (float)(s->options.n_frames - 1) : 0;
}

struct stage_pose scene_pose(const struct scene *s, float t)
{
    return stage_camera(&s->stage, t, actor_at(&s->actor, t).x);
}

static int set_up(struct scene *s, struct error *err)
{
    const struct plan *p = s->plan;
    const enum floor kind = s->place->ground;
    struct actor_stage at = {
        .stage = &s->stage,
        .palette = &s->palette,
        .has_ground = kind != GROUND_NONE,
        .under_water = p->place == PLACE_UNDERWATER,
        .seconds = (float)s->options.n_frames / (float)s->options.fps,
    };
    palette_make(&s->palette, p);
    sky_init(&s->sky, p, &s->palette);
    ground_init(&s->ground, p, &s->palette, &s->sky);
    stage_init(&s->stage, p, s->options.width, s->options.height, s->place->horizon);
    s->summit_x = -s->sky.sun_x * 0.35F;
    scene_paint_summit(s, &at.summit_v);
    at.summit_x = s->summit_x;
    const enum nature n = nature_of(p->cast[0].picture).nature;
    const bool swims = n == NATURE_BOAT || n == NATURE_SWIMMER;
    if (swims && s->ground.shore > 0)
        s->ground.shore = 2.3F; /* the water reaches to where it plays */
    at.on_water = kind == GROUND_WATER || (s->ground.shore > 0 && swims);
    int code = actor_open(&s->actor, &at, p, err);
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
        code = scene_paint(s, &build, err);
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
    actor_close(&s->actor);
    weather_close(s->weather);
    frame_free(s->mirror);
    mem_free(s);
}

float scene_time(const struct scene *s, int i)
{
    return film_time(s, i);
}
