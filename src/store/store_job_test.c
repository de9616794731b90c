/* store_job_test.c - a job's way through its states. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

static const struct store_expiry never = {.attempts_max = 3};

static struct store_expiry expiry_at(int64_t now_us, int64_t hang_us)
{
    struct store_expiry e = never;
    e.now_us = now_us;
    e.hang_us = hang_us;
    return e;
}

static const struct store_claim anything = {.worker = "w", .lease_us = FIXTURE_LEASE_US};

TEST(a_claimed_job_is_finished_and_charged)
{
    struct store *s = fixture_open("finished");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 500);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    assert_string_equal(held.id, id);
    assert_int_equal(held.state, JOB_GENERATING);
    assert_int_equal(held.attempts, 1);
    assert_true(held.token > 0 && held.started_us > 0);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").n_running, 1);
    fixture_finish(s, &held);

    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_int_equal(job.state, JOB_COMPLETED);
    assert_true(job.ended_us >= job.started_us);
    assert_string_equal(job.result.video, "generations/whale/1.mp4");
    assert_int_equal(job.result.video_bytes, 1234567);
    assert_int_equal(job.result.duration_us, 5640000);
    assert_int_equal(job.result.width, 1280);
    assert_int_equal(job.result.height, 720);
    assert_string_equal(job.result.engine, "storyboard");
    assert_string_equal(job.result.prompt, "A dragon over the sea, at dusk.");
    assert_string_equal(job.result.meta, "{\"place\":\"sea\"}");
    struct store_key now = fixture_key_now(s, "aaaaaaaa");
    assert_int_equal(now.balance, 400);
    assert_int_equal(now.reserved, 0);
    assert_int_equal(now.n_running, 0);
    fixture_check(s);
    store_close(s);
}

TEST(a_failed_job_costs_nothing)
{
    struct error err;
    struct store *s = fixture_open("failed");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 500);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    CHECK_OK(store_fail(s, id, held.token, "InvalidImageException", "It is no image.", &err), err);
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_int_equal(job.state, JOB_ERROR);
    assert_string_equal(job.error_name, "InvalidImageException");
    assert_string_equal(job.error_message, "It is no image.");
    struct store_key now = fixture_key_now(s, "aaaaaaaa");
    assert_int_equal(now.balance, 500);
    assert_int_equal(now.reserved, 0);
    fixture_check(s);
    store_close(s);
}

/* Everything that carries a token. */
static void check_lost(struct store *s, const char *id, int64_t token)
{
    struct error err;
    struct store_result result = fixture_result();
    CHECK_ERR(store_beat(s, id, token, FIXTURE_LEASE_US, &err), ERR_LOST);
    CHECK_ERR(store_progress(s, id, token, "render", 0.5, &err), ERR_LOST);
    CHECK_ERR(store_finish(s, id, token, &result, &err), ERR_LOST);
    CHECK_ERR(store_fail(s, id, token, "E", "e", &err), ERR_LOST);
    CHECK_ERR(store_retry(s, id, token, 3, "e", &err), ERR_LOST);
    CHECK_ERR(store_release(s, id, token, &err), ERR_LOST);
    fixture_check(s);
}

TEST(a_job_that_its_worker_could_not_make_is_tried_again_until_its_attempts_are_used_up)
{
    struct error err;
    struct store *s = fixture_open("retried");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 500);
    char id[HASH_ID_SIZE];
    fixture_admit(s, key, id);
    for (int attempt = 1; attempt <= 3; attempt++) {
        SCOPED(store_job) struct store_job held = {0};
        fixture_claim(s, "w", &held);
        assert_int_equal(held.attempts, attempt);
        assert_int_equal(store_retry(s, id, held.token, 3, "The disk is full.", &err), attempt < 3);
        check_lost(s, id, held.token);
    }
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_int_equal(job.state, JOB_ERROR);
    assert_string_equal(job.error_name, "GenerationException");
    assert_string_equal(job.error_message, "The disk is full.");
    struct store_key now = fixture_key_now(s, "aaaaaaaa");
    assert_int_equal(now.balance, 500);
    assert_int_equal(now.reserved, 0);
    store_close(s);
}

