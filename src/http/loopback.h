/* loopback.h - for the tests of this folder: a server with counted hooks, and a plain client that
 * says byte by byte what it sends and what came back. Any failure of the client ends the test.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdatomic.h>

#include "http/http.h"

struct loopback {
    struct http_server *server;
    int port;
    atomic_int n_decorated;
    atomic_int n_finished;
    atomic_int n_finished_without_status;
    atomic_int last_status;
    atomic_int n_refused;
};

/* Short times and small limits that a test can reach; header_ms, body_ms and idle_ms are long. */
struct http_options loopback_options(struct loopback *l, const struct http_route *routes);
void loopback_start(struct loopback *l, const struct http_options *options);
void loopback_stop(struct loopback *l); /* with a grace of five seconds */

/* Wait until *count is n; ends the test after ten seconds. */
void loopback_await(atomic_int *count, int n);
void loopback_await_connections(struct loopback *l, int n);

struct answer {
    int status; /* 0: the connection ended without an answer */
    char head[8192];
    char body[65536];
    size_t len;
};

int loopback_connect(int port);
void loopback_send(int fd, struct text bytes);
void loopback_say(int fd, const char *text);
void loopback_read(int fd, struct answer *out);      /* one answer, by its Content-Length */
void loopback_read_head(int fd, struct answer *out); /* one without a body, as to HEAD    */
bool loopback_ended(int fd);                         /* true at the end or a reset; reads on */

/* The value of a header field of the answer, "" when it is not there. Static, per thread. */
const char *loopback_field(const struct answer *a, const char *name);

/* Connect, send, read, close. */
void loopback_ask(struct loopback *l, const char *request, struct answer *out);
