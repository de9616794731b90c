/* place_test.c - every place, time, weather and mood is a picture of its own, and alive.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/place.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "storyboard/plan_sample.h"
#include "storyboard/ridge.h"
#include "storyboard/scene.h"
#include "unit.h"

enum { WIDTH = 192, HEIGHT = 108, FRAMES = 50 };

/* Nobody is in it and the camera stands still: what moves is the place. */
static struct plan plan_of(enum place place, enum time_of_day time)
{
    struct plan p = plan_sample(place, SHOT_STATIC);
    p.time = time;
    p.seed = 5;
    return p;
}

/* Frames of a plan's film; n of them, numbered by which. */
static void draw(const struct plan *p, int n_threads, const int *which, struct frame **out, int n)
{
    struct error err = {0};
    const struct scene_options options = {
        .width = out[0]->width, .height = out[0]->height, .fps = 25, .n_frames = FRAMES};
    struct crew *crew = crew_new(n_threads);
    SCOPED(scene) struct scene *s = NULL;
    CHECK_OK(scene_open(&s, p, &options, crew, NULL, NULL, &err), err);
    for (int i = 0; i < n; i++)
        scene_draw(s, which[i], out[i]);
    scene_close(s);
    s = NULL;
    crew_free(crew);
}

static void draw_one(const struct plan *p, struct frame *out)
{
    const int which = FRAMES / 2;
    draw(p, 1, &which, &out, 1);
}

static uint64_t digest(const struct frame *f)
{
    uint64_t sum = 0;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? f->height / 2 : f->height); y++)
            sum = sum * 1099511628211U +
                  hash_quick((struct text){(const char *)f->plane[p] + y * f->stride[p],
                                           (size_t)(p ? f->width / 2 : f->width)});
    return sum;
}

struct look {
    double mean, deviation; /* of luma */
    double colour;          /* mean distance of chroma from grey */
    int brightest;
    int n_bright; /* samples of luma over 150 */
};

/* Of the rows from..to, in shares of the height. */
static struct look look_at(const struct frame *f, double from, double to)
{
    struct look l = {0};
    double squares = 0, n = 0, n_colour = 0;
    for (int y = (int)(from * f->height); y < (int)(to * f->height); y++)
        for (int x = 0; x < f->width; x++, n++) {
            const int v = f->plane[0][y * f->stride[0] + x];
            l.mean += v;
            squares += v * v;
            l.brightest = v > l.brightest ? v : l.brightest;
            l.n_bright += v > 150;
        }
    for (int y = (int)(from * f->height / 2); y < (int)(to * f->height / 2); y++)
        for (int x = 0; x < f->width / 2; x++, n_colour++)
            l.colour += fabs(f->plane[1][y * f->stride[1] + x] - 128.0) +
                        fabs(f->plane[2][y * f->stride[2] + x] - 128.0);
    l.mean /= n;
    l.deviation = sqrt(squares / n - l.mean * l.mean);
    l.colour /= n_colour;
    return l;
}

/* The mean difference of all samples of two frames. */
static double distance(const struct frame *a, const struct frame *b)
{
    double sum = 0, n = 0;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? a->height / 2 : a->height); y++)
            for (int x = 0; x < (p ? a->width / 2 : a->width); x++, n++)
                sum += fabs((double)a->plane[p][y * a->stride[p] + x] -
                            b->plane[p][y * b->stride[p] + x]);
    return sum / n;
}

TEST(every_place_is_a_picture_at_every_time)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    for (int place = 0; place < PLACES; place++)
        for (int time = 0; time < TIMES; time++) {
            const struct plan p = plan_of((enum place)place, (enum time_of_day)time);
            draw_one(&p, f);
            const struct look l = look_at(f, 0, 1);
            if (l.mean < 22 || l.mean > 215 || l.deviation < 7)
                fail_msg("%s at %s: mean %.1f, deviation %.1f", plan_place_name(p.place),
                         plan_time_name(p.time), l.mean, l.deviation);
        }
}

