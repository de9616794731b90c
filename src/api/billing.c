/* billing.c - see billing.h. SPDX-License-Identifier: MIT */
#include "api/billing.h"

#include <string.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/emit.h"
#include "api/page.h"
#include "api/problem.h"
#include "base/clock.h"

enum {
    REPLY_MAX = 4096,
    LOW_BALANCE = 10000, /* credits */
    WINDOW_DAYS = 92,
};

#define DAY_US (24 * 3600 * CLOCK_SECOND_US)

/* ---- balance ------------------------------------------------------------------------------- */

void billing_balance(struct http_exchange *x)
{
    struct text_buf b;
    if (!auth_pass(x))
        return;
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"current_balance\":");
    emit_usd(&b, call_of(x)->key.balance);
    text_buf_add_text(&b, ",\"currency\":\"USD\"}");
    call_reply_json(x, 200, &b);
}

void billing_balance_credits(struct http_exchange *x)
{
    const struct store_key *key = &call_of(x)->key;
    struct text_buf b;
    if (!auth_pass(x))
        return;
    bool low = key->limited && key->balance - key->reserved < LOW_BALANCE;
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"balance\":");
    emit_int(&b, key->balance);
    text_buf_add_text(&b, ",\"lowBalance\":");
    emit_bool(&b, low);
    text_buf_printf(&b, ",\"lowBalanceThreshold\":%d,\"lastUpdated\":", LOW_BALANCE);
    emit_time(&b, clock_now_us());
    text_buf_add_text(&b, ",\"autoDebitStatus\":\"disabled\",\"status\":\"current\","
                          "\"statusExplanation\":\"Balance is current and up to date\"}");
    call_reply_json(x, 200, &b);
}

/* ---- ledger -------------------------------------------------------------------------------- */

enum { FROM, TO, DIRECTION, TYPE, LIMIT, CURSOR };

static const char *direction_word(int i)
{
    static const char *const words[] = {"CHARGE", "TOPUP", NULL}; /* -1 and 1, in this order */
    return words[i];
}

static const char *type_word(int i)
{
    return i < STORE_ENTRY_TYPES ? store_entry_type_name((enum store_entry_type)i) : NULL;
}

const struct param_field billing_entries_query[] = {
    [FROM] = {.name = "from",
              .type = PARAM_INSTANT,
              .about = "ISO 8601 with an offset; entries from then on."},
    [TO] = {.name = "to",
            .type = PARAM_INSTANT,
            .about = "ISO 8601 with an offset; entries before then. Later than from."},
    [DIRECTION] = {.name = "direction",
                   .type = PARAM_WORD,
                   .standard = -1,
                   .word = direction_word,
                   .about = "Only charges, or only top-ups."},
    [TYPE] = {.name = "type",
              .type = PARAM_WORD,
              .standard = -1,
              .word = type_word,
              .about = "Only entries of this type."},
    [LIMIT] = {.name = "limit",
               .type = PARAM_INT,
               .min = 1,
               .max = 100,
               .standard = 50,
               .about = "How many, at most."},
    [CURSOR] = {.name = "cursor",
                .type = PARAM_CURSOR,
                .min = CURSOR_ENTRIES,
                .about = "pagination.next_cursor of the page before."},
    {.name = NULL},
};

struct ledger {
    struct page page;
    bool has_more;
};

static int add_entry(void *arg, const struct store_entry *e)
{
    struct ledger *l = arg;
    struct page *p = &l->page;
    int64_t amount = e->credits < 0 ? -e->credits : e->credits;
    l->has_more = p->n == p->limit;
    if (l->has_more)
        return 1;
    page_row(p);
    p->last_seq = e->seq;
    text_buf_add_text(&p->b, "{\"created_at\":");
    emit_time(&p->b, e->created_us);
    text_buf_printf(&p->b, ",\"direction\":\"%s\",\"type\":\"%s\",\"amount\":{\"usd\":",
                    e->credits > 0 ? "TOPUP" : "CHARGE", store_entry_type_name(e->type));
    emit_usd(&p->b, amount);
    text_buf_add_text(&p->b, ",\"credits\":");
    emit_int(&p->b, amount);
    text_buf_add_text(&p->b, "},\"model\":");
    emit_string(&p->b, e->model[0] ? e->model : NULL);
    text_buf_add_text(&p->b, ",\"reference_id\":");
    emit_string(&p->b, e->reference[0] ? e->reference : NULL);
    text_buf_add_text(&p->b, "}");
    return 0;
}

static void reply_entries(struct http_exchange *x)
{
    const struct param_value *v = ((const struct param_set *)call_of(x)->own)->values;
    struct store_entry_filter filter = {
        .key_id = call_of(x)->key.id,
        .from_us = v[FROM].number,
        .to_us = v[TO].number,
        .direction = v[DIRECTION].number < 0    ? 0
                     : v[DIRECTION].number == 0 ? -1
                                                : 1,
        .type = (int)v[TYPE].number,
        .before_seq = v[CURSOR].number,
        .limit = (int)v[LIMIT].number + 1,
    };
    struct ledger l = {.has_more = false};
    struct error err;
    page_begin(&l.page, CURSOR_ENTRIES, (int)v[LIMIT].number);
    if (store_entries(call_api(x)->options.store, &filter, add_entry, &l, &err) < 0)
        problem_error(x, &err);
    else {
        page_end(&l.page, l.has_more);
        call_reply_json(x, 200, &l.page.b);
    }
    page_fini(&l.page);
}

