/* sqlite_job.c - reading jobs from SQLite. SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/memory.h"
#include "store/sqlite_impl.h"

/* The columns are text; a reader of the struct owns nothing. */
static char *text_at(const struct query *q, int i)
{
    return (char *)(uintptr_t)query_column_text(q, i);
}

void sqlite_job_row(const struct query *q, struct store_job *out)
{
    *out = (struct store_job){
        .seq = query_column(q, 0),
        .key_id = query_column(q, 2),
        .state = (enum job_state)query_column(q, 3),
        .attempts = (int)query_column(q, 4),
        .token = query_column(q, 5),
        .progress = query_column_real(q, 6),
        .created_us = query_column(q, 9),
        .started_us = query_column(q, 10),
        .ended_us = query_column(q, 11),
        .input = {.credits = query_column(q, 8),
                  .model = text_at(q, 12),
                  .enhance = query_column(q, 13),
                  .seed = (uint64_t)query_column(q, 14),
                  .image_kind = (enum store_image)query_column(q, 15),
                  .image = text_at(q, 24),
                  .prompt = text_at(q, 25)},
        .result = {.video = text_at(q, 16),
                   .video_bytes = query_column(q, 17),
                   .duration_us = query_column(q, 18),
                   .width = (int)query_column(q, 19),
                   .height = (int)query_column(q, 20),
                   .engine = text_at(q, 21),
                   .prompt = text_at(q, 26),
                   .meta = text_at(q, 27),
                   .poster = text_at(q, 28),
                   .preview = text_at(q, 29),
                   .timings = text_at(q, 30),
                   .beside_bytes = query_column(q, 32)},
        .error_name = text_at(q, 22),
        .error_message = text_at(q, 23),
        .changed = query_column(q, 31),
    };
    snprintf(out->id, sizeof out->id, "%s", query_column_text(q, 1));
    snprintf(out->stage, sizeof out->stage, "%s", query_column_text(q, 7));
}

void sqlite_job_take(const struct query *q, struct store_job *out)
{
    struct store_job row;
    sqlite_job_row(q, &row);
    store_job_copy(&row, out);
}

int sqlite_job_by_seq(struct conn *c, int64_t seq, struct store_job *out, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " SQLITE_JOB_COLUMNS " FROM jobs WHERE seq = ?");
    query_int(&q, seq);
    int rc = query_row(&q, err);
    if (rc > 0)
        sqlite_job_take(&q, out);
    return rc == 0  ? error_set(err, ERR_NOT_FOUND, "there is no job %lld", (long long)seq)
           : rc < 0 ? rc
                    : 0;
}

int sqlite_job_missing(struct conn *c, const char *id, int64_t *key_id, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT key_id, why FROM tombstones WHERE id = ?");
    query_text(&q, id);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return error_set(err, ERR_NOT_FOUND, "there is no job %s", id);
    *key_id = query_column(&q, 0);
    return error_set(err, ERR_GONE, "job %s was %s", id, query_column_text(&q, 1));
}

int sqlite_job_owned(struct conn *c, const struct sqlite_wanted *wanted, int found, int64_t key_id,
                     struct error *err)
{
    if (found == 0) {
        key_id = 0;
        found = sqlite_job_missing(c, wanted->id, &key_id, err);
    }
    if (found != ERR_IO && found != ERR_CORRUPT && key_id != wanted->key_id)
        return error_set(err, ERR_NOT_FOUND, "there is no job %s", wanted->id);
    return found < 0 ? found : 0;
}

int sqlite_job_get(struct store *s, const char *id, struct store_job *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    const uint64_t visits = door_visits(sqlite_of(s)->door);
    if (sqlite_memo_job(sqlite_of(s), id, out))
        return 0;
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn, "SELECT " SQLITE_JOB_COLUMNS " FROM jobs WHERE id = ?");
    query_text(&q, id);
    int rc = query_row(&q, err);
    if (rc > 0) {
        sqlite_job_take(&q, out);
        sqlite_memo_add_job(sqlite_of(s), out, visits);
    }
    if (rc != 0)
        return rc < 0 ? rc : 0;
    int64_t key_id = 0;
    rc = sqlite_job_missing(r.conn, id, &key_id, err);
    *out = (struct store_job){.key_id = key_id};
    return rc;
}

/* The index has the jobs of a key by state; those of all states are merged, newest first, and
 * only the rows of the page are read. A search reads the rows that it passes, too. */
#define OF_STATE(state, more)                                                                      \
    "SELECT seq AS n FROM jobs WHERE key_id = ?1 AND state = " state " AND seq < ?2" more
#define OF_ALL(more)                                                                               \
    OF_STATE("0", more)                                                                            \
    " UNION ALL " OF_STATE("1", more) " UNION ALL " OF_STATE("2", more) " UNION ALL " OF_STATE(    \
        "3", more)
#define PAGE(seqs)                                                                                 \
    "SELECT " SQLITE_JOB_COLUMNS " FROM (" seqs " ORDER BY n DESC LIMIT ?3) AS page"               \
    " CROSS JOIN jobs ON jobs.seq = page.n ORDER BY page.n DESC"
#define FOUND " AND (?5 = '' OR model = ?5) AND (?6 = '' OR instr(lower(prompt), lower(?6)) > 0)"

