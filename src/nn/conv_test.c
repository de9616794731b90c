/* conv_test.c - convolutions, by addresses and by squares (winograd.c), against loops in double.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nn/arena.h"
#include "nn/quant.h"
#include "nn/step_sample.h"
#include "unit.h"

/* Sums of products in f32 over a few thousand numbers, relative to the length of the result. */
static const double near = 2e-6;

struct kernel_case {
    int64_t x[4];  /* T H W C */
    int64_t w[5];  /* O C kt kh kw */
    int stride[3]; /* t h w */
    int pad[4];    /* top bottom left right */
};

static double loop_place(const struct kernel_case *k, struct tensor x, struct tensor w,
                         const int64_t *at)
{
    const int64_t taps = k->w[2] * k->w[3] * k->w[4];
    double sum = 0;
    for (int64_t t = 0; t < k->w[2]; t++)
        for (int64_t i = 0; i < k->w[3]; i++)
            for (int64_t j = 0; j < k->w[4]; j++) {
                const int64_t ft = at[0] * k->stride[0] + t;
                const int64_t h = at[1] * k->stride[1] + i - k->pad[0];
                const int64_t v = at[2] * k->stride[2] + j - k->pad[2];
                if (h < 0 || h >= k->x[1] || v < 0 || v >= k->x[2])
                    continue;
                const float *from = tensor_f32(&x) + ((ft * k->x[1] + h) * k->x[2] + v) * k->x[3];
                const float *by = tensor_f32(&w) + at[3] * k->w[1] * taps +
                                  (t * k->w[3] + i) * k->w[4] + j;
                for (int64_t c = 0; c < k->w[1]; c++, by += taps)
                    sum += (double)from[c] * (double)*by;
            }
    return sum;
}

static struct tensor loop_conv(const struct kernel_case *k, struct tensor x, struct tensor w,
                               struct tensor b, struct tensor shape)
{
    struct tensor y = sample_apart(shape);
    float *out = tensor_f32(&y);
    int64_t at[4];
    for (at[0] = 0; at[0] < y.shape[0]; at[0]++)
        for (at[1] = 0; at[1] < y.shape[1]; at[1]++)
            for (at[2] = 0; at[2] < y.shape[2]; at[2]++)
                for (at[3] = 0; at[3] < y.shape[3]; at[3]++)
                    *out++ = (float)(loop_place(k, x, w, at) + (double)tensor_f32(&b)[at[3]]);
    return y;
}

static struct conv conv_of(struct step *s, const struct kernel_case *k)
{
    return (struct conv){.w = sample_fill(s, step_new(s, 5, k->w), 2),
                         .b = SAMPLE_NEW(s, 3, k->w[0]),
                         .stride_t = k->stride[0],
                         .stride_h = k->stride[1],
                         .stride_w = k->stride[2],
                         .top = k->pad[0],
                         .bottom = k->pad[1],
                         .left = k->pad[2],
                         .right = k->pad[3]};
}

/* With its weights as they are, then packed; both are held against the same loops. */
static void try_conv(const struct kernel_case *k)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x = sample_fill(s, step_new(s, 4, k->x), 1);
    struct conv c = conv_of(s, k), packed = c;
    CHECK_OK(conv_pack(&packed, t.nn, &t.err), t.err);
    const struct tensor y = step_conv(s, &c, x), z = step_conv(s, &packed, x);
    CHECK_OK(step_end(s, &t.err), t.err);
    for (int axis = 0; axis < 3; axis++) {
        const int pad = axis == 0 ? 0 : k->pad[2 * axis - 2] + k->pad[2 * axis - 1];
        assert_int_equal(y.shape[axis], (k->x[axis] + pad - k->w[axis + 2]) / k->stride[axis] + 1);
        assert_int_equal(z.shape[axis], y.shape[axis]);
    }
    struct tensor want = loop_conv(k, x, c.w, c.b, y);
    assert_true(sample_distance(y, want) < near);
    assert_true(sample_distance(z, want) < near);
    mem_free(want.data);
    conv_fini(&packed);
}

