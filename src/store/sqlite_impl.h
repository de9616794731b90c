/* sqlite_impl.h - what the files of the SQLite driver share.
 *
 *   conn, query      a connection, a run of a statement
 *   door             writers of all processes, one after another; the bell of a commit
 *   sqlite           open, schema, the driver table
 *   sqlite_commit    the one writing thread: many operations, one sync
 *   sqlite_read      the pool of reading connections
 *   sqlite_memo      rows read before, while nobody has written since
 *   sqlite_watch     waiting for changes
 *   sqlite_key       keys and the ledger
 *   sqlite_job       reading jobs
 *   sqlite_admit     a new job
 *   sqlite_move      the moves of a job that is there
 *   sqlite_lose      jobs taken from their workers
 *   sqlite_retire    records that leave
 *   sqlite_change    what changed, in order
 *   sqlite_check     the invariants
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <pthread.h>

#include "base/clock.h"
#include "store/door.h"
#include "store/query.h"
#include "store/store.h"

/* How long a writer waits for those of other processes. */
#define SQLITE_WAIT_US (20 * CLOCK_SECOND_US)

struct sqlite_watch {
    pthread_t thread;
    struct conn *conn; /* without inotify: asks for the version of the data */
    int64_t version;
    int inotify_fd; /* -1: polls */
    int stop_fd;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock: */
    bool running;
    int64_t n_changes;
    unsigned n_wakes;
};

struct sqlite_commit {
    pthread_t thread;
    struct conn *conn; /* the thread's own */
    int wal_pages;     /* the thread's own: in the log after its last commit */
    int checkpoint_at; /* the thread's own */
    bool synced;       /* the thread's own: how the connection commits now   */
    pthread_mutex_t lock;
    pthread_cond_t more; /* an operation waits, or stop */
    pthread_cond_t told; /* operations are done         */
    /* under lock: */
    struct sqlite_op *first;
    struct sqlite_op **last;
    bool stop;
};

struct sqlite_pool {
    pthread_mutex_t lock;
    pthread_cond_t back;
    /* under lock: */
    struct conn *idle;
    int n_open;
};

enum { SQLITE_MEMO_KEYS = 16, SQLITE_MEMO_JOBS = 128 };

struct sqlite_memo {
    pthread_mutex_t lock;
    /* under lock: */
    struct sqlite_memo_key {
        uint64_t visits; /* of the door when it was read; 0: empty */
        struct store_key key;
    } keys[SQLITE_MEMO_KEYS];
    struct sqlite_memo_job {
        uint64_t visits;
        struct store_job job;
    } jobs[SQLITE_MEMO_JOBS];
};

struct sqlite_store {
    struct store base;
    char *path;
    struct door *door;
    struct sqlite_memo memo;
    struct sqlite_commit commit;
    struct sqlite_pool pool;
    struct sqlite_watch watch;
};

