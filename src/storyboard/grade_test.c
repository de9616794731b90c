/* grade_test.c - what moods do to colours. SPDX-License-Identifier: MIT */
#include "storyboard/grade.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

/* All of luma, and chroma from one end to the other. */
static struct rows *all_colours(void)
{
    struct rows *r = mem_alloc(sizeof *r);
    r->width = 220;
    for (int x = 0; x < 220; x++) {
        r->y[0][x] = (int16_t)((16 + x) << ROWS_BITS);
        r->y[1][x] = (int16_t)((235 - x) << ROWS_BITS);
        r->u[x / 2] = (int16_t)((16 + x) << ROWS_BITS);
        r->v[x / 2] = (int16_t)((235 - x) << ROWS_BITS);
    }
    return r;
}

TEST(a_plain_film_is_left_as_it_is)
{
    struct grade g;
    SCOPED(mem) struct rows *r = all_colours();
    SCOPED(mem) struct rows *same = all_colours();
    grade_init(&g, MOOD_PLAIN);
    grade_rows(&g, r);
    assert_memory_equal(r, same, sizeof *r);
}

TEST(no_mood_leaves_the_range_of_a_frame_or_turns_tones_round)
{
    for (int mood = 0; mood < MOODS; mood++) {
        struct grade g;
        SCOPED(mem) struct rows *r = all_colours();
        grade_init(&g, (enum mood)mood);
        grade_rows(&g, r);
        for (int x = 0; x < 220; x++) {
            assert_in_range(r->y[0][x], 16 << ROWS_BITS, 235 << ROWS_BITS);
            assert_true(x == 0 || r->y[0][x] >= r->y[0][x - 1]);
        }
        for (int x = 0; x < 110; x++)
            assert_true(r->u[x] > 0 && r->v[x] > 0);
        assert_true(g.vignette > 0 && g.vignette <= 0.48F); /* more would overflow in rows_store */
    }
}

TEST(noir_has_next_to_no_colour)
{
    struct grade g;
    SCOPED(mem) struct rows *r = all_colours();
    grade_init(&g, MOOD_NOIR);
    grade_rows(&g, r);
    for (int x = 0; x < 110; x++) {
        assert_in_range(r->u[x], 120 << ROWS_BITS, 136 << ROWS_BITS);
        assert_in_range(r->v[x], 120 << ROWS_BITS, 136 << ROWS_BITS);
    }
}

TEST(an_old_film_is_brown_and_faded)
{
    struct grade g;
    SCOPED(mem) struct rows *r = all_colours();
    for (int x = 0; x < 110; x++)
        r->u[x] = r->v[x] = 128 << ROWS_BITS;
    grade_init(&g, MOOD_VINTAGE);
    grade_rows(&g, r);
    assert_true(r->u[50] < 124 << ROWS_BITS);
    assert_true(r->v[50] > 130 << ROWS_BITS);
    assert_true(r->y[0][0] > 24 << ROWS_BITS);
    assert_true(r->y[0][219] < 230 << ROWS_BITS);
}
