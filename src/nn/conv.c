/* conv.c - convolutions, see step.h.
 *
 * A convolution is a product whose rows are gathered: a tap of the kernel over a run of positions
 * is a row of channels for each, found by address (channels are last) or, outside the picture, a
 * row of zeros. Nothing is copied; the kernel walks the taps itself. Kernels of 3 x 3 px go another
 * way: winograd.c.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "nn/conv_impl.h"

enum { TILE_PLACES = 192 }; /* positions of the result in a piece of work */

static bool read_kernel(const struct tensor *w, struct conv_shape *k)
{
    if (!w->data || w->n_dims < 4 || w->n_dims > 5)
        return false;
    const int64_t *shape = w->shape;
    k->out = *shape++;
    k->in = *shape++;
    k->kt = w->n_dims == 5 ? *shape++ : 1;
    k->kh = *shape++;
    k->kw = *shape;
    k->taps = k->kt * k->kh * k->kw;
    return dtype_block(w->dtype) == 1 && k->taps * k->in <= INT_MAX / 4 && k->out <= INT_MAX / 4;
}

/* ---- laying out the weights -------------------------------------------------------------- */

/* What multiplies. */
static const struct ops_products *products_of(const struct nn *nn, const struct conv *c,
                                              const struct conv_shape *k)
{
    return winograd_fits(c, k) ? &nn->ops->f32 : nn->products;
}

static size_t tile_bytes(const struct ops_products *p, const struct conv_shape *k)
{
    return p->packed_bytes(TILE_COLS, (int)(k->taps * tile_depth(p, k->in)));
}

/* One row of w, [in, taps] as in the file, to [taps, depth]. */
static void turn_row(float *out, const float *row, const struct conv_shape *k, int64_t depth)
{
    memset(out, 0, (size_t)(k->taps * depth) * sizeof *out);
    for (int64_t c = 0; c < k->in; c++)
        for (int64_t tap = 0; tap < k->taps; tap++)
            out[tap * depth + c] = row[c * k->taps + tap];
}

struct conv_layout {
    const struct ops_products *products;
    struct conv_shape shape;
    const struct tensor *w;
    char *out;     /* [tiles, tile_bytes] */
    char *scratch; /* [workers, layout_scratch] */
};

static size_t layout_scratch(const struct conv_layout *l)
{
    const size_t depth = (size_t)tile_depth(l->products, l->shape.in);
    const size_t numbers = (size_t)l->shape.taps * (TILE_COLS * depth + (size_t)l->shape.in);
    return (numbers * sizeof(float) + 63) & ~(size_t)63;
}

static void layout_piece(void *arg, int i, int worker)
{
    const struct conv_layout *l = arg;
    const struct conv_shape *k = &l->shape;
    const struct tile t = tile_at(k->out, TILE_COLS, i);
    const int64_t depth = tile_depth(l->products, k->in);
    const int64_t length = k->taps * depth;
    float *turned = (float *)(void *)(l->scratch + (size_t)worker * layout_scratch(l));
    float *row = turned + TILE_COLS * length;
    for (int o = 0; o < t.n; o++) {
        step_widen_part(row, l->w, t.first + o, 1);
        turn_row(turned + o * length, row, k, depth);
    }
    l->products->pack(
        l->out + (size_t)i * tile_bytes(l->products, k),
        (struct ops_matrix){
            .at = turned, .row_stride = length, .col_stride = 1, .n = t.n, .k = (int)length});
}

size_t conv_packed_bytes(const struct conv *c, const struct nn *nn, size_t *scratch)
{
    struct conv_layout l = {.w = &c->w};
    if (!read_kernel(&c->w, &l.shape))
        return 0;
    l.products = products_of(nn, c, &l.shape);
    const size_t here = (size_t)nn_threads(nn) * layout_scratch(&l);
    *scratch = here > *scratch ? here : *scratch;
    return (size_t)tile_count(l.shape.out, TILE_COLS) * tile_bytes(l.products, &l.shape);
}

