/* door.h - a file beside the database: writers queue at it, watchers hear its bell.
 *
 * SQLite lets one process write at a time, but it does not queue them: whoever asks again first
 * is next, and a process that writes without a pause shuts out one that sleeps between two
 * tries. So writers queue here: byte 0 is the turn (held only while waiting for the room), byte 1
 * the room. Who leaves the room has to take the turn before it can come back, and somebody who
 * waits is holding it.
 *
 * The bell is a write into the file after a commit, which inotify tells every watcher. A process
 * that is killed between its commit and its bell closes the file, and watchers hear that too.
 *
 * The visits are counted, in memory that all processes map: what was read from the database is
 * still what it says as long as nobody has been in the room since.
 *
 * The SQLite driver's own. enter and leave: one thread; visits: any, after the first visit.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

struct door;

int door_open(struct door **out, const char *database, struct error *err) MUST_CHECK;
void door_close(struct door *d); /* NULL is fine */
SCOPED_CLOSE(door)
const char *door_path(const struct door *d);

/* Wait at most wait_us for the room. ERR_BUSY: somebody is in it and does not come out (a process
 * that was stopped); then there is nothing to leave. */
int door_enter(struct door *d, int64_t wait_us, struct error *err) MUST_CHECK;
void door_leave(struct door *d, bool ring);

/* A number that no earlier time between two visits had; 0 while somebody is in the room, or when
 * the last one died there. */
uint64_t door_visits(const struct door *d);
