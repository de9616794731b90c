/* sqlite_retire.c - records that leave SQLite: a tombstone stays for each, so that its id says
 * "gone"; tombstones and old answers to Idempotency-Keys leave, too, when their time has come.
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/memory.h"
#include "store/sqlite_impl.h"

#define REPLAY_KEPT_US    (24 * 3600 * CLOCK_SECOND_US)
#define TOMBSTONE_KEPT_US (90 * 24 * 3600 * CLOCK_SECOND_US)

static int end_replay(struct conn *c, int64_t seq, int64_t now_us, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(
        c, "UPDATE replays SET expires_us = max(created_us + ?, ?) WHERE (key_id, idempotency_key)"
           " = (SELECT key_id, idempotency_key FROM jobs WHERE seq = ?)");
    query_int(&q, REPLAY_KEPT_US);
    query_int(&q, now_us);
    query_int(&q, seq);
    return query_run(&q, err);
}

static int bury(struct conn *c, int64_t seq, int64_t now_us, const char *why, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "INSERT INTO tombstones (id, key_id, state, gone_us, why)"
                                    " SELECT id, key_id, state, ?, ? FROM jobs WHERE seq = ?");
    query_int(&q, now_us);
    query_text(&q, why);
    query_int(&q, seq);
    return query_run(&q, err);
}

static int take_out(struct conn *c, const struct store_job *job, const char *why, struct error *err)
{
    int64_t now_us = clock_now_us();
    struct sqlite_shift shift = {
        .key_id = job->key_id, .credits = job->input.credits, .from = job->state, .to = JOB_STATES};
    if (end_replay(c, job->seq, now_us, err) < 0 || bury(c, job->seq, now_us, why, err) < 0 ||
        sqlite_move_count(c, &shift, err) < 0)
        return err->code;
    SCOPED(query) struct query q = query_begin(c, "DELETE FROM jobs WHERE seq = ?");
    query_int(&q, job->seq);
    int rc = query_run(&q, err);
    return rc < 0 ? rc : 0;
}

/* ---- one, by its key ----------------------------------------------------------------------- */

struct removal {
    struct sqlite_wanted wanted;
    struct store_job *out;
};

static int find(struct conn *c, const struct removal *a, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " SQLITE_JOB_COLUMNS " FROM jobs WHERE id = ?");
    query_text(&q, a->wanted.id);
    int rc = query_row(&q, err);
    if (rc > 0)
        sqlite_job_take(&q, a->out);
    return sqlite_job_owned(c, &a->wanted, rc, a->out->key_id, err);
}

static int remove_one(struct conn *c, void *arg, struct error *err)
{
    const struct removal *a = arg;
    if (find(c, a, err) < 0)
        return err->code;
    if (!job_state_is_final(a->out->state))
        return error_set(err, ERR_CONFLICT, "job %s has not ended", a->wanted.id);
    return take_out(c, a->out, "removed", err);
}

int sqlite_retire_remove(struct store *s, int64_t key_id, const char *id, struct store_job *out,
                         struct error *err)
{
    struct store_job job = {0};
    struct removal a = {.wanted = {.key_id = key_id, .id = id}, .out = &job};
    int rc = sqlite_commit_wait(s, remove_one, &a, SQLITE_DURABLE, err);
    if (rc < 0)
        store_job_fini(&job);
    else
        *out = job;
    return rc;
}

/* ---- many, by their age -------------------------------------------------------------------- */

struct retirement {
    int64_t before_us;
    int most;
    struct store_job *jobs; /* taken so far */
    int n_jobs;
};

static int gather(struct conn *c, struct retirement *a, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " SQLITE_JOB_COLUMNS " FROM jobs INDEXED BY jobs_ended"
                                    " WHERE state >= 2 AND ended_us < ? ORDER BY ended_us LIMIT ?");
    query_int(&q, a->before_us);
    query_int(&q, a->most);
    int rc = query_row(&q, err);
    for (; rc > 0; rc = query_row(&q, err)) {
        a->jobs = mem_grow(a->jobs, (size_t)(a->n_jobs + 1) * sizeof *a->jobs);
        sqlite_job_take(&q, &a->jobs[a->n_jobs++]);
    }
    return rc;
}

static int prune(struct conn *c, const char *sql, int64_t before_us, struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, sql);
    query_int(&q, before_us);
    return query_run(&q, err);
}

static int retire(struct conn *c, void *arg, struct error *err)
{
    static const char replays[] = "DELETE FROM replays WHERE expires_us < ?";
    static const char tombstones[] = "DELETE FROM tombstones WHERE gone_us < ?";
    struct retirement *a = arg;
    int64_t now_us = clock_now_us();
    if (gather(c, a, err) < 0)
        return err->code;
    for (int i = 0; i < a->n_jobs; i++)
        if (take_out(c, &a->jobs[i], "retired", err) < 0)
            return err->code;
    if (prune(c, replays, now_us, err) < 0 ||
        prune(c, tombstones, now_us - TOMBSTONE_KEPT_US, err) < 0)
        return err->code;
    return a->n_jobs;
}

int sqlite_retire(struct store *s, int64_t before_us, int most, store_each_job *each, void *arg,
                  struct error *err)
{
    struct retirement a = {.before_us = before_us, .most = most};
    int rc = sqlite_commit_wait(s, retire, &a, SQLITE_DURABLE, err);
    bool go_on = rc >= 0;
    for (int i = 0; i < a.n_jobs; i++) {
        if (go_on && each(arg, &a.jobs[i]) != 0)
            go_on = false;
        store_job_fini(&a.jobs[i]);
    }
    mem_free(a.jobs);
    return rc;
}
