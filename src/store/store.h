/* store.h - what must survive: jobs, keys, the ledger. Verbs of the domain, not rows and columns.
 *
 * One driver table per kind of database; the SQL of a kind stands in its file and its
 * schema/KIND.sql alone. Every verb is one transaction. Those that write are durable (synced) when
 * they return or call done, but for beat and progress, which a power cut may take back.
 *
 * Any thread may call any verb. Several processes may use one store at once; store_watch tells
 * each of them that another wrote.
 *
 * Errors of all verbs: ERR_IO and ERR_CORRUPT from the database; ERR_BUSY, of those that write,
 * when another process held up all writers for 20 s: nothing was written; others where they are
 * named.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/text.h"
#include "store/job_state.h"

struct store {
    const struct store_driver *driver;
};

/* ---- keys and credits ---------------------------------------------------------------------- */

#define STORE_PREFIX_SIZE 9 /* 8 characters of the key, its handle */

/* Within which time a key may spend what it may: since its making, or since the last midnight
 * (UTC), the last Monday's, the last one that began a month. */
enum store_window { STORE_EVER, STORE_DAY, STORE_WEEK, STORE_MONTH, STORE_WINDOWS };

/* Of clock_now_us; 0 for ever: a clock that was set back since the key was made hides nothing. */
int64_t store_window_begin(enum store_window window, int64_t now_us);

struct store_key {
    int64_t id;
    char prefix[STORE_PREFIX_SIZE];
    char name[64];
    uint8_t hash[HASH_SIZE]; /* SHA-256 of the whole key */
    bool admin;              /* may see and change what belongs to no single key */
    bool limited;     /* a create needs balance - reserved >= its credits; else metered only */
    int64_t balance;  /* credits; always the sum of the key's ledger rows; may be negative
                         when not limited */
    int64_t reserved; /* credits; always the sum over the key's unfinished jobs */
    int n_queued;
    int n_running;
    int requests_per_minute; /* 0: no limit */
    int jobs_at_once;        /* queued and running together; 0: no limit */
    int64_t created_us;
    int64_t revoked_us; /* 0: valid */
    int64_t updated_us; /* by whoever looks after it; its sums do not count */
    bool disabled;      /* as if revoked, until it is enabled again */
    int64_t spend_max;  /* credits charged and reserved within the window; 0: no limit */
    enum store_window spend_window;
    int scopes; /* what it may be used for, bits of enum key_scope (account/key.h); 0: all */
};

/* How a key changes, all of it or nothing; what is negative or NULL stays. */
struct store_key_change {
    const char *name;
    int disabled; /* 0, 1 */
    int requests_per_minute;
    int jobs_at_once;
    int64_t spend_max;
    int spend_window;
    int scopes;
    int64_t credits_add; /* a payment, or an adjustment when it is negative; 0: none */
};

#define STORE_KEY_UNCHANGED                                                                        \
    {                                                                                              \
        .disabled = -1, .requests_per_minute = -1, .jobs_at_once = -1, .spend_max = -1,            \
        .spend_window = -1, .scopes = -1                                                           \
    }

enum store_entry_type { /* of a ledger row; the wire's words */
                        STORE_PAYMENT,
                        STORE_BONUS,
                        STORE_REFUND,
                        STORE_ADJUSTMENT,
                        STORE_MODEL_USAGE,
                        STORE_CREDITS_EXPIRED,
                        STORE_INIT,
                        STORE_ENTRY_TYPES
};

const char *store_entry_type_name(enum store_entry_type type); /* "MODEL_USAGE" */

struct store_entry {
    int64_t seq; /* rises with each row of the ledger */
    int64_t created_us;
    int64_t credits; /* negative: a charge; positive: a top-up */
    enum store_entry_type type;
    char model[64];               /* "" when it is no usage */
    char reference[HASH_ID_SIZE]; /* the job's id; "" likewise */
};

struct store_entry_filter {
    int64_t key_id;
    int64_t from_us;    /* inclusive; 0: no bound */
    int64_t to_us;      /* exclusive; 0: no bound */
    int direction;      /* 1 top-ups, -1 charges, 0 both */
    int type;           /* enum store_entry_type, -1 all */
    int64_t before_seq; /* only rows older than that one; 0: from the newest */
    int limit;
};

struct store_usage {
    int64_t credits;  /* charged, positive */
    int64_t requests; /* charged jobs      */
};

/* ---- jobs ---------------------------------------------------------------------------------- */

