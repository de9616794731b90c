/* body_test.c - what clients send after the header. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "http/http.h"
#include "http/loopback.h"
#include "unit.h"

static atomic_int n_run;

static void digest(struct http_exchange *x)
{
    uint8_t bytes[HASH_SIZE];
    char out[2 * HASH_SIZE + 16];
    struct text body = http_body(x);
    atomic_fetch_add(&n_run, 1);
    hash_sha256(body, bytes);
    int n = snprintf(out, sizeof out, "%zu ", body.len);
    text_hex_encode(bytes, 4, out + n);
    http_reply(x, 200, "text/plain", text_of(out));
}

static const struct http_route routes[] = {
    {"GET", "/x", digest, "get"},
    {"POST", "/x", digest, "post"},
    {"DELETE", "/x", digest, "delete"},
    {NULL, NULL, NULL, NULL},
};

static char filler[300000];

static void start(struct loopback *l, int64_t body_total_max)
{
    struct http_options o = loopback_options(l, routes);
    o.body_total_max = body_total_max;
    memset(filler, 'b', sizeof filler);
    atomic_store(&n_run, 0);
    loopback_start(l, &o);
}

static void say_post(int fd, size_t length, const char *more)
{
    char head[256];
    snprintf(head, sizeof head, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n%s\r\n",
             length, more);
    loopback_say(fd, head);
}

static void say_chunks(int fd, size_t total, size_t each)
{
    char line[32];
    while (total) {
        size_t n = total < each ? total : each;
        snprintf(line, sizeof line, "%zx\r\n", n);
        loopback_say(fd, line);
        loopback_send(fd, (struct text){filler, n});
        loopback_say(fd, "\r\n");
        total -= n;
    }
    loopback_say(fd, "0\r\n\r\n");
}

static void want_body(const struct answer *a, size_t len)
{
    uint8_t bytes[HASH_SIZE];
    char want[2 * HASH_SIZE + 16];
    hash_sha256((struct text){filler, len}, bytes);
    int n = snprintf(want, sizeof want, "%zu ", len);
    text_hex_encode(bytes, 4, want + n);
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, want);
}

TEST(bodies_of_all_sizes_arrive_whole)
{
    static const size_t sizes[] = {0, 1, 2, 16383, 16384, 40000, 99999, 100000};
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        say_post(fd, sizes[i], "");
        loopback_send(fd, (struct text){filler, sizes[i]});
        loopback_read(fd, &a);
        want_body(&a, sizes[i]);
        loopback_say(fd, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        say_chunks(fd, sizes[i], 30000);
        loopback_read(fd, &a);
        want_body(&a, sizes[i]);
    }
    close(fd);
    loopback_stop(&l);
}

TEST(a_body_may_wait_for_the_100)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    for (int i = 0; i < 2; i++) {
        say_post(fd, 50000, "Expect: 100-continue\r\n");
        loopback_read_head(fd, &a);
        assert_int_equal(a.status, 100);
        loopback_send(fd, (struct text){filler, 50000});
        loopback_read(fd, &a);
        want_body(&a, 50000);
    }
    close(fd);
    loopback_stop(&l);
}

TEST(a_body_announced_too_large_is_refused_before_it_is_read)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    say_post(fd, 100001, "Expect: 100-continue\r\n");
    loopback_read(fd, &a);
    assert_int_equal(a.status, 413);
    assert_string_equal(loopback_field(&a, "Connection"), "close");
    assert_string_equal(loopback_field(&a, "x-refused"), "yes");
    assert_true(loopback_ended(fd));
    close(fd);
    assert_int_equal(atomic_load(&n_run), 0);
    loopback_stop(&l);
}

/* A client that does not wait, and reads only when it has sent all: its answer must not be
 * destroyed by a reset. */
TEST(a_refused_upload_that_is_sent_anyway_gets_its_answer)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    for (int i = 0; i < 5; i++) {
        int fd = loopback_connect(l.port);
        say_post(fd, 40 * sizeof filler, "");
        for (int k = 0; k < 40; k++)
            loopback_send(fd, (struct text){filler, sizeof filler});
        loopback_read(fd, &a);
        assert_int_equal(a.status, 413);
        assert_true(loopback_ended(fd));
        close(fd);
    }
    assert_int_equal(atomic_load(&n_run), 0);
    loopback_stop(&l);
}

TEST(a_chunked_body_that_grows_too_large_is_refused)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    say_chunks(fd, 150000, 10000);
    loopback_read(fd, &a);
    assert_int_equal(a.status, 413);
    close(fd);

    /* One that does not end is cut. */
    fd = loopback_connect(l.port);
    loopback_say(fd, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "fffffff\r\n");
    struct text piece = {filler, sizeof filler};
    while (send(fd, piece.at, piece.len, MSG_NOSIGNAL) > 0)
        ;
    close(fd);
    loopback_await_connections(&l, 0);
    loopback_await(&l.n_finished, 2);
    assert_int_equal(atomic_load(&n_run), 0);
    loopback_stop(&l);
}

