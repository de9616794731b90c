/* sqlite_lose.c - jobs that are taken from their workers, those that died, fell silent or hang, and
 * jobs that no worker makes.
 *
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "store/sqlite_impl.h"

/* Why a job is taken from its worker. */
enum loss {
    LOSS_LEASE, /* no heartbeat */
    LOSS_HANG,  /* heartbeat, but no progress */
};

/* Another try, or the end. */
static int take_away(struct conn *c, const struct sqlite_held *h, int attempts_max, const char *why,
                     struct error *err)
{
    SCOPED(mem)
    char *message = mem_printf("The generation was tried %d time%s and each time its worker %s.",
                               h->attempts, h->attempts == 1 ? "" : "s", why);
    return sqlite_move_another_try(c, h, attempts_max, message, err);
}

/* All rows of q first: what is done with them changes the index that q walks. */
static int read_all_held(struct query *q, struct sqlite_held **out, struct error *err)
{
    struct sqlite_held *all = NULL;
    int n = 0;
    int rc = query_row(q, err);
    for (; rc > 0; rc = query_row(q, err)) {
        all = mem_grow(all, (size_t)(n + 1) * sizeof *all);
        all[n++] = sqlite_move_held(q);
    }
    *out = all;
    return rc < 0 ? rc : n;
}

struct hand_on {
    const char *worker;
    int attempts_max;
};

static int hand_on(struct conn *c, void *arg, struct error *err)
{
    const struct hand_on *a = arg;
    SCOPED(mem) struct sqlite_held *all = NULL;
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " SQLITE_HELD_COLUMNS " FROM jobs"
                                    " WHERE state = 1 AND worker = ?");
    query_text(&q, a->worker);
    int n = read_all_held(&q, &all, err);
    for (int i = 0; i < n; i++)
        if (take_away(c, &all[i], a->attempts_max, "died", err) < 0)
            return err->code;
    return n;
}

int sqlite_lose_hand_on(struct store *s, const char *worker, int attempts_max, struct error *err)
{
    struct hand_on a = {.worker = worker, .attempts_max = attempts_max};
    return sqlite_commit_wait(s, hand_on, &a, SQLITE_DURABLE, err);
}

#define LEASE_IS_OVER "state = 1 AND lease_until_us <= ?1"
#define HANGS         "state = 1 AND lease_until_us > ?1 AND ?2 > 0 AND progress_us <= ?1 - ?2"

static const char leases_over[] = "SELECT " SQLITE_HELD_COLUMNS " FROM jobs WHERE " LEASE_IS_OVER;
static const char hangs[] = "SELECT " SQLITE_HELD_COLUMNS " FROM jobs WHERE " HANGS;
static const char anything_over[] = "SELECT EXISTS (SELECT 1 FROM jobs WHERE " LEASE_IS_OVER ")"
                                    " OR EXISTS (SELECT 1 FROM jobs WHERE " HANGS ")";

static void bind_expiry(struct query *q, const struct store_expiry *e, bool with_hang)
{
    query_int(q, e->now_us);
    if (with_hang)
        query_int(q, e->hang_us);
}

static int expire_some(struct conn *c, const struct store_expiry *e, enum loss loss,
                       struct error *err)
{
    SCOPED(mem) struct sqlite_held *all = NULL;
    bool hang = loss == LOSS_HANG;
    SCOPED(query) struct query q = query_begin(c, hang ? hangs : leases_over);
    bind_expiry(&q, e, hang);
    int n = read_all_held(&q, &all, err);
    for (int i = 0; i < n; i++)
        if (take_away(c, &all[i], e->attempts_max,
                      hang ? "made no progress any more" : "stopped answering", err) < 0)
            return err->code;
    return n;
}

static int expire(struct conn *c, void *arg, struct error *err)
{
    const struct store_expiry *e = arg;
    int n_leases = expire_some(c, e, LOSS_LEASE, err);
    if (n_leases < 0)
        return n_leases;
    int n_hangs = expire_some(c, e, LOSS_HANG, err);
    return n_hangs < 0 ? n_hangs : n_leases + n_hangs;
}

static int is_anything_over(struct store *s, const struct store_expiry *e, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query) struct query q = query_begin(r.conn, anything_over);
    bind_expiry(&q, e, true);
    int rc = query_row(&q, err);
    return rc < 0 ? rc : (int)query_column(&q, 0);
}

int sqlite_lose_expire(struct store *s, const struct store_expiry *expiry, struct error *err)
{
    struct store_expiry e = *expiry;
    int rc = is_anything_over(s, &e, err);
    return rc <= 0 ? rc : sqlite_commit_wait(s, expire, &e, SQLITE_DURABLE, err);
}

/* ---- unknown models ------------------------------------------------------------------------ */

static const char of_unknown[] =
    "SELECT " SQLITE_HELD_COLUMNS " FROM jobs INDEXED BY jobs_waiting WHERE state = 0"
    " AND created_us < ?1 AND instr(' ' || ?2 || ' ', ' ' || model || ' ') = 0";

static struct query begin_unknown(struct conn *c, const struct store_unknown *u)
{
    struct query q = query_begin(c, of_unknown);
    query_int(&q, u->before_us);
    query_text(&q, u->models);
    return q;
}

static int end_unknown(struct conn *c, void *arg, struct error *err)
{
    const struct store_unknown *u = arg;
    SCOPED(mem) struct sqlite_held *all = NULL;
    SCOPED(query) struct query q = begin_unknown(c, u);
    int n = read_all_held(&q, &all, err);
    for (int i = 0; i < n; i++) /* no attempt is left */
        if (sqlite_move_another_try(c, &all[i], 0, u->message, err) < 0)
            return err->code;
    return n;
}

static int is_any_unknown(struct store *s, const struct store_unknown *u, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query) struct query q = begin_unknown(r.conn, u);
    return query_row(&q, err);
}

int sqlite_lose_unknown(struct store *s, const struct store_unknown *unknown, struct error *err)
{
    struct store_unknown u = *unknown;
    int rc = is_any_unknown(s, &u, err);
    return rc <= 0 ? rc : sqlite_commit_wait(s, end_unknown, &u, SQLITE_DURABLE, err);
}