TEST(every_place_is_alive_though_nobody_is_in_it)
{
    static const int which[] = {5, 35};
    SCOPED(frame) struct frame *a = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *b = frame_new(WIDTH, HEIGHT);
    for (int place = 0; place < PLACES; place++) {
        struct frame *both[] = {a, b};
        const struct plan p = plan_of((enum place)place, TIME_DAY);
        draw(&p, 1, which, both, 2);
        const double moved = distance(a, b);
        if (moved < 0.01 || moved > 8)
            fail_msg("%s: %.3f", plan_place_name(p.place), moved);
    }
}

TEST(no_place_looks_like_another)
{
    struct frame *all[PLACES];
    for (int place = 0; place < PLACES; place++) {
        const struct plan p = plan_of((enum place)place, TIME_DAY);
        all[place] = frame_new(WIDTH, HEIGHT);
        draw_one(&p, all[place]);
    }
    for (int a = 0; a < PLACES; a++)
        for (int b = 0; b < a; b++)
            if (distance(all[a], all[b]) < 3.5)
                fail_msg("%s and %s: %.2f", plan_place_name((enum place)a),
                         plan_place_name((enum place)b), distance(all[a], all[b]));
    for (int place = 0; place < PLACES; place++)
        frame_free(all[place]);
}

/* A bamboo grove was drawn with the dark trunks and the firs of any forest. */
TEST(a_bamboo_grove_is_green_and_full_of_stems)
{
    struct plan firs = plan_of(PLACE_FOREST, TIME_DAY), bamboo = firs;
    bamboo.bamboo = true;
    SCOPED(frame) struct frame *a = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *b = frame_new(WIDTH, HEIGHT);
    draw_one(&firs, a);
    draw_one(&bamboo, b);
    long green[2] = {0};
    int steps = 0;
    for (int x = 1; x < WIDTH; x++) {
        const uint8_t *row = b->plane[0] + HEIGHT / 3 * b->stride[0];
        steps += abs(row[x] - row[x - 1]) > 12;
    }
    for (int y = HEIGHT / 8; y < HEIGHT / 2; y++)
        for (int x = 0; x < WIDTH / 2; x++) {
            green[0] += 256 - a->plane[1][y * a->stride[1] + x] - a->plane[2][y * a->stride[2] + x];
            green[1] += 256 - b->plane[1][y * b->stride[1] + x] - b->plane[2][y * b->stride[2] + x];
        }
    if (green[1] <= green[0] || steps < 20)
        fail_msg("green %ld and %ld, %d outlines", green[0], green[1], steps);
}

TEST(night_is_darker_than_noon)
{
    SCOPED(frame) struct frame *day = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *night = frame_new(WIDTH, HEIGHT);
    for (int place = 0; place < PLACES; place++) {
        if (place == PLACE_SPACE || place == PLACE_PLANET || place == PLACE_STAGE)
            continue; /* always night there, or always lamps */
        const struct plan noon = plan_of((enum place)place, TIME_DAY),
                          dark = plan_of((enum place)place, TIME_NIGHT);
        draw_one(&noon, day);
        draw_one(&dark, night);
        const double ratio = (look_at(night, 0, 1).mean - 16) / (look_at(day, 0, 1).mean - 16);
        if (ratio > 0.72)
            fail_msg("%s: %.2f", plan_place_name((enum place)place), ratio);
    }
}

TEST(times_differ)
{
    struct frame *all[TIMES];
    for (int time = 0; time < TIMES; time++) {
        const struct plan p = plan_of(PLACE_HILLS, (enum time_of_day)time);
        all[time] = frame_new(WIDTH, HEIGHT);
        draw_one(&p, all[time]);
        for (int other = 0; other < time; other++)
            assert_true(distance(all[time], all[other]) > 6);
    }
    for (int time = 0; time < TIMES; time++)
        frame_free(all[time]);
}

