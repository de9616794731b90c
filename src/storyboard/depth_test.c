/* depth_test.c - what is found in a picture: sky, ground, what stands where.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/depth.h"

#include <math.h>

#include "storyboard/still_sample.h"
#include "unit.h"

struct found {
    struct region_map *map;
    struct depth *depth;
};

static void look(struct found *f, enum still_sample sample, int width, int height)
{
    struct error err = {0};
    SCOPED(image) struct image *im = still_sample_draw(sample, width, height);
    SCOPED(frame) struct frame *picture = frame_new(width, height);
    frame_from_rgb(picture, im->rgb, 3 * width);
    CHECK_OK(region_open(&f->map, picture, &err), err);
    CHECK_OK(depth_open(&f->depth, f->map, &err), err);
}

static void forget(struct found *f)
{
    depth_close(f->depth);
    region_close(f->map);
}

/* At a point, in parts of the width and height. */
static int plane_at(const struct found *f, float x, float y)
{
    const struct region_map *m = f->map;
    return f->depth->plane_of[(int)(y * (float)m->height) * m->width + (int)(x * (float)m->width)];
}

static float near_at(const struct found *f, float x, float y)
{
    const struct depth_plane p = f->depth->plane[plane_at(f, x, y)];
    return p.at + p.slope * (y - 0.5F) * (float)(f->map->height * f->map->cell);
}

TEST(sky_ground_and_what_stands_on_it_are_told_apart)
{
    struct found f = {0};
    look(&f, STILL_MARKERS, 640, 368);
    assert_true(f.depth->has_sky);
    assert_int_equal(plane_at(&f, 0.5F, 0.1F), 0);
    assert_true(f.depth->horizon > 0.46F && f.depth->horizon < 0.54F);
    assert_true(f.depth->confidence > 0.8F);
    const float sky = near_at(&f, 0.5F, 0.1F), egg = near_at(&f, 0.65F, 0.6F);
    const float far = near_at(&f, 0.275F, 0.45F), foot = near_at(&f, 0.5F, 0.91F);
    if (sky > 0.05F || far < sky + 0.08F || egg < far + 0.3F)
        fail_msg("sky %.2f, far egg %.2f, close egg %.2f", (double)sky, (double)far, (double)egg);
    /* It moves with the ground that it stands on. */
    assert_true(fabsf(egg - foot) < 0.08F);
    assert_true(near_at(&f, 0.1F, 0.95F) > near_at(&f, 0.1F, 0.55F) + 0.4F);
    forget(&f);
}

TEST(a_face_is_one_thing_and_nearer_than_what_is_behind_it)
{
    struct found f = {0};
    look(&f, STILL_PORTRAIT, 640, 368);
    const int eye = plane_at(&f, 0.455F, 0.63F);
    assert_int_equal(plane_at(&f, 0.5F, 0.30F), eye); /* hair  */
    assert_int_equal(plane_at(&f, 0.5F, 0.55F), eye); /* brow  */
    assert_int_equal(plane_at(&f, 0.5F, 0.83F), eye); /* mouth */
    assert_true(near_at(&f, 0.5F, 0.6F) > near_at(&f, 0.1F, 0.5F) + 0.25F);
    forget(&f);
}

TEST(a_wall_with_its_windows_is_one_plane)
{
    struct found f = {0};
    look(&f, STILL_FACADE, 640, 368);
    const int wall = plane_at(&f, 0.20F, 0.245F);
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < 4; k++)
            assert_int_equal(plane_at(&f, 0.145F + 0.09F * (float)i, 0.295F + 0.12F * (float)k),
                             wall);
    assert_int_not_equal(plane_at(&f, 0.5F, 0.05F), wall);
    forget(&f);
}

/* A torn crown was drawn with the hills behind it. */
TEST(a_crown_is_of_the_tree_whose_trunk_it_rests_on)
{
    struct found f = {0};
    look(&f, STILL_PARK, 960, 544);
    const int trunk = plane_at(&f, 0.25F, 0.7F);
    assert_int_equal(plane_at(&f, 0.16F, 0.36F), trunk);
    assert_int_equal(plane_at(&f, 0.33F, 0.36F), trunk);
    assert_int_equal(plane_at(&f, 0.23F, 0.26F), trunk); /* lighter leaves */
    assert_true(near_at(&f, 0.25F, 0.7F) > near_at(&f, 0.9F, 0.5F) + 0.2F);
    forget(&f);
}

