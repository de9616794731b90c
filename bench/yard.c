/* yard.c - what the machine can multiply: large products of oneDNN on all its processors.
 *
 *     yard
 *
 * Prints JSON: 10^9 operations per second of the processors' time, in f32 and, where oneDNN has it
 * for this processor, in bf16; 0 for what is not to be had. Processor time, so that neighbours
 * count little.
 *
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/lazy.h"
#include "base/memory.h"

typedef int64_t index_t;
typedef int product(char a, char b, index_t m, index_t n, index_t k, float alpha, const void *x,
                    index_t ldx, const void *y, index_t ldy, float beta, float *z, index_t ldz);

enum { SIDE = 1536, CALLS = 8 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* x, y and z may be all zeros: that is no faster. */
static double rate_of(product *call, const void *x, const void *y, float *z)
{
    double best = 0;
    for (int i = 0; i <= CALLS; i++) {
        const double began = cpu_seconds();
        if (call('N', 'T', SIDE, SIDE, SIDE, 1, x, SIDE, y, SIDE, 0, z, SIDE) != 0)
            return 0;
        const double rate = 2.0 * SIDE * SIDE * SIDE / (cpu_seconds() - began) / 1e9;
        best = i > 0 && rate > best ? rate : best; /* the first lays out and compiles */
    }
    return best;
}

static double measure(const char *name)
{
    const size_t bytes = sizeof(float[SIDE][SIDE]);
    product *call = NULL;
    struct error err;
    const struct lazy_call calls[] = {{name, (void **)(void *)&call}};
    if (lazy_load("libdnnl.so.2", calls, 1, &err) < 0)
        return 0;
    SCOPED(mem) float *x = mem_alloc(bytes);
    SCOPED(mem) float *y = mem_alloc(bytes);
    SCOPED(mem) float *z = mem_alloc(bytes);
    return rate_of(call, x, y, z);
}

int main(void)
{
    setenv("OMP_WAIT_POLICY", "passive", 1); /* waiting is no work */
    const double f32 = measure("dnnl_sgemm"), bf16 = measure("dnnl_gemm_bf16bf16f32");
    printf("{\"f32\": %.4g, \"bf16\": %.4g}\n", f32, bf16);
    return 0;
}
