/* gate.c - one thread that accepts connections, cuts slow ones, and lets refused uploads run dry.
 *
 * It waits for its sockets, and while there are connections it looks at each of them once per
 * tick. Cutting is shutdown(2): the event thread that owns the connection sees its end and does
 * the rest. The lock keeps a descriptor from being closed, and its number from being given to
 * another, while this thread uses it.
 *
 * The library may miss that a client has left, when its last bytes and its end come together; this
 * thread sees the end when it finds it twice with nothing left to read.
 *
 * The library waits once more when as many events came as it takes at once, before it serves any of
 * them: with none after them, requests stood still until a client gave up. While a loop has so many
 * connections it is nudged, by an event of no connection, which ends that wait.
 *
 * A client that is still sending when its request was refused would get a reset for its answer,
 * as unread bytes make close(2) reset the connection. A duplicate of the descriptor keeps the
 * socket open, and this thread throws away what still comes.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "http/http_impl.h"

enum {
    ACCEPT_AT_ONCE = 64,
    LINGER_IDLE_US = 2000000,
    REST_US = 200000,
    CROWD = 120, /* connections of a loop; the library takes 128 events at once, some its own */
    NUDGE_MS = 50,
};

static bool takes_more(struct http_server *s)
{
    return http_connections(s) < s->options.connections_max &&
           clock_mono_us() >= s->gate.rest_until_us;
}

static struct loop *emptiest(struct http_server *s)
{
    struct loop *best = &s->loops[0];
    for (int i = 1; i < s->n_loops; i++)
        if (atomic_load(&s->loops[i].n_connections) < atomic_load(&best->n_connections))
            best = &s->loops[i];
    return best;
}

/* Out of descriptors or memory: the queue of the socket keeps who waits. */
static void rest(struct gate *d)
{
    d->rest_until_us = clock_mono_us() + REST_US;
}

static void accept_some(struct http_server *s)
{
    for (int i = 0; i < ACCEPT_AT_ONCE && takes_more(s); i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        int fd =
            accept4(s->gate.listener, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                rest(&s->gate);
            return;
        }
        struct loop *l = emptiest(s);
        atomic_fetch_add(&s->n_connections, 1);
        atomic_fetch_add(&l->n_connections, 1);
        if (!MHD_add_connection(l->daemon, fd, (struct sockaddr *)&from, len)) {
            atomic_fetch_sub(&s->n_connections, 1);
            atomic_fetch_sub(&l->n_connections, 1);
        }
    }
}

/* How far the client has confirmed what was sent to it; grows while it reads. */
static uint64_t acked(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
        return 0;
    return info.tcpi_bytes_acked;
}

/* Is there something that the client could take? */
static bool has_sent(int fd)
{
    int n = 0;
    return ioctl(fd, SIOCOUTQ, &n) < 0 || n > 0;
}

static bool reply_stands_still(struct connection *c, int64_t now_us)
{
    uint64_t at = acked(c->fd);
    if (!c->watched || at != c->acked || !has_sent(c->fd)) {
        c->watched = true;
        c->acked = at;
        c->watch_due_us = now_us + c->server->options.idle_ms * 1000LL;
        return false;
    }
    return now_us >= c->watch_due_us;
}

/* Only while something is waited for from it: a client that has asked may well close its half. */
static bool has_left(struct connection *c)
{
    char byte;
    bool at_end = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    bool twice = at_end && c->at_end;
    c->at_end = at_end;
    return twice;
}

static bool must_cut(struct connection *c, int64_t now_us)
{
    int64_t due_us = atomic_load_explicit(&c->due_us, memory_order_relaxed);
    if (due_us == DUE_WATCH)
        return reply_stands_still(c, now_us);
    c->watched = false;
    if (due_us == DUE_NEVER)
        return false;
    bool unwanted = atomic_load(&c->server->quiesced) && atomic_load(&c->idle);
    return unwanted || now_us >= due_us || has_left(c);
}

static void cut_slow(struct gate *d)
{
    int64_t now_us = clock_mono_us();
    pthread_mutex_lock(&d->lock);
    for (struct connection *c = d->connections; c; c = c->next)
        if (must_cut(c, now_us))
            shutdown(c->fd, SHUT_RDWR);
    pthread_mutex_unlock(&d->lock);
}

/* Throw away what has come; false at the end of it, or of our patience. */
static bool drain(struct refused *r, int64_t now_us)
{
    for (int i = 0; i < 16; i++) {
        ssize_t n = recv(r->fd, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (n < 0)
            break;
        r->idle_due_us = now_us + LINGER_IDLE_US;
    }
    return now_us < r->idle_due_us && now_us < r->due_us;
}

static void drain_all(struct gate *d)
{
    int64_t now_us = clock_mono_us();
    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < d->n_refused;) {
        if (drain(&d->refused[i], now_us)) {
            i++;
            continue;
        }
        close(d->refused[i].fd);
        d->refused[i] = d->refused[--d->n_refused];
    }
    pthread_mutex_unlock(&d->lock);
}

