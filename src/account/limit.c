/* limit.c - see limit.h. SPDX-License-Identifier: MIT */
#include "account/limit.h"

#include <pthread.h>

#include "base/memory.h"

/* A bucket that is full says nothing that a missing one does not: when a set has no room, the one
 * that was used longest ago gives way, which is the one nearest to full. */
enum { SETS = 512, WAYS = 8 };

/* Levels are counted in parts so small that a microsecond's refill is a whole number of them:
 * per_minute parts each microsecond, and a request costs a minute's worth of microseconds. */
#define REQUEST 60000000LL

struct bucket {
    int64_t key_id; /* 0: free */
    int64_t level;
    int64_t used_us;
};

struct limit {
    pthread_mutex_t lock;
    struct bucket buckets[SETS][WAYS]; /* under lock */
};

struct limit *limit_new(void)
{
    struct limit *l = mem_alloc(sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void limit_free(struct limit *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}

static struct bucket *find(struct limit *l, int64_t key_id, int64_t full, int64_t mono_us)
{
    struct bucket *set = l->buckets[(uint64_t)key_id % SETS];
    struct bucket *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key_id == key_id)
            return &set[i];
        if (!set[i].key_id || (oldest->key_id && set[i].used_us < oldest->used_us))
            oldest = &set[i];
    }
    *oldest = (struct bucket){.key_id = key_id, .level = full, .used_us = mono_us};
    return oldest;
}

static void refill(struct bucket *b, int per_minute, int64_t full, int64_t mono_us)
{
    int64_t us = mono_us - b->used_us;
    if (us < 0) /* threads may come here in another order than they read the clock */
        return;
    b->used_us = mono_us;
    b->level += (us < REQUEST ? us : REQUEST) * per_minute;
    if (b->level > full) /* or the key's limit was lowered */
        b->level = full;
}

static int seconds_for(int64_t parts, int per_minute)
{
    int64_t us = (parts + per_minute - 1) / per_minute;
    return (int)((us + 999999) / 1000000);
}

bool limit_take(struct limit *l, int64_t key_id, int per_minute, int64_t mono_us,
                struct limit_state *out)
{
    *out = (struct limit_state){0};
    if (per_minute <= 0)
        return true;
    int64_t full = per_minute * REQUEST;
    pthread_mutex_lock(&l->lock);
    struct bucket *b = find(l, key_id, full, mono_us);
    refill(b, per_minute, full, mono_us);
    bool allowed = b->level >= REQUEST;
    if (allowed)
        b->level -= REQUEST;
    int64_t level = b->level;
    pthread_mutex_unlock(&l->lock);
    out->limit = per_minute;
    out->remaining = (int)(level / REQUEST);
    out->reset_s = seconds_for(full - level, per_minute);
    out->retry_s = allowed ? 0 : seconds_for(REQUEST - level, per_minute);
    return allowed;
}
