/* scene.c - what stands on the stage; see scene.h. SPDX-License-Identifier: MIT */
#include "storyboard/scene.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/ground.h"
#include "storyboard/layer.h"
#include "storyboard/scene_impl.h"
#include "storyboard/weather.h"

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

/* Does it lie ashore? On a beach that is where it stands, sleeps or walks. */
static bool ashore(const struct plan *p, const struct plan_actor *a)
{
    for (int i = 0; i < a->n_moves; i++)
        if (a->moves[i].move != MOVE_STAND && a->moves[i].move != MOVE_SLEEP &&
            a->moves[i].move != MOVE_LOOK && a->moves[i].move != MOVE_WALK &&
            a->moves[i].move != MOVE_DANCE)
            return false;
    return p->place == PLACE_BEACH;
}

static bool some_swim(const struct plan *p)
{
    for (int i = 0; i < p->n_cast; i++) {
        const enum nature n = nature_of(p->cast[i].picture).nature;
        if (n == NATURE_BOAT || (n == NATURE_SWIMMER && !ashore(p, &p->cast[i])))
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
    grade_init(&s->grade, p->mood);
    sky_init(&s->sky, p, &s->palette);
    ground_init(&s->ground, p, &s->palette, &s->sky);
    stage_init(&s->stage, p, s->options.width, s->options.height, s->place->horizon);
    s->summit_x = -s->sky.sun_x * 0.35F;
    scene_paint_summit(s, &at.summit_v);
    at.summit_x = s->summit_x;
    at.rim = rim_light(s);
    at.all_water = kind == GROUND_WATER;
    at.has_water = kind == GROUND_WATER || (some_swim(p) && s->ground.shore > 0);
    if (at.has_water && s->ground.shore > 0)
        s->ground.shore = 2.3F; /* the water reaches to where they play */
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
    s->place = place_of_plan(plan);
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
