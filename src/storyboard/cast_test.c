/* cast_test.c - bodies on the stage: each test is named after what was once wrong with them.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/cast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "storyboard/pack.h"
#include "storyboard/plan_sample.h"
#include "storyboard/scene_impl.h"
#include "unit.h"

enum { WIDTH = 320, HEIGHT = 180, FRAMES = 141 };

/* A second move from the middle of the film on. */
static void then(struct plan *p, int actor, enum move move)
{
    struct plan_actor *a = &p->cast[actor];
    a->moves[0].to = 0.5F;
    a->moves[1] = (struct plan_move){.move = move, .from = 0.5F, .to = 1, .target = PLAN_NOBODY};
    a->n_moves = 2;
}

struct film {
    struct crew *crew;
    struct scene *scene;
    struct frame *frame;
};

static void film_scope_end(struct film *f)
{
    scene_close(f->scene);
    frame_free(f->frame);
    crew_free(f->crew);
}
#define FILM __attribute__((cleanup(film_scope_end))) struct film

static struct film film_of(const struct plan *p)
{
    const struct scene_options options = {
        .width = WIDTH, .height = HEIGHT, .fps = 25, .n_frames = FRAMES};
    struct error err = {0};
    struct film f = {.crew = crew_new(1), .frame = frame_new(WIDTH, HEIGHT)};
    CHECK_OK(scene_open(&f.scene, p, &options, f.crew, NULL, NULL, &err), err);
    return f;
}

/* Where a body stands in frame i, in heights of the frame; x from its middle. */
struct place_seen {
    float x, feet, top, size;
};

static struct place_seen seen(const struct film *f, int actor, int body, int i)
{
    const struct scene *s = f->scene;
    const float t = scene_time(s, i);
    const struct stage_pose pose = scene_pose(s, t);
    const struct cast_state c = cast_state(&s->cast, actor, body, t);
    const struct stage_view v = stage_view(&s->stage, &pose, c.z);
    const struct actor *a = &s->cast.actor[actor];
    const float k = 1 / (float)HEIGHT, size = a->size * a->body[body].size * c.scale;
    const float anchor = v.y + v.scale * (1 - c.height) / c.z;
    const float low = a->airborne ? 0.5F : 0, high = a->airborne ? 0.5F : 1;
    return (struct place_seen){.x = (v.x + v.scale * c.x / c.z - WIDTH / 2.0F) * k,
                               .feet = (anchor + low * v.scale * size / c.z) * k,
                               .top = (anchor - high * v.scale * size / c.z) * k,
                               .size = v.scale * size / c.z * k};
}

TEST(from_gallop_to_jump_nobody_goes_backward)
{
    static const enum move moves[] = {MOVE_WALK, MOVE_RUN, MOVE_GALLOP, MOVE_FLY, MOVE_JUMP};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++) {
            struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
            const int horse = plan_sample_add(&p, "horse", 1, moves[a]);
            then(&p, horse, moves[b]);
            FILM f = film_of(&p);
            const float ahead = f.scene->cast.actor[horse].heading;
            for (int i = 1; i < FRAMES; i++) {
                const struct cast_state was =
                    cast_state(&f.scene->cast, horse, 0, scene_time(f.scene, i - 1));
                const struct cast_state is =
                    cast_state(&f.scene->cast, horse, 0, scene_time(f.scene, i));
                if ((is.x / is.z - was.x / was.z) * ahead < -0.002F)
                    fail_msg("%s, then %s: backward in frame %d", plan_move_name(moves[a]),
                             plan_move_name(moves[b]), i);
            }
            const struct place_seen half = seen(&f, horse, 0, FRAMES / 2);
            assert_true(fabsf(half.x) < 0.75F); /* not yet out of it */
        }
}

