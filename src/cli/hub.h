/* hub.h - named sets of weights on a model hub, and how they come to this machine.
 *
 * A hub answers GET /api/models/OWNER/REPOSITORY/tree/REVISION?recursive=true with a JSON array
 * of the files ({type, path, size, lfs: {oid: SHA-256, size}}) and serves each at
 * /OWNER/REPOSITORY/resolve/REVISION/PATH. REVISION is one segment ("refs%2Fpr%2F1"). Both are
 * asked with the token, if there is one; nobody else sees it, wherever a hub redirects to.
 *
 * While files are to come the folder has a file PARTS_UNFINISHED (model/wan/parts.h).
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Weights under a name of ours. */
struct hub_set {
    const char *name;       /* "wan2.1-t2v-1.3b"; also the folder's name */
    const char *repository; /* "OWNER/REPOSITORY" */
    const char *summary;
};

/* Ends with a row of NULLs. */
extern const struct hub_set hub_sets[];

/* The set with this name; NULL when there is none. */
const struct hub_set *hub_find(const char *name);

struct hub_pull {
    const char *address; /* of the hub: "https://huggingface.co"; http of a loopback address */
    const char *repository;
    const char *revision; /* "main" */
    const char *pattern;  /* of the files, as a shell has it, over the whole path; NULL: those
                             that the networks here read */
    const char *folder;   /* made when it is not there; the files keep their paths below it */
    const char *token;    /* of an account at the hub; NULL: none */
    void *arg;
    void (*plan)(void *arg, int n_files, int64_t bytes); /* once, before the first file      */
    void (*progress)(void *arg, const char *path, int64_t done, int64_t size); /* of one file */
    bool (*cancelled)(void *arg);
};

/* Bring all files that fit; those that are there already are not asked for again. ERR_INVALID the
 * address or the token; ERR_NOT_FOUND no such repository, or no file fits; ERR_BUSY the disk has
 * not the room, with both numbers; others as download.h has them. */
int hub_pull(const struct hub_pull *p, struct error *err) MUST_CHECK;
