/* pool.c - see pool.h. SPDX-License-Identifier: MIT */
#include "nn/pool.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

enum { PULSE_US = 100000 };

struct worker {
    struct pool *pool;
    pthread_t thread;
    int number;
};

struct pool {
    struct worker *workers; /* [n_workers]; 0 is the caller and has no thread */
    int n_workers;
    int n_started;
    pthread_mutex_t lock;
    pthread_cond_t call, done;
    atomic_int next; /* piece that nobody took yet */
    /* of the caller alone: */
    pool_pulse *pulse;
    void *pulse_arg;
    int64_t pulsed; /* us */
    bool stopped;   /* by the pulse */
    int n_last;     /* pieces of the last run */
    /* under lock: */
    pool_job job;
    void *arg;
    int n;
    int n_busy;     /* workers that have not finished this round */
    unsigned round; /* of pool_run */
    bool stop;
};

/* Between two pieces of the caller: shall the rest be left? */
static bool ask_pulse(struct pool *p)
{
    if (!p->pulse)
        return false;
    const int64_t now = clock_mono_us();
    if (now - p->pulsed < PULSE_US)
        return false;
    p->pulsed = now;
    p->stopped = p->pulse(p->pulse_arg);
    return p->stopped;
}

static void work(struct pool *p, int number)
{
    for (int i = atomic_fetch_add(&p->next, 1); i < p->n; i = atomic_fetch_add(&p->next, 1)) {
        p->job(p->arg, i, number);
        if (number == 0 && ask_pulse(p))
            atomic_store(&p->next, p->n);
    }
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;
    unsigned seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->stop && p->round == seen)
            pthread_cond_wait(&p->call, &p->lock);
        if (p->stop)
            break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        work(p, w->number);
        pthread_mutex_lock(&p->lock);
        if (--p->n_busy == 0)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

int pool_open(struct pool **out, int n_workers, struct error *err)
{
    SCOPED(pool) struct pool *p = mem_alloc(sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    thread_cond_init(&p->call);
    thread_cond_init(&p->done);
    p->n_workers = n_workers;
    p->workers = mem_alloc((size_t)n_workers * sizeof *p->workers);
    for (int i = 1; i < n_workers; i++) {
        p->workers[i] = (struct worker){.pool = p, .number = i};
        if (thread_start(&p->workers[i].thread, worker_main, &p->workers[i], "compute", err) < 0)
            return err->code;
        p->n_started = i;
    }
    *out = TAKE(p);
    return 0;
}

void pool_close(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->call);
    pthread_mutex_unlock(&p->lock);
    for (int i = 1; i <= p->n_started; i++)
        pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->call);
    pthread_cond_destroy(&p->done);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->workers);
    mem_free(p);
}

int pool_workers(const struct pool *p)
{
    return p->n_workers;
}

void pool_watch(struct pool *p, pool_pulse *pulse, void *arg)
{
    p->pulse = pulse;
    p->pulse_arg = arg;
    p->pulsed = clock_mono_us() - PULSE_US; /* the first piece asks already */
    p->stopped = false;
}

int pool_pieces(const struct pool *p)
{
    return p->n_last;
}

bool pool_stopped(const struct pool *p)
{
    return p->stopped;
}

void pool_run(struct pool *p, int n, pool_job job, void *arg)
{
    if (p->stopped)
        return;
    p->n_last = n;
    if (n <= 1 || p->n_workers == 1) { /* waking the others costs more than they could save */
        for (int i = 0; i < n && !p->stopped; i++) {
            job(arg, i, 0);
            ask_pulse(p);
        }
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->job = job;
    p->arg = arg;
    p->n = n;
    p->n_busy = p->n_workers - 1;
    atomic_store(&p->next, 0);
    p->round++;
    pthread_cond_broadcast(&p->call);
    pthread_mutex_unlock(&p->lock);
    work(p, 0);
    pthread_mutex_lock(&p->lock);
    while (p->n_busy > 0)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