TEST(no_move_jumps_from_one_frame_to_the_next)
{
    static const struct {
        const char *picture;
        enum place place;
        int count;
    } cases[] = {{"horse", PLACE_MEADOW, 1},    {"dolphin", PLACE_SEA, 1},
                 {"eagle", PLACE_MOUNTAINS, 1}, {"woman-standing", PLACE_STREET, 3},
                 {"snake", PLACE_DESERT, 1},    {"rocket", PLACE_DESERT, 1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int m = 0; m < MOVES; m++) {
            struct plan p = plan_sample(cases[k].place, SHOT_STATIC);
            plan_sample_add(&p, cases[k].picture, cases[k].count, (enum move)m);
            FILM f = film_of(&p);
            /* What fills the frame is on it at once, and so is what appears. */
            const bool rushes = m == MOVE_APPROACH || m == MOVE_APPEAR || m == MOVE_SHAKE;
            for (int i = 1; !rushes && i < FRAMES; i++) {
                const struct place_seen was = seen(&f, 0, 0, i - 1), is = seen(&f, 0, 0, i);
                if (fabsf(is.x - was.x) > 0.06F || fabsf(is.feet - was.feet) > 0.09F ||
                    fabsf(is.size - was.size) > 0.06F)
                    fail_msg("%s, %s, frame %d: by %.3f, %.3f, %.3f", cases[k].picture,
                             plan_move_name((enum move)m), i, (double)(is.x - was.x),
                             (double)(is.feet - was.feet), (double)(is.size - was.size));
            }
        }
}

TEST(a_boy_and_a_girl_walk_the_same_way_and_not_through_each_other)
{
    struct plan p = plan_sample(PLACE_BEACH, SHOT_STATIC);
    plan_sample_add(&p, "man-standing", 1, MOVE_WALK);
    plan_sample_add(&p, "woman-standing", 1, MOVE_WALK);
    FILM f = film_of(&p);
    const struct actor *a = f.scene->cast.actor;
    assert_true(a[0].heading * a[1].heading > 0);
    for (int i = 0; i < FRAMES; i += 10) {
        const struct place_seen x = seen(&f, 0, 0, i), y = seen(&f, 1, 0, i);
        assert_true(fabsf(x.x - y.x) > 0.15F);
    }
    /* They walk, they do not slide standing. */
    const struct cast_state c = cast_state(&f.scene->cast, 0, 0, 0.5F);
    assert_int_equal(cast_look(&a[0], c.move)->picture, pack_find("man-walking"));
}

TEST(a_huge_whale_is_not_cut_off_by_the_frame)
{
    for (int shot = 0; shot < SHOTS; shot++) {
        struct plan p = plan_sample(PLACE_BEACH, (enum shot)shot);
        const int robot = plan_sample_add(&p, "robot", 1, MOVE_STAND),
                  whale = plan_sample_add(&p, "whale", 1, MOVE_STAND);
        p.cast[robot].size = SIZE_TINY;
        p.cast[whale].size = SIZE_HUGE;
        plan_sample_put(&p, robot, WHERE_BESIDE, whale);
        FILM f = film_of(&p);
        for (int i = 0; i < FRAMES; i += 20) {
            const struct place_seen w = seen(&f, whale, 0, i), r = seen(&f, robot, 0, i);
            const float half = (float)WIDTH / HEIGHT / 2;
            if (w.top < 0 || fabsf(w.x) + 0.4F * w.size > half || fabsf(r.x) > half)
                fail_msg("%s, frame %d: top %.2f, x %.2f, robot %.2f",
                         plan_shot_name((enum shot)shot), i, (double)w.top, (double)w.x,
                         (double)r.x);
            /* Small, but seen, and beside. */
            assert_true(r.size > 0.08F && r.size < 0.4F * w.size);
            assert_true(fabsf(w.x - r.x) > 0.35F * w.size);
        }
    }
}

TEST(feet_are_seen_when_the_camera_pushes_in)
{
    struct plan p = plan_sample(PLACE_GARDEN, SHOT_PUSH_IN);
    plan_sample_add(&p, "woman-standing", 1, MOVE_STAND);
    plan_sample_add(&p, "dog", 1, MOVE_STAND);
    FILM f = film_of(&p);
    for (int k = 0; k < 2; k++)
        assert_true(seen(&f, k, 0, FRAMES - 1).feet < 0.99F);
}

TEST(a_handful_of_dancers_do_not_hide_each_other)
{
    for (int n = 2; n <= 5; n++) {
        struct plan p = plan_sample(PLACE_STAGE, SHOT_STATIC);
        plan_sample_add(&p, "woman-standing", n, MOVE_DANCE);
        FILM f = film_of(&p);
        for (int i = 1; i < n; i++) {
            const struct place_seen a = seen(&f, 0, i - 1, 0), b = seen(&f, 0, i, 0);
            assert_true(fabsf(a.x - b.x) > 0.3F * a.size);
        }
    }
}

TEST(a_flock_stays_below_the_upper_edge)
{
    static const int counts[] = {5, 12, PLAN_MOST_COUNT};
    for (int k = 0; k < 3; k++) {
        struct plan p = plan_sample(PLACE_SEA, SHOT_STATIC);
        plan_sample_add(&p, "bird", counts[k], MOVE_FLY);
        FILM f = film_of(&p);
        for (int body = 0; body < counts[k]; body++)
            for (int i = 0; i < FRAMES; i += 20) {
                const struct place_seen b = seen(&f, 0, body, i);
                if (b.top < -0.02F)
                    fail_msg("bird %d of %d: %.2f", body, counts[k], (double)b.top);
            }
    }
}

TEST(an_eagle_circles_a_castle_at_its_towers)
{
    struct plan p = plan_sample(PLACE_MOUNTAINS, SHOT_STATIC);
    const int eagle = plan_sample_add(&p, "eagle", 1, MOVE_CIRCLE),
              castle = plan_sample_add(&p, "castle", 1, MOVE_STAND);
    p.cast[eagle].moves[0].target = castle;
    FILM f = film_of(&p);
    float least = 9, most = 0;
    for (int i = 0; i < FRAMES; i += 4) {
        const struct cast_state e = cast_state(&f.scene->cast, eagle, 0, scene_time(f.scene, i));
        const float size = seen(&f, eagle, 0, i).size;
        assert_true(e.height > 0.4F * f.scene->cast.actor[castle].size);
        assert_true(fabsf(seen(&f, eagle, 0, i).x) < 0.89F);
        least = fminf(least, size);
        most = fmaxf(most, size);
    }
    assert_true(most > 1.4F * least);
}

TEST(a_dolphin_comes_out_of_the_water_and_goes_under)
{
    struct plan p = plan_sample(PLACE_SEA, SHOT_STATIC);
    plan_sample_add(&p, "dolphin", 1, MOVE_JUMP);
    FILM f = film_of(&p);
    const float size = f.scene->cast.actor[0].size;
    float low = 9, high = -9;
    for (int i = 0; i < FRAMES; i++) {
        const struct cast_state s = cast_state(&f.scene->cast, 0, 0, scene_time(f.scene, i));
        low = fminf(low, s.height);
        high = fmaxf(high, s.height);
    }
    assert_true(high > 0.3F * size && low < -0.6F * size);
}

TEST(a_ship_that_sinks_does_not_fall_from_the_sky)
{
    struct plan p = plan_sample(PLACE_SEA, SHOT_STATIC);
    plan_sample_add(&p, "ship", 1, MOVE_FALL);
    FILM f = film_of(&p);
    const float size = f.scene->cast.actor[0].size;
    float before = cast_state(&f.scene->cast, 0, 0, scene_time(f.scene, 0)).height;
    assert_true(fabsf(before) < 0.1F * size);
    for (int i = 1; i < FRAMES; i++) {
        const struct cast_state s = cast_state(&f.scene->cast, 0, 0, scene_time(f.scene, i));
        assert_true(s.height <= before);
        before = s.height;
    }
    assert_true(before < -size);
}

TEST(a_lighthouse_above_all_stands_on_the_summit)
{
    struct plan p = plan_sample(PLACE_MOUNTAINS, SHOT_STATIC);
    plan_sample_add(&p, "lighthouse", 1, MOVE_STAND);
    plan_sample_put(&p, 0, WHERE_ABOVE, PLAN_NOBODY);
    FILM f = film_of(&p);
    const struct cast_stage *at = &f.scene->cast.at;
    const struct cast_state s = cast_state(&f.scene->cast, 0, 0, 0.5F);
    const float feet = (1 - s.height) / s.z;
    assert_true(feet > at->summit_v && feet < at->summit_v + 0.05F);
    assert_true(seen(&f, 0, 0, 0).size > 0.15F);
}

TEST(a_rocket_starts_on_the_ground_and_is_seen_for_most_of_the_film)
{
    struct plan p = plan_sample(PLACE_DESERT, SHOT_TILT_UP);
    plan_sample_add(&p, "rocket", 1, MOVE_RISE);
    FILM f = film_of(&p);
    const struct cast_state s = cast_state(&f.scene->cast, 0, 0, 0);
    assert_true(s.height < 0.55F * f.scene->cast.actor[0].size);
    assert_true(seen(&f, 0, 0, FRAMES * 3 / 4).feet > 0.1F);
}

TEST(who_walks_up_to_another_stays_beside)
{
    struct plan p = plan_sample(PLACE_GARDEN, SHOT_STATIC);
    const int girl = plan_sample_add(&p, "woman-standing", 1, MOVE_WALK),
              dog = plan_sample_add(&p, "dog", 1, MOVE_STAND);
    plan_sample_put(&p, girl, WHERE_BESIDE, dog);
    FILM f = film_of(&p);
    for (int i = 0; i < FRAMES; i += 5)
        assert_true(fabsf(seen(&f, girl, 0, i).x - seen(&f, dog, 0, i).x) > 0.12F);
    assert_true(fabsf(seen(&f, girl, 0, FRAMES - 1).x - seen(&f, dog, 0, FRAMES - 1).x) < 0.5F);
}

TEST(who_walks_with_another_keeps_the_distance)
{
    struct plan p = plan_sample(PLACE_GARDEN, SHOT_STATIC);
    const int girl = plan_sample_add(&p, "woman-standing", 1, MOVE_WALK),
              dog = plan_sample_add(&p, "dog", 1, MOVE_WALK);
    plan_sample_put(&p, girl, WHERE_BESIDE, dog);
    FILM f = film_of(&p);
    const float first = seen(&f, girl, 0, 0).x - seen(&f, dog, 0, 0).x;
    for (int i = 0; i < FRAMES; i += 20)
        assert_true(fabsf(seen(&f, girl, 0, i).x - seen(&f, dog, 0, i).x - first) < 0.05F);
}

/* The first item that shows a picture of the actor as it is from the side. */
static const struct cast_item *item_of(const struct film *f, int actor)
{
    const struct actor *a = &f->scene->cast.actor[actor];
    for (int i = 0; i < f->scene->list.n; i++)
        for (int k = 0; k < STANCES * CAST_TONES; k++) {
            const struct sprite *s = a->looks[k / CAST_TONES].tones[k % CAST_TONES];
            if (s && f->scene->list.item[i].frame.sprite == s)
                return &f->scene->list.item[i];
        }
    fail_msg("actor %d is not drawn", actor);
    return NULL;
}

/* The row of the frame in which the middle of its picture lies. */
static float middle_of(const struct sprite_frame *f)
{
    const float n = (float)f->sprite->size[f->level] * 65536;
    return (n / 2 - (float)f->way[0].v0) / (float)f->way[0].v_y;
}

TEST(who_sleeps_lies_and_snores)
{
    struct plan awake = plan_sample(PLACE_ROOM, SHOT_STATIC);
    plan_sample_add(&awake, "cat", 1, MOVE_STAND);
    struct plan asleep = awake;
    asleep.cast[0].moves[0].move = MOVE_SLEEP;
    FILM standing = film_of(&awake);
    FILM lying = film_of(&asleep);
    scene_draw(standing.scene, 70, standing.frame);
    scene_draw(lying.scene, 70, lying.frame);
    const struct sprite_frame *up = &item_of(&standing, 0)->frame;
    const struct sprite_frame *down = &item_of(&lying, 0)->frame;
    assert_true(middle_of(down) > middle_of(up) + 3);
    assert_true((float)down->end_y <= seen(&lying, 0, 0, 70).feet * HEIGHT + 2);
    int letters = 0;
    for (int i = 0; i < lying.scene->list.n; i++)
        letters += lying.scene->list.item[i].frame.sprite == lying.scene->cast.actor[0].snore;
    assert_true(letters >= 2);
}

TEST(a_body_that_turns_is_never_as_thin_as_paper)
{
    static const enum move moves[] = {MOVE_TURN, MOVE_LOOK, MOVE_SPIN, MOVE_DANCE, MOVE_CIRCLE};
    for (int m = 0; m < 5; m++) {
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
        plan_sample_add(&p, "cat", 1, moves[m]);
        FILM f = film_of(&p);
        for (int i = 0; i < FRAMES; i++) {
            scene_draw(f.scene, i, f.frame);
            const struct sprite_way *w = &item_of(&f, 0)->frame.way[0];
            const float wide = hypotf((float)w->u_x, (float)w->u_y);
            const float tall = hypotf((float)w->v_x, (float)w->v_y);
            if (tall < 0.3F * wide)
                fail_msg("%s, frame %d: %.2f", plan_move_name(moves[m]), i, (double)(tall / wide));
        }
    }
}

/* What is drawn of the mesh: how far the texels at u, v of its picture are moved to the side. */
static float leg_at(const struct sprite_frame *f, int u)
{
    return (float)f->mesh_u[SPRITE_MESH][u] / (float)f->sprite->size[f->level] / 65536;
}

TEST(a_walking_head_is_a_body)
{
    static const char *const heads[] = {"fox", "panda", "farmer", "robot", "child", "man-beard"};
    for (int k = 0; k < 6; k++) {
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
        plan_sample_add(&p, heads[k], 1, MOVE_WALK);
        FILM f = film_of(&p);
        float apart = 0;
        for (int i = 0; i < FRAMES; i += 2) {
            scene_draw(f.scene, i, f.frame);
            const struct sprite_frame *frame = &item_of(&f, 0)->frame;
            const float front = leg_at(frame, 4), behind = leg_at(frame, 8);
            assert_true(front * behind <= 0);
            apart = fmaxf(apart, fabsf(front - behind));
        }
        if (apart < 0.08F)
            fail_msg("the legs of %s go %.3f apart", heads[k], (double)apart);
    }
}

TEST(a_sleeping_fox_is_curled_up_and_not_sawn_off)
{
    struct plan p = plan_sample(PLACE_SNOW, SHOT_STATIC);
    plan_sample_add(&p, "fox", 1, MOVE_WALK);
    then(&p, 0, MOVE_SLEEP);
    FILM f = film_of(&p);
    const struct actor *a = f.scene->cast.actor;
    const struct sprite *up = cast_look(a, MOVE_WALK)->tones[0];
    const struct sprite *down = cast_look(a, MOVE_SLEEP)->tones[0];
    assert_int_equal(cast_look(a, MOVE_SLEEP)->picture, pack_find("fox-asleep"));
    assert_true(down->bottom - down->top < 0.75F * (up->bottom - up->top));
    scene_draw(f.scene, FRAMES - 1, f.frame);
    const struct sprite_frame *frame = &item_of(&f, 0)->frame;
    assert_ptr_equal(frame->sprite, down);
    /* All of its picture is above the edge where it is cut. */
    const float n = (float)down->size[frame->level] * 65536;
    const float feet = (down->bottom * n - (float)frame->way[0].v0) / (float)frame->way[0].v_y;
    assert_true((float)frame->end_y >= feet);
}

/* It stood on the sofa with all its legs. */
TEST(a_cat_that_sleeps_on_a_sofa_lies)
{
    struct plan p = plan_sample(PLACE_ROOM, SHOT_STATIC);
    plan_sample_add(&p, "cat", 1, MOVE_SLEEP);
    plan_sample_add(&p, "couch-and-lamp", 1, MOVE_STAND);
    p.cast[0].where = WHERE_ON;
    p.cast[0].where_target = 1;
    FILM f = film_of(&p);
    scene_draw(f.scene, 70, f.frame);
    const struct sprite_frame *frame = &item_of(&f, 0)->frame;
    const struct sprite *s = frame->sprite;
    const float n = (float)s->size[frame->level] * 65536;
    const float feet = (s->bottom * n - (float)frame->way[0].v0) / (float)frame->way[0].v_y;
    const float tall = (s->bottom - s->top) * n / (float)frame->way[0].v_y;
    assert_true((float)frame->end_y < feet - 0.15F * tall);
    assert_true((float)frame->end_y > feet - 0.45F * tall);
}

/* How many texels of two pictures of one size differ by much, in a disc of the picture's units. */
static int differ(const struct sprite *a, const struct sprite *b, const float disc[3])
{
    const int n = a->size[0], stride = n + SPRITE_BORDER;
    int sum = 0;
    assert_int_equal(n, b->size[0]);
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            const float dx = ((float)x + 0.5F) * 128 / (float)n - disc[0];
            const float dy = ((float)y + 0.5F) * 128 / (float)n - disc[1];
            const int i = (y + 1) * stride + x + 1;
            const int by = abs((int)(a->texels[0][i] & 255) - (int)(b->texels[0][i] & 255));
            sum += dx * dx + dy * dy < disc[2] * disc[2] && by > 24;
        }
    return sum;
}

