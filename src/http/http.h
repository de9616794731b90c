/* http.h - an HTTP/1.1 server that knows no jobs: routes, bodies, replies, files, limits.
 *
 * libmicrohttpd stays inside. A few event threads (epoll) own all connections; a handler runs on
 * one of them and must not block. What may block is given to http_offload; what must wait for
 * somebody else is left with http_defer and taken up again with http_resume.
 *
 *     handler(x) ─┬─ http_reply...          answered at once
 *                 ├─ http_reply_stream    answered bit by bit, from any thread
 *                 ├─ http_offload(x, fn)    fn(x) runs on a thread that may block, and replies
 *                 └─ http_defer(x, fn)      ... http_resume(x) from any thread, then fn(x) runs
 *                                           on an event thread, and replies or defers again
 *
 * Limits, each answered through options.refuse: header of more than 12 KiB (431), body announced
 * or grown past body_max (413, before it is read when Content-Length says so, before any 100
 * Continue), body memory of all requests together past body_total_max (503: what came is thrown
 * away at once; only who waits for 100 Continue has all of its room reserved before), no such path
 * (404), path without this method (405, with Allow; OPTIONS is answered 204), a header that leaves
 * open where the body ends or lacks Host (400). What is no HTTP at all, another version than
 * HTTP/1, a Content-Length or a chunk that it cannot read, and a header far beyond its limit,
 * libmicrohttpd refuses by itself, in its own words and without options.decorate. Only POST, PUT
 * and PATCH take a body; a short one that comes with another method is thrown away.
 *
 * A connection is closed that has not sent its whole header within header_ms of opening or of
 * the header's first line, its next request within the longer of header_ms and idle_ms of its
 * last reply, or its whole body within body_ms; and one that takes nothing of its reply for
 * idle_ms, though there is something for it. Whoever was offloaded or deferred is not looked at.
 *
 * Every handler, hook and reply function gets the exchange; it lives until its reply is sent.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct http_server;
struct http_exchange;

typedef void http_handler(struct http_exchange *x);

/* One row of the route table; the first row that fits wins. path: literal segments; "{name}" takes
 * one segment, decoded, which may then hold a slash; "{name...}" at the end takes all that is
 * left, slashes included. At most four of these. GET answers HEAD too. */
struct http_route {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *path;
    http_handler *handler;
    const char *name; /* for metrics and logs: a short stable word */
};

struct http_options {
    const char *listen;              /* "127.0.0.1:8080", "[::1]:0"; port 0: any free one */
    const char *tls_certificate;     /* PEM file, NULL without TLS */
    const char *tls_key;             /* PEM file */
    const struct http_route *routes; /* ends with a row of NULLs */
    void *arg;                       /* http_arg(x) */

    int n_threads;  /* event threads; 0: one per core, 4 at most          */
    int n_blocking; /* threads for http_offload; 0: 4                     */
    int connections_max;
    int64_t body_max;       /* bytes of one body                                  */
    int64_t body_total_max; /* bytes of all bodies that came and are not yet answered */
    int header_ms;
    int body_ms;
    int idle_ms;

    /* The header of a request with a body, which its route takes and http does not refuse, is in:
     * may reply, so that the body is neither waited for nor kept, if it is large; may not offload
     * or defer. The handler comes later, unless it replied. Event thread. */
    void (*head)(struct http_exchange *x);

    /* Reply to a request that http refuses: with status, and detail as a sentence or NULL.
     * Event thread. */
    void (*refuse)(struct http_exchange *x, int status, const char *detail);

    /* Add headers that every reply has. Called once per exchange, before its reply leaves. Event
     * thread. */
    void (*decorate)(struct http_exchange *x, int status);

    /* The exchange is over: count it, log it. http_status, http_route_name, http_took_us are set.
     * Once for each request whose header came, whatever became of it. Event thread. */
    void (*finished)(struct http_exchange *x);
};

/* body 28 MB, 256 MB in all, 10,000 connections, 30 s header, 120 s body, 60 s idle. */
struct http_options http_options_default(void);

/* Listen and serve until http_stop. Strings of options are copied; routes and arg must outlive the
 * server. ERR_IO the address is in use or not ours, ERR_INVALID it, a route or the TLS files are
 * not well formed. The threads started here take no signals. */
int http_start(struct http_server **out, const struct http_options *options,
               struct error *err) MUST_CHECK;

int http_port(const struct http_server *s); /* the one really bound */
int http_connections(const struct http_server *s);

/* Take no new connections and requests (503, idle connections are closed); those running go on,
 * and their replies close the connection. Any thread, not a signal handler. */