TEST(a_convolution_agrees_with_loops_for_every_kernel_of_the_networks)
{
    const struct kernel_case cases[] = {
        {{1, 5, 7, 16}, {16, 16, 1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0}},
        {{3, 5, 7, 12}, {20, 12, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}},
        {{6, 4, 5, 96}, {100, 96, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}},
        {{4, 3, 2, 10}, {8, 10, 3, 1, 1}, {1, 1, 1}, {0, 0, 0, 0}},  /* time_conv */
        {{5, 3, 2, 10}, {8, 10, 3, 1, 1}, {2, 1, 1}, {0, 0, 0, 0}},  /* of a down3d */
        {{2, 6, 8, 9}, {7, 9, 1, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}},    /* of a resample */
        {{2, 6, 9, 9}, {7, 9, 1, 3, 3}, {1, 2, 2}, {0, 1, 0, 1}},    /* of a down2d */
        {{3, 17, 16, 3}, {33, 3, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}}, /* the first of an encoder */
        {{3, 9, 8, 33}, {3, 33, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}},  /* the last of a decoder */
        {{2, 8, 6, 16}, {24, 16, 1, 2, 2}, {1, 2, 2}, {0, 0, 0, 0}}, /* patches of the DiT */
        {{1, 28, 28, 3}, {20, 3, 1, 14, 14}, {1, 14, 14}, {0, 0, 0, 0}}, /* of CLIP */
        {{1, 4, 4, 5}, {6, 5, 1, 3, 3}, {1, 1, 1}, {2, 0, 0, 3}},
        {{1, 9, 11, 17}, {5, 17, 1, 3, 3}, {1, 1, 1}, {2, 0, 0, 3}},
        {{1, 5, 4, 16}, {7, 16, 1, 3, 3}, {1, 1, 1}, {0, 0, 0, 0}},
        {{3, 3, 1, 20}, {7, 20, 2, 3, 3}, {1, 1, 1}, {0, 1, 1, 1}},
        {{7, 30, 33, 16}, {100, 16, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}}, /* more than a band */
        {{1, 12, 12, 384}, {8, 384, 1, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}}, /* as deep as the VAE's */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        try_conv(&cases[i]);
}

TEST(a_kernel_without_time_is_one_frame_long)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x = SAMPLE_NEW(s, 1, 2, 5, 6, 4);
    struct conv c = {
        .w = SAMPLE_NEW(s, 2, 3, 4, 3, 3), .stride_t = 1, .stride_h = 1, .stride_w = 1};
    struct tensor flat = step_conv(s, &c, x);
    c.w = tensor_view(&c.w, 5, (int64_t[]){3, 4, 1, 3, 3});
    struct tensor deep = step_conv(s, &c, x);
    CHECK_OK(step_end(s, &t.err), t.err);
    assert_memory_equal(flat.data, deep.data, tensor_bytes(&flat));
}

TEST(what_a_convolution_multiplies_may_be_narrowed_before_to_the_same_bits)
{
    static const enum nn_precision precisions[] = {NN_F32, NN_BF16};
    for (size_t i = 0; i < 2; i++)
        for (int64_t channels = 5; channels <= 6; channels++) {
            SCOPED(sample) struct sample t = {0};
            sample_open(&t, &(struct nn_options){.n_threads = 2,
                                                 .precision = precisions[i],
                                                 .sets = 1u << NN_PLAIN});
            struct step *s = &t.step;
            struct tensor x = SAMPLE_NEW(s, 1, 3, 5, 6, channels);
            struct tensor kept = step_new_input(s, 4, x.shape);
            struct conv c = {.w = SAMPLE_NEW(s, 2, 7, channels, 3, 3, 3),
                             .stride_t = 1,
                             .stride_h = 1,
                             .stride_w = 1,
                             .top = 1,
                             .left = 1};
            const bool half = precisions[i] == NN_BF16 && channels % 2 == 0;
            assert_int_equal(kept.dtype, half ? DTYPE_BF16 : DTYPE_F32);
            step_put_input(s, kept, x);
            struct tensor want = step_conv(s, &c, x), got = step_conv(s, &c, kept);
            CHECK_OK(step_end(s, &t.err), t.err);
            assert_memory_equal(got.data, want.data, tensor_bytes(&want));
            step_put_input(s, kept, SAMPLE_NEW(s, 1, 3, 5, 7, channels));
            CHECK_ERR(step_end(s, &t.err), ERR_INVALID);
        }
}

