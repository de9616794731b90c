/* worker.h - claims jobs one after the other and makes their films, until it is told to stop.
 *
 *     claim -> image from the blobs or the web -> film -> blob published -> finish
 *
 * A film that was published but could not be finished (the lease was lost meanwhile) is removed
 * again. A film that could not be made because this machine failed (a full disk, no memory, no
 * codec) is another worker's to try. A crash at any point leaves a job whose lease runs out and at
 * most a stray file.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "blob/blob.h"
#include "job/model.h"
#include "store/store.h"

struct worker;

/* All pointers outlive the worker. */
struct worker_options {
    struct store *store;
    struct blob_store *blobs;
    const struct model_catalogue *catalogue;
    const char *name; /* unique among all processes at the store */
    const char *fetch_allow;
    const char
        *kept; /* folder for what engines keep between attempts, a file per job; NULL: none */
    const char *turn; /* folder of worker/turn.h for models made alone; NULL: all at once */
    int64_t lease_us;
    int64_t abandon_us; /* as lease_options has it */
    int attempts_max;   /* of a job that this machine cannot make */
    int64_t drain_us;   /* how long the running job may go on after worker_drain */
};

struct worker *worker_new(const struct worker_options *options);
void worker_free(struct worker *w); /* NULL is fine */

/* Work until worker_drain. An error of the store ends it, too, and a fault of the machine: the
 * caller decides about another try, better not at once. */
int worker_run(struct worker *w, struct error *err) MUST_CHECK;

/* Claim and do one job if there is one. 1 done, 0 nothing to do; ERR_IO, ERR_MEMORY: the job was
 * given back, because this machine cannot make it; others: the store does not work. */
int worker_run_one(struct worker *w, struct error *err) MUST_CHECK;

/* Claim no more. The running job may be finished within drain_us, or at_once goes back to the
 * queue. Any thread; again and again until worker_run has returned, because a worker that is just
 * about to wait may miss one call. */
void worker_drain(struct worker *w, bool at_once);

/* "HOST:PID:RANDOM": a name for one process, which no other ever had or has at a store. */
#define WORKER_PROCESS_SIZE 128
void worker_process_name(char out[WORKER_PROCESS_SIZE]);

/* "generations/ANIMAL/MS-UUID.mp4" for a film made at now_us. */
#define WORKER_NAME_SIZE 96
void worker_video_name(int64_t now_us, char out[WORKER_NAME_SIZE]);
