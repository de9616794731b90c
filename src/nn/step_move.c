/* step_move.c - the operations of step.h that only move or widen numbers.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "nn/step_impl.h"

struct tensor step_zero(struct step *s, int n_dims, const int64_t *shape)
{
    struct tensor t = step_new(s, n_dims, shape);
    step_clear(s, t);
    return t;
}

void step_clear(struct step *s, struct tensor x)
{
    if (!step_idle(s))
        memset(x.data, 0, tensor_bytes(&x));
}

struct tensor step_copy(struct step *s, struct tensor x)
{
    const bool ok = step_check(s, &x, "what is copied");
    struct tensor y = step_new(s, x.n_dims, x.shape);
    if (ok && !step_idle(s))
        memcpy(y.data, x.data, tensor_bytes(&x));
    return y;
}

enum { PUT_NUMBERS = 1 << 18 }; /* of a piece of work */

struct putting {
    const struct nn_ops *ops;
    struct tensor to, x; /* [n] */
};

static void put_piece(void *arg, int i)
{
    const struct putting *p = arg;
    const int64_t first = (int64_t)i * PUT_NUMBERS, left = p->x.shape[0] - first;
    const int64_t n = left < PUT_NUMBERS ? left : PUT_NUMBERS;
    const float *from = tensor_f32(&p->x) + first;
    if (p->to.dtype == DTYPE_F32)
        memcpy(tensor_f32(&p->to) + first, from, (size_t)n * sizeof *from);
    else
        p->ops->narrow((uint16_t *)p->to.data + first, from, n);
}

void step_put_input(struct step *s, struct tensor to, struct tensor x)
{
    if (!step_check(s, &x, "the input of a convolution"))
        return;
    if (!tensor_same_shape(&to, &x) || (to.dtype != DTYPE_F32 && to.dtype != DTYPE_BF16)) {
        step_fail(s, ERR_INVALID, "the input of a convolution has another shape or type");
        return;
    }
    const int64_t n = tensor_count(&x);
    struct putting p = {
        .ops = s->nn->ops, .to = tensor_view(&to, 1, &n), .x = tensor_view(&x, 1, &n)};
    if (!step_idle(s))
        nn_parallel(s->nn, (int)((n + PUT_NUMBERS - 1) / PUT_NUMBERS), put_piece, &p);
}

void step_write(struct step *s, struct tensor x, const float *from)
{
    if (step_check(s, &x, "what is written") && !step_idle(s))
        memcpy(x.data, from, tensor_bytes(&x));
}

void step_read(struct step *s, struct tensor x, float *to)
{
    if (step_check(s, &x, "what is read") && !step_idle(s))
        memcpy(to, x.data, tensor_bytes(&x));
}

/* ---- weights ----------------------------------------------------------------------------- */

struct widening {
    struct tensor w;
    float *y;
    int64_t row; /* numbers of one entry of the outermost axis */
};

static void widen_piece(void *arg, int i)
{
    const struct widening *w = arg;
    step_widen_part(w->y + i * w->row, &w->w, i, 1);
}

struct tensor step_widen(struct step *s, struct tensor w)
{
    struct tensor y = step_new(s, w.n_dims, w.shape);
    if (!w.data)
        step_fail(s, ERR_INVALID, "weights are missing");
    if (step_idle(s))
        return y;
    if (w.n_dims == 1) /* one row, whose blocks go across it */
        w = tensor_view(&w, 2, (int64_t[]){1, w.shape[0]});
    struct widening work = {.w = w, .y = tensor_f32(&y), .row = tensor_count(&w) / w.shape[0]};
    nn_parallel(s->nn, (int)w.shape[0], widen_piece, &work);
    return y;
}

struct tensor step_embed(struct step *s, struct tensor table, const int32_t *ids, int n)
{
    const int64_t cols = tensor_cols(&table);
    struct tensor y = STEP_NEW(s, n, cols);
    if (!table.data || table.n_dims != 2)
        step_fail(s, ERR_INVALID, "a table of rows has %d axes, must have 2", table.n_dims);
    if (step_idle(s))
        return y;
    for (int i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= table.shape[0]) {
            step_fail(s, ERR_INVALID, "id %d is outside a table of %lld rows", (int)ids[i],
                      (long long)table.shape[0]);
            return y;
        }
        step_widen_part(tensor_f32(&y) + i * cols, &table, ids[i], 1);
    }
    return y;
}

/* ---- places ------------------------------------------------------------------------------ */

struct moving {
    const float *x;
    float *y;
    int64_t h, w, c; /* of a picture's row of x */
};