static const char page_of_state[] = PAGE(OF_STATE("?4", ""));
static const char page_of_all[] = PAGE(OF_ALL(""));
static const char found_of_state[] = PAGE(OF_STATE("?4", FOUND));
static const char found_of_all[] = PAGE(OF_ALL(FOUND));

static bool searches(const struct store_list_filter *f)
{
    return (f->model && *f->model) || (f->words && *f->words);
}

static struct query page_query(struct conn *c, const struct store_list_filter *f)
{
    bool search = searches(f);
    struct query q = query_begin(c, f->state < 0 ? (search ? found_of_all : page_of_all)
                                                 : (search ? found_of_state : page_of_state));
    query_int(&q, f->key_id);
    query_int(&q, f->before_seq ? f->before_seq : INT64_MAX);
    query_int(&q, f->limit);
    query_int(&q, f->state); /* out of range, and ignored, where the statement has no such value */
    if (search) {
        query_text(&q, f->model ? f->model : "");
        query_text(&q, f->words ? f->words : "");
    }
    return q;
}

int sqlite_job_list(struct store *s, const struct store_list_filter *filter, store_each_job *each,
                    void *arg, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query) struct query q = page_query(r.conn, filter);
    int rc = query_row(&q, err);
    for (; rc > 0; rc = query_row(&q, err)) {
        struct store_job job;
        sqlite_job_row(&q, &job);
        if (each(arg, &job) != 0)
            return 0;
    }
    return rc;
}

int sqlite_job_running(struct store *s, store_each_run *each, void *arg, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn, "SELECT worker, id, stage, progress FROM jobs"
                                         " INDEXED BY jobs_running WHERE state = 1 ORDER BY seq");
    int rc = query_row(&q, err);
    for (; rc > 0; rc = query_row(&q, err)) {
        const struct store_run run = {.worker = query_column_text(&q, 0),
                                      .id = query_column_text(&q, 1),
                                      .stage = query_column_text(&q, 2),
                                      .progress = query_column_real(&q, 3)};
        if (each(arg, &run) != 0)
            return 0;
    }
    return rc;
}

int sqlite_job_position(struct store *s, const struct store_job *job, int most, int *out,
                        struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn,
                                 "SELECT count(*) FROM (SELECT 1 FROM jobs INDEXED BY jobs_waiting"
                                 " WHERE state = 0 AND seq < ? LIMIT ?)");
    query_int(&q, job->seq);
    query_int(&q, most);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    *out = (int)query_column(&q, 0);
    return 0;
}

#define DOES_NOT_PASS "instr(' ' || ?3 || ' ', ' ' || model || ' ') = 0"

int sqlite_job_ahead(struct store *s, const struct store_job *job, const char *passing, int most,
                     int *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(
        r.conn, "SELECT (SELECT count(*) FROM (SELECT model FROM jobs INDEXED BY jobs_waiting"
                " WHERE state = 0 AND seq < ?1 ORDER BY seq LIMIT ?2) WHERE " DOES_NOT_PASS ")"
                " + (SELECT count(*) FROM jobs INDEXED BY jobs_running"
                " WHERE state = 1 AND " DOES_NOT_PASS ")");
    query_int(&q, job->seq);
    query_int(&q, most);
    query_text(&q, passing);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    *out = (int)query_column(&q, 0);
    return 0;
}

int sqlite_job_names_blob(struct store *s, const char *blob, bool *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q =
        query_begin(r.conn, "SELECT EXISTS (SELECT 1 FROM jobs WHERE video = ?1 AND video <> '')"
                            " OR EXISTS (SELECT 1 FROM jobs WHERE image = ?1 AND image_kind = 1)"
                            " OR EXISTS (SELECT 1 FROM jobs WHERE poster = ?1 AND poster <> '')"
                            " OR EXISTS (SELECT 1 FROM jobs WHERE preview = ?1 AND preview <> '')");
    query_text(&q, blob);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    *out = query_column(&q, 0);
    return 0;
}

int sqlite_job_video_bytes(struct store *s, int64_t *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn, "SELECT coalesce(sum(video_bytes + beside_bytes), 0)"
                                         " FROM jobs WHERE state = 2");
    int rc = query_row(&q, err);
    if (rc > 0)
        *out = query_column(&q, 0);
    return rc < 0 ? rc : 0;
}

int sqlite_job_counts(struct store *s, struct store_counts *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(
        r.conn, "SELECT queued, running, completed, failed,"
                " coalesce((SELECT created_us FROM jobs INDEXED BY jobs_waiting WHERE state = 0"
                " ORDER BY seq LIMIT 1), 0) FROM totals");
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    *out = (struct store_counts){.queued = query_column(&q, 0),
                                 .running = query_column(&q, 1),
                                 .completed = query_column(&q, 2),
                                 .failed = query_column(&q, 3),
                                 .oldest_queued_us = query_column(&q, 4)};
    return 0;
}

int sqlite_job_work_us(struct store *s, const char *model, int64_t *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(
        r.conn, "WITH work AS MATERIALIZED (SELECT ended_us - started_us AS us FROM jobs"
                " WHERE model = ? AND state = 2 ORDER BY ended_us DESC LIMIT 31)"
                " SELECT us FROM work ORDER BY us LIMIT 1 OFFSET (SELECT count(*) / 2 FROM work)");
    query_text(&q, model);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    *out = rc > 0 ? query_column(&q, 0) : 0;
    return 0;
}
