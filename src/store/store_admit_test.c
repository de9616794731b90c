/* store_admit_test.c - new jobs: reserved, refused, asked for twice. SPDX-License-Identifier: MIT
 */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

TEST(an_admitted_job_is_queued_with_all_it_was_made_of)
{
    struct store *s = fixture_open("made");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char image[] = "inputs/abc";
    struct store_admission a = fixture_admission(key);
    a.input.image_kind = STORE_IMAGE_BLOB;
    a.input.image = image;
    CHECK_OK(store_admit_wait(s, &a), a.err);
    assert_int_equal(a.refusal, STORE_ADMITTED);
    assert_int_equal(a.credits, 100);
    assert_int_equal(a.state, JOB_QUEUED);

    SCOPED(store_job) struct store_job job = fixture_get(s, a.id);
    assert_string_equal(job.id, a.id);
    assert_int_equal(job.key_id, key);
    assert_int_equal(job.state, JOB_QUEUED);
    assert_string_equal(job.input.model, "video-01");
    assert_string_equal(job.input.prompt, "A dragon over the sea.");
    assert_true(job.input.enhance);
    assert_true(job.input.seed == UINT64_MAX - 5);
    assert_int_equal(job.input.image_kind, STORE_IMAGE_BLOB);
    assert_string_equal(job.input.image, "inputs/abc");
    assert_int_equal(job.input.credits, 100);
    assert_string_equal(job.result.video, "");
    assert_string_equal(job.error_name, "");
    assert_true(job.seq > 0 && job.created_us > 0);
    assert_int_equal(job.started_us | job.ended_us | job.attempts, 0);

    struct store_key now = fixture_key_now(s, "aaaaaaaa");
    assert_int_equal(now.reserved, 100);
    assert_int_equal(now.n_queued, 1);
    fixture_check(s);
    store_close(s);
}

TEST(credits_that_are_exactly_enough_are_enough)
{
    struct store *s = fixture_open("enough");
    struct store_key limited = {.limited = true};
    int64_t key = fixture_key(s, "aaaaaaaa", &limited, 200);
    char id[HASH_ID_SIZE];
    fixture_admit(s, key, id);
    fixture_admit(s, key, id);
    struct store_admission a = fixture_admission(key);
    CHECK_ERR(store_admit_wait(s, &a), ERR_CREDITS);
    assert_int_equal(a.refusal, STORE_NO_CREDITS);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").reserved, 200);
    fixture_check(s);
    store_close(s);
}

TEST(one_credit_short_is_refused)
{
    struct store *s = fixture_open("short");
    struct store_key limited = {.limited = true};
    int64_t key = fixture_key(s, "aaaaaaaa", &limited, 99);
    struct store_admission a = fixture_admission(key);
    CHECK_ERR(store_admit_wait(s, &a), ERR_CREDITS);
    struct error err;
    struct store_job job;
    CHECK_ERR(store_get(s, a.id, &job, &err), ERR_NOT_FOUND);
    a.input.credits = INT64_MAX;
    CHECK_ERR(store_admit_wait(s, &a), ERR_CREDITS);
    a.input.credits = -1;
    CHECK_ERR(store_admit_wait(s, &a), ERR_INVALID);
    fixture_check(s);
    store_close(s);
}

TEST(a_key_has_no_more_jobs_at_once_than_it_may)
{
    struct error err;
    struct store *s = fixture_open("at-once");
    struct store_key two = {.jobs_at_once = 2};
    int64_t key = fixture_key(s, "aaaaaaaa", &two, 0);
    char ids[2][HASH_ID_SIZE];
    SCOPED(store_job) struct store_job job = {0};
    fixture_admit(s, key, ids[0]);
    fixture_admit(s, key, ids[1]);
    fixture_claim(s, "w", &job); /* running ones count, too */
    struct store_admission a = fixture_admission(key);
    CHECK_ERR(store_admit_wait(s, &a), ERR_BUSY);
    assert_int_equal(a.refusal, STORE_KEY_FULL);
    CHECK_OK(store_cancel(s, key, ids[1], &err), err);
    CHECK_OK(store_admit_wait(s, &a), a.err);
    store_close(s);
}