static inline struct sqlite_store *sqlite_of(struct store *s)
{
    return (struct sqlite_store *)s;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct sqlite_read {
    struct sqlite_store *store;
    struct conn *conn;
};

void sqlite_read_init(struct sqlite_store *s);
void sqlite_read_stop(struct sqlite_store *s);
/* Borrow a connection; waits when all are lent. */
int sqlite_read_begin(struct sqlite_read *r, struct store *s, struct error *err) MUST_CHECK;
void sqlite_read_fini(struct sqlite_read *r);
SCOPED_FINI(sqlite_read)

void sqlite_memo_init(struct sqlite_store *s);
void sqlite_memo_stop(struct sqlite_store *s);
/* False: ask the database. */
bool sqlite_memo_key(struct sqlite_store *s, const uint8_t hash[HASH_SIZE], struct store_key *out);
bool sqlite_memo_job(struct sqlite_store *s, const char *id, struct store_job *out);
/* visits: those of the door before the database was asked. */
void sqlite_memo_add_key(struct sqlite_store *s, const struct store_key *key, uint64_t visits);
void sqlite_memo_add_job(struct sqlite_store *s, const struct store_job *job, uint64_t visits);

/* ---- writing ------------------------------------------------------------------------------- */

enum sqlite_weight {                /* what a batch costs is what its heaviest operation needs */
                     SQLITE_SILENT, /* no sync, nobody is told */
                     SQLITE_LIGHT,  /* no sync                 */
                     SQLITE_DURABLE
};

/* Runs on the writing thread inside a savepoint; what it wrote is undone when it fails. */
typedef int sqlite_write(struct conn *c, void *arg, struct error *err);

struct sqlite_op {
    sqlite_write *write;
    void *arg;
    enum sqlite_weight weight;
    void (*then)(struct sqlite_op *op); /* on the writing thread, after the sync; owns op */
    bool done;                          /* without then; under the lock                   */
    int rc;
    struct error err;
    struct sqlite_op *next;
};

int sqlite_commit_start(struct sqlite_store *s, struct error *err) MUST_CHECK;
void sqlite_commit_stop(struct sqlite_store *s); /* after everything that waits is written */
void sqlite_commit_add(struct sqlite_store *s, struct sqlite_op *op);
/* Add and wait; returns what write returned, or why it was not committed. */
int sqlite_commit_wait(struct store *s, sqlite_write *write, void *arg, enum sqlite_weight weight,
                       struct error *err) MUST_CHECK;

/* ---- watching ------------------------------------------------------------------------------ */

void sqlite_watch_init(struct sqlite_store *s);
void sqlite_watch_stop(struct sqlite_store *s);
void sqlite_watch_committed(struct sqlite_store *s); /* this process wrote */
int sqlite_watch_wait(struct store *s, int64_t *seen, int timeout_ms, struct error *err);
void sqlite_watch_wake(struct store *s);

/* ---- jobs, inside a transaction ------------------------------------------------------------ */

/* The columns of a job in the order that sqlite_job_row reads them. */
#define SQLITE_JOB_COLUMNS                                                                         \
    "jobs.seq, jobs.id, jobs.key_id, jobs.state, attempts, token, progress, stage, credits, "      \
    "created_us, started_us, ended_us, model, enhance, seed, image_kind, video, video_bytes, "     \
    "duration_us, width, height, engine, error_name, error_message, image, prompt, prompt_used, "  \
    "meta, poster, preview, timings, jobs.changed, beside_bytes"

enum { SQLITE_JOB_N_COLUMNS = 33 };

/* The row as a job; its strings are the query's. */
void sqlite_job_row(const struct query *q, struct store_job *out);
/* The same, with strings of its own. */
void sqlite_job_take(const struct query *q, struct store_job *out);
int sqlite_job_by_seq(struct conn *c, int64_t seq, struct store_job *out,
                      struct error *err) MUST_CHECK;
/* There is no job of that id: was there one? ERR_GONE, then its key; ERR_NOT_FOUND. */
int sqlite_job_missing(struct conn *c, const char *id, int64_t *key_id, struct error *err);

/* A job that its owner asks for. */
struct sqlite_wanted {
    int64_t key_id;
    const char *id;
};

/* The verdict on looking for it: found is what query_row said, key_id whose it is. 0,
 * ERR_NOT_FOUND (also another's), ERR_GONE. */
int sqlite_job_owned(struct conn *c, const struct sqlite_wanted *wanted, int found, int64_t key_id,
                     struct error *err) MUST_CHECK;

/* What a move needs to know of a job. */
struct sqlite_held {
    int64_t seq;
    int64_t key_id;
    int64_t credits;
    enum job_state state;
    int attempts;
};

#define SQLITE_HELD_COLUMNS "seq, key_id, credits, state, attempts"
enum { SQLITE_HELD_MODEL = 5 }; /* the first column behind them */
struct sqlite_held sqlite_move_held(const struct query *q);

/* Back to the queue, the attempt counts (1); or, with all attempts used up, ERROR (0). */
int sqlite_move_another_try(struct conn *c, const struct sqlite_held *h, int attempts_max,
                            const char *message, struct error *err) MUST_CHECK;

/* A job comes, changes its state or leaves: the sums of its key and of the store follow.
 * JOB_STATES is "not there". */
struct sqlite_shift {
    int64_t key_id;
    int64_t credits;
    enum job_state from;
    enum job_state to;
};

int sqlite_move_count(struct conn *c, const struct sqlite_shift *shift,
                      struct error *err) MUST_CHECK;

/* A ledger row; the key's balance is the caller's. */
struct sqlite_entry {
    int64_t key_id;
    int64_t credits;
    enum store_entry_type type;
    const char *model;
    const char *reference;
};

int sqlite_key_enter(struct conn *c, const struct sqlite_entry *entry,
                     struct error *err) MUST_CHECK;

/* The first statement of the table of invariants that finds something: ERR_CORRUPT. */
int sqlite_check_invariants(struct conn *c, struct error *err) MUST_CHECK;

/* ---- the driver's verbs -------------------------------------------------------------------- */

int sqlite_key_add(struct store *s, const struct store_key *key, int64_t credits,
                   struct error *err);
int sqlite_key_by_hash(struct store *s, const uint8_t hash[HASH_SIZE], struct store_key *out,
                       struct error *err);
int sqlite_key_by_prefix(struct store *s, const char *prefix, struct store_key *out,
                         struct error *err);
int sqlite_key_list(struct store *s, store_each_key *each, void *arg, struct error *err);
int sqlite_key_revoke(struct store *s, const char *prefix, struct error *err);
int sqlite_key_change(struct store *s, const char *prefix, const struct store_key_change *change,
                      struct error *err);
int sqlite_key_credit(struct store *s, const char *prefix, int64_t credits,
                      enum store_entry_type type, struct error *err);
int sqlite_key_entries(struct store *s, const struct store_entry_filter *filter,
                       store_each_entry *each, void *arg, struct error *err);
int sqlite_key_usage(struct store *s, int64_t key_id, int64_t from_us, int64_t to_us,
                     struct store_usage *out, struct error *err);

void sqlite_admit(struct store *s, struct store_admission *a);

int sqlite_job_get(struct store *s, const char *id, struct store_job *out, struct error *err);
int sqlite_job_list(struct store *s, const struct store_list_filter *filter, store_each_job *each,
                    void *arg, struct error *err);
int sqlite_job_ahead(struct store *s, const struct store_job *job, const char *passing, int most,
                     int *out, struct error *err);
int sqlite_job_position(struct store *s, const struct store_job *job, int most, int *out,
                        struct error *err);
int sqlite_job_names_blob(struct store *s, const char *blob, bool *out, struct error *err);
int sqlite_job_running(struct store *s, store_each_run *each, void *arg, struct error *err);
int sqlite_job_video_bytes(struct store *s, int64_t *out, struct error *err);
int sqlite_job_counts(struct store *s, struct store_counts *out, struct error *err);
int sqlite_job_work_us(struct store *s, const char *model, int64_t *out, struct error *err);

int sqlite_move_claim(struct store *s, const struct store_claim *wish, struct store_job *out,
                      struct error *err);
int sqlite_move_beat(struct store *s, const char *id, int64_t token, int64_t lease_us,
                     struct error *err);
int sqlite_move_progress(struct store *s, const char *id, int64_t token, const char *stage,
                         double done, struct error *err);
int sqlite_move_finish(struct store *s, const char *id, int64_t token,
                       const struct store_result *result, struct error *err);
int sqlite_move_fail(struct store *s, const char *id, int64_t token, const char *name,
                     const char *message, struct error *err);
int sqlite_move_retry(struct store *s, const char *id, int64_t token, int attempts_max,
                      const char *message, struct error *err);
int sqlite_move_release(struct store *s, const char *id, int64_t token, struct error *err);
int sqlite_move_cancel(struct store *s, int64_t key_id, const char *id, struct error *err);
int sqlite_lose_hand_on(struct store *s, const char *worker, int attempts_max, struct error *err);
int sqlite_lose_expire(struct store *s, const struct store_expiry *expiry, struct error *err);
int sqlite_lose_unknown(struct store *s, const struct store_unknown *unknown, struct error *err);

int sqlite_retire_remove(struct store *s, int64_t key_id, const char *id, struct store_job *out,
                         struct error *err);
int sqlite_retire(struct store *s, int64_t before_us, int most, store_each_job *each, void *arg,
                  struct error *err);

int sqlite_change_list(struct store *s, const struct store_change_filter *filter,
                       store_each_change *each, void *arg, struct error *err);
int sqlite_change_last(struct store *s, int64_t *out, struct error *err);

int sqlite_check(struct store *s, struct error *err);
