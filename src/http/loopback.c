/* loopback.c - see loopback.h. SPDX-License-Identifier: MIT */
#include "http/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

static struct loopback *loopback_of(const struct http_exchange *x)
{
    return http_arg(x);
}

static void decorate(struct http_exchange *x, int status)
{
    char text[16];
    snprintf(text, sizeof text, "%d", status);
    http_reply_header(x, "x-decorated", text);
    atomic_fetch_add(&loopback_of(x)->n_decorated, 1);
}

static void finished(struct http_exchange *x)
{
    struct loopback *l = loopback_of(x);
    atomic_store(&l->last_status, http_status(x));
    if (http_status(x) == 0)
        atomic_fetch_add(&l->n_finished_without_status, 1);
    atomic_fetch_add(&l->n_finished, 1);
}

static void refuse(struct http_exchange *x, int status, const char *detail)
{
    atomic_fetch_add(&loopback_of(x)->n_refused, 1);
    http_reply_header(x, "x-refused", "yes");
    http_reply(x, status, "text/plain", text_of(detail));
}

struct http_options loopback_options(struct loopback *l, const struct http_route *routes)
{
    struct http_options o = http_options_default();
    *l = (struct loopback){.server = NULL};
    o.listen = "127.0.0.1:0";
    o.routes = routes;
    o.arg = l;
    o.n_threads = 2;
    o.n_blocking = 2;
    o.connections_max = 64;
    o.body_max = 100000;
    o.body_total_max = 200000;
    o.decorate = decorate;
    o.finished = finished;
    o.refuse = refuse;
    return o;
}

void loopback_start(struct loopback *l, const struct http_options *options)
{
    struct error err;
    CHECK_OK(http_start(&l->server, options, &err), err);
    l->port = http_port(l->server);
}

void loopback_stop(struct loopback *l)
{
    http_stop(l->server, 5000);
    l->server = NULL;
}

void loopback_await(atomic_int *count, int n)
{
    for (int i = 0; i < 1000 && atomic_load(count) != n; i++)
        poll(NULL, 0, 10);
    assert_int_equal(atomic_load(count), n);
}

void loopback_await_connections(struct loopback *l, int n)
{
    for (int i = 0; i < 1000 && http_connections(l->server) != n; i++)
        poll(NULL, 0, 10);
    assert_int_equal(http_connections(l->server), n);
}

int loopback_connect(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = 20};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail_msg("connect: %s", strerror(errno));
    return fd;
}

void loopback_send(int fd, struct text bytes)
{
    while (bytes.len) {
        ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            fail_msg("send: %s", strerror(errno));
        bytes.at += n;
        bytes.len -= (size_t)n;
    }
}

void loopback_say(int fd, const char *text)
{
    loopback_send(fd, text_of(text));
}

/* One byte at a time, so that nothing of the next answer is taken. */
static bool read_line_end(int fd, struct answer *out, size_t *len)
{
    while (*len < sizeof out->head - 1) {
        ssize_t n = recv(fd, out->head + *len, 1, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            fail_msg("no answer within 20 s");
        if (n <= 0)
            return false;
        out->head[++*len] = 0;
        if (*len >= 4 && memcmp(out->head + *len - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    fail_msg("the header of the answer has no end");
    return false;
}

void loopback_read_head(int fd, struct answer *out)
{
    size_t len = 0;
    memset(out, 0, sizeof *out);
    if (read_line_end(fd, out, &len))
        out->status = (int)strtol(out->head + strlen("HTTP/1.1 "), NULL, 10);
}

void loopback_read(int fd, struct answer *out)
{
    loopback_read_head(fd, out);
    size_t want = strtoul(loopback_field(out, "Content-Length"), NULL, 10);
    assert_true(want < sizeof out->body);
    while (out->len < want) {
        ssize_t n = recv(fd, out->body + out->len, want - out->len, 0);
        if (n <= 0)
            fail_msg("the answer ends after %zu of %zu bytes", out->len, want);
        out->len += (size_t)n;
    }
}

bool loopback_ended(int fd)
{
    char bytes[4096];
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n == 0)
            return true;
        if (n < 0)
            return errno == ECONNRESET || errno == EPIPE;
    }
}

const char *loopback_field(const struct answer *a, const char *name)
{
    static _Thread_local char value[1024];
    size_t len = strlen(name);
    for (const char *line = strstr(a->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        const char *at = line + 2;
        if (strncasecmp(at, name, len) != 0 || at[len] != ':')
            continue;
        at += len + 2;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
        return value;
    }
    return "";
}

void loopback_ask(struct loopback *l, const char *request, struct answer *out)
{
    int fd = loopback_connect(l->port);
    loopback_say(fd, request);
    loopback_read(fd, out);
    close(fd);
}
