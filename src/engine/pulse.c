/* pulse.c - see pulse.h. SPDX-License-Identifier: MIT */
#include "engine/pulse.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/thread.h"

static int64_t used_us(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * CLOCK_SECOND_US + t.tv_nsec / 1000;
}

bool pulse_computes(int64_t used, int64_t passed)
{
    return used > 0 && used >= passed / 100;
}

static void *beat(void *arg)
{
    struct pulse *p = arg;
    int64_t at_us = clock_mono_us(), used = used_us();
    pthread_mutex_lock(&p->lock);
    while (!p->ending) {
        if (thread_wait_until(&p->changed, &p->lock, at_us + p->every_us) || p->ending)
            continue;
        const int64_t now_us = clock_mono_us(), now_used = used_us();
        if (pulse_computes(now_used - used, now_us - at_us) &&
            now_us - p->said_us < PULSE_PATIENCE_US)
            p->run->progress(p->run->arg, p->stage, p->done);
        at_us = now_us;
        used = now_used;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

void pulse_say(struct pulse *p, const char *stage, double done)
{
    pthread_mutex_lock(&p->lock);
    snprintf(p->stage, sizeof p->stage, "%s", stage);
    p->done = done;
    p->said_us = clock_mono_us();
    p->run->progress(p->run->arg, stage, done);
    pthread_mutex_unlock(&p->lock);
}

static void fini(struct pulse *p)
{
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
}

int pulse_begin(struct pulse *p, const struct engine_run *run, const char *stage, int64_t every_us,
                struct error *err)
{
    *p = (struct pulse){.run = run, .every_us = every_us};
    pthread_mutex_init(&p->lock, NULL);
    thread_cond_init(&p->changed);
    pulse_say(p, stage, 0);
    const int code = thread_start(&p->thread, beat, p, "show that a network is at work", err);
    if (code < 0)
        fini(p);
    return code;
}

void pulse_end(struct pulse *p)
{
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    fini(p);
}