/* Only the letters said that a cat slept: it looked on. */
TEST(who_sleeps_has_shut_eyes)
{
    static const struct {
        const char *picture;
        float eye[3];
    } cases[] = {
        {"cat", {41.75F, 40, 5}},
        {"dog", {64.75F, 39.25F, 5}},
        {"owl", {49, 41, 11}},
        {"boy", {53.5F, 42, 3.5F}}, /* the head is smaller than its picture */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
        plan_sample_add(&p, cases[i].picture, 1, MOVE_SLEEP);
        FILM f = film_of(&p);
        const struct actor *a = f.scene->cast.actor;
        const struct look *own = &a->looks[STANCE_OWN], *sleeps = cast_look(a, MOVE_SLEEP);
        assert_true(sleeps != own);
        if (differ(own->tones[0], sleeps->tones[0], cases[i].eye) < 4)
            fail_msg("the eyes of a sleeping %s are open", cases[i].picture);
    }
}

/* How a wheel of the first actor stands, in turns, and where it is. */
static float wheel_turn(struct film *f, int frame, float *x)
{
    const struct actor *a = f->scene->cast.actor;
    scene_draw(f->scene, frame, f->frame);
    for (int i = 0; i < f->scene->list.n; i++) {
        const struct sprite_frame *w = &f->scene->list.item[i].frame;
        if (w->sprite != a->wheel)
            continue;
        const float n = (float)w->sprite->size[w->level] * 65536 / 2;
        const float ux = (float)w->way[0].u_x, uy = (float)w->way[0].u_y;
        const float vx = (float)w->way[0].v_x, vy = (float)w->way[0].v_y;
        const float u = n - (float)w->way[0].u0, v = n - (float)w->way[0].v0;
        *x = (u * vy - v * uy) / (ux * vy - uy * vx);
        return atan2f(uy, ux) / 6.2831853F;
    }
    fail_msg("no wheel is drawn in frame %d", frame);
    return 0;
}

