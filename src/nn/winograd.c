/* winograd.c - convolutions of 3 x 3 px with a quarter of the products.
 *
 * A square of 4 x 4 px of the result sees 6 x 6 px of x: 144 products for each pair of channels. As
 * multiplying polynomials is multiplying their values at enough places, 36 do: x and the kernel are
 * mapped to 36 numbers each (B' x B, G w G'), multiplied number by number, and mapped back (A' m
 * A). Sums over channels and over the taps in time lie between the maps, so that they are 36
 * products of matrices whose rows are squares.
 *
 *     u [36, out, kt * in]        the kernel
 *     v [36, frames, band, in]    a band of squares, of all frames of x
 *     m [36, frames', band, out]  products
 *
 * The kernel is mapped in each call: u is four times the weights, too much to keep for all layers.
 *
 * A band is as many squares as keep the kernel of the products busy, and few enough that v and m
 * stay in the last-level cache. A square's sums know nothing of the band or the frames beside it:
 * streaming gives the same bits.
 *
 * With the usual places 0, 1, -1, 2, -2 f32 loses a digit; with 0, 3/4, -3/4, 3/2, -3/2, whose
 * powers stay near 1, it errs no more than the direct sum (384 channels: 1.9e-6 of the largest
 * number, direct 2.0e-6, the usual ones 1.1e-5). The maps would lose most of the 8 bits of a bf16,
 * so that v and u are f32 in either precision: where there are products of bf16 they are twice as
 * fast, and a quarter of the products in f32 still costs less.
 *
 * What sees a number that is not finite is not finite, and so may be what shares its square.
 *
 * Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015: F(4 x 4, 3 x 3).
 *
 * SPDX-License-Identifier: MIT */
#include "nn/conv_impl.h"

enum {
    SIDE = 4,        /* px of a square of the result */
    SEEN = SIDE + 2, /* px of x that it sees */
    NUMBERS = SEEN * SEEN,
    LEAST_ROWS = 192, /* of a product: squares of a band times frames of the result */
    MOST_ROWS = 1536, /* (more only where PIECE squares of all frames are more) */
    THREAD_ROWS = 48, /* many threads want more work between two meetings */
    PIECE = 8,        /* squares that a thread maps at a time */
    LEAST_IN = 16,    /* channels: with fewer the maps cost more than they save */
};

struct winograd {
    const struct conv_work *c;
    const struct nn_ops *ops;
    int64_t across, n_squares;            /* of a frame of the result */
    struct tile band;                     /* of them */
    int64_t n_cols;                       /* tiles of columns */
    int64_t u_tile;                       /* numbers of u per tile of columns */
    int64_t u_stride, v_stride, m_stride; /* numbers from one of the 36 to the next */
    float *u, *v, *m;
    const void **rows; /* [workers, kt, rows of m] */
};

bool winograd_fits(const struct conv *c, const struct conv_shape *k)
{
    return k->kh == 3 && k->kw == 3 && k->in >= LEAST_IN && c->stride_t == 1 && c->stride_h == 1 &&
           c->stride_w == 1;
}

/* The 36 matrices of a panel of columns at one tap in time. What is laid out for the products is
 * mapped as it lies: the taps of a panel stand one behind the other. */
static void weights_piece(void *arg, int i)
{
    const struct winograd *w = arg;
    const struct conv_shape *k = &w->c->shape;
    const int panels = TILE_COLS / w->c->products->panel;
    const struct tile cols = tile_at(k->out, TILE_COLS, i / k->kt / panels);
    const int64_t dt = i % k->kt, panel = i / k->kt % panels;
    const int64_t n = k->in * w->c->products->panel;
    if (panel * w->c->products->panel >= cols.n)
        return;
    const char *from = w->c->packed + (size_t)(cols.first / TILE_COLS) * w->c->tile_bytes;
    w->ops->winograd_weights(
        w->u + cols.first / TILE_COLS * w->u_tile + (panel * k->kt + dt) * n, w->u_stride,
        (const float *)(const void *)from + (panel * k->kt + dt) * 9 * n, n, n);
}

/* Squares first .. first + n - 1 of the band, in one of the frames. */
struct part {
    int64_t frame;
    struct tile squares;
};

static int64_t parts_of(const struct winograd *w)
{
    return tile_count(w->band.n, PIECE);
}

static struct part part_at(const struct winograd *w, int i)
{
    return (struct part){i / parts_of(w), tile_at(w->band.n, PIECE, i % parts_of(w))};
}

static void in_piece(void *arg, int i)
{
    const struct winograd *w = arg;
    const struct conv_shape *k = &w->c->shape;
    const struct part p = part_at(w, i);
    float *v = w->v + (p.frame * w->band.n + p.squares.first) * k->in;
    for (int64_t q = p.squares.first; q < p.squares.first + p.squares.n; q++, v += k->in) {
        const int64_t top = (w->band.first + q) / w->across * SIDE - w->c->c->top;
        const int64_t left = (w->band.first + q) % w->across * SIDE - w->c->c->left;
        const void *seen[NUMBERS];
        for (int at = 0; at < NUMBERS; at++) {
            const int64_t y = top + at / SEEN, x = left + at % SEEN;
            const bool inside = y >= 0 && y < k->h && x >= 0 && x < k->w;
            const int64_t pixel = (p.frame * k->h + y) * k->w + x;
            seen[at] = inside ? w->c->x + (size_t)pixel * w->c->row_bytes : w->c->zero;
        }
        w->ops->winograd_in(v, w->v_stride, seen, w->c->number, k->in);
    }
}