TEST(windows_are_lit_at_night)
{
    static const enum place places[] = {PLACE_CITY, PLACE_STREET, PLACE_VILLAGE};
    SCOPED(frame) struct frame *f = frame_new(480, 270);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct plan p = plan_of(places[i], TIME_NIGHT);
        p.without = WITHOUT_SUN | WITHOUT_STARS;
        draw_one(&p, f);
        const int lit = look_at(f, 0.3, 0.9).n_bright;
        p.without |= WITHOUT_HOUSES;
        draw_one(&p, f);
        const int left = look_at(f, 0.3, 0.9).n_bright;
        if (lit < 60 || left > lit / 2)
            fail_msg("%s: %d lit, %d without houses", plan_place_name(places[i]), lit, left);
    }
}

TEST(fog_takes_the_contrast_of_what_is_far)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    struct plan p = plan_of(PLACE_MOUNTAINS, TIME_DAY);
    draw_one(&p, f);
    const struct look clear = look_at(f, 0.45, 0.65);
    p.weather = 1U << WEATHER_FOG;
    draw_one(&p, f);
    assert_true(look_at(f, 0.45, 0.65).deviation < 0.6 * clear.deviation);
}

TEST(every_weather_changes_the_picture_and_moves)
{
    static const int which[] = {20, 22};
    SCOPED(frame) struct frame *clear = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *a = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *b = frame_new(WIDTH, HEIGHT);
    struct frame *both[] = {a, b};
    struct plan p = plan_of(PLACE_HILLS, TIME_GOLDEN);
    draw(&p, 1, which, &clear, 1);
    for (int w = WEATHER_CLEAR + 1; w < WEATHERS; w++) {
        p.weather = 1U << w;
        draw(&p, 1, which, both, 2);
        if (distance(a, clear) < 0.08 || distance(a, b) < 0.002)
            fail_msg("%s: %.3f from clear, %.3f moved", plan_weather_name((enum weather)w),
                     distance(a, clear), distance(a, b));
    }
}

TEST(weathers_come_together)
{
    SCOPED(frame) struct frame *one = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *both = frame_new(WIDTH, HEIGHT);
    struct plan p = plan_of(PLACE_VILLAGE, TIME_DUSK);
    p.weather = 1U << WEATHER_SNOW;
    draw_one(&p, one);
    p.weather |= 1U << WEATHER_FOG | 1U << WEATHER_LEAVES | 1U << WEATHER_WIND;
    draw_one(&p, both);
    assert_true(distance(one, both) > 2);
    p.weather = (1U << WEATHERS) - 1; /* all at once is a picture too */
    draw_one(&p, both);
    assert_true(look_at(both, 0, 1).deviation > 5);
}

TEST(moods_have_looks_of_their_own)
{
    struct frame *all[MOODS];
    struct look looks[MOODS];
    for (int mood = 0; mood < MOODS; mood++) {
        struct plan p = plan_of(PLACE_HILLS, TIME_GOLDEN);
        p.mood = (enum mood)mood;
        all[mood] = frame_new(WIDTH, HEIGHT);
        draw_one(&p, all[mood]);
        looks[mood] = look_at(all[mood], 0, 1);
        for (int other = 0; other < mood; other++)
            if (distance(all[mood], all[other]) < 2)
                fail_msg("%s and %s: %.2f", plan_mood_name((enum mood)mood),
                         plan_mood_name((enum mood)other), distance(all[mood], all[other]));
    }
    assert_true(looks[MOOD_NOIR].colour < 0.2 * looks[MOOD_PLAIN].colour);
    assert_true(looks[MOOD_MELANCHOLIC].colour < 0.8 * looks[MOOD_PLAIN].colour);
    assert_true(looks[MOOD_NEON].colour > 1.1 * looks[MOOD_PLAIN].colour);
    assert_true(looks[MOOD_MENACING].mean < looks[MOOD_PLAIN].mean);
    assert_true(looks[MOOD_CHEERFUL].mean > looks[MOOD_MELANCHOLIC].mean);
    for (int mood = 0; mood < MOODS; mood++)
        frame_free(all[mood]);
}

