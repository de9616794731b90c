/* step_product_test.c - linear layers and attention against loops in double; equal bits for any
 * number of threads; the memory that measuring promises.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "nn/quant_write.h"
#include "nn/step_sample.h"
#include "unit.h"

/* Sums of products in f32 over a few thousand numbers, relative to the length of the result. */
static const double near = 2e-6;

/* ---- linear ------------------------------------------------------------------------------ */

static struct tensor loop_linear(struct tensor x, struct tensor w, struct tensor b,
                                 struct tensor shape)
{
    struct tensor y = sample_apart(shape);
    const int64_t n_in = tensor_cols(&x);
    const int64_t n_out = tensor_cols(&y);
    for (int64_t r = 0; r < tensor_rows(&x); r++)
        for (int64_t o = 0; o < n_out; o++) {
            double sum = b.data ? (double)tensor_f32(&b)[o] : 0;
            for (int64_t i = 0; i < n_in; i++)
                sum += (double)tensor_f32(&x)[r * n_in + i] * (double)tensor_f32(&w)[o * n_in + i];
            tensor_f32(&y)[r * n_out + o] = (float)sum;
        }
    return y;
}

static void try_linear(const int64_t *size, bool bias, bool packed)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x = SAMPLE_NEW(s, 1, size[0], size[1]);
    struct linear l = {.w = SAMPLE_NEW(s, 2, size[2], size[1])};
    if (bias)
        l.b = SAMPLE_NEW(s, 3, size[2]);
    if (packed)
        CHECK_OK(linear_pack(&l, t.nn, &t.err), t.err);
    struct tensor y = step_linear(s, &l, x);
    CHECK_OK(step_end(s, &t.err), t.err);
    struct tensor want = loop_linear(x, l.w, l.b, y);
    assert_true(sample_distance(y, want) < near);
    mem_free(want.data);
    linear_fini(&l);
}

TEST(a_linear_layer_agrees_with_loops_at_odd_sizes)
{
    const int64_t sizes[][3] = {{1, 1, 1},      {1, 64, 5},    {2, 33, 97},    {7, 320, 96},
                                {13, 640, 200}, {97, 31, 193}, {1, 1536, 100}, {1600, 40, 17}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int way = 0; way < 4; way++)
            try_linear(sizes[i], way & 1, way & 2);
}

/* The same numbers as another type of weights, in memory of the test. */
static struct tensor rewritten(struct tensor w, enum dtype type)
{
    struct tensor q = w;
    q.dtype = type;
    q.scale = 1;
    q.data = mem_try(tensor_bytes(&q));
    assert_non_null(q.data);
    quant_write_row(type, tensor_f32(&w), q.data, tensor_count(&w));
    return q;
}

TEST(weights_of_every_type_multiply_as_their_widened_selves)
{
    const enum dtype types[] = {DTYPE_F16,  DTYPE_BF16, DTYPE_F8_E4M3, DTYPE_Q8_0,
                                DTYPE_Q6_K, DTYPE_Q5_K, DTYPE_Q4_K,    DTYPE_Q4_0};
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x = SAMPLE_NEW(s, 1, 9, 512);
    struct tensor w = SAMPLE_NEW(s, 2, 130, 512);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct linear narrow = {.w = rewritten(w, types[i])};
        narrow.w.scale = types[i] == DTYPE_F8_E4M3 ? 0.5F : 1;
        const struct linear wide = {.w = step_widen(s, narrow.w)};
        struct tensor a = step_linear(s, &narrow, x);
        struct tensor b = step_linear(s, &wide, x);
        CHECK_OK(step_end(s, &t.err), t.err);
        assert_memory_equal(a.data, b.data, tensor_bytes(&a));
        mem_free(narrow.w.data);
    }
}

TEST(weights_at_an_odd_address_are_read)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x = SAMPLE_NEW(s, 1, 3, 16);
    struct linear l = {.w = SAMPLE_NEW(s, 2, 4, 16), .b = SAMPLE_NEW(s, 3, 4)};
    struct tensor even = step_linear(s, &l, x);
    SCOPED(mem) char *w = mem_try(4 * 16 * sizeof(float) + 1);
    SCOPED(mem) char *b = mem_try(4 * sizeof(float) + 3);
    memcpy(w + 1, l.w.data, tensor_bytes(&l.w));
    memcpy(b + 3, l.b.data, tensor_bytes(&l.b));
    l.w.data = w + 1;
    l.b.data = b + 3;
    struct tensor odd = step_linear(s, &l, x);
    CHECK_OK(step_end(s, &t.err), t.err);
    assert_memory_equal(odd.data, even.data, tensor_bytes(&odd));
}