enum store_image {
    STORE_IMAGE_NONE,
    STORE_IMAGE_BLOB, /* image is a name in the blob store */
    STORE_IMAGE_URL,  /* image is an address to fetch      */
};

/* What a job is made of; never changes. Strings are never NULL. */
struct store_job_input {
    char *model;
    char *prompt;
    bool enhance;
    uint64_t seed;
    enum store_image image_kind;
    char *image;
    int64_t credits; /* reserved at create, settled at COMPLETED */
};

/* What a completed job has. Strings are never NULL ("" when there is none). */
struct store_result {
    char *video; /* name in the blob store */
    int64_t video_bytes;
    int64_t duration_us;
    int width;
    int height;
    char *engine;
    char *prompt;         /* as the engine got it */
    char *meta;           /* JSON object: fps, and what the engine says; or "" */
    char *poster;         /* name in the blob store, or "" */
    char *preview;        /* likewise */
    char *timings;        /* JSON array of its stages' times, or "" */
    int64_t beside_bytes; /* of poster and preview */
};

struct store_job {
    int64_t seq; /* order of creation */
    char id[HASH_ID_SIZE];
    int64_t key_id;
    enum job_state state;
    struct store_job_input input;
    struct store_result result;
    char *error_name; /* "" unless ERROR */
    char *error_message;
    int64_t created_us;
    int64_t started_us; /* of the last attempt; 0 before */
    int64_t ended_us;   /* 0 before */
    int attempts;       /* claims that counted */
    int64_t token;      /* fencing token: rises with each claim, and with each loss of a lease */
    double progress;    /* 0..1 of this attempt */
    char stage[32];
    int64_t changed; /* the number of its last change, see store_changes */
};

void store_job_fini(struct store_job *job); /* a zeroed one is fine */
SCOPED_FINI(store_job)

/* A copy with strings of its own. */
void store_job_copy(const struct store_job *from, struct store_job *out);

enum store_refusal {
    STORE_ADMITTED,
    STORE_REPLAYED,      /* this Idempotency-Key made id before: the same answer again      */
    STORE_KEY_REUSED,    /* this Idempotency-Key came with another body: ERR_CONFLICT       */
    STORE_QUEUE_FULL,    /* ERR_BUSY */
    STORE_KEY_FULL,      /* the key's jobs_at_once: ERR_BUSY */
    STORE_NO_CREDITS,    /* ERR_CREDITS */
    STORE_LIMIT_REACHED, /* the key's spend_max: ERR_CREDITS */
    STORE_KEY_REVOKED,   /* or disabled: ERR_DENIED */
};

/* A create on its way into the store. Lives with the caller until done was called. */
struct store_admission {
    /* in; views need to live until done */
    char id[HASH_ID_SIZE];
    int64_t key_id;
    struct store_job_input input;
    const char *idempotency_key;  /* NULL without */
    uint8_t body_hash[HASH_SIZE]; /* with an idempotency_key */
    int64_t queued_max;           /* unfinished jobs in the store; 0: no limit */

    /* Called once, on a thread of the store's, after the sync; must not block nor call the store.
     */
    void (*done)(struct store_admission *a);
    void *arg;

    /* out, set before done */
    int rc;
    struct error err;
    enum store_refusal refusal;
    int64_t credits;      /* with STORE_REPLAYED those of the first time, and id is the first id */
    enum job_state state; /* of the job with that id, now */

    struct store_admission *next; /* the driver's */
};

struct store_list_filter {
    int64_t key_id;
    int state;          /* enum job_state, -1 all */
    int64_t before_seq; /* only jobs older than that one; 0: from the newest */
    int limit;
    const char *model; /* only this model's; NULL or "": all */
    const char *words; /* only where the prompt has this, ASCII letters without case; likewise */
};

/* One job's last change: it is as job says, or it is gone. */
struct store_change {
    int64_t number;
    int64_t key_id;
    const struct store_job *job; /* NULL: its record left */
    char id[HASH_ID_SIZE];
};

struct store_change_filter {
    int64_t after;   /* only those above this number */
    int64_t until;   /* only those up to this number; 0: no bound */
    int64_t key_id;  /* 0: of all keys */
    bool unfinished; /* only jobs that are not final */
    int limit;
};

/* What a worker asks for. */
struct store_claim {
    const char *worker; /* its name */
    int64_t lease_us;
    const char *models; /* that it makes, ids separated by blanks: others' jobs stay; NULL: all */
};

/* A job that a worker holds. */
struct store_run {
    const char *worker;
    const char *id;
    const char *stage;
    double progress;
};

