/* keys.c - see keys.h. SPDX-License-Identifier: MIT */
#include "api/keys.h"

#include <string.h>
#include <time.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/emit.h"
#include "api/key_form.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/memory.h"

enum { REPLY_MAX = 16 * 1024 * 1024 };

/* False: answered. */
static bool admin_pass(struct http_exchange *x)
{
    if (!auth_pass(x))
        return false;
    if (call_of(x)->key.admin)
        return true;
    problem_reply(x, 403, "This needs an administrator's key");
    return false;
}

/* ---- a row --------------------------------------------------------------------------------- */

static void add_scopes(struct text_buf *b, int scopes)
{
    bool first = true;
    text_buf_add_text(b, ",\"scopes\":");
    if (!scopes) {
        text_buf_add_text(b, "null");
        return;
    }
    for (int i = 0; key_form_scope(i); i++)
        if (scopes & (1 << i)) {
            text_buf_add_text(b, first ? "[" : ",");
            emit_string(b, key_form_scope(i));
            first = false;
        }
    text_buf_add_text(b, "]");
}

static void add_limit(struct text_buf *b, const struct store_key *k)
{
    if (!k->spend_max)
        return;
    text_buf_add_text(b, ",\"limit\":{\"retention\":");
    emit_string(b, key_form_retention((int)k->spend_window));
    text_buf_add_text(b, ",\"threshold\":");
    emit_usd(b, k->spend_max);
    text_buf_add_text(b, "}");
}

static int64_t month_begin(int64_t now_us)
{
    const int64_t day_us = 24 * 3600 * CLOCK_SECOND_US;
    time_t now_s = (time_t)(now_us / CLOCK_SECOND_US);
    struct tm t;
    gmtime_r(&now_s, &t);
    return (now_us / day_us - (t.tm_mday - 1)) * day_us;
}

static int64_t monthly(struct store *s, int64_t key_id)
{
    int64_t now_us = clock_now_us();
    struct store_usage usage = {0};
    struct error err;
    return store_usage(s, key_id, month_begin(now_us), now_us + 1, &usage, &err) < 0
               ? 0
               : usage.credits;
}

/* key: the whole of it, when it was just made; else NULL. */
static void add_row(struct text_buf *b, struct store *s, const struct store_key *k, const char *key)
{
    text_buf_add_text(b, "{\"name\":");
    emit_string(b, *k->name ? k->name : NULL);
    text_buf_add_text(b, ",\"disabled\":");
    emit_bool(b, k->disabled || k->revoked_us);
    text_buf_add_text(b, ",\"prefix\":");
    emit_string(b, k->prefix);
    add_scopes(b, k->scopes);
    add_limit(b, k);
    text_buf_add_text(b, ",\"created_at\":");
    emit_time(b, k->created_us);
    text_buf_add_text(b, ",\"updated_at\":");
    emit_time(b, k->updated_us);
    text_buf_add_text(b, ",\"monthly_usage\":");
    emit_usd(b, monthly(s, k->id));
    text_buf_add_text(b, ",\"admin\":");
    emit_bool(b, k->admin);
    text_buf_add_text(b, ",\"limited\":");
    emit_bool(b, k->limited);
    text_buf_add_text(b, ",\"balance\":");
    emit_int(b, k->balance);
    text_buf_add_text(b, ",\"reserved\":");
    emit_int(b, k->reserved);
    text_buf_printf(b,
                    ",\"queued\":%d,\"running\":%d,\"requests_per_minute\":%d,"
                    "\"jobs_at_once\":%d",
                    k->n_queued, k->n_running, k->requests_per_minute, k->jobs_at_once);
    if (key) {
        text_buf_add_text(b, ",\"key\":");
        emit_string(b, key);
    }
    text_buf_add_text(b, "}");
}

static void reply_row(struct http_exchange *x, const char *prefix, const char *key)
{
    struct store *s = call_api(x)->options.store;
    struct store_key row;
    struct error err;
    struct text_buf b;
    if (store_key_by_prefix(s, prefix, &row, &err) < 0) {
        problem_error(x, &err);
        return;
    }
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"data\":");
    add_row(&b, s, &row, key);
    text_buf_add_text(&b, "}");
    call_reply_json(x, 200, &b);
}

/* ---- list ---------------------------------------------------------------------------------- */

struct rows {
    int n;
    struct store_key *keys;
};

static int add_key(void *arg, const struct store_key *key)
{
    struct rows *r = arg;
    if (key->revoked_us)
        return 0;
    r->keys = mem_grow(r->keys, (size_t)(r->n + 1) * sizeof *r->keys);
    r->keys[r->n++] = *key;
    return 0;
}

