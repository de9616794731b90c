/* frame_test.c - SPDX-License-Identifier: MIT */
#include "media/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "media/image_sample.h"
#include "unit.h"

/* Smooth in brightness and colour, as pictures mostly are. */
static struct image *smooth(int width, int height)
{
    struct image *im = image_new(width, height);
    uint8_t *at = im->rgb;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, at += 3) {
            at[0] = (uint8_t)(255 * x / width);
            at[1] = (uint8_t)(255 * y / height);
            at[2] = (uint8_t)(255 - 255 * (x + y) / (width + height));
        }
    return im;
}

TEST(a_picture_survives_the_way_there_and_back)
{
    static const int sizes[][2] = {{1280, 720}, {720, 1072}, {2, 2}, {642, 64}, {638, 36}, {64, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int width = sizes[i][0], height = sizes[i][1];
        SCOPED(image) struct image *in = smooth(width, height);
        SCOPED(image) struct image *out = image_new(width, height);
        SCOPED(frame) struct frame *f = frame_new(width, height);
        frame_from_rgb(f, in->rgb, 3 * width);
        frame_to_rgb(f, out->rgb);
        double psnr = image_sample_psnr(in, out);
        if (psnr < (width > 2 && height > 2 ? 48 : 8))
            fail_msg("%dx%d: %.1f dB", width, height, psnr);
    }
}

TEST(known_colours_have_the_numbers_of_bt709)
{
    static const struct {
        uint8_t rgb[3], yuv[3];
    } rows[] = {
        {{0, 0, 0}, {16, 128, 128}},        {{255, 255, 255}, {235, 128, 128}},
        {{255, 0, 0}, {63, 102, 240}},      {{0, 255, 0}, {173, 42, 26}},
        {{0, 0, 255}, {32, 240, 118}},      {{255, 255, 0}, {219, 16, 138}},
        {{0, 255, 255}, {188, 154, 16}},    {{255, 0, 255}, {78, 214, 230}},
        {{128, 128, 128}, {126, 128, 128}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t rgb[4 * 4 * 3];
        for (int k = 0; k < 16; k++)
            memcpy(rgb + 3 * k, rows[i].rgb, 3);
        SCOPED(frame) struct frame *f = frame_new(4, 4);
        frame_from_rgb(f, rgb, 12);
        for (int p = 0; p < 3; p++)
            for (int y = 0; y < (p ? 2 : 4); y++)
                for (int x = 0; x < (p ? 2 : 4); x++)
                    assert_int_equal(f->plane[p][y * f->stride[p] + x], rows[i].yuv[p]);
    }
}

/* The definition, one pixel at a time, in doubles. */
static double definition(const struct image *im, int plane, int x, int y)
{
    static const double weight[3][3] = {{0.2126, 0.7152, 0.0722},
                                        {-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5},
                                        {0.5, -0.7152 / 1.5748, -0.0722 / 1.5748}};
    const uint8_t *at = im->rgb + 3 * ((ptrdiff_t)y * im->width + x);
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += weight[plane][c] * at[c];
    return plane ? 128 + sum * 224 / 255 : 16 + sum * 219 / 255;
}

static double expected(const struct image *im, int plane, int x, int y)
{
    if (plane == 0)
        return definition(im, 0, x, y);
    double sum = 0;
    for (int row = 2 * y; row < 2 * y + 2; row++) {
        sum += definition(im, plane, x ? 2 * x - 1 : 0, row) / 8;
        sum += definition(im, plane, 2 * x, row) / 4;
        sum += definition(im, plane, 2 * x + 1, row) / 8;
    }
    return sum;
}

TEST(every_value_is_the_nearest_to_its_definition)
{
    enum { WIDTH = 1286, HEIGHT = 6 };
    struct hash_rng rng;
    hash_rng_init(&rng, 1, 2);
    SCOPED(image) struct image *im = image_new(WIDTH, HEIGHT);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        im->rgb[i] = (uint8_t)hash_rng_u32(&rng);
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    frame_from_rgb(f, im->rgb, 3 * WIDTH);
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? HEIGHT / 2 : HEIGHT); y++)
            for (int x = 0; x < (p ? WIDTH / 2 : WIDTH); x++) {
                double is = f->plane[p][y * f->stride[p] + x], want = expected(im, p, x, y);
                /* A half for rounding, a little for coefficients of 15 places. */
                if (is - want > 0.51 || want - is > 0.51)
                    fail_msg("plane %d at %d, %d: %.0f, must be %.3f", p, x, y, is, want);
            }
}

TEST(rows_with_gaps_and_paddings_are_left_alone)
{
    enum { WIDTH = 34, HEIGHT = 4, STRIDE = 3 * WIDTH + 7 };
    uint8_t rgb[STRIDE * HEIGHT];
    memset(rgb, 77, sizeof rgb);
    SCOPED(frame) struct frame *f = frame_new(WIDTH, HEIGHT);
    for (int p = 0; p < 3; p++)
        memset(f->plane[p], 0xee, (size_t)f->stride[p] * (p ? HEIGHT / 2 : HEIGHT));
    frame_from_rgb(f, rgb, STRIDE);
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? HEIGHT / 2 : HEIGHT); y++)
            for (int x = p ? WIDTH / 2 : WIDTH; x < f->stride[p]; x++)
                assert_int_equal(f->plane[p][y * f->stride[p] + x], 0xee);
}

TEST(a_copy_is_the_same_picture)
{
    enum { WIDE = 70, HIGH = 34 };
    SCOPED(image) struct image *in = smooth(WIDE, HIGH);
    SCOPED(image) struct image *one = image_new(WIDE, HIGH), *two = image_new(WIDE, HIGH);
    SCOPED(frame) struct frame *from = frame_new(WIDE, HIGH), *to = frame_new(WIDE, HIGH);
    frame_from_rgb(from, in->rgb, 3 * WIDE);
    frame_copy(to, from);
    frame_to_rgb(from, one->rgb);
    frame_to_rgb(to, two->rgb);
    assert_memory_equal(one->rgb, two->rgb, 3 * WIDE * HIGH);
}

TEST(odd_and_senseless_sizes_have_no_frame)
{
    static const int sizes[][2] = {{3, 2}, {2, 3}, {0, 2}, {2, 0}, {-2, 2}, {2, -2}, {1 << 20, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_null(frame_new(sizes[i][0], sizes[i][1]));
}
