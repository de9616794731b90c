/* scene_test.c - casts on the stage: each move, each command of the camera, crowds, riders, and
 * the same bits on every processor.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "storyboard/kernel.h"
#include "storyboard/pack.h"
#include "storyboard/plan_sample.h"
#include "storyboard/scene_impl.h"
#include "unit.h"

enum { WIDTH = 256, HEIGHT = 144, FRAMES = 25 };
enum { ACROSS = WIDTH / 4, DOWN = HEIGHT / 4, CENTRE = WIDTH / 2 };

struct film {
    struct crew *crew;
    struct scene *scene;
    struct frame *frame;
};

static void film_close(struct film *f)
{
    scene_close(f->scene);
    frame_free(f->frame);
    crew_free(f->crew);
}

static void film_scope_end(struct film *f)
{
    film_close(f);
}
#define FILM __attribute__((cleanup(film_scope_end))) struct film

static struct film film_of(const struct plan *p, int n_threads)
{
    const struct scene_options options = {
        .width = WIDTH, .height = HEIGHT, .fps = 25, .n_frames = FRAMES};
    struct error err = {0};
    struct film f = {.crew = crew_new(n_threads), .frame = frame_new(WIDTH, HEIGHT)};
    CHECK_OK(scene_open(&f.scene, p, &options, f.crew, NULL, NULL, &err), err);
    return f;
}

static const uint8_t *draw(struct film *f, int i)
{
    scene_draw(f->scene, i, f->frame);
    assert_int_equal(f->frame->stride[0] % 2, 0);
    return f->frame->plane[0];
}

/* The luma of a frame without what the grain does, in a square of 4. */
struct thumb {
    float at[DOWN][ACROSS];
};

static struct thumb thumb_of(struct film *f, int i)
{
    struct thumb t = {0};
    const uint8_t *luma = draw(f, i);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            t.at[y / 4][x / 4] += (float)luma[y * f->frame->stride[0] + x] / 16;
    return t;
}

/* The mean distance of two thumbs, in steps of luma. */
static double distance(const struct thumb *a, const struct thumb *b)
{
    double sum = 0;
    for (int y = 0; y < DOWN; y++)
        for (int x = 0; x < ACROSS; x++)
            sum += fabs((double)a->at[y][x] - (double)b->at[y][x]);
    return sum / (DOWN) / (ACROSS);
}

static void check_picture(const struct thumb *t, const char *what)
{
    double sum = 0, squares = 0;
    const double n = (DOWN) * (ACROSS);
    for (int y = 0; y < DOWN; y++)
        for (int x = 0; x < ACROSS; x++) {
            sum += (double)t->at[y][x];
            squares += (double)t->at[y][x] * (double)t->at[y][x];
        }
    const double mean = sum / n, deviation = sqrt(squares / n - mean * mean);
    if (mean < 25 || mean > 225 || deviation < 6)
        fail_msg("%s: mean %.1f, deviation %.1f", what, mean, deviation);
}

enum { LOOKS = 3 };
static const int looks[LOOKS] = {4, 12, 20};

struct strip {
    struct thumb look[LOOKS];
};

static struct strip strip_of(const struct plan *p, const char *what)
{
    FILM f = film_of(p, 1);
    struct strip s;
    for (int i = 0; i < LOOKS; i++) {
        s.look[i] = thumb_of(&f, looks[i]);
        check_picture(&s.look[i], what);
    }
    if (distance(&s.look[0], &s.look[1]) < 0.02 && distance(&s.look[1], &s.look[2]) < 0.02)
        fail_msg("%s is frozen", what);
    return s;
}

static double strip_distance(const struct strip *a, const struct strip *b)
{
    double most = 0;
    for (int i = 0; i < LOOKS; i++)
        most = fmax(most, distance(&a->look[i], &b->look[i]));
    return most;
}

/* A horse in a meadow does it, near a dog that some moves look for. What two moves must differ by
 * is a twentieth of a step of luma over the whole picture, about what a leg's way makes. */
