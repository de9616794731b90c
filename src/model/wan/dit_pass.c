/* dit_pass.c - one pass through the transformer. SPDX-License-Identifier: MIT */
#include <math.h>

#include "model/wan/dit_impl.h"

enum {
    /* All of a block but the keys and values of self-attention goes row by row; so many at a
     * time keep the scratch small at large sizes and the kernels busy. */
    ROWS = 4096,
};

/* What all blocks of a pass share. */
struct pass {
    const struct dit *d;
    struct step *s;
    const struct dit_input *in;
    int64_t n_frames, n_high, n_wide; /* the grid of tokens                            */
    struct tensor cos, sin;           /* [N, d / 2] of rotary positions                */
    struct tensor e, e0;              /* [U, D] and [U, 6*D] of the U different times  */
};

static struct tensor as_2d(struct tensor t, int64_t rows, int64_t cols)
{
    return tensor_view(&t, 2, (int64_t[]){rows, cols});
}

/* ---- positions ------------------------------------------------------------------------------ */

/* Angles of one axis at a position: pairs of them, slower from pair to pair. */
static void rope_axis(float *cos_out, float *sin_out, int64_t pairs, int64_t position)
{
    for (int64_t j = 0; j < pairs; j++) {
        double angle = (double)position * pow(10000, -(double)j / (double)pairs);
        cos_out[j] = (float)cos(angle);
        sin_out[j] = (float)sin(angle);
    }
}

/* A head's pairs turn with the frame, then the row, then the column of the token. */
static void rope_tables(struct pass *p)
{
    int64_t half = p->d->info.dim / p->d->info.n_heads / 2;
    int64_t third = half / 3, first = half - 2 * third, n = p->n_frames * p->n_high * p->n_wide;
    p->cos = STEP_NEW(p->s, n, half); /* [N, d / 2] */
    p->sin = STEP_NEW(p->s, n, half); /* [N, d / 2] */
    if (p->s->failed || step_measuring(p->s))
        return;
    float c[DIT_MOST_HEAD / 2], s[DIT_MOST_HEAD / 2];
    for (int64_t i = 0; i < n; i++) {
        int64_t row = i / p->n_wide, frame = row / p->n_high;
        if (row % p->n_high == 0)
            rope_axis(c, s, first, frame);
        if (i % p->n_wide == 0)
            rope_axis(c + first, s + first, third, row % p->n_high);
        rope_axis(c + first + third, s + first + third, third, i % p->n_wide);
        step_write(p->s, tensor_part(&p->cos, i, 1), c);
        step_write(p->s, tensor_part(&p->sin, i, 1), s);
    }
}

/* ---- time ----------------------------------------------------------------------------------- */

static void time_rows(struct pass *p)
{
    const struct dit *d = p->d;
    struct step *s = p->s;
    int64_t half = d->info.freq_dim / 2;
    struct tensor table = STEP_NEW(s, p->in->n_times, 2 * half); /* [U, freq_dim] */
    for (int u = 0; u < p->in->n_times; u++) {
        float row[DIT_MOST_FREQ];
        for (int64_t i = 0; i < half; i++) {
            double angle = p->in->times[u] * pow(10000, -(double)i / (double)half);
            row[i] = (float)cos(angle);
            row[half + i] = (float)sin(angle);
        }
        step_write(s, tensor_part(&table, u, 1), row);
    }
    struct tensor e = step_linear(s, &d->time1, table); /* [U, D]   */
    step_silu(s, e);
    p->e = step_linear(s, &d->time2, e); /* [U, D]   */
    e = step_copy(s, p->e);              /* [U, D]   */
    step_silu(s, e);
    p->e0 = step_linear(s, &d->projection, e); /* [U, 6*D] */
    probe_see(d->probe, s, p->e, "time_embedding");
    probe_see(d->probe, s, p->e0, "time_projection");
}