/* ---- attention --------------------------------------------------------------------------- */

static double loop_score(const struct attention *a, struct tensor q, struct tensor k, int head,
                         int64_t i, int64_t j)
{
    const int64_t width = tensor_cols(&q);
    const int64_t d = width / a->n_heads;
    double sum = 0;
    for (int64_t c = 0; c < d; c++)
        sum += (double)tensor_f32(&q)[i * width + head * d + c] *
               (double)tensor_f32(&k)[j * width + head * d + c];
    sum *= (double)a->scale;
    if (a->bias.data)
        sum += (double)tensor_f32(&a->bias)[(head * q.shape[0] + i) * k.shape[0] + j];
    return sum;
}

static struct tensor loop_attention(const struct attention *a, struct tensor q, struct tensor k,
                                    struct tensor v)
{
    struct tensor y = sample_apart(q);
    const int64_t width = tensor_cols(&q);
    const int64_t d = width / a->n_heads;
    SCOPED(mem) double *p = mem_try((size_t)k.shape[0] * sizeof *p);
    for (int head = 0; head < a->n_heads; head++)
        for (int64_t i = 0; i < q.shape[0]; i++) {
            double max = -INFINITY;
            double sum = 0;
            for (int64_t j = 0; j < k.shape[0]; j++) {
                p[j] = loop_score(a, q, k, head, i, j);
                max = fmax(max, p[j]);
            }
            for (int64_t j = 0; j < k.shape[0]; j++) {
                p[j] = exp(p[j] - max);
                sum += p[j];
            }
            for (int64_t c = 0; c < d; c++) {
                double mix = 0;
                for (int64_t j = 0; j < k.shape[0]; j++)
                    mix += p[j] * (double)tensor_f32(&v)[j * width + head * d + c];
                tensor_f32(&y)[i * width + head * d + c] = (float)(mix / sum);
            }
        }
    return y;
}

static void try_attention(const struct nn_options *options, const int64_t *size, bool bias,
                          double bound)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, options);
    struct step *s = &t.step;
    const int64_t width = size[2] * size[3];
    struct tensor q = SAMPLE_NEW(s, 1, size[0], width);
    struct tensor k = SAMPLE_NEW(s, 2, size[1], width);
    struct tensor v = SAMPLE_NEW(s, 3, size[1], width);
    struct attention a = {.n_heads = (int)size[2], .scale = 1.5F};
    if (bias)
        a.bias = SAMPLE_NEW(s, 4, size[2], size[0], size[1]);
    struct tensor y = step_attention(s, &a, q, k, v);
    CHECK_OK(step_end(s, &t.err), t.err);
    struct tensor want = loop_attention(&a, q, k, v);
    const double distance = sample_distance(y, want);
    if (!(distance < bound))
        fail_msg("%lld queries, %lld keys, %lld heads of %lld: off by %.2g", (long long)size[0],
                 (long long)size[1], (long long)size[2], (long long)size[3], distance);
    mem_free(want.data);
}

TEST(attention_agrees_with_loops)
{
    const int64_t sizes[][4] = {{1, 1, 1, 2},     {3, 5, 2, 7},       {96, 256, 1, 32},
                                {97, 257, 3, 80}, {130, 512, 2, 128}, {17, 700, 2, 33}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int bias = 0; bias < 2; bias++)
            try_attention(&sample_best, sizes[i], bias, near);
}

TEST(long_attention_agrees_with_loops)
{
    try_attention(&sample_best, (const int64_t[]){2000, 2000, 1, 32}, false, near);
}

TEST(attention_in_bf16_stays_near)
{
    /* A bf16 has 8 bits: scores of up to 10 are off by 2 %, and mix the values so. */
    const struct nn_options bf16 = {.n_threads = 2, .precision = NN_BF16, .sets = 1u << NN_PLAIN};
    try_attention(&bf16, (const int64_t[]){30, 259, 2, 16}, true, 1e-2);
}

/* [rows, n] whose last column is another more times. */
static struct tensor widened(struct step *s, struct tensor t, int64_t n, int64_t more)
{
    const int64_t rows = tensor_count(&t) / n;
    struct tensor wide = STEP_NEW(s, rows, n + more);
    for (int64_t i = 0; i < rows * (n + more); i++) {
        const int64_t j = i % (n + more);
        tensor_f32(&wide)[i] = tensor_f32(&t)[i / (n + more) * n + (j < n ? j : n - 1)];
    }
    return wide;
}

