/* wait.h - answers that wait for a job: one thread watches the store for all of them.
 *
 * An exchange is left with http_defer and entered here; the thread resumes it when its job left
 * the state that it was entered with, when its time is over, or when the server drains. Without
 * entries the thread sleeps; with many it gives the store a rest after each look, so that
 * thousands of waiting clients cost a fraction of one core.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"
#include "store/store.h"

struct wait;

/* One waiting exchange, in memory of the exchange; filled but for next. */
struct wait_entry {
    struct http_exchange *x;
    char id[HASH_ID_SIZE];
    enum job_state state; /* that it has now */
    int64_t until_us;     /* clock_mono_us   */
    struct wait_entry *next;
};

struct wait *wait_new(struct store *store);

/* Resume e->x once, later, from the thread. The exchange is deferred already. Any thread. */
void wait_add(struct wait *w, struct wait_entry *e);

/* Resume all now, and whatever is added from now on at once. */
void wait_drain(struct wait *w);
void wait_free(struct wait *w); /* drains; NULL is fine */
