/* step_test.c - the operations through step.h: shapes, errors, memory, threads.
 *
 * SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "nn/nn_impl.h"
#include "nn/step_sample.h"
#include "unit.h"

/* ---- errors ------------------------------------------------------------------------------ */

TEST(the_first_error_is_kept_and_later_operations_do_nothing)
{
    SCOPED(sample) struct sample b = {0};
    sample_open(&b, &sample_plain);
    struct step *s = &b.step;
    struct tensor x = SAMPLE_NEW(s, 1, 3, 8);
    const struct linear wide = {.w = SAMPLE_NEW(s, 2, 4, 9)};
    struct tensor y = step_linear(s, &wide, x);
    assert_null(y.data);
    assert_int_equal(y.shape[1], 4); /* the shape is still that of a result */
    step_gelu_tanh(s, y);
    y = step_layer_norm(s, y, (struct tensor){0}, (struct tensor){0}, 1e-6F);
    assert_null(y.data);
    step_fail(s, ERR_CORRUPT, "a later one");
    CHECK_ERR(step_end(s, &b.err), ERR_INVALID);
    assert_non_null(strstr(b.err.text, "[3, 8]"));
    assert_non_null(strstr(b.err.text, "[4, 9]"));
}

static bool always(void *arg)
{
    (*(int *)arg)++;
    return true;
}

TEST(a_cancelled_step_says_so_at_its_end)
{
    SCOPED(sample) struct sample b = {0};
    int asked = 0;
    sample_open(&b, &sample_plain);
    b.step.cancelled = always;
    b.step.cancelled_arg = &asked;
    CHECK_ERR(step_end(&b.step, &b.err), ERR_CANCELLED);
    assert_int_equal(asked, 1);
}

/* A piece of work that takes a millisecond. */
static void count_slowly(void *arg, int i)
{
    const int64_t until = clock_mono_us() + 1000;
    (void)i;
    while (clock_mono_us() < until)
        ;
    (*(int *)arg)++;
}

TEST(a_watch_ends_an_operation_that_takes_long)
{
    enum { PIECES = 100000 };
    SCOPED(sample) struct sample b = {0};
    const struct nn_options one = {.n_threads = 1, .sets = 1u << NN_PLAIN};
    int asked = 0, done = 0;
    sample_open(&b, &one);
    nn_watch(b.nn, always, &asked);
    nn_parallel(b.nn, PIECES, count_slowly, &done);
    assert_int_equal(asked, 1);
    assert_true(done > 0 && done < PIECES);
    const int before = done;
    nn_parallel(b.nn, 2, count_slowly, &done);
    assert_int_equal(done, before); /* nothing is begun any more */
    CHECK_ERR(step_end(&b.step, &b.err), ERR_CANCELLED);
    nn_watch(b.nn, NULL, NULL);
    nn_parallel(b.nn, 2, count_slowly, &done);
    assert_int_equal(done, before + 2);
}

/* Pages that this process has touched for the first time. */
static long touched(void)
{
    struct rusage use;
    assert_int_equal(getrusage(RUSAGE_SELF, &use), 0);
    return use.ru_minflt;
}

/* A gigabyte would be 262,144 pages, cleared while nobody can stop it. */
TEST(an_arena_is_not_touched_before_it_is_used)
{
    SCOPED(arena) struct arena *arena = NULL;
    struct error err;
    const long before = touched();
    CHECK_OK(arena_open(&arena, (size_t)1 << 30, &err), err);
    assert_true(touched() - before < 1000);
}

/* Kernels that do nothing: operations of any size are cut as they are, and take no time. */
static size_t idle_bytes(int n, int k)
{
    (void)n;
    (void)k;
    return 64;
}

static void idle_pack(void *out, struct ops_matrix w)
{
    (void)out;
    (void)w;
}

static atomic_llong longest; /* multiply-adds of a product */

static void idle_product(const struct ops_product *p)
{
    const long long work = (long long)p->m * p->n * p->taps * p->k;
    long long most = atomic_load(&longest);
    while (work > most && !atomic_compare_exchange_weak(&longest, &most, work))
        ;
}

static void idle_winograd_in(float *v, int64_t v_stride, const void *const *x, enum dtype number,
                             int64_t n)
{
    (void)v;
    (void)v_stride;
    (void)x;
    (void)number;
    (void)n;
}

static void idle_winograd_weights(float *u, int64_t u_stride, const float *w, int64_t w_stride,
                                  int64_t n)
{
    (void)u;
    (void)u_stride;
    (void)w;
    (void)w_stride;
    (void)n;
}

static void idle_winograd_out(float *const *y, const float *m, int64_t m_stride, const float *bias,
                              int64_t n)
{
    (void)y;
    (void)m;
    (void)m_stride;
    (void)bias;
    (void)n;
}

static float idle_softmax(float *p, int64_t n, float scale, const float *bias,
                          struct ops_softmax *run)
{
    (void)p;
    (void)n;
    (void)scale;
    (void)bias;
    (void)run;
    return 1;
}

