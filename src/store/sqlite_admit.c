/* sqlite_admit.c - a new job in SQLite: may its key have it, then the row and its reservation.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/sqlite_impl.h"

struct payer {
    bool revoked;
    bool limited;
    int64_t balance;
    int64_t reserved;
    int64_t n_jobs;
    int64_t jobs_at_once;
    int64_t spend_max;
    enum store_window spend_window;
};

static int refuse(struct store_admission *a, enum store_refusal refusal, enum err code,
                  const char *why, struct error *err)
{
    a->refusal = refusal;
    return error_set(err, code, "%s", why);
}

static int read_payer(struct conn *c, struct store_admission *a, struct payer *out,
                      struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT revoked_us, limited, balance, reserved,"
                                    " n_queued + n_running, jobs_at_once, disabled, spend_max,"
                                    " spend_window FROM keys WHERE id = ?");
    query_int(&q, a->key_id);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    if (rc == 0 || query_column(&q, 0) || query_column(&q, 6))
        return refuse(a, STORE_KEY_REVOKED, ERR_DENIED, "the key was revoked", err);
    *out = (struct payer){.limited = query_column(&q, 1),
                          .balance = query_column(&q, 2),
                          .reserved = query_column(&q, 3),
                          .n_jobs = query_column(&q, 4),
                          .jobs_at_once = query_column(&q, 5),
                          .spend_max = query_column(&q, 7),
                          .spend_window = (enum store_window)query_column(&q, 8)};
    return 0;
}

/* J6. The job of a replay may be gone already; its tombstone has its last state. */
static int answer_again(const struct query *q, struct store_admission *a, struct error *err)
{
    if (!hash_equal(sqlite3_column_blob(q->st, 0), a->body_hash, HASH_SIZE))
        return refuse(a, STORE_KEY_REUSED, ERR_CONFLICT,
                      "this Idempotency-Key came with another request before", err);
    a->refusal = STORE_REPLAYED;
    snprintf(a->id, sizeof a->id, "%s", query_column_text(q, 1));
    a->credits = query_column(q, 2);
    a->state = (enum job_state)query_column(q, 3);
    return 1;
}

/* 1: answered from the first time. */
static int replay(struct conn *c, struct store_admission *a, struct error *err)
{
    if (!a->idempotency_key)
        return 0;
    SCOPED(query)
    struct query q = query_begin(
        c, "SELECT body_hash, id, credits, coalesce((SELECT state FROM jobs WHERE id = replays.id),"
           " (SELECT state FROM tombstones WHERE id = replays.id), 3)"
           " FROM replays WHERE key_id = ? AND idempotency_key = ?");
    query_int(&q, a->key_id);
    query_text(&q, a->idempotency_key);
    int rc = query_row(&q, err);
    return rc > 0 ? answer_again(&q, a, err) : rc;
}

static int check_room(struct conn *c, struct store_admission *a, const struct payer *p,
                      struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, "SELECT queued + running FROM totals");
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    if (a->queued_max && query_column(&q, 0) >= a->queued_max)
        return refuse(a, STORE_QUEUE_FULL, ERR_BUSY, "the queue is full", err);
    if (p->jobs_at_once && p->n_jobs >= p->jobs_at_once)
        return refuse(a, STORE_KEY_FULL, ERR_BUSY, "the key has all the jobs it may have at once",
                      err);
    return 0;
}

/* What is reserved now can be charged later, so balance - reserved must stay countable even for
 * a key without a limit. */
static int check_credits(struct store_admission *a, const struct payer *p, struct error *err)
{
    int64_t left;
    int64_t reserved;
    bool counts = !__builtin_sub_overflow(p->balance, p->reserved, &left) &&
                  !__builtin_sub_overflow(left, a->input.credits, &left) &&
                  !__builtin_add_overflow(p->reserved, a->input.credits, &reserved);
    if (p->limited && (!counts || left < 0))
        return refuse(a, STORE_NO_CREDITS, ERR_CREDITS, "the key has not enough credits", err);
    return counts ? 0 : error_set(err, ERR_INVALID, "so many credits cannot be counted");
}