TEST(a_convolution_by_squares_multiplies_in_f32_what_was_kept_in_bf16)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t,
                &(struct nn_options){.n_threads = 2, .precision = NN_BF16, .sets = 1u << NN_PLAIN});
    struct step *s = &t.step;
    const struct kernel_case k = {{3, 9, 10, 18}, {7, 18, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}};
    struct tensor x = sample_fill(s, step_new(s, 4, k.x), 1);
    struct tensor kept = step_new_input(s, 4, k.x);
    assert_int_equal(kept.dtype, DTYPE_BF16);
    step_put_input(s, kept, x);
    const struct conv c = conv_of(s, &k);
    struct tensor y = step_conv(s, &c, kept);
    struct tensor z = step_conv(s, &c, x);
    CHECK_OK(step_end(s, &t.err), t.err);
    struct tensor exact = loop_conv(&k, x, c.w, c.b, z);
    assert_true(sample_distance(z, exact) < near);
    for (int64_t i = 0; i < tensor_count(&x); i++)
        tensor_f32(&x)[i] = quant_from_bf16(((const uint16_t *)kept.data)[i]);
    struct tensor rounded = loop_conv(&k, x, c.w, c.b, y);
    assert_true(sample_distance(y, rounded) < near);
    mem_free(exact.data);
    mem_free(rounded.data);
}

TEST(a_convolution_in_f32_takes_no_bf16)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_plain);
    struct step *s = &t.step;
    struct tensor x = SAMPLE_NEW(s, 1, 3, 5, 6, 4);
    struct conv c = {
        .w = SAMPLE_NEW(s, 2, 3, 4, 3, 3, 3), .stride_t = 1, .stride_h = 1, .stride_w = 1};
    x.dtype = DTYPE_BF16;
    step_conv(s, &c, x);
    CHECK_ERR(step_end(s, &t.err), ERR_INVALID);
}

/* ---- any shape ----------------------------------------------------------------------------- */

static int64_t between(uint64_t *seed, int64_t least, int64_t most)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return least + (int64_t)((*seed >> 33) % (uint64_t)(most - least + 1));
}

/* Mostly small pictures, with any edges: of nothing, uneven, wider than a square. */
static struct kernel_case any_case(uint64_t *seed)
{
    struct kernel_case k = {.stride = {1, 1, 1}};
    for (int i = 0; i < 4; i++)
        k.pad[i] = (int)(between(seed, 0, 3) ? between(seed, 0, 2) : between(seed, 3, 9));
    k.w[0] = between(seed, 0, 3) ? between(seed, 1, 20) : between(seed, 90, 110);
    k.w[1] = k.x[3] = between(seed, 14, 37);
    k.w[2] = between(seed, 1, 3);
    k.w[3] = k.w[4] = 3;
    k.x[0] = k.w[2] + between(seed, 0, 3);
    for (int i = 1; i < 3; i++) {
        const int pad = k.pad[2 * i - 2] + k.pad[2 * i - 1];
        k.x[i] = between(seed, pad < 2 ? 3 - pad : 1, 9);
    }
    return k;
}