struct store_expiry {
    int64_t now_us;
    int64_t hang_us;  /* no progress for that long is a hang; 0: no watchdog */
    int attempts_max; /* then ERROR instead of QUEUED */
};

/* Whose queued jobs nobody will make. */
struct store_unknown {
    const char *models;  /* ids, separated by blanks: the jobs of all others */
    int64_t before_us;   /* that were accepted before this */
    const char *message; /* for their owners */
};

struct store_counts {
    int64_t queued;
    int64_t running;
    int64_t completed;        /* still retained */
    int64_t failed;           /* still retained */
    int64_t oldest_queued_us; /* its created_us; 0: none */
};

typedef int store_each_key(void *arg, const struct store_key *key);       /* not 0 stops */
typedef int store_each_entry(void *arg, const struct store_entry *entry); /* not 0 stops */
typedef int store_each_job(void *arg, const struct store_job *job);       /* not 0 stops */
typedef int store_each_change(void *arg, const struct store_change *c);   /* not 0 stops */
typedef int store_each_run(void *arg, const struct store_run *run);       /* not 0 stops */

/* ---- the table ----------------------------------------------------------------------------- */

/* REQUIRED: all. */
struct store_driver {
    const char *name;
    int (*open)(struct store **out, const char *where, struct error *err);
    void (*close)(struct store *s);

    int (*key_add)(struct store *s, const struct store_key *key, int64_t credits,
                   struct error *err);
    int (*key_by_hash)(struct store *s, const uint8_t hash[HASH_SIZE], struct store_key *out,
                       struct error *err);
    int (*key_by_prefix)(struct store *s, const char *prefix, struct store_key *out,
                         struct error *err);
    int (*key_list)(struct store *s, store_each_key *each, void *arg, struct error *err);
    int (*key_revoke)(struct store *s, const char *prefix, struct error *err);
    int (*key_change)(struct store *s, const char *prefix, const struct store_key_change *change,
                      struct error *err);
    int (*key_credit)(struct store *s, const char *prefix, int64_t credits,
                      enum store_entry_type type, struct error *err);
    int (*entries)(struct store *s, const struct store_entry_filter *filter, store_each_entry *each,
                   void *arg, struct error *err);
    int (*usage)(struct store *s, int64_t key_id, int64_t from_us, int64_t to_us,
                 struct store_usage *out, struct error *err);

    void (*admit)(struct store *s, struct store_admission *a);
    int (*get)(struct store *s, const char *id, struct store_job *out, struct error *err);
    int (*list)(struct store *s, const struct store_list_filter *filter, store_each_job *each,
                void *arg, struct error *err);
    int (*position)(struct store *s, const struct store_job *job, int most, int *out,
                    struct error *err);
    int (*ahead)(struct store *s, const struct store_job *job, const char *passing, int most,
                 int *out, struct error *err);
    int (*cancel)(struct store *s, int64_t key_id, const char *id, struct error *err);
    int (*remove)(struct store *s, int64_t key_id, const char *id, struct store_job *out,
                  struct error *err);

    int (*claim)(struct store *s, const struct store_claim *wish, struct store_job *out,
                 struct error *err);
    int (*beat)(struct store *s, const char *id, int64_t token, int64_t lease_us,
                struct error *err);
    int (*progress)(struct store *s, const char *id, int64_t token, const char *stage, double done,
                    struct error *err);
    int (*finish)(struct store *s, const char *id, int64_t token, const struct store_result *result,
                  struct error *err);
    int (*fail)(struct store *s, const char *id, int64_t token, const char *name,
                const char *message, struct error *err);
    int (*retry)(struct store *s, const char *id, int64_t token, int attempts_max,
                 const char *message, struct error *err);
    int (*release)(struct store *s, const char *id, int64_t token, struct error *err);
    int (*hand_on)(struct store *s, const char *worker, int attempts_max, struct error *err);
    int (*expire)(struct store *s, const struct store_expiry *expiry, struct error *err);
    int (*end_unknown)(struct store *s, const struct store_unknown *unknown, struct error *err);
    int (*retire)(struct store *s, int64_t before_us, int most, store_each_job *each, void *arg,
                  struct error *err);
    int (*names_blob)(struct store *s, const char *blob, bool *out, struct error *err);

