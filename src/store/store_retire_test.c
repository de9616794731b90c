/* store_retire_test.c - records that leave. SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

TEST(a_removed_job_is_gone_and_its_record_handed_over)
{
    struct error err;
    struct store *s = fixture_open("removed");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 300);
    int64_t other = fixture_key(s, "bbbbbbbb", NULL, 0);
    char id[HASH_ID_SIZE];
    struct store_job out;
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    CHECK_ERR(store_remove(s, key, id, &out, &err), ERR_CONFLICT);
    fixture_claim(s, "w", &held);
    CHECK_ERR(store_remove(s, key, id, &out, &err), ERR_CONFLICT);
    fixture_finish(s, &held);
    CHECK_ERR(store_remove(s, other, id, &out, &err), ERR_NOT_FOUND);
    CHECK_OK(store_remove(s, key, id, &out, &err), err);
    assert_string_equal(out.result.video, "generations/whale/1.mp4");
    store_job_fini(&out);

    CHECK_ERR(store_get(s, id, &out, &err), ERR_GONE);
    assert_int_equal(out.key_id, key);
    CHECK_ERR(store_remove(s, key, id, &out, &err), ERR_GONE);
    CHECK_ERR(store_cancel(s, key, id, &err), ERR_GONE);
    CHECK_ERR(store_cancel(s, other, id, &err), ERR_NOT_FOUND);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").balance, 200); /* it stays charged */
    fixture_check(s);
    store_close(s);
}

static int count_retired(void *arg, const struct store_job *job)
{
    int *n = arg;
    assert_true(job_state_is_final(job->state));
    ++*n;
    return 0;
}

TEST(what_ended_long_ago_is_retired_in_portions_and_nothing_else)
{
    struct error err;
    struct store *s = fixture_open("retired");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char ids[8][HASH_ID_SIZE];
    int n = 0;
    for (int i = 0; i < 8; i++)
        fixture_admit(s, key, ids[i]);
    for (int i = 0; i < 6; i++) {
        SCOPED(store_job) struct store_job held = {0};
        fixture_claim(s, "w", &held);
        if (i < 5)
            fixture_finish(s, &held);
    }
    assert_int_equal(store_retire(s, 0, 100, count_retired, &n, &err), 0);
    int64_t later_us = clock_now_us() + CLOCK_SECOND_US;
    assert_int_equal(store_retire(s, later_us, 3, count_retired, &n, &err), 3);
    assert_int_equal(store_retire(s, later_us, 3, count_retired, &n, &err), 2);
    assert_int_equal(store_retire(s, later_us, 3, count_retired, &n, &err), 0);
    assert_int_equal(n, 5);
    for (int i = 0; i < 8; i++) {
        struct store_job job = {0};
        int rc = store_get(s, ids[i], &job, &err);
        assert_int_equal(rc, i < 5 ? ERR_GONE : 0);
        store_job_fini(&job);
    }
    fixture_check(s);
    store_close(s);
}

TEST(a_blob_is_named_while_a_job_with_it_is_there)
{
    struct error err;
    struct store *s = fixture_open("blobs");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char image[] = "inputs/a";
    char url[] = "http://localhost/a.png";
    bool named;
    SCOPED(store_job) struct store_job held = {0};
    SCOPED(store_job) struct store_job out = {0};
    struct store_admission a = fixture_admission(key);
    a.input.image_kind = STORE_IMAGE_BLOB;
    a.input.image = image;
    CHECK_OK(store_admit_wait(s, &a), a.err);
    struct store_admission b = fixture_admission(key);
    b.input.image_kind = STORE_IMAGE_URL;
    b.input.image = url;
    CHECK_OK(store_admit_wait(s, &b), b.err);
    fixture_claim(s, "w", &held);
    fixture_finish(s, &held);
    static const struct {
        const char *blob;
        bool before;
        bool after;
    } cases[] = {
        {"inputs/a", true, false},
        {"generations/whale/1.mp4", true, false},
        {"http://localhost/a.png", false, false},
        {"", false, false},
        {"inputs/b", false, false},
    };
    for (int after = 0; after < 2; after++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            CHECK_OK(store_names_blob(s, cases[i].blob, &named, &err), err);
            assert_int_equal(named, after ? cases[i].after : cases[i].before);
        }
        if (!after)
            CHECK_OK(store_remove(s, key, held.id, &out, &err), err);
    }
    store_close(s);
}

