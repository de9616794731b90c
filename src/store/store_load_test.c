/* store_load_test.c - many threads of many processes on one store. SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/fixture.h"
#include "unit.h"

enum { PROCESSES = 3, THREADS = 8, TURNS = 40, KEYS = 4 };

static const char *const prefixes[KEYS] = {"key-aaaa", "key-bbbb", "key-cccc", "key-dddd"};

struct member {
    struct store *s;
    pthread_t thread;
    char worker[16];
    int number;
    int n_ended;
};

static void must(int rc, const struct error *err)
{
    if (rc < 0) {
        fprintf(stderr, "# %s\n", err->text);
        abort();
    }
}

static void create(struct member *m, int turn)
{
    int64_t key = fixture_key_now(m->s, prefixes[(m->number + turn) % KEYS]).id;
    struct store_admission a = fixture_admission(key);
    must(store_admit_wait(m->s, &a), &a.err);
    if (turn % 8 == 7)
        must(store_cancel(m->s, key, a.id, &a.err) == ERR_CONFLICT ? 0 : a.rc, &a.err);
}

/* The end that this worker meant, or ERR_LOST because another cancelled. */
static void end(struct member *m, const struct store_job *job, int turn)
{
    struct error err;
    struct store_result result = fixture_result();
    int rc;
    if (turn % 5 == 4)
        rc = store_release(m->s, job->id, job->token, &err);
    else if (turn % 5 == 3)
        rc = store_fail(m->s, job->id, job->token, "E", "e", &err);
    else
        rc = store_finish(m->s, job->id, job->token, &result, &err);
    if (rc != ERR_LOST)
        must(rc, &err);
    m->n_ended += rc == 0 && turn % 5 != 4;
}

static void work(struct member *m, int turn)
{
    struct error err;
    SCOPED(store_job) struct store_job job = {0};
    const struct store_claim wish = {.worker = m->worker, .lease_us = FIXTURE_LEASE_US};
    int rc = store_claim(m->s, &wish, &job, &err);
    if (rc == ERR_NOT_FOUND)
        return;
    must(rc, &err);
    SCOPED(store_job) struct store_job now = fixture_get(m->s, job.id);
    /* Nobody else may hold it: the only other thing that can have happened is a cancel. */
    if (now.token != job.token && now.state != JOB_ERROR)
        abort();
    rc = store_progress(m->s, job.id, job.token, "render", 0.5, &err);
    if (rc != ERR_LOST)
        must(rc, &err);
    end(m, &job, turn);
}

static void *take_part(void *arg)
{
    struct member *m = arg;
    for (int turn = 0; turn < TURNS; turn++) {
        create(m, turn);
        work(m, turn);
    }
    return NULL;
}

static void run_process(const char *name, int number)
{
    struct member members[THREADS];
    struct store *s = fixture_open(name);
    for (int i = 0; i < THREADS; i++) {
        members[i] = (struct member){.s = s, .number = number * THREADS + i};
        snprintf(members[i].worker, sizeof members[i].worker, "w%d", members[i].number);
        if (pthread_create(&members[i].thread, NULL, take_part, &members[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(members[i].thread, NULL);
    store_close(s);
}

static int sum_keys(void *arg, const struct store_key *key)
{
    int64_t *charged = arg;
    *charged -= key->balance;
    assert_int_equal(key->reserved, key->n_queued * 100);
    assert_int_equal(key->n_running, 0);
    return 0;
}

TEST(sums_hold_and_each_job_ends_once_whoever_works_on_it)
{
    struct error err;
    pid_t pids[PROCESSES];
    struct store *s = fixture_open("load");
    for (int i = 0; i < KEYS; i++)
        fixture_key(s, prefixes[i], NULL, 0);
    store_close(s);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork(); /* no thread is running here */
        if (pids[i] == 0) {
            run_process("load", i);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    s = fixture_open("load");
    fixture_check(s);
    struct store_counts c;
    int64_t charged = 0;
    CHECK_OK(store_counts(s, &c, &err), err);
    assert_int_equal(c.queued + c.running + c.completed + c.failed, PROCESSES * THREADS * TURNS);
    assert_int_equal(c.running, 0);
    assert_true(c.completed > 0 && c.failed > 0);
    CHECK_OK(store_key_list(s, sum_keys, &charged, &err), err);
    assert_int_equal(charged, c.completed * 100);
    store_close(s);
}

/* ---- one process, for the thread sanitizer -------------------------------------------------- */

static void *watch_and_read(void *arg)
{
    struct member *m = arg;
    struct error err;
    struct store_counts c;
    int64_t seen = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        must(store_watch(m->s, &seen, 20, &err), &err);
        must(store_counts(m->s, &c, &err), &err);
    }
    return NULL;
}

TEST(threads_that_write_read_watch_and_expire_do_not_disturb_each_other)
{
    struct store *s = fixture_open("threads");
    struct member members[THREADS];
    for (int i = 0; i < KEYS; i++)
        fixture_key(s, prefixes[i], NULL, 0);
    for (int i = 0; i < THREADS; i++) {
        members[i] = (struct member){.s = s, .number = i};
        snprintf(members[i].worker, sizeof members[i].worker, "w%d", i);
        pthread_create(&members[i].thread, NULL, i % 4 == 3 ? watch_and_read : take_part,
                       &members[i]);
    }
    for (int i = 0; i < 50; i++) {
        struct error err;
        struct store_expiry e = {.now_us = 1, .attempts_max = 3};
        must(store_expire(s, &e, &err), &err);
        must(store_hand_on(s, "nobody", 3, &err), &err);
        store_wake(s);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(members[i].thread, NULL);
    fixture_check(s);
    store_close(s);
}