/* Cars slid over the road on wheels that stood still. */
TEST(wheels_turn_as_far_as_they_roll)
{
    static const char *const on_wheels[] = {"automobile", "bicycle", "tractor"};
    for (size_t k = 0; k < sizeof on_wheels / sizeof *on_wheels; k++) {
        struct plan p = plan_sample(PLACE_ROAD, SHOT_STATIC);
        plan_sample_add(&p, on_wheels[k], 1, MOVE_RUN);
        FILM f = film_of(&p);
        const struct actor *a = f.scene->cast.actor;
        const struct cast_state s = cast_state(&f.scene->cast, 0, 0, 0.5F);
        const float px = HEIGHT * a->size * a->body[0].size / s.z;
        float before, x;
        const float first = wheel_turn(&f, 70, &before), second = wheel_turn(&f, 71, &x);
        const float round = 6.2831853F * a->wheels.at[0].tyre * px;
        const float off = second - first - (x - before) / round;
        if (fabsf(x - before) < 0.5F || fabsf(off - roundf(off)) > 0.015F)
            fail_msg("%s goes %.2f px, its wheel turns from %.3f to %.3f, %.2f px round",
                     on_wheels[k], (double)(x - before), (double)first, (double)second,
                     (double)round);
    }
}

TEST(wheels_that_stand_stand)
{
    struct plan p = plan_sample(PLACE_ROAD, SHOT_PUSH_IN);
    plan_sample_add(&p, "bus", 1, MOVE_STAND);
    FILM f = film_of(&p);
    float x;
    const float first = wheel_turn(&f, 20, &x), second = wheel_turn(&f, 100, &x);
    assert_true(fabsf(first - second) < 0.01F);
}