/* Lawns that a path parts were things, and the path was far. */
TEST(a_ground_in_pieces_is_one_ground)
{
    struct found f = {0};
    look(&f, STILL_PARK, 960, 544);
    const int lawn = plane_at(&f, 0.1F, 0.8F);
    assert_true(f.depth->plane[lawn].slope > 0);
    assert_int_equal(plane_at(&f, 0.97F, 0.9F), lawn);
    assert_int_equal(plane_at(&f, 0.47F, 0.85F), lawn); /* the path */
    assert_true(f.depth->horizon > 0.52F && f.depth->horizon < 0.59F);
    forget(&f);
}

/* Posts were sheared with the ground, or broken at the horizon. */
TEST(posts_and_fences_stand_upright)
{
    struct found f = {0};
    look(&f, STILL_PARK, 960, 544);
    const int post = plane_at(&f, 0.4805F, 0.35F), fence = plane_at(&f, 0.725F, 0.68F);
    assert_int_equal(plane_at(&f, 0.4805F, 0.70F), post);
    assert_true(f.depth->plane[post].slope == 0 && post > 0);
    assert_int_equal(plane_at(&f, 0.725F, 0.78F), fence);
    assert_true(f.depth->plane[fence].slope == 0);
    forget(&f);
}

/* Heads of the wall's own grey stayed at the wall while their bodies moved. */
TEST(people_before_a_wall_are_one_thing)
{
    struct found f = {0};
    look(&f, STILL_GROUP, 960, 544);
    const int coat = plane_at(&f, 0.2F, 0.8F), wall = plane_at(&f, 0.5F, 0.05F);
    assert_int_not_equal(coat, wall);
    for (int i = 0; i < 4; i++) {
        const float x = 0.205F + 0.20F * (float)i;
        assert_int_equal(plane_at(&f, x, 0.30F), coat);
        assert_int_equal(plane_at(&f, x, 0.48F), coat);
        assert_int_equal(plane_at(&f, x, 0.9F), coat);
    }
    assert_int_equal(plane_at(&f, 0.03F, 0.9F), wall);
    forget(&f);
}

/* Nothing to go by: all lies close together. */
TEST(a_picture_without_outlines_has_hardly_any_depth)
{
    static const enum still_sample flat[] = {STILL_GRADIENT, STILL_NOISE, STILL_PLAIN};
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++) {
        struct found f = {0};
        look(&f, flat[i], 640, 368);
        float least = 1, most = 0;
        for (int y = 1; y < 20; y++)
            for (int x = 1; x < 20; x++) {
                least = fminf(least, near_at(&f, (float)x / 20, (float)y / 20));
                most = fmaxf(most, near_at(&f, (float)x / 20, (float)y / 20));
            }
        if (most - least > 0.08F)
            fail_msg("%s: %.2f to %.2f", still_sample_name(flat[i]), (double)least, (double)most);
        forget(&f);
    }
}

TEST(any_picture_has_planes_in_order)
{
    static const int sizes[][2] = {{64, 64}, {64, 150}, {304, 304}, {720, 288}, {160, 400}};
    for (int s = 0; s < STILL_SAMPLES; s++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct found f = {0};
            look(&f, (enum still_sample)s, sizes[i][0], sizes[i][1]);
            const struct depth *d = f.depth;
            assert_true(d->n_planes >= 1 && d->n_planes <= DEPTH_MOST);
            assert_true(d->confidence >= 0 && d->confidence <= 1);
            for (int k = 0; k < f.map->width * f.map->height; k++)
                assert_true(d->plane_of[k] < d->n_planes);
            for (int k = 1, last = 0; k < d->n_planes; k++)
                if (d->plane[k].slope == 0) { /* upright ones, among themselves */
                    assert_true(d->plane[last].slope != 0 || d->plane[k].at >= d->plane[last].at);
                    last = k;
                }
            forget(&f);
        }
}
