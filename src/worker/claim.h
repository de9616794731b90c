/* claim.h - which job a worker takes next.
 *
 * It takes jobs of the models that its catalogue has, and leaves those of others in the queue: they
 * may be another worker's. One that is made alone it takes only with the turn (turn.h), held from
 * the claim to the job's end; while somebody else has the turn it takes what needs none.
 *
 * Thread: one.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "job/lease.h"
#include "worker/turn.h"
#include "worker/worker.h"

struct claim {
    const struct worker_options *options;
    char *models; /* all names of the catalogue, as store_claim has them */
    char *others; /* those of them that take no turn; NULL: none takes one */
    struct turn turn;
    bool has_turn;         /* at the last claim, or needed none */
    bool broken;           /* the turn could not be asked for */
    int64_t rest_until_us; /* of clock_mono_us: until then it keeps the turn unused */
};

void claim_init(struct claim *c, const struct worker_options *options); /* which outlive it */
void claim_fini(struct claim *c);

/* The caller's until claim_end, behind lease_close. ERR_NOT_FOUND nothing waits for this worker; as
 * lease_claim. */
int claim_next(struct claim *c, struct lease **out, struct error *err) MUST_CHECK;
void claim_end(struct claim *c);

/* Is the claimed job one that is made alone? */
bool claim_is_alone(const struct claim *c);

/* It went back to the queue, for want of memory that another program has: no other of its kind is
 * claimed for four leases, neither by this worker nor, as it keeps the turn, by another, so that
 * the job's attempts are not used up at once. */
void claim_rest(struct claim *c);

/* How long to wait for a change of the store before the next claim. */
int claim_wait_ms(const struct claim *c);
