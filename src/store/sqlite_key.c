/* sqlite_key.c - keys and the ledger in SQLite. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/sqlite_impl.h"

#define KEY_COLUMNS                                                                                \
    "id, prefix, name, hash, admin, limited, balance, reserved, n_queued, n_running, "             \
    "requests_per_minute, jobs_at_once, created_us, revoked_us, disabled, updated_us, spend_max, " \
    "spend_window, scopes"

static void read_key(const struct query *q, struct store_key *out)
{
    *out = (struct store_key){
        .id = query_column(q, 0),
        .admin = query_column(q, 4),
        .limited = query_column(q, 5),
        .balance = query_column(q, 6),
        .reserved = query_column(q, 7),
        .n_queued = (int)query_column(q, 8),
        .n_running = (int)query_column(q, 9),
        .requests_per_minute = (int)query_column(q, 10),
        .jobs_at_once = (int)query_column(q, 11),
        .created_us = query_column(q, 12),
        .revoked_us = query_column(q, 13),
        .disabled = query_column(q, 14),
        .updated_us = query_column(q, 15),
        .spend_max = query_column(q, 16),
        .spend_window = (enum store_window)query_column(q, 17),
        .scopes = (int)query_column(q, 18),
    };
    snprintf(out->prefix, sizeof out->prefix, "%s", query_column_text(q, 1));
    snprintf(out->name, sizeof out->name, "%s", query_column_text(q, 2));
    memcpy(out->hash, sqlite3_column_blob(q->st, 3), HASH_SIZE); /* the schema checks its size */
}

static int read_one(struct query *q, struct store_key *out, struct error *err)
{
    int rc = query_row(q, err);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return error_set(err, ERR_NOT_FOUND, "there is no such key");
    read_key(q, out);
    return 0;
}

int sqlite_key_by_hash(struct store *s, const uint8_t hash[HASH_SIZE], struct store_key *out,
                       struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    const uint64_t visits = door_visits(sqlite_of(s)->door);
    if (sqlite_memo_key(sqlite_of(s), hash, out))
        return 0;
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn, "SELECT " KEY_COLUMNS " FROM keys WHERE hash = ?");
    query_blob(&q, hash, HASH_SIZE);
    int rc = read_one(&q, out, err);
    if (rc == 0)
        sqlite_memo_add_key(sqlite_of(s), out, visits);
    return rc;
}

static int by_prefix(struct conn *c, const char *prefix, struct store_key *out, struct error *err)
{
    SCOPED(query)
    struct query q = query_begin(c, "SELECT " KEY_COLUMNS " FROM keys WHERE prefix = ?");
    query_text(&q, prefix);
    return read_one(&q, out, err);
}

int sqlite_key_by_prefix(struct store *s, const char *prefix, struct store_key *out,
                         struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    return by_prefix(r.conn, prefix, out, err);
}

int sqlite_key_list(struct store *s, store_each_key *each, void *arg, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn, "SELECT " KEY_COLUMNS " FROM keys ORDER BY id");
    int rc = query_row(&q, err);
    for (; rc > 0; rc = query_row(&q, err)) {
        struct store_key key;
        read_key(&q, &key);
        if (each(arg, &key) != 0)
            return 0;
    }
    return rc;
}

/* ---- writing ------------------------------------------------------------------------------- */

int sqlite_key_enter(struct conn *c, const struct sqlite_entry *entry, struct error *err)
{
    /* A clock that was set back must not put a row before one that is there. */
    SCOPED(query)
    struct query q = query_begin(
        c, "INSERT INTO entries (key_id, created_us, type, credits, model, reference)"
           " VALUES (?, max(?, coalesce((SELECT created_us FROM entries ORDER BY seq DESC LIMIT 1),"
           " 0)), ?, ?, ?, ?)");
    query_int(&q, entry->key_id);
    query_int(&q, clock_now_us());
    query_int(&q, entry->type);
    query_int(&q, entry->credits);
    query_text(&q, entry->model);
    query_text(&q, entry->reference);
    int rc = query_run(&q, err);
    return rc < 0 ? rc : 0;
}

struct addition {
    const struct store_key *key;
    int64_t credits;
};

