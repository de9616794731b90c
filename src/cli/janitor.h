/* janitor.h - a thread that looks after the store: jobs whose worker fell silent go on, what is
 * too old leaves.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "blob/blob.h"
#include "cli/config.h"
#include "store/store.h"

struct janitor;

/* Every second leases and hangs; with blobs also retention: now, then every minute, or more often
 * when jobs are kept for less. All pointers outlive the janitor. */
int janitor_start(struct janitor **out, struct store *store, struct blob_store *blobs,
                  const struct config *config, struct error *err) MUST_CHECK;
void janitor_stop(struct janitor *j); /* NULL is fine */
