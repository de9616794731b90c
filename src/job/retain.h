/* retain.h - what leaves: expired jobs with their videos, and what crashes left lying.
 *
 * Records leave first, then their blobs: a crash between leaves a stray blob, never a job without
 * its video. Strays are blobs that no job names and drafts that nobody writes, both older than the
 * grace, which is longer than the way from a blob to the commit that names it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "blob/blob.h"
#include "store/store.h"

struct retain_count {
    int retired; /* jobs   */
    int strays;  /* blobs  */
    int drafts;
};

/* Jobs that ended before that time, with their blobs; it costs what leaves. Adds to *count; goes on
 * over single failures and returns the first. */
int retain_expired(struct store *s, struct blob_store *b, int64_t before_us,
                   struct retain_count *count, struct error *err) MUST_CHECK;

/* Strays last changed before that time; it looks at every blob there is. The rest likewise. */
int retain_strays(struct store *s, struct blob_store *b, int64_t before_us,
                  struct retain_count *count, struct error *err) MUST_CHECK;

/* Remove the blobs of a job whose record is gone. */
int retain_remove_blobs(struct blob_store *b, const struct store_job *job,
                        struct error *err) MUST_CHECK;
