/* lease_test.c - a worker's hold on a job. SPDX-License-Identifier: MIT */
#include "job/lease.h"

#include <poll.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

static const struct lease_options patient = {
    .worker = "w", .lease_us = FIXTURE_LEASE_US, .abandon_us = 0};

struct stage {
    struct store *store;
    int64_t key;
    char id[HASH_ID_SIZE];
    struct lease *lease;
};

static struct stage claim_one(const char *name, const struct lease_options *options)
{
    struct error err;
    struct stage st = {.store = fixture_open(name)};
    st.key = fixture_key(st.store, "aaaaaaaa", NULL, 0);
    fixture_admit(st.store, st.key, st.id);
    CHECK_OK(lease_claim(&st.lease, st.store, options, &err), err);
    return st;
}

static void end_stage(struct stage *st)
{
    lease_close(st->lease);
    fixture_check(st->store);
    store_close(st->store);
}

static enum job_state state_of(const struct stage *st)
{
    SCOPED(store_job) struct store_job job = fixture_get(st->store, st->id);
    return job.state;
}

static void wait_until_lost(const struct lease *l)
{
    int64_t until_us = clock_mono_us() + 30 * CLOCK_SECOND_US;
    while (!lease_lost(l) && clock_mono_us() < until_us)
        poll(NULL, 0, 1);
    assert_true(lease_lost(l));
}

TEST(with_nothing_to_do_there_is_no_lease)
{
    struct error err;
    struct lease *l = NULL;
    struct store *s = fixture_open("nothing");
    CHECK_ERR(lease_claim(&l, s, &patient, &err), ERR_NOT_FOUND);
    assert_null(l);
    lease_close(NULL);
    store_close(s);
}

TEST(a_held_job_is_finished)
{
    struct error err;
    struct stage st = claim_one("finished", &patient);
    const struct store_result result = fixture_result();
    assert_string_equal(lease_job(st.lease)->id, st.id);
    assert_false(lease_lost(st.lease));
    CHECK_OK(lease_finish(st.lease, &result, &err), err);
    assert_int_equal(state_of(&st), JOB_COMPLETED);
    CHECK_ERR(lease_release(st.lease, &err), ERR_LOST);
    end_stage(&st);
}

TEST(a_held_job_is_failed_or_released)
{
    struct error err;
    struct stage a = claim_one("failed", &patient);
    CHECK_OK(lease_fail(a.lease, "E", "e", &err), err);
    assert_int_equal(state_of(&a), JOB_ERROR);
    end_stage(&a);
    struct stage b = claim_one("released", &patient);
    CHECK_OK(lease_release(b.lease, &err), err);
    assert_int_equal(state_of(&b), JOB_QUEUED);
    end_stage(&b);
}

TEST(a_cancelled_job_is_noticed_although_the_next_beat_is_far_away)
{
    struct error err;
    struct stage st = claim_one("cancelled", &patient);
    const struct store_result result = fixture_result();
    CHECK_OK(store_cancel(st.store, st.key, st.id, &err), err);
    int64_t start_us = clock_mono_us();
    wait_until_lost(st.lease);
    print_message("# noticed after %.1f ms\n", (double)(clock_mono_us() - start_us) / 1e3);
    CHECK_ERR(lease_finish(st.lease, &result, &err), ERR_LOST);
    CHECK_ERR(lease_fail(st.lease, "E", "e", &err), ERR_LOST);
    CHECK_ERR(lease_release(st.lease, &err), ERR_LOST);
    lease_progress(st.lease, "render", 0.5);
    assert_int_equal(state_of(&st), JOB_ERROR);
    end_stage(&st);
}

TEST(a_removed_job_is_noticed)
{
    struct error err;
    struct stage st = claim_one("removed", &patient);
    SCOPED(store_job) struct store_job gone = {0};
    CHECK_OK(store_cancel(st.store, st.key, st.id, &err), err);
    CHECK_OK(store_remove(st.store, st.key, st.id, &gone, &err), err);
    wait_until_lost(st.lease);
    end_stage(&st);
}

/* What the store itself does not show. */
static int64_t lease_until(const char *name)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    int64_t us = 0;
    assert_int_equal(sqlite3_open(fixture_path(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT lease_until_us FROM jobs", -1, &q, NULL),
                     SQLITE_OK);
    if (sqlite3_step(q) == SQLITE_ROW)
        us = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return us;
}

TEST(beats_keep_a_short_lease)
{
    struct error err;
    struct lease_options brief = {.worker = "w", .lease_us = 90000};
    struct stage st = claim_one("brief", &brief);
    int64_t far_us = lease_job(st.lease)->started_us + 4 * brief.lease_us;
    int64_t until_us = clock_mono_us() + 30 * CLOCK_SECOND_US;
    while (lease_until("brief") < far_us && clock_mono_us() < until_us)
        poll(NULL, 0, 10);
    struct store_expiry e = {.now_us = far_us - 1, .attempts_max = 3};
    assert_int_equal(store_expire(st.store, &e, &err), 0);
    assert_false(lease_lost(st.lease));
    CHECK_OK(lease_release(st.lease, &err), err);
    end_stage(&st);
}

TEST(progress_is_written_at_each_new_stage)
{
    struct error err;
    struct stage st = claim_one("progress", &patient);
    static const char *const stages[] = {
        "input", "plan", "render", "a stage whose name is longer than its place in the store"};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        lease_progress(st.lease, stages[i], (double)i / 10);
        SCOPED(store_job) struct store_job job = fixture_get(st.store, st.id);
        assert_int_equal(strncmp(job.stage, stages[i], sizeof job.stage - 1), 0);
        assert_true(job.progress == (double)i / 10);
    }
    for (int i = 0; i < 1000; i++) /* not a commit each */
        lease_progress(st.lease, stages[0], 0.5 + i / 4000.0);
    CHECK_OK(lease_release(st.lease, &err), err);
    end_stage(&st);
}

TEST(a_lease_closed_without_an_end_runs_out)
{
    struct error err;
    struct stage st = claim_one("closed", &patient);
    lease_close(TAKE(st.lease));
    assert_int_equal(state_of(&st), JOB_GENERATING);
    struct store_expiry e = {.now_us = clock_now_us() + 2 * FIXTURE_LEASE_US, .attempts_max = 3};
    assert_int_equal(store_expire(st.store, &e, &err), 1);
    assert_int_equal(state_of(&st), JOB_QUEUED);
    end_stage(&st);
}

TEST(a_holder_that_goes_on_after_its_loss_ends_with_its_process)
{
    pid_t pid = fork(); /* no thread is running here */
    if (pid == 0) {
        struct error err;
        struct lease_options strict = {
            .worker = "w", .lease_us = FIXTURE_LEASE_US, .abandon_us = 20000};
        struct stage st = claim_one("abandoned", &strict);
        if (store_cancel(st.store, st.key, st.id, &err) == 0)
            poll(NULL, 0, 30000);
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), LEASE_EXIT_HUNG);
}

TEST(a_holder_that_stops_in_time_lives)
{
    struct error err;
    struct lease_options strict = {
        .worker = "w", .lease_us = FIXTURE_LEASE_US, .abandon_us = 30 * CLOCK_SECOND_US};
    struct stage st = claim_one("in-time", &strict);
    CHECK_OK(store_cancel(st.store, st.key, st.id, &err), err);
    wait_until_lost(st.lease);
    CHECK_ERR(lease_release(st.lease, &err), ERR_LOST);
    end_stage(&st);
}
