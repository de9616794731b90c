/* resize_test.c - resizing against facts that hold without the reference, and sizes.
 *
 * The bicubic resize is compared with the reference's pixels in tests/parity/clip.c.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/resize.h"

#include <math.h>
#include <string.h>

#include "unit.h"

enum { MOST = 64 * 64 * 3 };

static struct tensor plane(float *data, int64_t h, int64_t w)
{
    return (struct tensor){
        .data = data, .dtype = DTYPE_F32, .n_dims = 3, .shape = {1, h, w}, .scale = 1};
}

static struct tensor bytes(uint8_t *data, int64_t h, int64_t w, int64_t c)
{
    return (struct tensor){
        .data = data, .dtype = DTYPE_U8, .n_dims = 3, .shape = {h, w, c}, .scale = 1};
}

TEST(a_resize_to_the_same_size_changes_nothing)
{
    float from[35], to[35];
    uint8_t from_bytes[105], to_bytes[105];
    struct error err;
    for (int i = 0; i < 35; i++)
        from[i] = sinf((float)i);
    for (int i = 0; i < 105; i++)
        from_bytes[i] = (uint8_t)(i * 37);
    resize_bicubic(plane(from, 5, 7), plane(to, 5, 7));
    CHECK_OK(resize_lanczos(bytes(from_bytes, 5, 7, 3), bytes(to_bytes, 5, 7, 3), &err), err);
    assert_memory_equal(from, to, sizeof from);
    assert_memory_equal(from_bytes, to_bytes, sizeof from_bytes);
}

TEST(one_colour_stays_one_colour)
{
    float from[9 * 4], to[13 * 21];
    uint8_t from_bytes[9 * 4 * 3], to_bytes[13 * 21 * 3];
    struct error err;
    for (int i = 0; i < 36; i++)
        from[i] = 0.3F;
    memset(from_bytes, 77, sizeof from_bytes);
    resize_bicubic(plane(from, 9, 4), plane(to, 13, 21));
    CHECK_OK(resize_lanczos(bytes(from_bytes, 9, 4, 3), bytes(to_bytes, 13, 21, 3), &err), err);
    for (int i = 0; i < 13 * 21; i++)
        assert_true(fabsf(to[i] - 0.3F) < 1e-6F);
    for (int i = 0; i < 13 * 21 * 3; i++)
        assert_int_equal(to_bytes[i], 77);
}

/* The cubic with a = -0.75 at a distance, in pixels. */
static float cubic(float x)
{
    const float a = -0.75F;
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

/* At twice the size, the pixels around a single one lie 1/4, 3/4, 5/4 and 7/4 of a pixel from it.
 */
TEST(bicubic_weights_are_those_of_minus_three_quarters)
{
    float from[8] = {0, 0, 0, 1, 0, 0, 0, 0}, to[16];
    resize_bicubic(plane(from, 1, 8), plane(to, 1, 16));
    for (int i = 0; i < 16; i++) {
        float far = fabsf(((float)i + 0.5F) / 2 - 3.5F);
        assert_true(fabsf(to[i] - (far < 2 ? cubic(far) : 0)) < 1e-6F);
    }
    assert_true(fabsf(to[4] + 0.10546875F) < 1e-6F);
}

/* Without smoothing, shrinking to a quarter looks at 4 of 16 pixels around the centre alone. */
TEST(bicubic_does_not_smooth_when_it_shrinks)
{
    float from[16] = {9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, to[2];
    resize_bicubic(plane(from, 1, 16), plane(to, 1, 2));
    assert_true(to[0] == 0 && to[1] == 0);
}

TEST(lanczos_smooths_when_it_shrinks)
{
    uint8_t from[64], to[8];
    struct error err;
    for (int i = 0; i < 64; i++)
        from[i] = i % 2 ? 255 : 0;
    CHECK_OK(resize_lanczos(bytes(from, 1, 64, 1), bytes(to, 1, 8, 1), &err), err);
    for (int i = 1; i < 7; i++)
        assert_in_range(to[i], 126, 129);
}

/* A step from 0 to 255 doubled: sin(pi x) / (pi x) * sin(pi x / 3) / (pi x / 3) summed over the
 * white pixels at distances 0.25, 1.25, ... and normalised, by hand. */
TEST(lanczos_has_three_lobes)
{
    uint8_t from[12], to[24];
    struct error err;
    memset(from, 0, 6);
    memset(from + 6, 255, 6);
    CHECK_OK(resize_lanczos(bytes(from, 1, 12, 1), bytes(to, 1, 24, 1), &err), err);
    for (int side = 0; side < 2; side++) {
        double white = 0, all = 0;
        int i = 11 + side; /* its centre in pixels of from: (i + 0.5) / 2 */
        for (int k = 3; k < 9; k++) {
            double x = k + 0.5 - (i + 0.5) / 2;
            double w =
                fabs(x) >= 3 ? 0 : sin(M_PI * x) / (M_PI * x) * sin(M_PI * x / 3) / (M_PI * x / 3);
            all += w;
            white += k >= 6 ? w : 0;
        }
        assert_int_equal(to[i], (int)lround(255 * white / all));
    }
}

TEST(covering_keeps_the_middle)
{
    uint8_t from[6 * 2], to[2 * 2];
    struct error err;
    for (int i = 0; i < 12; i++)
        from[i] = (uint8_t)(10 * (i % 6));
    CHECK_OK(resize_cover(bytes(from, 2, 6, 1), bytes(to, 2, 2, 1), &err), err);
    assert_memory_equal(to, ((uint8_t[]){20, 30, 20, 30}), 4);
}

TEST(sizes_of_image_to_video_follow_the_image)
{
    struct resize_size s = resize_size_of((struct resize_size){1920, 1080}, 832 * 480);
    assert_int_equal(s.width, 832);
    assert_int_equal(s.height, 464);
    s = resize_size_of((struct resize_size){1080, 1920}, 832 * 480);
    assert_int_equal(s.width, 464);
    assert_int_equal(s.height, 832);
    s = resize_size_of((struct resize_size){61, 45}, 1536);
    assert_int_equal(s.width, 32);
    assert_int_equal(s.height, 32);
}

TEST(sizes_of_ti2v_are_multiples_near_the_area)
{
    struct resize_size s = resize_size_near((struct resize_size){1280, 704}, 1280 * 704, 32);
    assert_int_equal(s.width, 1280);
    assert_int_equal(s.height, 704);
    s = resize_size_near((struct resize_size){1000, 1000}, 1280 * 704, 32);
    assert_int_equal(s.width % 32, 0);
    assert_int_equal(s.height % 32, 0);
    assert_true(s.width * s.height <= 1280 * 704);
    assert_in_range(s.width, 900, 1000);
}

TEST(a_side_shorter_than_one_step_becomes_one_step)
{
    const struct resize_size s = resize_size_near((struct resize_size){64, 4096}, 256, 32);
    assert_int_equal(s.width, 32);
    assert_int_equal(s.height, 128);
}
