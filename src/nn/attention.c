/* attention.c - softmax(scale q k^T + bias) v, streamed: see step.h.
 *
 * Keys and values of all heads are laid out once, in blocks. A piece of work is a head and a run
 * of queries: for each block of keys it makes their scores, folds them into the running softmax of
 * each query, and adds the values; when a larger score comes, what was added before shrinks by
 * exp(old max - new max). Blocks are of fixed size, so the sums are the same for any number of
 * threads.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "nn/tile.h"

enum { QUERIES = 96, KEYS = 256 }; /* of a piece; of a block */

struct attention_work {
    const struct nn_ops *ops;
    const struct ops_products *products;
    const char *q;      /* [n_queries, heads * depth], in the numbers of products */
    const float *k, *v; /* [n_keys, heads * depth] */
    const float *bias;  /* [heads, n_queries, n_keys] or NULL */
    float *y;           /* [n_queries, heads * depth] */
    float scale;
    float more; /* keys that the last stands for beside itself */
    int n_heads, depth;
    int64_t n_queries, n_keys;
    char *keys, *values;             /* [heads, blocks] laid out */
    size_t keys_bytes, values_bytes; /* of a block */
    char *scratch;                   /* [workers] of struct parts */
};

/* The scratch of a worker. */
struct parts {
    const void *query_rows[QUERIES];
    const void *score_rows[QUERIES];
    struct ops_softmax softmax[QUERIES];
    _Alignas(64) float scores[QUERIES][KEYS];
    _Alignas(64) uint16_t narrow[QUERIES][KEYS];
};

static void lay_out_piece(void *arg, int i)
{
    const struct attention_work *w = arg;
    const int64_t n_blocks = tile_count(w->n_keys, KEYS);
    const int64_t width = (int64_t)w->n_heads * w->depth;
    const struct tile t = tile_at(w->n_keys, KEYS, i % n_blocks);
    const int64_t at = t.first * width + i / n_blocks * w->depth;
    w->products->pack(
        w->keys + (size_t)i * w->keys_bytes,
        (struct ops_matrix){
            .at = w->k + at, .row_stride = width, .col_stride = 1, .n = t.n, .k = w->depth});
    w->products->pack(
        w->values + (size_t)i * w->values_bytes,
        (struct ops_matrix){
            .at = w->v + at, .row_stride = 1, .col_stride = width, .n = w->depth, .k = t.n});
}

/* Scores of the queries with a block of keys, to the weights of its values. y is made smaller where
 * a larger score came. */
static void weigh(const struct attention_work *w, struct parts *p, int head, struct tile queries,
                  struct tile keys)
{
    const int64_t width = (int64_t)w->n_heads * w->depth;
    for (int i = 0; i < queries.n; i++) {
        const int64_t q = queries.first + i;
        const float *bias = w->bias ? w->bias + (head * w->n_queries + q) * w->n_keys + keys.first
                                    : NULL;
        const float factor = w->ops->softmax(p->scores[i], keys.n, w->scale, bias, &p->softmax[i]);
        if (w->more > 0 && keys.first + keys.n == w->n_keys) {
            float *last = &p->scores[i][keys.n - 1];
            p->softmax[i].sum += *last * w->more;
            *last += *last * w->more;
        }
        if (keys.first > 0 && factor != 1)
            w->ops->scale(w->y + q * width + head * w->depth, w->depth, factor);
        if (w->products->number == DTYPE_BF16) {
            w->ops->narrow(p->narrow[i], p->scores[i], keys.n);
            if (keys.n % 2)
                p->narrow[i][keys.n] = 0;
        }
    }
}

static void attend_block(const struct attention_work *w, struct parts *p, int head,
                         struct tile queries, int64_t block)
{
    const int64_t n_blocks = tile_count(w->n_keys, KEYS);
    const struct tile keys = tile_at(w->n_keys, KEYS, block);
    const size_t at = (size_t)(head * n_blocks + block);
    const int64_t width = (int64_t)w->n_heads * w->depth;
    w->products->product(&(struct ops_product){.y = p->scores[0],
                                               .y_stride = KEYS,
                                               .rows = p->query_rows,
                                               .w = w->keys + at * w->keys_bytes,
                                               .m = queries.n,
                                               .n = keys.n,
                                               .taps = 1,
                                               .k = w->depth});
    weigh(w, p, head, queries, keys);
    w->products->product(&(struct ops_product){.y = w->y + queries.first * width + head * w->depth,
                                               .y_stride = width,
                                               .rows = p->score_rows,
                                               .w = w->values + at * w->values_bytes,
                                               .m = queries.n,
                                               .n = w->depth,
                                               .taps = 1,
                                               .k = (int)tile_depth(w->products, keys.n),
                                               .add = block > 0});
}