TEST(a_full_queue_refuses)
{
    struct store *s = fixture_open("full");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    fixture_admit(s, key, id);
    struct store_admission a = fixture_admission(key);
    a.queued_max = 1;
    CHECK_ERR(store_admit_wait(s, &a), ERR_BUSY);
    assert_int_equal(a.refusal, STORE_QUEUE_FULL);
    a.queued_max = 2;
    CHECK_OK(store_admit_wait(s, &a), a.err);
    store_close(s);
}

TEST(a_revoked_key_gets_no_job_but_its_jobs_go_on)
{
    struct error err;
    struct store *s = fixture_open("revoked");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job job = {0};
    fixture_admit(s, key, id);
    CHECK_OK(store_key_revoke(s, "aaaaaaaa", &err), err);
    struct store_admission a = fixture_admission(key);
    CHECK_ERR(store_admit_wait(s, &a), ERR_DENIED);
    assert_int_equal(a.refusal, STORE_KEY_REVOKED);
    fixture_claim(s, "w", &job);
    fixture_finish(s, &job);
    store_close(s);
}

TEST(a_key_that_never_was_gets_no_job)
{
    struct store *s = fixture_open("never");
    struct store_admission a = fixture_admission(42);
    CHECK_ERR(store_admit_wait(s, &a), ERR_DENIED);
    store_close(s);
}

/* ---- Idempotency-Key ----------------------------------------------------------------------- */

static struct store_admission keyed(int64_t key_id, const char *idempotency_key, uint8_t body)
{
    struct store_admission a = fixture_admission(key_id);
    a.idempotency_key = idempotency_key;
    a.body_hash[0] = body;
    return a;
}

TEST(the_same_request_twice_is_one_job)
{
    struct store *s = fixture_open("same");
    struct store_key one = {.jobs_at_once = 1, .limited = true};
    int64_t key = fixture_key(s, "aaaaaaaa", &one, 100);
    struct store_admission first = keyed(key, "again", 1);
    CHECK_OK(store_admit_wait(s, &first), first.err);
    /* Neither the key's limits nor its credits count against an answer that was given. */
    struct store_admission second = keyed(key, "again", 1);
    second.input.credits = 5;
    second.queued_max = 1;
    CHECK_OK(store_admit_wait(s, &second), second.err);
    assert_int_equal(second.refusal, STORE_REPLAYED);
    assert_string_equal(second.id, first.id);
    assert_int_equal(second.credits, 100);
    assert_int_equal(second.state, JOB_QUEUED);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").n_queued, 1);
    fixture_check(s);
    store_close(s);
}

TEST(another_body_with_the_same_idempotency_key_is_a_conflict)
{
    struct store *s = fixture_open("another");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    struct store_admission first = keyed(key, "again", 1);
    CHECK_OK(store_admit_wait(s, &first), first.err);
    struct store_admission second = keyed(key, "again", 2);
    CHECK_ERR(store_admit_wait(s, &second), ERR_CONFLICT);
    assert_int_equal(second.refusal, STORE_KEY_REUSED);
    store_close(s);
}

TEST(an_idempotency_key_belongs_to_one_key)
{
    struct store *s = fixture_open("own");
    int64_t a_key = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t b_key = fixture_key(s, "bbbbbbbb", NULL, 0);
    struct store_admission a = keyed(a_key, "again", 1);
    struct store_admission b = keyed(b_key, "again", 2);
    CHECK_OK(store_admit_wait(s, &a), a.err);
    CHECK_OK(store_admit_wait(s, &b), b.err);
    assert_int_equal(b.refusal, STORE_ADMITTED);
    store_close(s);
}

