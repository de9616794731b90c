/* sqlite_move.c - the moves of a job in SQLite that its worker or its owner makes: claimed, kept
 * alive, ended, given back.
 *
 * Each move asks job_state_can, and each that ends or returns a job shifts the sums of its key
 * with it, in one transaction (J5).
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>

#include "base/clock.h"
#include "store/sqlite_impl.h"

struct sqlite_held sqlite_move_held(const struct query *q)
{
    return (struct sqlite_held){.seq = query_column(q, 0),
                                .key_id = query_column(q, 1),
                                .credits = query_column(q, 2),
                                .state = (enum job_state)query_column(q, 3),
                                .attempts = (int)query_column(q, 4)};
}

/* ---- the sums ------------------------------------------------------------------------------ */

static int by(const struct sqlite_shift *m, enum job_state state)
{
    return (m->to == state) - (m->from == state);
}

static bool is_open(enum job_state state)
{
    return state == JOB_QUEUED || state == JOB_GENERATING;
}

static int count_of_key(struct conn *c, const struct sqlite_shift *m, struct error *err)
{
    if (!is_open(m->from) && !is_open(m->to))
        return 0;
    SCOPED(query)
    struct query q = query_begin(c, "UPDATE keys SET n_queued = n_queued + ?,"
                                    " n_running = n_running + ?, reserved = reserved + ?,"
                                    " balance = balance - ? WHERE id = ?");
    query_int(&q, by(m, JOB_QUEUED));
    query_int(&q, by(m, JOB_GENERATING));
    query_int(&q, m->credits * (is_open(m->to) - is_open(m->from)));
    query_int(&q, m->to == JOB_COMPLETED ? m->credits : 0);
    query_int(&q, m->key_id);
    return query_run(&q, err);
}

int sqlite_move_count(struct conn *c, const struct sqlite_shift *m, struct error *err)
{
    assert(m->from == JOB_STATES || m->to == JOB_STATES || job_state_can(m->from, m->to));
    if (count_of_key(c, m, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(c, "UPDATE totals SET queued = queued + ?, running = running + ?,"
                                    " completed = completed + ?, failed = failed + ?");
    query_int(&q, by(m, JOB_QUEUED));
    query_int(&q, by(m, JOB_GENERATING));
    query_int(&q, by(m, JOB_COMPLETED));
    query_int(&q, by(m, JOB_ERROR));
    int rc = query_run(&q, err);
    return rc < 0 ? rc : 0;
}

static int shift(struct conn *c, const struct sqlite_held *h, enum job_state to, struct error *err)
{
    struct sqlite_shift m = {
        .key_id = h->key_id, .credits = h->credits, .from = h->state, .to = to};
    return sqlite_move_count(c, &m, err);
}

/* ---- claim --------------------------------------------------------------------------------- */

struct claim {
    const struct store_claim *wish;
    struct store_job *out;
};

/* Of the keys with the fewest running, the one whose oldest job waits longest. */
static const char next_job[] =
    "SELECT " SQLITE_HELD_COLUMNS ", model FROM jobs WHERE seq ="
    " (SELECT min((SELECT min(seq) FROM jobs WHERE key_id = keys.id AND state = 0))"
    " FROM keys WHERE n_queued > 0 AND n_running ="
    " (SELECT min(n_running) FROM keys WHERE n_queued > 0))";

/* The same among the jobs of some models. A line is the jobs that a key has waiting for a model:
 * the index leads from one line to the next, however many jobs stand in each. */
static const char next_of_models[] =
    "WITH RECURSIVE lines (key_id, n_running, model) AS"
    " (SELECT id, n_running, (SELECT min(model) FROM jobs INDEXED BY jobs_in_line"
    " WHERE key_id = keys.id AND state = 0) FROM keys WHERE n_queued > 0"
    " UNION ALL SELECT key_id, n_running, (SELECT min(model) FROM jobs INDEXED BY jobs_in_line"
    " WHERE key_id = lines.key_id AND state = 0 AND model > lines.model)"
    " FROM lines WHERE model IS NOT NULL)"
    "SELECT " SQLITE_HELD_COLUMNS " FROM jobs WHERE seq = (SELECT oldest FROM (SELECT n_running,"
    " (SELECT min(seq) FROM jobs INDEXED BY jobs_in_line WHERE key_id = lines.key_id"
    " AND state = 0 AND model = lines.model) AS oldest FROM lines"
    " WHERE model IS NOT NULL AND instr(' ' || ?1 || ' ', ' ' || model || ' ') > 0)"
    " ORDER BY n_running, oldest LIMIT 1)";

static int no_job_waits(struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "no job waits");
}

static int find_of_models(struct conn *c, const char *models, struct sqlite_held *out,
                          struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, next_of_models);
    query_text(&q, models);
    int rc = query_row(&q, err);
    if (rc > 0)
        *out = sqlite_move_held(&q);
    return rc == 0 ? no_job_waits(err) : rc;
}

