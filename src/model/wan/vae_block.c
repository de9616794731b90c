/* vae_block.c - what the autoencoders are made of: convolutions that look back in time,
 * residual blocks, the attention of the middle, levels that double or halve.
 *
 * A convolution over time sees, in front of its input, the last frames of its input of the chunk
 * before; at the beginning of a clip they are zeros. So the caches begin as zeros, and each turn
 * takes the last frames of what it saw: one rule for the first chunk, the second (which brings
 * one frame where two are kept) and all others.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/wan/vae_impl.h"

enum { PIECE = 1 << 20 }; /* bytes of a copy worth a thread's turn */

struct copy {
    char *to;
    const char *from;
    size_t bytes;
};

static void copy_piece(void *arg, int i)
{
    const struct copy *c = arg;
    const size_t at = (size_t)i * PIECE, rest = c->bytes - at;
    memcpy(c->to + at, c->from + at, rest < PIECE ? rest : PIECE);
}

void vae_put(struct step *s, struct tensor x, struct tensor y)
{
    if (s->failed || step_measuring(s))
        return;
    if (x.dtype != y.dtype) {
        step_put_input(s, x, y);
        return;
    }
    assert(tensor_same_shape(&x, &y));
    struct copy c = {.to = x.data, .from = y.data, .bytes = tensor_bytes(&x)};
    nn_parallel(s->nn, (int)((c.bytes + PIECE - 1) / PIECE), copy_piece, &c);
}

/* The cache whose turn it is: frames before x. While laying, its shape is noted. */
static struct tensor turn(struct vae_pass *p, struct tensor x, const struct conv *c)
{
    struct vae_cache *cache = p->cache;
    assert(cache->next < VAE_MOST_CACHES);
    struct tensor *frames = &cache->frames[cache->next++];
    if (p->laying) {
        *frames = x;
        frames->shape[0] = c->w.shape[2] - c->stride_t;
        cache->n = cache->next;
    }
    return *frames;
}

/* The last frames of what was seen are the cache of the next chunk. */
static void keep(struct vae_pass *p, struct tensor frames, struct tensor seen)
{
    const int64_t n = frames.shape[0];
    if (!p->s->failed)
        vae_put(p->s, frames, tensor_part(&seen, seen.shape[0] - n, n));
}

/* The frames of before, and behind them room for as many as x has: *fresh. */
static struct tensor window(struct step *s, struct tensor before, struct tensor x,
                            struct tensor *fresh)
{
    const int64_t n = before.shape[0];
    const int64_t shape[] = {n + x.shape[0], x.shape[1], x.shape[2], x.shape[3]};
    struct tensor seen = step_new_input(s, 4, shape);
    *fresh = seen;
    if (s->failed)
        return seen;
    vae_put(s, tensor_part(&seen, 0, n), before);
    *fresh = tensor_part(&seen, n, x.shape[0]);
    return seen;
}

struct tensor vae_conv(struct vae_pass *p, const struct conv *c, struct tensor x)
{
    struct tensor fresh, before = turn(p, x, c);          /* [2, H, W, C]     */
    struct tensor seen = window(p->s, before, x, &fresh); /* [2 + T, H, W, C] */
    vae_put(p->s, fresh, x);
    keep(p, before, seen);
    return step_conv(p->s, c, seen); /* [T, H, W, O]     */
}

/* The same with SiLU(norm(x)) for x, made frame by frame where the convolution wants it. */
struct tensor vae_norm_conv(struct vae_pass *p, struct tensor norm, const struct conv *c,
                            struct tensor x)
{
    struct step *s = p->s;
    struct tensor fresh, before = turn(p, x, c);          /* [2, H, W, C]     */
    struct tensor seen = window(p->s, before, x, &fresh); /* [2 + T, H, W, C] */
    for (int64_t t = 0; t < x.shape[0] && !s->failed; t++) {
        const size_t mark = step_mark(s);
        struct tensor h = step_unit_norm(s, tensor_part(&x, t, 1), norm, true);
        vae_put(s, tensor_part(&fresh, t, 1), h);
        step_release(s, mark);
    }
    keep(p, before, seen);
    return step_conv(s, c, seen); /* [T, H, W, O]     */
}

/* x itself where the channels stay as many. */
static struct tensor res(struct vae_pass *p, const struct vae_res *r, struct tensor x)
{
    struct step *s = p->s;
    struct tensor y = r->shortcut.w.data ? step_linear(s, &r->shortcut, x) : x; /* [T, H, W, O] */
    const size_t mark = step_mark(s);
    struct tensor h = STEP_NEW(s, x.shape[0], x.shape[1], x.shape[2], y.shape[3]);
    const size_t inner = step_mark(s);
    vae_put(s, h, vae_norm_conv(p, r->norm1, &r->conv1, x)); /* [T, H, W, O] */
    step_release(s, inner);
    step_add(s, y, vae_norm_conv(p, r->norm2, &r->conv2, h)); /* [T, H, W, O] */
    step_release(s, mark);
    return y;
}

/* One head over the pixels of each frame, in place. */
static void attention(struct vae_pass *p, const struct vae_attention *a, struct tensor x)
{
    struct step *s = p->s;
    const int64_t pixels = x.shape[1] * x.shape[2], width = x.shape[3];
    const struct attention one = {.n_heads = 1, .scale = 1 / sqrtf((float)width)};
    for (int64_t t = 0; t < x.shape[0] && !s->failed; t++) {
        const size_t mark = step_mark(s);
        const struct tensor frame = tensor_part(&x, t, 1);
        struct tensor flat = tensor_view(&frame, 2, (int64_t[]){pixels, width});
        struct tensor h = step_unit_norm(s, flat, a->norm, false); /* [H*W, C] */
        struct tensor q = step_linear(s, &a->q, h);                /* [H*W, C] */
        struct tensor k = step_linear(s, &a->k, h);                /* [H*W, C] */
        struct tensor v = step_linear(s, &a->v, h);                /* [H*W, C] */
        h = step_attention(s, &one, q, k, v);                      /* [H*W, C] */
        step_add(s, flat, step_linear(s, &a->o, h));               /* [H*W, C] */
        step_release(s, mark);
    }
}

