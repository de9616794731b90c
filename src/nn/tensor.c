/* tensor.c - see tensor.h. SPDX-License-Identifier: MIT */
#include "nn/tensor.h"

#include <assert.h>
#include <stdio.h>

static const struct {
    const char *name;
    int block;
    size_t bytes; /* of a block */
} types[DTYPES] = {
    [DTYPE_F32] = {"F32", 1, 4},         [DTYPE_F16] = {"F16", 1, 2},
    [DTYPE_BF16] = {"BF16", 1, 2},       [DTYPE_F8_E4M3] = {"F8_E4M3", 1, 1},
    [DTYPE_F64] = {"F64", 1, 8},         [DTYPE_U8] = {"U8", 1, 1},
    [DTYPE_I32] = {"I32", 1, 4},         [DTYPE_I64] = {"I64", 1, 8},
    [DTYPE_BOOL] = {"BOOL", 1, 1},       [DTYPE_Q8_0] = {"Q8_0", 32, 34},
    [DTYPE_Q6_K] = {"Q6_K", 256, 210},   [DTYPE_Q5_K] = {"Q5_K", 256, 176},
    [DTYPE_Q5_1] = {"Q5_1", 32, 24},     [DTYPE_Q5_0] = {"Q5_0", 32, 22},
    [DTYPE_Q4_K] = {"Q4_K", 256, 144},   [DTYPE_Q4_1] = {"Q4_1", 32, 20},
    [DTYPE_Q4_0] = {"Q4_0", 32, 18},     [DTYPE_Q3_K] = {"Q3_K", 256, 110},
    [DTYPE_Q2_K] = {"Q2_K", 256, 84},    [DTYPE_IQ4_XS] = {"IQ4_XS", 256, 136},
    [DTYPE_IQ4_NL] = {"IQ4_NL", 32, 18},
};

const char *dtype_name(enum dtype t)
{
    return types[t].name;
}

int dtype_block(enum dtype t)
{
    return types[t].block;
}

size_t dtype_block_bytes(enum dtype t)
{
    return types[t].bytes;
}

int64_t tensor_count(const struct tensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->n_dims; i++)
        n *= t->shape[i];
    return n;
}

size_t tensor_bytes(const struct tensor *t)
{
    return (size_t)(tensor_count(t) / types[t->dtype].block) * types[t->dtype].bytes;
}

int64_t tensor_cols(const struct tensor *t)
{
    return t->n_dims ? t->shape[t->n_dims - 1] : 1;
}

int64_t tensor_rows(const struct tensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->n_dims - 1; i++)
        n *= t->shape[i];
    return n;
}

struct tensor tensor_view(const struct tensor *t, int n_dims, const int64_t *shape)
{
    assert(n_dims >= 0 && n_dims <= TENSOR_MOST_DIMS);
    struct tensor view = {.data = t->data, .dtype = t->dtype, .n_dims = n_dims, .scale = t->scale};
    for (int i = 0; i < n_dims; i++)
        view.shape[i] = shape[i];
    assert(tensor_count(&view) == tensor_count(t));
    return view;
}

struct tensor tensor_part(const struct tensor *t, int64_t first, int64_t n)
{
    assert(t->n_dims > 0 && first >= 0 && n > 0 && n <= t->shape[0] - first);
    const int block = types[t->dtype].block;
    const int64_t each = tensor_count(t) / t->shape[0];
    assert(first * each % block == 0 && n * each % block == 0);
    struct tensor part = *t;
    part.shape[0] = n;
    if (t->data)
        part.data = (char *)t->data + (size_t)(first * each / block) * types[t->dtype].bytes;
    return part;
}

bool tensor_same_shape(const struct tensor *a, const struct tensor *b)
{
    if (a->n_dims != b->n_dims)
        return false;
    for (int i = 0; i < a->n_dims; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}

const char *tensor_text(const struct tensor *t, char *out, size_t size)
{
    char text[128]; /* 5 numbers of at most 20 digits fit */
    int len = snprintf(text, sizeof text, "%s [", dtype_name(t->dtype));
    for (int i = 0; i < t->n_dims; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, "%s%lld", i ? ", " : "",
                        (long long)t->shape[i]);
    snprintf(out, size, "%s]", text);
    return out;
}
