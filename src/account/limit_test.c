/* limit_test.c - requests per minute. SPDX-License-Identifier: MIT */
#include "account/limit.h"

#include <pthread.h>

#include "unit.h"

enum { SECOND = 1000000 };

TEST(a_minutes_worth_goes_at_once_and_then_evenly)
{
    struct limit *l = limit_new();
    struct limit_state st;
    for (int i = 0; i < 60; i++) {
        assert_true(limit_take(l, 1, 60, 5 * SECOND, &st));
        assert_int_equal(st.limit, 60);
        assert_int_equal(st.remaining, 59 - i);
        assert_int_equal(st.reset_s, i + 1);
        assert_int_equal(st.retry_s, 0);
    }
    assert_false(limit_take(l, 1, 60, 5 * SECOND, &st));
    assert_int_equal(st.remaining, 0);
    assert_int_equal(st.reset_s, 60);
    assert_int_equal(st.retry_s, 1);
    assert_false(limit_take(l, 1, 60, 6 * SECOND - 1, &st));
    assert_true(limit_take(l, 1, 60, 6 * SECOND, &st));
    assert_false(limit_take(l, 1, 60, 6 * SECOND, &st));
    limit_free(l);
}

TEST(a_bucket_never_holds_more_than_a_minutes_worth)
{
    struct limit *l = limit_new();
    struct limit_state st;
    assert_true(limit_take(l, 1, 2, 0, &st));
    for (int i = 0; i < 2; i++)
        assert_true(limit_take(l, 1, 2, INT64_C(1) << 60, &st));
    assert_false(limit_take(l, 1, 2, INT64_C(1) << 60, &st));
    assert_int_equal(st.retry_s, 30);
    limit_free(l);
}

TEST(no_limit_is_no_limit)
{
    struct limit *l = limit_new();
    struct limit_state st;
    for (int i = 0; i < 1000; i++)
        assert_true(limit_take(l, 1, 0, 0, &st));
    assert_int_equal(st.limit | st.remaining | st.reset_s | st.retry_s, 0);
    limit_free(l);
}

TEST(keys_do_not_share_a_bucket)
{
    struct limit *l = limit_new();
    struct limit_state st;
    for (int64_t key = 1; key <= 100; key++) {
        assert_true(limit_take(l, key, 1, 7, &st));
        assert_false(limit_take(l, key, 1, 7, &st));
    }
    for (int64_t key = 1; key <= 100; key++)
        assert_false(limit_take(l, key, 1, 7, &st));
    limit_free(l);
}

TEST(a_changed_limit_counts_from_the_next_request)
{
    struct limit *l = limit_new();
    struct limit_state st;
    assert_true(limit_take(l, 1, 100, 0, &st));
    assert_true(limit_take(l, 1, 2, 0, &st));
    assert_int_equal(st.remaining, 1);
    assert_true(limit_take(l, 1, 2, 0, &st));
    assert_false(limit_take(l, 1, 2, 0, &st));
    limit_free(l);
}

TEST(the_largest_limit_does_not_overflow)
{
    struct limit *l = limit_new();
    struct limit_state st;
    assert_true(limit_take(l, 1, INT32_MAX, 0, &st));
    assert_true(limit_take(l, 1, INT32_MAX, INT64_MAX, &st));
    assert_int_equal(st.remaining, INT32_MAX - 1);
    limit_free(l);
}

TEST(more_keys_than_there_is_room_for_are_served_as_well)
{
    struct limit *l = limit_new();
    struct limit_state st;
    for (int64_t key = 1; key <= 20000; key++)
        assert_true(limit_take(l, key, 1, key, &st));
    assert_false(limit_take(l, 20000, 1, 20000, &st));
    limit_free(l);
}

TEST(a_clock_that_two_threads_read_in_another_order_gives_nothing_away)
{
    struct limit *l = limit_new();
    struct limit_state st;
    assert_true(limit_take(l, 1, 1, 50 * SECOND, &st));
    assert_false(limit_take(l, 1, 1, 40 * SECOND, &st));
    assert_false(limit_take(l, 1, 1, 50 * SECOND, &st));
    limit_free(l);
}

static void *take_many(void *arg)
{
    struct limit *l = arg;
    struct limit_state st;
    int n = 0;
    for (int i = 0; i < 1000; i++)
        n += limit_take(l, 1, 500, 0, &st);
    return (void *)(intptr_t)n;
}

TEST(threads_together_get_no_more_than_the_limit)
{
    struct limit *l = limit_new();
    pthread_t threads[4];
    intptr_t n = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, l), 0);
    for (int i = 0; i < 4; i++) {
        void *got;
        pthread_join(threads[i], &got);
        n += (intptr_t)got;
    }
    assert_int_equal(n, 500);
    limit_free(l);
}
