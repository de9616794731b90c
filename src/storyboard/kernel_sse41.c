/* kernel_sse41.c - the loops of kernel.h for processors with SSE4.1, which multiply four whole
 * numbers at once; see kernel.h.
 *
 * SPDX-License-Identifier: MIT */
#ifdef __x86_64__
#include "storyboard/kernel_impl.h"
#include "storyboard/kernel_loops.h"

#define SSE41 __attribute__((target("sse4.1")))

LOOP_SET(SSE41, sse41)
LOOP_GATHERS(SSE41, sse41)

const struct kernels kernel_sse41_set = LOOP_TABLE(sse41, "sse4.1");
#else
typedef int kernel_sse41_is_empty;
#endif
