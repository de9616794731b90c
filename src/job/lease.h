/* lease.h - a worker's hold on one job: claimed, kept alive by a thread, given up.
 *
 * The thread beats every third of the lease and looks at the job whenever the store changes, so
 * that a cancelled one is noticed at once. When the lease is lost (cancelled, expired, handed on)
 * lease_lost turns true and stays so; the holder must stop within lease_options.abandon_us or the
 * process ends itself with _exit(LEASE_EXIT_HUNG): a fenced worker may not go on burning.
 *
 * Thread: the worker's, but lease_lost and lease_progress may be called from any.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "store/store.h"

enum { LEASE_EXIT_HUNG = 70 };

struct lease;

struct lease_options {
    const char *worker; /* unique name of this process */
    int64_t lease_us;   /* e.g. 15 s */
    int64_t abandon_us; /* e.g. 5 s; 0: never end the process (zoetrope generate, tests) */
    const char *models; /* as store_claim has them */
};

/* Claim the next job. ERR_NOT_FOUND nothing to do. The lease owns *job; it lives until
 * lease_close. */
int lease_claim(struct lease **out, struct store *s, const struct lease_options *options,
                struct error *err) MUST_CHECK;
const struct store_job *lease_job(const struct lease *l);
bool lease_lost(const struct lease *l);

/* Say how far the job is; written at most every 200 ms and at each new stage. */
void lease_progress(struct lease *l, const char *stage, double done);

/* The ends. ERR_LOST: somebody else ended it; nothing was written. The thread is stopped
 * before the store is asked. */
int lease_finish(struct lease *l, const struct store_result *result, struct error *err) MUST_CHECK;
int lease_fail(struct lease *l, const char *name, const char *message,
               struct error *err) MUST_CHECK;
/* As store_retry: 1 back in the queue, 0 its attempts are used up. */
int lease_retry(struct lease *l, int attempts_max, const char *message,
                struct error *err) MUST_CHECK;
int lease_release(struct lease *l, struct error *err) MUST_CHECK;

void lease_close(struct lease *l); /* without an end before it the lease runs out by itself */
SCOPED_CLOSE(lease)