TEST(dark_corners_never_turn_white)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    for (int mood = 0; mood < MOODS; mood++) {
        struct plan p = plan_of(PLACE_SEA, TIME_DAY);
        p.mood = (enum mood)mood;
        draw_one(&p, f);
        assert_true(f->plane[0][0] < f->plane[0][WIDTH / 2]);
    }
}

TEST(what_a_prompt_wants_left_out_is_left_out)
{
    static const struct {
        enum place place;
        enum time_of_day time;
        enum without without;
        double from, to; /* where it was: it is calmer there, or, without houses, another */
    } cases[] = {{PLACE_PLAIN, TIME_DAY, WITHOUT_CLOUDS, 0, 0.7},
                 {PLACE_HILLS, TIME_DAY, WITHOUT_PLANTS, 0.5, 1},
                 {PLACE_GARDEN, TIME_DAY, WITHOUT_PLANTS, 0.3, 1},
                 {PLACE_CITY, TIME_DAY, WITHOUT_HOUSES, 0.15, 0.5},
                 {PLACE_STREET, TIME_DAY, WITHOUT_HOUSES, 0, 1},
                 {PLACE_CASTLE, TIME_DAY, WITHOUT_HOUSES, 0.2, 0.6},
                 {PLACE_SPACE, TIME_NIGHT, WITHOUT_STARS, 0, 1},
                 {PLACE_UNDERWATER, TIME_DAY, WITHOUT_ANIMALS, 0.5, 1}};
    SCOPED(frame) struct frame *with = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *without = frame_new(WIDTH, HEIGHT);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan p = plan_of(cases[i].place, cases[i].time);
        draw_one(&p, with);
        p.without = cases[i].without;
        draw_one(&p, without);
        const double moved = distance(with, without),
                     before = look_at(with, cases[i].from, cases[i].to).deviation,
                     after = look_at(without, cases[i].from, cases[i].to).deviation;
        if (moved < 0.01 || (p.without != WITHOUT_HOUSES && after > before * 1.02))
            fail_msg("%s: %.3f, deviation %.2f to %.2f", plan_place_name(p.place), moved, before,
                     after);
    }
}

TEST(without_the_sun_the_sky_has_no_disc)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    for (int time = 0; time < TIMES; time++) {
        struct plan p = plan_of(PLACE_DESERT, (enum time_of_day)time);
        p.without = WITHOUT_CLOUDS | WITHOUT_STARS;
        draw_one(&p, f);
        const int with = look_at(f, 0.05, 0.5).brightest;
        p.without |= WITHOUT_SUN;
        draw_one(&p, f);
        assert_true(look_at(f, 0.05, 0.5).brightest < with);
    }
}

TEST(the_tallest_mountain_stands_out)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *tall = frame_new(WIDTH, HEIGHT);
    struct plan p = plan_of(PLACE_MOUNTAINS, TIME_DAY);
    draw_one(&p, f);
    p.tallest = true;
    draw_one(&p, tall);
    assert_true(distance(f, tall) > 1);
}

TEST(no_peak_is_cut_off_level)
{
    for (uint32_t seed = 1; seed <= 20; seed++) {
        const struct ridge_paint r = {
            .row = &place_of(PLACE_MOUNTAINS)->ridges[0], .side = 1, .seed = seed};
        int level = 0;
        for (int i = -500; i < 500; i++) {
            const float here = ridge_crest(&r, (float)i * 0.002F),
                        next = ridge_crest(&r, (float)(i + 1) * 0.002F);
            level = fabsf(here - next) < 1e-6F ? level + 1 : 0;
            if (level > 5)
                fail_msg("seed %u: flat at %g", seed, (double)i * 0.002);
        }
    }
}