static int check_spending(struct conn *c, struct store_admission *a, const struct payer *p,
                          struct error *err)
{
    if (!p->spend_max)
        return 0;
    SCOPED(query)
    struct query q = query_begin(c,
                                 "SELECT coalesce(-sum(credits), 0) FROM entries WHERE key_id = ?"
                                 " AND created_us >= ? AND type = ?");
    query_int(&q, a->key_id);
    query_int(&q, store_window_begin(p->spend_window, clock_now_us()));
    query_int(&q, STORE_MODEL_USAGE);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    if (query_column(&q, 0) + p->reserved > p->spend_max - a->input.credits)
        return refuse(a, STORE_LIMIT_REACHED, ERR_CREDITS, "the key has spent what it may", err);
    return 0;
}

static int next_seq(struct conn *c, int64_t *out, int64_t *out_change, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c,
                                 "UPDATE totals SET last_seq = last_seq + 1,"
                                 " last_change = last_change + 1 RETURNING last_seq, last_change");
    int rc = query_row(&q, err);
    if (rc > 0) {
        *out = query_column(&q, 0);
        *out_change = query_column(&q, 1);
    }
    return rc < 0 ? rc : query_run(&q, err);
}

/* What a new row is told by its store. */
struct place {
    int64_t seq;
    int64_t change;
    int64_t now_us;
};

static int insert_job(struct conn *c, const struct store_admission *a, const struct place *at,
                      struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(
        c, "INSERT INTO jobs (seq, id, key_id, state, credits, created_us, model, enhance, seed,"
           " image_kind, idempotency_key, image, prompt, changed)"
           " VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const struct store_job_input *in = &a->input;
    query_int(&q, at->seq);
    query_text(&q, a->id);
    query_int(&q, a->key_id);
    query_int(&q, in->credits);
    query_int(&q, at->now_us);
    query_text(&q, in->model);
    query_int(&q, in->enhance);
    query_int(&q, (int64_t)in->seed);
    query_int(&q, in->image_kind);
    query_text(&q, a->idempotency_key);
    query_text(&q, in->image ? in->image : "");
    query_text(&q, in->prompt);
    query_int(&q, at->change);
    return query_run(&q, err);
}

static int insert_replay(struct conn *c, const struct store_admission *a, int64_t now_us,
                         struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "INSERT INTO replays (key_id, idempotency_key, body_hash, id,"
                                    " credits, created_us) VALUES (?, ?, ?, ?, ?, ?)");
    query_int(&q, a->key_id);
    query_text(&q, a->idempotency_key);
    query_blob(&q, a->body_hash, HASH_SIZE);
    query_text(&q, a->id);
    query_int(&q, a->input.credits);
    query_int(&q, now_us);
    return query_run(&q, err);
}

static int write_job(struct conn *c, struct store_admission *a, struct error *err)
{
    struct place at = {.now_us = clock_now_us()};
    struct sqlite_shift shift = {
        .key_id = a->key_id, .credits = a->input.credits, .from = JOB_STATES, .to = JOB_QUEUED};
    if (next_seq(c, &at.seq, &at.change, err) < 0 || insert_job(c, a, &at, err) < 0 ||
        sqlite_move_count(c, &shift, err) < 0)
        return err->code;
    if (a->idempotency_key && insert_replay(c, a, at.now_us, err) < 0)
        return err->code;
    a->credits = a->input.credits;
    a->state = JOB_QUEUED;
    return 0;
}

static int admit(struct conn *c, void *arg, struct error *err)
{
    struct store_admission *a = arg;
    struct payer p = {0};
    a->refusal = STORE_ADMITTED;
    if (a->input.credits < 0)
        return error_set(err, ERR_INVALID, "a job cannot cost less than nothing");
    if (read_payer(c, a, &p, err) < 0)
        return err->code;
    int rc = replay(c, a, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    if (check_room(c, a, &p, err) < 0 || check_credits(a, &p, err) < 0 ||
        check_spending(c, a, &p, err) < 0)
        return err->code;
    return write_job(c, a, err);
}

static void tell(struct sqlite_op *op)
{
    struct store_admission *a = op->arg;
    a->rc = op->rc;
    a->err = op->err;
    mem_free(op);
    a->done(a);
}

void sqlite_admit(struct store *s, struct store_admission *a)
{
    struct sqlite_op *op = mem_alloc(sizeof *op);
    *op = (struct sqlite_op){.write = admit, .arg = a, .weight = SQLITE_DURABLE, .then = tell};
    sqlite_commit_add(sqlite_of(s), op);
}
