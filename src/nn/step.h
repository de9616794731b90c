/* step.h - one pass through a network: operations on tensors, the scratch they use, and the
 * first error.
 *
 * The forward passes read like the paper because an operation returns its result and nothing
 * else: when one fails, the step remembers why, and all later ones do nothing. The block asks
 * once, at its end:
 *
 *     struct tensor h = step_norm_modulated(s, x, m.scale1, m.shift1, 1e-6F);   [N, D]
 *     h = step_linear(s, &b->up, h);                                            [N, 4*D]
 *     step_gelu_tanh(s, h);
 *     step_add_gated(s, x, step_linear(s, &b->down, h), m.gate1);
 *     return step_end(s, err);
 *
 * Memory is a stack: step_mark, then step_release gives back everything made since. A measuring
 * step (step_begin with a NULL arena) does no arithmetic and touches no data: it checks the
 * shapes, counts the multiply-adds, and finds the peak of the stack, so that the arena is
 * sized before the run and a request that cannot fit is refused with a number. Code between
 * operations that touches data itself asks step_measuring first.
 *
 * Activations are f32. Unless said otherwise an operation's result is new, on the stack, and
 * its inputs may be of any number of axes: rows are all axes but the last.
 *
 * Thread: one at a time; the operations use the threads of nn.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/nn.h"
#include "nn/tensor.h"

struct step {
    struct nn *nn;
    struct arena *arena; /* NULL: measuring */
    size_t used, peak;   /* bytes of the stack */
    double flops;        /* 2 per multiply-add, of products, convolutions (as of the direct sum, for
                          * those by squares too) and attention */
    int64_t ends; /* how often step_end was asked: how far a pass has come, in its own measure */
    bool failed;
    struct error error;           /* the first */
    bool (*cancelled)(void *arg); /* NULL: never; asked by step_end */
    void *cancelled_arg;
};

void step_begin(struct step *s, struct nn *nn, struct arena *arena);
bool step_measuring(const struct step *s);

/* The first error of the operations since step_begin, or ERR_CANCELLED, or 0. */
int step_end(struct step *s, struct error *err) MUST_CHECK;

/* What a pass counts. */
struct step_work {
    double flops;
    int64_t ends;
};
struct step_work step_work(const struct step *s);

/* A measuring step: n times more of what was counted since before. Its memory is that of one. */
void step_repeat(struct step *s, struct step_work before, int64_t n);

/* Remember an error of the model's own: 0 is not one. Returns code. */
int step_fail(struct step *s, int code, const char *fmt, ...) PRINTF(3, 4);

size_t step_mark(const struct step *s);
void step_release(struct step *s, size_t mark);

/* New f32 tensor, not cleared. After a failure its data is NULL. */
struct tensor step_new(struct step *s, int n_dims, const int64_t *shape);
#define STEP_NEW(s, ...)                                                                           \
    step_new((s), (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),                       \
             (const int64_t[]){__VA_ARGS__})
struct tensor step_zero(struct step *s, int n_dims, const int64_t *shape);
void step_clear(struct step *s, struct tensor x); /* of any type, to zeros */
struct tensor step_copy(struct step *s, struct tensor x);
void step_write(struct step *s, struct tensor x, const float *from); /* host to tensor */
void step_read(struct step *s, struct tensor x, float *to);          /* tensor to host */

/* Weights of any type as f32. */
struct tensor step_widen(struct step *s, struct tensor w);

/* Rows of a table [V, D] of any type by ids: [n, D]. ERR_INVALID an id outside. */
struct tensor step_embed(struct step *s, struct tensor table, const int32_t *ids, int n);

/* ---- products --------------------------------------------------------------------------- */

/* y[r, o] = sum_i x[r, i] w[o, i] + b[o]. w: [O, I], any number of axes behind the first, any
 * type; b: [O] of F32, F16 or BF16, or none. Weights are read where they are: a tile of them
 * is widened and laid out for the kernel at a time and used for all rows. */
struct linear {
    struct tensor w, b;
    void *packed; /* of linear_pack; NULL: none */
};

/* Lay w out once for the kernels of nn, to be used with that nn alone; costs a copy of w as f32 (or
 * bf16) and saves each later product the laying out: nothing to speak of for 1000 rows, a sixth of
 * the time for 64. Optional. ERR_MEMORY. */
int linear_pack(struct linear *l, struct nn *nn, struct error *err) MUST_CHECK;
size_t linear_packed_bytes(const struct linear *l, const struct nn *nn); /* what that takes */
void linear_fini(struct linear *l);

struct tensor step_linear(struct step *s, const struct linear *l, struct tensor x); /* [.., O] */