TEST(every_move_lives_and_is_unlike_the_others)
{
    SCOPED(mem) struct strip *strips = mem_alloc(MOVES * sizeof *strips);
    for (int m = 0; m < MOVES; m++) {
        const enum move move = (enum move)m;
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
        const bool aims = move == MOVE_FLEE || move == MOVE_CHASE || move == MOVE_CIRCLE;
        const int horse = plan_sample_add(&p, "horse", 1, move),
                  dog = plan_sample_add(&p, "dog", 1, MOVE_WALK);
        p.cast[horse].moves[0].target = aims ? dog : PLAN_NOBODY;
        strips[m] = strip_of(&p, plan_move_name(move));
        for (int k = 0; k < m; k++) {
            const double apart = strip_distance(&strips[m], &strips[k]);
            if (apart < 0.05)
                fail_msg("%s is %.3f from %s", plan_move_name(move), apart,
                         plan_move_name((enum move)k));
        }
    }
}

TEST(every_command_of_the_camera_is_unlike_the_others)
{
    SCOPED(mem) struct strip *strips = mem_alloc(SHOTS * sizeof *strips);
    for (int s = 0; s < SHOTS; s++) {
        struct plan p = plan_sample(PLACE_HILLS, (enum shot)s);
        plan_sample_add(&p, "camel", 1, MOVE_WALK);
        strips[s] = strip_of(&p, plan_shot_name((enum shot)s));
        for (int k = 0; k < s; k++) {
            const double apart = strip_distance(&strips[s], &strips[k]);
            if (apart < 0.4)
                fail_msg("%s is %.3f from %s", plan_shot_name((enum shot)s), apart,
                         plan_shot_name((enum shot)k));
        }
    }
}

/* How many pixels the cast changes in frame i. */
static int covered(const struct plan *with, int i)
{
    struct plan without = *with;
    without.n_cast = 0;
    FILM a = film_of(with, 1);
    FILM b = film_of(&without, 1);
    const uint8_t *x = draw(&a, i), *y = draw(&b, i);
    int n = 0;
    for (int v = 0; v < HEIGHT; v++)
        for (int u = 0; u < WIDTH; u++)
            n += abs(x[v * a.frame->stride[0] + u] - y[v * b.frame->stride[0] + u]) > 4;
    return n;
}

TEST(push_in_and_zoom_in_make_the_subject_grow)
{
    static const struct {
        enum shot shot;
        double least, most; /* by what factor its area grows */
    } cases[] = {{SHOT_PUSH_IN, 1.25, 6},
                 {SHOT_ZOOM_IN, 1.4, 6},
                 {SHOT_PULL_OUT, 0.1, 0.85},
                 {SHOT_ZOOM_OUT, 0.1, 0.85},
                 {SHOT_STATIC, 0.9, 1.1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan p = plan_sample(PLACE_MEADOW, cases[i].shot);
        plan_sample_add(&p, "bison", 1, MOVE_STAND);
        const int first = covered(&p, 0), last = covered(&p, FRAMES - 1);
        const double factor = (double)last / first;
        if (first < 400 || factor < cases[i].least || factor > cases[i].most)
            fail_msg("%s: %d px become %d", plan_shot_name(cases[i].shot), first, last);
    }
}

/* The shift in blocks of 4 px that fits the middle of two pictures best; positive: to the right. */
static int shift_of(const struct thumb *a, const struct thumb *b)
{
    int best = 0;
    double least = 1e9;
    for (int shift = -20; shift <= 20; shift++) {
        double sum = 0;
        for (int y = 0; y < DOWN; y++)
            for (int x = 20; x < ACROSS - 20; x++)
                sum += fabs((double)a->at[y][x] - (double)b->at[y][x + shift]);
        if (sum < least) {
            least = sum;
            best = shift;
        }
    }
    return best;
}

TEST(pan_left_shifts_content_right)
{
    static const struct {
        enum shot shot;
        int sign;
    } cases[] = {{SHOT_PAN_LEFT, 1}, {SHOT_PAN_RIGHT, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan p = plan_sample(PLACE_CITY, cases[i].shot);
        FILM f = film_of(&p, 1);
        const struct thumb first = thumb_of(&f, 0), later = thumb_of(&f, FRAMES / 2);
        const int shift = shift_of(&first, &later) * cases[i].sign;
        if (shift < 2)
            fail_msg("%s: %d", plan_shot_name(cases[i].shot), shift);
    }
}

TEST(trucking_moves_what_is_close_more_than_what_is_far)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_TRUCK_RIGHT);
    p.shots[0].to = 1;
    FILM f = film_of(&p, 1);
    const struct stage_pose a = scene_pose(f.scene, 0), b = scene_pose(f.scene, 1);
    float before = 1e9F;
    for (int i = 1; i < 6; i++) {
        const float depth = (float)(1 << i);
        const struct stage_view x = stage_view(&f.scene->stage, &a, depth);
        const struct stage_view y = stage_view(&f.scene->stage, &b, depth);
        const float moved = x.x - y.x;
        assert_true(moved > 0 && moved < before);
        before = moved;
    }
}

