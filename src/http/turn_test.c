/* turn_test.c - handlers that block, wait and go on, and the end of a server among them.
 *
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "http/loopback.h"
#include "unit.h"

enum { ROUNDS = 200, CROWD = 20 };

/* What the handlers of this test share; one test at a time. */
static atomic_int n_continued;
static atomic_int gate; /* a blocking handler goes on when it is 1 */
static struct http_exchange *_Atomic waiting;
static atomic_int n_waiting;
static struct http_exchange *_Atomic crowd[CROWD];
static atomic_int n_crowd;

static void pass_gate(void)
{
    while (atomic_load(&gate) == 0)
        poll(NULL, 0, 1);
}

static void reply_ok(struct http_exchange *x)
{
    http_reply(x, 200, "text/plain", TEXT("ok"));
}

static void blocking_part(struct http_exchange *x)
{
    bool elsewhere = !pthread_equal(pthread_self(), *(pthread_t *)http_state(x));
    pass_gate();
    http_reply(x, elsewhere ? 200 : 500, "text/plain", http_body(x));
}

static void offload(struct http_exchange *x)
{
    pthread_t *self = http_alloc(x, sizeof *self);
    *self = pthread_self();
    http_set_state(x, self);
    http_offload(x, blocking_part);
}

static void continued(struct http_exchange *x)
{
    atomic_fetch_add(&n_continued, 1);
    reply_ok(x);
}

/* Deferred until the test resumes it. */
static void wait_for_test(struct http_exchange *x)
{
    http_defer(x, continued);
    atomic_store(&waiting, x);
    atomic_fetch_add(&n_waiting, 1);
}

/* The same for many. */
static void wait_in_a_crowd(struct http_exchange *x)
{
    http_defer(x, continued);
    atomic_store(&crowd[atomic_fetch_add(&n_crowd, 1) % CROWD], x);
    atomic_fetch_add(&n_waiting, 1);
}

static void *resume_at_once(void *arg)
{
    http_resume(arg);
    return NULL;
}

static void race_again(struct http_exchange *x);

/* Resumed by another thread, now and then before this handler has returned. */
static void race(struct http_exchange *x)
{
    pthread_t resumer;
    int *left = http_state(x);
    if (!left) {
        left = http_alloc(x, sizeof *left);
        *left = 5;
        http_set_state(x, left);
    }
    http_defer(x, race_again);
    if (pthread_create(&resumer, NULL, resume_at_once, x) != 0)
        abort();
    if (*http_path(x) && *left % 2)
        pthread_join(resumer, NULL);
    else
        pthread_detach(resumer);
}

static void race_again(struct http_exchange *x)
{
    int *left = http_state(x);
    if (--*left == 0)
        continued(x);
    else if (*left % 2)
        http_offload(x, race);
    else
        race(x);
}

static void resume_itself(struct http_exchange *x)
{
    http_defer(x, continued);
    http_resume(x);
    http_resume(x);
}

static void silent_part(struct http_exchange *x)
{
    (void)x;
}

static void offload_nothing(struct http_exchange *x)
{
    http_offload(x, silent_part);
}

static const struct http_route routes[] = {
    {"POST", "/offload", offload, "offload"},
    {"GET", "/wait", wait_for_test, "wait"},
    {"GET", "/crowd", wait_in_a_crowd, "crowd"},
    {"GET", "/race", race, "race"},
    {"GET", "/itself", resume_itself, "itself"},
    {"GET", "/silent", offload_nothing, "silent"},
    {"GET", "/ok", reply_ok, "ok"},
    {"POST", "/ok", reply_ok, "ok"},
    {NULL, NULL, NULL, NULL},
};

static void start(struct loopback *l)
{
    struct http_options o = loopback_options(l, routes);
    atomic_store(&n_continued, 0);
    atomic_store(&n_waiting, 0);
    atomic_store(&gate, 0);
    loopback_start(l, &o);
}

TEST(what_blocks_runs_elsewhere_and_others_are_served_meanwhile)
{
    struct loopback l;
    struct answer a;
    int fds[4];
    start(&l);
    for (int i = 0; i < 4; i++) {
        fds[i] = loopback_connect(l.port);
        loopback_say(fds[i], "POST /offload HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb");
    }
    for (int i = 0; i < 4; i++)
        loopback_ask(&l, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    loopback_await(&l.n_finished, 4);
    atomic_store(&gate, 1);
    for (int i = 0; i < 4; i++) {
        loopback_read(fds[i], &a);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body, "b");
        loopback_say(fds[i], "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read(fds[i], &a);
        assert_int_equal(a.status, 200);
        close(fds[i]);
    }
    loopback_stop(&l);
}

TEST(a_deferred_exchange_goes_on_when_it_is_resumed)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    for (int i = 1; i <= 20; i++) {
        loopback_say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_await(&n_waiting, i);
        assert_int_equal(atomic_load(&n_continued), i - 1);
        http_resume(atomic_load(&waiting));
        loopback_read(fd, &a);
        assert_int_equal(a.status, 200);
    }
    close(fd);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&n_continued), 20);
}

