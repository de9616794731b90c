/* arena.c - see arena.h. SPDX-License-Identifier: MIT */
#include "nn/arena.h"

#include <sys/mman.h>

#include "base/memory.h"

/* The system clears a page when it is first touched: by the threads that work on it, not here by
 * one that nobody can stop for as long as gigabytes take. Large pages where it has them: a pass
 * goes over all of this again and again. */
static char *take(size_t bytes)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    madvise(at, bytes, MADV_HUGEPAGE); /* a wish */
    return at;
}

int arena_open(struct arena **out, size_t bytes, struct error *err)
{
    const size_t rounded = arena_round(bytes ? bytes : 1);
    char *at = rounded >= bytes ? take(rounded) : NULL;
    if (!at)
        return error_set(err, ERR_MEMORY, "no memory for %zu MiB of scratch", bytes >> 20);
    struct arena *a = mem_alloc(sizeof *a);
    *a = (struct arena){.at = at, .bytes = rounded};
    *out = a;
    return 0;
}

void arena_close(struct arena *a)
{
    if (!a)
        return;
    munmap(a->at, a->bytes);
    mem_free(a);
}