    int (*changes)(struct store *s, const struct store_change_filter *filter,
                   store_each_change *each, void *arg, struct error *err);
    int (*last_change)(struct store *s, int64_t *out, struct error *err);
    int (*running)(struct store *s, store_each_run *each, void *arg, struct error *err);
    int (*video_bytes)(struct store *s, int64_t *out, struct error *err);
    int (*counts)(struct store *s, struct store_counts *out, struct error *err);
    int (*work_us)(struct store *s, const char *model, int64_t *out, struct error *err);
    int (*check)(struct store *s, struct error *err);
    int (*watch)(struct store *s, int64_t *seen, int timeout_ms, struct error *err);
    void (*wake)(struct store *s);
};

extern const struct store_driver store_sqlite; /* where: a file's path */

/* ---- the verbs ----------------------------------------------------------------------------- */

/* Open the kind that where names (a path is SQLite), bring its schema up to date. ERR_CORRUPT it
 * was made by a newer program. */
int store_open(struct store **out, const char *where, struct error *err) MUST_CHECK;
void store_close(struct store *s); /* waits for admissions under way; NULL is fine */

/* Add a key with prefix, name, hash, admin, limited, limits, spend_*, scopes of *key; its other
 * fields are not read. credits other than 0: a first ledger row (STORE_INIT). ERR_CONFLICT prefix
 * or hash exist.
 */
int store_key_add(struct store *s, const struct store_key *key, int64_t credits,
                  struct error *err) MUST_CHECK;
/* Revoked ones too. ERR_NOT_FOUND. */
int store_key_by_hash(struct store *s, const uint8_t hash[HASH_SIZE], struct store_key *out,
                      struct error *err) MUST_CHECK;
int store_key_by_prefix(struct store *s, const char *prefix, struct store_key *out,
                        struct error *err) MUST_CHECK;
int store_key_list(struct store *s, store_each_key *each, void *arg, struct error *err) MUST_CHECK;
/* Its jobs go on; it opens nothing any more. Twice is fine. ERR_NOT_FOUND. */
int store_key_revoke(struct store *s, const char *prefix, struct error *err) MUST_CHECK;
/* ERR_NOT_FOUND, also when it is revoked. */
int store_key_change(struct store *s, const char *prefix, const struct store_key_change *change,
                     struct error *err) MUST_CHECK;
/* A ledger row; from its first credit on the key is limited. ERR_NOT_FOUND; ERR_INVALID the sum
 * would leave the range of int64. */
int store_key_credit(struct store *s, const char *prefix, int64_t credits,
                     enum store_entry_type type, struct error *err) MUST_CHECK;
int store_entries(struct store *s, const struct store_entry_filter *filter, store_each_entry *each,
                  void *arg, struct error *err) MUST_CHECK;
/* Charges of a key in from_us (inclusive) .. to_us (exclusive). */
int store_usage(struct store *s, int64_t key_id, int64_t from_us, int64_t to_us,
                struct store_usage *out, struct error *err) MUST_CHECK;

/* Write a new job and reserve its credits; many admissions share one sync. Returns at once. */
void store_admit(struct store *s, struct store_admission *a);
/* The same, waiting. Returns a->rc; done and arg are overwritten. */
int store_admit_wait(struct store *s, struct store_admission *a);

/* One job of any key. ERR_NOT_FOUND never heard of; ERR_GONE retired or removed, then out->key_id
 * is set. store_job_fini by the caller. */
int store_get(struct store *s, const char *id, struct store_job *out, struct error *err) MUST_CHECK;
/* Newest first. The strings of *job live during the call of each. */
int store_list(struct store *s, const struct store_list_filter *filter, store_each_job *each,
               void *arg, struct error *err) MUST_CHECK;
/* How many queued jobs were created before this queued one, counted up to most. */
int store_position(struct store *s, const struct store_job *job, int most, int *out,
                   struct error *err) MUST_CHECK;
/* How many of those and of all generating jobs are of a model that is not in passing, ids separated
 * by blanks; of the queued ones the first most are looked at. */
int store_ahead(struct store *s, const struct store_job *job, const char *passing, int most,
                int *out, struct error *err) MUST_CHECK;
/* QUEUED or GENERATING becomes ERROR ("CancelledException", "Cancelled"), credits released, the
 * lease void at once. ERR_NOT_FOUND not the key's; ERR_GONE; ERR_CONFLICT it is COMPLETED; an
 * ERROR already is fine. */
int store_cancel(struct store *s, int64_t key_id, const char *id, struct error *err) MUST_CHECK;
/* Take a final job's record away for good; *out is the record, so that its blobs can follow.
 * ERR_NOT_FOUND, ERR_GONE; ERR_CONFLICT it is not final. */
int store_remove(struct store *s, int64_t key_id, const char *id, struct store_job *out,
                 struct error *err) MUST_CHECK;

