/* ops_cases.c - see ops_cases.h. SPDX-License-Identifier: MIT */
#include "nn/ops_cases.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { GUARD = 32 }; /* painted numbers at each end; also between two rows of y, see stride */

static const uint8_t paint = 0xa5;

/* ---- the rows ---------------------------------------------------------------------------- */

static void run_products(const struct ops_products *p, const struct ops_size *z, struct ops_data *d)
{
    p->product(&(struct ops_product){.y = d->y,
                                     .y_stride = ops_cases_stride(z),
                                     .rows = d->rows,
                                     .w = d->packed,
                                     .bias = z->bias ? d->b : NULL,
                                     .m = z->m,
                                     .n = z->n,
                                     .taps = z->taps,
                                     .k = z->k,
                                     .add = z->add});
}

/* Weights by rows; with m odd by columns, as the values of attention lie; and in bf16 or not. */
static struct ops_matrix weights_of(const struct ops_size *z, const struct ops_data *d)
{
    const int k = z->taps * z->k;
    const bool by_rows = z->m % 2 == 0;
    if (z->m % 3 == 0)
        ops_plain.narrow((uint16_t *)(void *)d->w, d->w, (int64_t)z->n * k);
    return (struct ops_matrix){.at = d->w,
                               .number = z->m % 3 == 0 ? DTYPE_BF16 : DTYPE_F32,
                               .row_stride = by_rows ? k : 1,
                               .col_stride = by_rows ? 1 : z->n,
                               .n = z->n,
                               .k = k};
}

static void prepare_f32(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    d->packed_bytes = ops->f32.packed_bytes(z->n, z->taps * z->k);
    memset((char *)d->packed + d->packed_bytes, paint, GUARD);
    ops->f32.pack(d->packed, weights_of(z, d));
    for (int i = 0; i < z->taps * z->m; i++)
        d->rows[i] = d->x + (int64_t)i * z->k;
}

static void run_f32(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    run_products(&ops->f32, z, d);
}

static void prepare_bf16(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    d->packed_bytes = ops->bf16.packed_bytes(z->n, z->taps * z->k);
    memset((char *)d->packed + d->packed_bytes, paint, GUARD);
    ops->bf16.pack(d->packed, weights_of(z, d));
    ops_plain.narrow(d->narrow, d->x, (int64_t)z->taps * z->m * z->k);
    for (int i = 0; i < z->taps * z->m; i++)
        d->rows[i] = d->narrow + (int64_t)i * z->k;
}

static void run_bf16(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    run_products(&ops->bf16, z, d);
}

static void prepare_nothing(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    (void)ops;
    (void)z;
    d->packed_bytes = 0;
    memset(d->packed, paint, GUARD);
}

#define ROW(name, call)                                                                            \
    static void run_##name(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d) \
    {                                                                                              \
        for (int i = 0; i < z->m; i++) {                                                           \
            float *y = d->y + (int64_t)i * ops_cases_stride(z);                                    \
            const float *x = d->x + (int64_t)i * z->n;                                             \
            (void)x;                                                                               \
            call;                                                                                  \
        }                                                                                          \
    }

ROW(layer_norm, ops->layer_norm(y, x, z->n, &(struct ops_norm){NULL, NULL, 1, 1e-6F}))
ROW(layer_norm_gain, ops->layer_norm(y, x, z->n, &(struct ops_norm){d->a, d->b, 0, 1e-5F}))
ROW(norm_modulated, ops->layer_norm(y, x, z->n, &(struct ops_norm){d->a, d->b, 1, 1e-6F}))
ROW(rms_norm, ops->rms_norm(y, x, z->n, z->bias ? d->a : NULL, 1e-6F))
ROW(unit_norm, ops->unit_norm(y, x, z->n, z->bias ? d->a : NULL))
ROW(silu, ops->silu(y, z->n))
ROW(gelu_tanh, ops->gelu_tanh(y, z->n))
ROW(gelu_erf, ops->gelu_erf(y, z->n))
ROW(scale, ops->scale(y, z->n, 0.3F))
ROW(clamp, ops->clamp(y, z->n, -0.25F, 0.5F))
ROW(add, ops->add(y, x, z->n))
ROW(mul, ops->mul(y, x, z->n))
ROW(add_gated, ops->add_gated(y, x, d->a, z->n))
ROW(rope, ops->rope(y, d->a, d->b, z->n / 2))
ROW(narrow, ops->narrow((uint16_t *)(void *)y, x, z->n / 2 * 2))

/* A row of scores in two parts, as attention hands them over; its sum and factor stand at the end.
 */
static void run_softmax(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    const int first = (z->n - 2) / 3;
    for (int i = 0; i < z->m; i++) {
        float *y = d->y + (int64_t)i * ops_cases_stride(z);
        struct ops_softmax run = {.max = -INFINITY};
        ops->softmax(y, first, 0.7F, z->bias ? d->a : NULL, &run);
        const float factor =
            ops->softmax(y + first, z->n - 2 - first, 0.7F, z->bias ? d->a + first : NULL, &run);
        y[z->n - 2] = factor;
        y[z->n - 1] = run.sum;
    }
}