/* Most of the time the next job of all is one that the worker makes. */
static int find_next(struct conn *c, const char *models, struct sqlite_held *out, struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, next_job);
    int rc = query_row(&q, err);
    if (rc <= 0)
        return rc == 0 ? no_job_waits(err) : rc;
    if (models && !text_lists(text_of(models), text_of(query_column_text(&q, SQLITE_HELD_MODEL))))
        return find_of_models(c, models, out, err);
    *out = sqlite_move_held(&q);
    return rc;
}

static int claim(struct conn *c, void *arg, struct error *err)
{
    const struct claim *a = arg;
    struct sqlite_held h = {0};
    if (find_next(c, a->wish->models, &h, err) < 0 || shift(c, &h, JOB_GENERATING, err) < 0)
        return err->code;
    int64_t now_us = clock_now_us();
    SCOPED(query)
    struct query q = query_begin(
        c, "UPDATE jobs SET state = 1, attempts = attempts + 1, token = token + 1, worker = ?2,"
           " lease_until_us = ?3, started_us = ?4, progress = 0, progress_us = ?4, stage = ''"
           " WHERE seq = ?1");
    query_int(&q, h.seq);
    query_text(&q, a->wish->worker);
    query_int(&q, now_us + a->wish->lease_us);
    query_int(&q, now_us);
    if (query_run(&q, err) < 0)
        return err->code;
    return sqlite_job_by_seq(c, h.seq, a->out, err);
}

/* A worker asks often; most of the time the answer needs no lock. */
static int look(struct store *s, const char *models, struct error *err)
{
    struct sqlite_held ignored;
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    return find_next(r.conn, models, &ignored, err);
}

int sqlite_move_claim(struct store *s, const struct store_claim *wish, struct store_job *out,
                      struct error *err)
{
    struct store_job job = {0};
    struct claim a = {.wish = wish, .out = &job};
    if (look(s, wish->models, err) < 0)
        return err->code;
    int rc = sqlite_commit_wait(s, claim, &a, SQLITE_DURABLE, err);
    if (rc < 0)
        store_job_fini(&job); /* claimed, but not committed */
    else
        *out = job;
    return rc;
}

/* ---- while it is held ---------------------------------------------------------------------- */

struct hold {
    const char *id;
    int64_t token;
    int64_t lease_us;
    const char *stage;
    double done;
    const struct store_result *result;
    const char *error_name;
    const char *error_message;
    int attempts_max;
};

static int lost(const char *id, struct error *err)
{
    return error_set(err, ERR_LOST, "the lease on job %s is not valid any more", id);
}

static int run_held(struct query *q, const struct hold *a, struct error *err)
{
    int n = query_run(q, err);
    return n == 0 ? lost(a->id, err) : n < 0 ? n : 0;
}

static int beat(struct conn *c, void *arg, struct error *err)
{
    const struct hold *a = arg;
    SCOPED(query)
    struct query q = query_begin(c, "UPDATE jobs SET lease_until_us = ?"
                                    " WHERE id = ? AND token = ? AND state = 1");
    query_int(&q, clock_now_us() + a->lease_us);
    query_text(&q, a->id);
    query_int(&q, a->token);
    return run_held(&q, a, err);
}

int sqlite_move_beat(struct store *s, const char *id, int64_t token, int64_t lease_us,
                     struct error *err)
{
    struct hold a = {.id = id, .token = token, .lease_us = lease_us};
    return sqlite_commit_wait(s, beat, &a, SQLITE_SILENT, err);
}

