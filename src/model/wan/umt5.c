/* umt5.c - see umt5.h. SPDX-License-Identifier: MIT */
#include "model/wan/umt5.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    MOST_DISTANCE = 128, /* from here on all places are alike */
    MOST_BUCKETS = 256,
};
/* A quarter of the buckets are of one distance each; the rest are counted in its logarithm. */
_Static_assert(MOST_BUCKETS / 4 < MOST_DISTANCE, "else there is nothing left to count");

static const float eps = 1e-6F;

struct layer {
    struct tensor norm1, norm2;   /* [D]                          */
    struct linear q, k, v, o;     /* [A, D], o [D, A]             */
    struct tensor places;         /* [buckets, heads]             */
    struct linear gate, up, down; /* [ffn, D], [ffn, D], [D, ffn] */
};

struct umt5 {
    struct umt5_info info;
    const struct probe *probe;
    struct tensor embedding; /* [V, D] */
    struct tensor norm;      /* [D]    */
    struct layer layers[];
};

/* ---- weights --------------------------------------------------------------------------------- */

static void read_info(struct names *n, struct umt5_info *info)
{
    struct tensor places;
    info->dim = names_size(n, 1, "norm.weight");
    info->vocabulary = names_size(n, info->dim, "token_embedding.weight");
    info->attention_dim = names_size(n, info->dim, "blocks.0.attn.q.weight");
    info->ffn = names_size(n, info->dim, "blocks.0.ffn.gate.0.weight");
    /* By two tensors, so that no single one that is missing hides its layer. */
    int by_first = names_layers(n, "blocks.%d.attn.q.weight"),
        by_last = names_layers(n, "blocks.%d.norm2.weight");
    info->n_layers = (by_first > by_last ? by_first : by_last);
    if (!names_find(n, &places, "blocks.0.pos_embedding.embedding.weight")) {
        names_fail(n, "the text encoder has no table of positions");
        return;
    }
    int64_t heads = tensor_cols(&places), buckets = tensor_rows(&places);
    if (heads > info->attention_dim || info->attention_dim % heads != 0 || buckets % 4 != 0 ||
        buckets > MOST_BUCKETS)
        names_fail(n, "%lld heads with %lld position buckets do not fit a width of %lld",
                   (long long)heads, (long long)buckets, (long long)info->attention_dim);
    info->n_heads = (int)heads;
    info->n_buckets = (int)buckets;
}

static void load_layer(struct names *n, const struct umt5_info *info, struct layer *l, int i)
{
    int64_t dim = info->dim, attention = info->attention_dim;
    l->norm1 = names_vector(n, dim, "blocks.%d.norm1.weight", i);
    l->norm2 = names_vector(n, dim, "blocks.%d.norm2.weight", i);
    l->q = names_matrix(n, attention, dim, "blocks.%d.attn.q", i);
    l->k = names_matrix(n, attention, dim, "blocks.%d.attn.k", i);
    l->v = names_matrix(n, attention, dim, "blocks.%d.attn.v", i);
    l->o = names_matrix(n, dim, attention, "blocks.%d.attn.o", i);
    l->places = NAMES_TAKE(n, ((int64_t[]){info->n_buckets, info->n_heads}),
                           "blocks.%d.pos_embedding.embedding.weight", i);
    l->gate = names_matrix(n, info->ffn, dim, "blocks.%d.ffn.gate.0", i);
    l->up = names_matrix(n, info->ffn, dim, "blocks.%d.ffn.fc1", i);
    l->down = names_matrix(n, dim, info->ffn, "blocks.%d.ffn.fc2", i);
}

int umt5_open(struct umt5 **out, struct names *names, struct error *err)
{
    struct umt5_info info = {0};
    read_info(names, &info);
    if (names_end(names, err) < 0)
        return (int)err->code;
    SCOPED(umt5) struct umt5 *u = mem_try(sizeof *u + (size_t)info.n_layers * sizeof u->layers[0]);
    if (!u)
        return error_set(err, ERR_MEMORY, "no memory for the list of the text encoder's weights");
    u->info = info;
    u->embedding =
        NAMES_TAKE(names, ((int64_t[]){info.vocabulary, info.dim}), "token_embedding.weight");
    u->norm = names_vector(names, info.dim, "norm.weight");
    for (int i = 0; i < info.n_layers; i++)
        load_layer(names, &info, &u->layers[i], i);
    if (names_end(names, err) < 0)
        return (int)err->code;
    *out = TAKE(u);
    return 0;
}

void umt5_close(struct umt5 *u)
{
    mem_free(u);
}

const struct umt5_info *umt5_info(const struct umt5 *u)
{
    return &u->info;
}