TEST(tilting_up_lowers_the_horizon_and_all_with_it)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_TILT_UP);
    FILM f = film_of(&p, 1);
    const struct stage_pose a = scene_pose(f.scene, 0), b = scene_pose(f.scene, 1);
    const struct stage_view far_a = stage_view(&f.scene->stage, &a, STAGE_FAR);
    const struct stage_view far_b = stage_view(&f.scene->stage, &b, STAGE_FAR);
    const struct stage_view near_a = stage_view(&f.scene->stage, &a, 4);
    const struct stage_view near_b = stage_view(&f.scene->stage, &b, 4);
    assert_true(far_b.y > far_a.y + 10);
    /* But for the breath of a hand-held camera. */
    assert_true(fabsf((far_b.y - far_a.y) - (near_b.y - near_a.y)) < 2);
}

static bool is_body_of(const struct actor *a, const struct sprite *sprite)
{
    for (int i = 0; i < STANCES; i++)
        for (int k = 0; k < a->looks[i].n_tones; k++)
            if (a->looks[i].tones[k] == sprite)
                return true;
    return false;
}

/* The items of the cast that show any of an actor's own pictures within the frame. */
static int count_bodies(const struct film *f, int actor)
{
    const struct scene *s = f->scene;
    int n = 0;
    for (int i = 0; i < s->list.n; i++) {
        const struct sprite_frame *frame = &s->list.item[i].frame;
        n += is_body_of(&s->cast.actor[actor], frame->sprite) && frame->end_x > frame->first_x &&
             frame->end_y > frame->first_y;
    }
    return n;
}

TEST(a_crowd_has_as_many_as_were_named)
{
    static const struct {
        enum place place;
        const char *picture;
        enum move move;
    } cases[] = {{PLACE_MEADOW, "ewe", MOVE_STAND},
                 {PLACE_HILLS, "dove", MOVE_FLOAT},
                 {PLACE_UNDERWATER, "tropical-fish", MOVE_FLOAT},
                 {PLACE_SPACE, "rocket", MOVE_FLOAT}};
    static const int counts[] = {1, 2, 3, 7, 12, PLAN_MOST_COUNT};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            struct plan p = plan_sample(cases[i].place, SHOT_STATIC);
            plan_sample_add(&p, cases[i].picture, counts[k], cases[i].move);
            FILM f = film_of(&p, 1);
            draw(&f, FRAMES / 2);
            const int n = count_bodies(&f, 0);
            /* A few of the outermost may stand beyond the picture's edge. */
            if (n > counts[k] || n < counts[k] - counts[k] / 10)
                fail_msg("%d of %d %s", n, counts[k], cases[i].picture);
        }
}

TEST(one_of_a_crowd_is_not_like_the_next)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    plan_sample_add(&p, "horse", 9, MOVE_RUN);
    FILM f = film_of(&p, 1);
    const struct actor *a = &f.scene->cast.actor[0];
    assert_true(a->looks[STANCE_OWN].n_tones >= 3);
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < i; k++) {
            assert_true(fabsf(a->body[i].phase - a->body[k].phase) > 1e-4F);
            assert_true(fabsf(a->body[i].size - a->body[k].size) > 1e-4F);
            assert_true(fabsf(a->body[i].x - a->body[k].x) + fabsf(a->body[i].z - a->body[k].z) >
                        0.05F);
        }
}

