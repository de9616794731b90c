/* retain.h - what leaves: expired jobs with their videos, and what crashes left lying.
 *
 * Records leave first, then their blobs: a crash between leaves a stray blob, never a job without
 * its video. Strays are blobs that no job names and drafts, both older than the grace, which is
 * longer than any write takes.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "blob/blob.h"
#include "store/store.h"

struct retain_options {
    int64_t now_us;
    int64_t keep_us;  /* of a job after its end; 0: for ever */
    int64_t grace_us; /* of a stray */
};

struct retain_count {
    int retired; /* jobs   */
    int strays;  /* blobs  */
    int drafts;
};

/* One pass. Goes on over single failures and returns the first. */
int retain_run(struct store *s, struct blob_store *b, const struct retain_options *options,
               struct retain_count *out, struct error *err) MUST_CHECK;

/* Remove the blobs of a job whose record is gone. */
int retain_remove_blobs(struct blob_store *b, const struct store_job *job,
                        struct error *err) MUST_CHECK;