static void idle_scale(float *x, int64_t n, float k)
{
    (void)x;
    (void)n;
    (void)k;
}

static struct tensor of_shape(void *data, int n_dims, const int64_t *shape)
{
    struct tensor t = {.data = data, .dtype = DTYPE_F32, .n_dims = n_dims, .scale = 1};
    memcpy(t.shape, shape, (size_t)n_dims * sizeof *shape);
    return t;
}

/* A cancel is heard between two pieces of work, so the longest piece is what it waits for: a core
 * of this age does 20 to 80 GFLOP in a second. */
static void check_pieces(struct step *s, const char *what)
{
    const double each = s->flops / pool_pieces(s->nn->pool) / 1e9;
    if (s->failed || each > 5)
        fail_msg("%s: %s, %.1f GFLOP in a piece of work", what, s->error.text, each);
    s->flops = 0;
}

TEST(no_piece_of_work_of_the_largest_models_is_long)
{
    enum { TOKENS = 75600, SOME = 7560, DIM = 5120, FFN = 13824, ROWS = 4096 };
    SCOPED(sample) struct sample b = {0};
    SCOPED(arena) struct arena *arena = NULL;
    struct nn_ops idle = ops_plain;
    char packed[64];
    sample_open(&b, &sample_plain);
    idle.f32 = (struct ops_products){DTYPE_F32, 96, idle_bytes, idle_pack, idle_product};
    idle.softmax = idle_softmax;
    idle.scale = idle_scale;
    idle.winograd_in = idle_winograd_in;
    idle.winograd_weights = idle_winograd_weights;
    idle.winograd_out = idle_winograd_out;
    b.nn->ops = &idle;
    b.nn->products = &idle.f32;
    CHECK_OK(arena_open(&arena, (size_t)1 << 30, &b.err), b.err);
    struct step s;
    step_begin(&s, b.nn, arena);

    const struct linear down = {.packed = packed, .w = of_shape(packed, 2, (int64_t[]){DIM, FFN})};
    step_linear(&s, &down, STEP_NEW(&s, ROWS, FFN));
    check_pieces(&s, "the widest product");
    step_release(&s, 0);

    const struct conv c = {.packed = packed,
                           .stride_t = 1,
                           .stride_h = 1,
                           .stride_w = 1,
                           .w = of_shape(packed, 5, (int64_t[]){1024, 1024, 3, 3, 3})};
    atomic_store(&longest, 0);
    step_conv(&s, &c, STEP_NEW(&s, 6, 45, 40, 1024));
    assert_false(s.failed);
    assert_in_range(atomic_load(&longest), 1, 2500000000);
    s.flops = 0;
    step_release(&s, 0);

    struct tensor q = STEP_NEW(&s, SOME, 128);
    step_attention(&s, &(struct attention){.n_heads = 1, .scale = 1}, q, q, q);
    s.flops *= (double)TOKENS / SOME; /* a piece is some queries and all keys */
    check_pieces(&s, "attention at 1280x720x81");
    b.nn->ops = &ops_plain;
    b.nn->products = &ops_plain.f32;
}

typedef void (*wrong_call)(struct step *s, struct tensor x);

static void wrong_gain(struct step *s, struct tensor x)
{
    step_rms_norm(s, x, STEP_NEW(s, 7), 1e-6F);
}

static void wrong_gate(struct step *s, struct tensor x)
{
    step_add_gated(s, x, x, STEP_NEW(s, 2, 8));
}

static void wrong_sum(struct step *s, struct tensor x)
{
    step_add(s, x, STEP_NEW(s, 3, 4));
}

static void wrong_weights(struct step *s, struct tensor x)
{
    step_linear(s, &(struct linear){.b = x}, x);
}

static void wrong_bias(struct step *s, struct tensor x)
{
    step_linear(s, &(struct linear){.w = STEP_NEW(s, 4, 8), .b = STEP_NEW(s, 5)}, x);
}

static void wrong_heads(struct step *s, struct tensor x)
{
    step_attention(s, &(struct attention){.n_heads = 3, .scale = 1}, x, x, x);
}

static void wrong_values(struct step *s, struct tensor x)
{
    step_attention(s, &(struct attention){.n_heads = 2, .scale = 1}, x, x, STEP_NEW(s, 4, 8));
}

static void wrong_attention_bias(struct step *s, struct tensor x)
{
    step_attention(s, &(struct attention){.n_heads = 2, .bias = STEP_NEW(s, 2, 3, 4)}, x, x, x);
}

static void wrong_angles(struct step *s, struct tensor x)
{
    struct tensor table = STEP_NEW(s, 3, 4);
    step_rope(s, x, table, table, 2);
}

static void wrong_channels(struct step *s, struct tensor x)
{
    struct tensor picture = tensor_view(&x, 4, (int64_t[]){1, 3, 4, 2});
    struct conv c = {.w = STEP_NEW(s, 5, 3, 3, 3), .stride_t = 1, .stride_h = 1, .stride_w = 1};
    step_conv(s, &c, picture);
}

