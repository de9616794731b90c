/* stream.c - replies that go on: bytes from any thread, kept until the connection has taken them.
 *
 * Two hold a stream, its owner and its way to the client, and whoever lets go last frees it. There
 * are two ways. A plain socket is taken from the library (outlet.c), which would keep its buffers
 * for a connection that is quiet most of the time. A TLS connection stays: the library asks for
 * bytes; when there are none its connection is suspended there and then, and the write that brings
 * some resumes it, both under the stream's lock, so that no write is missed.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "http/http_impl.h"

enum { CHUNK_HEAD = 20 };

void stream_let_go(struct http_stream *st)
{
    pthread_mutex_lock(&st->lock);
    bool last = --st->n_holders == 0;
    pthread_mutex_unlock(&st->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&st->lock);
    mem_free(st->bytes);
    mem_free(st);
}

void stream_drop_bytes(struct http_stream *st)
{
    mem_free(st->bytes);
    st->bytes = NULL;
    st->from = st->to = st->room = 0;
}

void stream_lose(struct http_stream *st)
{
    pthread_mutex_lock(&st->lock);
    st->gone = true;
    st->suspended = false;
    stream_drop_bytes(st);
    pthread_mutex_unlock(&st->lock);
    stream_let_go(st);
}

/* ---- through the library ------------------------------------------------------------------- */

/* Under the lock. */
static void wake(struct http_stream *st)
{
    if (!st->suspended)
        return;
    st->suspended = false;
    MHD_resume_connection(st->mhd);
}

/* Event thread. */
static ssize_t take(void *cls, uint64_t at, char *out, size_t most)
{
    struct http_stream *st = cls;
    ssize_t n = 0;
    (void)at;
    pthread_mutex_lock(&st->lock);
    size_t left = st->to - st->from;
    if (left) {
        n = (ssize_t)(left < most ? left : most);
        memcpy(out, st->bytes + st->from, (size_t)n);
        st->from += (size_t)n;
        if (st->from == st->to)
            stream_drop_bytes(st);
    } else if (st->ended) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        st->suspended = true;
        MHD_suspend_connection(st->mhd);
    }
    pthread_mutex_unlock(&st->lock);
    return n;
}

static void forget(void *cls)
{
    stream_lose(cls);
}

struct MHD_Response *stream_response(struct http_stream *st)
{
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, take, st, forget);
    if (!r)
        stream_lose(st);
    return r;
}

/* ---- its owner's side ---------------------------------------------------------------------- */

struct http_stream *http_reply_stream(struct http_exchange *x, int status, const char *content_type)
{
    struct http_stream *st = mem_alloc(sizeof *st);
    assert(x->next == NEXT_NONE);
    st->server = x->server;
    st->mhd = x->mhd;
    st->fd = -1;
    st->chunked = !x->server->tls && !x->is_old;
    st->n_holders = 2;
    pthread_mutex_init(&st->lock, NULL);
    atomic_fetch_add(&x->server->n_busy, 1);
    http_reply_header(x, "Content-Type", content_type);
    x->next = NEXT_REPLY;
    x->reply.status = status;
    x->reply.stream = st;
    return st;
}

/* Under the lock. */
static void add(struct http_stream *st, const char *bytes, size_t n)
{
    if (st->to + n > st->room) {
        if (st->from)
            memmove(st->bytes, st->bytes + st->from, st->to - st->from);
        st->to -= st->from;
        st->from = 0;
        st->room = st->to + n;
        st->bytes = mem_grow(st->bytes, st->room);
    }
    memcpy(st->bytes + st->to, bytes, n);
    st->to += n;
}

bool http_stream_write(struct http_stream *st, struct text bytes)
{
    char head[CHUNK_HEAD];
    pthread_mutex_lock(&st->lock);
    bool takes = !st->gone && !st->ended;
    if (takes && bytes.len) {
        if (st->chunked)
            add(st, head, (size_t)snprintf(head, sizeof head, "%zx\r\n", bytes.len));
        add(st, bytes.at, bytes.len);
        if (st->chunked)
            add(st, "\r\n", 2);
        wake(st);
        outlet_flush(st);
    }
    pthread_mutex_unlock(&st->lock);
    return takes;
}

size_t http_stream_waiting(struct http_stream *st)
{
    pthread_mutex_lock(&st->lock);
    size_t n = st->to - st->from;
    pthread_mutex_unlock(&st->lock);
    return n;
}

bool http_stream_gone(struct http_stream *st)
{
    pthread_mutex_lock(&st->lock);
    bool gone = st->gone;
    pthread_mutex_unlock(&st->lock);
    return gone;
}

/* The count falls last: as long as it stands http_stop leaves the library alone. */
void http_stream_end(struct http_stream *st)
{
    struct http_server *s = st->server;
    pthread_mutex_lock(&st->lock);
    if (st->chunked && !st->gone)
        add(st, "0\r\n\r\n", 5);
    st->ended = true;
    wake(st);
    outlet_flush(st);
    pthread_mutex_unlock(&st->lock);
    stream_let_go(st);
    pthread_mutex_lock(&s->quiet_lock);
    atomic_fetch_sub(&s->n_busy, 1);
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->quiet_lock);
}
