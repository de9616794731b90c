/* retain.c - see retain.h. SPDX-License-Identifier: MIT */
#include "job/retain.h"

enum { PORTION = 100 }; /* records in memory at once */

struct pass {
    struct store *store;
    struct blob_store *blobs;
    struct retain_count count;
    int rc; /* the first failure */
    struct error *err;
};

static void note(struct pass *p, int rc, const struct error *why)
{
    if (rc < 0 && p->rc == 0) {
        p->rc = rc;
        *p->err = *why;
    }
}

int retain_remove_blobs(struct blob_store *b, const struct store_job *job, struct error *err)
{
    struct error second;
    int rc = 0;
    if (*job->result.video)
        rc = blob_remove(b, job->result.video, err);
    if (job->input.image_kind == STORE_IMAGE_BLOB &&
        blob_remove(b, job->input.image, &second) < 0 && rc == 0) {
        *err = second;
        rc = second.code;
    }
    return rc;
}

static int remove_retired(void *arg, const struct store_job *job)
{
    struct pass *p = arg;
    struct error err;
    note(p, retain_remove_blobs(p->blobs, job, &err), &err);
    return 0;
}

/* Also with nothing to retire the store tidies what it keeps of those that left before. */
static void retire(struct pass *p, int64_t before_us)
{
    struct error err;
    int n;
    do {
        n = store_retire(p->store, before_us, PORTION, remove_retired, p, &err);
        note(p, n, &err);
        p->count.retired += n > 0 ? n : 0;
    } while (n == PORTION);
}

static int sweep_stray(void *arg, const char *name, int64_t modified_us)
{
    (void)modified_us;
    struct pass *p = arg;
    struct error err;
    bool named = true;
    int rc = store_names_blob(p->store, name, &named, &err);
    if (rc == 0 && !named) {
        rc = blob_remove(p->blobs, name, &err);
        p->count.strays += rc == 0;
    }
    note(p, rc, &err);
    return 0;
}

static void sweep(struct pass *p, int64_t before_us)
{
    struct error err;
    note(p, blob_list(p->blobs, "", before_us, sweep_stray, p, &err), &err);
    int n = blob_sweep_drafts(p->blobs, before_us, &err);
    note(p, n, &err);
    p->count.drafts = n > 0 ? n : 0;
}

int retain_run(struct store *s, struct blob_store *b, const struct retain_options *options,
               struct retain_count *out, struct error *err)
{
    struct pass p = {.store = s, .blobs = b, .err = err};
    retire(&p, options->keep_us > 0 ? options->now_us - options->keep_us : 0);
    sweep(&p, options->now_us - options->grace_us);
    *out = p.count;
    return p.rc;
}