void umt5_probe(struct umt5 *u, const struct probe *probe)
{
    u->probe = probe;
}

/* ---- the pass -------------------------------------------------------------------------------- */

int umt5_bucket(int distance, int n_buckets)
{
    int half = n_buckets / 2, exact = half / 2;
    int far = abs(distance), side = distance > 0 ? half : 0;
    if (far < exact)
        return side + far;
    /* In float, as the reference: at a power of the base a double may fall on the other side. */
    float place = logf((float)far / (float)exact) / (float)log((double)MOST_DISTANCE / exact) *
                  (float)(half - exact);
    int bucket = exact + (int)place;
    return side + (bucket < half ? bucket : half - 1);
}

/* Bias of each head for each key and query: [heads, n, n]. It depends on the distance alone, so a
 * query's row is a window of the line of all distances. */
static struct tensor position_bias(const struct umt5 *u, struct step *s, struct tensor places,
                                   int n)
{
    int n_heads = u->info.n_heads, n_buckets = u->info.n_buckets;
    struct tensor bias = STEP_NEW(s, n_heads, n, n); /* [heads, n, n] */
    size_t mark = step_mark(s);
    struct tensor table = step_permute(s, step_widen(s, places), (int[]){1, 0});
    for (int h = 0; h < n_heads && !s->failed && !step_measuring(s); h++) {
        float of_bucket[MOST_BUCKETS], line[2 * UMT5_MOST_IDS];
        step_read(s, tensor_part(&table, h, 1), of_bucket);
        for (int i = 0; i < 2 * n - 1; i++)
            line[i] = of_bucket[umt5_bucket(i - (n - 1), n_buckets)];
        struct tensor head = tensor_part(&bias, h, 1);
        head = tensor_view(&head, 2, (int64_t[]){n, n});
        for (int q = 0; q < n; q++)
            step_write(s, tensor_part(&head, q, 1), line + n - 1 - q);
    }
    step_release(s, mark);
    return bias;
}

/* x [n, D] += attention of the layer. */
static void attend(const struct umt5 *u, struct step *s, int i, struct tensor x)
{
    const struct layer *l = &u->layers[i];
    struct attention a = {.n_heads = u->info.n_heads, .scale = 1};
    a.bias = position_bias(u, s, l->places, (int)x.shape[0]); /* [heads, n, n] */
    probe_see(u->probe, s, a.bias, "block%d.position_bias", i);
    struct tensor h = step_rms_norm(s, x, l->norm1, eps); /* [n, D] */
    struct tensor q = step_linear(s, &l->q, h);           /* [n, A] */
    struct tensor k = step_linear(s, &l->k, h);           /* [n, A] */
    struct tensor v = step_linear(s, &l->v, h);           /* [n, A] */
    struct tensor y = step_attention(s, &a, q, k, v);     /* [n, A] */
    y = step_linear(s, &l->o, y);                         /* [n, D] */
    probe_see(u->probe, s, y, "block%d.attn_out", i);
    step_add(s, x, y);
}

/* x [n, D] += gated feed-forward of the layer. */
static void feed_forward(const struct umt5 *u, struct step *s, int i, struct tensor x)
{
    const struct layer *l = &u->layers[i];
    struct tensor h = step_rms_norm(s, x, l->norm2, eps); /* [n, D]   */
    struct tensor gate = step_linear(s, &l->gate, h);     /* [n, ffn] */
    step_gelu_tanh(s, gate);
    step_mul(s, gate, step_linear(s, &l->up, h));
    struct tensor y = step_linear(s, &l->down, gate); /* [n, D]   */
    probe_see(u->probe, s, y, "block%d.ffn_out", i);
    step_add(s, x, y);
}

int umt5_encode(const struct umt5 *u, struct step *s, const int32_t *ids, int n, struct tensor *out,
                struct error *err)
{
    if (n < 1 || n > UMT5_MOST_IDS) {
        step_fail(s, ERR_INVALID, "a prompt of %d ids; 1 to %d can be encoded", n, UMT5_MOST_IDS);
        return step_end(s, err);
    }
    struct tensor x = step_embed(s, u->embedding, ids, n); /* [n, D] */
    for (int i = 0; i < u->info.n_layers; i++) {
        size_t mark = step_mark(s);
        attend(u, s, i, x);
        step_release(s, mark);
        feed_forward(u, s, i, x);
        probe_see(u->probe, s, x, "block%d.out", i);
        step_release(s, mark);
        if (step_end(s, err) < 0)
            return (int)err->code;
    }
    *out = step_rms_norm(s, x, u->norm, eps); /* [n, D] */
    return step_end(s, err);
}
