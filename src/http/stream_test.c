/* stream_test.c - replies that go on: order, ends, clients that leave, clients that do not read.
 *
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/thread.h"
#include "http/http.h"
#include "http/loopback.h"
#include "unit.h"

enum { MOST = 64, PIECES = 500 };

static struct http_stream *streams[MOST];
static atomic_int n_streams;

static void begin(struct http_exchange *x)
{
    struct http_stream *st = http_reply_stream(x, 200, "text/event-stream");
    streams[atomic_load(&n_streams)] = st;
    atomic_fetch_add(&n_streams, 1);
}

static const struct http_route routes[] = {
    {"GET", "/stream", begin, "stream"},
    {NULL, NULL, NULL, NULL},
};

static void start(struct loopback *l, int idle_ms)
{
    struct http_options o = loopback_options(l, routes);
    o.idle_ms = idle_ms;
    o.n_threads = 1; /* so that streams begin one after the other */
    atomic_store(&n_streams, 0);
    loopback_start(l, &o);
}

/* Ask; its stream is the last one then. */
static int ask(struct loopback *l, struct answer *head)
{
    int before = atomic_load(&n_streams);
    int fd = loopback_connect(l->port);
    loopback_say(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_await(&n_streams, before + 1);
    loopback_read_head(fd, head);
    assert_int_equal(head->status, 200);
    return fd;
}

/* What comes until the end of the connection or of the chunks; out is a string. */
static size_t read_chunks(int fd, char *out, size_t size)
{
    static char raw[1 << 20];
    size_t len = 0;
    size_t n_out = 0;
    for (;;) {
        ssize_t n = recv(fd, raw + len, sizeof raw - 1 - len, 0);
        if (n > 0)
            len += (size_t)n;
        raw[len] = 0;
        if (n <= 0 || strstr(raw, "\r\n0\r\n\r\n") || strcmp(raw, "0\r\n\r\n") == 0)
            break;
    }
    for (char *at = raw; *at;) {
        size_t n = strtoul(at, &at, 16);
        if (n == 0)
            break;
        at += 2;
        assert_true(n_out + n < size);
        memcpy(out + n_out, at, n);
        n_out += n;
        at += n + 2;
    }
    out[n_out] = 0;
    return n_out;
}

TEST(what_is_written_comes_in_order_and_the_end_ends_it)
{
    struct loopback l;
    struct answer a;
    static char got[4096];
    start(&l, 60000);
    int fd = ask(&l, &a);
    assert_string_equal(loopback_field(&a, "Content-Type"), "text/event-stream");
    struct http_stream *st = streams[0];
    assert_true(http_stream_write(st, TEXT("one ")));
    assert_true(http_stream_write(st, TEXT("two ")));
    poll(NULL, 0, 20); /* also after it was suspended */
    assert_true(http_stream_write(st, TEXT("three")));
    http_stream_end(st);
    read_chunks(fd, got, sizeof got);
    assert_string_equal(got, "one two three");
    close(fd);
    loopback_stop(&l);
    assert_int_equal(atomic_load(&l.n_finished), 1);
}

static void *write_pieces(void *arg)
{
    struct http_stream *st = arg;
    for (int i = 0; i < PIECES; i++) {
        SCOPED(mem) char *piece = mem_printf("%d,", i);
        (void)!http_stream_write(st, text_of(piece));
        if (i % 50 == 0)
            poll(NULL, 0, 1);
    }
    http_stream_end(st);
    return NULL;
}

TEST(many_writers_and_one_event_thread_lose_nothing)
{
    struct loopback l;
    struct answer a;
    struct error err;
    static char got[65536];
    static char want[65536];
    int fds[16];
    pthread_t threads[16];
    size_t len = 0;
    start(&l, 60000);
    for (int i = 0; i < PIECES; i++)
        len += (size_t)snprintf(want + len, sizeof want - len, "%d,", i);
    for (int i = 0; i < 16; i++)
        fds[i] = ask(&l, &a);
    for (int i = 0; i < 16; i++)
        CHECK_OK(thread_start(&threads[i], write_pieces, streams[i], "write", &err), err);
    for (int i = 0; i < 16; i++) {
        read_chunks(fds[i], got, sizeof got);
        assert_string_equal(got, want);
        pthread_join(threads[i], NULL);
        close(fds[i]);
    }
    loopback_stop(&l);
}

TEST(a_writer_hears_that_its_client_has_left)
{
    struct loopback l;
    struct answer a;
    start(&l, 60000);
    int fd = ask(&l, &a);
    close(fd);
    for (int i = 0; i < 1000 && http_stream_write(streams[0], TEXT(": still there?\n\n")); i++)
        poll(NULL, 0, 10);
    assert_true(http_stream_gone(streams[0]));
    loopback_await(&l.n_finished, 1);
    http_stream_end(streams[0]);
    loopback_await_connections(&l, 0);
    loopback_stop(&l);
}

/* Duplicates of this process's sockets, as a child has them between fork and exec. */
static int hold_sockets(int *out, int most)
{
    int n = 0;
    for (int fd = 3; fd < 256 && n < most; fd++) {
        int type;
        socklen_t len = sizeof type;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0)
            out[n++] = fd;
    }
    for (int i = 0; i < n; i++) {
        out[i] = dup(out[i]);
        assert_true(out[i] >= 0);
    }
    return n;
}

