/* lease.c - see lease.h. SPDX-License-Identifier: MIT */
#include "job/lease.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

enum { PROGRESS_STEP_US = 200000, BLIND_MS = 100 };

struct lease {
    struct store *store;
    struct store_job job;
    int64_t lease_us;
    int64_t abandon_us;
    pthread_t thread;
    bool running;          /* the worker's */
    int64_t good_until_us; /* the thread's: monotonic; as far as the store ever confirmed */
    atomic_bool lost;
    atomic_bool stop;
    pthread_mutex_t lock;
    /* under lock: */
    int64_t said_us;
    char said_stage[32];
};

static void lose(struct lease *l)
{
    atomic_store(&l->lost, true);
}

static void beat(struct lease *l)
{
    struct error err;
    int64_t now_us = clock_mono_us();
    int rc = store_beat(l->store, l->job.id, l->job.token, l->lease_us, &err);
    if (rc == 0)
        l->good_until_us = now_us + l->lease_us;
    else if (rc == ERR_LOST || now_us >= l->good_until_us)
        lose(l); /* a store that could not be asked for a whole lease has given the job away */
}

/* Somebody wrote: was it about this job? */
static void look(struct lease *l)
{
    struct error err;
    SCOPED(store_job) struct store_job job = {0};
    int rc = store_get(l->store, l->job.id, &job, &err);
    if (rc == ERR_GONE || rc == ERR_NOT_FOUND ||
        (rc == 0 && (job.state != JOB_GENERATING || job.token != l->job.token)))
        lose(l);
}

static int64_t ms_until(int64_t mono_us)
{
    int64_t us = mono_us - clock_mono_us();
    return us > 0 ? (us + 999) / 1000 : 0;
}

/* Wait for a change in the store (1) or for that time. A store that cannot be watched is looked
 * at every so often. */
static int watch_until(struct lease *l, int64_t *seen, int64_t mono_us)
{
    struct error err;
    int64_t ms = ms_until(mono_us);
    int rc = store_watch(l->store, seen, (int)ms, &err);
    if (rc >= 0)
        return rc;
    poll(NULL, 0, ms < BLIND_MS ? (int)ms : BLIND_MS);
    return 1;
}

static void keep(struct lease *l)
{
    int64_t seen = 0;
    int64_t next_us = clock_mono_us() + l->lease_us / 3;
    while (!atomic_load(&l->stop) && !atomic_load(&l->lost)) {
        if (watch_until(l, &seen, next_us) > 0)
            look(l);
        if (clock_mono_us() >= next_us) {
            beat(l);
            next_us = clock_mono_us() + l->lease_us / 3;
        }
    }
}

/* The lease is lost: the holder has this long to stop. */
static void wait_for_holder(struct lease *l)
{
    int64_t seen = 0;
    int64_t until_us = clock_mono_us() + l->abandon_us;
    while (!atomic_load(&l->stop) && clock_mono_us() < until_us)
        watch_until(l, &seen, until_us);
    if (!atomic_load(&l->stop))
        _exit(LEASE_EXIT_HUNG);
}

static void *keep_alive(void *arg)
{
    struct lease *l = arg;
    keep(l);
    if (atomic_load(&l->lost) && l->abandon_us)
        wait_for_holder(l);
    return NULL;
}

static int start(struct lease *l, struct error *err)
{
    int rc = thread_start(&l->thread, keep_alive, l, "keep a lease", err);
    l->running = rc == 0;
    return rc;
}

int lease_claim(struct lease **out, struct store *s, const struct lease_options *options,
                struct error *err)
{
    SCOPED(lease) struct lease *l = mem_alloc(sizeof *l);
    l->store = s;
    l->lease_us = options->lease_us;
    l->abandon_us = options->abandon_us;
    pthread_mutex_init(&l->lock, NULL);
    l->good_until_us = clock_mono_us() + l->lease_us;
    const struct store_claim wish = {
        .worker = options->worker, .lease_us = l->lease_us, .models = options->models};
    if (store_claim(s, &wish, &l->job, err) < 0)
        return err->code;
    if (start(l, err) < 0) {
        struct error second; /* without an answer the lease runs out by itself */
        int ignored = store_release(s, l->job.id, l->job.token, &second);
        (void)ignored;
        return err->code;
    }
    *out = TAKE(l);
    return 0;
}

const struct store_job *lease_job(const struct lease *l)
{
    return &l->job;
}

bool lease_lost(const struct lease *l)
{
    return atomic_load(&l->lost);
}

/* Is it time to say it? */
static bool is_news(struct lease *l, const char *stage)
{
    int64_t now_us = clock_mono_us();
    pthread_mutex_lock(&l->lock);
    bool news = strncmp(l->said_stage, stage, sizeof l->said_stage - 1) != 0 ||
                now_us - l->said_us >= PROGRESS_STEP_US;
    if (news) {
        l->said_us = now_us;
        snprintf(l->said_stage, sizeof l->said_stage, "%s", stage);
    }
    pthread_mutex_unlock(&l->lock);
    return news;
}

void lease_progress(struct lease *l, const char *stage, double done)
{
    struct error err; /* a word that was not heard is followed by the next */
    if (atomic_load(&l->lost) || !is_news(l, stage))
        return;
    if (store_progress(l->store, l->job.id, l->job.token, stage, done, &err) == ERR_LOST)
        lose(l);
}

static void stop(struct lease *l)
{
    if (!l->running)
        return;
    atomic_store(&l->stop, true);
    store_wake(l->store);
    pthread_join(l->thread, NULL);
    l->running = false;
}

/* With the thread stopped nothing renews the lease under the end that is being written. */
static int stop_held(struct lease *l, struct error *err)
{
    stop(l);
    if (!atomic_load(&l->lost))
        return 0;
    return error_set(err, ERR_LOST, "the lease on job %s is not valid any more", l->job.id);
}

int lease_finish(struct lease *l, const struct store_result *result, struct error *err)
{
    if (stop_held(l, err) < 0)
        return err->code;
    return store_finish(l->store, l->job.id, l->job.token, result, err);
}

int lease_fail(struct lease *l, const char *name, const char *message, struct error *err)
{
    if (stop_held(l, err) < 0)
        return err->code;
    return store_fail(l->store, l->job.id, l->job.token, name, message, err);
}

int lease_retry(struct lease *l, int attempts_max, const char *message, struct error *err)
{
    if (stop_held(l, err) < 0)
        return err->code;
    return store_retry(l->store, l->job.id, l->job.token, attempts_max, message, err);
}

int lease_release(struct lease *l, struct error *err)
{
    if (stop_held(l, err) < 0)
        return err->code;
    return store_release(l->store, l->job.id, l->job.token, err);
}

void lease_close(struct lease *l)
{
    if (!l)
        return;
    stop(l);
    store_job_fini(&l->job);
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}
