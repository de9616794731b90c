/* retain.c - see retain.h. SPDX-License-Identifier: MIT */
#include "job/retain.h"

enum { PORTION = 100 }; /* records in memory at once */

struct pass {
    struct store *store;
    struct blob_store *blobs;
    struct retain_count *count;
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
    const char *const names[] = {job->result.video, job->result.poster, job->result.preview,
                                 job->input.image_kind == STORE_IMAGE_BLOB ? job->input.image : ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && *names[i] && blob_remove(b, names[i], &second) < 0 && rc == 0) {
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
int retain_expired(struct store *s, struct blob_store *b, int64_t before_us,
                   struct retain_count *count, struct error *err)
{
    struct pass p = {.store = s, .blobs = b, .count = count, .err = err};
    struct error why;
    int n;
    do {
        n = store_retire(s, before_us, PORTION, remove_retired, &p, &why);
        note(&p, n, &why);
        count->retired += n > 0 ? n : 0;
    } while (n == PORTION);
    return p.rc;
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
        p->count->strays += rc == 0;
    }
    note(p, rc, &err);
    return 0;
}

int retain_strays(struct store *s, struct blob_store *b, int64_t before_us,
                  struct retain_count *count, struct error *err)
{
    struct pass p = {.store = s, .blobs = b, .count = count, .err = err};
    struct error why;
    note(&p, blob_list(b, "", before_us, sweep_stray, &p, &why), &why);
    int n = blob_sweep_drafts(b, before_us, &why);
    note(&p, n, &why);
    count->drafts += n > 0 ? n : 0;
    return p.rc;
}
