/* pulse.h - signs of life of an engine whose single operations may outlast the hang limit.
 *
 * One attention of a large network at 1280x720 takes many minutes on a slow processor, and nobody
 * hears of it meanwhile. A thread says the last word again every so often, as long as the process
 * computes: what is stuck in a lock or a read uses no time of the processor. After
 * PULSE_PATIENCE_US without a new word it falls silent in any case.
 *
 * Thread: begin, say and end belong to the engine's; progress of the run is called by one thread
 * at a time.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <pthread.h>

#include "engine/engine.h"

struct pulse {
    const struct engine_run *run;
    int64_t every_us;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock: */
    char stage[48];
    double done;
    int64_t said_us; /* monotonic: the last new word */
    bool ending;
};

#define PULSE_EVERY_US    (10 * 1000000LL)
#define PULSE_PATIENCE_US (4 * 3600 * 1000000LL)

/* Say stage and begin to repeat it. pulse_end by the caller when this was 0. ERR_IO: no thread. */
int pulse_begin(struct pulse *p, const struct engine_run *run, const char *stage, int64_t every_us,
                struct error *err) MUST_CHECK;
void pulse_end(struct pulse *p);

/* The engine's own word, as run.progress has it. */
void pulse_say(struct pulse *p, const char *stage, double done);

/* Does a process that used so much of the processors in that time compute? A hundredth of one is
 * far more than a process that waits, and less than one that reads weights from a slow disk. */
bool pulse_computes(int64_t used_us, int64_t passed_us);
