/* wait.c - see wait.h. SPDX-License-Identifier: MIT */
#include "api/wait.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"

enum {
    LOOK_MS_MAX = 200, /* an entry that came while nobody could be woken waits no longer */
    REST = 4,          /* a look that took t is followed by no other for REST * t */
};

struct wait {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;

    /* under lock: */
    struct wait_entry *fresh; /* added, not yet seen by the thread */
    bool draining;
    bool stopping;
    bool watching; /* the thread is in store_watch, or on its way there */

    /* the thread's: */
    struct wait_entry *entries;
    int64_t seen;    /* of store_watch */
    int64_t rest_us; /* how long the last look took, times REST */
    bool failing;    /* store_watch, the last time */
};

static bool has_moved(struct wait *w, const struct wait_entry *e)
{
    struct store_job job = {.seq = 0};
    struct error err;
    int rc = store_get(w->store, e->id, &job, &err);
    bool moved = rc < 0 || job.state != e->state;
    store_job_fini(&job);
    return moved;
}

/* Move those that have waited enough out of list and resume them. all: everybody. look: ask the
 * store. Returns the rest. */
static struct wait_entry *settle(struct wait *w, struct wait_entry *list, bool look, bool all)
{
    struct wait_entry *rest = NULL;
    int64_t now = clock_mono_us();
    while (list) {
        struct wait_entry *e = list;
        list = e->next;
        if (all || e->until_us <= now || (look && has_moved(w, e))) {
            http_resume(e->x); /* e is gone with it */
            continue;
        }
        e->next = rest;
        rest = e;
    }
    return rest;
}

static int next_timeout_ms(const struct wait *w)
{
    int64_t now = clock_mono_us();
    int64_t least = (int64_t)LOOK_MS_MAX * 1000;
    for (const struct wait_entry *e = w->entries; e; e = e->next)
        if (e->until_us - now < least)
            least = e->until_us - now;
    return least <= 0 ? 0 : (int)((least + 999) / 1000);
}

/* Wait for entries, then take the fresh ones. False: stop. */
static bool collect(struct wait *w, struct wait_entry **out_fresh, bool *out_all)
{
    pthread_mutex_lock(&w->lock);
    w->watching = false;
    while (!w->fresh && !w->entries && !w->stopping)
        pthread_cond_wait(&w->changed, &w->lock);
    *out_fresh = TAKE(w->fresh);
    *out_all = w->draining;
    bool go_on = !w->stopping || *out_fresh || w->entries;
    w->watching = true;
    pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void append(struct wait *w, struct wait_entry *list)
{
    while (list) {
        struct wait_entry *e = list;
        list = e->next;
        e->next = w->entries;
        w->entries = e;
    }
}

/* Once when it begins and once when it is over, however often we try. */
static void tell_failing(struct wait *w, bool failing, const struct error *err)
{
    if (failing && !w->failing)
        log_warn("waiting for jobs: %s", err->text);
    if (!failing && w->failing)
        log_info("waiting for jobs: the store answers again");
    w->failing = failing;
}

/* Wait for a change of the store, or until the next entry's time is over. */
static bool watch(struct wait *w)
{
    struct error err;
    int rc = store_watch(w->store, &w->seen, next_timeout_ms(w), &err);
    tell_failing(w, rc < 0, &err);
    return rc != 0;
}

/* Sleep for what the last look earned, unless somebody wakes us. */
static void rest(struct wait *w)
{
    int64_t until_us = clock_mono_us() + w->rest_us;
    if (w->rest_us < 1000)
        return;
    pthread_mutex_lock(&w->lock);
    w->watching = false;
    while (!w->draining && thread_wait_until(&w->changed, &w->lock, until_us))
        ;
    w->watching = true;
    pthread_mutex_unlock(&w->lock);
}

static void *run(void *arg)
{
    struct wait *w = arg;
    struct wait_entry *fresh;
    bool all;
    while (collect(w, &fresh, &all)) {
        /* A job may have moved between its poll's look and its entry here, behind what
         * store_watch has told already. */
        append(w, settle(w, fresh, true, all));
        if (all) {
            w->entries = settle(w, w->entries, false, true);
            continue;
        }
        bool look = w->entries && watch(w);
        int64_t before = clock_mono_us();
        w->entries = settle(w, w->entries, look, false);
        w->rest_us = look ? REST * (clock_mono_us() - before) : 0;
        if (w->failing) /* it did not wait: we do */
            w->rest_us = next_timeout_ms(w) * 1000LL;
        rest(w);
    }
    return NULL;
}

struct wait *wait_new(struct store *store)
{
    struct wait *w = mem_alloc(sizeof *w);
    struct error err;
    w->store = store;
    pthread_mutex_init(&w->lock, NULL);
    thread_cond_init(&w->changed);
    if (thread_start(&w->thread, run, w, "wait for jobs", &err) < 0) {
        log_error("%s: answers will not wait", err.text);
        w->draining = true;
        w->stopping = true;
    }
    return w;
}

/* Make the thread look at the lock's fields again. The caller holds the lock. */
static void nudge(struct wait *w)
{
    if (w->watching) {
        w->watching = false;
        store_wake(w->store);
    }
    pthread_cond_signal(&w->changed);
}

void wait_add(struct wait *w, struct wait_entry *e)
{
    pthread_mutex_lock(&w->lock);
    bool now = w->draining;
    if (!now) {
        e->next = w->fresh;
        w->fresh = e;
        nudge(w);
    }
    pthread_mutex_unlock(&w->lock);
    if (now)
        http_resume(e->x);
}

void wait_drain(struct wait *w)
{
    pthread_mutex_lock(&w->lock);
    w->draining = true;
    nudge(w);
    pthread_mutex_unlock(&w->lock);
}

void wait_free(struct wait *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    bool threaded = !w->stopping;
    w->draining = true;
    w->stopping = true;
    nudge(w);
    pthread_mutex_unlock(&w->lock);
    if (threaded)
        pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}
