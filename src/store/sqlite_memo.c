/* sqlite_memo.c - rows read before, good as long as nobody has written since.
 *
 * A read of SQLite takes and gives back locks that all processes share: four times what finding
 * the row costs. The door counts those who may have written; a row that was read at the count
 * of now is the row of now. Before a write is told to its caller the count has moved on, so that
 * nobody who knows of it gets what was before it.
 *
 * Who writes past the door (a person with a shell) is seen from the next write of ours on.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/sqlite_impl.h"

void sqlite_memo_init(struct sqlite_store *s)
{
    pthread_mutex_init(&s->memo.lock, NULL);
}

void sqlite_memo_stop(struct sqlite_store *s)
{
    for (int i = 0; i < SQLITE_MEMO_JOBS; i++)
        store_job_fini(&s->memo.jobs[i].job);
    pthread_mutex_destroy(&s->memo.lock);
}

static struct sqlite_memo_key *key_slot(struct sqlite_memo *m, const uint8_t hash[HASH_SIZE])
{
    return &m->keys[hash[0] % SQLITE_MEMO_KEYS];
}

static struct sqlite_memo_job *job_slot(struct sqlite_memo *m, const char *id)
{
    return &m->jobs[hash_quick(text_of(id)) % SQLITE_MEMO_JOBS];
}

bool sqlite_memo_key(struct sqlite_store *s, const uint8_t hash[HASH_SIZE], struct store_key *out)
{
    const uint64_t visits = door_visits(s->door);
    const struct sqlite_memo_key *slot = key_slot(&s->memo, hash);
    if (!visits)
        return false;
    pthread_mutex_lock(&s->memo.lock);
    bool found = slot->visits == visits && hash_equal(slot->key.hash, hash, HASH_SIZE);
    if (found)
        *out = slot->key;
    pthread_mutex_unlock(&s->memo.lock);
    return found;
}

bool sqlite_memo_job(struct sqlite_store *s, const char *id, struct store_job *out)
{
    const uint64_t visits = door_visits(s->door);
    const struct sqlite_memo_job *slot = job_slot(&s->memo, id);
    if (!visits)
        return false;
    pthread_mutex_lock(&s->memo.lock);
    bool found = slot->visits == visits && strcmp(slot->job.id, id) == 0;
    if (found)
        store_job_copy(&slot->job, out);
    pthread_mutex_unlock(&s->memo.lock);
    return found;
}

void sqlite_memo_add_key(struct sqlite_store *s, const struct store_key *key, uint64_t visits)
{
    if (!visits)
        return;
    pthread_mutex_lock(&s->memo.lock);
    *key_slot(&s->memo, key->hash) = (struct sqlite_memo_key){.visits = visits, .key = *key};
    pthread_mutex_unlock(&s->memo.lock);
}

void sqlite_memo_add_job(struct sqlite_store *s, const struct store_job *job, uint64_t visits)
{
    if (!visits || door_visits(s->door) != visits)
        return; /* nobody would find it */
    struct sqlite_memo_job fresh = {.visits = visits};
    store_job_copy(job, &fresh.job);
    pthread_mutex_lock(&s->memo.lock);
    struct sqlite_memo_job *slot = job_slot(&s->memo, job->id);
    struct sqlite_memo_job old = *slot;
    *slot = fresh;
    pthread_mutex_unlock(&s->memo.lock);
    store_job_fini(&old.job);
}