TEST(every_wheel_of_the_table_is_in_a_picture)
{
    int n = 0;
    for (int i = 0; i < pack_count(); i++) {
        const struct wheel_set s = wheel_set_of(i);
        n += s.n > 0;
        assert_true(s.n == 0 || s.picture >= 0);
        for (int k = 0; k < s.n; k++) {
            const struct wheel *w = &s.at[k];
            assert_true(w->hub > 0 && w->hub < w->tyre && w->x > w->hub && w->x < 1 - w->hub);
            assert_true(w->y + w->tyre < 1.02F && w->y > 0.7F);
        }
    }
    assert_int_equal(n, 21);
}

TEST(feet_are_seen_when_the_camera_rises)
{
    struct plan p = plan_sample(PLACE_SNOW, SHOT_PEDESTAL_UP);
    plan_sample_add(&p, "fox", 1, MOVE_SLEEP);
    FILM f = film_of(&p);
    for (int i = 0; i < FRAMES; i += 20)
        assert_true(seen(&f, 0, 0, i).feet < 0.99F);
}

/* Its head was cut off by the upper edge. */
TEST(a_bird_that_flies_over_a_meadow_stays_below_the_upper_edge)
{
    static const char *const who[] = {"bird", "duck", "eagle"};
    for (size_t k = 0; k < sizeof who / sizeof *who; k++) {
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_PUSH_IN);
        plan_sample_add(&p, who[k], 1, MOVE_FLY);
        plan_sample_put(&p, 0, WHERE_ABOVE, PLAN_NOBODY);
        FILM f = film_of(&p);
        for (int i = 0; i < FRAMES; i += 10) {
            const struct place_seen s = seen(&f, 0, 0, i);
            const float middle = (s.feet + s.top) / 2;
            if (middle - 0.40F * s.size < 0)
                fail_msg("%s: %.2f in frame %d", who[k], (double)(middle - 0.40F * s.size), i);
        }
    }
}

