/* arena.h - what a step sees of the scratch memory of nn.h: one block of bytes.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/nn.h"

struct arena {
    char *at; /* aligned to ARENA_ALIGN */
    size_t bytes;
};

enum { ARENA_ALIGN = 64 };

/* What a request for this many bytes takes of the stack. */
static inline size_t arena_round(size_t bytes)
{
    return (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
}
