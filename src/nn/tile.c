/* tile.c - see tile.h. SPDX-License-Identifier: MIT */
#include "nn/tile.h"

struct narrowing {
    const struct nn_ops *ops;
    const float *x;
    uint16_t *y;
    int64_t rows, cols, depth;
};

enum { ROWS_OF_A_PIECE = 32 };

static void narrow_piece(void *arg, int i)
{
    const struct narrowing *w = arg;
    const struct tile t = tile_at(w->rows, ROWS_OF_A_PIECE, i);
    for (int64_t r = t.first; r < t.first + t.n; r++) {
        w->ops->narrow(w->y + r * w->depth, w->x + r * w->cols, w->cols);
        if (w->depth > w->cols)
            w->y[r * w->depth + w->cols] = 0;
    }
}

const char *tile_rows(struct step *s, const struct ops_products *p, const struct tensor *x)
{
    if (x->dtype == p->number)
        return x->data;
    struct narrowing w = {.ops = s->nn->ops,
                          .x = tensor_f32(x),
                          .rows = tensor_rows(x),
                          .cols = tensor_cols(x),
                          .depth = tile_depth(p, tensor_cols(x))};
    w.y = step_bytes(s, (size_t)(w.rows * w.depth) * sizeof *w.y);
    if (!step_idle(s))
        nn_parallel(s->nn, (int)tile_count(w.rows, ROWS_OF_A_PIECE), narrow_piece, &w);
    return (const char *)w.y;
}
