/* limit.h - requests per minute, per key: a token bucket in this process's memory.
 *
 * The bucket holds a minute's worth and refills evenly. Several servers on one store count each
 * for itself. Any thread.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct limit;

struct limit_state { /* as the RateLimit-* headers say it */
    int limit;       /* requests per minute              */
    int remaining;   /* whole requests left now          */
    int reset_s;     /* seconds until the bucket is full */
    int retry_s;     /* seconds until one request is free; 0 when this one was */
};

struct limit *limit_new(void);
void limit_free(struct limit *l);

/* Count a request of this key at mono_us (clock_mono_us). per_minute 0: always allowed, *out
 * zeroed. False: refused. */
bool limit_take(struct limit *l, int64_t key_id, int per_minute, int64_t mono_us,
                struct limit_state *out);