static void see(const struct vae_pass *p, struct tensor x, const char *part, int i)
{
    probe_see(p->v->probe, p->s, x, "chunk%d.%s.%d", p->chunk, part, i);
}

struct tensor vae_middle(struct vae_pass *p, const struct vae_coder *c, struct tensor x)
{
    x = res(p, &c->before, x);
    see(p, x, "middle", 0);
    attention(p, &c->attention, x);
    see(p, x, "middle", 1);
    x = res(p, &c->after, x);
    see(p, x, "middle", 2);
    return x;
}

/* Channels [0, C) of x [T, H, W, 2*C] are the even frames, [C, 2*C) the odd ones. */
static struct tensor interleave(struct step *s, struct tensor x)
{
    if (s->failed)
        return x;
    const int64_t t = x.shape[0], h = x.shape[1], w = x.shape[2], c = x.shape[3] / 2;
    const struct tensor pairs = tensor_view(&x, 4, (int64_t[]){t, h * w, 2, c});
    const struct tensor y = step_permute(s, pairs, (int[]){0, 2, 1, 3});
    return tensor_view(&y, 4, (int64_t[]){2 * t, h, w, c});
}

/* The first chunk of a clip stays one frame, and the second does not see it. */
static struct tensor double_frames(struct vae_pass *p, const struct conv *c, struct tensor x)
{
    if (p->chunk == 0) {
        turn(p, x, c);
        return x;
    }
    return interleave(p->s, vae_conv(p, c, x)); /* [2*T, H, W, C] */
}

static struct tensor up(struct vae_pass *p, const struct vae_resample *r, struct tensor x)
{
    struct step *s = p->s;
    const int64_t frames = x.shape[0] * (r->time.w.data && p->chunk > 0 ? 2 : 1);
    struct tensor y = STEP_NEW(s, frames, 2 * x.shape[1], 2 * x.shape[2], r->space.w.shape[0]);
    const size_t mark = step_mark(s);
    if (r->time.w.data)
        x = double_frames(p, &r->time, x);
    for (int64_t t = 0; t < frames && !s->failed; t++) {
        const size_t inner = step_mark(s);
        struct tensor h = step_upsample(s, tensor_part(&x, t, 1));     /* [1, 2*H, 2*W, C] */
        vae_put(s, tensor_part(&y, t, 1), step_conv(s, &r->space, h)); /* [1, 2*H, 2*W, O] */
        step_release(s, inner);
    }
    step_release(s, mark);
    return y;
}

/* The first chunk of a clip stays one frame, which the second sees. */
static struct tensor halve_frames(struct vae_pass *p, const struct conv *c, struct tensor x)
{
    if (p->chunk > 0)
        return vae_conv(p, c, x); /* [T/2, H, W, C] */
    keep(p, turn(p, x, c), x);
    return x;
}

static struct tensor down(struct vae_pass *p, const struct vae_resample *r, struct tensor x)
{
    x = step_conv(p->s, &r->space, x); /* [T, H/2, W/2, O] */
    return r->time.w.data && !p->s->failed ? halve_frames(p, &r->time, x) : x;
}

/* The blocks of a level in a row; seen by their official numbers in 2.1. */
static struct tensor blocks(struct vae_pass *p, const struct vae_level *l, struct tensor x,
                            const char *part)
{
    for (int i = 0; i < l->n_res && !p->s->failed; i++) {
        x = res(p, &l->res[i], x);
        if (!p->v->folds)
            see(p, x, part, l->first_module + i);
    }
    return x;
}

struct tensor vae_level_up(struct vae_pass *p, int i_level, struct tensor x)
{
    const struct vae_level *l = &p->v->coder[VAE_DECODER].level[i_level];
    const bool shortcut = p->v->folds && l->resamples;
    struct tensor y = blocks(p, l, shortcut ? step_copy(p->s, x) : x, "upsamples");
    if (l->resamples && !p->s->failed)
        y = up(p, &l->resample, y);
    if (shortcut && !p->s->failed) {
        const int frames = l->resample.time.w.data ? 2 : 1;
        vae_add_spread(p->s, y, x, frames, p->chunk == 0 ? frames - 1 : 0);
    }
    if (p->v->folds || l->resamples)
        see(p, y, "upsamples", p->v->folds ? i_level : l->first_module + l->n_res);
    return y;
}

struct tensor vae_level_down(struct vae_pass *p, int i_level, struct tensor x)
{
    const struct vae_level *l = &p->v->coder[VAE_ENCODER].level[i_level];
    const bool shortcut = p->v->folds;
    struct tensor y = blocks(p, l, shortcut ? step_copy(p->s, x) : x, "downsamples");
    if (l->resamples && !p->s->failed)
        y = down(p, &l->resample, y);
    if (shortcut && !p->s->failed)
        vae_add_means(p->s, y, x, l->resample.time.w.data ? 2 : 1, l->resamples ? 2 : 1);
    if (p->v->folds || l->resamples)
        see(p, y, "downsamples", p->v->folds ? i_level : l->first_module + l->n_res);
    return y;
}