TEST(no_tower_of_a_city_leaves_the_frame)
{
    const struct place_row *city = place_of(PLACE_CITY);
    for (uint32_t seed = 1; seed <= 30; seed++)
        for (int k = 0; city->ridges[k].kind == RIDGE_HOUSES; k++) {
            const struct ridge_paint r = {.row = &city->ridges[k], .side = 1, .seed = seed};
            for (int i = -450; i <= 450; i++) {
                const float top = city->horizon + ridge_crest(&r, (float)i * 0.002F);
                if (top < 0.01F)
                    fail_msg("seed %u: sheet %d is at %g", seed, k, (double)top);
            }
        }
}

/* Their shade once turned round at the sun's side from one column to the next. */
TEST(clouds_have_no_seam_beneath_the_sun)
{
    enum { COLUMNS = 80 };
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct plan p = plan_of(PLACE_HILLS, TIME_GOLDEN);
        struct palette palette;
        struct sky sky;
        float y[COLUMNS], u[COLUMNS], v[COLUMNS], a[COLUMNS];
        p.seed = seed;
        palette_make(&palette, &p);
        sky_init(&sky, &p, &palette);
        struct layer_line line = {.n = COLUMNS, .step = 0.0005F, .y = y, .u = u, .v = v, .a = a};
        line.left = sky.sun_x - line.step * COLUMNS / 2;
        for (line.at = -0.4F; line.at < -0.1F; line.at += 0.02F) {
            sky_paint_clouds(&sky, &line);
            for (int i = 1; i < COLUMNS; i++)
                if (fabsf(y[i] - y[i - 1]) > 0.05F)
                    fail_msg("seed %d: a step of %g", (int)seed, (double)(y[i] - y[i - 1]));
        }
    }
}

/* Mean of a plane in a band of rows, in shares of the height. */
static double mean_of(const struct frame *f, int plane, double from, double to)
{
    const int height = plane ? f->height / 2 : f->height, width = plane ? f->width / 2 : f->width;
    double sum = 0, n = 0;
    for (int y = (int)(from * height); y < (int)(to * height); y++)
        for (int x = 0; x < width; x++, n++)
            sum += f->plane[plane][y * f->stride[plane] + x];
    return sum / n;
}

TEST(who_stands_on_a_beach_or_on_the_ice_does_not_stand_in_the_water)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct plan p = plan_of(PLACE_BEACH, TIME_DAY);
        p.seed = seed;
        draw_one(&p, f);
        const double warm = mean_of(f, 2, 0.78, 0.90) - mean_of(f, 1, 0.78, 0.90);
        const double cold = mean_of(f, 2, 0.54, 0.62) - mean_of(f, 1, 0.54, 0.62);
        if (warm < 12 || cold > 0)
            fail_msg("seed %d: sand %g, sea %g", (int)seed, warm, cold);
        p.place = PLACE_ICE;
        draw_one(&p, f);
        if (mean_of(f, 0, 0.74, 0.84) < 130)
            fail_msg("seed %d: ice %g", (int)seed, mean_of(f, 0, 0.74, 0.84));
    }
}

/* Columns of a row in which two frames differ. */
static int differing(const struct frame *a, const struct frame *b, int y)
{
    int n = 0;
    for (int x = 0; x < a->width; x++)
        n += abs(a->plane[0][y * a->stride[0] + x] - b->plane[0][y * b->stride[0] + x]) > 14;
    return n;
}

