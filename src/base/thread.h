/* thread.h - threads that get no signals, and waiting on the monotonic clock.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Run run(arg) on a thread in which every signal is blocked: they are for the thread that
 * expects them. what says in the error what the thread is for. */
int thread_start(pthread_t *out, void *(*run)(void *), void *arg, const char *what,
                 struct error *err) MUST_CHECK;

/* A condition whose waits thread_wait_until can end. */
void thread_cond_init(pthread_cond_t *c);

/* Wait once for c, at the latest until mono_us (of clock_mono_us). False: the time is over. As
 * with every condition the caller looks itself whether what it waits for is there. */
bool thread_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t mono_us);