/* Saying the same again is not progress: a hang may well talk. */
static int progress(struct conn *c, void *arg, struct error *err)
{
    const struct hold *a = arg;
    SCOPED(query)
    struct query q =
        query_begin(c, "UPDATE jobs SET progress = ?1, stage = ?2, progress_us ="
                       " CASE WHEN progress = ?1 AND stage = ?2 THEN progress_us ELSE ?3 END"
                       " WHERE id = ?4 AND token = ?5 AND state = 1");
    query_real(&q, a->done);
    query_text(&q, a->stage);
    query_int(&q, clock_now_us());
    query_text(&q, a->id);
    query_int(&q, a->token);
    return run_held(&q, a, err);
}

int sqlite_move_progress(struct store *s, const char *id, int64_t token, const char *stage,
                         double done, struct error *err)
{
    struct hold a = {.id = id,
                     .token = token,
                     .stage = stage,
                     .done = done > 1   ? 1
                             : done > 0 ? done
                                        : 0}; /* not a number is 0 */
    return sqlite_commit_wait(s, progress, &a, SQLITE_LIGHT, err);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static int find_held(struct conn *c, const struct hold *a, struct sqlite_held *out,
                     struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " SQLITE_HELD_COLUMNS " FROM jobs"
                                    " WHERE id = ? AND token = ? AND state = 1");
    query_text(&q, a->id);
    query_int(&q, a->token);
    int rc = query_row(&q, err);
    if (rc > 0)
        *out = sqlite_move_held(&q);
    return rc == 0 ? lost(a->id, err) : rc;
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static int write_result(struct conn *c, int64_t seq, const struct store_result *result,
                        struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(
        c, "UPDATE jobs SET state = 2, ended_us = ?, progress = 1, worker = '', lease_until_us = 0,"
           " video = ?, video_bytes = ?, duration_us = ?, width = ?, height = ?, engine = ?,"
           " prompt_used = ?, meta = ?, poster = ?, preview = ?, timings = ?, beside_bytes = ? "
           "WHERE seq = ?");
    query_int(&q, clock_now_us());
    query_text(&q, result->video);
    query_int(&q, result->video_bytes);
    query_int(&q, result->duration_us);
    query_int(&q, result->width);
    query_int(&q, result->height);
    query_text(&q, result->engine);
    query_text(&q, result->prompt);
    query_text(&q, result->meta);
    query_text(&q, or_empty(result->poster));
    query_text(&q, or_empty(result->preview));
    query_text(&q, or_empty(result->timings));
    query_int(&q, result->beside_bytes);
    query_int(&q, seq);
    return query_run(&q, err);
}

/* Charge a job: its row of the ledger; the balance follows in the key's sums. */
static int enter_charge(struct conn *c, const struct sqlite_held *h, const char *id,
                        struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, "SELECT model FROM jobs WHERE seq = ?");
    query_int(&q, h->seq);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    return sqlite_key_enter(c,
                            &(struct sqlite_entry){.key_id = h->key_id,
                                                   .credits = -h->credits,
                                                   .type = STORE_MODEL_USAGE,
                                                   .model = query_column_text(&q, 0),
                                                   .reference = id},
                            err);
}

static int finish(struct conn *c, void *arg, struct error *err)
{
    const struct hold *a = arg;
    struct sqlite_held h = {0};
    if (find_held(c, a, &h, err) < 0 || write_result(c, h.seq, a->result, err) < 0 ||
        shift(c, &h, JOB_COMPLETED, err) < 0)
        return err->code;
    return enter_charge(c, &h, a->id, err);
}

int sqlite_move_finish(struct store *s, const char *id, int64_t token,
                       const struct store_result *result, struct error *err)
{
    struct hold a = {.id = id, .token = token, .result = result};
    if (!result->video || !*result->video)
        return error_set(err, ERR_INVALID, "job %s has no video to be completed with (J4)", id);
    return sqlite_commit_wait(s, finish, &a, SQLITE_DURABLE, err);
}