/* A pass: the input in bf16 when narrow, which *x then is rounded to. */
static struct tensor any_pass(struct step *s, const struct kernel_case *k, bool narrow,
                              struct tensor *x, struct conv *c)
{
    *x = sample_fill(s, step_new(s, 4, k->x), 1);
    *c = conv_of(s, k);
    if (!narrow)
        return step_conv(s, c, *x);
    const struct tensor kept = step_new_input(s, 4, k->x);
    step_put_input(s, kept, *x);
    for (int64_t i = 0; !step_measuring(s) && kept.dtype == DTYPE_BF16 && i < tensor_count(x); i++)
        tensor_f32(x)[i] = quant_from_bf16(((const uint16_t *)kept.data)[i]);
    return step_conv(s, c, kept);
}

/* In just the memory that measuring promises, which is NaN before: what is read but was not written
 * shows. */
static void try_any(const struct kernel_case *k, const struct nn_options *options, bool narrow)
{
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(arena) struct arena *arena = NULL;
    struct error err;
    struct step s;
    struct tensor x;
    struct conv c;
    CHECK_OK(nn_open(&nn, options, &err), err);
    step_begin(&s, nn, NULL);
    any_pass(&s, k, narrow, &x, &c);
    CHECK_OK(step_end(&s, &err), err);
    const size_t promised = s.peak;
    CHECK_OK(arena_open(&arena, promised, &err), err);
    memset(arena->at, 0xff, arena->bytes);
    step_begin(&s, nn, arena);
    const struct tensor y = any_pass(&s, k, narrow, &x, &c);
    CHECK_OK(step_end(&s, &err), err);
    assert_int_equal(s.peak, promised);
    const struct tensor want = loop_conv(k, x, c.w, c.b, y);
    const double apart = sample_distance(y, want);
    mem_free(want.data);
    if (!(apart < near))
        fail_msg("%lldx%lldx%lldx%lld by %lldx%lldx%lld, edges %d %d %d %d: off by %.2g",
                 (long long)k->x[0], (long long)k->x[1], (long long)k->x[2], (long long)k->x[3],
                 (long long)k->w[0], (long long)k->w[1], (long long)k->w[2], k->pad[0], k->pad[1],
                 k->pad[2], k->pad[3], apart);
}

TEST(a_convolution_of_any_shape_agrees_with_loops)
{
    const struct nn_options bf16 = {.n_threads = 2, .precision = NN_BF16, .sets = 1u << NN_PLAIN};
    uint64_t seed = 1;
    for (int i = 0; i < 60; i++) {
        const struct kernel_case k = any_case(&seed);
        try_any(&k, i % 2 ? &sample_best : &sample_plain, false);
        if (k.w[1] >= 16) /* with fewer, weights are narrowed, too */
            try_any(&k, &bf16, true);
    }
}

/* ---- of a kernel of 3 x 3 px ----------------------------------------------------------------- */