/* ---- what is kept of them, and for how long ------------------------------------------------ */

static struct store_admission keyed(int64_t key_id)
{
    struct store_admission a = fixture_admission(key_id);
    a.idempotency_key = "again";
    return a;
}

static void admit_and_remove(struct store *s, int64_t key, char out[HASH_ID_SIZE])
{
    struct error err;
    struct store_admission a = keyed(key);
    SCOPED(store_job) struct store_job gone = {0};
    CHECK_OK(store_admit_wait(s, &a), a.err);
    assert_int_equal(a.refusal, STORE_ADMITTED);
    CHECK_OK(store_cancel(s, key, a.id, &err), err);
    CHECK_OK(store_remove(s, key, a.id, &gone, &err), err);
    snprintf(out, HASH_ID_SIZE, "%s", a.id);
}

TEST(an_idempotency_key_is_free_again_a_day_later_when_its_job_is_gone)
{
    struct error err;
    struct store *s = fixture_open("day");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    int n = 0;
    admit_and_remove(s, key, id);
    CHECK_OK(store_retire(s, 0, 10, count_retired, &n, &err), err);
    struct store_admission early = keyed(key);
    CHECK_OK(store_admit_wait(s, &early), early.err);
    assert_int_equal(early.refusal, STORE_REPLAYED);
    assert_string_equal(early.id, id);

    fixture_change("day", "UPDATE replays SET expires_us = expires_us - 86400000000");
    CHECK_OK(store_retire(s, 0, 10, count_retired, &n, &err), err);
    struct store_admission late = keyed(key);
    CHECK_OK(store_admit_wait(s, &late), late.err);
    assert_int_equal(late.refusal, STORE_ADMITTED);
    fixture_check(s);
    store_close(s);
}

TEST(an_idempotency_key_is_kept_as_long_as_its_job)
{
    struct error err;
    struct store *s = fixture_open("kept");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    int n = 0;
    struct store_admission first = keyed(key);
    CHECK_OK(store_admit_wait(s, &first), first.err);
    fixture_change("kept", "UPDATE replays SET created_us = created_us - 9 * 86400000000");
    CHECK_OK(store_retire(s, 0, 10, count_retired, &n, &err), err);
    struct store_admission second = keyed(key);
    CHECK_OK(store_admit_wait(s, &second), second.err);
    assert_int_equal(second.refusal, STORE_REPLAYED);
    store_close(s);
}

TEST(a_tombstone_leaves_after_ninety_days)
{
    struct error err;
    struct store *s = fixture_open("tombstone");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    struct store_job job;
    int n = 0;
    admit_and_remove(s, key, id);
    fixture_change("tombstone", "UPDATE tombstones SET gone_us = gone_us - 89 * 86400000000");
    CHECK_OK(store_retire(s, 0, 10, count_retired, &n, &err), err);
    CHECK_ERR(store_get(s, id, &job, &err), ERR_GONE);
    fixture_change("tombstone", "UPDATE tombstones SET gone_us = gone_us - 2 * 86400000000;"
                                "UPDATE replays SET expires_us = 1");
    CHECK_OK(store_retire(s, 0, 10, count_retired, &n, &err), err);
    CHECK_ERR(store_get(s, id, &job, &err), ERR_NOT_FOUND);
    fixture_check(s);
    store_close(s);
}

static int take_one(void *arg, const struct store_job *job)
{
    (void)job;
    ++*(int *)arg;
    return 1;
}

TEST(whoever_stops_while_records_leave_gets_no_more_of_them)
{
    struct error err;
    struct store *s = fixture_open("stops");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    int n = 0;
    for (int i = 0; i < 3; i++) {
        fixture_admit(s, key, id);
        CHECK_OK(store_cancel(s, key, id, &err), err);
    }
    int64_t later_us = clock_now_us() + CLOCK_SECOND_US;
    assert_int_equal(store_retire(s, later_us, 10, take_one, &n, &err), 3);
    assert_int_equal(n, 1);
    store_close(s);
}