static void list(struct http_exchange *x)
{
    struct store *s = call_api(x)->options.store;
    struct rows rows = {.n = 0};
    struct text_buf b;
    struct error err;
    int rc = store_key_list(s, add_key, &rows, &err);
    SCOPED(mem) struct store_key *keys = rows.keys;
    if (rc < 0) {
        problem_error(x, &err);
        return;
    }
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"data\":[");
    for (int i = 0; i < rows.n; i++) {
        text_buf_add_text(&b, i ? "," : "");
        add_row(&b, s, &keys[i], NULL);
    }
    text_buf_add_text(&b, "]}");
    call_reply_json(x, 200, &b);
}

void keys_list(struct http_exchange *x)
{
    if (admin_pass(x))
        http_offload(x, list);
}

static void own(struct http_exchange *x)
{
    reply_row(x, call_of(x)->key.prefix, NULL);
}

void keys_own(struct http_exchange *x)
{
    if (auth_pass(x))
        http_offload(x, own);
}

/* ---- make, change, remove ------------------------------------------------------------------ */

/* False: answered with 400. */
static bool read_form(struct http_exchange *x, enum key_form_kind kind, struct key_form *out)
{
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    if (key_form_read(http_body(x), kind, out, &issues))
        return true;
    problem_issues(x, &issues);
    return false;
}

static int at_least_0(int64_t v)
{
    return v < 0 ? 0 : (int)v;
}

static void create(struct http_exchange *x)
{
    struct key_form f;
    char key[KEY_SIZE];
    char prefix[STORE_PREFIX_SIZE] = "";
    struct error err;
    if (!read_form(x, KEY_FORM_CREATE, &f))
        return;
    const struct key_options o = {
        .name = f.name,
        .limited = f.has_credits,
        .credits = f.credits,
        .requests_per_minute = at_least_0(f.change.requests_per_minute),
        .jobs_at_once = at_least_0(f.change.jobs_at_once),
        .spend_max = f.change.spend_max < 0 ? 0 : f.change.spend_max,
        .spend_window = (enum store_window)at_least_0(f.change.spend_window),
        .scopes = at_least_0(f.change.scopes),
    };
    if (key_create(call_api(x)->options.store, &o, key, &err) < 0) {
        problem_error(x, &err);
        return;
    }
    memcpy(prefix, key, STORE_PREFIX_SIZE - 1);
    reply_row(x, prefix, key);
}

/* Whoever looks after keys must not lock itself out. */
static bool is_own(struct http_exchange *x, const char *prefix)
{
    return strcmp(prefix, call_of(x)->key.prefix) == 0;
}

static void refuse(struct http_exchange *x, const struct error *err)
{
    if (err->code == ERR_NOT_FOUND)
        problem_reply(x, 404, "Key not found");
    else if (err->code == ERR_INVALID)
        problem_reply(x, 409, err->text);
    else
        problem_error(x, err);
}

static void change(struct http_exchange *x)
{
    struct store *s = call_api(x)->options.store;
    const char *prefix = http_capture(x, "prefix");
    struct key_form f;
    struct error err;
    if (!read_form(x, KEY_FORM_CHANGE, &f))
        return;
    if (f.change.disabled > 0 && is_own(x, prefix)) {
        problem_reply(x, 409, "A key cannot disable itself");
        return;
    }
    if (store_key_change(s, prefix, &f.change, &err) < 0)
        refuse(x, &err);
    else
        reply_row(x, prefix, NULL);
}

static void remove_key(struct http_exchange *x)
{
    const char *prefix = http_capture(x, "prefix");
    struct error err;
    struct text_buf b;
    if (is_own(x, prefix)) {
        problem_reply(x, 409, "A key cannot remove itself");
        return;
    }
    if (store_key_revoke(call_api(x)->options.store, prefix, &err) < 0) {
        refuse(x, &err);
        return;
    }
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"data\":{\"prefix\":");
    emit_string(&b, prefix);
    text_buf_add_text(&b, ",\"deleted\":true}}");
    call_reply_json(x, 200, &b);
}

void keys_create(struct http_exchange *x)
{
    if (admin_pass(x))
        http_offload(x, create);
}

void keys_change(struct http_exchange *x)
{
    if (admin_pass(x))
        http_offload(x, change);
}

void keys_remove(struct http_exchange *x)
{
    if (admin_pass(x))
        http_offload(x, remove_key);
}
