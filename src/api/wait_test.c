/* wait_test.c - unit tests of waiting answers over a store that fails.
 *
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <string.h>

#include "api/wait.h"
#include "base/clock.h"
#include "http/loopback.h"

static struct wait *wait;
static atomic_int n_watched;
static atomic_int n_looked;

static int fail_to_watch(struct store *s, int64_t *seen, int timeout_ms, struct error *err)
{
    (void)s;
    (void)seen;
    (void)timeout_ms;
    atomic_fetch_add(&n_watched, 1);
    return error_set(err, ERR_IO, "the disk is gone");
}

static int get_queued(struct store *s, const char *id, struct store_job *out, struct error *err)
{
    (void)s;
    (void)id;
    (void)err;
    atomic_fetch_add(&n_looked, 1);
    *out = (struct store_job){.state = JOB_QUEUED};
    return 0;
}

static void wake_nobody(struct store *s)
{
    (void)s;
}

static void go_on(struct http_exchange *x)
{
    http_reply(x, 200, "text/plain", TEXT("waited"));
}

static void wait_a_little(struct http_exchange *x)
{
    struct wait_entry *e = http_alloc(x, sizeof *e);
    *e = (struct wait_entry){
        .x = x, .state = JOB_QUEUED, .until_us = clock_mono_us() + CLOCK_SECOND_US / 2};
    http_defer(x, go_on);
    wait_add(wait, e);
}

static const struct http_route routes[] = {
    {"GET", "/wait", wait_a_little, "wait"},
    {NULL, NULL, NULL, NULL},
};

TEST(a_store_that_cannot_be_watched_is_asked_a_few_times_a_second)
{
    static const struct store_driver driver = {
        .watch = fail_to_watch, .get = get_queued, .wake = wake_nobody};
    struct store store = {.driver = &driver};
    struct loopback l;
    struct answer a;
    struct http_options o = loopback_options(&l, routes);
    wait = wait_new(&store);
    loopback_start(&l, &o);
    loopback_ask(&l, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 200);
    assert_in_range(atomic_load(&n_watched), 1, 20);
    assert_in_range(atomic_load(&n_looked), 1, 20);
    wait_drain(wait);
    loopback_stop(&l);
    wait_free(wait);
}
