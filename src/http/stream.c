/* stream.c - replies that go on: bytes from any thread, sent by the event thread that owns the
 * connection.
 *
 * Two hold a stream, its owner and the library's response, and whoever lets go last frees it. The
 * library asks for bytes; when there are none its connection is suspended there and then, and the
 * write that brings some resumes it. Both happen under the stream's lock, so that no write is
 * missed. Nothing is resumed after the response is gone: that, too, is said under the lock.
 *
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "http/http_impl.h"

struct http_stream {
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct MHD_Response *response; /* the event thread's; its headers until they are sent */
    pthread_mutex_t lock;
    /* under lock: */
    int n_holders;
    char *bytes; /* not yet taken by the library; NULL when there are none */
    size_t from;
    size_t to;
    size_t room;
    bool suspended;
    bool ended; /* by its owner  */
    bool gone;  /* the response  */
};

static void let_go(struct http_stream *st)
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

static void drop_bytes(struct http_stream *st)
{
    mem_free(st->bytes);
    st->bytes = NULL;
    st->from = st->to = st->room = 0;
}

/* Under the lock. */
static void wake(struct http_stream *st)
{
    if (!st->suspended)
        return;
    st->suspended = false;
    MHD_resume_connection(st->mhd);
}

static enum MHD_Result drop_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    MHD_del_response_header(cls, name, value);
    return MHD_NO; /* the list is another now */
}

/* They are sent when the first bytes are asked for; kept, they would be a large part of what a
 * quiet stream costs. */
static void drop_headers(struct http_stream *st)
{
    struct MHD_Response *r = st->response;
    int n = r ? MHD_get_response_headers(r, NULL, NULL) : 0;
    st->response = NULL;
    while (n-- > 0)
        MHD_get_response_headers(r, drop_header, r);
}

/* Event thread. */
static ssize_t take(void *cls, uint64_t at, char *out, size_t most)
{
    struct http_stream *st = cls;
    ssize_t n = 0;
    (void)at;
    drop_headers(st);
    pthread_mutex_lock(&st->lock);
    size_t left = st->to - st->from;
    if (left) {
        n = (ssize_t)(left < most ? left : most);
        memcpy(out, st->bytes + st->from, (size_t)n);
        st->from += (size_t)n;
        if (st->from == st->to)
            drop_bytes(st);
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
    struct http_stream *st = cls;
    pthread_mutex_lock(&st->lock);
    st->gone = true;
    st->suspended = false;
    drop_bytes(st);
    pthread_mutex_unlock(&st->lock);
    let_go(st);
}

struct MHD_Response *stream_response(struct http_stream *st)
{
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, take, st, forget);
    if (!r)
        forget(st);
    else
        st->response = r;
    return r;
}

/* A reply that never came to the library. */
void stream_drop(struct http_stream *st)
{
    forget(st);
}

struct http_stream *http_reply_stream(struct http_exchange *x, int status, const char *content_type)
{
    struct http_stream *st = mem_alloc(sizeof *st);
    assert(x->next == NEXT_NONE);
    st->server = x->server;
    st->mhd = x->mhd;
    st->n_holders = 2;
    pthread_mutex_init(&st->lock, NULL);
    atomic_fetch_add(&x->server->n_busy, 1);
    http_reply_header(x, "Content-Type", content_type);
    x->next = NEXT_REPLY;
    x->reply.status = status;
    x->reply.stream = st;
    return st;
}

static void make_room(struct http_stream *st, size_t more)
{
    if (st->from) {
        memmove(st->bytes, st->bytes + st->from, st->to - st->from);
        st->to -= st->from;
        st->from = 0;
    }
    if (st->to + more <= st->room)
        return;
    st->room = st->to + more;
    st->bytes = mem_grow(st->bytes, st->room);
}

bool http_stream_write(struct http_stream *st, struct text bytes)
{
    pthread_mutex_lock(&st->lock);
    bool takes = !st->gone && !st->ended;
    if (takes && bytes.len) {
        make_room(st, bytes.len);
        memcpy(st->bytes + st->to, bytes.at, bytes.len);
        st->to += bytes.len;
        wake(st);
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
    st->ended = true;
    wake(st);
    pthread_mutex_unlock(&st->lock);
    let_go(st);
    pthread_mutex_lock(&s->quiet_lock);
    atomic_fetch_sub(&s->n_busy, 1);
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->quiet_lock);
}