/* learned [1, n*D] + times [U, n*D] as a table [n, U, D]. */
static struct tensor modulation(struct pass *p, struct tensor learned, struct tensor times)
{
    struct step *s = p->s;
    int64_t n = tensor_cols(&times) / p->d->info.dim, n_times = p->in->n_times;
    struct tensor m = step_copy(s, times); /* [U, n*D]  */
    step_add(s, m, step_widen(s, learned));
    m = tensor_view(&m, 3, (int64_t[]){n_times, n, p->d->info.dim}); /* [U, n, D] */
    if (n_times > 1)
        m = step_permute(s, m, (int[]){1, 0, 2});
    return tensor_view(&m, 3, (int64_t[]){n, n_times, p->d->info.dim}); /* [n, U, D] */
}

/* Vector i of a modulation: [D] when there is one time, else [n, D] for n tokens from first. */
static struct tensor modulation_of(struct pass *p, struct tensor m, int i, int64_t first, int64_t n)
{
    struct tensor of = tensor_part(&m, i, 1); /* [1, U, D] */
    int64_t n_times = m.shape[1], dim = m.shape[2];
    if (n_times == 1)
        return tensor_view(&of, 1, (int64_t[]){dim});
    return step_embed(p->s, as_2d(of, n_times, dim), p->in->which + first, (int)n);
}

/* LayerNorm(x) * (1 + vector shift + 1 of m) + vector shift of m; x: rows of tokens from first. */
static struct tensor norm_modulated(struct pass *p, struct tensor x, struct tensor m, int shift,
                                    int64_t first)
{
    int64_t n = tensor_rows(&x);
    struct tensor by = modulation_of(p, m, shift, first, n); /* [D] or [n, D] */
    struct tensor scale = modulation_of(p, m, shift + 1, first, n);
    return step_norm_modulated(p->s, x, scale, by, DIT_EPS); /* [n, D] */
}

/* ---- a block --------------------------------------------------------------------------------- */

/* A block's state: what its rows attend to. */
struct block {
    const struct dit_block *w;
    int index;
    struct tensor m;    /* [6, U, D]                              */
    struct tensor h;    /* [N, D] normed input of self-attention  */
    struct tensor k, v; /* [N, D] of self-attention               */
};

/* more: keys equal to the last one, beside it. */
static struct tensor attend(struct pass *p, struct tensor q, struct tensor k, struct tensor v,
                            int64_t more)
{
    const struct dit_info *info = &p->d->info;
    const struct attention a = {
        .n_heads = info->n_heads,
        .scale = (float)(1 / sqrt((double)info->dim / info->n_heads)),
        .more = more,
    };
    return step_attention(p->s, &a, q, k, v);
}

static void see(struct pass *p, const struct block *b, struct tensor x, const char *name)
{
    probe_see(p->d->probe, p->s, x, "block%d.%s", b->index, name);
}

/* x [n, D] += gate1 * self-attention of the rows from first. */
static void self_rows(struct pass *p, const struct block *b, struct tensor x, int64_t first)
{
    struct step *s = p->s;
    const struct dit_attention *w = &b->w->self;
    int64_t n = tensor_rows(&x);
    struct tensor q = step_linear(s, &w->q, tensor_part(&b->h, first, n)); /* [n, D] */
    q = step_rms_norm(s, q, w->norm_q, DIT_EPS);                           /* [n, D] */
    see(p, b, q, "q_before_rope");
    step_rope(s, q, tensor_part(&p->cos, first, n), tensor_part(&p->sin, first, n),
              p->d->info.n_heads);
    see(p, b, q, "q_after_rope");
    struct tensor y = attend(p, q, b->k, b->v, 0); /* [n, D] */
    y = step_linear(s, &w->o, y);                  /* [n, D] */
    see(p, b, y, "self_attn_out");
    step_add_gated(s, x, y, modulation_of(p, b->m, 2, first, n));
}

/* x [n, D] += cross-attention to the text and, in a model with CLIP rows, to the image. */
static void cross_rows(struct pass *p, const struct block *b, struct tensor x)
{
    struct step *s = p->s;
    const struct dit_attention *w = &b->w->cross;
    const struct dit_text *text = p->in->text;
    struct tensor q = step_layer_norm(s, x, b->w->norm3_gain, b->w->norm3_bias, DIT_EPS);
    q = step_linear(s, &w->q, q);                /* [n, D] */
    q = step_rms_norm(s, q, w->norm_q, DIT_EPS); /* [n, D] */
    struct tensor y = attend(p, q, dit_layer(text->k, b->index), dit_layer(text->v, b->index),
                             text->more); /* [n, D] */
    if (p->d->info.kind == DIT_CLIP)
        step_add(s, y,
                 attend(p, q, dit_layer(p->in->image->k, b->index),
                        dit_layer(p->in->image->v, b->index), 0));
    y = step_linear(s, &w->o, y); /* [n, D] */
    see(p, b, y, "cross_attn_out");
    step_add(s, x, y);
}

