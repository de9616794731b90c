/* pool.h - threads that wait for work, and the cutting of work into numbered pieces.
 *
 * The caller of pool_run works too, as worker 0. Which worker takes which piece is chance, so a
 * piece may depend on its number alone; the worker's number only says which scratch is free.
 *
 * Thread: one caller at a time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/scope.h"

typedef void (*pool_job)(void *arg, int i, int worker);

struct pool;
int pool_open(struct pool **out, int n_workers, struct error *err) MUST_CHECK;
void pool_close(struct pool *p); /* NULL is fine */
SCOPED_CLOSE(pool)

int pool_workers(const struct pool *p);
int pool_pieces(const struct pool *p); /* of the last pool_run */

/* Call job(arg, i, worker) once for each i of 0..n - 1; returns when all are done. */
void pool_run(struct pool *p, int n, pool_job job, void *arg);

/* While it runs the caller also calls pulse(arg), between two of its pieces and at most ten times
 * a second. Once that said true, pieces that nobody has begun are left, then and in all later
 * calls of pool_run, until the next pool_watch. NULL: nobody watches. */
typedef bool pool_pulse(void *arg);
void pool_watch(struct pool *p, pool_pulse *pulse, void *arg);
bool pool_stopped(const struct pool *p);
