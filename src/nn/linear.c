/* linear.c - products of activations with weights, see step.h.
 *
 * A piece of work is a tile of columns of the result. Its weights are widened and laid out for the
 * kernel in the worker's scratch, and then used for all rows of x: a quantised matrix is never
 * unpacked as a whole.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "nn/tile.h"

enum { TILE_ROWS = 1536 }; /* of x, for which a tile of weights is laid out once */

struct linear_work {
    const struct linear *l;
    const struct ops_products *products;
    const void *const *rows; /* [n_rows] */
    float *y;                /* [n_rows, n_out] */
    const float *bias;
    int64_t n_rows, n_in, n_out;
    char *scratch; /* [workers, scratch_bytes] */
    size_t scratch_bytes;
    size_t tile_bytes; /* of a laid-out tile */
};

/* The kernel lays these out from where they are. */
static bool direct(const struct tensor *w)
{
    return w->dtype == DTYPE_F32 || w->dtype == DTYPE_BF16;
}

/* Tile t of w, laid out. wide: room for it as f32, or NULL where it is not needed. */
static void lay_out(const struct linear_work *w, struct tile t, void *out, float *wide)
{
    const struct tensor *weights = &w->l->w;
    struct ops_matrix m = {
        .at = wide, .row_stride = w->n_in, .col_stride = 1, .n = t.n, .k = (int)w->n_in};
    if (direct(weights)) {
        const struct tensor rows = tensor_view(weights, 2, (int64_t[]){w->n_out, w->n_in});
        m.number = weights->dtype;
        m.at = tensor_part(&rows, t.first, t.n).data;
    } else {
        step_widen_part(wide, weights, t.first, t.n);
    }
    w->products->pack(out, m);
}

static size_t wide_bytes(const struct linear_work *w)
{
    return direct(&w->l->w) ? 0 : (size_t)(TILE_COLS * w->n_in) * sizeof(float);
}

static void linear_piece(void *arg, int i, int worker)
{
    const struct linear_work *w = arg;
    const int64_t n_tiles = tile_count(w->n_out, TILE_COLS);
    const struct tile cols = tile_at(w->n_out, TILE_COLS, i % n_tiles);
    const struct tile rows = tile_at(w->n_rows, TILE_ROWS, i / n_tiles);
    const char *packed = w->l->packed;
    if (packed) {
        packed += (size_t)(i % n_tiles) * w->tile_bytes;
    } else {
        char *scratch = w->scratch + (size_t)worker * w->scratch_bytes;
        lay_out(w, cols, scratch, (float *)(void *)(scratch + w->tile_bytes));
        packed = scratch;
    }
    w->products->product(&(struct ops_product){.y = w->y + rows.first * w->n_out + cols.first,
                                               .y_stride = w->n_out,
                                               .rows = w->rows + rows.first,
                                               .w = packed,
                                               .bias = w->bias ? w->bias + cols.first : NULL,
                                               .m = rows.n,
                                               .n = cols.n,
                                               .taps = 1,
                                               .k = (int)tile_depth(w->products, w->n_in)});
}

/* Rows of x as the kernel takes them. */
static const void *const *row_table(struct step *s, const struct linear_work *w,
                                    const struct tensor *x)
{
    const char *at = tile_rows(s, w->products, x);
    const void **rows = step_bytes(s, (size_t)w->n_rows * sizeof *rows);
    const size_t row_bytes = (size_t)tile_depth(w->products, w->n_in) *
                             dtype_block_bytes(w->products->number);
    for (int64_t r = 0; r < w->n_rows && !step_idle(s); r++)
        rows[r] = at + (size_t)r * row_bytes;
    return rows;
}

static bool check_shapes(struct step *s, const struct linear *l, const struct tensor *x)
{
    char a[128];
    char b[128];
    if (!step_check(s, x, "the input of a product"))
        return false;
    const int64_t n_in = l->w.data ? tensor_count(&l->w) / l->w.shape[0] : 0;
    if (n_in == tensor_cols(x) && n_in <= INT_MAX / 2)
        return true;
    step_fail(s, ERR_INVALID, "%s cannot be multiplied with weights %s",
              tensor_text(x, a, sizeof a),
              l->w.data ? tensor_text(&l->w, b, sizeof b) : "that are missing");
    return false;
}

static struct tensor new_result(struct step *s, const struct linear *l, const struct tensor *x)
{
    int64_t shape[TENSOR_MOST_DIMS];
    memcpy(shape, x->shape, sizeof shape);
    const int n_dims = x->n_dims > 0 ? x->n_dims : 1;
    shape[n_dims - 1] = l->w.n_dims > 0 ? l->w.shape[0] : 1;
    return step_new(s, n_dims, shape);
}

struct tensor step_linear(struct step *s, const struct linear *l, struct tensor x)
{
    const bool ok = check_shapes(s, l, &x);
    struct tensor y = new_result(s, l, &x);
    if (!ok || s->failed)
        return y;
    const size_t mark = step_mark(s);
    struct linear_work w = {.l = l,
                            .products = s->nn->products,
                            .y = tensor_f32(&y),
                            .n_rows = tensor_rows(&x),
                            .n_in = tensor_cols(&x),
                            .n_out = tensor_cols(&y)};
    w.tile_bytes = w.products->packed_bytes(TILE_COLS, (int)w.n_in);
    w.scratch_bytes = w.tile_bytes + wide_bytes(&w);
    w.rows = row_table(s, &w, &x);
    w.bias = step_vector(s, &l->b, w.n_out, "the bias of a product");
    if (!l->packed)
        w.scratch = step_bytes(s, (size_t)nn_threads(s->nn) * w.scratch_bytes);
    if (!step_idle(s))
        pool_run(s->nn->pool,
                 (int)(tile_count(w.n_out, TILE_COLS) * tile_count(w.n_rows, TILE_ROWS)),
                 linear_piece, &w);
    step_release(s, mark);
    s->flops += 2.0 * (double)w.n_rows * (double)w.n_in * (double)w.n_out;
    return y;
}

size_t linear_packed_bytes(const struct linear *l, const struct nn *nn)
{
    const int64_t n_out = l->w.shape[0], n_in = tensor_count(&l->w) / n_out;
    return (size_t)tile_count(n_out, TILE_COLS) * nn->products->packed_bytes(TILE_COLS, (int)n_in);
}

int linear_pack(struct linear *l, struct nn *nn, struct error *err)
{
    struct linear_work w = {.l = l,
                            .products = nn->products,
                            .n_in = tensor_count(&l->w) / l->w.shape[0],
                            .n_out = l->w.shape[0]};
    w.tile_bytes = w.products->packed_bytes(TILE_COLS, (int)w.n_in);
    const int64_t n_tiles = tile_count(w.n_out, TILE_COLS);
    SCOPED(mem) char *packed = mem_try_raw((size_t)n_tiles * w.tile_bytes);
    SCOPED(mem) float *wide = mem_try_raw(wide_bytes(&w));
    if (!packed || !wide)
        return error_set(err, ERR_MEMORY, "no memory for %zu MiB of laid-out weights",
                         ((size_t)n_tiles * w.tile_bytes) >> 20);
    for (int64_t i = 0; i < n_tiles; i++)
        lay_out(&w, tile_at(w.n_out, TILE_COLS, i), packed + (size_t)i * w.tile_bytes, wide);
    mem_free(l->packed);
    l->packed = TAKE(packed);
    return 0;
}

void linear_fini(struct linear *l)
{
    mem_free(l->packed);
    l->packed = NULL;
}