/* So large that the squares of a band are others for each number of threads. */
TEST(a_convolution_is_the_same_bits_for_any_number_of_threads)
{
    const struct kernel_case cases[] = {
        {{1, 77, 90, 18}, {20, 18, 1, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}},
        {{6, 33, 30, 16}, {100, 16, 3, 3, 3}, {1, 1, 1}, {1, 2, 0, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int set = 0; set < 2; set++) {
            SCOPED(sample) struct sample one = {0};
            const unsigned sets = set ? 0 : 1u << NN_PLAIN;
            struct tensor x;
            struct conv c;
            sample_open(&one, &(struct nn_options){.n_threads = 1, .sets = sets});
            const struct tensor want = any_pass(&one.step, &cases[i], false, &x, &c);
            CHECK_OK(step_end(&one.step, &one.err), one.err);
            const int counts[] = {3, 7, 40};
            for (int j = 0; j < 3; j++) {
                SCOPED(sample) struct sample many = {0};
                sample_open(&many, &(struct nn_options){.n_threads = counts[j], .sets = sets});
                const struct tensor got = any_pass(&many.step, &cases[i], false, &x, &c);
                CHECK_OK(step_end(&many.step, &many.err), many.err);
                assert_memory_equal(got.data, want.data, tensor_bytes(&want));
            }
        }
}

TEST(frames_convolved_in_chunks_are_the_same_bits)
{
    const struct kernel_case k = {{9, 29, 38, 17}, {35, 17, 3, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}};
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x;
    struct conv c;
    const struct tensor whole = any_pass(s, &k, false, &x, &c);
    const int64_t frames = whole.shape[0];
    for (int64_t each = 1; each < frames; each++)
        for (int64_t first = 0; first < frames; first += each) {
            const int64_t n = frames - first < each ? frames - first : each;
            const size_t mark = step_mark(s);
            const struct tensor got = step_conv(s, &c, tensor_part(&x, first, n + 2));
            CHECK_OK(step_end(s, &t.err), t.err);
            const struct tensor want = tensor_part(&whole, first, n);
            assert_memory_equal(got.data, want.data, tensor_bytes(&want));
            step_release(s, mark);
        }
}

/* Sees position (h, w) of the result the pixel at (i, j)? */
static bool sees(int64_t h, int64_t w, int64_t i, int64_t j)
{
    return h - 1 <= i && i <= h + 1 && w - 1 <= j && j <= w + 1;
}

TEST(a_pixel_that_is_no_number_shows_wherever_it_is_seen)
{
    enum { SIDE = 9, FAR = 4 };
    const struct kernel_case k = {{2, SIDE, SIDE, 17}, {3, 17, 1, 3, 3}, {1, 1, 1}, {1, 1, 1, 1}};
    for (int set = 0; set < 2; set++)
        for (int64_t at = 0; at < (int64_t)SIDE * SIDE; at++) {
            SCOPED(sample) struct sample t = {0};
            struct tensor x;
            struct conv c;
            sample_open(&t, set ? &sample_best : &sample_plain);
            any_pass(&t.step, &k, false, &x, &c);
            tensor_f32(&x)[at * 17 + at % 17] = at % 2 ? NAN : INFINITY;
            const struct tensor y = step_conv(&t.step, &c, x);
            CHECK_OK(step_end(&t.step, &t.err), t.err);
            for (int64_t i = 0; i < tensor_count(&y); i++) {
                const int64_t frame = i / 3 / SIDE / SIDE, h = i / 3 / SIDE % SIDE,
                              w = i / 3 % SIDE;
                const bool fine = isfinite(tensor_f32(&y)[i]);
                const int64_t down = h - at / SIDE, right = w - at % SIDE;
                if (frame == 0 && sees(h, w, at / SIDE, at % SIDE))
                    assert_false(fine);
                else if (frame > 0 || llabs(down) > FAR || llabs(right) > FAR)
                    assert_true(fine);
            }
        }
}

/* Of a video of 1280 x 720 px, all frames at once: no count leaves its type, and beside the result
 * there is little more than the kernel, mapped. */
TEST(the_largest_convolution_is_measured)
{
    SCOPED(sample) struct sample t = {0};
    char here[64];
    sample_open(&t, &sample_plain);
    const int64_t x[] = {83, 720, 1280, 1024}, w[] = {1024, 1024, 3, 3, 3};
    struct step s;
    step_begin(&s, t.nn, NULL);
    struct conv c = {.packed = here, .stride_t = 1, .stride_h = 1, .stride_w = 1};
    c.top = c.bottom = c.left = c.right = 1;
    c.w = step_new(&s, 5, w);
    const struct tensor seen = step_new(&s, 4, x);
    const size_t before = s.used;
    const struct tensor y = step_conv(&s, &c, seen);
    CHECK_OK(step_end(&s, &t.err), t.err);
    assert_int_equal(s.used - before, tensor_bytes(&y));
    assert_in_range(s.peak - s.used, 36 * 3 << 22, (size_t)3 << 30);
}
