/* data.h - the data directory.
 *
 *     zoetrope.db   the store                    secret   signs the urls of videos
 *     blobs/        videos, input images         key      the first key, in plain text
 *
 * The directory is made with mode 0700; what the program writes in it is its owner's alone.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "account/key.h"
#include "blob/blob.h"
#include "store/store.h"

struct data {
    struct store *store;
    struct blob_store *blobs;
};

/* Make the folder if needed, open what is in it. */
int data_open(struct data *out, const char *folder, struct error *err) MUST_CHECK;
void data_close(struct data *d); /* a zeroed one is fine */

/* DATA/name; mem_free by the caller. */
/* The folder for what engines keep between two attempts of a job. */
#define DATA_KEPT "kept"

char *data_path(const char *folder, const char *name);

/* When there is no key at all: make the first one (admin, unlimited), write it to DATA/key, and
 * copy it to out; otherwise out is "". A key that is in DATA/key already becomes the first. Two
 * servers starting at once make one. */
int data_first_key(struct data *d, const char *folder, char out[KEY_SIZE],
                   struct error *err) MUST_CHECK;
