/* turn.h - one film at a time of the models that take a whole machine.
 *
 * A network counts the memory that is free before it begins and keeps all processors busy: two of
 * them at once would refuse each other or be killed, and neither would end sooner. Who has the turn
 * holds a lock on a file that all workers of a data directory know, until it is given back or the
 * process ends.
 *
 * Thread: one.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct turn {
    const char *path; /* the caller's, and outlives the turn */
    int fd;           /* -1: not open yet */
    bool mine;
};

void turn_init(struct turn *t, const char *path);
void turn_fini(struct turn *t); /* gives it back */

/* Without waiting: 1 mine, also when it was already; 0 somebody else's. ERR_IO the file cannot be
 * made or locked. */
int turn_try(struct turn *t, struct error *err) MUST_CHECK;
void turn_give(struct turn *t);
