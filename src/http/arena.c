/* arena.c - see arena.h. SPDX-License-Identifier: MIT */
#include "http/arena.h"

#include <string.h>

#include "base/memory.h"

enum { CHUNK_FIRST = 2048 - 32, CHUNK = 8192 }; /* an exchange that waits long asked for little */

struct arena_chunk {
    struct arena_chunk *next;
    size_t used;
    size_t size;
    _Alignas(16) char bytes[];
};

static void *take_chunk(struct arena *a, size_t size)
{
    struct arena_chunk *c = a->chunks;
    if (!c || size > c->size - c->used) {
        size_t least = c ? CHUNK : CHUNK_FIRST;
        size_t room = size > least ? size : least;
        c = mem_alloc(sizeof *c + room);
        c->size = room;
        c->next = a->chunks;
        a->chunks = c;
    }
    void *p = c->bytes + c->used;
    c->used += size;
    return p;
}

/* Without zeroing: chunks come zeroed, the first bytes are used again and again. */
static void *take(struct arena *a, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded > ARENA_FIRST - a->used)
        return take_chunk(a, rounded);
    void *p = a->first + a->used;
    a->used += rounded;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return memset(take(a, size), 0, size);
}

char *arena_copy(struct arena *a, struct text s)
{
    char *copy = take(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.at, s.len);
    copy[s.len] = 0;
    return copy;
}

void arena_reset(struct arena *a)
{
    while (a->chunks) {
        struct arena_chunk *c = a->chunks;
        a->chunks = c->next;
        mem_free(c);
    }
    a->used = 0;
}
