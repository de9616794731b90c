/* sqlite_commit.c - the one thread that writes, for all threads of the process.
 *
 * It takes everything that waits, runs each operation in a savepoint of one transaction, commits
 * once - one sync for all of them - and only then tells each. While it syncs, the next batch
 * gathers by itself; nothing ever waits for company. An operation that fails is undone alone;
 * when the commit fails, all of its batch did.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>

#include "base/thread.h"
#include "store/sqlite_impl.h"

enum { MOST_OPS = 256, CHECKPOINT_PAGES = 1000, CHECKED_JOBS = 500 };

static struct sqlite_op *take_batch(struct sqlite_commit *m)
{
    pthread_mutex_lock(&m->lock);
    while (!m->first && !m->stop)
        pthread_cond_wait(&m->more, &m->lock);
    struct sqlite_op *batch = m->first;
    struct sqlite_op **end = &m->first;
    for (int n = 0; *end && n < MOST_OPS; n++)
        end = &(*end)->next;
    m->first = *end;
    if (!m->first)
        m->last = &m->first;
    *end = NULL;
    pthread_mutex_unlock(&m->lock);
    return batch;
}

static enum sqlite_weight heaviest(const struct sqlite_op *batch)
{
    enum sqlite_weight weight = SQLITE_SILENT;
    for (; batch; batch = batch->next)
        if (batch->weight > weight)
            weight = batch->weight;
    return weight;
}

/* In WAL mode NORMAL is a commit without a sync: the next FULL one syncs it as well. */
static int set_synced(struct sqlite_commit *m, bool synced, struct error *err)
{
    if (synced == m->synced)
        return 0;
    int rc = conn_run(m->conn, synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
                      err);
    m->synced = rc == 0 ? synced : m->synced;
    return rc;
}

static int run_sql(struct conn *c, const char *sql, struct error *err)
{
    SCOPED(query) struct query q = query_begin(c, sql);
    int rc = query_run(&q, err);
    return rc < 0 ? rc : 0;
}

/* Fails only when the whole transaction is lost. */
static int run_op(struct conn *c, struct sqlite_op *op, struct error *err)
{
    if (run_sql(c, "SAVEPOINT op", err) < 0)
        return err->code;
    op->rc = op->write(c, op->arg, &op->err);
    if (op->rc < 0 && sqlite3_get_autocommit(c->db)) {
        *err = op->err;
        return err->code;
    }
    if (op->rc < 0 && run_sql(c, "ROLLBACK TO op", err) < 0)
        return err->code;
    return run_sql(c, "RELEASE op", err);
}

static int run_batch(struct sqlite_commit *m, struct sqlite_op *batch, struct error *err)
{
    if (run_sql(m->conn, "BEGIN IMMEDIATE", err) < 0)
        return err->code;
    for (struct sqlite_op *op = batch; op; op = op->next)
        if (run_op(m->conn, op, err) < 0)
            return err->code;
    return run_sql(m->conn, "COMMIT", err);
}

static void fail_batch(struct sqlite_commit *m, struct sqlite_op *batch, const struct error *why)
{
    if (!sqlite3_get_autocommit(m->conn->db))
        sqlite3_exec(m->conn->db, "ROLLBACK", NULL, NULL, NULL);
    for (struct sqlite_op *op = batch; op; op = op->next) {
        op->rc = why->code;
        op->err = *why;
    }
}

/* Builds that check the invariants do so after each commit, while the store is small. */
static void check_batch(struct conn *c)
{
#ifdef ZOETROPE_CHECKS
    struct error err;
    SCOPED(query)
    struct query q = query_begin(c, "SELECT queued + running + completed + failed FROM totals");
    if (query_row(&q, &err) > 0 && query_column(&q, 0) < CHECKED_JOBS) {
        if (sqlite_check_invariants(c, &err) < 0)
            __assert_fail(err.text, __FILE__, __LINE__, __func__);
    }
#else
    (void)c;
#endif
}

