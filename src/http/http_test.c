/* http_test.c - requests and answers over a socket. SPDX-License-Identifier: MIT */
#include "http/http.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/loopback.h"
#include "unit.h"

static void each_param(void *arg, const char *name, const char *value)
{
    text_buf_printf(arg, "%s=%s;", name, value);
}

/* Says what it was asked. */
static void echo(struct http_exchange *x)
{
    struct text_buf out;
    const char *id = http_capture(x, "id");
    text_buf_init(&out, 100000);
    text_buf_printf(&out, "%s|%s|%s|%s|", http_method(x), http_path(x), http_target(x),
                    id ? id : "-");
    http_query_each(x, each_param, &out);
    text_buf_printf(&out, "|%.*s", (int)http_body(x).len, http_body(x).at);
    size_t len = out.len;
    http_reply_take(x, 200, "text/plain", text_buf_take(&out), len);
}

static void facts(struct http_exchange *x)
{
    char text[256];
    int64_t age_us = clock_now_us() - http_received_us(x);
    snprintf(text, sizeof text, "%s %d %d %s %s %s", http_peer(x), http_is_tls(x),
             age_us >= 0 && age_us < 60 * CLOCK_SECOND_US, http_route_name(x),
             http_header(x, "x-one") ? http_header(x, "x-one") : "none",
             http_query(x, "q") ? http_query(x, "q") : "none");
    http_reply(x, 200, "text/plain", text_of(text));
}

static void inject(struct http_exchange *x)
{
    static const char *const names[] = {"", "x y", "x:y", "x\ry", "x\ny", "x\xc3\xa9"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        http_reply_header(x, names[i], "bad");
    http_reply_header(x, "x-a", "v\r\nx-evil: 1");
    http_reply_header(x, "x-b", "v\nx-evil: 1");
    http_reply_header(x, "x-c", "v\x7f");
    http_reply_header(x, "x-d", "tab\there");
    http_reply_header(x, "x-e", NULL);
    http_reply_header(x, "x-good", "fine; caf\xc3\xa9");
    http_reply(x, 200, "text/plain", TEXT("ok"));
}

static void repeat(struct http_exchange *x)
{
    http_reply_header(x, "Cache-Control", "immutable");
    http_reply_header(x, "x-last", "1");
    http_reply_header(x, "cache-control", "no-store");
    http_reply(x, 200, "text/plain", TEXT("ok"));
}

static void nothing(struct http_exchange *x)
{
    (void)x;
}

static void state(struct http_exchange *x)
{
    char *fresh = http_alloc(x, 10000);
    bool zero = true;
    for (size_t i = 0; i < 10000; i++)
        zero = zero && fresh[i] == 0;
    memset(fresh, 1, 10000);
    bool none_before = http_state(x) == NULL;
    http_set_state(x, fresh);
    http_reply(x, zero && none_before && http_state(x) == fresh ? 200 : 500, NULL, TEXT(""));
}

static const struct http_route routes[] = {
    {"GET", "/echo", echo, "echo"},         {"POST", "/echo", echo, "echo"},
    {"GET", "/echo/{id}", echo, "echo"},    {"GET", "/facts", facts, "facts"},
    {"GET", "/inject", inject, "x"},        {"GET", "/nothing", nothing, "x"},
    {"GET", "/repeat", repeat, "x"},        {"GET", "/state", state, "x"},
    {"DELETE", "/echo/{id}", echo, "echo"}, {NULL, NULL, NULL, NULL},
};

static void start(struct loopback *l)
{
    struct http_options o = loopback_options(l, routes);
    loopback_start(l, &o);
}

TEST(a_request_is_answered_and_the_connection_goes_on)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    for (int i = 0; i < 3; i++) {
        loopback_say(fd, "GET /echo?a=1&b=&a=2&c HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read(fd, &a);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body, "GET|/echo|/echo?a=1&b=&a=2&c|-|a=1;b=;a=2;c=;|");
        assert_string_equal(loopback_field(&a, "Content-Type"), "text/plain");
        assert_string_equal(loopback_field(&a, "x-decorated"), "200");
    }
    loopback_await(&l.n_finished, 3);
    close(fd);
    loopback_await_connections(&l, 0);
    assert_int_equal(atomic_load(&l.n_decorated), 3);
    loopback_stop(&l);
}

TEST(a_request_of_http_1_1_names_its_host_once)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /echo HTTP/1.1\r\n\r\n", &a);
    assert_int_equal(a.status, 400);
    assert_string_equal(loopback_field(&a, "x-refused"), "yes");
    loopback_ask(&l, "GET /echo HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", &a);
    assert_int_equal(a.status, 400);
    loopback_ask(&l, "GET /echo HTTP/1.0\r\n\r\n", &a);
    assert_int_equal(a.status, 200);
    loopback_stop(&l);
}

TEST(a_header_that_is_set_again_stands_once)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /repeat HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_string_equal(loopback_field(&a, "Cache-Control"), "no-store");
    assert_string_equal(loopback_field(&a, "x-last"), "1");
    assert_null(strstr(a.head, "immutable"));
    loopback_stop(&l);
}

