/* offload.c - whose turn an exchange is: handlers, the threads that may block, defer and resume.
 *
 * A connection is suspended only after its handler has returned and before anybody else may take
 * the exchange, and it is resumed by exactly one: the blocking thread that ran fn, or whichever
 * of http_resume and the return of the handler that deferred comes second (TURN_...).
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>

#include "base/memory.h"
#include "base/thread.h"
#include "http/http_impl.h"

static void push(struct http_exchange *x)
{
    struct pool *p = &x->server->pool;
    pthread_mutex_lock(&p->lock);
    x->queued = NULL;
    *p->end = x;
    p->end = &x->queued;
    pthread_cond_signal(&p->some);
    pthread_mutex_unlock(&p->lock);
}

/* NULL when the pool stops and nothing is left. */
static struct http_exchange *pop(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->first && !p->stop)
        pthread_cond_wait(&p->some, &p->lock);
    struct http_exchange *x = p->first;
    if (x) {
        p->first = x->queued;
        if (!p->first)
            p->end = &p->first;
    }
    pthread_mutex_unlock(&p->lock);
    return x;
}

/* The count keeps http_stop from ending the library while this thread is inside it: the event
 * thread may answer x before the call returns. */
static void resume(struct http_exchange *x)
{
    struct http_server *s = x->server;
    atomic_fetch_add(&s->n_busy, 1);
    MHD_resume_connection(x->mhd);
    pthread_mutex_lock(&s->quiet_lock);
    atomic_fetch_sub(&s->n_busy, 1);
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->quiet_lock);
}

/* One of the two that a deferred exchange waits for has come. */
static void turn_add(struct http_exchange *x, int what)
{
    int other = what == TURN_RETURNED ? TURN_RESUMED : TURN_RETURNED;
    if (atomic_fetch_or(&x->turn, what) == other)
        resume(x);
}

static void answered_nothing(struct http_exchange *x)
{
    x->next = NEXT_REPLY;
    x->refusal = 500;
}

static void run_blocking(struct http_exchange *x)
{
    http_handler *fn = x->fn;
    x->next = NEXT_NONE;
    fn(x);
    switch (x->next) {
    case NEXT_OFFLOAD:
        push(x);
        return;
    case NEXT_DEFER:
        turn_add(x, TURN_RETURNED);
        return;
    case NEXT_NONE:
        answered_nothing(x);
        break;
    case NEXT_REPLY:
        break;
    }
    resume(x);
}

static void *work(void *arg)
{
    struct pool *p = arg;
    for (;;) {
        struct http_exchange *x = pop(p);
        if (!x)
            return NULL;
        run_blocking(x);
    }
}

static enum MHD_Result run(struct http_exchange *x, http_handler *fn)
{
    x->next = NEXT_NONE;
    fn(x);
    if (x->next == NEXT_NONE)
        answered_nothing(x);
    if (x->next == NEXT_REPLY)
        return reply_send(x);
    x->stage = STAGE_PARKED;
    MHD_suspend_connection(x->mhd);
    if (x->next == NEXT_OFFLOAD)
        push(x);
    else
        turn_add(x, TURN_RETURNED);
    return MHD_YES;
}

enum MHD_Result offload_run(struct http_exchange *x, http_handler *fn)
{
    struct http_server *s = x->server;
    atomic_fetch_add(&s->n_busy, 1);
    x->counted = true;
    if (atomic_load(&s->closing)) {
        x->refusal = 503;
        return reply_send(x);
    }
    return run(x, fn);
}

enum MHD_Result offload_continue(struct http_exchange *x)
{
    return x->next == NEXT_REPLY ? reply_send(x) : run(x, x->fn);
}

void http_offload(struct http_exchange *x, http_handler *fn)
{
    assert(x->next == NEXT_NONE);
    x->next = NEXT_OFFLOAD;
    x->fn = fn;
}

void http_defer(struct http_exchange *x, http_handler *fn)
{
    assert(x->next == NEXT_NONE);
    x->next = NEXT_DEFER;
    x->fn = fn;
    atomic_store(&x->turn, 0);
}

void http_resume(struct http_exchange *x)
{
    turn_add(x, TURN_RESUMED);
}

int offload_open(struct pool *p, int n_threads, struct error *err)
{
    p->end = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->some, NULL);
    p->threads = mem_alloc((size_t)n_threads * sizeof *p->threads);
    for (; p->n_threads < n_threads; p->n_threads++) {
        int rc = thread_start(&p->threads[p->n_threads], work, p, "answer requests", err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

void offload_close(struct pool *p)
{
    if (!p->threads)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->some);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->some);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->threads);
}
