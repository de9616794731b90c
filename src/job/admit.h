/* admit.h - a checked request becomes a durable job.
 *
 * Order, so that a crash after any step leaves no job without its image: the image is published
 * in the blob store, then the job is written with its credits reserved, then it is answered. An
 * image whose job was never written is swept by job/retain.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "blob/blob.h"
#include "job/model.h"
#include "store/store.h"

/* Of a seed that is drawn: every program that reads JSON can name it. */
#define ADMIT_SEED_MAX ((UINT64_C(1) << 53) - 1)

struct admit_request {
    const struct model *model;
    int64_t key_id;
    struct text prompt;
    bool enhance;
    bool has_seed; /* else one is drawn, up to ADMIT_SEED_MAX */
    uint64_t seed;
    struct text image_bytes;     /* a probed image; empty without */
    struct text image_url;       /* an address to fetch; empty without */
    const char *idempotency_key; /* NULL without */
    struct text body;            /* what the key stands for */
    int64_t queued_max;
};

/* Fill *a from the request: a fresh id, the seed, the credits; publish the image (blocks on the
 * disk when there are image_bytes). Then the caller sets done and arg and calls store_admit.
 * After done: admit_settle, whatever the outcome. */
int admit_prepare(struct store_admission *a, struct blob_store *blobs,
                  const struct admit_request *request, struct error *err) MUST_CHECK;

/* Take back what a refused or replayed admission left (its image), free a's strings. May block
 * on the disk when there was an image. */
void admit_settle(struct store_admission *a, struct blob_store *blobs);
