/* thread_test.c - threads and waiting. SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <signal.h>

#include "base/clock.h"
#include "unit.h"

static void *read_mask(void *arg)
{
    pthread_sigmask(SIG_SETMASK, NULL, arg);
    return NULL;
}

TEST(a_thread_gets_no_signals_and_its_maker_still_does)
{
    struct error err;
    pthread_t thread;
    sigset_t inside;
    sigset_t outside;
    CHECK_OK(thread_start(&thread, read_mask, &inside, "read its mask", &err), err);
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &outside);
    assert_true(sigismember(&inside, SIGTERM));
    assert_true(sigismember(&inside, SIGCHLD));
    assert_false(sigismember(&outside, SIGTERM));
}

TEST(a_wait_ends_when_its_time_is_over_and_not_before)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never;
    thread_cond_init(&never);
    int64_t until = clock_mono_us() + 20000;
    pthread_mutex_lock(&lock);
    while (thread_wait_until(&never, &lock, until))
        ; /* woken without a reason */
    pthread_mutex_unlock(&lock);
    assert_true(clock_mono_us() >= until);
    pthread_cond_destroy(&never);
}

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rang;
    bool rung;
};

static void *ring(void *arg)
{
    struct bell *b = arg;
    pthread_mutex_lock(&b->lock);
    b->rung = true;
    pthread_cond_signal(&b->rang);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

TEST(a_wait_is_ended_by_its_condition)
{
    struct error err;
    pthread_t thread;
    struct bell b = {.lock = PTHREAD_MUTEX_INITIALIZER};
    thread_cond_init(&b.rang);
    int64_t until = clock_mono_us() + 600 * CLOCK_SECOND_US;
    bool in_time = true;
    pthread_mutex_lock(&b.lock);
    CHECK_OK(thread_start(&thread, ring, &b, "ring", &err), err);
    while (!b.rung && in_time)
        in_time = thread_wait_until(&b.rang, &b.lock, until);
    pthread_mutex_unlock(&b.lock);
    pthread_join(thread, NULL);
    assert_true(in_time);
    pthread_cond_destroy(&b.rang);
}