/* A line of a picture to the two lines that it becomes. */
static void upsample_piece(void *arg, int i)
{
    const struct moving *m = arg;
    const float *x = m->x + (int64_t)i * m->w * m->c;
    const size_t pixel = (size_t)m->c * sizeof *x;
    float *y = m->y + (int64_t)i * 4 * m->w * m->c;
    for (int64_t p = 0; p < m->w; p++) {
        memcpy(y + 2 * p * m->c, x + p * m->c, pixel);
        memcpy(y + (2 * p + 1) * m->c, x + p * m->c, pixel);
    }
    memcpy(y + 2 * m->w * m->c, y, 2 * (size_t)m->w * pixel);
}

struct tensor step_upsample(struct step *s, struct tensor x)
{
    const bool ok = step_check(s, &x, "what is upsampled");
    if (ok && x.n_dims != 4)
        step_fail(s, ERR_INVALID, "what is upsampled has %d axes, must have 4", x.n_dims);
    struct tensor y = STEP_NEW(s, x.shape[0], 2 * x.shape[1], 2 * x.shape[2], x.shape[3]);
    struct moving m = {.x = tensor_f32(&x),
                       .y = tensor_f32(&y),
                       .h = x.shape[1],
                       .w = x.shape[2],
                       .c = x.shape[3]};
    if (!step_idle(s))
        nn_parallel(s->nn, (int)(x.shape[0] * x.shape[1]), upsample_piece, &m);
    return y;
}

/* The other axes of a and b agree. */
static bool joinable(const struct tensor *a, const struct tensor *b)
{
    struct tensor c = *b;
    c.shape[0] = a->shape[0];
    return a->n_dims > 0 && tensor_same_shape(a, &c);
}

struct tensor step_join(struct step *s, const struct tensor *parts, int n)
{
    struct tensor shape = parts[0];
    for (int i = 0; i < n; i++) {
        if (step_check(s, &parts[i], "a part to be joined") && !joinable(&parts[0], &parts[i]))
            step_fail(s, ERR_INVALID, "part %d of %d to be joined has another shape", i, n);
        shape.shape[0] += i ? parts[i].shape[0] : 0;
    }
    struct tensor y = step_new(s, shape.n_dims, shape.shape);
    float *at = tensor_f32(&y);
    for (int i = 0; i < n && !step_idle(s); i++) {
        memcpy(at, parts[i].data, tensor_bytes(&parts[i]));
        at += tensor_count(&parts[i]);
    }
    return y;
}

struct permuting {
    const float *x;
    float *y;
    int n_dims;
    int64_t shape[TENSOR_MOST_DIMS];  /* of y */
    int64_t stride[TENSOR_MOST_DIMS]; /* of x along the axes of y */
    int64_t rows;                     /* of y in a piece: lines of its last axis */
    int64_t n;                        /* lines in all */
};

static void permute_piece(void *arg, int i)
{
    const struct permuting *p = arg;
    const int last = p->n_dims - 1;
    const int64_t cols = p->shape[last];
    const int64_t end = (i + 1) * p->rows < p->n ? (i + 1) * p->rows : p->n;
    for (int64_t r = i * p->rows; r < end; r++) {
        const float *x = p->x;
        int64_t left = r;
        for (int axis = last - 1; axis >= 0; axis--) {
            x += left % p->shape[axis] * p->stride[axis];
            left /= p->shape[axis];
        }
        for (int64_t j = 0; j < cols; j++)
            p->y[r * cols + j] = x[j * p->stride[last]];
    }
}

static bool is_order(const int *order, int n)
{
    unsigned seen = 0;
    for (int i = 0; i < n; i++)
        if (order[i] >= 0 && order[i] < n)
            seen |= 1u << order[i];
    return seen == (1u << n) - 1;
}

struct tensor step_permute(struct step *s, struct tensor x, const int *order)
{
    int64_t stride[TENSOR_MOST_DIMS];
    struct permuting p = {.n_dims = x.n_dims};
    if (step_check(s, &x, "what is permuted") && (x.n_dims < 1 || !is_order(order, x.n_dims)))
        step_fail(s, ERR_INVALID, "the axes of %d are permuted in no order of them", x.n_dims);
    if (s->failed)
        return step_new(s, x.n_dims, x.shape);
    for (int64_t i = x.n_dims - 1, step = 1; i >= 0; step *= x.shape[i--])
        stride[i] = step;
    for (int i = 0; i < x.n_dims; i++) {
        p.shape[i] = x.shape[order[i]];
        p.stride[i] = stride[order[i]];
    }
    struct tensor y = step_new(s, x.n_dims, p.shape);
    p.x = tensor_f32(&x);
    p.y = tensor_f32(&y);
    p.n = tensor_rows(&y);
    p.rows = 1 + 16384 / tensor_cols(&y);
    if (!step_idle(s))
        nn_parallel(s->nn, (int)((p.n + p.rows - 1) / p.rows), permute_piece, &p);
    return y;
}
