/* sheet_test.c - a picture taken apart and what is made up behind it. SPDX-License-Identifier: MIT
 */
#include "storyboard/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/inpaint.h"
#include "storyboard/matte.h"
#include "storyboard/still_sample.h"
#include "unit.h"

enum { WIDTH = 480, HEIGHT = 272 };

struct apart {
    struct frame *picture;
    struct depth *depth;
    uint8_t *plane_of;
    struct sheet *sheet[DEPTH_MOST];
};

static void take_apart(struct apart *a, enum still_sample sample)
{
    struct error err = {0};
    struct region_map *map = NULL;
    SCOPED(image) struct image *im = still_sample_draw(sample, WIDTH, HEIGHT);
    SCOPED(crew) struct crew *crew = crew_new(1);
    a->picture = frame_new(WIDTH, HEIGHT);
    frame_from_rgb(a->picture, im->rgb, 3 * WIDTH);
    CHECK_OK(region_open(&map, a->picture, &err), err);
    CHECK_OK(depth_open(&a->depth, map, &err), err);
    CHECK_OK(matte_new(&a->plane_of, a->picture, map, a->depth, crew, &err), err);
    region_close(map);
    const struct sheet_source source = {.picture = a->picture, .plane_of = a->plane_of};
    for (int k = 0; k < a->depth->n_planes; k++)
        CHECK_OK(sheet_open(&a->sheet[k], &source, a->depth->plane[k], k, &err), err);
}

static void forget(struct apart *a)
{
    for (int k = 0; k < a->depth->n_planes; k++)
        sheet_close(a->sheet[k]);
    mem_free(a->plane_of);
    depth_close(a->depth);
    frame_free(a->picture);
}

TEST(all_sheets_unmoved_are_the_picture)
{
    for (int s = 0; s < STILL_SAMPLES; s++) {
        struct apart a = {0};
        take_apart(&a, (enum still_sample)s);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            const int x = i % WIDTH, y = i / WIDTH;
            int luma = 0;
            for (int k = 0; k < a.depth->n_planes; k++) {
                const struct frame *f = a.sheet[k]->picture;
                const int top = f->plane[0][y * f->stride[0] + x], cover = a.sheet[k]->cover[i];
                luma = (luma * (255 - cover) + top * cover) / 255;
            }
            if (luma != a.picture->plane[0][y * a.picture->stride[0] + x])
                fail_msg("%s: %d, %d", still_sample_name((enum still_sample)s), x, y);
        }
        forget(&a);
    }
}

TEST(the_farthest_sheet_has_no_hole_and_none_of_what_is_before_it)
{
    struct apart a = {0};
    take_apart(&a, STILL_MARKERS);
    const struct frame *sky = a.sheet[0]->picture;
    int before = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        assert_int_equal(a.sheet[0]->cover[i], 255);
    /* Sky colours all over, where eggs and meadow were too. */
    for (int y = 0; y < HEIGHT / 2; y++)
        for (int x = 0; x < WIDTH / 2; x++) {
            before += a.plane_of[2 * y * WIDTH + 2 * x] > 0;
            assert_in_range(sky->plane[1][y * sky->stride[1] + x], 120, 190);
            assert_in_range(sky->plane[2][y * sky->stride[2] + x], 70, 132);
        }
    assert_true(before > WIDTH * HEIGHT / 16);
    forget(&a);
}

TEST(blocks_say_what_a_row_holds)
{
    struct apart a = {0};
    take_apart(&a, STILL_MARKERS);
    for (int k = 0; k < a.depth->n_planes; k++)
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            const struct sheet *s = a.sheet[k];
            const int flags = s->block[i / WIDTH * s->n_blocks + i % WIDTH / SHEET_BLOCK];
            assert_true(s->cover[i] == 0 || flags & SHEET_SOME);
            assert_true(s->cover[i] == 255 || flags & SHEET_HOLES);
        }
    forget(&a);
}

/* A picture with a hole of a colour that is nowhere else. */
struct holed {
    struct frame *picture;
    uint8_t *state;
    int16_t *near_x, *near_y;
};

static void make_hole(struct holed *h)
{
    const size_t size = (size_t)WIDTH * HEIGHT;
    h->picture = frame_new(WIDTH, HEIGHT);
    h->state = mem_alloc(size);
    h->near_x = mem_alloc(size * sizeof *h->near_x);
    h->near_y = mem_alloc(size * sizeof *h->near_y);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const bool hole = x >= 200 && x < 260;
            const int i = y * WIDTH + x, grain = (int)(curve_hash(x, y, 1) % 13) - 6;
            h->state[i] = hole ? INPAINT_WANTED : INPAINT_KNOWN;
            h->near_x[i] = (int16_t)(!hole ? x : x < 230 ? 199 : 260);
            h->near_y[i] = (int16_t)y;
            h->picture->plane[0][y * h->picture->stride[0] + x] =
                (uint8_t)(hole ? 235 : 60 + y / 4 + grain);
            for (int p = 1; p < 3; p++)
                h->picture->plane[p][y / 2 * h->picture->stride[p] + x / 2] = hole ? 240 : 110;
        }
}

TEST(a_hole_is_filled_with_the_forms_and_the_grain_beside_it)
{
    struct error err = {0};
    struct holed h;
    make_hole(&h);
    const struct inpaint p = {
        .picture = h.picture, .state = h.state, .near_x = h.near_x, .near_y = h.near_y};
    CHECK_OK(inpaint_run(&p, &err), err);
    double squares = 0;
    for (int y = 8; y < HEIGHT - 8; y++)
        for (int x = 200; x < 260; x++) {
            const int luma = h.picture->plane[0][y * h.picture->stride[0] + x];
            squares += (luma - 60.0 - y / 4.0) * (luma - 60.0 - y / 4.0);
            assert_true(abs(luma - 60 - y / 4) < 24);
            assert_in_range(h.picture->plane[1][y / 2 * h.picture->stride[1] + x / 2], 108, 112);
        }
    /* As rough as what is beside it, whose deviation is 3.7: no smear. */
    const double rough = sqrt(squares / 60 / (HEIGHT - 16));
    if (rough < 2.5 || rough > 7)
        fail_msg("deviation %.1f", rough);
    frame_free(h.picture);
    mem_free(h.state);
    mem_free(h.near_x);
    mem_free(h.near_y);
}

TEST(nothing_known_leaves_all_as_it_is)
{
    struct error err = {0};
    SCOPED(frame) struct frame *f = frame_new(64, 64);
    static uint8_t wanted[64 * 64];
    static int16_t near[64 * 64];
    memset(wanted, INPAINT_WANTED, sizeof wanted);
    memset(near, 0xff, sizeof near);
    memset(f->plane[0], 77, (size_t)f->stride[0] * 64);
    const struct inpaint p = {.picture = f, .state = wanted, .near_x = near, .near_y = near};
    CHECK_OK(inpaint_run(&p, &err), err);
    for (int i = 0; i < 64; i++)
        assert_int_equal(f->plane[0][i * f->stride[0] + i], 77);
}
