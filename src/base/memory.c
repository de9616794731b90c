/* memory.c - see memory.h, and scope.h for the two scope ends. SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void stop(void)
{
    static const char why[] = "zoetrope: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, why, sizeof why - 1);
    (void)ignored;
    abort();
}

void *mem_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        stop();
    return p;
}

void *mem_grow(void *p, size_t size)
{
    void *q = realloc(p, size ? size : 1);
    if (!q)
        stop();
    return q;
}

char *mem_dup(const char *s)
{
    return mem_dup_n(s ? s : "", s ? strlen(s) : 0);
}

char *mem_dup_n(const char *s, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (len)
        memcpy(copy, s, len);
    return copy;
}

char *mem_printf(const char *fmt, ...)
{
    char *out = NULL;
    va_list ap;
    va_start(ap, fmt);
    int len = vasprintf(&out, fmt, ap);
    va_end(ap);
    if (len < 0)
        stop();
    return out;
}

static size_t rounded(size_t size)
{
    return size ? (size + 63) & ~(size_t)63 : 64;
}

void *mem_try_raw(size_t size)
{
    return rounded(size) < size ? NULL : aligned_alloc(64, rounded(size));
}

void *mem_try(size_t size)
{
    void *p = mem_try_raw(size);
    if (p)
        memset(p, 0, rounded(size));
    return p;
}

void mem_free(void *p)
{
    free(p);
}

void fd_scope_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

void mem_scope_end(void *p)
{
    void *at;
    memcpy(&at, p, sizeof at);
    free(at);
}
