/* events.c - see events.h: the hub's thread, and the way of a request to it.
 *
 * SPDX-License-Identifier: MIT */
#include "api/events.h"

#include <stdio.h>
#include <string.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/cursor.h"
#include "api/listener.h"
#include "api/news.h"
#include "api/poll.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"

enum {
    TICK_MS = 1000,  /* how often keys and silence are looked at                  */
    BEHIND_MS = 50,  /* how often somebody who is behind is asked whether there is room */
    REST_US = 20000, /* between two looks at the store                            */
    IDS_MAX = 256,   /* that one stream may be asked for                          */
};

struct events {
    struct api *api;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* under lock: */
    struct listener *fresh;
    bool draining;
    bool stopping;

    /* the thread's: */
    struct listener *listeners;
    int64_t cursor; /* the last change that was told to those who are LIVE */
    int64_t seen;   /* of store_watch */
    int64_t tick_us;
    bool keys_moved; /* the store changed since keys were looked at */
    bool failing;
};

/* ---- the thread ---------------------------------------------------------------------------- */

static bool collect(struct events *e, bool *out_all)
{
    pthread_mutex_lock(&e->lock);
    while (!e->fresh && !e->listeners && !e->stopping)
        pthread_cond_wait(&e->changed, &e->lock);
    while (e->fresh) {
        struct listener *l = e->fresh;
        e->fresh = l->next;
        l->next = e->listeners;
        e->listeners = l;
    }
    *out_all = e->draining;
    bool go_on = !e->stopping || e->listeners;
    pthread_mutex_unlock(&e->lock);
    return go_on;
}

static void tell_failing(struct events *e, bool failing, const struct error *err)
{
    if (failing && !e->failing)
        log_warn("telling of jobs: %s", err->text);
    if (!failing && e->failing)
        log_info("telling of jobs: the store answers again");
    e->failing = failing;
}

static void spread(struct events *e, const struct news *w)
{
    for (int i = 0; i < w->n; i++) {
        for (struct listener *l = e->listeners; l; l = l->next)
            if (l->phase == LISTENER_LIVE)
                listener_tell(l, e->api, &w->changes[i]);
        e->cursor = w->changes[i].number;
    }
}

static bool anybody_live(const struct events *e)
{
    for (const struct listener *l = e->listeners; l; l = l->next)
        if (l->phase == LISTENER_LIVE)
            return true;
    return false;
}

/* Bring those who are LIVE, and the cursor, to now. */
static int look(struct events *e, struct error *err)
{
    struct store *store = e->api->options.store;
    if (!anybody_live(e))
        return store_last_change(store, &e->cursor, err);
    for (bool more = true; more;) {
        const struct store_change_filter filter = {.after = e->cursor};
        SCOPED(news) struct news w = {.n = 0};
        int rc = news_read(&w, store, &filter, err);
        spread(e, &w);
        if (rc < 0)
            return rc;
        more = w.n == NEWS_PORTION;
    }
    return 0;
}

static bool has_key(struct events *e, const struct listener *l)
{
    struct store_key key;
    struct error err;
    int rc = store_key_by_hash(e->api->options.store, l->key_hash, &key, &err);
    return rc != ERR_NOT_FOUND && (rc < 0 || (!key.revoked_us && !key.disabled));
}

/* What the thread does in one round. */
struct round {
    bool feed; /* the cursor is that of now */
    bool tick;
    bool all; /* end everybody */
};

/* Feed those who are behind, end those who are over. Returns whether somebody stays behind. */
static bool attend(struct events *e, const struct round *r)
{
    struct listener **at = &e->listeners;
    bool behind = false;
    int64_t now_us = clock_mono_us();
    while (*at) {
        struct listener *l = *at;
        if (r->feed && l->phase != LISTENER_LIVE)
            listener_feed(l, e->api, e->cursor);
        if (r->tick)
            listener_keep_alive(l, now_us);
        if (r->all || listener_is_over(l) || (r->tick && e->keys_moved && !has_key(e, l))) {
            *at = l->next;
            listener_free(l);
            continue;
        }
        behind |= l->phase != LISTENER_LIVE;
        at = &l->next;
    }
    return behind;
}

/* Let some changes gather. */
static void rest(struct events *e)
{
    int64_t until_us = clock_mono_us() + REST_US;
    pthread_mutex_lock(&e->lock);
    while (!e->draining && thread_wait_until(&e->changed, &e->lock, until_us))
        ;
    pthread_mutex_unlock(&e->lock);
}

static void *run(void *arg)
{
    struct events *e = arg;
    struct error err = {0};
    struct round r;
    while (collect(e, &r.all)) {
        int rc = r.all ? 0 : look(e, &err);
        r.feed = !r.all && rc == 0;
        r.tick = clock_mono_us() >= e->tick_us;
        bool behind = attend(e, &r);
        if (r.tick) {
            e->tick_us = clock_mono_us() + TICK_MS * 1000LL;
            e->keys_moved = false;
        }
        tell_failing(e, rc < 0, &err);
        if (e->listeners && rc == 0) {
            rc = store_watch(e->api->options.store, &e->seen, behind ? BEHIND_MS : TICK_MS, &err);
            e->keys_moved |= rc != 0;
        }
        if (e->listeners)
            rest(e);
    }
    return NULL;
}

