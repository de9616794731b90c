/* sqlite_change.c - what changed, in the order of the numbers that schema/sqlite-2.sql gives.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "store/sqlite_impl.h"

/* The columns of a job, which are all NULL for one that is gone, then the change's own. Of a key,
 * too, they are found by their numbers: by the key it would be all its jobs, sorted for each page.
 */
#define CHANGES(of)                                                                                \
    "SELECT " SQLITE_JOB_COLUMNS ", c.n, c.key, c.gone FROM (" of                                  \
    " ORDER BY n LIMIT ?3) AS c LEFT JOIN jobs ON jobs.seq = c.job ORDER BY c.n"
#define CHANGED(by, more)                                                                          \
    "SELECT changed AS n, key_id AS key, seq AS job, '' AS gone FROM jobs" by                      \
    " WHERE changed > ?1 AND changed <= ?2" more
#define GONE(more)                                                                                 \
    " UNION ALL SELECT changed, key_id, 0, id FROM tombstones"                                     \
    " WHERE changed > ?1 AND changed <= ?2" more
#define IN_ORDER " INDEXED BY jobs_changed"
#define OF_KEY   " AND key_id = ?4"
#define OPEN     " AND state < 2"

static const char of_all[] = CHANGES(CHANGED(IN_ORDER, "") GONE(""));
static const char of_key[] = CHANGES(CHANGED(IN_ORDER, OF_KEY) GONE(OF_KEY));
static const char open_of_all[] = CHANGES(CHANGED("", OPEN));
static const char open_of_key[] = CHANGES(CHANGED("", OF_KEY OPEN));

static const char *statement_for(const struct store_change_filter *f)
{
    if (f->unfinished)
        return f->key_id ? open_of_key : open_of_all;
    return f->key_id ? of_key : of_all;
}

static void read_change(const struct query *q, struct store_job *job, struct store_change *out)
{
    *out = (struct store_change){.number = query_column(q, SQLITE_JOB_N_COLUMNS),
                                 .key_id = query_column(q, SQLITE_JOB_N_COLUMNS + 1)};
    const char *gone = query_column_text(q, SQLITE_JOB_N_COLUMNS + 2);
    if (!*gone) {
        sqlite_job_row(q, job);
        out->job = job;
        gone = job->id;
    }
    snprintf(out->id, sizeof out->id, "%s", gone);
}

int sqlite_change_list(struct store *s, const struct store_change_filter *filter,
                       store_each_change *each, void *arg, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query) struct query q = query_begin(r.conn, statement_for(filter));
    query_int(&q, filter->after);
    query_int(&q, filter->until ? filter->until : INT64_MAX);
    query_int(&q, filter->limit);
    if (filter->key_id)
        query_int(&q, filter->key_id);
    int rc = query_row(&q, err);
    for (; rc > 0; rc = query_row(&q, err)) {
        struct store_job job;
        struct store_change change;
        read_change(&q, &job, &change);
        if (each(arg, &change) != 0)
            return 0;
    }
    return rc;
}

int sqlite_change_last(struct store *s, int64_t *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query) struct query q = query_begin(r.conn, "SELECT last_change FROM totals");
    int rc = query_row(&q, err);
    if (rc > 0)
        *out = query_column(&q, 0);
    return rc < 0 ? rc : 0;
}
