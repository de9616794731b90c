/* thread_test.c - threads and waiting. SPDX-License-Identifier: MIT */
#include "base/thread.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit.h"
#include "unit_threads.h"

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

/* ---- what ThreadSanitizer can judge is noticed (unit_threads.h) --------------------------------
 */

TEST(a_test_that_started_a_thread_is_noticed_also_when_it_is_over)
{
    struct error err;
    pthread_t thread;
    sigset_t inside;
    CHECK_OK(thread_start(&thread, read_mask, &inside, "read its mask", &err), err);
    pthread_join(thread, NULL);
    assert_true(unit_threads_seen());
}

TEST(a_test_that_started_a_process_is_noticed)
{
    const pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(unit_threads_seen());
}

static void ignore(int number)
{
    (void)number;
}

TEST(a_test_that_handled_a_signal_is_noticed)
{
    const struct sigaction new = {.sa_handler = ignore};
    struct sigaction old;
    assert_int_equal(sigaction(SIGUSR1, &new, &old), 0);
    assert_int_equal(sigaction(SIGUSR1, &old, NULL), 0);
    assert_true(unit_threads_seen());
}

TEST(a_test_that_held_two_locks_at_once_is_noticed)
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one);
    pthread_mutex_lock(&other);
    pthread_mutex_unlock(&other);
    pthread_mutex_unlock(&one);
    assert_true(unit_threads_seen());
}

#ifdef UNIT_THREADS
TEST(a_test_that_held_one_lock_after_the_other_is_left_out)
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one);
    pthread_mutex_unlock(&one);
    pthread_mutex_lock(&other);
    pthread_mutex_unlock(&other);
    assert_false(unit_threads_seen());
}
#endif
