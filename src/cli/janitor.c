/* janitor.c - see janitor.h. SPDX-License-Identifier: MIT */
#include "cli/janitor.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "cli/data.h"
#include "job/retain.h"

#define EXPIRED_US (60 * CLOCK_SECOND_US)   /* at the latest */
#define STRAYS_US  (3600 * CLOCK_SECOND_US) /* at the latest: it looks at every blob */
#define STEP_US    CLOCK_SECOND_US          /* what two readings of two clocks may differ by */

struct janitor {
    struct store *store;
    struct blob_store *blobs; /* NULL: it only judges leases */
    const struct config *config;
    char *models; /* that are configured */
    int64_t started_us;
    pthread_t thread;
    struct janitor_clock clock;
    int64_t expired_mono_us; /* when next */
    int64_t strays_mono_us;  /* when next */
    char last[240];          /* the complaint already logged; it would be the same every second */
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

bool janitor_may_judge(struct janitor_clock *c, int64_t now_us, int64_t mono_us, int64_t lease_us)
{
    int64_t ahead_us = now_us - mono_us;
    int64_t step_us = c->ahead_us ? ahead_us - c->ahead_us : 0;
    c->ahead_us = ahead_us;
    if (step_us > STEP_US || step_us < -STEP_US)
        c->wait_until_us = mono_us + lease_us;
    return mono_us >= c->wait_until_us;
}

static void expire(struct janitor *j)
{
    if (!janitor_may_judge(&j->clock, clock_now_us(), clock_mono_us(), j->config->lease))
        return;
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

/* Jobs that were accepted before this server began, of models that are not configured any more.
 * Workers leave them in the queue, as they do those that another server with other models accepts.
 */
static void end_unknown(struct janitor *j)
{
    struct error err = {0};
    const struct store_unknown unknown = {
        .models = j->models,
        .before_us = j->started_us,
        .message = "The model of this generation is not offered any more.",
    };
    int n = store_end_unknown(j->store, &unknown, &err);
    complain(j, n, &err);
    if (n > 0)
        log_warn("%d jobs ended: their models are not configured any more", n);
}

/* A file in kept/ is of no use when its job is over; what has no job's name, when it is old. */
static bool is_useless(const struct janitor *j, const char *name, const struct stat *st)
{
    SCOPED(store_job) struct store_job job = {.seq = 0};
    struct error ignored;
    const int rc = store_get(j->store, name, &job, &ignored);
    const int64_t age_us = clock_now_us() - (int64_t)st->st_mtim.tv_sec * CLOCK_SECOND_US;
    if (rc == ERR_NOT_FOUND)
        return age_us >= j->config->stray_grace;
    return rc == ERR_GONE || (rc == 0 && job_state_is_final(job.state));
}

/* What an engine kept for a job that was cancelled between two attempts, or whose worker was killed
 * right behind the end. */
static void remove_kept(struct janitor *j)
{
    SCOPED(mem) char *folder = data_path(j->config->data, DATA_KEPT);
    DIR *dir = opendir(folder);
    for (struct dirent *d = dir ? readdir(dir) : NULL; d; d = readdir(dir)) {
        SCOPED(mem) char *path = mem_printf("%s/%s", folder, d->d_name);
        struct stat st;
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && is_useless(j, d->d_name, &st))
            unlink(path);
    }
    if (dir)
        closedir(dir);
}

static int64_t shorter(int64_t us, int64_t other_us)
{
    return other_us > 0 && other_us < us ? other_us : us;
}

static void tidy(struct janitor *j)
{
    struct error err = {0};
    struct retain_count count = {0};
    int64_t keep_us = j->config->keep;
    int64_t before_us = keep_us > 0 ? clock_now_us() - keep_us : 0;
    complain(j, retain_expired(j->store, j->blobs, before_us, &count, &err), &err);
    if (count.retired)
        log_info("removed %d jobs", count.retired);
    remove_kept(j);
    end_unknown(j);
    /* Whoever keeps things for seconds wants them gone within seconds. */
    j->expired_mono_us = clock_mono_us() + shorter(EXPIRED_US, keep_us);
}

static void remove_strays(struct janitor *j)
{
    struct error err = {0};
    struct retain_count count = {0};
    int64_t grace_us = j->config->stray_grace;
    int64_t before_us = clock_now_us() - grace_us;
    complain(j, retain_strays(j->store, j->blobs, before_us, &count, &err), &err);
    if (count.strays || count.drafts)
        log_info("removed %d stray files, %d drafts", count.strays, count.drafts);
    j->strays_mono_us = clock_mono_us() + shorter(STRAYS_US, grace_us);
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
        if (j->blobs && clock_mono_us() >= j->expired_mono_us)
            tidy(j);
        if (j->blobs && clock_mono_us() >= j->strays_mono_us)
            remove_strays(j);
    } while (wait_a_second(j));
    return NULL;
}

static void janitor_free(struct janitor *j)
{
    mem_free(j->models);
    pthread_cond_destroy(&j->changed);
    pthread_mutex_destroy(&j->lock);
    mem_free(j);
}

int janitor_start(struct janitor **out, struct store *store, struct blob_store *blobs,
                  const struct config *config, struct error *err)
{
    struct janitor *j = mem_alloc(sizeof *j);
    *j = (struct janitor){.store = store,
                          .blobs = blobs,
                          .config = config,
                          .models = model_all_names(&config->catalogue, true),
                          .started_us = clock_now_us()};
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
