/* tensor.h - a view of numbers: where they are, of which type, in which shape.
 *
 * A tensor owns nothing: its memory belongs to an arena, to a weights file or to the caller.
 * Always contiguous, outermost axis first. Axes are named in comments as the papers do: N rows
 * (tokens), D width, T H W C frames, height, width, channels.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Types of numbers in memory and in files. Those from Q8_0 on come in blocks along the last
 * axis; the layouts stand in quant.h. */
enum dtype {
    DTYPE_F32,
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_F8_E4M3, /* of the "fn" kind: no infinity; multiplied by the tensor's scale */
    DTYPE_F64,
    DTYPE_U8,
    DTYPE_I32,
    DTYPE_I64,
    DTYPE_BOOL,
    DTYPE_Q8_0,
    DTYPE_Q6_K,
    DTYPE_Q5_K,
    DTYPE_Q5_1,
    DTYPE_Q5_0,
    DTYPE_Q4_K,
    DTYPE_Q4_1,
    DTYPE_Q4_0,
    DTYPE_Q3_K,
    DTYPE_Q2_K,
    DTYPE_IQ4_XS,
    DTYPE_IQ4_NL,
    DTYPES
};

const char *dtype_name(enum dtype t);   /* "BF16", as files spell it; static             */
int dtype_block(enum dtype t);          /* numbers of a block: 1, 32 or 256              */
size_t dtype_block_bytes(enum dtype t); /* bytes of a block                              */

enum { TENSOR_MOST_DIMS = 5 };

struct tensor {
    void *data; /* NULL: no tensor (an optional bias that is not there) */
    enum dtype dtype;
    int n_dims;                      /* 0: one number */
    int64_t shape[TENSOR_MOST_DIMS]; /* outermost first; each at least 1 */
    float scale;                     /* of F8_E4M3; 1 otherwise          */
};

int64_t tensor_count(const struct tensor *t); /* numbers                               */
size_t tensor_bytes(const struct tensor *t);
int64_t tensor_cols(const struct tensor *t); /* length of the last axis               */
int64_t tensor_rows(const struct tensor *t); /* product of the others                 */

/* The same numbers under another shape; the count must agree (asserted). */
struct tensor tensor_view(const struct tensor *t, int n_dims, const int64_t *shape);

/* n entries from first on, of the outermost axis; they begin and end with a block (asserted). */
struct tensor tensor_part(const struct tensor *t, int64_t first, int64_t n);

bool tensor_same_shape(const struct tensor *a, const struct tensor *b);

/* "F32 [3, 4, 5]" into out; returns out. */
const char *tensor_text(const struct tensor *t, char *out, size_t size);

static inline float *tensor_f32(const struct tensor *t)
{
    return (float *)t->data;
}
