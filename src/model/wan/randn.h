/* randn.h - the noise that a video begins with: normal numbers from a seed, the same on every
 * machine, and the same that torch's generator for the CPU draws, so that a seed gives the noise
 * that other tools show for it.
 *
 * torch draws in two ways, by the size of the tensor: 16 numbers or more by Box-Muller over
 * blocks of 16 floats; fewer one by one, in double, in pairs of which the second is kept for the
 * next call. Numbers that were left over stay in the generator: the order and the sizes of the
 * draws matter.
 *
 * Thread: one generator, one thread.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { RANDN_STATE = 624 };

struct randn {
    uint32_t word[RANDN_STATE]; /* of the Mersenne twister */
    int at;
    bool kept; /* the second of a pair waits in spare */
    double spare;
};

void randn_init(struct randn *r, uint64_t seed); /* only the lower 32 bits count, as in torch */

/* n numbers of mean 0 and deviation 1, as torch.randn draws a tensor of n. */
void randn_fill(struct randn *r, float *out, int64_t n);