static void commit_batch(struct sqlite_store *s, struct sqlite_op *batch)
{
    struct sqlite_commit *m = &s->commit;
    struct error err;
    enum sqlite_weight weight = heaviest(batch);
    if (door_enter(s->door, SQLITE_WAIT_US, &err) < 0) {
        fail_batch(m, batch, &err);
        return;
    }
    int before = sqlite3_total_changes(m->conn->db);
    int rc = set_synced(m, weight == SQLITE_DURABLE, &err);
    if (rc == 0)
        rc = run_batch(m, batch, &err);
    bool wrote = rc == 0 && sqlite3_total_changes(m->conn->db) != before;
    if (rc < 0)
        fail_batch(m, batch, &err);
    else if (wrote)
        check_batch(m->conn);
    bool ring = wrote && weight > SQLITE_SILENT;
    door_leave(s->door, ring);
    if (ring)
        sqlite_watch_committed(s);
}

static void tell(struct sqlite_commit *m, struct sqlite_op *batch)
{
    struct sqlite_op *waited = NULL;
    while (batch) {
        struct sqlite_op *op = batch;
        batch = op->next;
        if (op->then) {
            op->then(op);
        } else {
            op->next = waited;
            waited = op;
        }
    }
    pthread_mutex_lock(&m->lock);
    while (waited) {
        struct sqlite_op *op = waited;
        waited = op->next; /* op may be gone as soon as the lock is */
        op->done = true;
    }
    pthread_cond_broadcast(&m->told);
    pthread_mutex_unlock(&m->lock);
}

/* Between batches, so that nobody waits for it with a commit of his own in hand. What readers
 * still use stays in the log, and while they use it the log does not start over: it is tried again
 * when the log has grown by as much again. */
static void checkpoint(struct sqlite_commit *m)
{
    if (m->wal_pages < m->checkpoint_at)
        return;
    sqlite3_wal_checkpoint_v2(m->conn->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    m->checkpoint_at = m->wal_pages + CHECKPOINT_PAGES;
}

static int count_pages(void *arg, sqlite3 *db, const char *schema, int n_pages)
{
    (void)db;
    (void)schema;
    struct sqlite_commit *m = arg;
    if (n_pages < m->wal_pages) /* it started over */
        m->checkpoint_at = CHECKPOINT_PAGES;
    m->wal_pages = n_pages;
    return SQLITE_OK;
}

static void *write_for_all(void *arg)
{
    struct sqlite_store *s = arg;
    struct sqlite_op *batch = take_batch(&s->commit);
    while (batch) {
        commit_batch(s, batch);
        tell(&s->commit, batch);
        checkpoint(&s->commit);
        batch = take_batch(&s->commit);
    }
    return NULL;
}

int sqlite_commit_start(struct sqlite_store *s, struct error *err)
{
    struct sqlite_commit *m = &s->commit;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->more, NULL);
    pthread_cond_init(&m->told, NULL);
    m->last = &m->first;
    m->synced = true;
    m->checkpoint_at = CHECKPOINT_PAGES;
    sqlite3_wal_hook(m->conn->db, count_pages, m);
    if (thread_start(&m->thread, write_for_all, s, "write to the store", err) < 0) {
        m->last = NULL; /* nothing to stop */
        return err->code;
    }
    return 0;
}

void sqlite_commit_stop(struct sqlite_store *s)
{
    struct sqlite_commit *m = &s->commit;
    if (!m->last)
        return;
    pthread_mutex_lock(&m->lock);
    m->stop = true;
    pthread_cond_signal(&m->more);
    pthread_mutex_unlock(&m->lock);
    pthread_join(m->thread, NULL);
    pthread_cond_destroy(&m->told);
    pthread_cond_destroy(&m->more);
    pthread_mutex_destroy(&m->lock);
}

void sqlite_commit_add(struct sqlite_store *s, struct sqlite_op *op)
{
    struct sqlite_commit *m = &s->commit;
    pthread_mutex_lock(&m->lock);
    assert(!m->stop);
    bool idle = !m->first;
    *m->last = op;
    m->last = &op->next;
    if (idle)
        pthread_cond_signal(&m->more);
    pthread_mutex_unlock(&m->lock);
}

int sqlite_commit_wait(struct store *base, sqlite_write *write, void *arg,
                       enum sqlite_weight weight, struct error *err)
{
    struct sqlite_store *s = sqlite_of(base);
    struct sqlite_op op = {.write = write, .arg = arg, .weight = weight};
    sqlite_commit_add(s, &op);
    pthread_mutex_lock(&s->commit.lock);
    while (!op.done)
        pthread_cond_wait(&s->commit.told, &s->commit.lock);
    pthread_mutex_unlock(&s->commit.lock);
    if (op.rc < 0)
        *err = op.err;
    return op.rc;
}
