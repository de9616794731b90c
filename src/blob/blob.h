/* blob.h - where videos and input images lie: named objects, written aside, then published.
 *
 * A name is a relative path of letters, digits, '.', '_', '-' and '/' ("generations/hedgehog/
 * 1759866285599-0cdfb138-c03a-49d4-a601-4f6413e27b15.mp4"), at most BLOB_NAME_MAX long, without
 * an empty segment, "." or ".."; anything else is ERR_INVALID, and so is "drafts/...". An
 * object that is visible under its name is whole and synced: it survives a power cut.
 *
 * Any thread.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/text.h"

#define BLOB_NAME_MAX 255

bool blob_name_valid(const char *name);

struct blob_store {
    const struct blob_driver *driver;
};

struct blob_object {
    int fd; /* positioned at 0; the caller closes it */
    int64_t size;
    int64_t modified_us;
};

/* A file that is being written. path is local and seekable; nobody else writes it. From begin to
 * publish or abandon the draft is held, so that no sweep takes it; the end of the process lets go
 * of it as well. */
struct blob_draft {
    char path[512]; /* "" when there is none */
    int fd;         /* the driver's */
};

/* Not 0 stops the listing, which has then succeeded. The object may be removed. */
typedef int blob_each(void *arg, const char *name, int64_t modified_us);

/* REQUIRED: all. */
struct blob_driver {
    const char *name; /* "files" */
    int (*open)(struct blob_store **out, const char *where, struct error *err);
    void (*close)(struct blob_store *b);

    /* A fresh draft, empty, the file created. */
    int (*begin)(struct blob_store *b, struct blob_draft *draft, struct error *err);
    /* Sync the draft's bytes and make them visible as name, in place of what was there. After
     * success the draft is gone; else it is as it was. */
    int (*publish)(struct blob_store *b, struct blob_draft *draft, const char *name,
                   struct error *err);
    void (*abandon)(struct blob_store *b, struct blob_draft *draft); /* already gone is fine */

    /* ERR_NOT_FOUND when there is none. */
    int (*get)(struct blob_store *b, const char *name, struct blob_object *out, struct error *err);
    int (*remove)(struct blob_store *b, const char *name, struct error *err); /* gone is fine */

    /* Visible objects below the folder prefix ("" for all) that were last changed before that
     * time, in any order. */
    int (*list)(struct blob_store *b, const char *prefix, int64_t before_us, blob_each *each,
                void *arg, struct error *err);
    /* Remove drafts last changed before that time that nobody holds; returns how many. */
    int (*sweep_drafts)(struct blob_store *b, int64_t before_us, struct error *err);
};

extern const struct blob_driver blob_files; /* where: a folder */

/* Open the kind that where names: a path is a folder. */
int blob_open(struct blob_store **out, const char *where, struct error *err) MUST_CHECK;
void blob_close(struct blob_store *b); /* NULL is fine */

int blob_begin(struct blob_store *b, struct blob_draft *draft, struct error *err) MUST_CHECK;
int blob_publish(struct blob_store *b, struct blob_draft *draft, const char *name,
                 struct error *err) MUST_CHECK;
void blob_abandon(struct blob_store *b, struct blob_draft *draft);
int blob_get(struct blob_store *b, const char *name, struct blob_object *out,
             struct error *err) MUST_CHECK;
int blob_remove(struct blob_store *b, const char *name, struct error *err) MUST_CHECK;
int blob_list(struct blob_store *b, const char *prefix, int64_t before_us, blob_each *each,
              void *arg, struct error *err) MUST_CHECK;
int blob_sweep_drafts(struct blob_store *b, int64_t before_us, struct error *err) MUST_CHECK;

/* A whole object from memory: begin, write, publish. */
int blob_write(struct blob_store *b, const char *name, struct text bytes,
               struct error *err) MUST_CHECK;
/* The whole object; ERR_INVALID when it is larger than max. text_buf_fini by the caller. */
int blob_read(struct blob_store *b, const char *name, size_t max, struct text_buf *out,
              struct error *err) MUST_CHECK;
