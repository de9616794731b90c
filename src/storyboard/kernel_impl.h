/* kernel_impl.h - the sets that kernel.c chooses from. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/kernel.h"

#ifdef __x86_64__
extern const struct kernels kernel_sse41_set;
extern const struct kernels kernel_avx2_set;
#endif
