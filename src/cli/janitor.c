/* janitor.c - see janitor.h. SPDX-License-Identifier: MIT */
#include "cli/janitor.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "job/retain.h"

#define RETAIN_US (60 * CLOCK_SECOND_US) /* at the latest */

struct janitor {
    struct store *store;
    struct blob_store *blobs; /* NULL: no retention */
    const struct config *config;
    pthread_t thread;
    int64_t retain_mono_us; /* when next */
    char last[240];         /* the complaint already logged; it would be the same every second */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock: */
    bool stopping;
};

static void complain(struct janitor *j, int rc, const struct error *err)
{
    if (rc < 0 && strcmp(j->last, err->text) != 0)
        log_error("%s", err->text);
    snprintf(j->last, sizeof j->last, "%s", rc < 0 ? err->text : "");
}

static void expire(struct janitor *j)
{
    struct error err = {0};
    const struct store_expiry expiry = {
        .now_us = clock_now_us(),
        .hang_us = j->config->hang,
        .attempts_max = j->config->attempts,
    };
    int n = store_expire(j->store, &expiry, &err);
    complain(j, n, &err);
    if (n > 0)
        log_warn("%d jobs taken from workers that fell silent", n);
}

/* Whoever keeps things for seconds wants them gone within seconds. */
static int64_t retain_every_us(const struct config *c)
{
    int64_t us = c->stray_grace < RETAIN_US ? c->stray_grace : RETAIN_US;
    return c->keep > 0 && c->keep < us ? c->keep : us;
}

static void retain(struct janitor *j)
{
    struct error err = {0};
    struct retain_count count = {0};
    const struct retain_options options = {
        .now_us = clock_now_us(),
        .keep_us = j->config->keep,
        .grace_us = j->config->stray_grace,
    };
    complain(j, retain_run(j->store, j->blobs, &options, &count, &err), &err);
    if (count.retired || count.strays || count.drafts)
        log_info("removed %d jobs, %d stray files, %d drafts", count.retired, count.strays,
                 count.drafts);
}

/* False when it is time to end. */
static bool wait_a_second(struct janitor *j)
{
    int64_t until = clock_mono_us() + CLOCK_SECOND_US;
    pthread_mutex_lock(&j->lock);
    while (!j->stopping && thread_wait_until(&j->changed, &j->lock, until))
        ;
    bool go_on = !j->stopping;
    pthread_mutex_unlock(&j->lock);
    return go_on;
}

static void *run(void *arg)
{
    struct janitor *j = arg;
    do {
        expire(j);
        if (j->blobs && clock_mono_us() >= j->retain_mono_us) {
            retain(j);
            j->retain_mono_us = clock_mono_us() + retain_every_us(j->config);
        }
    } while (wait_a_second(j));
    return NULL;
}

static void janitor_free(struct janitor *j)
{
    pthread_cond_destroy(&j->changed);
    pthread_mutex_destroy(&j->lock);
    mem_free(j);
}

int janitor_start(struct janitor **out, struct store *store, struct blob_store *blobs,
                  const struct config *config, struct error *err)
{
    struct janitor *j = mem_alloc(sizeof *j);
    *j = (struct janitor){.store = store, .blobs = blobs, .config = config};
    thread_cond_init(&j->changed);
    pthread_mutex_init(&j->lock, NULL);
    if (thread_start(&j->thread, run, j, "look after the store", err) < 0) {
        janitor_free(j);
        return err->code;
    }
    *out = j;
    return 0;
}

void janitor_stop(struct janitor *j)
{
    if (!j)
        return;
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    pthread_cond_signal(&j->changed);
    pthread_mutex_unlock(&j->lock);
    pthread_join(j->thread, NULL);
    janitor_free(j);
}