static void try_more(const struct nn_options *options, int64_t n, int64_t more, bool bias,
                     double bound)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, options);
    struct step *s = &t.step;
    struct tensor q = SAMPLE_NEW(s, 1, 97, 64);
    struct tensor k = SAMPLE_NEW(s, 2, n, 64);
    struct tensor v = SAMPLE_NEW(s, 3, n, 64);
    struct attention a = {.n_heads = 2, .scale = 1.5F, .more = more};
    if (bias)
        a.bias = SAMPLE_NEW(s, 4, 2, 97, n);
    struct tensor y = step_attention(s, &a, q, k, v);
    SCOPED(mem) int32_t *which = mem_try((size_t)(n + more) * sizeof *which);
    for (int64_t j = 0; j < n + more; j++)
        which[j] = (int32_t)(j < n ? j : n - 1);
    a.more = 0;
    k = step_embed(s, k, which, (int)(n + more));
    v = step_embed(s, v, which, (int)(n + more));
    if (bias)
        a.bias = widened(s, a.bias, n, more);
    CHECK_OK(step_end(s, &t.err), t.err);
    struct tensor want = loop_attention(&a, q, k, v);
    const double apart = sample_distance(y, want);
    mem_free(want.data);
    if (!(apart < bound))
        fail_msg("%lld keys and %lld more: off by %.2g", (long long)n, (long long)more, apart);
}

TEST(a_key_may_stand_for_many_equal_ones)
{
    const struct nn_options bf16 = {.n_threads = 2, .precision = NN_BF16, .sets = 1u << NN_PLAIN};
    const int64_t counts[][2] = {{1, 511}, {65, 447}, {256, 3}, {257, 255}, {300, 0}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int bias = 0; bias < 2; bias++) {
            try_more(&sample_best, counts[i][0], counts[i][1], bias, near);
            try_more(&bf16, counts[i][0], counts[i][1], bias, 1e-2);
        }
}

/* A masked key has no weight, however often it is there; a NaN is no less one. */
TEST(many_masked_keys_have_no_weight)
{
    enum { WIDTH = 4 };
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor x = SAMPLE_NEW(s, 1, 2, WIDTH);
    struct attention a = {
        .n_heads = 1, .scale = 1, .more = 510, .bias = step_zero(s, 1, (int64_t[]){4})};
    tensor_f32(&a.bias)[1] = -INFINITY; /* for the first query */
    struct tensor y = step_attention(s, &a, x, x, x);
    CHECK_OK(step_end(s, &t.err), t.err);
    assert_memory_equal(y.data, x.data, WIDTH * sizeof(float));
    tensor_f32(&x)[WIDTH] = NAN;
    y = step_attention(s, &a, x, x, x);
    for (int i = 0; i < WIDTH; i++)
        assert_true(isnan(tensor_f32(&y)[WIDTH + i]));
}

TEST(attention_of_large_scores_does_not_overflow)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    struct tensor q = SAMPLE_NEW(s, 1, 4, 16);
    struct tensor k = SAMPLE_NEW(s, 2, 600, 16);
    struct attention a = {.n_heads = 1, .scale = 1e4F};
    struct tensor y = step_attention(s, &a, q, k, k);
    CHECK_OK(step_end(s, &t.err), t.err);
    for (int64_t i = 0; i < tensor_count(&y); i++)
        assert_true(fabsf(tensor_f32(&y)[i]) <= 1);
}

/* ---- threads, sets, memory --------------------------------------------------------------- */