/* The token rises, so that whoever still works on it finds its lease lost. */
static int end_in_error(struct conn *c, const struct sqlite_held *h, const char *name,
                        const char *message, struct error *err)
{
    if (shift(c, h, JOB_ERROR, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q =
        query_begin(c, "UPDATE jobs SET state = 3, ended_us = ?, token = token + 1, worker = '',"
                       " lease_until_us = 0, error_name = ?, error_message = ? WHERE seq = ?");
    query_int(&q, clock_now_us());
    query_text(&q, name);
    query_text(&q, message);
    query_int(&q, h->seq);
    int rc = query_run(&q, err);
    return rc < 0 ? rc : 0;
}

static int fail(struct conn *c, void *arg, struct error *err)
{
    const struct hold *a = arg;
    struct sqlite_held h = {0};
    if (find_held(c, a, &h, err) < 0)
        return err->code;
    return end_in_error(c, &h, a->error_name, a->error_message, err);
}

int sqlite_move_fail(struct store *s, const char *id, int64_t token, const char *name,
                     const char *message, struct error *err)
{
    struct hold a = {.id = id, .token = token, .error_name = name, .error_message = message};
    return sqlite_commit_wait(s, fail, &a, SQLITE_DURABLE, err);
}

/* ---- cancel -------------------------------------------------------------------------------- */

static int find_by_id(struct conn *c, const struct sqlite_wanted *a, struct sqlite_held *out,
                      struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " SQLITE_HELD_COLUMNS " FROM jobs WHERE id = ?");
    query_text(&q, a->id);
    int rc = query_row(&q, err);
    if (rc > 0)
        *out = sqlite_move_held(&q);
    return sqlite_job_owned(c, a, rc, out->key_id, err);
}

static int cancel(struct conn *c, void *arg, struct error *err)
{
    const struct sqlite_wanted *a = arg;
    struct sqlite_held h = {0};
    if (find_by_id(c, a, &h, err) < 0)
        return err->code;
    if (h.state == JOB_ERROR)
        return 0;
    if (h.state == JOB_COMPLETED)
        return error_set(err, ERR_CONFLICT, "job %s is completed", a->id);
    return end_in_error(c, &h, "CancelledException", "Cancelled", err);
}

int sqlite_move_cancel(struct store *s, int64_t key_id, const char *id, struct error *err)
{
    struct sqlite_wanted a = {.key_id = key_id, .id = id};
    return sqlite_commit_wait(s, cancel, &a, SQLITE_DURABLE, err);
}

/* ---- back to the queue --------------------------------------------------------------------- */

static int requeue(struct conn *c, const struct sqlite_held *h, int uncounted, struct error *err)
{
    if (shift(c, h, JOB_QUEUED, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(
        c, "UPDATE jobs SET state = 0, token = token + 1, attempts = attempts - ?1, worker = '',"
           " lease_until_us = 0, progress = 0, progress_us = 0, stage = '',"
           " started_us = started_us * (attempts > ?1) WHERE seq = ?2");
    query_int(&q, uncounted);
    query_int(&q, h->seq);
    int rc = query_run(&q, err);
    return rc < 0 ? rc : 0;
}

static int release(struct conn *c, void *arg, struct error *err)
{
    const struct hold *a = arg;
    struct sqlite_held h = {0};
    if (find_held(c, a, &h, err) < 0)
        return err->code;
    return requeue(c, &h, 1, err);
}

int sqlite_move_release(struct store *s, const char *id, int64_t token, struct error *err)
{
    struct hold a = {.id = id, .token = token};
    return sqlite_commit_wait(s, release, &a, SQLITE_DURABLE, err);
}

int sqlite_move_another_try(struct conn *c, const struct sqlite_held *h, int attempts_max,
                            const char *message, struct error *err)
{
    if (h->attempts >= attempts_max)
        return end_in_error(c, h, "GenerationException", message, err);
    int rc = requeue(c, h, 0, err);
    return rc < 0 ? rc : 1;
}

static int retry(struct conn *c, void *arg, struct error *err)
{
    const struct hold *a = arg;
    struct sqlite_held h = {0};
    if (find_held(c, a, &h, err) < 0)
        return err->code;
    return sqlite_move_another_try(c, &h, a->attempts_max, a->error_message, err);
}

int sqlite_move_retry(struct store *s, const char *id, int64_t token, int attempts_max,
                      const char *message, struct error *err)
{
    struct hold a = {
        .id = id, .token = token, .attempts_max = attempts_max, .error_message = message};
    return sqlite_commit_wait(s, retry, &a, SQLITE_DURABLE, err);
}