static int add(struct conn *c, void *arg, struct error *err)
{
    const struct addition *a = arg;
    SCOPED(query)
    struct query q = query_begin(c, "INSERT INTO keys (prefix, hash, name, admin, limited, balance,"
                                    " requests_per_minute, jobs_at_once, created_us, updated_us,"
                                    " spend_max, spend_window, scopes)"
                                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9, ?, ?, ?)");
    query_text(&q, a->key->prefix);
    query_blob(&q, a->key->hash, HASH_SIZE);
    query_text(&q, a->key->name);
    query_int(&q, a->key->admin);
    query_int(&q, a->key->limited);
    query_int(&q, a->credits);
    query_int(&q, a->key->requests_per_minute);
    query_int(&q, a->key->jobs_at_once);
    query_int(&q, clock_now_us());
    query_int(&q, a->key->spend_max);
    query_int(&q, a->key->spend_window);
    query_int(&q, a->key->scopes);
    if (query_run(&q, err) < 0)
        return err->code;
    if (a->credits == 0)
        return 0;
    return sqlite_key_enter(c,
                            &(struct sqlite_entry){.key_id = sqlite3_last_insert_rowid(c->db),
                                                   .credits = a->credits,
                                                   .type = STORE_INIT,
                                                   .model = "",
                                                   .reference = ""},
                            err);
}

int sqlite_key_add(struct store *s, const struct store_key *key, int64_t credits, struct error *err)
{
    struct addition a = {.key = key, .credits = credits};
    int rc = sqlite_commit_wait(s, add, &a, SQLITE_DURABLE, err);
    return rc == ERR_CONFLICT ? error_set(err, rc, "there is a key %s already", key->prefix) : rc;
}

static int revoke(struct conn *c, void *arg, struct error *err)
{
    const char *prefix = arg;
    SCOPED(query)
    struct query q = query_begin(c, "UPDATE keys SET revoked_us ="
                                    " CASE revoked_us WHEN 0 THEN ? ELSE revoked_us END"
                                    " WHERE prefix = ?");
    query_int(&q, clock_now_us());
    query_text(&q, prefix);
    int n = query_run(&q, err);
    if (n == 0)
        return error_set(err, ERR_NOT_FOUND, "there is no key %s", prefix);
    return n < 0 ? n : 0;
}

int sqlite_key_revoke(struct store *s, const char *prefix, struct error *err)
{
    return sqlite_commit_wait(s, revoke, (void *)(uintptr_t)prefix, SQLITE_DURABLE, err);
}

struct change {
    const char *prefix;
    const struct store_key_change *to;
};

static int change_row(struct conn *c, void *arg, struct error *err)
{
    const struct change *a = arg;
    SCOPED(query)
    struct query q = query_begin(
        c, "UPDATE keys SET updated_us = ?2, name = coalesce(?3, name),"
           " disabled = iif(?4 < 0, disabled, ?4),"
           " requests_per_minute = iif(?5 < 0, requests_per_minute, ?5),"
           " jobs_at_once = iif(?6 < 0, jobs_at_once, ?6),"
           " spend_max = iif(?7 < 0, spend_max, ?7), spend_window = iif(?8 < 0, spend_window, ?8),"
           " scopes = iif(?9 < 0, scopes, ?9) WHERE prefix = ?1 AND revoked_us = 0");
    query_text(&q, a->prefix);
    query_int(&q, clock_now_us());
    query_text(&q, a->to->name);
    query_int(&q, a->to->disabled);
    query_int(&q, a->to->requests_per_minute);
    query_int(&q, a->to->jobs_at_once);
    query_int(&q, a->to->spend_max);
    query_int(&q, a->to->spend_window);
    query_int(&q, a->to->scopes);
    int n = query_run(&q, err);
    if (n == 0)
        return error_set(err, ERR_NOT_FOUND, "there is no key %s", a->prefix);
    return n < 0 ? n : 0;
}

struct credit {
    const char *prefix;
    int64_t credits;
    enum store_entry_type type;
};

/* What is reserved will be charged: balance - reserved has to fit as well as balance. */
static bool sum_fits(const struct store_key *key, int64_t credits)
{
    int64_t balance;
    int64_t free_credits;
    return !__builtin_add_overflow(key->balance, credits, &balance) &&
           !__builtin_sub_overflow(balance, key->reserved, &free_credits);
}