struct events *events_new(struct api *a)
{
    struct events *e = mem_alloc(sizeof *e);
    struct error err;
    e->api = a;
    pthread_mutex_init(&e->lock, NULL);
    thread_cond_init(&e->changed);
    if (thread_start(&e->thread, run, e, "tell of jobs", &err) < 0) {
        log_error("%s: there will be no events", err.text);
        e->draining = true;
        e->stopping = true;
    }
    return e;
}

/* Under the lock. */
static void nudge(struct events *e)
{
    pthread_cond_signal(&e->changed);
    store_wake(e->api->options.store);
}

static void add(struct events *e, struct listener *l)
{
    pthread_mutex_lock(&e->lock);
    bool now = e->draining;
    if (!now) {
        l->next = e->fresh;
        e->fresh = l;
        nudge(e);
    }
    pthread_mutex_unlock(&e->lock);
    if (now)
        listener_free(l);
}

void events_drain(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    e->draining = true;
    nudge(e);
    pthread_mutex_unlock(&e->lock);
}

void events_free(struct events *e)
{
    if (!e)
        return;
    pthread_mutex_lock(&e->lock);
    bool threaded = !e->stopping;
    e->draining = true;
    e->stopping = true;
    nudge(e);
    pthread_mutex_unlock(&e->lock);
    if (threaded)
        pthread_join(e->thread, NULL);
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    mem_free(e);
}

/* ---- the request --------------------------------------------------------------------------- */

const struct param_field events_query[] = {
    {.name = "generation_id",
     .repeats = true,
     .about = "Only of these, repeated or separated by commas, 256 at most; the stream then ends "
              "when all of them are final. Without it: of all of the key, from its unfinished "
              "ones on."},
    {.name = NULL},
};

/* What the query asks for. */
struct wish {
    bool asks;
    int n;
    struct text ids[IDS_MAX + 1];
};

static void add_ids(void *arg, const char *name, const char *value)
{
    struct wish *w = arg;
    struct text rest = text_of(value);
    if (!text_equal(text_of(name), TEXT("generation_id")))
        return;
    w->asks = true;
    while (rest.len && w->n <= IDS_MAX) {
        struct text id = text_trim(text_cut(&rest, ','));
        bool twice = false;
        for (int i = 0; i < w->n; i++)
            twice |= text_equal(w->ids[i], id);
        if (id.len && !twice)
            w->ids[w->n++] = id;
    }
}

/* The number that Last-Event-ID stands for; -1 when there is none that this store has given. */
static int64_t cursor_of(struct http_exchange *x)
{
    const char *id = http_header(x, "Last-Event-ID");
    int64_t number;
    int64_t last = 0;
    struct error err;
    if (!id || !cursor_read(text_trim(text_of(id)), CURSOR_CHANGES, &number) ||
        store_last_change(call_api(x)->options.store, &last, &err) < 0)
        return -1;
    return number - 1 <= last ? number - 1 : -1;
}

/* Each must be the key's own, and there, or have been there when the cursor was given. False:
 * answered. */
static bool check_id(struct http_exchange *x, const char *id, bool resumes)
{
    SCOPED(store_job) struct store_job job;
    struct error err;
    int rc = poll_look(x, id, &job, &err);
    if (rc == 0 || (rc == ERR_GONE && resumes))
        return true;
    poll_refuse(x, id, rc, &err);
    return false;
}

static bool take_ids(struct http_exchange *x, struct listener *l, const struct wish *w)
{
    for (int i = 0; i < w->n; i++) {
        SCOPED(mem) char *id = mem_dup_n(w->ids[i].at, w->ids[i].len);
        if (!check_id(x, id, l->phase == LISTENER_REPLAY))
            return false;
        snprintf(l->ids[i].id, sizeof l->ids[i].id, "%s", id);
    }
    return true;
}

static void open_stream(struct http_exchange *x, struct listener *l)
{
    struct events *e = call_api(x)->events;
    http_reply_header(x, "Cache-Control", "no-store");
    http_reply_header(x, "X-Accel-Buffering", "no"); /* a proxy that holds it back would spoil it */
    if (strcmp(http_method(x), "HEAD") == 0) {
        http_reply(x, 200, "text/event-stream", TEXT(""));
        listener_free(l);
        return;
    }
    l->stream = http_reply_stream(x, 200, "text/event-stream");
    (void)!http_stream_write(l->stream, TEXT("retry: 2000\n\n"));
    add(e, l);
}

/* An empty list is a mistake of its sender, not a wish for all. False: answered. */
static bool read_wish(struct http_exchange *x, struct wish *w)
{
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    http_query_each(x, add_ids, w);
    if (w->asks && w->n == 0)
        issue_short(&issues, "generation_id", 1);
    if (w->n > IDS_MAX)
        issue_custom(&issues, "generation_id", "At most %d ids", IDS_MAX);
    if (issues.n)
        problem_issues(x, &issues);
    return issues.n == 0;
}

static void begin(struct http_exchange *x)
{
    struct wish w = {.n = 0};
    if (!read_wish(x, &w))
        return;
    struct listener *l = listener_new(&call_of(x)->key, call_public_url(x), w.n, cursor_of(x));
    if (take_ids(x, l, &w))
        open_stream(x, l);
    else
        listener_free(l);
}

void events_get(struct http_exchange *x)
{
    if (auth_pass(x))
        http_offload(x, begin);
}