/* The maps of winograd.c: x is 36 rows of n channels, and y takes as many. */
static void run_winograd_in(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    const void *seen[36];
    if (z->bias)
        ops_plain.narrow(d->narrow, d->x, 36LL * z->n);
    for (int i = 0; i < 36; i++)
        seen[i] = z->bias ? (const void *)(d->narrow + (int64_t)i * z->n)
                          : (const void *)(d->x + (int64_t)i * z->n);
    ops->winograd_in(d->y, ops_cases_stride(z), seen, z->bias ? DTYPE_BF16 : DTYPE_F32, z->n);
}

static void run_winograd_weights(const struct nn_ops *ops, const struct ops_size *z,
                                 struct ops_data *d)
{
    ops->winograd_weights(d->y, ops_cases_stride(z), d->x, z->n, z->n);
}

/* Of a square at a corner: some of its pixels are outside. */
static void run_winograd_out(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d)
{
    float *made[16];
    for (int i = 0; i < 16; i++)
        made[i] = z->bias && (i % 4 == 3 || i > 7) ? NULL : d->y + (int64_t)i * ops_cases_stride(z);
    ops->winograd_out(made, d->x, z->n, z->bias ? d->b : NULL, z->n);
}

/* ---- the list ---------------------------------------------------------------------------- */

static const struct ops_size rows[] = {
    {.m = 1, .n = 2},
    {.m = 2, .n = 3, .bias = true},
    {.m = 1, .n = 7},
    {.m = 2, .n = 8, .bias = true},
    {.m = 3, .n = 9},
    {.m = 2, .n = 15, .bias = true},
    {.m = 1, .n = 16},
    {.m = 2, .n = 17, .bias = true},
    {.m = 2, .n = 31},
    {.m = 2, .n = 33},
    {.m = 3, .n = 64, .bias = true},
    {.m = 2, .n = 96},
    {.m = 1, .n = 127, .bias = true},
    {.m = 1, .n = 1000},
    {.m = 64, .n = 1536, .bias = true},
};

static const struct ops_size products[] = {
    {.m = 1, .n = 1, .k = 2, .taps = 1},
    {.m = 2, .n = 3, .k = 6, .taps = 1, .bias = true},
    {.m = 5, .n = 17, .k = 30, .taps = 1, .add = true},
    {.m = 6, .n = 16, .k = 64, .taps = 3},
    {.m = 7, .n = 31, .k = 320, .taps = 1, .bias = true},
    {.m = 8, .n = 48, .k = 322, .taps = 2, .bias = true},
    {.m = 9, .n = 50, .k = 38, .taps = 1, .bias = true},
    {.m = 11, .n = 49, .k = 640, .taps = 1, .add = true},
    {.m = 12, .n = 96, .k = 96, .taps = 27, .bias = true},
    {.m = 97, .n = 95, .k = 34, .taps = 9},
    {.m = 18, .n = 41, .k = 14, .taps = 5},
    {.m = 200, .n = 33, .k = 1282, .taps = 1, .bias = true},
    {.m = 384, .n = 96, .k = 1536, .taps = 1},
};