TEST(the_memory_of_all_bodies_together_is_bounded)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int first = loopback_connect(l.port);
    int second = loopback_connect(l.port);
    int third = loopback_connect(l.port);
    say_post(first, 90000, "Expect: 100-continue\r\n");
    loopback_read_head(first, &a);
    assert_int_equal(a.status, 100);
    say_post(second, 90000, "Expect: 100-continue\r\n");
    loopback_read_head(second, &a);
    assert_int_equal(a.status, 100);

    say_post(third, 30000, "Expect: 100-continue\r\n");
    loopback_read(third, &a);
    assert_int_equal(a.status, 503);
    assert_string_equal(loopback_field(&a, "Retry-After"), "1");
    close(third);

    third = loopback_connect(l.port);
    loopback_say(third, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    say_chunks(third, 30000, 7000);
    loopback_read(third, &a);
    assert_int_equal(a.status, 503);
    assert_true(loopback_ended(third));
    close(third);

    third = loopback_connect(l.port);
    loopback_send(first, (struct text){filler, 90000});
    loopback_read(first, &a);
    want_body(&a, 90000);
    loopback_await(&l.n_finished, 3);
    loopback_say(third, "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    say_chunks(third, 30000, 7000);
    loopback_read(third, &a);
    want_body(&a, 30000);
    close(first);
    close(second);
    close(third);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

TEST(a_body_that_is_announced_and_never_sent_takes_no_room_from_others)
{
    struct loopback l;
    struct answer a;
    int silent[3];
    start(&l, 2 * 65536 + 100000);
    for (int i = 0; i < 3; i++) {
        silent[i] = loopback_connect(l.port);
        say_post(silent[i], 100000, "");
    }
    loopback_await_connections(&l, 3);
    int fd = loopback_connect(l.port);
    for (int i = 0; i < 3; i++) {
        say_post(fd, 30000, "");
        loopback_send(fd, (struct text){filler, 30000});
        loopback_read(fd, &a);
        want_body(&a, 30000);
    }
    close(fd);
    for (int i = 0; i < 3; i++)
        close(silent[i]);
    loopback_stop(&l);
}

TEST(a_body_that_finds_no_more_room_while_it_comes_gives_back_what_it_took)
{
    struct loopback l;
    struct answer a;
    start(&l, 190000);
    int first = loopback_connect(l.port);
    say_post(first, 100000, "Expect: 100-continue\r\n");
    loopback_read_head(first, &a);
    assert_int_equal(a.status, 100);
    int second = loopback_connect(l.port);
    say_post(second, 100000, "");
    loopback_send(second, (struct text){filler, 99999});
    int third = loopback_connect(l.port);
    do { /* until the second has been given up */
        say_post(third, 90000, "Expect: 100-continue\r\n");
        loopback_read_head(third, &a);
        if (a.status == 100)
            break;
        close(third);
        third = loopback_connect(l.port);
    } while (a.status == 503);
    assert_int_equal(a.status, 100);
    loopback_say(second, "b");
    loopback_read(second, &a);
    assert_int_equal(a.status, 503);
    assert_string_equal(loopback_field(&a, "Retry-After"), "1");
    assert_true(loopback_ended(second));
    loopback_send(first, (struct text){filler, 100000});
    loopback_read(first, &a);
    want_body(&a, 100000);
    close(first);
    close(second);
    close(third);
    loopback_stop(&l);
}

static void only_with_a_word(struct http_exchange *x)
{
    if (!http_header(x, "x-word"))
        http_reply(x, 401, "text/plain", TEXT("who is it?"));
}

TEST(a_body_is_refused_by_its_header_before_it_is_read)
{
    struct loopback l;
    struct answer a;
    struct http_options o = loopback_options(&l, routes);
    o.head = only_with_a_word;
    atomic_store(&n_run, 0);
    memset(filler, 'b', sizeof filler);
    loopback_start(&l, &o);

    int fd = loopback_connect(l.port);
    say_post(fd, 100000, ""); /* answered though nothing of it comes */
    loopback_read(fd, &a);
    assert_int_equal(a.status, 401);
    assert_string_equal(a.body, "who is it?");
    assert_string_equal(loopback_field(&a, "x-decorated"), "401");
    assert_true(loopback_ended(fd));
    close(fd);

    fd = loopback_connect(l.port);
    say_post(fd, 5, ""); /* a short one is thrown away, and the connection goes on */
    loopback_say(fd, "hello");
    loopback_read(fd, &a);
    assert_int_equal(a.status, 401);
    say_post(fd, 0, ""); /* without a body it is the handler's */
    loopback_read(fd, &a);
    want_body(&a, 0);
    say_post(fd, 50000, "x-word: please\r\n");
    loopback_send(fd, (struct text){filler, 50000});
    loopback_read(fd, &a);
    want_body(&a, 50000);
    assert_int_equal(atomic_load(&n_run), 2);
    close(fd);
    loopback_await(&l.n_finished, 4);
    loopback_stop(&l);
}

TEST(a_get_with_a_body_is_answered_and_the_connection_goes_on)
{
    static const char *const methods[] = {"GET", "DELETE", "HEAD"};
    struct loopback l;
    struct answer a;
    char head[160];
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        snprintf(head, sizeof head,
                 "%s /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 "Content-Length: 2\r\n\r\n{}",
                 methods[i]);
        loopback_say(fd, head);
        if (strcmp(methods[i], "HEAD") == 0)
            loopback_read_head(fd, &a);
        else
            loopback_read(fd, &a);
        assert_int_equal(a.status, 200);
    }
    loopback_say(fd, "GET /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    say_chunks(fd, 60000, 9000);
    loopback_read(fd, &a);
    want_body(&a, 0);
    assert_int_equal(atomic_load(&n_run), 4);

    loopback_say(fd, "GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
    loopback_read(fd, &a);
    assert_int_equal(a.status, 413);
    close(fd);
    loopback_stop(&l);
}

TEST(options_with_a_body_is_answered)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    for (int i = 0; i < 2; i++) {
        loopback_say(fd, "OPTIONS /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
        loopback_read(fd, &a);
        assert_int_equal(a.status, 204);
    }
    close(fd);
    loopback_stop(&l);
}

TEST(a_refusal_with_a_short_body_keeps_the_connection)
{
    struct loopback l;
    struct answer a;
    start(&l, 200000);
    int fd = loopback_connect(l.port);
    for (int i = 0; i < 3; i++) {
        loopback_say(fd, "POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
        loopback_read(fd, &a);
        assert_int_equal(a.status, 404);
        loopback_say(fd, "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
        loopback_read(fd, &a);
        assert_int_equal(a.status, 405);
    }
    say_post(fd, 3, "");
    loopback_say(fd, "bbb");
    loopback_read(fd, &a);
    want_body(&a, 3);
    close(fd);
    loopback_stop(&l);
}

TEST(a_length_that_is_given_twice_is_refused_and_the_connection_closed)
{
    static const struct {
        const char *fields;
        int status;
    } cases[] = {
        {"Content-Length: 5\r\nContent-Length: 0\r\n", 400},
        {"Content-Length: 0\r\nContent-Length: 5\r\n", 400},
        {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
        {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
        {"Transfer-Encoding: gzip, chunked\r\n", 501},
        {"Transfer-Encoding: identity\r\n", 501},
    };
    struct loopback l;
    struct answer a;
    char head[256];
    start(&l, 200000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = loopback_connect(l.port);
        snprintf(head, sizeof head, "POST /x HTTP/1.1\r\nHost: x\r\n%s\r\n0\r\n\r\n",
                 cases[i].fields);
        loopback_say(fd, head);
        loopback_read(fd, &a);
        assert_int_equal(a.status, cases[i].status);
        assert_true(loopback_ended(fd));
        close(fd);
    }
    assert_int_equal(atomic_load(&n_run), 0);
    loopback_stop(&l);
}

/* A proxy that forgives the space would read chunks, and what follows as a body's rest. */
TEST(a_space_before_the_colon_smuggles_no_request)
{
    static const char *const fields[] = {
        "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Content-Length : 5\r\n",
        "X Y: z\r\n",
        "X(Y): z\r\n",
    };
    struct loopback l;
    struct answer a;
    char head[256];
    start(&l, 200000);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        int fd = loopback_connect(l.port);
        snprintf(head, sizeof head,
                 "POST /x HTTP/1.1\r\nHost: x\r\n%s\r\n0\r\n\r\nGET /x HTTP/1.1\r\n"
                 "Host: x\r\n\r\n",
                 fields[i]);
        loopback_say(fd, head);
        loopback_read(fd, &a);
        assert_int_equal(a.status, 400);
        assert_string_equal(loopback_field(&a, "x-refused"), "yes");
        assert_true(loopback_ended(fd));
        close(fd);
    }
    assert_int_equal(atomic_load(&n_run), 0);
    loopback_stop(&l);
}

TEST(clients_that_leave_in_the_middle_of_a_body_leave_nothing_behind)
{
    struct loopback l;
    struct answer a;
    start(&l, 8 * 90000);
    for (int i = 0; i < 8; i++) {
        struct linger reset = {.l_onoff = i % 2, .l_linger = 0};
        int fd = loopback_connect(l.port);
        say_post(fd, 90000, "Expect: 100-continue\r\n");
        loopback_read_head(fd, &a);
        loopback_send(fd, (struct text){filler, 40000});
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    loopback_await(&l.n_finished, 8);
    loopback_await_connections(&l, 0);
    assert_int_equal(atomic_load(&l.n_finished_without_status), 8);
    assert_int_equal(atomic_load(&n_run), 0);

    /* All of body_total_max is free again. */
    int fds[7];
    for (int i = 0; i < 7; i++) {
        fds[i] = loopback_connect(l.port);
        say_post(fds[i], 100000, "Expect: 100-continue\r\n");
        loopback_read_head(fds[i], &a);
        assert_int_equal(a.status, 100);
    }
    for (int i = 0; i < 7; i++)
        close(fds[i]);
    loopback_stop(&l);
}
