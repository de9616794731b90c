/* image_test.c - SPDX-License-Identifier: MIT */
#include "media/image_sample.h"

#include <string.h>

#include "unit.h"

TEST(each_rule_holds_from_both_sides)
{
    static const struct {
        int width, height;
        size_t n_bytes;
        const char *issue; /* NULL: none */
    } rows[] = {
        {1280, 720, 500000, NULL},
        {301, 301, 1, NULL},
        {300, 301, 1, "shorter side is 300 px, must exceed 300"},
        {301, 300, 1, "shorter side is 300 px, must exceed 300"},
        {200, 200, 1, "shorter side is 200 px, must exceed 300"},
        {2499, 1000, 1, NULL},
        {2500, 1000, 1, "aspect ratio is 2500:1000 (2.500), must be less than 5:2"},
        {3000, 1000, 1, "aspect ratio is 3000:1000 (3.000), must be less than 5:2"},
        {401, 1000, 1, NULL},
        {400, 1000, 1, "aspect ratio is 400:1000 (0.400), must be greater than 2:5"},
        {12500, 5001, 1, NULL},
        {12500, 5000, 1, "aspect ratio is 12500:5000 (2.500), must be less than 5:2"},
        {1000, 1000, 20000000, NULL},
        {1000, 1000, 20000001, "file is 20000001 bytes, must not exceed 20000000"},
        {10000, 10000, 1, NULL},
        {10001, 10000, 1, "image is 10001x10000, 100010000 pixels, must not exceed 100000000"},
        {65535, 65535, 1, "image is 65535x65535, 4294836225 pixels, must not exceed 100000000"},
        {INT32_MAX, INT32_MAX, 1,
         "image is 2147483647x2147483647, 4611686014132420609 pixels, must not exceed 100000000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct image_issue issues[IMAGE_MOST_ISSUES];
        struct image_info info = {.format = i % 2 ? IMAGE_PNG : IMAGE_JPEG,
                                  .width = rows[i].width,
                                  .height = rows[i].height,
                                  .orientation = 1};
        int n = image_issues(&info, rows[i].n_bytes, issues);
        assert_string_equal(n ? issues[0].text : "", rows[i].issue ? rows[i].issue : "");
        assert_int_equal(n, rows[i].issue ? 1 : 0);
    }
}

TEST(all_broken_rules_are_named_at_once)
{
    struct image_issue issues[IMAGE_MOST_ISSUES];
    struct image_info info = {.format = IMAGE_PNG, .width = 100, .height = INT32_MAX};
    assert_int_equal(image_issues(&info, 30000000, issues), 4);
    assert_string_equal(issues[0].text, "file is 30000000 bytes, must not exceed 20000000");
    assert_string_equal(issues[1].text, "shorter side is 100 px, must exceed 300");
    assert_string_equal(issues[2].text,
                        "aspect ratio is 100:2147483647 (0.000), must be greater than 2:5");
    assert_string_equal(issues[3].text,
                        "image is 100x2147483647, 214748364700 pixels, must not exceed 100000000");
}

TEST(an_unknown_format_is_an_issue_of_its_own)
{
    struct image_issue issues[IMAGE_MOST_ISSUES];
    struct image_info info = {.format = IMAGE_UNKNOWN};
    assert_int_equal(image_issues(&info, 5, issues), 1);
    assert_string_equal(issues[0].text, "format is unknown, must be JPEG or PNG");
    assert_string_equal(image_format_name(IMAGE_JPEG), "JPEG");
    assert_string_equal(image_format_name(IMAGE_PNG), "PNG");
    assert_string_equal(image_format_name((enum image_format)99), "unknown");
}

TEST(the_film_keeps_the_proportions_of_its_image)
{
    static const int rows[][4] = {
        {1280, 720, 1280, 720},  {720, 1280, 720, 1280},  {1200, 900, 960, 720},
        {768, 1142, 720, 1072},  {1000, 1500, 720, 1072}, {301, 301, 720, 720},
        {4000, 3000, 960, 720},  {1920, 1080, 1280, 720}, {2499, 1000, 1792, 720},
        {1000, 2499, 720, 1792}, {1001, 1000, 720, 720},  {1000, 1010, 720, 720},
        {1000, 1012, 720, 736},  {10000, 9999, 720, 720},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int width, height;
        image_video_size(rows[i][0], rows[i][1], 720, &width, &height);
        assert_int_equal(width, rows[i][2]);
        assert_int_equal(height, rows[i][3]);
    }
}

static struct image *ramp(int width, int height)
{
    struct image *im = image_new(width, height);
    uint8_t *at = im->rgb;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, at += 3) {
            at[0] = (uint8_t)(255 * (2 * x + 1) / (2 * width));
            at[1] = (uint8_t)(255 * (2 * y + 1) / (2 * height));
            at[2] = (uint8_t)((at[0] + at[1]) / 2);
        }
    return im;
}

TEST(a_scaled_ramp_is_the_ramp_of_that_size)
{
    static const int sizes[][2] = {{200, 120}, {37, 91},   {1, 1},     {511, 16}, {16, 511},
                                   {720, 720}, {400, 240}, {2000, 23}, {3, 2}};
    SCOPED(image) struct image *in = ramp(400, 240);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        SCOPED(image) struct image *out = image_scale(in, sizes[i][0], sizes[i][1]);
        SCOPED(image) struct image *want = ramp(sizes[i][0], sizes[i][1]);
        double psnr = image_sample_psnr(out, want);
        if (psnr < 46)
            fail_msg("%dx%d: %.1f dB", sizes[i][0], sizes[i][1], psnr);
    }
}

TEST(scaling_to_the_same_size_changes_nothing)
{
    SCOPED(image) struct image *in = ramp(97, 61);
    in->rgb[3 * 97 * 30 + 100] = 255;
    SCOPED(image) struct image *out = image_scale(in, 97, 61);
    assert_memory_equal(in->rgb, out->rgb, 3 * 97 * 61);
}

TEST(one_colour_stays_that_colour_at_any_size)
{
    for (int size = 1; size < 200; size += 7) {
        SCOPED(image) struct image *in = image_new(64, 50);
        memset(in->rgb, 201, 3 * 64 * 50);
        SCOPED(image) struct image *out = image_scale(in, size, 200 - size);
        for (int i = 0; i < 3 * size * (200 - size); i++)
            assert_int_equal(out->rgb[i], 201);
    }
}

TEST(an_area_shrinks_to_its_average)
{
    SCOPED(image) struct image *in = image_new(6, 2);
    for (int i = 0; i < 3 * 12; i++)
        in->rgb[i] = i / 3 % 2 ? 250 : 50;
    SCOPED(image) struct image *out = image_scale(in, 3, 1);
    for (int i = 0; i < 9; i++)
        assert_int_equal(out->rgb[i], 150);
}

TEST(an_edge_that_grows_stays_within_bounds)
{
    SCOPED(image) struct image *in = image_new(8, 8);
    for (int i = 0; i < 64; i++)
        memset(in->rgb + 3 * i, i % 8 < 4 ? 0 : 255, 3);
    SCOPED(image) struct image *out = image_scale(in, 64, 64);
    assert_true(out->rgb[3 * 4] < 16);
    assert_true(out->rgb[3 * 60] > 239);
    assert_true(out->rgb[3 * 31] < 128 && out->rgb[3 * 32] > 127);
}