static int credit(struct conn *c, void *arg, struct error *err)
{
    const struct credit *a = arg;
    struct store_key key = {0};
    if (by_prefix(c, a->prefix, &key, err) < 0)
        return err->code;
    if (!sum_fits(&key, a->credits))
        return error_set(err, ERR_INVALID, "key %s has %lld credits; %lld more cannot be counted",
                         a->prefix, (long long)key.balance, (long long)a->credits);
    SCOPED(query)
    struct query q = query_begin(c, "UPDATE keys SET balance = ?, limited = 1 WHERE id = ?");
    query_int(&q, key.balance + a->credits);
    query_int(&q, key.id);
    if (query_run(&q, err) < 0)
        return err->code;
    return sqlite_key_enter(
        c,
        &(struct sqlite_entry){
            .key_id = key.id, .credits = a->credits, .type = a->type, .model = "", .reference = ""},
        err);
}

static int change(struct conn *c, void *arg, struct error *err)
{
    const struct change *a = arg;
    int64_t credits = a->to->credits_add;
    struct credit more = {.prefix = a->prefix,
                          .credits = credits,
                          .type = credits < 0 ? STORE_ADJUSTMENT : STORE_PAYMENT};
    int rc = change_row(c, arg, err);
    return rc >= 0 && credits ? credit(c, &more, err) : rc;
}

int sqlite_key_change(struct store *s, const char *prefix, const struct store_key_change *to,
                      struct error *err)
{
    struct change a = {.prefix = prefix, .to = to};
    return sqlite_commit_wait(s, change, &a, SQLITE_DURABLE, err);
}

int sqlite_key_credit(struct store *s, const char *prefix, int64_t credits,
                      enum store_entry_type type, struct error *err)
{
    struct credit a = {.prefix = prefix, .credits = credits, .type = type};
    return sqlite_commit_wait(s, credit, &a, SQLITE_DURABLE, err);
}

/* ---- the ledger ---------------------------------------------------------------------------- */

static void read_entry(const struct query *q, struct store_entry *out)
{
    *out = (struct store_entry){
        .seq = query_column(q, 0),
        .created_us = query_column(q, 1),
        .credits = query_column(q, 2),
        .type = (enum store_entry_type)query_column(q, 3),
    };
    snprintf(out->model, sizeof out->model, "%s", query_column_text(q, 4));
    snprintf(out->reference, sizeof out->reference, "%s", query_column_text(q, 5));
}

static int64_t or_last(int64_t bound)
{
    return bound ? bound : INT64_MAX;
}

int sqlite_key_entries(struct store *s, const struct store_entry_filter *filter,
                       store_each_entry *each, void *arg, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    /* Time never falls with seq, so an index by time gives the order of seq, and the row where
     * the last page ended is a bound of time. */
    SCOPED(query)
    struct query q = query_begin(
        r.conn, "SELECT seq, created_us, credits, type, model, reference FROM entries"
                " WHERE key_id = ?1 AND created_us >= ?2 AND created_us < ?3"
                " AND created_us <="
                " coalesce((SELECT created_us FROM entries WHERE seq = ?4), 9223372036854775807)"
                " AND seq < ?4 AND (?5 = 0 OR (?5 > 0) = (credits > 0)) AND (?6 < 0 OR type = ?6)"
                " ORDER BY created_us DESC, seq DESC LIMIT ?7");
    query_int(&q, filter->key_id);
    query_int(&q, filter->from_us);
    query_int(&q, or_last(filter->to_us));
    query_int(&q, or_last(filter->before_seq));
    query_int(&q, filter->direction);
    query_int(&q, filter->type);
    query_int(&q, filter->limit);
    int rc = query_row(&q, err);
    for (; rc > 0; rc = query_row(&q, err)) {
        struct store_entry entry;
        read_entry(&q, &entry);
        if (each(arg, &entry) != 0)
            return 0;
    }
    return rc;
}

int sqlite_key_usage(struct store *s, int64_t key_id, int64_t from_us, int64_t to_us,
                     struct store_usage *out, struct error *err)
{
    SCOPED(sqlite_read) struct sqlite_read r = {0};
    if (sqlite_read_begin(&r, s, err) < 0)
        return err->code;
    SCOPED(query)
    struct query q = query_begin(r.conn, "SELECT coalesce(-sum(credits), 0), count(*) FROM entries"
                                         " WHERE key_id = ? AND created_us >= ? AND created_us < ?"
                                         " AND type = ?");
    query_int(&q, key_id);
    query_int(&q, from_us);
    query_int(&q, to_us);
    query_int(&q, STORE_MODEL_USAGE);
    int rc = query_row(&q, err);
    if (rc < 0)
        return rc;
    *out = (struct store_usage){.credits = query_column(&q, 0), .requests = query_column(&q, 1)};
    return 0;
}
