/* sqlite_check.c - the invariants of job_state.h and of the ledger, as statements that find what
 * breaks them. SPDX-License-Identifier: MIT */
#include "store/sqlite_impl.h"

/* Each finds the jobs or keys of which the sentence is not true. */
static const struct {
    const char *must;
    const char *sql;
} invariants[] = {
    /* J1, J3 */
    {"a generating job has a worker, a lease, a token and an attempt",
     "SELECT 'job ' || id FROM jobs WHERE state = 1 AND"
     " (worker = '' OR lease_until_us <= 0 OR token <= 0 OR attempts <= 0 OR started_us <= 0)"},
    {"only a generating job has a worker and a lease",
     "SELECT 'job ' || id FROM jobs WHERE state <> 1 AND (worker <> '' OR lease_until_us <> 0)"},
    {"a token rises with each attempt",
     "SELECT 'job ' || id FROM jobs WHERE token < attempts OR token < 0"},
    {"a job's seq was given out", "SELECT 'job ' || id FROM jobs WHERE seq < 1 OR"
                                  " seq > (SELECT last_seq FROM totals)"},
    /* J2 */
    {"a job has an end when, and only when, its state is final",
     "SELECT 'job ' || id FROM jobs WHERE (state >= 2) <> (ended_us > 0)"},
    {"an error has a name, and nothing else has",
     "SELECT 'job ' || id FROM jobs WHERE (state = 3) <> (error_name <> '')"},
    {"a job is either there or gone",
     "SELECT 'job ' || id FROM jobs WHERE id IN (SELECT id FROM tombstones)"},
    /* J4 */
    {"a completed job has a video, and nothing else has",
     "SELECT 'job ' || id FROM jobs WHERE (state = 2) <> (video <> '')"},
    /* J5 */
    {"a completed job was charged once, with its credits, to its key",
     "SELECT 'job ' || id FROM jobs WHERE state = 2 AND 1 <> (SELECT count(*) FROM entries WHERE"
     " reference = jobs.id AND reference <> '' AND key_id = jobs.key_id"
     " AND credits = -jobs.credits)"},
    {"only a completed job was charged",
     "SELECT 'job ' || id FROM jobs WHERE state <> 2 AND"
     " EXISTS (SELECT 1 FROM entries WHERE reference = jobs.id AND reference <> '')"},
    {"what a key has reserved are the credits of its unfinished jobs",
     "SELECT 'key ' || prefix FROM keys WHERE reserved <> coalesce((SELECT sum(credits) FROM jobs"
     " WHERE key_id = keys.id AND state IN (0, 1)), 0)"},
    {"the balance of a key is the sum of its ledger",
     "SELECT 'key ' || prefix FROM keys WHERE balance <> coalesce((SELECT sum(credits)"
     " FROM entries WHERE key_id = keys.id), 0)"},
    {"the ledger is in the order of time",
     "SELECT 'row ' || seq FROM (SELECT seq, created_us, lag(created_us) OVER (ORDER BY seq)"
     " AS before_us FROM entries) WHERE created_us < before_us"},
    /* The sums that fairness and limits rest on. */
    {"a key counts its queued and running jobs",
     "SELECT 'key ' || prefix FROM keys WHERE"
     " n_queued <> (SELECT count(*) FROM jobs WHERE key_id = keys.id AND state = 0) OR"
     " n_running <> (SELECT count(*) FROM jobs WHERE key_id = keys.id AND state = 1)"},
    {"the totals count the jobs",
     "SELECT 'the store' FROM totals WHERE queued <> (SELECT count(*) FROM jobs WHERE state = 0) OR"
     " running <> (SELECT count(*) FROM jobs WHERE state = 1) OR"
     " completed <> (SELECT count(*) FROM jobs WHERE state = 2) OR"
     " failed <> (SELECT count(*) FROM jobs WHERE state = 3)"},
    /* J6 */
    {"the answer to an Idempotency-Key names a job or a tombstone",
     "SELECT 'job ' || id FROM replays WHERE (expires_us IS NULL AND"
     " id NOT IN (SELECT id FROM jobs)) OR"
     " (expires_us IS NOT NULL AND id NOT IN (SELECT id FROM tombstones))"},
    {"a job with an Idempotency-Key is the answer to it",
     "SELECT 'job ' || id FROM jobs WHERE idempotency_key IS NOT NULL AND id IS NOT (SELECT id"
     " FROM replays WHERE key_id = jobs.key_id AND idempotency_key = jobs.idempotency_key)"},
};

int sqlite_check_invariants(struct conn *c, struct error *err)
{
    for (size_t i = 0; i < sizeof invariants / sizeof *invariants; i++) {
        SCOPED(query) struct query q = query_begin(c, invariants[i].sql);
        int rc = query_row(&q, err);
        if (rc < 0)
            return rc;
        if (rc > 0)
            return error_set(err, ERR_CORRUPT, "it is not true of %s that %s",
                             query_column_text(&q, 0), invariants[i].must);
    }
    return 0;
}

static int check_file(struct conn *c, struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, "PRAGMA integrity_check(1)");
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    struct text answer = text_of(query_column_text(&q, 0));
    if (!text_equal(answer, TEXT("ok")))
        return error_set(err, ERR_CORRUPT, "the store's file is damaged: %s", answer.at);
    return 0;
}

/* All of it sees one moment. */
int sqlite_check(struct store *s, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    if (check_file(r.conn, err) < 0 || conn_run(r.conn, "BEGIN", err) < 0)
        return err->code;
    int rc = sqlite_check_invariants(r.conn, err);
    sqlite3_exec(r.conn->db, "COMMIT", NULL, NULL, NULL);
    return rc;
}
