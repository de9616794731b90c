/* ops.c - which sets of kernels there are, and which this processor can run.
 *
 * SPDX-License-Identifier: MIT */
#include "nn/ops.h"

const char *ops_set_name(enum nn_set set)
{
    static const char *const names[NN_SETS] = {
        [NN_PLAIN] = "plain", [NN_AVX2] = "avx2", [NN_AVX512] = "avx512"};
    return names[set];
}

const struct nn_ops *ops_find(enum nn_set set, const char **why)
{
    if (set == NN_PLAIN)
        return &ops_plain;
    *why = "not in this build";
    return NULL;
}