TEST(a_seed_changes_where_they_stand_and_not_who)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    plan_sample_add(&p, "horse", 3, MOVE_STAND);
    plan_sample_add(&p, "dog", 2, MOVE_STAND);
    FILM a = film_of(&p, 1);
    p.seed = 12345;
    FILM b = film_of(&p, 1);
    const struct thumb x = thumb_of(&a, 3), y = thumb_of(&b, 3);
    assert_true(distance(&x, &y) > 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(count_bodies(&a, i), count_bodies(&b, i));
}

/* Where an actor's first body stands in the frame that was drawn last, px. */
static void middle_of(const struct film *f, int actor, float *x, float *y)
{
    const struct scene *s = f->scene;
    for (int i = 0; i < s->list.n; i++) {
        const struct sprite_frame *frame = &s->list.item[i].frame;
        if (is_body_of(&s->cast.actor[actor], frame->sprite)) {
            *x = (float)(frame->first_x + frame->end_x) / 2;
            *y = (float)(frame->first_y + frame->end_y) / 2;
            return;
        }
    }
    fail_msg("actor %d is not drawn", actor);
}

TEST(the_second_actor_named_is_there)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    plan_sample_add(&p, "horse", 1, MOVE_STAND);
    FILM alone = film_of(&p, 1);
    const int dog = plan_sample_add(&p, "dog", 1, MOVE_STAND);
    FILM both = film_of(&p, 1);
    const uint8_t *a = draw(&alone, 5), *b = draw(&both, 5);
    float x = 0, y = 0;
    int changed = 0;
    middle_of(&both, dog, &x, &y);
    for (int v = (int)y - 12; v < (int)y + 12; v++)
        for (int u = (int)x - 12; u < (int)x + 12; u++)
            changed += abs(a[v * alone.frame->stride[0] + u] - b[v * both.frame->stride[0] + u]) >
                       4;
    if (changed < 24 * 24 / 3)
        fail_msg("%d of %d pixels changed", changed, 24 * 24);
}

TEST(where_an_actor_stands_is_where_the_plan_says)
{
    float hx = 0, hy = 0, cx = 0, cy = 0;
    for (int where = WHERE_LEFT; where <= WHERE_ON; where++) {
        struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
        const bool of_place = where <= WHERE_MIDDLE;
        const int horse = plan_sample_add(&p, "horse", 1, MOVE_STAND),
                  cat = plan_sample_add(&p, "cat", 1, MOVE_STAND);
        plan_sample_put(&p, cat, (enum where)where, of_place ? PLAN_NOBODY : horse);
        FILM f = film_of(&p, 1);
        draw(&f, 5);
        middle_of(&f, horse, &hx, &hy);
        middle_of(&f, cat, &cx, &cy);
        const struct cast_state h = cast_state(&f.scene->cast, horse, 0, 0.5F);
        const struct cast_state c = cast_state(&f.scene->cast, cat, 0, 0.5F);
        const bool right = where == WHERE_LEFT     ? cx < CENTRE - 30
                           : where == WHERE_RIGHT  ? cx > CENTRE + 30
                           : where == WHERE_MIDDLE ? fabsf(cx - CENTRE) < 20
                           : where == WHERE_ABOVE  ? cy < hy - 20
                           : where == WHERE_BEHIND ? c.z > h.z * 1.1F
                           : where == WHERE_BEFORE ? c.z < h.z * 0.9F
                           : where == WHERE_BESIDE ? fabsf(cx - hx) > 10 && fabsf(cx - hx) < 90
                           : where == WHERE_ON     ? fabsf(cx - hx) < 20 && cy < hy
                                                   : c.z > 0;
        if (!right)
            fail_msg("%s: %.0f,%.0f to %.0f,%.0f", plan_where_name((enum where)where), (double)cx,
                     (double)cy, (double)hx, (double)hy);
    }
}

TEST(who_stands_behind_is_drawn_before)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    const int house = plan_sample_add(&p, "house", 1, MOVE_STAND),
              cow = plan_sample_add(&p, "cow", 1, MOVE_STAND);
    const int pig = plan_sample_add(&p, "pig", 1, MOVE_STAND);
    plan_sample_put(&p, cow, WHERE_BEHIND, house);
    plan_sample_put(&p, pig, WHERE_BEFORE, house);
    FILM f = film_of(&p, 1);
    draw(&f, 5);
    const struct cast_list *l = &f.scene->list;
    int at[3] = {-1, -1, -1};
    for (int i = 0; i < l->n; i++) {
        for (int k = 0; k < 3; k++)
            if (is_body_of(&f.scene->cast.actor[k], l->order[i]->frame.sprite))
                at[k] = i;
        assert_true(i == 0 || l->order[i - 1]->depth >= l->order[i]->depth);
    }
    assert_true(at[cow] >= 0 && at[cow] < at[house] && at[house] < at[pig]);
}

