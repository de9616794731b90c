/* ops.c - which sets of kernels there are, and which this processor can run.
 *
 * SPDX-License-Identifier: MIT */
#include "nn/ops.h"
#include "nn/x86/sets.h"

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
#ifdef NN_X86
    if (set == NN_AVX2) {
        *why = "this processor has no AVX2 and FMA";
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ops_avx2 : NULL;
    }
    *why = "this processor has no AVX-512 (F, BW, DQ, VL)";
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return NULL;
    return __builtin_cpu_supports("avx512bf16") ? &ops_avx512_bf16 : &ops_avx512;
#else
    *why = "this build is not for x86-64";
    return NULL;
#endif
}
