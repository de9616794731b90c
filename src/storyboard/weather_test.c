/* weather_test.c - what falls and flies, and where it does not. SPDX-License-Identifier: MIT */
#include "storyboard/weather.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

enum { WIDTH = 512, HEIGHT = 512 };

static void close_weather(struct weather_tiles **w)
{
    weather_close(*w);
}

static struct weather_tiles *open_weather(enum place place, unsigned weather)
{
    struct error err = {0};
    struct weather_tiles *w = NULL;
    struct palette palette;
    const struct plan plan = {.place = place, .time = TIME_DAY, .weather = weather, .seed = 3};
    palette_make(&palette, &plan);
    CHECK_OK(weather_open(&w, &plan, &palette, HEIGHT, &err), err);
    return w;
}

/* How much a grey frame is changed at a time, in all its luma samples; columns count differently,
 * so that what only moved on is seen. */
static long touched(const struct weather_tiles *w, float time)
{
    SCOPED(mem) struct rows *r = mem_alloc(sizeof *r);
    long sum = 0;
    r->width = WIDTH;
    for (r->pair = 0; r->pair < HEIGHT / 2; r->pair++) {
        for (int x = 0; x < WIDTH; x++)
            r->y[0][x] = r->y[1][x] = 90 << ROWS_BITS;
        weather_draw(w, r, HEIGHT, time);
        for (int x = 0; x < WIDTH; x++) {
            const int d = r->y[0][x] - (90 << ROWS_BITS), e = r->y[1][x] - (90 << ROWS_BITS);
            sum += ((d < 0 ? -d : d) + (e < 0 ? -e : e)) * (1 + (x + 3 * r->pair) % 61);
        }
    }
    return sum;
}

TEST(clear_air_changes_nothing)
{
    __attribute__((cleanup(close_weather))) struct weather_tiles *w =
        open_weather(PLACE_HILLS, 1U << WEATHER_CLEAR);
    assert_int_equal(touched(w, 1), 0);
}

TEST(what_falls_is_seen)
{
    static const enum weather falling[] = {WEATHER_RAIN, WEATHER_STORM, WEATHER_SNOW,
                                           WEATHER_WIND, WEATHER_DUST,  WEATHER_FOG};
    for (size_t i = 0; i < sizeof falling / sizeof *falling; i++) {
        __attribute__((cleanup(close_weather))) struct weather_tiles *w =
            open_weather(PLACE_HILLS, 1U << falling[i]);
        if (touched(w, 1) == 0 || touched(w, 1) == touched(w, 1.5F))
            fail_msg("%s: %ld, then %ld", plan_weather_name(falling[i]), touched(w, 1),
                     touched(w, 1.5F));
    }
}

TEST(two_weathers_are_more_than_one)
{
    __attribute__((cleanup(close_weather))) struct weather_tiles *rain =
        open_weather(PLACE_SEA, 1U << WEATHER_RAIN);
    __attribute__((cleanup(close_weather))) struct weather_tiles *both =
        open_weather(PLACE_SEA, 1U << WEATHER_RAIN | 1U << WEATHER_SNOW);
    assert_true(touched(both, 1) > touched(rain, 1));
}

TEST(it_does_not_rain_in_a_room_or_in_space)
{
    static const enum place places[] = {PLACE_ROOM, PLACE_STAGE, PLACE_CAVE, PLACE_SPACE,
                                        PLACE_PLANET};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        __attribute__((cleanup(close_weather))) struct weather_tiles *w =
            open_weather(places[i], 1U << WEATHER_STORM | 1U << WEATHER_FOG);
        assert_int_equal(touched(w, 1), 0);
        for (int k = 0; k < 100; k++)
            assert_true(weather_flash(w, (float)k / 10) <= 0);
    }
}

TEST(lightning_comes_with_a_storm_alone)
{
    __attribute__((cleanup(close_weather))) struct weather_tiles *storm =
        open_weather(PLACE_HILLS, 1U << WEATHER_STORM);
    __attribute__((cleanup(close_weather))) struct weather_tiles *rain =
        open_weather(PLACE_HILLS, 1U << WEATHER_RAIN);
    int flashes = 0;
    for (int i = 0; i < 400; i++) {
        const float f = weather_flash(storm, (float)i / 25);
        assert_true(f >= 0 && f <= 1);
        assert_true(weather_flash(rain, (float)i / 25) <= 0);
        flashes += f > 0.1F;
    }
    assert_true(flashes > 5 && flashes < 200);
}