TEST(a_rider_stays_on_the_horse)
{
    struct plan p = plan_sample(PLACE_BEACH, SHOT_STATIC);
    const int horse = plan_sample_add(&p, "horse", 1, MOVE_WALK),
              rider = plan_sample_add(&p, "princess", 1, MOVE_STAND);
    plan_sample_put(&p, rider, WHERE_ON, horse);
    if (p.cast[rider].picture < 0)
        p.cast[rider].picture = pack_find("woman");
    FILM f = film_of(&p, 1);
    for (int i = 4; i < FRAMES - 4; i++) {
        float hx = 0, hy = 0, rx = 0, ry = 0;
        draw(&f, i);
        middle_of(&f, horse, &hx, &hy);
        middle_of(&f, rider, &rx, &ry);
        assert_true(fabsf(rx - hx) < 20 && ry < hy && ry > hy - 50);
    }
}

TEST(who_chases_stays_behind_who_is_chased)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    const int dog = plan_sample_add(&p, "dog", 1, MOVE_CHASE),
              cat = plan_sample_add(&p, "cat", 1, MOVE_FLEE);
    p.cast[dog].moves[0].target = cat;
    p.cast[cat].moves[0].target = dog;
    FILM f = film_of(&p, 1);
    const struct cast *c = &f.scene->cast;
    int seen = 0;
    for (int i = 0; i <= 40; i++) {
        const struct cast_state d = cast_state(c, dog, 0, (float)i / 40);
        const struct cast_state k = cast_state(c, cat, 0, (float)i / 40);
        const struct cast_state later = cast_state(c, cat, 0, (float)i / 40 + 0.01F);
        const float gap = (k.x - d.x) * k.heading;
        if (fabsf(d.x / d.z) > 0.9F || fabsf(k.x / k.z) > 0.9F)
            continue; /* beyond the picture's edge they turn round */
        seen++;
        assert_true(gap > 0.2F && gap < 4);
        assert_true(i == 40 || (later.x - k.x) * k.heading > 0);
        assert_true(d.heading * k.heading > 0.9F);
    }
    assert_true(seen > 20);
}

TEST(who_circles_comes_before_and_behind_and_to_both_sides)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    const int bird = plan_sample_add(&p, "eagle", 1, MOVE_CIRCLE),
              house = plan_sample_add(&p, "house", 1, MOVE_STAND);
    p.cast[bird].moves[0].target = house;
    FILM f = film_of(&p, 1);
    int sides = 0;
    for (int i = 5; i <= 40; i++) {
        const struct cast_state b = cast_state(&f.scene->cast, bird, 0, (float)i / 40);
        const struct cast_state h = cast_state(&f.scene->cast, house, 0, (float)i / 40);
        sides |= (b.x < h.x ? 1 : 2) | (b.z < h.z ? 4 : 8);
    }
    assert_int_equal(sides, 15);
}

TEST(who_follows_itself_in_a_ring_still_has_a_place)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    for (int i = 0; i < 3; i++) {
        plan_sample_add(&p, "dog", 2, MOVE_CHASE);
        p.cast[i].moves[0].target = (i + 1) % 3;
        plan_sample_put(&p, i, WHERE_ON, (i + 1) % 3);
    }
    FILM f = film_of(&p, 1);
    for (int i = 0; i < 3; i++) {
        const struct cast_state s = cast_state(&f.scene->cast, i, 1, 0.5F);
        assert_true(isfinite(s.x) && isfinite(s.z) && s.z > 0);
    }
    draw(&f, 3);
}

