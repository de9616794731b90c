/* still_light_test.c - the light of a picture and the way to another hour.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/still_light.h"

#include <string.h>

#include "unit.h"

static struct frame *grey(int luma, int cb, int cr)
{
    struct frame *f = frame_new(64, 64);
    const int value[3] = {luma, cb, cr};
    for (int p = 0; p < 3; p++)
        memset(f->plane[p], value[p], (size_t)f->stride[p] * (p ? 32 : 64));
    return f;
}

/* The luma and chroma of a sample after k of an hour. */
static struct rows seen(enum time_of_day time, unsigned said, float k)
{
    static struct rows r;
    SCOPED(frame) struct frame *f = grey(170, 120, 130);
    struct palette light;
    const struct plan plan = {.time = time, .said = said};
    still_light_measure(&light, f, 0.5F);
    const struct grade hour = still_light_hour(&plan, &light), part = still_light_part(&hour, k);
    r = (struct rows){.width = 2};
    for (int i = 0; i < 2; i++)
        r.y[0][i] = r.y[1][i] = 170 << ROWS_BITS;
    r.u[0] = 120 << ROWS_BITS;
    r.v[0] = 130 << ROWS_BITS;
    grade_rows(&part, &r);
    return r;
}

TEST(an_hour_that_nobody_asked_for_changes_nothing)
{
    const struct rows r = seen(TIME_NIGHT, 0, 1), begin = seen(TIME_DUSK, PLAN_SAID_TIME, 0);
    assert_int_equal(r.y[0][0], 170 << ROWS_BITS);
    assert_int_equal(r.v[0], 130 << ROWS_BITS);
    assert_int_equal(begin.y[0][0], 170 << ROWS_BITS);
    assert_int_equal(begin.u[0], 120 << ROWS_BITS);
}

TEST(dusk_comes_step_by_step_and_is_warm_where_it_is_light)
{
    int before = 170 << ROWS_BITS;
    for (int i = 1; i <= 8; i++) {
        const struct rows r = seen(TIME_DUSK, PLAN_SAID_TIME, (float)i / 8);
        assert_in_range(r.y[0][0], 60 << ROWS_BITS, before - 1);
        before = r.y[0][0];
    }
    const struct rows r = seen(TIME_DUSK, PLAN_SAID_TIME, 1);
    assert_true(r.v[0] > 130 << ROWS_BITS && r.u[0] < 120 << ROWS_BITS);
    assert_true(before < 120 << ROWS_BITS);
}

TEST(the_lamp_is_as_bright_as_the_picture)
{
    SCOPED(frame) struct frame *dark = grey(40, 128, 128);
    SCOPED(frame) struct frame *bright = grey(200, 128, 128);
    struct palette night, day;
    still_light_measure(&night, dark, 0.5F);
    still_light_measure(&day, bright, 0.5F);
    assert_true(night.is_night && !day.is_night);
    assert_true(night.light[1] < 0.6F && day.light[1] > 0.9F);
}
