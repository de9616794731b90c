/* turn.h - one film at a time of the models that take a whole machine.
 *
 * A network counts the memory that is free before it begins and keeps all processors busy: two of
 * them at once would refuse each other or be killed, and neither would end sooner. Who has the turn
 * holds a lock on the data directory itself, until it is given back or the process ends: a file of
 * its own could not be made on a full disk, and whoever removed it would let a second one in.
 *
 * Thread: one.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct turn {
    const char *folder; /* the caller's, and outlives the turn */
    int fd;             /* -1: not open yet */
    bool mine;
};

void turn_init(struct turn *t, const char *folder);
void turn_fini(struct turn *t); /* gives it back */

/* Without waiting: 1 mine, also when it was already; 0 somebody else's. Negative: the folder
 * cannot be opened or locked. */
int turn_try(struct turn *t, struct error *err) MUST_CHECK;
void turn_give(struct turn *t);
