/* store.c - see store.h: the verbs, each one call of the driver's. SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

static const char *const entry_types[STORE_ENTRY_TYPES] = {
    [STORE_PAYMENT] = "PAYMENT",
    [STORE_BONUS] = "BONUS",
    [STORE_REFUND] = "REFUND",
    [STORE_ADJUSTMENT] = "ADJUSTMENT",
    [STORE_MODEL_USAGE] = "MODEL_USAGE",
    [STORE_CREDITS_EXPIRED] = "CREDITS_EXPIRED",
    [STORE_INIT] = "INIT",
};

const char *store_entry_type_name(enum store_entry_type type)
{
    return entry_types[type];
}

int64_t store_window_begin(enum store_window window, int64_t now_us)
{
    const int64_t day_us = 24 * 3600 * CLOCK_SECOND_US;
    int64_t day = now_us / day_us;
    time_t now_s = (time_t)(now_us / CLOCK_SECOND_US);
    struct tm t;
    switch (window) {
    case STORE_DAY:
        return day * day_us;
    case STORE_WEEK:
        return (day - (day + 3) % 7) * day_us; /* the first day of all was a Thursday */
    case STORE_MONTH:
        gmtime_r(&now_s, &t);
        return (day - (t.tm_mday - 1)) * day_us;
    default:
        return 0;
    }
}

void store_job_fini(struct store_job *job)
{
    mem_free(job->input.model);
    mem_free(job->input.prompt);
    mem_free(job->input.image);
    mem_free(job->result.video);
    mem_free(job->result.engine);
    mem_free(job->result.prompt);
    mem_free(job->result.meta);
    mem_free(job->result.poster);
    mem_free(job->result.preview);
    mem_free(job->result.timings);
    mem_free(job->error_name);
    mem_free(job->error_message);
    *job = (struct store_job){0};
}

void store_job_copy(const struct store_job *from, struct store_job *out)
{
    *out = *from;
    char **const strings[] = {
        &out->input.model,    &out->input.prompt,   &out->input.image, &out->result.video,
        &out->result.engine,  &out->result.prompt,  &out->result.meta, &out->result.poster,
        &out->result.preview, &out->result.timings, &out->error_name,  &out->error_message,
    };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        *strings[i] = mem_dup(*strings[i]);
}

int store_open(struct store **out, const char *where, struct error *err)
{
    return store_sqlite.open(out, where, err);
}

void store_close(struct store *s)
{
    if (s)
        s->driver->close(s);
}

int store_key_add(struct store *s, const struct store_key *key, int64_t credits, struct error *err)
{
    return s->driver->key_add(s, key, credits, err);
}

int store_key_by_hash(struct store *s, const uint8_t hash[HASH_SIZE], struct store_key *out,
                      struct error *err)
{
    return s->driver->key_by_hash(s, hash, out, err);
}

int store_key_by_prefix(struct store *s, const char *prefix, struct store_key *out,
                        struct error *err)
{
    return s->driver->key_by_prefix(s, prefix, out, err);
}

int store_key_list(struct store *s, store_each_key *each, void *arg, struct error *err)
{
    return s->driver->key_list(s, each, arg, err);
}

int store_key_revoke(struct store *s, const char *prefix, struct error *err)
{
    return s->driver->key_revoke(s, prefix, err);
}

int store_key_change(struct store *s, const char *prefix, const struct store_key_change *change,
                     struct error *err)
{
    return s->driver->key_change(s, prefix, change, err);
}

int store_key_credit(struct store *s, const char *prefix, int64_t credits,
                     enum store_entry_type type, struct error *err)
{
    return s->driver->key_credit(s, prefix, credits, type, err);
}

int store_entries(struct store *s, const struct store_entry_filter *filter, store_each_entry *each,
                  void *arg, struct error *err)
{
    return s->driver->entries(s, filter, each, arg, err);
}

int store_usage(struct store *s, int64_t key_id, int64_t from_us, int64_t to_us,
                struct store_usage *out, struct error *err)
{
    return s->driver->usage(s, key_id, from_us, to_us, out, err);
}

void store_admit(struct store *s, struct store_admission *a)
{
    s->driver->admit(s, a);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
};

static void tell_waiter(struct store_admission *a)
{
    struct waiter *w = a->arg;
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->told);
    pthread_mutex_unlock(&w->lock);
}

