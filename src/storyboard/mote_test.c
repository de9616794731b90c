/* mote_test.c - what moves by itself stays where it belongs. SPDX-License-Identifier: MIT */
#include "storyboard/mote.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

static const struct stage_view view = {.x = 160, .y = 90, .scale = 180};

static struct mote_source source_of(enum mote_kind kind)
{
    return (struct mote_source){.kind = kind,
                                .wide = 0.3F,
                                .tall = 0.2F,
                                .size = 0.02F,
                                .strength = 1,
                                .n = 12,
                                .colour = palette_rgb(0xffffff),
                                .other = palette_rgb(0xff8020),
                                .seed = 9};
}

static struct rows *grey_rows(int pair)
{
    struct rows *r = mem_alloc(sizeof *r);
    r->width = 320;
    r->pair = pair;
    for (int x = 0; x < 320; x++) {
        r->y[0][x] = r->y[1][x] = 60 << ROWS_BITS;
        r->u[x / 2] = r->v[x / 2] = 128 << ROWS_BITS;
    }
    return r;
}

TEST(every_kind_is_seen_and_moves)
{
    SCOPED(mem) struct mote_frame *a = mem_alloc(sizeof *a);
    SCOPED(mem) struct mote_frame *b = mem_alloc(sizeof *b);
    for (int kind = MOTE_SMOKE; kind <= MOTE_SPECK; kind++) {
        struct mote_set set = {.n = 0};
        const struct mote_source source = source_of((enum mote_kind)kind);
        mote_add(&set, &source);
        mote_place(a, &set, view, 1.0F);
        mote_place(b, &set, view, 1.7F);
        assert_true(a->n > 0 && a->n <= 12);
        assert_true(memcmp(a->at, b->at, sizeof *a->at * (size_t)a->n) != 0);
        for (int i = 0; i < a->n; i++) {
            assert_true(a->at[i].strength > 0 && a->at[i].strength <= 1);
            assert_true(a->at[i].x > -400 && a->at[i].x < 720);
            assert_true(a->at[i].reach_x > 0 && a->at[i].reach_y > 0);
        }
    }
}

TEST(the_same_moment_looks_the_same_whenever_it_is_asked_for)
{
    SCOPED(mem) struct mote_frame *a = mem_alloc(sizeof *a);
    SCOPED(mem) struct mote_frame *b = mem_alloc(sizeof *b);
    struct mote_set set = {.n = 0};
    const struct mote_source source = source_of(MOTE_FIREFLY);
    mote_add(&set, &source);
    mote_place(a, &set, view, 4.2F);
    mote_place(b, &set, view, 0.3F);
    mote_place(b, &set, view, 4.2F);
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->at, b->at, sizeof *a->at * (size_t)a->n);
}

TEST(a_set_that_is_full_leaves_out_what_is_more)
{
    SCOPED(mem) struct mote_frame *f = mem_alloc(sizeof *f);
    SCOPED(mem) struct mote_set *set = mem_alloc(sizeof *set);
    const struct mote_source source = source_of(MOTE_STAR);
    for (int i = 0; i < 2 * MOTE_MOST_SOURCES; i++)
        mote_add(set, &source);
    assert_int_equal(set->n, MOTE_MOST_SOURCES);
    mote_place(f, set, view, 0);
    assert_int_equal(f->n, MOTE_MOST);
}

TEST(a_lamp_brightens_its_middle_and_nothing_far_from_it)
{
    SCOPED(mem) struct mote_frame *f = mem_alloc(sizeof *f);
    struct mote_source source = source_of(MOTE_LAMP);
    struct mote_set set = {.n = 0};
    source.n = 1;
    source.wide = source.tall = 0;
    source.size = 0.2F;
    mote_add(&set, &source);
    mote_place(f, &set, view, 0);
    SCOPED(mem) struct rows *middle = grey_rows(45);
    SCOPED(mem) struct rows *far = grey_rows(2);
    SCOPED(mem) struct rows *same = grey_rows(2);
    mote_draw(f, middle);
    mote_draw(f, far);
    assert_true(middle->y[0][160] > 200 << ROWS_BITS);
    assert_int_equal(middle->y[0][4], 60 << ROWS_BITS);
    assert_int_equal(middle->y[0][316], 60 << ROWS_BITS);
    assert_memory_equal(far->y, same->y, sizeof far->y);
}

TEST(motes_behind_the_camera_are_not_there)
{
    SCOPED(mem) struct mote_frame *f = mem_alloc(sizeof *f);
    struct mote_set set = {.n = 0};
    const struct mote_source source = source_of(MOTE_LEAF);
    const struct stage_view behind = {.scale = 0};
    mote_add(&set, &source);
    mote_place(f, &set, behind, 1);
    assert_int_equal(f->n, 0);
}