/* Something of everything: [N, D] to [N, D]. */
static struct tensor small_network(struct step *s)
{
    struct tensor x = SAMPLE_NEW(s, 1, 4, 9, 10, 24);
    struct tensor gain = SAMPLE_NEW(s, 2, 24);
    struct tensor wide = SAMPLE_NEW(s, 3, 24);
    const struct conv c = {.w = SAMPLE_NEW(s, 4, 24, 24, 3, 3, 3),
                           .stride_t = 1,
                           .stride_h = 1,
                           .stride_w = 1,
                           .top = 1,
                           .bottom = 1,
                           .left = 1,
                           .right = 1};
    const struct linear l = {.w = SAMPLE_NEW(s, 5, 200, 24), .b = SAMPLE_NEW(s, 6, 200)};
    const struct linear back = {.w = SAMPLE_NEW(s, 7, 24, 200)};
    struct tensor h = step_conv(s, &c, step_unit_norm(s, x, gain, true)); /* [2, 9, 10, 24] */
    h = tensor_view(&h, 2, (int64_t[]){180, 24});
    h = step_norm_modulated(s, h, gain, wide, 1e-6F);
    struct tensor cos = SAMPLE_NEW(s, 8, 180, 4);
    step_rope(s, h, cos, cos, 3);
    const struct attention a = {.n_heads = 3, .scale = 1};
    h = step_attention(s, &a, h, h, h);
    struct tensor up = step_linear(s, &l, h);
    step_gelu_tanh(s, up);
    step_add_gated(s, h, step_linear(s, &back, up), gain);
    return step_rms_norm(s, h, gain, 1e-6F);
}

static void network_on(struct sample *t, int n_threads, unsigned sets, enum nn_precision precision,
                       struct tensor *out)
{
    sample_open(t,
                &(struct nn_options){.n_threads = n_threads, .sets = sets, .precision = precision});
    *out = small_network(&t->step);
    CHECK_OK(step_end(&t->step, &t->err), t->err);
}

TEST(results_are_the_same_bits_for_any_number_of_threads)
{
    const enum nn_precision precisions[] = {NN_F32, NN_BF16};
    for (int set = 0; set < NN_SETS + 1; set++) {
        const unsigned sets = set < NN_SETS ? 1u << set : 0;
        struct nn *nn = NULL;
        struct error err;
        if (nn_open(&nn, &(struct nn_options){.n_threads = 1, .sets = sets}, &err) < 0) {
            print_message("# not tried: %s\n", err.text);
            continue;
        }
        nn_close(nn);
        for (int p = 0; p < 2; p++) {
            SCOPED(sample) struct sample one = {0};
            struct tensor want;
            network_on(&one, 1, sets, precisions[p], &want);
            const int counts[] = {2, 3, 7};
            for (int i = 0; i < 3; i++) {
                SCOPED(sample) struct sample many = {0};
                struct tensor got;
                network_on(&many, counts[i], sets, precisions[p], &got);
                assert_memory_equal(got.data, want.data, tensor_bytes(&want));
            }
        }
    }
}

TEST(the_fast_kernels_agree_with_plain_over_a_network)
{
    SCOPED(sample) struct sample plain = {0};
    SCOPED(sample) struct sample fast = {0};
    SCOPED(sample) struct sample bf16 = {0};
    struct tensor a;
    struct tensor b;
    struct tensor c;
    network_on(&plain, 2, 1u << NN_PLAIN, NN_F32, &a);
    network_on(&fast, 2, 0, NN_F32, &b);
    network_on(&bf16, 2, 1u << NN_PLAIN, NN_BF16, &c);
    assert_true(sample_distance(b, a) < near);
    const double narrowed = sample_distance(c, a);
    assert_true(narrowed > 1e-4 && narrowed < 0.05); /* 8 bits: it is another arithmetic */
}

TEST(measuring_promises_the_memory_that_the_run_takes)
{
    SCOPED(sample) struct sample t = {0};
    struct tensor y;
    network_on(&t, 3, 0, NN_F32, &y);
    struct step measured;
    step_begin(&measured, t.nn, NULL);
    small_network(&measured);
    CHECK_OK(step_end(&measured, &t.err), t.err);
    assert_int_equal(measured.peak, t.step.peak);
    assert_int_equal(measured.used, t.step.used);
    assert_true(measured.flops == t.step.flops && measured.flops > 0);

    struct arena *exact = NULL;
    struct step again;
    CHECK_OK(arena_open(&exact, measured.peak, &t.err), t.err);
    step_begin(&again, t.nn, exact);
    struct tensor same = small_network(&again);
    CHECK_OK(step_end(&again, &t.err), t.err);
    assert_memory_equal(same.data, y.data, tensor_bytes(&y));
    arena_close(exact);
}

TEST(released_memory_is_used_again)
{
    SCOPED(sample) struct sample t = {0};
    sample_open(&t, &sample_best);
    struct step *s = &t.step;
    const size_t mark = step_mark(s);
    void *first = STEP_NEW(s, 100).data;
    step_release(s, mark);
    assert_ptr_equal(STEP_NEW(s, 100).data, first);
    assert_int_equal((uintptr_t)first % 64, 0);
}