TEST(a_stream_whose_socket_a_child_holds_is_forgotten_once)
{
    struct loopback l;
    struct answer a;
    int held[256];
    start(&l, 200);
    int fd = ask(&l, &a);
    int other = ask(&l, &a);
    int n = hold_sockets(held, 256);
    http_stream_end(streams[0]);
    loopback_await_connections(&l, 1);
    assert_true(loopback_ended(fd));
    poll(NULL, 0, 300); /* events of a stream that is gone would come all the time */
    assert_int_equal(http_connections(l.server), 1);
    assert_true(http_stream_write(streams[1], TEXT("here")));
    http_stream_end(streams[1]);
    loopback_await_connections(&l, 0);
    while (n > 0)
        close(held[--n]);
    close(fd);
    close(other);
    loopback_stop(&l);
}

TEST(a_stream_with_nothing_to_say_is_not_cut_and_one_that_is_not_read_is)
{
    struct loopback l;
    struct answer a;
    static char got[4096];
    start(&l, 200);
    int quiet = ask(&l, &a);
    int full = ask(&l, &a);
    SCOPED(mem) char *much = mem_alloc(30000000);
    assert_true(http_stream_write(streams[1], (struct text){much, 30000000}));
    assert_true(http_stream_waiting(streams[1]) > 0);
    while (!http_stream_gone(streams[1]))
        poll(NULL, 0, 10);
    assert_int_equal(http_stream_waiting(streams[1]), 0);
    assert_false(http_stream_write(streams[1], TEXT("more")));
    http_stream_end(streams[1]);
    assert_true(http_stream_write(streams[0], TEXT("here")));
    http_stream_end(streams[0]);
    read_chunks(quiet, got, sizeof got);
    assert_string_equal(got, "here");
    close(quiet);
    close(full);
    loopback_stop(&l);
}

TEST(a_stop_waits_for_the_streams_to_be_ended)
{
    struct loopback l;
    struct answer a;
    struct error err;
    static char got[65536];
    pthread_t thread;
    start(&l, 60000);
    int fd = ask(&l, &a);
    CHECK_OK(thread_start(&thread, write_pieces, streams[0], "write", &err), err);
    loopback_stop(&l);
    pthread_join(thread, NULL);
    read_chunks(fd, got, sizeof got);
    assert_non_null(strstr(got, "499,"));
    close(fd);
}

TEST(a_client_of_http_1_0_reads_until_the_connection_ends)
{
    struct loopback l;
    char got[4096];
    size_t len = 0;
    ssize_t n = 1;
    start(&l, 60000);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET /stream HTTP/1.0\r\n\r\n");
    loopback_await(&n_streams, 1);
    assert_true(http_stream_write(streams[0], TEXT("plain bytes")));
    http_stream_end(streams[0]);
    for (; n > 0; len += n > 0 ? (size_t)n : 0)
        n = recv(fd, got + len, sizeof got - 1 - len, 0);
    got[len] = 0;
    assert_non_null(strstr(got, "\r\n\r\nplain bytes"));
    close(fd);
    loopback_stop(&l);
}
