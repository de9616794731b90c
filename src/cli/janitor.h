/* janitor.h - a thread that looks after the store: jobs whose worker fell silent go on, what is
 * too old leaves.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "blob/blob.h"
#include "cli/config.h"
#include "store/store.h"

struct janitor;

/* Every second leases and hangs. With blobs, as a server's, also, now and every minute, jobs
 * whose time is over, those whose model is not configured any more, what is kept for jobs that
 * ended; and, now and every hour, stray files; sooner when keep or stray-grace is shorter. All
 * pointers outlive the janitor. */
int janitor_start(struct janitor **out, struct store *store, struct blob_store *blobs,
                  const struct config *config, struct error *err) MUST_CHECK;
void janitor_stop(struct janitor *j); /* NULL is fine */

/* Leases end by the wall clock, which all machines at a store share. When it moves otherwise than
 * the monotonic one (the machine slept, somebody set it), leases look over whose workers are well:
 * these get one lease of time to say so. */
struct janitor_clock {
    int64_t ahead_us; /* the wall clock of the monotonic one, when last looked; 0: never looked */
    int64_t wait_until_us; /* monotonic */
};

/* May leases be judged now? Both times as clock.h has them. */
bool janitor_may_judge(struct janitor_clock *c, int64_t now_us, int64_t mono_us, int64_t lease_us);