TEST(a_repeated_request_gets_its_answer_even_when_the_job_has_ended_and_is_gone)
{
    struct error err;
    struct store *s = fixture_open("ended");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    struct store_admission first = keyed(key, "again", 1);
    struct store_job job;
    CHECK_OK(store_admit_wait(s, &first), first.err);
    fixture_claim(s, "w", &job);
    fixture_finish(s, &job);
    store_job_fini(&job);

    struct store_admission second = keyed(key, "again", 1);
    CHECK_OK(store_admit_wait(s, &second), second.err);
    assert_int_equal(second.refusal, STORE_REPLAYED);
    assert_int_equal(second.state, JOB_COMPLETED);

    CHECK_OK(store_remove(s, key, first.id, &job, &err), err);
    store_job_fini(&job);
    struct store_admission third = keyed(key, "again", 1);
    CHECK_OK(store_admit_wait(s, &third), third.err);
    assert_int_equal(third.refusal, STORE_REPLAYED);
    assert_string_equal(third.id, first.id);
    assert_int_equal(third.state, JOB_COMPLETED);
    fixture_check(s);
    store_close(s);
}

TEST(a_refused_request_may_come_again)
{
    struct error err;
    struct store *s = fixture_open("refused");
    struct store_key limited = {.limited = true};
    int64_t key = fixture_key(s, "aaaaaaaa", &limited, 0);
    struct store_admission a = keyed(key, "again", 1);
    CHECK_ERR(store_admit_wait(s, &a), ERR_CREDITS);
    CHECK_OK(store_key_credit(s, "aaaaaaaa", 100, STORE_PAYMENT, &err), err);
    CHECK_OK(store_admit_wait(s, &a), a.err);
    assert_int_equal(a.refusal, STORE_ADMITTED);
    store_close(s);
}

/* ---- many at once -------------------------------------------------------------------------- */

struct counter {
    pthread_mutex_t lock;
    pthread_cond_t all;
    int n_left;
};

static void count_done(struct store_admission *a)
{
    struct counter *c = a->arg;
    pthread_mutex_lock(&c->lock);
    if (--c->n_left == 0)
        pthread_cond_signal(&c->all);
    pthread_mutex_unlock(&c->lock);
}

TEST(one_that_fails_disturbs_none_of_its_batch)
{
    enum { N = 600 };
    struct store *s = fixture_open("batch");
    struct store_key limited = {.limited = true};
    int64_t rich = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t poor = fixture_key(s, "bbbbbbbb", &limited, 150);
    struct counter c = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, N};
    static struct store_admission all[N];
    for (int i = 0; i < N; i++) {
        all[i] = fixture_admission(i % 3 == 0 ? poor : rich);
        if (i % 7 == 6) /* an id that is there already */
            memcpy(all[i].id, all[i - 6].id, HASH_ID_SIZE);
        all[i].done = count_done;
        all[i].arg = &c;
        store_admit(s, &all[i]);
    }
    pthread_mutex_lock(&c.lock);
    while (c.n_left)
        pthread_cond_wait(&c.all, &c.lock);
    pthread_mutex_unlock(&c.lock);

    int n_poor = 0;
    for (int i = 0; i < N; i++) {
        struct error err;
        SCOPED(store_job) struct store_job job = {0};
        if (all[i].key_id == poor)
            n_poor += all[i].rc == 0;
        else if (i % 7 != 6)
            CHECK_OK(all[i].rc, all[i].err);
        if (all[i].rc == 0)
            CHECK_OK(store_get(s, all[i].id, &job, &err), err);
    }
    assert_int_equal(n_poor, 1);
    fixture_check(s);
    store_close(s);
}

TEST(closing_waits_for_admissions_under_way)
{
    enum { N = 100 };
    struct store *s = fixture_open("closing");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    struct counter c = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, N};
    static struct store_admission all[N];
    for (int i = 0; i < N; i++) {
        all[i] = fixture_admission(key);
        all[i].done = count_done;
        all[i].arg = &c;
        store_admit(s, &all[i]);
    }
    store_close(s);
    assert_int_equal(c.n_left, 0);
    s = fixture_open("closing");
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").n_queued, N);
    store_close(s);
}