/* Take the next job: of the key with the fewest running (among those the one that waits longest),
 * its oldest. The lease holds until now + lease_us. ERR_NOT_FOUND nothing to do, or not
 * for this worker. */
int store_claim(struct store *s, const struct store_claim *wish, struct store_job *out,
                struct error *err) MUST_CHECK;
/* All that carry a token: ERR_LOST when the lease is not valid any more. */
int store_beat(struct store *s, const char *id, int64_t token, int64_t lease_us,
               struct error *err) MUST_CHECK;
int store_progress(struct store *s, const char *id, int64_t token, const char *stage, double done,
                   struct error *err) MUST_CHECK;
/* COMPLETED, and the credits charged: a ledger row. result->video must be published (J4). */
int store_finish(struct store *s, const char *id, int64_t token, const struct store_result *result,
                 struct error *err) MUST_CHECK;
/* ERROR at once, whatever the attempts: trying again would not help. Credits released. */
int store_fail(struct store *s, const char *id, int64_t token, const char *name,
               const char *message, struct error *err) MUST_CHECK;
/* The worker's machine failed, not the job: back to QUEUED, the attempt counts (1); or, when
 * attempts_max are used up, ERROR ("GenerationException", message) and the credits released (0). */
int store_retry(struct store *s, const char *id, int64_t token, int attempts_max,
                const char *message, struct error *err) MUST_CHECK;
/* Back to QUEUED as if never claimed (the attempt does not count): the worker drains. */
int store_release(struct store *s, const char *id, int64_t token, struct error *err) MUST_CHECK;
/* The worker of that name is dead: its jobs go back to QUEUED, or to ERROR when attempts_max are
 * used up. Returns how many. */
int store_hand_on(struct store *s, const char *worker, int attempts_max,
                  struct error *err) MUST_CHECK;
/* The same for leases that ran out and for hangs, of all workers. Returns how many. */
int store_expire(struct store *s, const struct store_expiry *expiry, struct error *err) MUST_CHECK;
/* They end in ERROR. Returns how many. */
int store_end_unknown(struct store *s, const struct store_unknown *unknown,
                      struct error *err) MUST_CHECK;
/* Take up to most records that ended before that time away; each gets the record before it is
 * gone for good (it is already invisible). Returns how many. */
int store_retire(struct store *s, int64_t before_us, int most, store_each_job *each, void *arg,
                 struct error *err) MUST_CHECK;
/* Does a job that is there name this blob, as its image, video, poster or preview? */
int store_names_blob(struct store *s, const char *blob, bool *out, struct error *err) MUST_CHECK;

/* What changed, in the order of the numbers: a job stands at its last change alone. A change is a
 * new job, another state, stage or full per cent of progress, and a record's leaving; its number
 * is given in the transaction that makes it, and rises over all jobs. Who has seen all up to a
 * number n misses nothing by asking for those after n. The strings of *job live during the call of
 * each. */
int store_changes(struct store *s, const struct store_change_filter *filter,
                  store_each_change *each, void *arg, struct error *err) MUST_CHECK;
int store_last_change(struct store *s, int64_t *out, struct error *err) MUST_CHECK;
/* The jobs that are held now, in the order of their creation; strings as above. */
int store_running(struct store *s, store_each_run *each, void *arg, struct error *err) MUST_CHECK;

/* The bytes of all videos that are there, with what lies beside them. Reads every job. */
int store_video_bytes(struct store *s, int64_t *out, struct error *err) MUST_CHECK;

int store_counts(struct store *s, struct store_counts *out, struct error *err) MUST_CHECK;
/* Median of claim to end over the last completed jobs of the model; 0: none measured. */
int store_work_us(struct store *s, const char *model, int64_t *out, struct error *err) MUST_CHECK;
/* Are J1, J2, J3, J5, J6 and the ledger's sums true of the whole store? ERR_CORRUPT says which is
 * not and of which job or key. Reads everything: for tests, doctor and repair. */
int store_check(struct store *s, struct error *err) MUST_CHECK;

/* Wait until somebody, in any process, wrote since *seen (0 at first: returns at once), or
 * timeout_ms (negative: no end) is over, or store_wake is called. 1 changed, 0 not. *seen is moved
 * on. A beat is no change. */
int store_watch(struct store *s, int64_t *seen, int timeout_ms, struct error *err) MUST_CHECK;
/* Make the store_watch calls of this process return: those under way, and the next of each *seen
 * from before. Not for signal handlers. */
void store_wake(struct store *s);
