/* kernels.c - how long each row of the storyboard's kernels takes, set by set.
 *
 *     kernels
 *
 * Prints {"cases": [{"name": "mix", "sets": {"plain": NS, "avx2": NS}}, ...]}, nanoseconds for a
 * row of 1280 samples: the least of some rounds, so that a busy machine matters little.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "storyboard/kernel_case.h"

enum { WIDTH = 1280, CALLS = 400, ROUNDS = 25 };

static double least_ns(const struct kernel_case *c, const struct kernels *set,
                       struct kernel_case_data *d)
{
    double least = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        kernel_case_fill(d, 1);
        const int64_t began_us = clock_mono_us();
        for (int i = 0; i < CALLS; i++)
            c->run(set, d, WIDTH);
        const double ns = (double)(clock_mono_us() - began_us) * 1000 / CALLS;
        least = ns < least ? ns : least;
    }
    return least;
}

int main(void)
{
    SCOPED(mem) struct kernel_case_data *d = mem_alloc(sizeof *d);
    printf("{\"cases\": [");
    for (size_t i = 0; i < kernel_case_count; i++) {
        printf("%s{\"name\": \"%s\", \"sets\": {", i ? ", " : "", kernel_case_list[i].name);
        for (int k = 0; kernel_list(k); k++)
            printf("%s\"%s\": %.0f", k ? ", " : "", kernel_list(k)->name,
                   least_ns(&kernel_case_list[i], kernel_list(k), d));
        printf("}}");
    }
    printf("]}\n");
    return 0;
}
