/* slow_test.c - clients that take their time. Each wait ends by an event, never by a clock: the
 * times only say in which order things must happen.
 *
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "http/http.h"
#include "http/loopback.h"
#include "unit.h"

enum { LARGE = 30000000 };

static struct http_exchange *_Atomic waiting;
static atomic_int n_waiting;

static void ok(struct http_exchange *x)
{
    http_reply(x, 200, "text/plain", TEXT("ok"));
}

static void large(struct http_exchange *x)
{
    char *bytes = mem_alloc(LARGE);
    http_reply_take(x, 200, "text/plain", bytes, LARGE);
}

static void wait_for_test(struct http_exchange *x)
{
    http_defer(x, ok);
    atomic_store(&waiting, x);
    atomic_fetch_add(&n_waiting, 1);
}

static const struct http_route routes[] = {
    {"GET", "/ok", ok, "ok"},          {"POST", "/ok", ok, "ok"},
    {"GET", "/large", large, "large"}, {"GET", "/wait", wait_for_test, "wait"},
    {NULL, NULL, NULL, NULL},
};

static void start(struct loopback *l, int header_ms, int body_ms, int idle_ms)
{
    struct http_options o = loopback_options(l, routes);
    o.header_ms = header_ms;
    o.body_ms = body_ms;
    o.idle_ms = idle_ms;
    atomic_store(&n_waiting, 0);
    loopback_start(l, &o);
}

/* Send c again and again until the server has had enough. */
static void drip(int fd, char c)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (send(fd, &c, 1, MSG_NOSIGNAL) < 0)
            return;
        if (poll(&p, 1, 5) > 0 && loopback_ended(fd))
            return;
    }
}

TEST(a_connection_that_says_nothing_is_cut)
{
    struct loopback l;
    start(&l, 200, 60000, 60000);
    int fd = loopback_connect(l.port);
    assert_true(loopback_ended(fd));
    close(fd);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&l.n_finished), 0);
}

TEST(a_header_that_drips_is_cut)
{
    struct loopback l;
    start(&l, 1000, 60000, 60000);
    int line = loopback_connect(l.port);
    loopback_say(line, "GET /");
    drip(line, 'a');
    int field = loopback_connect(l.port);
    loopback_say(field, "GET /ok HTTP/1.1\r\nHost: x\r\nx-drip: ");
    drip(field, 'a');
    close(line);
    close(field);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&l.n_finished), 0);
}

TEST(a_header_that_drips_after_an_answer_is_cut)
{
    struct loopback l;
    struct answer a;
    start(&l, 1500, 60000, 100);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read(fd, &a);
    loopback_say(fd, "GET /ok HTTP/1.1\r\nx-drip: ");
    drip(fd, 'a');
    close(fd);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&l.n_finished), 1);
}

TEST(a_body_that_drips_is_cut)
{
    struct loopback l;
    start(&l, 60000, 200, 60000);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n");
    drip(fd, 'b');
    close(fd);
    loopback_await(&l.n_finished, 1);
    assert_int_equal(atomic_load(&l.n_finished_without_status), 1);
    loopback_stop(&l);
}

TEST(an_idle_connection_is_cut_and_a_busy_one_is_not)
{
    struct loopback l;
    struct answer a;
    start(&l, 2000, 2000, 2000);
    int idle = loopback_connect(l.port);
    int busy = loopback_connect(l.port);
    loopback_say(busy, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_await(&n_waiting, 1);
    loopback_say(idle, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read(idle, &a);
    assert_int_equal(a.status, 200);
    assert_true(loopback_ended(idle));
    poll(NULL, 0, 1000);
    http_resume(atomic_load(&waiting));
    loopback_read(busy, &a);
    assert_int_equal(a.status, 200);
    close(idle);
    close(busy);
    loopback_stop(&l);
}

TEST(an_answer_that_is_not_taken_is_cut)
{
    struct loopback l;
    start(&l, 60000, 60000, 200);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_await(&l.n_finished, 1);
    assert_int_equal(atomic_load(&l.last_status), 200);
    close(fd);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

TEST(an_answer_that_is_taken_slowly_arrives_whole)
{
    static char bytes[300000];
    struct loopback l;
    struct answer a;
    size_t len = 0;
    ssize_t n = 0;
    start(&l, 60000, 60000, 2000);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read_head(fd, &a);
    for (int turns = 0; len < LARGE; turns++) { /* for longer than idle_ms */
        n = recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            break;
        len += (size_t)n;
        if (turns < 60)
            poll(NULL, 0, 50);
    }
    assert_int_equal(len, LARGE);
    close(fd);
    loopback_stop(&l);
}

TEST(clients_that_leave_in_the_middle_of_an_answer_leave_nothing_behind)
{
    struct loopback l;
    struct answer a;
    start(&l, 60000, 60000, 60000);
    for (int i = 0; i < 8; i++) {
        int fd = loopback_connect(l.port);
        loopback_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read_head(fd, &a);
        close(fd);
    }
    loopback_await(&l.n_finished, 8);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

/* The end comes together with the last bytes: the library misses it, the gate does not. */
TEST(a_client_that_leaves_after_half_a_header_is_noticed)
{
    struct loopback l;
    start(&l, 60000, 60000, 60000);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /ok HT");
    shutdown(fd, SHUT_WR);
    assert_true(loopback_ended(fd));
    close(fd);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

TEST(a_client_that_closes_its_half_after_asking_gets_its_answer)
{
    struct loopback l;
    struct answer a;
    start(&l, 60000, 60000, 200);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    shutdown(fd, SHUT_WR);
    loopback_await(&n_waiting, 1);
    poll(NULL, 0, 300);
    http_resume(atomic_load(&waiting));
    loopback_read(fd, &a);
    assert_int_equal(a.status, 200);
    assert_true(loopback_ended(fd));
    close(fd);
    loopback_stop(&l);
}
