/* crew.h - a few threads that share the rows of a frame.
 *
 * What is drawn depends on the row alone, never on who draws it or when: any number of threads
 * gives the same picture.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/scope.h"

struct crew;

/* n_threads counts the caller's own; 0 takes one per processor, at most CREW_MOST. */
enum { CREW_MOST = 8 };
struct crew *crew_new(int n_threads);
void crew_free(struct crew *c);
SCOPED_FREE(crew)

/* Call work(arg, i) once for each i in 0..n-1, in any order and on any of the threads; returns
 * when all are done. One caller at a time. */
void crew_run(struct crew *c, void (*work)(void *arg, int i), void *arg, int n);