static const struct ops_size squares[] = {
    {.m = 36, .n = 1},  {.m = 36, .n = 3, .bias = true},  {.m = 36, .n = 8, .bias = true},
    {.m = 36, .n = 9},  {.m = 36, .n = 16, .bias = true}, {.m = 36, .n = 31},
    {.m = 36, .n = 33}, {.m = 36, .n = 47, .bias = true}, {.m = 36, .n = 384},
};

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))
/* clang-format off */
#define LINE(row, reach_, bound_)                                                                  \
    {.name = #row, .sizes = rows, .n_sizes = COUNT(rows), .number = DTYPE_F32, .reach = (reach_),  \
     .bound = (bound_), .prepare = prepare_nothing, .run = run_##row, .flops = 1}
#define SQUARE(row, bound_)                                                                        \
    {.name = #row, .sizes = squares, .n_sizes = COUNT(squares), .number = DTYPE_F32, .reach = 1,   \
     .bound = (bound_), .prepare = prepare_nothing, .run = run_##row, .flops = 1}
#define PRODUCT(type, dtype_)                                                                      \
    {.name = "product_" #type, .sizes = products, .n_sizes = COUNT(products), .number = (dtype_),  \
     .reach = 1, .bound = 1e-6, .depth_bound = 3e-8, .prepare = prepare_##type,                    \
     .run = run_##type, .flops = 2}

/* Bounds: a few steps of f32 (6e-8) for what is one formula per number; more where a sum over the
 * row (in f32 here, in double in plain C) goes into each number. Scores of 15 are rounded to 1e-6,
 * and so their exponentials are. A number of winograd_in sums up to 25 times the largest, one of
 * winograd_out up to 160 times. */
const struct ops_case ops_cases[] = {
    PRODUCT(f32, DTYPE_F32),
    PRODUCT(bf16, DTYPE_BF16),
    LINE(layer_norm, 3, 1e-6),
    LINE(layer_norm_gain, 3, 1e-6),
    LINE(norm_modulated, 3, 1e-6),
    LINE(rms_norm, 3, 5e-7),
    LINE(unit_norm, 3, 5e-7),
    LINE(silu, 20, 2e-7),
    LINE(gelu_tanh, 8, 3e-7),
    LINE(gelu_erf, 8, 4e-7),
    LINE(scale, 3, 0),
    LINE(clamp, 1, 0),
    LINE(add, 3, 0),
    LINE(mul, 3, 0),
    LINE(add_gated, 3, 3e-7),
    LINE(rope, 3, 3e-7),
    LINE(narrow, 3, 0),
    LINE(softmax, 20, 2e-6),
    SQUARE(winograd_in, 2e-6),
    SQUARE(winograd_weights, 2e-7),
    SQUARE(winograd_out, 5e-6),
};
/* clang-format on */
const int ops_cases_count = COUNT(ops_cases);

/* ---- memory and noise -------------------------------------------------------------------- */

int ops_cases_stride(const struct ops_size *z)
{
    return z->n + 5;
}

static int64_t y_count(const struct ops_size *z)
{
    return (int64_t)z->m * ops_cases_stride(z);
}

static int64_t x_count(const struct ops_size *z)
{
    return z->taps ? (int64_t)z->taps * z->m * z->k : (int64_t)z->m * z->n;
}

static int64_t w_count(const struct ops_size *z)
{
    return (int64_t)z->n * z->taps * z->k;
}

static void *room(int64_t numbers, size_t each)
{
    void *p = mem_try(((size_t)numbers + 2 * GUARD) * each);
    return p ? p : mem_alloc(SIZE_MAX / 2);
}

void ops_cases_open(struct ops_data *d, const struct ops_case *c, const struct ops_size *z)
{
    (void)c;
    *d = (struct ops_data){.x = room(x_count(z), sizeof(float)),
                           .a = room(z->n, sizeof(float)),
                           .b = room(z->n, sizeof(float)),
                           .w = room(w_count(z), sizeof(float)),
                           .narrow = room(x_count(z), sizeof(uint16_t)),
                           .rows = room((int64_t)z->taps * z->m, sizeof(void *)),
                           /* Panels are filled up to 48 columns at most. */
                           .packed = room(w_count(z) + 48LL * z->taps * z->k, sizeof(float))};
    d->y = (float *)room(y_count(z), sizeof(float)) + GUARD;
}

void ops_cases_close(struct ops_data *d)
{
    mem_free(d->y - GUARD);
    mem_free(d->x);
    mem_free(d->a);
    mem_free(d->b);
    mem_free(d->w);
    mem_free(d->narrow);
    mem_free(d->rows);
    mem_free(d->packed);
}

static void noise(float *out, int64_t n, float reach, uint32_t seed)
{
    uint32_t z = seed;
    for (int64_t i = 0; i < n; i++) {
        z = z * 1664525U + 1013904223U;
        out[i] = reach * (float)(int32_t)z / 2147483648.0F;
    }
}

void ops_cases_fill(struct ops_data *d, const struct ops_case *c, const struct ops_size *z,
                    const struct nn_ops *ops)
{
    const int stride = ops_cases_stride(z);
    memset(d->y - GUARD, paint, ((size_t)y_count(z) + 2 * GUARD) * sizeof *d->y);
    for (int i = 0; i < z->m; i++)
        noise(d->y + (int64_t)i * stride, z->n, c->reach, 7U + (uint32_t)i);
    noise(d->x, x_count(z), c->reach, 1);
    noise(d->a, z->n, 1, 2);
    noise(d->b, z->n, 1, 3);
    noise(d->w, w_count(z), 1, 4);
    c->prepare(ops, z, d);
}

static bool painted(const void *at, size_t bytes)
{
    const uint8_t *p = at;
    for (size_t i = 0; i < bytes; i++)
        if (p[i] != paint)
            return false;
    return true;
}

bool ops_cases_intact(const struct ops_data *d, const struct ops_size *z)
{
    const int stride = ops_cases_stride(z);
    bool intact = painted(d->y - GUARD, GUARD * sizeof *d->y) &&
                  painted((const char *)d->packed + d->packed_bytes, GUARD);
    for (int i = 0; i < z->m; i++)
        intact &=
            painted(d->y + (int64_t)i * stride + z->n, (size_t)(stride - z->n) * sizeof *d->y);
    return intact && painted(d->y + y_count(z), GUARD * sizeof *d->y);
}
