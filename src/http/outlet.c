/* outlet.c - sockets of streams, taken from the library: one thread for all of them.
 *
 * The library keeps some 20 KB for a connection, of which a stream needs nothing once its request
 * was read. So the stream gets a duplicate of the descriptor, and in the library's place comes a
 * socket that leads nowhere; the library, told to give up, closes that and forgets the connection.
 * It is the event thread that does this, from within the library, so that no event of the socket
 * can be on its way meanwhile.
 *
 * Whoever writes to a stream sends at once what the socket takes, under the stream's lock; the
 * thread sends the rest when there is room again, hears of clients that left, cuts those that take
 * nothing, and alone closes sockets.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "http/http_impl.h"

enum { EVENTS_AT_ONCE = 64, QUIET = EPOLLIN | EPOLLRDHUP };

/* ---- one stream, under its lock ------------------------------------------------------------ */

static void arm(struct http_stream *st, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = st};
    if (st->armed != events)
        epoll_ctl(st->server->outlet.epoll_fd, EPOLL_CTL_MOD, st->fd, &e);
    st->armed = events;
}

/* The thread hears of it, as of any client that left. */
static void cut(struct http_stream *st)
{
    shutdown(st->fd, SHUT_RDWR);
}

void outlet_flush(struct http_stream *st)
{
    if (st->fd < 0 || st->gone)
        return;
    while (st->from < st->to) {
        ssize_t n =
            send(st->fd, st->bytes + st->from, st->to - st->from, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            cut(st);
            return;
        }
        if (n < 0)
            break;
        st->from += (size_t)n;
        st->due_us = clock_mono_us() + st->server->options.idle_ms * 1000LL;
    }
    bool waits = st->from < st->to;
    arm(st, waits ? QUIET | EPOLLOUT : QUIET);
    if (waits)
        return;
    stream_drop_bytes(st);
    if (st->ended)
        cut(st);
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void count(struct http_server *s, int by)
{
    atomic_fetch_add(&s->outlet.n_streams, by);
    if (by < 0) {
        listen_quiet(s);
        gate_wake(&s->gate);
    }
}

static void close_stream(struct outlet *o, struct http_stream *st)
{
    struct http_server *s = st->server;
    pthread_mutex_lock(&o->lock);
    if (st->prev)
        st->prev->next = st->next;
    else
        o->streams = st->next;
    if (st->next)
        st->next->prev = st->prev;
    pthread_mutex_unlock(&o->lock);
    pthread_mutex_lock(&st->lock);
    epoll_ctl(o->epoll_fd, EPOLL_CTL_DEL, st->fd, NULL); /* a child may hold the socket open yet */
    cut(st);
    close(st->fd);
    st->fd = -1;
    pthread_mutex_unlock(&st->lock);
    stream_lose(st);
    count(s, -1);
}

/* What a client still says is thrown away. False: it has left. */
static bool listen_to(const struct http_stream *st)
{
    char bytes[512];
    for (int i = 0; i < 16; i++) {
        ssize_t n = recv(st->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        if (n == 0)
            return false;
    }
    return true;
}

static void attend(struct outlet *o, struct http_stream *st, uint32_t events)
{
    bool left = events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP);
    if (left || ((events & EPOLLIN) && !listen_to(st))) {
        close_stream(o, st);
        return;
    }
    pthread_mutex_lock(&st->lock);
    outlet_flush(st);
    pthread_mutex_unlock(&st->lock);
}

/* Those that have not taken anything for too long. */
static void cut_slow(struct outlet *o)
{
    int64_t now_us = clock_mono_us();
    pthread_mutex_lock(&o->lock);
    for (struct http_stream *st = o->streams; st; st = st->next) {
        pthread_mutex_lock(&st->lock);
        if (st->from < st->to && now_us >= st->due_us)
            cut(st);
        pthread_mutex_unlock(&st->lock);
    }
    pthread_mutex_unlock(&o->lock);
}

static void *run(void *arg)
{
    struct http_server *s = arg;
    struct outlet *o = &s->outlet;
    int64_t tick_us = 0;
    while (!atomic_load(&o->stop)) {
        struct epoll_event events[EVENTS_AT_ONCE];
        int tick_ms = atomic_load(&o->n_streams) ? s->gate.tick_ms : -1;
        int n = epoll_wait(o->epoll_fd, events, EVENTS_AT_ONCE, tick_ms);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr)
                attend(o, events[i].data.ptr, events[i].events);
            else
                eventfd_read(o->wake, &(eventfd_t){0});
        if (clock_mono_us() < tick_us)
            continue;
        cut_slow(o);
        tick_us = clock_mono_us() + s->gate.tick_ms * 1000LL;
    }
    while (o->streams)
        close_stream(o, o->streams);
    return NULL;
}

