/* memory.h - the only place that allocates.
 *
 * Small control-plane memory: mem_alloc and its kin stop the process when there is none (the
 * store brings the jobs back). Whatever a request or a file sizes: mem_try, which may fail.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/scope.h"

void *mem_alloc(size_t size) __attribute__((malloc, returns_nonnull)); /* zeroed */
void *mem_grow(void *p, size_t size) __attribute__((returns_nonnull));
char *mem_dup(const char *s) __attribute__((returns_nonnull)); /* NULL becomes "" */
char *mem_dup_n(const char *s, size_t len) __attribute__((returns_nonnull));
char *mem_printf(const char *fmt, ...) PRINTF(1, 2) __attribute__((returns_nonnull));

/* Zeroed, aligned to 64 bytes (kernels and SIMD rows rely on it); NULL when there is none. */
void *mem_try(size_t size) __attribute__((malloc));
void *mem_try_raw(size_t size) __attribute__((malloc)); /* the same, not zeroed */

void mem_free(void *p); /* NULL is fine */