/* Convolution over x [T, H, W, C], channels last, to [T', H', W', O]. w [O, C, kt, kh, kw] as
 * in the files (kt missing: a 2-D one, kt = 1), any float type. No padding in time: the caller
 * puts earlier frames (or zeros) before x. Padding in space: zeros, each side its own. x may also
 * be of step_new_input. Kernels of 3 x 3 px and strides of 1 over 16 channels or more are
 * multiplied in f32 in either precision; what is not finite may then spread to pixels up to 3 px
 * from those that see it. */
struct conv {
    struct tensor w, b;
    int stride_t, stride_h, stride_w; /* at least 1 */
    int top, bottom, left, right;     /* px of zeros */
    void *packed;                     /* of conv_pack */
};

/* Lay w out once for the kernels of nn, to be used with that nn alone; a copy of w as f32 (or
 * bf16). Without it each call lays w out on the stack: for kernels that many frames use, pack.
 * ERR_MEMORY, ERR_INVALID. */
int conv_pack(struct conv *c, struct nn *nn, struct error *err) MUST_CHECK;
/* What that takes; *scratch is raised to what it needs besides while it works. */
size_t conv_packed_bytes(const struct conv *c, const struct nn *nn, size_t *scratch);
void conv_fini(struct conv *c);
struct tensor step_conv(struct step *s, const struct conv *c, struct tensor x);

/* New tensor for what a convolution will see, not cleared: in bf16 where products are in bf16 and
 * the last axis is even, else in f32. In bf16 it takes half the memory, and a convolution that
 * multiplies bf16 makes the same bits of it as of the f32 numbers; one that multiplies f32 makes
 * those of the rounded numbers. */
struct tensor step_new_input(struct step *s, int n_dims, const int64_t *shape);

/* The numbers of x, f32, into such a tensor of the same shape. */
void step_put_input(struct step *s, struct tensor to, struct tensor x);

/* softmax(scale q k^T + bias) v by heads, never n x n in memory. q [Nq, heads * d], k and v
 * [Nk, heads * d]; bias [heads, Nq, Nk] or none. Result [Nq, heads * d]. Softmax in f32. */
struct attention {
    int n_heads;
    float scale;
    int64_t more; /* further keys that equal the last one, with its value and its bias */
    struct tensor bias;
};
struct tensor step_attention(struct step *s, const struct attention *a, struct tensor q,
                             struct tensor k, struct tensor v);

/* ---- norms and elementwise --------------------------------------------------------------- */

/* (x - mean) / sqrt(var + eps) [* gain + bias] over the last axis. gain, bias: [D] or none. */
struct tensor step_layer_norm(struct step *s, struct tensor x, struct tensor gain,
                              struct tensor bias, float eps);

/* LayerNorm without weights, then * (1 + scale) + shift. scale, shift: f32 [D], the same for
 * all rows, or [N, D]. */
struct tensor step_norm_modulated(struct step *s, struct tensor x, struct tensor scale,
                                  struct tensor shift, float eps);

/* x / sqrt(mean(x^2) + eps) * gain over the last axis. */
struct tensor step_rms_norm(struct step *s, struct tensor x, struct tensor gain, float eps);

/* x / max(|x|_2, 1e-12) * sqrt(C) * gain over the last axis (the VAE's norm), then SiLU when
 * silu. */
struct tensor step_unit_norm(struct step *s, struct tensor x, struct tensor gain, bool silu);

/* In place. */
void step_silu(struct step *s, struct tensor x);
void step_gelu_tanh(struct step *s, struct tensor x);
void step_gelu_erf(struct step *s, struct tensor x);
void step_scale(struct step *s, struct tensor x, float k);
void step_clamp(struct step *s, struct tensor x, float low, float high);
void step_add(struct step *s, struct tensor x, struct tensor y); /* x += y; y's shape, or one row */
void step_mul(struct step *s, struct tensor x, struct tensor y); /* x *= y */
/* x += y * gate; gate f32 [D] or [N, D]. */
void step_add_gated(struct step *s, struct tensor x, struct tensor y, struct tensor gate);

/* Rotate pairs (2j, 2j + 1) of each head of x [N, heads * d], in place. cos, sin: [N, d / 2]. */
void step_rope(struct step *s, struct tensor x, struct tensor cos, struct tensor sin, int n_heads);

/* Each pixel of x [T, H, W, C] twice along H and W: [T, 2H, 2W, C]. */
struct tensor step_upsample(struct step *s, struct tensor x);

/* The entries of several tensors one after the other along the outermost axis; the other axes
 * agree. */
struct tensor step_join(struct step *s, const struct tensor *parts, int n);

/* Axes in another order: axis i of the result is axis order[i] of x. */
struct tensor step_permute(struct step *s, struct tensor x, const int *order);