TEST(pipelined_requests_are_answered_in_order)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n"
                     "POST /echo?2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
                     "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
                     "GET /echo?4 HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read(fd, &a);
    assert_string_equal(a.body, "GET|/echo|/echo?1|-|1=;|");
    loopback_read(fd, &a);
    assert_string_equal(a.body, "POST|/echo|/echo?2|-|2=;|hi");
    loopback_read(fd, &a);
    assert_int_equal(a.status, 404);
    loopback_read(fd, &a);
    assert_string_equal(a.body, "GET|/echo|/echo?4|-|4=;|");
    close(fd);
    loopback_stop(&l);
}

TEST(captures_and_targets_are_decoded)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /echo/a%2Fb:c%20d?q=x+y%26 HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_string_equal(a.body, "GET|/echo/a/b:c d|/echo/a%2Fb:c%20d?q=x+y%26|a/b:c d|q=x y&;|");
    loopback_ask(&l, "GET http://x/echo/1 HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_string_equal(a.body, "GET|/echo/1|http://x/echo/1|1||");
    loopback_stop(&l);
}

TEST(a_zero_byte_in_a_target_is_refused)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /echo/%00 HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 400);
    assert_string_equal(loopback_field(&a, "x-refused"), "yes");
    loopback_ask(&l, "GET /echo?%00 HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 400);
    loopback_stop(&l);
}

TEST(a_request_knows_its_circumstances)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /facts?q=1&q=2 HTTP/1.1\r\nHost: x\r\nX-ONE: yes\r\n\r\n", &a);
    assert_string_equal(a.body, "127.0.0.1 0 1 facts yes 1");
    loopback_ask(&l, "GET /facts HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_string_equal(a.body, "127.0.0.1 0 1 facts none none");
    loopback_stop(&l);
}

TEST(unknown_paths_and_methods_are_refused_and_the_connection_goes_on)
{
    static const struct {
        const char *line;
        int status;
        const char *allow;
    } cases[] = {
        {"GET /none", 404, ""},
        {"OPTIONS /none", 404, ""},
        {"PUT /echo", 405, "GET, HEAD, POST, OPTIONS"},
        {"BREW /echo", 405, "GET, HEAD, POST, OPTIONS"},
        {"POST /echo/1", 405, "GET, HEAD, DELETE, OPTIONS"},
        {"OPTIONS /echo", 204, "GET, HEAD, POST, OPTIONS"},
        {"DELETE /echo/1", 200, ""},
        {"OPTIONS *", 400, ""},
    };
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        loopback_say(fd, cases[i].line);
        loopback_say(fd, " HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read(fd, &a);
        assert_int_equal(a.status, cases[i].status);
        assert_string_equal(loopback_field(&a, "Allow"), cases[i].allow);
        assert_string_not_equal(loopback_field(&a, "x-decorated"), "");
    }
    close(fd);
    loopback_await(&l.n_finished, (int)(sizeof cases / sizeof *cases));
    loopback_stop(&l);
}

TEST(head_has_the_header_of_get_and_no_body)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read_head(fd, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(loopback_field(&a, "Content-Length"), "20");
    loopback_say(fd, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_read(fd, &a);
    assert_string_equal(a.body, "GET|/echo|/echo|-||");
    close(fd);
    loopback_stop(&l);
}

TEST(old_clients_are_answered)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /echo HTTP/1.0\r\n\r\n");
    loopback_read(fd, &a);
    assert_int_equal(a.status, 200);
    assert_true(loopback_ended(fd));
    close(fd);
    loopback_stop(&l);
}

TEST(header_fields_with_controls_are_dropped)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /inject HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 200);
    assert_null(strstr(a.head, "bad"));
    assert_null(strstr(a.head, "evil"));
    assert_null(strstr(a.head, "x-c"));
    assert_null(strstr(a.head, "x-d:"));
    assert_null(strstr(a.head, "x-e"));
    assert_string_equal(loopback_field(&a, "x-good"), "fine; caf\xc3\xa9");
    loopback_stop(&l);
}

TEST(a_handler_that_answers_nothing_is_a_500)
{
    struct loopback l;
    struct answer a;
    start(&l);
    loopback_ask(&l, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 500);
    loopback_stop(&l);
}

TEST(state_is_fresh_for_every_exchange)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    for (int i = 0; i < 3; i++) {
        loopback_say(fd, "GET /state HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read(fd, &a);
        assert_int_equal(a.status, 200);
    }
    close(fd);
    loopback_stop(&l);
}

static void say_header_of(int fd, size_t size)
{
    static char filler[13000];
    memset(filler, 'a', sizeof filler);
    loopback_say(fd, "GET /echo HTTP/1.1\r\nHost: x\r\nx-long: ");
    loopback_send(fd, (struct text){filler, size});
    loopback_say(fd, "\r\n\r\n");
}

