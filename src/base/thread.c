/* thread.c - see thread.h. SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"

int thread_start(pthread_t *out, void *(*run)(void *), void *arg, const char *what,
                 struct error *err)
{
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(out, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc == 0 ? 0 : error_errno(err, rc, "start a thread to %s", what);
}

void thread_cond_init(pthread_cond_t *c)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(c, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool thread_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t mono_us)
{
    struct timespec t = {.tv_sec = mono_us / CLOCK_SECOND_US,
                         .tv_nsec = mono_us % CLOCK_SECOND_US * 1000};
    return pthread_cond_timedwait(c, lock, &t) != ETIMEDOUT;
}