TEST(what_explodes_is_in_pieces_and_then_gone)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    plan_sample_add(&p, "house", 1, MOVE_EXPLODE);
    FILM f = film_of(&p, 1);
    draw(&f, 0);
    assert_int_equal(count_bodies(&f, 0), 1);
    draw(&f, FRAMES / 2);
    assert_true(count_bodies(&f, 0) >= 20);
    draw(&f, FRAMES - 1);
    assert_int_equal(count_bodies(&f, 0), 0);
}

TEST(who_comes_close_shows_its_face)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    const int cat = plan_sample_add(&p, "cat", 1, MOVE_APPROACH);
    p.cast[cat].near_picture = pack_find("cat-face");
    FILM f = film_of(&p, 1);
    const struct actor *a = &f.scene->cast.actor[cat];
    draw(&f, 0);
    const struct sprite_frame *far = &f.scene->list.item[0].frame;
    assert_true(is_body_of(a, far->sprite) && far->end_y - far->first_y < HEIGHT / 3);
    draw(&f, FRAMES - 1);
    int faces = 0;
    for (int i = 0; i < f.scene->list.n; i++) {
        const struct sprite_frame *near = &f.scene->list.item[i].frame;
        faces += near->sprite == a->front && near->end_y - near->first_y > HEIGHT * 3 / 4;
    }
    assert_int_equal(faces, 1);
}

TEST(what_is_held_goes_along)
{
    struct plan p = plan_sample(PLACE_MEADOW, SHOT_STATIC);
    const int man = plan_sample_add(&p, "man-walking", 1, MOVE_WALK);
    const int before = covered(&p, 12);
    p.cast[man].holds = pack_find("violin");
    assert_true(p.cast[man].holds >= 0);
    assert_true(covered(&p, 12) != before);
    FILM f = film_of(&p, 1);
    assert_non_null(f.scene->cast.actor[man].held);
}

TEST(a_film_without_a_cast_is_a_picture)
{
    for (int place = 0; place < PLACES; place++) {
        const struct plan p = plan_sample((enum place)place, SHOT_PUSH_IN);
        FILM f = film_of(&p, 1);
        const struct thumb t = thumb_of(&f, 3);
        double sum = 0;
        for (int x = 0; x < ACROSS; x++)
            sum += (double)t.at[HEIGHT / 8][x];
        assert_true(sum > 16 * ACROSS);
    }
}

static uint64_t digest(const struct plan *p, int n_threads)
{
    FILM f = film_of(p, n_threads);
    uint64_t sum = 0;
    for (int i = 0; i < FRAMES; i += 6) {
        scene_draw(f.scene, i, f.frame);
        for (int k = 0; k < 3; k++)
            for (int y = 0; y < (k ? HEIGHT / 2 : HEIGHT); y++)
                sum = sum * 1099511628211U +
                      hash_quick(
                          (struct text){(const char *)f.frame->plane[k] + y * f.frame->stride[k],
                                        (size_t)(k ? WIDTH / 2 : WIDTH)});
    }
    return sum;
}

TEST(every_set_of_kernels_and_number_of_threads_draws_the_same_bits)
{
    struct plan plans[3];
    plans[0] = plan_sample(PLACE_MOUNTAINS, SHOT_PUSH_IN);
    plans[0].mood = MOOD_MENACING;
    plan_sample_add(&plans[0], "dragon", 1, MOVE_APPROACH);
    plans[1] = plan_sample(PLACE_LAKE, SHOT_TRUCK_LEFT);
    plans[1].weather = 1U << WEATHER_RAIN;
    plan_sample_add(&plans[1], "flamingo", 12, MOVE_FLY);
    plan_sample_add(&plans[1], "canoe", 1, MOVE_FLOAT);
    plans[2] = plan_sample(PLACE_CITY, SHOT_SHAKE);
    plan_sample_add(&plans[2], "house", 2, MOVE_EXPLODE);
    plan_sample_add(&plans[2], "automobile", 3, MOVE_RUN);
    for (int i = 0; i < 3; i++) {
        kernel_use(kernel_list(0));
        const uint64_t plain = digest(&plans[i], 1);
        for (int k = 0; kernel_list(k); k++) {
            kernel_use(kernel_list(k));
            if (digest(&plans[i], 1) != plain || digest(&plans[i], 3) != plain)
                fail_msg("plan %d with %s", i, kernel_list(k)->name);
        }
        kernel_use(NULL);
    }
}