/* It floated over the picture's upper edge. */
TEST(who_is_above_another_is_in_the_picture)
{
    static const char *const pairs[][2] = {
        {"astronaut", "globe-showing-americas"}, {"bird", "castle"}, {"balloon", "lighthouse"}};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        struct plan p = plan_sample(k ? PLACE_HILLS : PLACE_SPACE, SHOT_STATIC);
        plan_sample_add(&p, pairs[k][0], 1, MOVE_FLOAT);
        plan_sample_add(&p, pairs[k][1], 1, MOVE_STAND);
        plan_sample_put(&p, 0, WHERE_ABOVE, 1);
        FILM f = film_of(&p);
        for (int i = 0; i < FRAMES; i += 10) {
            const struct place_seen s = seen(&f, 0, 0, i);
            if (s.top < -0.01F)
                fail_msg("%s: %.2f in frame %d", pairs[k][0], (double)s.top, i);
            assert_true(s.top < seen(&f, 1, 0, i).top);
        }
    }
}

/* A hamburger swung about its lower edge, down through the table. */
TEST(a_thing_that_spins_stays_where_it_lies)
{
    static const char *const things[] = {"hamburger", "top-hat", "soccer-ball", "wheel"};
    for (size_t k = 0; k < sizeof things / sizeof *things; k++) {
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
        plan_sample_add(&p, things[k], 1, MOVE_SPIN);
        FILM f = film_of(&p);
        float low = 1e6F, high = -1e6F;
        for (int i = 0; i < FRAMES; i += 5) {
            scene_draw(f.scene, i, f.frame);
            const struct sprite_frame *w = &item_of(&f, 0)->frame;
            const float n = (float)w->sprite->size[w->level] * 65536, u = n / 2, v = n / 2;
            const float det = (float)w->way[0].u_x * (float)w->way[0].v_y -
                              (float)w->way[0].u_y * (float)w->way[0].v_x;
            const float y = ((float)w->way[0].u_x * (v - (float)w->way[0].v0) -
                             (float)w->way[0].v_x * (u - (float)w->way[0].u0)) /
                            det;
            low = fminf(low, y);
            high = fmaxf(high, y);
        }
        if (high - low > 0.15F * seen(&f, 0, 0, 0).size * HEIGHT)
            fail_msg("%s: its middle moves by %.0f px", things[k], (double)(high - low));
    }
}