TEST(without_a_valid_lease_nothing_is_written)
{
    struct error err;
    struct store *s = fixture_open("lost");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job first = {0};
    SCOPED(store_job) struct store_job second = {0};
    fixture_admit(s, key, id);
    check_lost(s, id, 0);
    check_lost(s, "no-such-job", 1);
    fixture_claim(s, "w", &first);
    check_lost(s, id, first.token - 1);
    check_lost(s, id, first.token + 1);
    assert_int_equal(store_hand_on(s, "w", 3, &err), 1);
    check_lost(s, id, first.token);
    fixture_claim(s, "v", &second);
    assert_true(second.token > first.token);
    assert_int_equal(second.attempts, 2);
    check_lost(s, id, first.token);
    fixture_finish(s, &second);
    check_lost(s, id, second.token);
    store_close(s);
}

TEST(a_job_is_completed_only_with_a_video)
{
    struct error err;
    struct store *s = fixture_open("no-video");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    char none[] = "";
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    struct store_result result = fixture_result();
    result.video = none;
    CHECK_ERR(store_finish(s, id, held.token, &result, &err), ERR_INVALID);
    fixture_finish(s, &held);
    store_close(s);
}

TEST(progress_is_kept_between_nothing_and_all)
{
    struct error err;
    struct store *s = fixture_open("progress");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    static const double said[] = {0.25, 7, -3, NAN};
    static const double kept[] = {0.25, 1, 0, 0};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        CHECK_OK(store_progress(s, id, held.token, "render", said[i], &err), err);
        SCOPED(store_job) struct store_job job = fixture_get(s, id);
        assert_string_equal(job.stage, "render");
        assert_true(job.progress == kept[i]);
    }
    store_close(s);
}

TEST(nothing_waits_in_an_empty_store)
{
    struct error err;
    struct store *s = fixture_open("empty");
    struct store_job job;
    CHECK_ERR(store_claim(s, &anything, &job, &err), ERR_NOT_FOUND);
    CHECK_ERR(store_get(s, "none", &job, &err), ERR_NOT_FOUND);
    assert_int_equal(store_hand_on(s, "w", 3, &err), 0);
    struct store_expiry e = expiry_at(clock_now_us(), 1);
    assert_int_equal(store_expire(s, &e, &err), 0);
    fixture_check(s);
    store_close(s);
}

/* ---- cancel -------------------------------------------------------------------------------- */

static void check_cancelled(struct store *s, const char *id)
{
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_int_equal(job.state, JOB_ERROR);
    assert_string_equal(job.error_name, "CancelledException");
    assert_string_equal(job.error_message, "Cancelled");
    struct store_key now = fixture_key_now(s, "aaaaaaaa");
    assert_int_equal(now.reserved | now.n_queued | now.n_running, 0);
    fixture_check(s);
}

TEST(a_queued_job_is_cancelled_and_stays_so)
{
    struct error err;
    struct store *s = fixture_open("cancel-queued");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    struct store_job job;
    fixture_admit(s, key, id);
    CHECK_OK(store_cancel(s, key, id, &err), err);
    check_cancelled(s, id);
    CHECK_OK(store_cancel(s, key, id, &err), err);
    CHECK_ERR(store_claim(s, &anything, &job, &err), ERR_NOT_FOUND);
    check_cancelled(s, id);
    store_close(s);
}

TEST(a_running_job_is_cancelled_at_once_and_its_worker_fenced)
{
    struct error err;
    struct store *s = fixture_open("cancel-running");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    CHECK_OK(store_cancel(s, key, id, &err), err);
    check_lost(s, id, held.token);
    check_cancelled(s, id);
    store_close(s);
}

