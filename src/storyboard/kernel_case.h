/* kernel_case.h - one list of calls on a set of kernels, which kernel_test checks against plain C
 * and bench/kernels times.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "storyboard/kernel.h"

enum { KERNEL_CASE_MOST = 1600 }; /* samples of a row */

/* What a call reads and writes; 64 bytes beyond what it may write stay as they were painted. */
struct kernel_case_data {
    uint8_t bytes[4][KERNEL_CASE_MOST * 2 + 64];
    int8_t grain[KERNEL_CASE_MOST];
    int16_t lines[4][KERNEL_CASE_MOST * 2 + 64];
    int16_t dim[KERNEL_CASE_MOST];
    int32_t us[KERNEL_CASE_MOST / KERNEL_KNOT + 4], vs[KERNEL_CASE_MOST / KERNEL_KNOT + 4];
    int32_t xs[KERNEL_CASE_MOST / KERNEL_PEEK + 4], ys[KERNEL_CASE_MOST / KERNEL_PEEK + 4];
    uint8_t wall[2][64 * 64 + KERNEL_SLACK]; /* its luma, its cover */
    uint32_t texels[67 * 67];
    uint32_t walked[2][KERNEL_CASE_MOST * 4];
};

struct kernel_case {
    const char *name; /* of the row of struct kernels */
    void (*run)(const struct kernels *set, struct kernel_case_data *d, int n);
};

extern const struct kernel_case kernel_case_list[];
extern const size_t kernel_case_count;

/* Everything random, within what a film can hold; the extremes are among it. */
void kernel_case_fill(struct kernel_case_data *d, uint32_t seed);