static void attend_piece(void *arg, int i, int worker)
{
    const struct attention_work *w = arg;
    struct parts *p = (struct parts *)(void *)w->scratch + worker;
    const int64_t n_pieces = tile_count(w->n_queries, QUERIES);
    const int head = (int)(i / n_pieces);
    const struct tile queries = tile_at(w->n_queries, QUERIES, i % n_pieces);
    const int64_t width = (int64_t)w->n_heads * w->depth;
    const size_t number = dtype_block_bytes(w->products->number);
    for (int r = 0; r < queries.n; r++) {
        const int64_t at = (queries.first + r) * width + head * w->depth;
        p->query_rows[r] = w->q + (size_t)at * number;
        p->score_rows[r] = w->products->number == DTYPE_BF16 ? (const void *)p->narrow[r]
                                                             : (const void *)p->scores[r];
        p->softmax[r] = (struct ops_softmax){.max = -INFINITY};
    }
    for (int64_t block = 0; block < tile_count(w->n_keys, KEYS); block++)
        attend_block(w, p, head, queries, block);
    for (int r = 0; r < queries.n; r++)
        w->ops->scale(w->y + (queries.first + r) * width + head * w->depth, w->depth,
                      1 / p->softmax[r].sum);
}

static bool check_shapes(struct step *s, const struct attention *a, const struct tensor *q,
                         const struct tensor *k, const struct tensor *v)
{
    char x[64];
    char y[64];
    char z[64];
    if (!step_check(s, q, "the queries") || !step_check(s, k, "the keys") ||
        !step_check(s, v, "the values"))
        return false;
    const int64_t width = tensor_cols(q);
    if (a->n_heads > 0 && width % a->n_heads == 0 && tensor_cols(k) == width &&
        tensor_cols(v) == width && tensor_rows(k) == tensor_rows(v))
        return true;
    step_fail(s, ERR_INVALID, "no attention in %d heads between queries %s, keys %s, values %s",
              a->n_heads, tensor_text(q, x, sizeof x), tensor_text(k, y, sizeof y),
              tensor_text(v, z, sizeof z));
    return false;
}

static bool check_bias(struct step *s, const struct attention *a, int64_t n_queries, int64_t n_keys)
{
    char text[128];
    if (!a->bias.data)
        return true;
    if (!step_check(s, &a->bias, "the bias of attention"))
        return false;
    if (tensor_count(&a->bias) == a->n_heads * n_queries * n_keys)
        return true;
    step_fail(s, ERR_INVALID, "the bias of attention is %s, must be [%d, %lld, %lld]",
              tensor_text(&a->bias, text, sizeof text), a->n_heads, (long long)n_queries,
              (long long)n_keys);
    return false;
}

static void run(struct step *s, struct attention_work *w, const struct tensor *q)
{
    const int64_t n_blocks = tile_count(w->n_keys, KEYS);
    const size_t n_laid_out = (size_t)(w->n_heads * n_blocks);
    w->keys_bytes = w->products->packed_bytes(KEYS, w->depth);
    w->values_bytes = w->products->packed_bytes(w->depth, KEYS);
    w->q = tile_rows(s, w->products, q);
    w->keys = step_bytes(s, n_laid_out * w->keys_bytes);
    w->values = step_bytes(s, n_laid_out * w->values_bytes);
    w->scratch = step_bytes(s, (size_t)nn_threads(s->nn) * sizeof(struct parts));
    if (step_idle(s))
        return;
    nn_parallel(s->nn, (int)n_laid_out, lay_out_piece, w);
    pool_run(s->nn->pool, (int)(w->n_heads * tile_count(w->n_queries, QUERIES)), attend_piece, w);
}

struct tensor step_attention(struct step *s, const struct attention *a, struct tensor q,
                             struct tensor k, struct tensor v)
{
    const bool ok = check_shapes(s, a, &q, &k, &v) &&
                    check_bias(s, a, tensor_rows(&q), tensor_rows(&k));
    struct tensor y = step_new(s, q.n_dims, q.shape);
    if (!ok || s->failed)
        return y;
    const size_t mark = step_mark(s);
    struct attention_work w = {.ops = s->nn->ops,
                               .products = s->nn->products,
                               .k = tensor_f32(&k),
                               .v = tensor_f32(&v),
                               .bias = tensor_f32(&a->bias),
                               .y = tensor_f32(&y),
                               .scale = a->scale,
                               .more = (float)a->more,
                               .n_heads = a->n_heads,
                               .depth = (int)(tensor_cols(&q) / a->n_heads),
                               .n_queries = tensor_rows(&q),
                               .n_keys = tensor_rows(&k)};
    if (w.depth % 2) /* pairs would reach into the next head */
        w.products = &w.ops->f32;
    run(s, &w, &q);
    step_release(s, mark);
    s->flops += 4.0 * (double)w.n_queries * (double)w.n_keys * (double)tensor_cols(&q);
    return y;
}