/* One of the 36 products, of a tile of columns. */
static void product_piece(void *arg, int i, int worker)
{
    const struct winograd *w = arg;
    const struct conv_shape *k = &w->c->shape;
    const struct tile cols = tile_at(k->out, TILE_COLS, i % w->n_cols);
    const int64_t at = i / w->n_cols, m = k->ot * w->band.n;
    const void **rows = w->rows + worker * k->kt * m;
    for (int64_t dt = 0; dt < k->kt; dt++)
        for (int64_t r = 0; r < m; r++)
            rows[dt * m + r] = w->v + at * w->v_stride + (dt * w->band.n + r) * k->in;
    w->c->products->product(
        &(struct ops_product){.y = w->m + at * w->m_stride + cols.first,
                              .y_stride = k->out,
                              .rows = rows,
                              .w = w->u + at * w->u_stride + i % w->n_cols * w->u_tile,
                              .m = (int)m,
                              .n = cols.n,
                              .taps = (int)k->kt,
                              .k = (int)k->in});
}

static void out_piece(void *arg, int i)
{
    const struct winograd *w = arg;
    const struct conv_shape *k = &w->c->shape;
    const struct part p = part_at(w, i);
    const float *m = w->m + (p.frame * w->band.n + p.squares.first) * k->out;
    for (int64_t q = p.squares.first; q < p.squares.first + p.squares.n; q++, m += k->out) {
        const int64_t top = (w->band.first + q) / w->across * SIDE;
        const int64_t left = (w->band.first + q) % w->across * SIDE;
        float *made[SIDE * SIDE];
        for (int at = 0; at < SIDE * SIDE; at++) {
            const int64_t y = top + at / SIDE, x = left + at % SIDE;
            const int64_t pixel = (p.frame * k->oh + y) * k->ow + x;
            made[at] = y < k->oh && x < k->ow ? w->c->y + pixel * k->out : NULL;
        }
        w->ops->winograd_out(made, m, w->m_stride, w->c->bias, k->out);
    }
}

/* Numbers from one of the 36 to the next: an odd number of cache lines of 16, or they would all
 * fall into one set of the cache. */
static int64_t stride_of(int64_t numbers)
{
    return (tile_count(numbers, 16) | 1) * 16;
}

/* Squares of a band. */
static int64_t band_of(const struct conv_shape *k, int64_t n_squares, int n_threads)
{
    int64_t rows = (int64_t)THREAD_ROWS * n_threads;
    rows = rows < LEAST_ROWS ? LEAST_ROWS : rows > MOST_ROWS ? MOST_ROWS : rows;
    const int64_t band = rows / k->ot < PIECE ? PIECE : rows / k->ot;
    return band < n_squares ? band : n_squares;
}

static float *floats(struct step *s, int64_t n)
{
    return step_bytes(s, (size_t)n * sizeof(float));
}

void winograd_run(struct step *s, const struct conv_work *c)
{
    const struct conv_shape *k = &c->shape;
    struct winograd w = {.c = c,
                         .ops = s->nn->ops,
                         .across = tile_count(k->ow, SIDE),
                         .n_cols = tile_count(k->out, TILE_COLS),
                         .u_tile = TILE_COLS * k->kt * k->in};
    w.n_squares = w.across * tile_count(k->oh, SIDE);
    const int64_t band = band_of(k, w.n_squares, nn_threads(s->nn));
    w.u_stride = stride_of(w.n_cols * w.u_tile);
    w.v_stride = stride_of(k->t * band * k->in);
    w.m_stride = stride_of(k->ot * band * k->out);
    w.u = floats(s, NUMBERS * w.u_stride);
    w.v = floats(s, NUMBERS * w.v_stride);
    w.m = floats(s, NUMBERS * w.m_stride);
    w.rows = step_bytes(s, (size_t)(nn_threads(s->nn) * k->kt * k->ot * band) * sizeof *w.rows);
    if (step_idle(s))
        return;
    nn_parallel(s->nn, (int)(w.n_cols * (TILE_COLS / c->products->panel) * k->kt), weights_piece,
                &w);
    for (int64_t i = 0; i < tile_count(w.n_squares, band); i++) {
        w.band = tile_at(w.n_squares, band, i);
        nn_parallel(s->nn, (int)(k->t * parts_of(&w)), in_piece, &w);
        pool_run(s->nn->pool, (int)(NUMBERS * w.n_cols), product_piece, &w);
        nn_parallel(s->nn, (int)(k->ot * parts_of(&w)), out_piece, &w);
    }
}