TEST(a_header_that_is_too_large_is_refused)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    say_header_of(fd, 12000);
    loopback_read(fd, &a);
    assert_int_equal(a.status, 200);
    say_header_of(fd, 12400);
    loopback_read(fd, &a);
    assert_int_equal(a.status, 431);
    assert_string_equal(loopback_field(&a, "x-refused"), "yes");
    close(fd);

    loopback_await_connections(&l, 0);
    assert_int_equal(atomic_load(&l.n_finished), 2);
    loopback_stop(&l);
}

/* Beyond the memory of the connection the library itself refuses, and what is left unread may
 * reset the connection before its answer arrives. */
TEST(a_header_that_does_not_end_is_cut)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /echo HTTP/1.1\r\nHost: x\r\nx-long: ");
    while (send(fd, "aaaaaaaaaaaaaaaa", 16, MSG_NOSIGNAL) > 0)
        ;
    close(fd);
    loopback_await_connections(&l, 0);
    assert_int_equal(atomic_load(&l.n_finished), 1);
    assert_int_equal(atomic_load(&l.last_status), 431);
    loopback_ask(&l, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 200);
    loopback_stop(&l);
}

TEST(nonsense_does_not_harm_the_server)
{
    static const char *const nonsense[] = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET /echo HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET /echo HTTP/1.1\r\nno colon\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    };
    struct loopback l;
    struct answer a;
    start(&l);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        int fd = loopback_connect(l.port);
        loopback_say(fd, nonsense[i]);
        shutdown(fd, SHUT_WR);
        loopback_ended(fd);
        close(fd);
    }
    loopback_ask(&l, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 200);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

TEST(more_connections_than_allowed_wait_for_their_turn)
{
    struct loopback l;
    struct answer a;
    struct http_options o = loopback_options(&l, routes);
    int fds[3];
    o.connections_max = 3;
    loopback_start(&l, &o);
    for (int i = 0; i < 3; i++) {
        fds[i] = loopback_connect(l.port);
        loopback_say(fds[i], "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
        loopback_read(fds[i], &a);
    }
    int late = loopback_connect(l.port);
    loopback_say(late, "GET /echo?late HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(http_connections(l.server), 3);
    close(fds[1]);
    loopback_read(late, &a);
    assert_int_equal(a.status, 200);
    close(late);
    close(fds[0]);
    close(fds[2]);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

TEST(the_hooks_may_be_left_out)
{
    struct loopback l;
    struct answer a;
    struct http_options o = loopback_options(&l, routes);
    o.refuse = NULL;
    o.decorate = NULL;
    o.finished = NULL;
    loopback_start(&l, &o);
    loopback_ask(&l, "GET /none HTTP/1.1\r\nHost: x\r\n\r\n", &a);
    assert_int_equal(a.status, 404);
    assert_string_equal(a.body, "Not Found");
    loopback_stop(&l);
}

TEST(addresses_are_read_and_their_faults_named)
{
    static const struct {
        const char *listen;
        int code;
    } cases[] = {
        {"127.0.0.1:0", 0},
        {"[::1]:0", 0},
        {"localhost:0", 0},
        {"127.0.0.1", ERR_INVALID},
        {"127.0.0.1:", ERR_INVALID},
        {":8080", ERR_INVALID},
        {"::1:80", ERR_INVALID},
        {"[::1]", ERR_INVALID},
        {"[]:80", ERR_INVALID},
        {"127.0.0.1:65536", ERR_INVALID},
        {"127.0.0.1:x", ERR_INVALID},
        {"example.org:80", ERR_INVALID},
        {"", ERR_INVALID},
        {"127.0.0.1:-1", ERR_INVALID},
        {"1.2.3.4.5:80", ERR_INVALID},
        {"192.0.2.1:0", ERR_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loopback l;
        struct error err;
        struct http_options o = loopback_options(&l, routes);
        o.listen = cases[i].listen;
        int rc = http_start(&l.server, &o, &err);
        if (rc == ERR_IO && strncmp(o.listen, "[::1]", 5) == 0)
            continue; /* a machine without IPv6 */
        if (rc != cases[i].code)
            fail_msg("%s: %d, %s", o.listen, rc, rc < 0 ? err.text : "started");
        if (rc == 0) {
            assert_true(http_port(l.server) > 0);
            loopback_stop(&l);
        }
    }
}

TEST(an_address_in_use_is_named)
{
    struct loopback l;
    struct loopback second;
    struct error err;
    char at[32];
    start(&l);
    snprintf(at, sizeof at, "127.0.0.1:%d", l.port);
    struct http_options o = loopback_options(&second, routes);
    o.listen = at;
    CHECK_ERR(http_start(&second.server, &o, &err), ERR_IO);
    assert_non_null(strstr(err.text, at));
    assert_non_null(strstr(err.text, "in use"));
    loopback_stop(&l);
    CHECK_OK(http_start(&second.server, &o, &err), err);
    loopback_stop(&second);
}