/* Parrots flew with folded wings, upright, their feet on the air. */
TEST(a_bird_on_the_wing_has_no_feet_and_beats_its_wings)
{
    static const char *const birds[] = {"parrot", "bird", "flamingo", "duck"};
    for (size_t k = 0; k < sizeof birds / sizeof *birds; k++) {
        struct plan p = plan_sample(PLACE_LAKE, SHOT_STATIC);
        plan_sample_add(&p, birds[k], 2, MOVE_FLY);
        FILM f = film_of(&p);
        const struct actor *a = f.scene->cast.actor;
        float low = 1e6F, high = -1e6F;
        assert_true(cast_look(a, MOVE_FLY)->picture != p.cast[0].picture);
        for (int i = 40; i < 70; i++) {
            scene_draw(f.scene, i, f.frame);
            int n = 0;
            for (int item = 0; item < f.scene->list.n; item++) {
                const struct sprite_frame *w = &f.scene->list.item[item].frame;
                if (!w->sprite || w->sprite != a->wings[0])
                    continue;
                const float tall = 1 / (float)w->way[0].v_y * 65536;
                low = fminf(low, tall);
                high = fmaxf(high, tall);
                n++;
            }
            assert_true(n <= 2);
        }
        if (low > 0 || high < 0.1F)
            fail_msg("the wings of a %s are %.2f to %.2f tall", birds[k], (double)low,
                     (double)high);
    }
}

