/* ops.h - the kernels: one table of rows per set.
 *
 * A row works on plain memory, in one thread, and knows nothing of tensors: step_*.c, linear.c,
 * conv.c and attention.c check the shapes, cut the work and call rows. ops_plain.c is the truth,
 * with sums in double; the other sets (x86/) are faster and agree with it to rounding. A row is
 * never NULL. NaN in, NaN out. Memory need not be aligned beyond its numbers.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/nn.h"
#include "nn/tensor.h"

/* A tile of a product, or of a convolution as a product with gathered rows:
 *
 *     y[i, o] = (add ? y[i, o] : bias[o]) + sum_p sum_j rows[p * m + i][j] * w[o][p * k + j]
 */
struct ops_product {
    float *y; /* [m, n], y_stride numbers from row to row */
    int64_t y_stride;
    const void *const *rows; /* [taps, m] rows of k numbers */
    const void *w;           /* of pack: n rows of taps * k numbers */
    const float *bias;       /* [n], or NULL for none */
    int m, n, taps;
    int k; /* even where numbers are bf16 */
    bool add;
};

/* What pack reads: number j of row o is number o * row_stride + j * col_stride behind at, which
 * may be any address; one of the strides is 1. */
struct ops_matrix {
    const void *at;
    enum dtype number; /* F32 or BF16 */
    int64_t row_stride, col_stride;
    int n; /* rows */
    int k; /* numbers of a row */
};

/* Products in one type of numbers. What pack makes of [n, taps * k] is [n / panel][taps * k][panel]
 * numbers, the last panel filled up with zeros; of bf16 two numbers of k stand together. */
struct ops_products {
    enum dtype number;                    /* of rows: F32 or BF16 */
    int panel;                            /* a divisor of 96 */
    size_t (*packed_bytes)(int n, int k); /* of pack's result; a multiple of 64 */
    /* Lay w out for product; out aligned to 64. bf16: an odd k becomes k + 1, with a zero. */
    void (*pack)(void *out, struct ops_matrix w);
    void (*product)(const struct ops_product *p);
};

struct ops_norm {
    const float *gain, *bias; /* [n], or NULL: 0 (gain and plus: see below) */
    float plus;               /* y = normed * (plus + gain) + bias */
    float eps;
};

/* The running softmax of a row whose scores come in parts. */
struct ops_softmax {
    float max; /* -INFINITY at first */
    float sum;
};

struct nn_ops {
    struct ops_products f32, bf16; /* bf16 is f32 where the processor has no such products */

    /* One row of n numbers; y may be x. */
    void (*layer_norm)(float *y, const float *x, int64_t n, const struct ops_norm *norm);
    void (*rms_norm)(float *y, const float *x, int64_t n, const float *gain, float eps);
    void (*unit_norm)(float *y, const float *x, int64_t n, const float *gain);

    /* n numbers in place. */
    void (*silu)(float *x, int64_t n);
    void (*gelu_tanh)(float *x, int64_t n);
    void (*gelu_erf)(float *x, int64_t n);
    void (*scale)(float *x, int64_t n, float k);
    void (*clamp)(float *x, int64_t n, float low, float high);
    void (*add)(float *x, const float *y, int64_t n);
    void (*mul)(float *x, const float *y, int64_t n);
    void (*add_gated)(float *x, const float *y, const float *gate, int64_t n);

    /* Pairs (x[2j], x[2j + 1]) turned by the angle of cos[j], sin[j]; n pairs. */
    void (*rope)(float *x, const float *cos, const float *sin, int64_t n);

    /* p = exp(p * scale + bias - max), where max now covers p too; sum follows. Returns the factor
     * by which what was summed with the former max is to be multiplied. bias may be NULL. A row
     * of nothing but -inf becomes zeros; a NaN stays one and makes the sum one. */
    float (*softmax)(float *p, int64_t n, float scale, const float *bias, struct ops_softmax *run);

    void (*narrow)(uint16_t *y, const float *x, int64_t n); /* f32 to bf16, ties to even */

    /* The three maps of winograd.c, for n channels that lie together. Each of the 36 numbers of a
     * square stands a stride behind the one before.
     *
     *   in       v = B' x B; x: the addresses of 6 x 6 pixels, row by row, of F32 or BF16
     *   weights  u = G w G'; w: the 9 taps, w_stride numbers apart
     *   out      y = A' m A + bias; y: the addresses of 4 x 4 pixels, NULL for those left out;
     *            bias may be NULL */
    void (*winograd_in)(float *v, int64_t v_stride, const void *const *x, enum dtype number,
                        int64_t n);
    void (*winograd_weights)(float *u, int64_t u_stride, const float *w, int64_t w_stride,
                             int64_t n);
    void (*winograd_out)(float *const *y, const float *m, int64_t m_stride, const float *bias,
                         int64_t n);
};

extern const struct nn_ops ops_plain;

/* The table of a set, or NULL when this build or this processor has it not; why then says what
 * is missing, in a few words. */
const struct nn_ops *ops_find(enum nn_set set, const char **why);
const char *ops_set_name(enum nn_set set); /* "plain"; static */