TEST(a_lighthouse_at_sea_stands_on_rocks)
{
    SCOPED(frame) struct frame *empty = frame_new(WIDTH, HEIGHT), *built = frame_new(WIDTH, HEIGHT);
    struct plan p = plan_of(PLACE_SEA, TIME_DAY);
    draw_one(&p, empty);
    plan_sample_add(&p, "lighthouse", 1, MOVE_STAND);
    draw_one(&p, built);
    int widest = 0, at = 0, top = HEIGHT;
    for (int y = 0; y < HEIGHT; y++) {
        const int wide = differing(empty, built, y);
        top = wide > 1 && top == HEIGHT ? y : top;
        at = wide > widest ? y : at;
        widest = wide > widest ? wide : widest;
    }
    assert_true(at > top);
    if (widest < at - top)
        fail_msg("%d wide at its foot, %d high", widest, at - top);
}

TEST(trees_blossom_where_petals_fall)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    struct plan p = plan_of(PLACE_GARDEN, TIME_DAY);
    draw_one(&p, f);
    const double green = mean_of(f, 2, 0.36, 0.46);
    p.weather = 1U << WEATHER_PETALS;
    draw_one(&p, f);
    assert_true(mean_of(f, 2, 0.36, 0.46) > green + 6);
    p.weather = 1U << WEATHER_LEAVES;
    draw_one(&p, f);
    assert_true(mean_of(f, 2, 0.36, 0.46) > green + 6);
}

TEST(a_seed_makes_another_landscape_of_the_same_kind)
{
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *other = frame_new(WIDTH, HEIGHT);
    for (int place = 0; place < PLACES; place++) {
        struct plan p = plan_of((enum place)place, TIME_DAY);
        draw_one(&p, f);
        p.seed = 12;
        draw_one(&p, other);
        const double moved = distance(f, other);
        if (moved < 0.05 || moved > 40)
            fail_msg("%s: %.2f", plan_place_name((enum place)place), moved);
    }
}

TEST(places_are_the_same_on_any_number_of_threads)
{
    static const int which[] = {3, 47, 20};
    for (int place = 0; place < PLACES; place++) {
        struct frame *one[3], *three[3];
        struct plan p = plan_of((enum place)place, TIME_NIGHT);
        p.shots[0].shot = SHOT_PUSH_IN;
        p.weather = 1U << WEATHER_LEAVES | 1U << WEATHER_STORM;
        for (int i = 0; i < 3; i++) {
            one[i] = frame_new(96, 64);
            three[i] = frame_new(96, 64);
        }
        draw(&p, 1, which, one, 3);
        draw(&p, 3, which, three, 3);
        for (int i = 0; i < 3; i++) {
            assert_true(digest(one[i]) == digest(three[i]));
            frame_free(one[i]);
            frame_free(three[i]);
        }
    }
}

/* However the camera goes, walls and floors go on to the frame's edge. */
TEST(a_room_has_no_holes_whatever_the_camera_does)
{
    static const int which[] = {0, FRAMES / 2, FRAMES - 1};
    SCOPED(frame) struct frame *a = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *b = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *c = frame_new(WIDTH, HEIGHT);
    struct frame *all[] = {a, b, c};
    for (int shot = 0; shot < SHOTS; shot++) {
        struct plan p = plan_of(PLACE_ROOM, TIME_DAY);
        p.shots[0].shot = (enum shot)shot;
        draw(&p, 1, which, all, 3);
        for (int i = 0; i < 3; i++) {
            const struct look top = look_at(all[i], 0, 0.1), low = look_at(all[i], 0.9, 1);
            if (top.mean < 60 || low.mean < 40 || low.deviation < 2)
                fail_msg("%s: %.1f above, %.1f below", plan_shot_name((enum shot)shot), top.mean,
                         low.mean);
        }
    }
}

TEST(each_place_fits_frames_of_any_shape)
{
    static const int sizes[][2] = {{64, 130}, {320, 64}, {64, 64}};
    for (int place = 0; place < PLACES; place++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            SCOPED(frame) struct frame *f = frame_new(sizes[i][0], sizes[i][1]);
            const struct plan p = plan_of((enum place)place, TIME_DUSK);
            draw_one(&p, f);
            assert_true(look_at(f, 0, 1).deviation > 3);
        }
}