static void wrong_reach(struct step *s, struct tensor x)
{
    struct tensor picture = tensor_view(&x, 4, (int64_t[]){1, 3, 4, 2});
    struct conv c = {.w = STEP_NEW(s, 5, 2, 2, 3, 3), .stride_t = 1, .stride_h = 1, .stride_w = 1};
    step_conv(s, &c, picture);
}

static void wrong_id(struct step *s, struct tensor x)
{
    step_embed(s, x, (const int32_t[]){0, 3}, 2);
}

static void wrong_parts(struct step *s, struct tensor x)
{
    step_join(s, (struct tensor[]){x, STEP_NEW(s, 3, 9)}, 2);
}

static void wrong_order(struct step *s, struct tensor x)
{
    step_permute(s, x, (const int[]){0, 0});
}

static void wrong_type(struct step *s, struct tensor x)
{
    x.dtype = DTYPE_F16;
    step_silu(s, x);
}

static void wrong_nothing(struct step *s, struct tensor x)
{
    x.data = NULL;
    step_scale(s, x, 2);
}

static void wrong_size(struct step *s, struct tensor x)
{
    (void)x;
    STEP_NEW(s, 1LL << 40, 1LL << 40);
}

TEST(shapes_and_types_that_do_not_fit_are_refused)
{
    const wrong_call calls[] = {
        wrong_gain,   wrong_gate,           wrong_sum,    wrong_weights,  wrong_bias,  wrong_heads,
        wrong_values, wrong_attention_bias, wrong_angles, wrong_channels, wrong_reach, wrong_id,
        wrong_parts,  wrong_order,          wrong_type,   wrong_nothing,  wrong_size};
    SCOPED(sample) struct sample b = {0};
    sample_open(&b, &sample_plain);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        step_begin(&b.step, b.nn, b.arena);
        struct tensor x = SAMPLE_NEW(&b.step, 1, 3, 8);
        calls[i](&b.step, x);
        if (step_end(&b.step, &b.err) != ERR_INVALID)
            fail_msg("wrong call %zu was let through", i);
    }
}

TEST(a_step_that_outgrows_its_memory_names_both_sizes)
{
    SCOPED(sample) struct sample b = {0};
    sample_open(&b, &sample_plain);
    STEP_NEW(&b.step, SAMPLE_BYTES / 8);
    assert_null(STEP_NEW(&b.step, SAMPLE_BYTES / 4).data);
    CHECK_ERR(step_end(&b.step, &b.err), ERR_MEMORY);
    assert_non_null(strstr(b.err.text, "33554432"));
    assert_non_null(strstr(b.err.text, "50331648"));
}

/* ---- what the operations compute --------------------------------------------------------- */

TEST(a_linear_layer_multiplies_and_adds_its_bias)
{
    SCOPED(sample) struct sample b = {0};
    sample_open(&b, &sample_plain);
    struct step *s = &b.step;
    struct tensor x = STEP_NEW(s, 2, 3);
    struct linear l = {.w = STEP_NEW(s, 2, 3), .b = STEP_NEW(s, 2)};
    step_write(s, x, (const float[]){1, 2, 3, 4, 5, 6});
    step_write(s, l.w, (const float[]){1, 0, -1, 2, 1, 0.5F});
    step_write(s, l.b, (const float[]){10, 20});
    sample_near(step_linear(s, &l, x), (const double[]){8, 25.5, 8, 36}, 0);
    l.b = (struct tensor){0};
    sample_near(step_linear(s, &l, x), (const double[]){-2, 5.5, -2, 16}, 0);
    CHECK_OK(step_end(s, &b.err), b.err);
    assert_true(s->flops == 2 * 2.0 * 2 * 3 * 2);
}

TEST(moving_operations_move)
{
    SCOPED(sample) struct sample b = {0};
    sample_open(&b, &sample_plain);
    struct step *s = &b.step;
    struct tensor x = STEP_NEW(s, 1, 1, 2, 2);
    step_write(s, x, (const float[]){1, 2, 3, 4});
    sample_near(step_upsample(s, x),
                (const double[]){1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4}, 0);
    sample_near(step_permute(s, x, (const int[]){3, 0, 1, 2}), (const double[]){1, 3, 2, 4}, 0);
    sample_near(step_join(s, (struct tensor[]){x, x}, 2), (const double[]){1, 2, 3, 4, 1, 2, 3, 4},
                0);
    struct tensor table = tensor_view(&x, 2, (int64_t[]){2, 2});
    sample_near(step_embed(s, table, (const int32_t[]){1, 0, 1}, 3),
                (const double[]){3, 4, 1, 2, 3, 4}, 0);
    float read[4];
    step_read(s, step_copy(s, x), read);
    assert_memory_equal(read, x.data, sizeof read);
    CHECK_OK(step_end(s, &b.err), b.err);
}