TEST(what_is_completed_or_anothers_cannot_be_cancelled)
{
    struct error err;
    struct store *s = fixture_open("cancel-not");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t other = fixture_key(s, "bbbbbbbb", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    CHECK_ERR(store_cancel(s, other, id, &err), ERR_NOT_FOUND);
    fixture_claim(s, "w", &held);
    fixture_finish(s, &held);
    CHECK_ERR(store_cancel(s, key, id, &err), ERR_CONFLICT);
    CHECK_ERR(store_cancel(s, other, id, &err), ERR_NOT_FOUND);
    CHECK_ERR(store_cancel(s, key, "none", &err), ERR_NOT_FOUND);
    store_close(s);
}

/* ---- leases that end otherwise ------------------------------------------------------------- */

TEST(a_released_job_waits_as_if_never_claimed)
{
    struct error err;
    struct store *s = fixture_open("released");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    CHECK_OK(store_progress(s, id, held.token, "render", 0.5, &err), err);
    CHECK_OK(store_release(s, id, held.token, &err), err);
    check_lost(s, id, held.token);
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_int_equal(job.state, JOB_QUEUED);
    assert_int_equal(job.attempts, 0);
    assert_int_equal(job.started_us, 0);
    assert_string_equal(job.stage, "");
    assert_true(job.progress == 0);
    store_close(s);
}

TEST(the_jobs_of_a_dead_worker_go_on_and_only_its_own)
{
    struct error err;
    struct store *s = fixture_open("dead");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    struct store_job held[3];
    static const char *const workers[] = {"dead", "alive", "dead"};
    for (int i = 0; i < 3; i++)
        fixture_admit(s, key, id);
    for (int i = 0; i < 3; i++)
        fixture_claim(s, workers[i], &held[i]);
    assert_int_equal(store_hand_on(s, "dead", 3, &err), 2);
    assert_int_equal(store_hand_on(s, "dead", 3, &err), 0);
    for (int i = 0; i < 3; i++) {
        SCOPED(store_job) struct store_job job = fixture_get(s, held[i].id);
        assert_int_equal(job.state, i == 1 ? JOB_GENERATING : JOB_QUEUED);
        store_job_fini(&held[i]);
    }
    fixture_check(s);
    store_close(s);
}

/* Claimed and lost by way of lose until it is an error. */
static void lose_until_error(const char *name, int lose(struct store *s, struct error *err),
                             const char *message)
{
    struct error err;
    struct store *s = fixture_open(name);
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    fixture_admit(s, key, id);
    for (int i = 1; i <= 3; i++) {
        SCOPED(store_job) struct store_job held = {0};
        fixture_claim(s, "w", &held);
        assert_int_equal(held.attempts, i);
        assert_int_equal(lose(s, &err), 1);
        check_lost(s, id, held.token);
        SCOPED(store_job) struct store_job job = fixture_get(s, id);
        assert_int_equal(job.state, i < 3 ? JOB_QUEUED : JOB_ERROR);
        assert_string_equal(job.error_name, i < 3 ? "" : "GenerationException");
        assert_string_equal(job.error_message, i < 3 ? "" : message);
    }
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").reserved, 0);
    store_close(s);
}

static int lose_by_death(struct store *s, struct error *err)
{
    return store_hand_on(s, "w", 3, err);
}

static int lose_by_lease(struct store *s, struct error *err)
{
    struct store_expiry e = expiry_at(clock_now_us() + 2 * FIXTURE_LEASE_US, 0);
    return store_expire(s, &e, err);
}

static int lose_by_hang(struct store *s, struct error *err)
{
    struct store_expiry e = expiry_at(clock_now_us() + FIXTURE_LEASE_US / 2, FIXTURE_LEASE_US / 2);
    return store_expire(s, &e, err);
}

TEST(a_job_that_kills_its_workers_ends_after_three)
{
    lose_until_error("kills", lose_by_death,
                     "The generation was tried 3 times and each time its worker died.");
}

TEST(a_job_whose_leases_run_out_ends_after_three)
{
    lose_until_error(
        "silent", lose_by_lease,
        "The generation was tried 3 times and each time its worker stopped answering.");
}

TEST(a_job_that_hangs_ends_after_three)
{
    lose_until_error(
        "hangs", lose_by_hang,
        "The generation was tried 3 times and each time its worker made no progress any more.");
}

TEST(a_beat_keeps_a_lease_and_progress_keeps_off_the_watchdog)
{
    struct error err;
    struct store *s = fixture_open("beats");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    struct store_expiry e = expiry_at(held.started_us + FIXTURE_LEASE_US + 1, 0);
    CHECK_OK(store_beat(s, id, held.token, 10 * FIXTURE_LEASE_US, &err), err);
    assert_int_equal(store_expire(s, &e, &err), 0);

    /* One microsecond short of a hang, counted from the last word that was new. */
    CHECK_OK(store_progress(s, id, held.token, "render", 0.5, &err), err);
    e = expiry_at(held.started_us + CLOCK_SECOND_US, CLOCK_SECOND_US);
    assert_int_equal(store_expire(s, &e, &err), 0);
    int64_t before_us = clock_now_us();
    e = expiry_at(before_us + CLOCK_SECOND_US, CLOCK_SECOND_US);
    while (clock_now_us() == before_us)
        ;
    CHECK_OK(store_progress(s, id, held.token, "render", 0.5, &err), err); /* the same again */
    assert_int_equal(store_expire(s, &e, &err), 1);
    store_close(s);
}

/* ---- fairness ------------------------------------------------------------------------------ */

static void check_next(struct store *s, const char *id)
{
    SCOPED(store_job) struct store_job job = {0};
    fixture_claim(s, "w", &job);
    assert_string_equal(job.id, id);
}

TEST(the_next_job_is_of_the_key_with_the_fewest_running)
{
    struct store *s = fixture_open("fair");
    int64_t greedy = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t modest = fixture_key(s, "bbbbbbbb", NULL, 0);
    int64_t late = fixture_key(s, "cccccccc", NULL, 0);
    char a[6][HASH_ID_SIZE];
    char b[2][HASH_ID_SIZE];
    char c[1][HASH_ID_SIZE];
    for (int i = 0; i < 6; i++)
        fixture_admit(s, greedy, a[i]);
    for (int i = 0; i < 2; i++)
        fixture_admit(s, modest, b[i]);
    fixture_admit(s, late, c[0]);
    check_next(s, a[0]); /* all have none running: the oldest */
    check_next(s, b[0]);
    check_next(s, c[0]);
    check_next(s, a[1]); /* each has one running */
    check_next(s, b[1]);
    check_next(s, a[2]); /* nobody else waits */
    check_next(s, a[3]);
    fixture_check(s);
    store_close(s);
}

static void admit_model(struct store *s, int64_t key_id, const char *model, char out[HASH_ID_SIZE])
{
    struct store_admission a = fixture_admission(key_id);
    a.input.model = (char *)model;
    CHECK_OK(store_admit_wait(s, &a), a.err);
    memcpy(out, a.id, HASH_ID_SIZE);
}

static void check_next_of(struct store *s, const char *models, const char *id)
{
    SCOPED(store_job) struct store_job job = {0};
    const struct store_claim wish = {.worker = "w", .lease_us = FIXTURE_LEASE_US, .models = models};
    struct error err;
    if (!id) {
        CHECK_ERR(store_claim(s, &wish, &job, &err), ERR_NOT_FOUND);
        return;
    }
    CHECK_OK(store_claim(s, &wish, &job, &err), err);
    assert_string_equal(job.id, id);
}

TEST(the_jobs_of_models_that_a_worker_does_not_make_stay)
{
    struct store *s = fixture_open("models");
    int64_t first = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t second = fixture_key(s, "bbbbbbbb", NULL, 0);
    char wan[3][HASH_ID_SIZE];
    char small[3][HASH_ID_SIZE];
    char like[HASH_ID_SIZE];
    admit_model(s, first, "wan", wan[0]);
    admit_model(s, first, "wan", wan[1]);
    admit_model(s, first, "small", small[0]);
    admit_model(s, first, "wan-small", like); /* its name only ends like one of those */
    admit_model(s, second, "wan", wan[2]);
    admit_model(s, second, "small", small[1]);
    admit_model(s, first, "small", small[2]);
    check_next_of(s, "", NULL);
    check_next_of(s, "other small ", small[0]); /* behind two that stay */
    check_next_of(s, "other small", small[1]);  /* of the key that has none running */
    check_next_of(s, "wan-small", like);
    check_next_of(s, "other", NULL);
    check_next_of(s, "small wan", wan[2]); /* the fewest running are second's */
    check_next_of(s, "small", small[2]);
    check_next_of(s, "small", NULL);
    check_next(s, wan[0]);
    check_next_of(s, NULL, wan[1]);
    check_next_of(s, NULL, NULL);
    fixture_check(s);
    store_close(s);
}

TEST(waiting_jobs_of_unknown_models_that_came_before_a_time_end_and_cost_nothing)
{
    struct error err;
    struct store *s = fixture_open("unknown");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char ids[3][HASH_ID_SIZE];
    static const char *const models[] = {"wan", "small", "wan"};
    struct store_unknown u = {.models = "wan-small small ", .message = "not offered"};
    for (int i = 0; i < 3; i++)
        admit_model(s, key, models[i], ids[i]);
    check_next(s, ids[0]); /* a worker has it: it knows what it does */
    u.before_us = 1;
    assert_int_equal(store_end_unknown(s, &u, &err), 0);
    u.before_us = clock_now_us() + 1;
    assert_int_equal(store_end_unknown(s, &u, &err), 1);
    assert_int_equal(store_end_unknown(s, &u, &err), 0);
    SCOPED(store_job) struct store_job ended = fixture_get(s, ids[2]);
    assert_int_equal(ended.state, JOB_ERROR);
    assert_string_equal(ended.error_message, "not offered");
    check_next(s, ids[1]);
    fixture_check(s);
    store_close(s);
}

TEST(a_job_that_comes_back_keeps_its_place)
{
    struct error err;
    struct store *s = fixture_open("place");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char ids[3][HASH_ID_SIZE];
    for (int i = 0; i < 3; i++)
        fixture_admit(s, key, ids[i]);
    check_next(s, ids[0]);
    assert_int_equal(store_hand_on(s, "w", 3, &err), 1);
    check_next(s, ids[0]);
    check_next(s, ids[1]);
    store_close(s);
}

/* ---- lists and numbers --------------------------------------------------------------------- */

struct listed {
    char ids[64][HASH_ID_SIZE];
    int64_t last_seq;
    int n;
};

static int list_job(void *arg, const struct store_job *job)
{
    struct listed *l = arg;
    memcpy(l->ids[l->n++], job->id, HASH_ID_SIZE);
    l->last_seq = job->seq;
    assert_string_equal(job->input.prompt, "A dragon over the sea.");
    return 0;
}

TEST(pages_of_a_list_do_not_shift_while_jobs_come_and_move)
{
    enum { N = 20 };
    struct error err;
    struct store *s = fixture_open("pages");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t other = fixture_key(s, "bbbbbbbb", NULL, 0);
    char ids[N][HASH_ID_SIZE];
    char more[HASH_ID_SIZE];
    for (int i = 0; i < N; i++) {
        fixture_admit(s, key, ids[i]);
        fixture_admit(s, other, more);
    }
    struct listed l = {.n = 0};
    struct store_list_filter f = {.key_id = key, .state = -1, .limit = 3};
    for (int n = -1; n != l.n; f.before_seq = l.last_seq) {
        struct store_job job;
        n = l.n;
        CHECK_OK(store_list(s, &f, list_job, &l, &err), err);
        fixture_admit(s, key, more);
        fixture_claim(s, "w", &job);
        if (l.n % 2)
            fixture_finish(s, &job);
        store_job_fini(&job);
    }
    assert_int_equal(l.n, N);
    for (int i = 0; i < N; i++)
        assert_string_equal(l.ids[i], ids[N - 1 - i]);
    store_close(s);
}

TEST(a_list_shows_one_state_when_asked)
{
    struct error err;
    struct store *s = fixture_open("state");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char ids[6][HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    for (int i = 0; i < 6; i++)
        fixture_admit(s, key, ids[i]);
    fixture_claim(s, "w", &held);
    CHECK_OK(store_cancel(s, key, ids[3], &err), err);
    static const int expected[] = {4, 1, 0, 1};
    for (int i = 0; i < JOB_STATES; i++) {
        struct listed l = {.n = 0};
        struct store_list_filter f = {.key_id = key, .state = i, .limit = 60};
        CHECK_OK(store_list(s, &f, list_job, &l, &err), err);
        assert_int_equal(l.n, expected[i]);
    }
    store_close(s);
}

TEST(those_ahead_are_the_waiting_and_the_running_that_may_not_be_passed)
{
    static const char *const models[] = {"wan", "small", "wan", "like", "wan", "wan"};
    struct error err;
    struct store *s = fixture_open("ahead");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char ids[6][HASH_ID_SIZE];
    int n = -1;
    for (int i = 0; i < 6; i++)
        admit_model(s, key, models[i], ids[i]);
    SCOPED(store_job) struct store_job job = fixture_get(s, ids[4]);
    CHECK_OK(store_ahead(s, &job, "small like ", 100, &n, &err), err);
    assert_int_equal(n, 2);
    CHECK_OK(store_ahead(s, &job, "small", 100, &n, &err), err);
    assert_int_equal(n, 3);
    CHECK_OK(store_ahead(s, &job, "small", 2, &n, &err), err);
    assert_int_equal(n, 1);
    check_next(s, ids[0]);
    CHECK_OK(store_ahead(s, &job, "small like", 100, &n, &err), err);
    assert_int_equal(n, 2); /* one of them is being made */
    store_close(s);
}

TEST(the_position_counts_those_before_up_to_a_limit)
{
    struct error err;
    struct store *s = fixture_open("position");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t other = fixture_key(s, "bbbbbbbb", NULL, 0);
    char id[HASH_ID_SIZE];
    int position = -1;
    for (int i = 0; i < 9; i++)
        fixture_admit(s, i % 2 ? key : other, id);
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    CHECK_OK(store_position(s, &job, 100, &position, &err), err);
    assert_int_equal(position, 8);
    CHECK_OK(store_position(s, &job, 5, &position, &err), err);
    assert_int_equal(position, 5);
    SCOPED(store_job) struct store_job held = {0};
    fixture_claim(s, "w", &held);
    CHECK_OK(store_position(s, &job, 100, &position, &err), err);
    assert_int_equal(position, 7);
    store_close(s);
}

TEST(the_counts_are_those_of_the_states)
{
    struct error err;
    struct store *s = fixture_open("counts");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char ids[6][HASH_ID_SIZE];
    struct store_counts c;
    CHECK_OK(store_counts(s, &c, &err), err);
    assert_int_equal(c.queued | c.running | c.completed | c.failed | c.oldest_queued_us, 0);
    for (int i = 0; i < 6; i++)
        fixture_admit(s, key, ids[i]);
    for (int i = 0; i < 3; i++) {
        SCOPED(store_job) struct store_job held = {0};
        fixture_claim(s, "w", &held);
        if (i > 0)
            fixture_finish(s, &held);
    }
    CHECK_OK(store_cancel(s, key, ids[3], &err), err);
    CHECK_OK(store_counts(s, &c, &err), err);
    SCOPED(store_job) struct store_job oldest = fixture_get(s, ids[4]);
    assert_int_equal(c.queued, 2);
    assert_int_equal(c.running, 1);
    assert_int_equal(c.completed, 2);
    assert_int_equal(c.failed, 1);
    assert_int_equal(c.oldest_queued_us, oldest.created_us);
    store_close(s);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

TEST(the_work_of_a_model_is_the_median_of_its_last_completed_jobs)
{
    enum { N = 7 };
    struct error err;
    struct store *s = fixture_open("work");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t us[N];
    int64_t median = -1;
    char id[HASH_ID_SIZE];
    CHECK_OK(store_work_us(s, "video-01", &median, &err), err);
    assert_int_equal(median, 0);
    for (int i = 0; i < N; i++) {
        SCOPED(store_job) struct store_job held = {0};
        fixture_admit(s, key, id);
        fixture_claim(s, "w", &held);
        fixture_finish(s, &held);
        SCOPED(store_job) struct store_job job = fixture_get(s, id);
        us[i] = job.ended_us - job.started_us;
    }
    qsort(us, N, sizeof *us, compare);
    CHECK_OK(store_work_us(s, "video-01", &median, &err), err);
    assert_int_equal(median, us[N / 2]);
    CHECK_OK(store_work_us(s, "another", &median, &err), err);
    assert_int_equal(median, 0);
    store_close(s);
}