int conv_pack(struct conv *c, struct nn *nn, struct error *err)
{
    struct conv_layout l = {.w = &c->w};
    char text[128];
    if (!read_kernel(&c->w, &l.shape))
        return error_set(err, ERR_INVALID, "%s is not the kernel of a convolution",
                         tensor_text(&c->w, text, sizeof text));
    l.products = products_of(nn, c, &l.shape);
    const int64_t n_tiles = tile_count(l.shape.out, TILE_COLS);
    const size_t bytes = (size_t)n_tiles * tile_bytes(l.products, &l.shape);
    SCOPED(mem) char *packed = mem_try_raw(bytes); /* the threads that fill it clear its pages */
    SCOPED(mem) char *scratch = mem_try_raw((size_t)nn_threads(nn) * layout_scratch(&l));
    if (!packed || !scratch)
        return error_set(err, ERR_MEMORY, "no memory for %zu MiB of laid-out weights", bytes >> 20);
    l.out = packed;
    l.scratch = scratch;
    pool_run(nn->pool, (int)n_tiles, layout_piece, &l);
    mem_free(c->packed);
    c->packed = TAKE(packed);
    return 0;
}

void conv_fini(struct conv *c)
{
    mem_free(c->packed);
    c->packed = NULL;
}

/* The laid-out weights: those of conv_pack, or made on the stack for this call. */
static const char *layout_of(struct step *s, const struct conv *c, const struct conv_shape *k)
{
    if (c->packed)
        return c->packed;
    struct conv_layout l = {.products = products_of(s->nn, c, k), .shape = *k, .w = &c->w};
    const int64_t n_tiles = tile_count(k->out, TILE_COLS);
    l.out = step_bytes(s, (size_t)n_tiles * tile_bytes(l.products, k));
    const size_t mark = step_mark(s);
    l.scratch = step_bytes(s, (size_t)nn_threads(s->nn) * layout_scratch(&l));
    if (!step_idle(s))
        pool_run(s->nn->pool, (int)n_tiles, layout_piece, &l);
    step_release(s, mark);
    return l.out;
}

/* ---- the convolution --------------------------------------------------------------------- */

/* Where tap (0, 0, 0) of a position of the result lies in x; h and w may be outside. */
struct place {
    int64_t t, h, w;
};

static struct place place_of(const struct conv_work *w, int64_t i)
{
    const struct conv_shape *k = &w->shape;
    return (struct place){.t = i / (k->oh * k->ow) * w->c->stride_t,
                          .h = i / k->ow % k->oh * w->c->stride_h - w->c->top,
                          .w = i % k->ow * w->c->stride_w - w->c->left};
}

/* The rows [taps, n] of n positions from first on. */
static void gather(const struct conv_work *w, struct tile t, const void **rows)
{
    const struct conv_shape *k = &w->shape;
    for (int i = 0; i < t.n; i++) {
        const struct place p = place_of(w, t.first + i);
        const void **at = rows + i;
        for (int64_t dt = 0; dt < k->kt; dt++)
            for (int64_t h = p.h; h < p.h + k->kh; h++)
                for (int64_t x = p.w; x < p.w + k->kw; x++, at += t.n) {
                    const bool inside = h >= 0 && h < k->h && x >= 0 && x < k->w;
                    const int64_t pixel = ((p.t + dt) * k->h + h) * k->w + x;
                    *at = inside ? w->x + (size_t)pixel * w->row_bytes : w->zero;
                }
    }
}

static size_t table_bytes(const struct conv_shape *k)
{
    return (size_t)k->taps * TILE_PLACES * sizeof(void *);
}

static void conv_piece(void *arg, int i, int worker)
{
    const struct conv_work *w = arg;
    const struct conv_shape *k = &w->shape;
    const int64_t n_tiles = tile_count(k->out, TILE_COLS);
    const struct tile cols = tile_at(k->out, TILE_COLS, i % n_tiles);
    const struct tile places = tile_at(k->ot * k->oh * k->ow, TILE_PLACES, i / n_tiles);
    const void **rows = (const void **)(void *)(w->scratch + (size_t)worker * table_bytes(k));
    gather(w, places, rows);
    w->products->product(
        &(struct ops_product){.y = w->y + places.first * k->out + cols.first,
                              .y_stride = k->out,
                              .rows = rows,
                              .w = w->packed + (size_t)(i % n_tiles) * w->tile_bytes,
                              .bias = w->bias ? w->bias + cols.first : NULL,
                              .m = places.n,
                              .n = cols.n,
                              .taps = (int)k->taps,
                              .k = (int)k->depth});
}