/* x [n, D] += gate2 * feed-forward of the rows from first. */
static void ffn_rows(struct pass *p, const struct block *b, struct tensor x, int64_t first)
{
    struct step *s = p->s;
    struct tensor y = norm_modulated(p, x, b->m, 3, first); /* [n, D]   */
    y = step_linear(s, &b->w->up, y);                       /* [n, ffn] */
    step_gelu_tanh(s, y);
    y = step_linear(s, &b->w->down, y); /* [n, D]   */
    see(p, b, y, "ffn_out");
    step_add_gated(s, x, y, modulation_of(p, b->m, 5, first, tensor_rows(&x)));
}

/* Rows up to first are done, n of them just now, and counted since before. A measuring step counts
 * the pieces that are left and as long by this one. Returns the next row. */
static int64_t pass_over(struct step *s, struct step_work before, int64_t first, int64_t n,
                         int64_t n_rows)
{
    const int64_t left = step_measuring(s) ? (n_rows - first) / n : 0;
    step_repeat(s, before, left);
    return first + left * n;
}

/* One block, in place on x [N, D].
 * Source: WanAttentionBlock.forward, wan/modules/model.py. */
static int block_forward(struct pass *p, int index, struct tensor x, struct error *err)
{
    struct step *s = p->s;
    size_t mark = step_mark(s);
    struct block b = {.w = &p->d->blocks[index], .index = index};
    b.m = modulation(p, b.w->modulation, p->e0); /* [6, U, D] */
    b.h = norm_modulated(p, x, b.m, 0, 0);       /* [N, D]    */
    see(p, &b, b.h, "self_attn_in");
    b.v = step_linear(s, &b.w->self.v, b.h);                /* [N, D]    */
    b.k = step_linear(s, &b.w->self.k, b.h);                /* [N, D]    */
    b.k = step_rms_norm(s, b.k, b.w->self.norm_k, DIT_EPS); /* [N, D]    */
    step_rope(s, b.k, p->cos, p->sin, p->d->info.n_heads);
    see(p, &b, b.k, "k_after_rope");

    int64_t n_rows = tensor_rows(&x), at_a_time = p->d->probe ? n_rows : ROWS;
    for (int64_t first = 0; first < n_rows;) {
        int64_t n = n_rows - first < at_a_time ? n_rows - first : at_a_time;
        const struct step_work before = step_work(s);
        struct tensor rows = tensor_part(&x, first, n); /* [n, D]    */
        size_t mark_rows = step_mark(s);
        self_rows(p, &b, rows, first);
        step_release(s, mark_rows);
        cross_rows(p, &b, rows);
        step_release(s, mark_rows);
        ffn_rows(p, &b, rows, first);
        step_release(s, mark_rows);
        first = pass_over(s, before, first + n, n, n_rows);
    }
    see(p, &b, x, "out");
    step_release(s, mark);
    return step_end(s, err);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Latent to tokens: each 2 x 2 of pixels is a row, in it channels, then rows, then columns. */
static struct tensor patches(struct pass *p)
{
    struct step *s = p->s;
    struct tensor x = p->in->x; /* [C, F, H, W]    */
    if (p->in->y.n_dims)
        x = step_join(s, (struct tensor[]){x, p->in->y}, 2); /* [C + 20, F, H, W] */
    int64_t channels = x.shape[0], high = p->n_frames * p->n_high;
    x = tensor_view(&x, 5, (int64_t[]){channels, high, 2, p->n_wide, 2});
    x = step_permute(s, x, (int[]){1, 3, 0, 2, 4}); /* [FH, W, C, 2, 2] */
    x = step_linear(s, &p->d->patch, as_2d(x, high * p->n_wide, channels * 4)); /* [N, D] */
    probe_see(p->d->probe, s, x, "patch_embedding");
    return x;
}

/* shift and scale of the head: its own learned pair, both plus the time itself. [2, U, D] */
static struct tensor head_modulation(struct pass *p)
{
    struct step *s = p->s;
    int64_t dim = p->d->info.dim;
    struct tensor m = step_join(s, (struct tensor[]){p->e, p->e}, 2); /* [2*U, D]  */
    m = tensor_view(&m, 3, (int64_t[]){2, p->in->n_times, dim});
    struct tensor learned = step_widen(s, p->d->head_modulation); /* [1, 2*D]  */
    learned = as_2d(learned, 2, dim);
    for (int i = 0; i < 2; i++) {
        struct tensor half = tensor_part(&m, i, 1); /* [1, U, D] */
        step_add(s, as_2d(half, p->in->n_times, dim), tensor_part(&learned, i, 1));
    }
    return m;
}

/* Tokens to latent; here the channel is what changes fastest within a token. */
static struct tensor unpatch(struct pass *p, struct tensor x)
{
    int64_t channels = p->d->info.out_channels, high = p->n_frames * p->n_high;
    x = tensor_view(&x, 5, (int64_t[]){high, p->n_wide, 2, 2, channels});
    x = step_permute(p->s, x, (int[]){4, 0, 2, 1, 3}); /* [C, FH, 2, W, 2] */
    return tensor_view(&x, 4, (int64_t[]){channels, p->n_frames, 2 * p->n_high, 2 * p->n_wide});
}

static void check(const struct dit_info *info, struct step *s, const struct dit_input *in)
{
    const struct tensor *x = &in->x, *y = &in->y;
    if (x->n_dims != 4 || x->shape[0] != info->out_channels || x->shape[2] % 2 || x->shape[3] % 2)
        step_fail(s, ERR_INVALID, "a latent must be [%lld, F, H, W] with even H and W",
                  (long long)info->out_channels);
    else if ((info->kind == DIT_TEXT) != (y->n_dims == 0))
        step_fail(s, ERR_INVALID, "this model %s the latent of an image",
                  info->kind == DIT_TEXT ? "does not take" : "needs");
    else if (y->n_dims != 0 && (y->n_dims != 4 || y->shape[0] != DIT_CONDITION_CHANNELS ||
                                y->shape[1] != x->shape[1] || y->shape[2] != x->shape[2] ||
                                y->shape[3] != x->shape[3]))
        step_fail(s, ERR_INVALID, "the image's latent must be [%d, F, H, W] like the noise's",
                  DIT_CONDITION_CHANNELS);
    else if ((info->kind == DIT_CLIP) != (in->image != NULL))
        step_fail(s, ERR_INVALID, "this model %s the features of an image",
                  info->kind == DIT_CLIP ? "needs" : "does not take");
    else if (in->n_times < 1 || in->n_times > DIT_MOST_TIMES || (in->n_times > 1 && !in->which))
        step_fail(s, ERR_INVALID, "a step has 1 to %d times, and each token one of them",
                  DIT_MOST_TIMES);
}

int64_t dit_tokens(const struct tensor *x)
{
    return x->shape[1] * (x->shape[2] / 2) * (x->shape[3] / 2);
}

int dit_forward(const struct dit *d, struct step *s, const struct dit_input *in, struct tensor *out,
                struct error *err)
{
    check(&d->info, s, in);
    if (step_end(s, err) < 0)
        return (int)err->code;
    struct pass p = {.d = d,
                     .s = s,
                     .in = in,
                     .n_frames = in->x.shape[1],
                     .n_high = in->x.shape[2] / 2,
                     .n_wide = in->x.shape[3] / 2};
    struct tensor x = patches(&p); /* [N, D] */
    rope_tables(&p);
    time_rows(&p);
    for (int i = 0; i < d->info.n_layers; i++)
        if (block_forward(&p, i, x, err) < 0)
            return (int)err->code;
    x = norm_modulated(&p, x, head_modulation(&p), 0, 0); /* [N, D]       */
    x = step_linear(s, &d->head, x);                      /* [N, 4*C]     */
    probe_see(d->probe, s, x, "head_out");
    *out = unpatch(&p, x); /* [C, F, H, W] */
    return step_end(s, err);
}
