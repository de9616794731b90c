/* crew.c - see crew.h. SPDX-License-Identifier: MIT */
#include "storyboard/crew.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/memory.h"

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a round begins or the crew ends */
    pthread_cond_t idle;    /* the last helper of a round is done */
    int n_helpers;
    pthread_t helpers[CREW_MOST];

    /* under lock: */
    unsigned round;
    int n_busy;
    bool over;
    void (*work)(void *arg, int i);
    void *arg;
    int n;

    int next; /* atomic */
};

static void do_share(struct crew *c)
{
    for (;;) {
        int i = __atomic_fetch_add(&c->next, 1, __ATOMIC_RELAXED);
        if (i >= c->n)
            return;
        c->work(c->arg, i);
    }
}

static void *help(void *arg)
{
    struct crew *c = arg;
    unsigned seen = 0;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (c->round == seen && !c->over)
            pthread_cond_wait(&c->changed, &c->lock);
        if (c->over)
            break;
        seen = c->round;
        pthread_mutex_unlock(&c->lock);
        do_share(c);
        pthread_mutex_lock(&c->lock);
        if (--c->n_busy == 0)
            pthread_cond_signal(&c->idle);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

struct crew *crew_new(int n_threads)
{
    struct crew *c = mem_alloc(sizeof *c);
    long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (n_threads <= 0)
        n_threads = n_processors > 0 ? (int)n_processors : 1;
    if (n_threads > CREW_MOST)
        n_threads = CREW_MOST;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    pthread_cond_init(&c->idle, NULL);
    while (c->n_helpers < n_threads - 1 &&
           pthread_create(&c->helpers[c->n_helpers], NULL, help, c) == 0)
        c->n_helpers++;
    return c;
}

void crew_free(struct crew *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->over = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->n_helpers; i++)
        pthread_join(c->helpers[i], NULL);
    pthread_cond_destroy(&c->idle);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

void crew_run(struct crew *c, void (*work)(void *arg, int i), void *arg, int n)
{
    pthread_mutex_lock(&c->lock);
    c->work = work;
    c->arg = arg;
    c->n = n;
    c->next = 0;
    c->n_busy = c->n_helpers;
    c->round++;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    do_share(c);
    pthread_mutex_lock(&c->lock);
    while (c->n_busy > 0)
        pthread_cond_wait(&c->idle, &c->lock);
    pthread_mutex_unlock(&c->lock);
}