int store_admit_wait(struct store *s, struct store_admission *a)
{
    struct waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    a->done = tell_waiter;
    /* It is waited for: nobody has it when this returns. */
    /* cppcheck-suppress autoVariables */
    a->arg = &w;
    store_admit(s, a);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.told, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.told);
    pthread_mutex_destroy(&w.lock);
    return a->rc;
}

int store_get(struct store *s, const char *id, struct store_job *out, struct error *err)
{
    return s->driver->get(s, id, out, err);
}

int store_list(struct store *s, const struct store_list_filter *filter, store_each_job *each,
               void *arg, struct error *err)
{
    return s->driver->list(s, filter, each, arg, err);
}

int store_position(struct store *s, const struct store_job *job, int most, int *out,
                   struct error *err)
{
    return s->driver->position(s, job, most, out, err);
}

int store_ahead(struct store *s, const struct store_job *job, const char *passing, int most,
                int *out, struct error *err)
{
    return s->driver->ahead(s, job, passing, most, out, err);
}

int store_cancel(struct store *s, int64_t key_id, const char *id, struct error *err)
{
    return s->driver->cancel(s, key_id, id, err);
}

int store_remove(struct store *s, int64_t key_id, const char *id, struct store_job *out,
                 struct error *err)
{
    return s->driver->remove(s, key_id, id, out, err);
}

int store_claim(struct store *s, const struct store_claim *wish, struct store_job *out,
                struct error *err)
{
    return s->driver->claim(s, wish, out, err);
}

int store_beat(struct store *s, const char *id, int64_t token, int64_t lease_us, struct error *err)
{
    return s->driver->beat(s, id, token, lease_us, err);
}

int store_progress(struct store *s, const char *id, int64_t token, const char *stage, double done,
                   struct error *err)
{
    return s->driver->progress(s, id, token, stage, done, err);
}

int store_finish(struct store *s, const char *id, int64_t token, const struct store_result *result,
                 struct error *err)
{
    return s->driver->finish(s, id, token, result, err);
}

int store_fail(struct store *s, const char *id, int64_t token, const char *name,
               const char *message, struct error *err)
{
    return s->driver->fail(s, id, token, name, message, err);
}

int store_retry(struct store *s, const char *id, int64_t token, int attempts_max,
                const char *message, struct error *err)
{
    return s->driver->retry(s, id, token, attempts_max, message, err);
}

int store_release(struct store *s, const char *id, int64_t token, struct error *err)
{
    return s->driver->release(s, id, token, err);
}

int store_hand_on(struct store *s, const char *worker, int attempts_max, struct error *err)
{
    return s->driver->hand_on(s, worker, attempts_max, err);
}

int store_expire(struct store *s, const struct store_expiry *expiry, struct error *err)
{
    return s->driver->expire(s, expiry, err);
}

int store_end_unknown(struct store *s, const struct store_unknown *unknown, struct error *err)
{
    return s->driver->end_unknown(s, unknown, err);
}

int store_retire(struct store *s, int64_t before_us, int most, store_each_job *each, void *arg,
                 struct error *err)
{
    return s->driver->retire(s, before_us, most, each, arg, err);
}

int store_names_blob(struct store *s, const char *blob, bool *out, struct error *err)
{
    return s->driver->names_blob(s, blob, out, err);
}

int store_changes(struct store *s, const struct store_change_filter *filter,
                  store_each_change *each, void *arg, struct error *err)
{
    return s->driver->changes(s, filter, each, arg, err);
}

int store_last_change(struct store *s, int64_t *out, struct error *err)
{
    return s->driver->last_change(s, out, err);
}

int store_running(struct store *s, store_each_run *each, void *arg, struct error *err)
{
    return s->driver->running(s, each, arg, err);
}

int store_video_bytes(struct store *s, int64_t *out, struct error *err)
{
    return s->driver->video_bytes(s, out, err);
}

int store_counts(struct store *s, struct store_counts *out, struct error *err)
{
    return s->driver->counts(s, out, err);
}

int store_work_us(struct store *s, const char *model, int64_t *out, struct error *err)
{
    return s->driver->work_us(s, model, out, err);
}

int store_check(struct store *s, struct error *err)
{
    return s->driver->check(s, err);
}

int store_watch(struct store *s, int64_t *seen, int timeout_ms, struct error *err)
{
    return s->driver->watch(s, seen, timeout_ms, err);
}

void store_wake(struct store *s)
{
    s->driver->wake(s);
}