/* Fill fds with what is waited for; the wake comes first, then the listener, or -1. */
static int sockets(struct http_server *s, struct pollfd *fds)
{
    struct gate *d = &s->gate;
    int n = 2;
    fds[0] = (struct pollfd){.fd = d->wake, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = takes_more(s) ? d->listener : -1, .events = POLLIN};
    pthread_mutex_lock(&d->lock);
    for (int i = 0; i < d->n_refused; i++)
        fds[n++] = (struct pollfd){.fd = d->refused[i].fd, .events = POLLIN};
    pthread_mutex_unlock(&d->lock);
    return n;
}

static bool is_crowded(const struct loop *l)
{
    return atomic_load(&l->n_connections) >= CROWD;
}

static bool any_crowded(const struct http_server *s)
{
    for (int i = 0; i < s->n_loops; i++)
        if (is_crowded(&s->loops[i]))
            return true;
    return false;
}

static void nudge_crowded(struct http_server *s)
{
    const uint64_t one = 1;
    for (int i = 0; i < s->n_loops; i++)
        if (is_crowded(&s->loops[i])) {
            ssize_t ignored = write(s->loops[i].nudge, &one, sizeof one);
            (void)ignored;
        }
}

static void close_listener(struct gate *d)
{
    if (d->listener >= 0)
        close(d->listener);
    d->listener = -1;
}

static int patience_ms(struct http_server *s, int n_sockets, int64_t next_tick_us)
{
    bool rests = s->gate.rest_until_us > clock_mono_us();
    if (atomic_load(&s->n_connections) == 0 && n_sockets == 2 && !rests)
        return -1;
    int64_t left_us = next_tick_us - clock_mono_us();
    int left_ms = left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
    return left_ms > NUDGE_MS && any_crowded(s) ? NUDGE_MS : left_ms;
}

static void *run(void *arg)
{
    struct http_server *s = arg;
    struct gate *d = &s->gate;
    int64_t next_tick_us = clock_mono_us() + d->tick_ms * 1000LL, next_nudge_us = 0;
    while (!atomic_load(&d->stop)) {
        struct pollfd fds[2 + REFUSED_MAX];
        int n = sockets(s, fds);
        uint64_t count;
        poll(fds, (nfds_t)n, patience_ms(s, n, next_tick_us));
        bool woken = (fds[0].revents & POLLIN) && read(d->wake, &count, sizeof count) > 0;
        if (atomic_load(&s->quiesced))
            close_listener(d);
        if (d->listener >= 0 && fds[1].revents)
            accept_some(s);
        if (n > 2)
            drain_all(d);
        if (clock_mono_us() >= next_nudge_us) {
            nudge_crowded(s);
            next_nudge_us = clock_mono_us() + NUDGE_MS * 1000LL;
        }
        if (woken || clock_mono_us() >= next_tick_us) {
            cut_slow(d);
            next_tick_us = clock_mono_us() + d->tick_ms * 1000LL;
        }
    }
    return NULL;
}

void gate_wake(struct gate *d)
{
    uint64_t one = 1;
    ssize_t ignored = write(d->wake, &one, sizeof one);
    (void)ignored;
}

void gate_add(struct connection *c)
{
    struct gate *d = &c->server->gate;
    pthread_mutex_lock(&d->lock);
    c->next = d->connections;
    if (c->next)
        c->next->prev = c;
    d->connections = c;
    pthread_mutex_unlock(&d->lock);
}

void gate_remove(struct connection *c)
{
    struct http_server *s = c->server;
    struct gate *d = &s->gate;
    pthread_mutex_lock(&d->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        d->connections = c->next;
    if (c->next)
        c->next->prev = c->prev;
    pthread_mutex_unlock(&d->lock);
    atomic_fetch_sub(&c->loop->n_connections, 1);
    if (atomic_fetch_sub(&s->n_connections, 1) >= s->options.connections_max)
        gate_wake(d);
}

void gate_linger(struct connection *c)
{
    struct gate *d = &c->server->gate;
    int fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return;
    int64_t now_us = clock_mono_us();
    pthread_mutex_lock(&d->lock);
    if (d->n_refused == REFUSED_MAX) {
        close(d->refused[0].fd);
        d->refused[0] = d->refused[--d->n_refused];
    }
    d->refused[d->n_refused++] =
        (struct refused){.fd = fd,
                         .idle_due_us = now_us + LINGER_IDLE_US,
                         .due_us = now_us + c->server->options.body_ms * 1000LL};
    pthread_mutex_unlock(&d->lock);
    gate_wake(d);
}

int gate_tick_ms(const struct http_options *o)
{
    int least = o->header_ms < o->body_ms ? o->header_ms : o->body_ms;
    least = (o->idle_ms < least ? o->idle_ms : least) / 4;
    return least < 10 ? 10 : least > 1000 ? 1000 : least;
}

int gate_open(struct http_server *s, int listener, struct error *err)
{
    struct gate *d = &s->gate;
    d->listener = listener;
    d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (d->wake < 0)
        return error_errno(err, errno, "make an event descriptor");
    int rc = thread_start(&d->thread, run, s, "accept connections", err);
    if (rc < 0)
        return rc;
    d->started = true;
    return 0;
}

void gate_close(struct gate *d)
{
    if (d->started) {
        atomic_store(&d->stop, true);
        gate_wake(d);
        pthread_join(d->thread, NULL);
    }
    for (int i = 0; i < d->n_refused; i++)
        close(d->refused[i].fd);
    d->n_refused = 0;
    close_listener(d);
    d->started = false;
}