TEST(a_bird_that_walks_is_on_its_feet)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    plan_sample_add(&p, "parrot", 1, MOVE_WALK);
    FILM f = film_of(&p);
    const struct actor *a = f.scene->cast.actor;
    assert_int_equal(cast_look(a, MOVE_WALK)->picture, p.cast[0].picture);
    assert_null(a->wings[0]);
}

TEST(a_violin_is_not_held_over_the_face)
{
    struct plan p = plan_sample(PLACE_STAGE, SHOT_STATIC);
    plan_sample_add(&p, "singer", 1, MOVE_STAND);
    p.cast[0].holds = pack_find("violin");
    FILM f = film_of(&p);
    scene_draw(f.scene, 70, f.frame);
    const struct sprite_frame *body = &item_of(&f, 0)->frame;
    const float chin = (float)body->first_y + 0.42F * (float)(body->end_y - body->first_y);
    int n = 0;
    for (int i = 0; i < f.scene->list.n; i++) {
        const struct sprite_frame *held = &f.scene->list.item[i].frame;
        if (held->sprite != f.scene->cast.actor[0].held)
            continue;
        const float n_texels = (float)held->sprite->size[held->level] * 65536;
        const float top = held->sprite->top * n_texels;
        assert_true((top - (float)held->way[0].v0) / (float)held->way[0].v_y > chin);
        n++;
    }
    assert_int_equal(n, 1);
}

TEST(a_melancholic_violinist_neither_hops_nor_spins)
{
    struct plan p = plan_sample(PLACE_STAGE, SHOT_STATIC);
    plan_sample_add(&p, "man-standing", 1, MOVE_DANCE);
    p.cast[0].holds = pack_find("violin");
    FILM f = film_of(&p);
    const struct cast *c = &f.scene->cast;
    const struct cast_state first = cast_state(c, 0, 0, 0);
    for (int i = 0; i < FRAMES; i++) {
        const struct cast_state s = cast_state(c, 0, 0, (float)i / FRAMES);
        if (fabsf(s.height - first.height) > 0.001F || fabsf(s.x - first.x) > 0.001F ||
            s.heading * first.heading < 0.9F)
            fail_msg("frame %d: at %.3f, %.3f, heading %.2f", i, (double)s.x, (double)s.height,
                     (double)s.heading);
    }
}

TEST(the_man_and_the_woman_of_a_trade_are_as_the_person)
{
    static const char *const trades[] = {"farmer", "astronaut", "singer", "mage"};
    for (int k = 0; k < 4; k++) {
        char man[32], woman[32];
        (void)snprintf(man, sizeof man, "man-%s", trades[k]);
        (void)snprintf(woman, sizeof woman, "woman-%s", trades[k]);
        const struct nature_row is = nature_of(pack_find(trades[k]));
        assert_int_equal(nature_of(pack_find(man)).nature, is.nature);
        assert_int_equal(nature_of(pack_find(woman)).nature, is.nature);
        assert_true(nature_is_upright(pack_find(woman)));
    }
}