int outlet_open(struct http_server *s, struct error *err)
{
    struct outlet *o = &s->outlet;
    struct epoll_event e = {.events = EPOLLIN};
    pthread_mutex_init(&o->lock, NULL);
    o->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    o->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    o->made = true;
    if (o->epoll_fd < 0 || o->wake < 0 || epoll_ctl(o->epoll_fd, EPOLL_CTL_ADD, o->wake, &e) < 0)
        return error_errno(err, errno, "make an event descriptor");
    int rc = thread_start(&o->thread, run, s, "send streams", err);
    o->started = rc == 0;
    return rc;
}

void outlet_close(struct http_server *s)
{
    struct outlet *o = &s->outlet;
    if (!o->made)
        return;
    if (o->started) {
        atomic_store(&o->stop, true);
        eventfd_write(o->wake, 1);
        pthread_join(o->thread, NULL);
    }
    if (o->epoll_fd >= 0)
        close(o->epoll_fd);
    if (o->wake >= 0)
        close(o->wake);
    pthread_mutex_destroy(&o->lock);
}

/* ---- the way here -------------------------------------------------------------------------- */

/* The descriptor of the library's socket, which from now on leads nowhere; -1. */
static int take_socket(struct connection *c)
{
    int epoll_fd = MHD_get_daemon_info(c->loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct epoll_event none = {.data.ptr = NULL};
    SCOPED(fd) int nowhere = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = nowhere < 0 ? -1 : fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool heard = epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL) == 0;
    dup3(nowhere, c->fd, O_CLOEXEC);
    if (heard) /* the library will take it out of there itself, and insists that it can */
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &none);
    return fd;
}

static char *head_of(const struct http_exchange *x, bool chunked)
{
    struct text_buf b;
    char date[CLOCK_HTTP_SIZE];
    clock_http(clock_now_us(), date);
    text_buf_init(&b, HEADER_MAX);
    text_buf_printf(&b, "HTTP/1.1 %d %s\r\nDate: %s\r\n", x->reply.status,
                    MHD_get_reason_phrase_for((unsigned)x->reply.status), date);
    for (const struct reply_header *h = x->reply.headers; h; h = h->next)
        text_buf_printf(&b, "%s: %s\r\n", h->name, h->value);
    text_buf_add_text(&b, chunked ? "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                                  : "Connection: close\r\n\r\n");
    return text_buf_take(&b);
}

/* What is written already stands behind the head. */
static void put_head(struct http_stream *st, char *head)
{
    size_t n = text_of(head).len;
    size_t left = st->to - st->from;
    char *all = mem_grow(head, n + left + 1);
    if (left)
        memcpy(all + n, st->bytes + st->from, left);
    mem_free(st->bytes);
    st->bytes = all;
    st->from = 0;
    st->to = n + left;
    st->room = n + left;
}

/* Under both locks. */
static void add_stream(struct outlet *o, struct http_stream *st)
{
    st->next = o->streams;
    if (st->next)
        st->next->prev = st;
    o->streams = st;
    count(st->server, 1);
}

/* From here on the thread hears of its socket, and st is locked. False: the kernel has no room for
 * another, and it is not. */
static bool attach(struct outlet *o, struct http_stream *st, int fd)
{
    struct epoll_event e = {.events = QUIET, .data.ptr = st};
    pthread_mutex_lock(&o->lock);
    pthread_mutex_lock(&st->lock);
    bool heard = epoll_ctl(o->epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0;
    if (heard) {
        st->fd = fd;
        st->armed = QUIET;
        add_stream(o, st);
    } else {
        pthread_mutex_unlock(&st->lock);
    }
    pthread_mutex_unlock(&o->lock);
    return heard;
}

bool outlet_take(struct http_exchange *x, struct http_stream *st)
{
    struct http_server *s = x->server;
    struct outlet *o = &s->outlet;
    unsigned patience_ms = (unsigned)s->options.idle_ms;
    char *head = head_of(x, st->chunked);
    SCOPED(fd) int fd = head ? take_socket(x->connection) : -1;
    if (fd < 0 || !attach(o, st, fd)) {
        mem_free(head);
        stream_lose(st);
        return false;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
    fd = -1; /* the stream's */
    put_head(st, head);
    st->due_us = clock_mono_us() + s->options.idle_ms * 1000LL;
    outlet_flush(st);
    pthread_mutex_unlock(&st->lock);
    eventfd_write(o->wake, 1); /* it may wait without a tick */
    return true;
}
