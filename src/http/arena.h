/* arena.h - memory that lives as long as one exchange: taken piece by piece, given back at once.
 *
 * The first bytes lie in the arena itself, so that an ordinary request allocates nothing. One
 * thread at a time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "base/text.h"

#define ARENA_FIRST 2048

struct arena_chunk;

/* Zeroed is empty and ready. */
struct arena {
    size_t used; /* of first */
    struct arena_chunk *chunks;
    _Alignas(16) char first[ARENA_FIRST];
};

void *arena_alloc(struct arena *a, size_t size);  /* zeroed, for any type */
char *arena_copy(struct arena *a, struct text s); /* NUL-terminated */
void arena_reset(struct arena *a);                /* empty again */
