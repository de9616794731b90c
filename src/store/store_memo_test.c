/* store_memo_test.c - what is remembered is never older than what somebody was told.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/door.h"
#include "store/fixture.h"
#include "unit.h"

enum { LONG_US = 20000000 };

static struct store_key by_hash(struct store *s, const struct store_key *like)
{
    struct error err;
    struct store_key key = {0};
    CHECK_OK(store_key_by_hash(s, like->hash, &key, &err), err);
    return key;
}

static enum job_state state_of(struct store *s, const char *id)
{
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_string_equal(job.id, id);
    return job.state;
}

TEST(every_move_of_another_store_is_seen_at_once)
{
    struct error err;
    struct store *one = fixture_open("moves");
    struct store *other = fixture_open("moves");
    int64_t key = fixture_key(one, "aaaaaaaa", NULL, 0);
    for (int i = 0; i < 100; i++) {
        char id[HASH_ID_SIZE];
        SCOPED(store_job) struct store_job held = {0};
        fixture_admit(one, key, id);
        for (int again = 0; again < 3; again++)
            assert_int_equal(state_of(one, id), JOB_QUEUED);
        fixture_claim(other, "w", &held);
        for (int again = 0; again < 3; again++)
            assert_int_equal(state_of(one, id), JOB_GENERATING);
        fixture_finish(other, &held);
        for (int again = 0; again < 3; again++)
            assert_int_equal(state_of(one, id), JOB_COMPLETED);
        SCOPED(store_job) struct store_job removed = {0};
        CHECK_OK(store_remove(other, key, id, &removed, &err), err);
        SCOPED(store_job) struct store_job gone = {0};
        CHECK_ERR(store_get(one, id, &gone, &err), ERR_GONE);
    }
    fixture_check(one);
    store_close(other);
    store_close(one);
}

TEST(a_key_that_another_store_revokes_is_revoked_here)
{
    struct error err;
    struct store *one = fixture_open("revoke");
    struct store *other = fixture_open("revoke");
    fixture_key(one, "aaaaaaaa", NULL, 0);
    const struct store_key key = fixture_key_now(one, "aaaaaaaa");
    for (int again = 0; again < 3; again++)
        assert_int_equal(by_hash(one, &key).revoked_us, 0);
    CHECK_OK(store_key_credit(other, "aaaaaaaa", 77, STORE_PAYMENT, &err), err);
    for (int again = 0; again < 3; again++)
        assert_int_equal(by_hash(one, &key).balance, 77);
    CHECK_OK(store_key_revoke(other, "aaaaaaaa", &err), err);
    assert_true(by_hash(one, &key).revoked_us > 0);
    store_close(other);
    store_close(one);
}

TEST(two_keys_and_jobs_of_one_place_are_not_taken_for_each_other)
{
    enum { KEYS = 40, JOBS = 400 };
    static char ids[JOBS][HASH_ID_SIZE];
    struct store *s = fixture_open("places");
    struct store_key keys[KEYS];
    for (int i = 0; i < KEYS; i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "k%07d", i);
        fixture_key(s, prefix, NULL, 0);
        keys[i] = fixture_key_now(s, prefix);
    }
    for (int i = 0; i < JOBS; i++)
        fixture_admit(s, keys[0].id, ids[i]);
    for (int again = 0; again < 3; again++) {
        for (int i = 0; i < KEYS; i++)
            assert_int_equal(by_hash(s, &keys[i]).id, keys[i].id);
        for (int i = 0; i < JOBS; i++)
            assert_int_equal(state_of(s, ids[i]), JOB_QUEUED);
    }
    store_close(s);
}

/* The child dies in the room. */
TEST(one_who_dies_in_the_room_leaves_nothing_to_remember)
{
    struct error err;
    struct door *d = NULL;
    CHECK_OK(door_open(&d, fixture_path("died"), &err), err);
    CHECK_OK(door_enter(d, LONG_US, &err), err);
    door_leave(d, false);
    const uint64_t before = door_visits(d);
    assert_true(before != 0);
    pid_t child = fork();
    if (child == 0) {
        struct door *own = NULL;
        bool in = door_open(&own, fixture_path("died"), &err) == 0 &&
                  door_enter(own, LONG_US, &err) == 0;
        _exit(in ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(door_visits(d), 0);
    CHECK_OK(door_enter(d, LONG_US, &err), err);
    assert_int_equal(door_visits(d), 0);
    door_leave(d, false);
    assert_true(door_visits(d) > before);
    door_close(d);
}
