/* kernel.c - the plain set, and which one runs; see kernel.h. SPDX-License-Identifier: MIT */
#include "storyboard/kernel.h"

#include <stdbool.h>
#include <stddef.h>

#include "storyboard/kernel_impl.h"
#include "storyboard/kernel_loops.h"

#define PLAIN
LOOP_SET(PLAIN, plain)
LOOP_GATHERS(PLAIN, plain)

static const struct kernels plain_set = LOOP_TABLE(plain, "plain");

static const struct kernels *chosen; /* atomic; NULL: not yet */

const struct kernels *kernel_list(int i)
{
    const struct kernels *sets[4] = {&plain_set};
    int n = 1;
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.1"))
        sets[n++] = &kernel_sse41_set;
    if (__builtin_cpu_supports("avx2"))
        sets[n++] = &kernel_avx2_set;
#endif
    return i >= 0 && i < n ? sets[i] : NULL;
}

static const struct kernels *best(void)
{
    int n = 1;
    while (kernel_list(n))
        n++;
    return kernel_list(n - 1);
}

const struct kernels *kernel_set(void)
{
    const struct kernels *set = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (!set) {
        set = best();
        __atomic_store_n(&chosen, set, __ATOMIC_RELAXED);
    }
    return set;
}

void kernel_use(const struct kernels *set)
{
    __atomic_store_n(&chosen, set, __ATOMIC_RELAXED);
}
