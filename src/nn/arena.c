/* arena.c - see arena.h. SPDX-License-Identifier: MIT */
#include "nn/arena.h"

#include "base/memory.h"

int arena_open(struct arena **out, size_t bytes, struct error *err)
{
    char *at = mem_try(bytes);
    if (!at)
        return error_set(err, ERR_MEMORY, "no memory for %zu MiB of scratch", bytes >> 20);
    struct arena *a = mem_alloc(sizeof *a);
    *a = (struct arena){.at = at, .bytes = arena_round(bytes)};
    *out = a;
    return 0;
}

void arena_close(struct arena *a)
{
    if (!a)
        return;
    mem_free(a->at);
    mem_free(a);
}