void billing_entries(struct http_exchange *x)
{
    struct param_set *q = http_alloc(x, sizeof *q);
    call_of(x)->own = q;
    if (!auth_pass(x) || !param_set_read(q, x, billing_entries_query, true))
        return;
    if (q->values[FROM].text && q->values[TO].text &&
        q->values[TO].number <= q->values[FROM].number) {
        issue_custom(&q->issues, "to", "to must be later than from");
        problem_issues(x, &q->issues);
        return;
    }
    http_offload(x, reply_entries);
}

/* ---- use ----------------------------------------------------------------------------------- */

enum { PERIOD, START, END, KEY_PREFIX };

const struct param_field billing_usage_query[] = {
    [PERIOD] = {.name = "period",
                .type = PARAM_PERIOD,
                .about = "The time up to now: a positive integer and h or d (24h, 7d), 92 days at "
                         "most. Either this or start and end."},
    [START] = {.name = "start",
               .type = PARAM_TIME,
               .about = "ISO 8601, without an offset UTC; with end."},
    [END] = {.name = "end",
             .type = PARAM_TIME,
             .about = "ISO 8601, without an offset UTC; with start, 92 days later at most."},
    [KEY_PREFIX] = {.name = "key_prefix",
                    .type = PARAM_TEXT,
                    .about = "The first 8 characters of a key. Of another key only for a key "
                             "that administers."},
    {.name = NULL},
};

bool billing_window(struct param_set *q, int64_t now_us, int64_t *from_us, int64_t *to_us)
{
    const struct param_value *v = q->values;
    bool has_period = v[PERIOD].text != NULL;
    if (has_period == (v[START].text || v[END].text) || !v[START].text != !v[END].text) {
        issue_custom(&q->issues, "period", "Expected either period, or start and end");
        return false;
    }
    *from_us = has_period ? now_us - v[PERIOD].number : v[START].number;
    *to_us = has_period ? now_us : v[END].number;
    if (*to_us < *from_us)
        issue_custom(&q->issues, "end", "end must not be before start");
    else if (*to_us - *from_us > WINDOW_DAYS * DAY_US)
        issue_custom(&q->issues, has_period ? "period" : "end",
                     "The window must not be longer than %d days", WINDOW_DAYS);
    return q->issues.n == 0;
}

struct usage_wish {
    struct param_set query;
    int64_t from_us;
    int64_t to_us;
};

/* Whose use? False: answered. */
static bool find_key(struct http_exchange *x, const char *prefix, int64_t *out_id)
{
    const struct store_key *own = &call_of(x)->key;
    struct store_key other = {.id = 0};
    struct error err;
    *out_id = own->id;
    if (!prefix || strcmp(prefix, own->prefix) == 0)
        return true;
    int rc = store_key_by_prefix(call_api(x)->options.store, prefix, &other, &err);
    *out_id = other.id;
    if (rc == 0 && own->admin)
        return true;
    if (rc == ERR_NOT_FOUND)
        problem_reply(x, 404, "API key not found");
    else if (rc < 0)
        problem_error(x, &err);
    else
        problem_reply(x, 403, "This API key may not read another key's use");
    return false;
}

static void write_usage(struct text_buf *b, const struct usage_wish *w, const struct store_usage *u)
{
    text_buf_add_text(b, "{\"api_key_prefix\":");
    emit_string(b, w->query.values[KEY_PREFIX].text);
    text_buf_add_text(b, ",\"start\":");
    emit_time(b, w->from_us);
    text_buf_add_text(b, ",\"end\":");
    emit_time(b, w->to_us);
    text_buf_add_text(b, ",\"spend\":");
    emit_usd(b, u->credits);
    text_buf_add_text(b, ",\"currency\":\"USD\",\"requests\":");
    emit_int(b, u->requests);
    text_buf_add_text(b, "}");
}

static void reply_usage(struct http_exchange *x)
{
    const struct usage_wish *w = call_of(x)->own;
    struct store_usage usage = {.credits = 0};
    int64_t key_id;
    struct error err;
    struct text_buf b;
    if (!find_key(x, w->query.values[KEY_PREFIX].text, &key_id))
        return;
    if (store_usage(call_api(x)->options.store, key_id, w->from_us, w->to_us, &usage, &err) < 0) {
        problem_error(x, &err);
        return;
    }
    text_buf_init(&b, REPLY_MAX);
    write_usage(&b, w, &usage);
    call_reply_json(x, 200, &b);
}

void billing_usage(struct http_exchange *x)
{
    struct usage_wish *w = http_alloc(x, sizeof *w);
    call_of(x)->own = w;
    if (!auth_pass(x) || !param_set_read(&w->query, x, billing_usage_query, true))
        return;
    if (billing_window(&w->query, clock_now_us(), &w->from_us, &w->to_us))
        http_offload(x, reply_usage);
    else
        problem_issues(x, &w->query.issues);
}