static int64_t reach(int64_t length, int64_t padding, int64_t taps, int64_t stride)
{
    return stride < 1 || length + padding < taps ? 0 : (length + padding - taps) / stride + 1;
}

/* Of step_new_input, in bf16? */
static bool is_input(const struct step *s, const struct tensor *x)
{
    return !s->failed && x->data && x->dtype == DTYPE_BF16 &&
           s->nn->products->number == DTYPE_BF16 && tensor_cols(x) % 2 == 0;
}

static bool check_shapes(struct step *s, const struct tensor *x, struct conv_work *w)
{
    const struct conv *c = w->c;
    struct conv_shape *k = &w->shape;
    char a[128];
    char b[128];
    if (!is_input(s, x) && !step_check(s, x, "the input of a convolution"))
        return false;
    const bool kernel = read_kernel(&c->w, k);
    if (kernel && x->n_dims == 4 && x->shape[3] == k->in) {
        k->t = x->shape[0];
        k->h = x->shape[1];
        k->w = x->shape[2];
        k->ot = reach(k->t, 0, k->kt, c->stride_t);
        k->oh = reach(k->h, (int64_t)c->top + c->bottom, k->kh, c->stride_h);
        k->ow = reach(k->w, (int64_t)c->left + c->right, k->kw, c->stride_w);
        w->products = products_of(s->nn, c, k);
        k->depth = tile_depth(w->products, k->in);
        if (k->ot > 0 && k->oh > 0 && k->ow > 0)
            return true;
    }
    step_fail(s, ERR_INVALID, "%s cannot be convolved with weights %s", tensor_text(x, a, sizeof a),
              c->w.data ? tensor_text(&c->w, b, sizeof b) : "that are missing");
    return false;
}

static void run(struct step *s, struct conv_work *w, const struct tensor *x)
{
    const struct conv_shape *k = &w->shape;
    const bool winograd = winograd_fits(w->c, k);
    w->number = winograd ? x->dtype : w->products->number;
    w->row_bytes = (size_t)k->depth * dtype_block_bytes(w->number);
    char *zero = step_bytes(s, w->row_bytes);
    w->zero = zero;
    w->tile_bytes = tile_bytes(w->products, k);
    w->bias = step_vector(s, &w->c->b, k->out, "the bias of a convolution");
    w->x = winograd ? x->data : tile_rows(s, w->products, x);
    w->packed = layout_of(s, w->c, k);
    if (!step_idle(s))
        memset(zero, 0, w->row_bytes);
    if (winograd) {
        winograd_run(s, w);
        return;
    }
    w->scratch = step_bytes(s, (size_t)nn_threads(s->nn) * table_bytes(k));
    if (step_idle(s))
        return;
    pool_run(s->nn->pool,
             (int)(tile_count(k->out, TILE_COLS) * tile_count(k->ot * k->oh * k->ow, TILE_PLACES)),
             conv_piece, w);
}

struct tensor step_conv(struct step *s, const struct conv *c, struct tensor x)
{
    struct conv_work w = {.c = c};
    struct conv_shape *k = &w.shape;
    if (!check_shapes(s, &x, &w))
        return (struct tensor){.dtype = DTYPE_F32,
                               .n_dims = 4,
                               .scale = 1,
                               .shape = {1, 1, 1, c->w.n_dims > 0 ? c->w.shape[0] : 1}};
    struct tensor y = STEP_NEW(s, k->ot, k->oh, k->ow, k->out);
    const size_t mark = step_mark(s);
    w.y = tensor_f32(&y);
    run(s, &w, &x);
    step_release(s, mark);
    s->flops += 2.0 * (double)(k->ot * k->oh * k->ow) * (double)(k->taps * k->in) * (double)k->out;
    return y;
}