void http_quiesce(struct http_server *s);

/* Wait until the exchanges under way are answered, at most grace_ms, then close everything and
 * free s. All deferred exchanges must have been resumed or be resumed by others meanwhile. NULL
 * is fine. */
void http_stop(struct http_server *s, int grace_ms);

/* The request. Views and strings live as long as the exchange. */
void *http_arg(const struct http_exchange *x);
const char *http_method(const struct http_exchange *x);
const char *http_path(const struct http_exchange *x);   /* decoded, without query */
const char *http_target(const struct http_exchange *x); /* as sent: path?query    */
const char *http_header(const struct http_exchange *x, const char *name); /* NULL if absent */
const char *http_query(const struct http_exchange *x, const char *name);  /* decoded; NULL if
                                                                   absent; the first if repeated */
/* Call each(arg, name, value) for all query parameters in order; a parameter without '=' has
 * value "". */
void http_query_each(const struct http_exchange *x,
                     void (*each)(void *arg, const char *name, const char *value), void *arg);
const char *http_capture(const struct http_exchange *x, const char *name); /* of the route's {} */
struct text http_body(const struct http_exchange *x);
const char *http_route_name(const struct http_exchange *x); /* "none" when no route matched */
const char *http_peer(const struct http_exchange *x);       /* numeric address of the client */
bool http_is_tls(const struct http_exchange *x);
int http_status(const struct http_exchange *x); /* of the reply; 0 before, or when none left */
int64_t http_took_us(const struct http_exchange *x);
int64_t http_received_us(const struct http_exchange *x); /* clock_now_us when the header was in */

/* A place for the handler's own state; freed with the exchange. Zeroed. */
void *http_alloc(struct http_exchange *x, size_t size);
void http_set_state(struct http_exchange *x, void *state);
void *http_state(const struct http_exchange *x);

/* The reply: headers first, then exactly one of the three. Names and values are copied; a field
 * with a NULL value, a name that is no token or control characters in its value is dropped. A
 * name that was given before gets the new value. */
void http_reply_header(struct http_exchange *x, const char *name, const char *value);
void http_reply(struct http_exchange *x, int status, const char *content_type, struct text body);
/* The same without a copy: takes bytes, which mem_free will free. */
void http_reply_take(struct http_exchange *x, int status, const char *content_type, char *bytes,
                     size_t len);

/* The same without a copy: bytes outlive the server. */
void http_reply_static(struct http_exchange *x, int status, const char *content_type,
                       struct text bytes);

/* Does If-None-Match (NULL: not there) name this entity tag? Weakly: "W/" does not count. */
bool http_unchanged(const char *if_none_match, const char *etag);

/* A file or a part of it: answers Range of a GET (one range; 206, or 416 through options.refuse
 * and without the headers given before), If-Range, If-None-Match (304), HEAD. Takes fd, which is
 * closed after the reply. */
struct http_file {
    int fd;
    int64_t size;
    const char *content_type;
    const char *etag; /* with its quotes */
    int64_t modified_us;
};
void http_reply_file(struct http_exchange *x, const struct http_file *file);

/* A reply without an end of its own, of which nobody knows yet what it will say: chunked, or plain
 * for a client of HTTP/1.0; its end closes the connection. finished is called when it begins. The
 * handler returns right after; the stream goes on living for its owner, whose turn ends with
 * http_stream_end. The exchange is not the owner's any more. Between a write and the next the
 * connection costs no thread and half a kilobyte (over TLS as much as any other); nothing bounds
 * what waits but the writer, who asks http_stream_waiting. http_stop waits until all streams are
 * ended. All but the first: any thread, but one at a time for a stream. Do not call for HEAD.
 */
struct http_stream;
struct http_stream *http_reply_stream(struct http_exchange *x, int status,
                                      const char *content_type);
/* Copies. False: the client is gone, and nothing will be sent any more. */
bool http_stream_write(struct http_stream *st, struct text bytes);
size_t http_stream_waiting(struct http_stream *st); /* bytes that the connection has not taken */
bool http_stream_gone(struct http_stream *st);
/* What waits is sent yet; st is not the caller's any more. */
void http_stream_end(struct http_stream *st);

/* See the top. The exchange's handler must return right after; both may be called by what runs
 * offloaded, too. http_resume once for each http_defer, at any time after it, even before the
 * handler has returned; x may be gone when it returns. */
void http_offload(struct http_exchange *x, http_handler *fn);
void http_defer(struct http_exchange *x, http_handler *fn);
void http_resume(struct http_exchange *x);