static void *ask_race(void *arg)
{
    struct loopback *l = arg;
    struct answer a;
    int fd = loopback_connect(l->port);
    for (int i = 0; i < ROUNDS; i++) {
        loopback_say(fd, "GET /race HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read(fd, &a);
        if (a.status != 200)
            abort();
    }
    close(fd);
    return NULL;
}

TEST(a_resume_before_the_handler_has_returned_is_neither_lost_nor_doubled)
{
    struct loopback l;
    struct answer a;
    pthread_t clients[3];
    start(&l);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&clients[i], NULL, ask_race, &l), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(clients[i], NULL);
    assert_int_equal(atomic_load(&n_continued), 3 * ROUNDS);
    loopback_ask(&l, "GET /itself HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(atomic_load(&n_continued), 3 * ROUNDS + 1);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&l.n_finished), 3 * ROUNDS + 1);
}

TEST(a_blocking_part_that_answers_nothing_is_a_500)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 500);
    loopback_stop(&l);
}

TEST(a_client_that_leaves_while_its_exchange_waits_is_finished_once)
{
    struct loopback l;
    start(&l);
    for (int i = 1; i <= 4; i++) {
        int fd = loopback_connect(l.port);
        loopback_say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_await(&n_waiting, i);
        close(fd);
        http_resume(atomic_load(&waiting));
        loopback_await(&l.n_finished, i);
    }
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&l.n_finished), 4);
}

/* The library may then end a request without asking the handler again. */
TEST(clients_that_leave_all_together_do_not_hold_up_the_end)
{
    for (int resets = 0; resets <= 1; resets++) {
        const struct linger reset = {.l_onoff = resets, .l_linger = 0};
        int fds[CROWD];
        struct loopback l;
        start(&l);
        for (int i = 0; i < CROWD; i++) {
            fds[i] = loopback_connect(l.port);
            loopback_say(fds[i], "GET /crowd HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        loopback_await(&n_waiting, CROWD);
        for (int i = 0; i < CROWD; i++) {
            setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            close(fds[i]);
        }
        for (int i = 0; i < CROWD; i++)
            http_resume(atomic_load(&crowd[i]));
        loopback_stop(&l);
        assert_int_equal(atomic_load(&l.n_finished), CROWD);
    }
}

static void *stop(void *arg)
{
    http_stop(((struct loopback *)arg)->server, 5000);
    return NULL;
}

TEST(a_quiet_server_finishes_what_runs_and_takes_nothing_new)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int idle = loopback_connect(l.port);
    int busy = loopback_connect(l.port);
    int half = loopback_connect(l.port);
    loopback_say(idle, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read(idle, &a);
    loopback_say(half, "POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                       "Expect: 100-continue\r\n\r\n");
    loopback_read_head(half, &a);
    loopback_say(busy, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_await(&n_waiting, 1);

    http_quiesce(l.server);
    assert_true(loopback_ended(idle));
    loopback_say(half, "hi");
    loopback_read(half, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(loopback_field(&a, "Connection"), "close");
    http_resume(atomic_load(&waiting));
    loopback_read(busy, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(loopback_field(&a, "Connection"), "close");
    loopback_await_connections(&l, 0);
    close(idle);
    close(busy);
    close(half);
    loopback_stop(&l);
}

TEST(a_stop_waits_for_the_exchanges_under_way)
{
    struct loopback l;
    struct answer a;
    pthread_t stopper;
    start(&l);
    int deferred = loopback_connect(l.port);
    int blocked = loopback_connect(l.port);
    loopback_say(deferred, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_say(blocked, "POST /offload HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb");
    loopback_await(&n_waiting, 1);
    assert_int_equal(pthread_create(&stopper, NULL, stop, &l), 0);
    poll(NULL, 0, 50);
    http_resume(atomic_load(&waiting));
    atomic_store(&gate, 1);
    loopback_read(deferred, &a);
    assert_int_equal(a.status, 200);
    loopback_read(blocked, &a);
    assert_true(a.status == 200 || a.status == 503);
    pthread_join(stopper, NULL);
    assert_int_equal(atomic_load(&l.n_finished), 2);
    close(deferred);
    close(blocked);
}

/* The grace is over at once, but nobody may be left suspended. */
TEST(a_stop_without_grace_still_waits_for_those_suspended)
{
    for (int i = 0; i < 20; i++) {
        struct loopback l;
        pthread_t resumer;
        start(&l);
        atomic_store(&gate, 1);
        int deferred = loopback_connect(l.port);
        int half = loopback_connect(l.port);
        int blocked = loopback_connect(l.port);
        loopback_say(half, "POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n");
        loopback_say(blocked, "POST /offload HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb");
        loopback_say(deferred, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_await(&n_waiting, 1);
        assert_int_equal(pthread_create(&resumer, NULL, resume_at_once, atomic_load(&waiting)), 0);
        http_stop(l.server, 0);
        pthread_join(resumer, NULL);
        assert_int_equal(atomic_load(&n_continued), 1);
        close(deferred);
        close(half);
        close(blocked);
    }
}

TEST(stopping_nothing_is_fine)
{
    http_stop(NULL, 1000);
}
