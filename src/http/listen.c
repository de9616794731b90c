/* listen.c - the server: its options, its socket, its start and its end; see http.h.
 *
 * The end, in order: no new connections and requests (quiesced); those begun are waited for, at
 * most the grace; no new handlers (closing); handlers that run, and exchanges that are deferred,
 * are waited for however long that takes, because the library must not be stopped while one of
 * its connections is suspended. Then nothing but the sending of replies is left, and it stops.
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/thread.h"
#include "http/http_impl.h"

enum { PEM_MAX = 1 << 20, MOST_THREADS = 4, BACKLOG = 4096 };

struct http_options http_options_default(void)
{
    return (struct http_options){.connections_max = 10000,
                                 .body_max = 28000000,
                                 .body_total_max = 256000000,
                                 .header_ms = 30000,
                                 .body_ms = 120000,
                                 .idle_ms = 60000};
}

/* "127.0.0.1:8080" or "[::1]:8080" into host and port. */
static int split_address(const char *listen, char host[64], char port[8], struct error *err)
{
    const char *colon = strrchr(listen, ':');
    struct text h = {listen, colon ? (size_t)(colon - listen) : 0};
    struct text p = text_of(colon ? colon + 1 : "");
    int64_t number;
    if (h.len > 2 && h.at[0] == '[' && h.at[h.len - 1] == ']')
        h = (struct text){h.at + 1, h.len - 2};
    else if (h.len && memchr(h.at, ':', h.len))
        h.len = 0;
    if (text_equal(h, TEXT("localhost")))
        h = TEXT("127.0.0.1");
    if (h.len == 0 || h.len > 63 || p.len > 5 || !text_int(p, 0, 65535, &number))
        return error_set(err, ERR_INVALID,
                         "\"%.80s\" is no address to listen on; it looks like 127.0.0.1:8080 or "
                         "[::1]:8080",
                         listen);
    snprintf(host, 64, "%.*s", (int)h.len, h.at);
    snprintf(port, 8, "%d", (int)number);
    return 0;
}

static int bind_failed(const char *listen, int why, struct error *err)
{
    if (why == EADDRINUSE)
        return error_set(err, ERR_IO, "%s is in use by another program", listen);
    if (why == EACCES)
        return error_set(err, ERR_IO, "%s needs rights that this program does not have", listen);
    if (why == EADDRNOTAVAIL)
        return error_set(err, ERR_IO, "%s is not an address of this machine", listen);
    return error_set(err, ERR_IO, "listen on %s: %s", listen, strerror(why));
}

static int open_listener(const char *listen_at, int *out, struct error *err)
{
    char host[64];
    char port[8];
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    if (split_address(listen_at, host, port, err) < 0)
        return err->code;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return error_set(err, ERR_INVALID, "%s is not a numeric address", host);
    int on = 1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int bad = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
              bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0;
    int why = errno;
    freeaddrinfo(found);
    if (bad) {
        if (fd >= 0)
            close(fd);
        return bind_failed(listen_at, why, err);
    }
    *out = fd;
    return 0;
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } at;
    socklen_t len = sizeof at;
    memset(&at, 0, sizeof at);
    getsockname(fd, &at.any, &len);
    return ntohs(at.any.sa_family == AF_INET6 ? at.six.sin6_port : at.four.sin_port);
}

/* The client's address in words; one of IPv4 that came by an IPv6 socket as what it is. */
static void name_peer(const struct sockaddr *from, char out[INET6_ADDRSTRLEN])
{
    if (from->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, out, INET6_ADDRSTRLEN);
        return;
    }
    const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(six))
        inet_ntop(AF_INET, six->s6_addr + 12, out, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, six, out, INET6_ADDRSTRLEN);
}

static void *connection_new(struct loop *l, struct MHD_Connection *mhd)
{
    struct http_server *s = l->server;
    struct connection *c = mem_alloc(sizeof *c);
    c->server = s;
    c->loop = l;
    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    name_peer(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
              c->peer);
    atomic_store(&c->due_us, clock_mono_us() + s->options.header_ms * 1000LL);
    atomic_store(&c->idle, true);
    gate_add(c);
    return c;
}

static void connection_changed(void *cls, struct MHD_Connection *mhd, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = connection_new(cls, mhd);
        return;
    }
    gate_remove(*context);
    mem_free(*context);
    *context = NULL;
}

static size_t keep_as_it_is(void *cls, struct MHD_Connection *mhd, char *s)
{
    (void)cls;
    (void)mhd;
    return strlen(s);
}

static void library_says(void *cls, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void library_says(void *cls, const char *fmt, va_list ap)
{
    struct http_server *s = cls;
    char line[160];
    if (!s->starting)
        return;
    vsnprintf(line, sizeof line, fmt, ap);
    mem_free(s->library_said);
    s->library_said = mem_dup_n(line, strcspn(line, "\n"));
}

/* Edge-triggered, and of no connection: the library's thread wakes and passes over it. */
static int add_nudge(struct loop *l, struct error *err)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    l->nudge = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!info || l->nudge < 0 || epoll_ctl(info->epoll_fd, EPOLL_CTL_ADD, l->nudge, &event) < 0)
        return error_errno(err, errno, "wait for an event descriptor");
    return 0;
}

static void stop_loop(struct loop *l)
{
    MHD_stop_daemon(l->daemon);
    if (l->nudge >= 0)
        close(l->nudge);
}

static int start_loop(struct loop *l, const char *certificate, const char *key, struct error *err)
{
    struct http_server *s = l->server;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)certificate},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET |
                     MHD_USE_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    l->daemon = MHD_start_daemon(
        flags | (s->tls ? MHD_USE_TLS : 0u), 0, NULL, NULL, request_handle, NULL,
        MHD_OPTION_EXTERNAL_LOGGER, library_says, s, MHD_OPTION_URI_LOG_CALLBACK, request_line,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, request_end, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        connection_changed, l, MHD_OPTION_UNESCAPE_CALLBACK, keep_as_it_is, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->options.connections_max + 1024u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MAX, MHD_OPTION_ARRAY,
        s->tls ? tls : none, MHD_OPTION_END);
    if (l->daemon)
        return add_nudge(l, err);
    const char *why = s->library_said ? s->library_said : "no reason given";
    if (s->tls)
        return error_set(err, ERR_INVALID, "%.60s and %.60s are no certificate and its key: %.90s",
                         s->options.tls_certificate, s->options.tls_key, why);
    return error_set(err, ERR_IO, "start the http library: %s", why);
}

static int start_loops(struct http_server *s, struct error *err)
{
    SCOPED(text_buf) struct text_buf certificate = {0};
    SCOPED(text_buf) struct text_buf key = {0};
    if (s->tls && (file_read(s->options.tls_certificate, PEM_MAX, &certificate, err) < 0 ||
                   file_read(s->options.tls_key, PEM_MAX, &key, err) < 0)) {
        if (err->code == ERR_NOT_FOUND)
            err->code = ERR_INVALID;
        return err->code;
    }
    s->starting = true;
    for (int i = 0; i < s->n_loops; i++) {
        s->loops[i].server = s;
        if (start_loop(&s->loops[i], certificate.at ? certificate.at : "", key.at ? key.at : "",
                       err) < 0)
            return err->code;
    }
    s->starting = false;
    return 0;
}

static int threads_of(const struct http_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (o->n_threads > 0)
        return o->n_threads;
    return cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (int)cores;
}

static struct http_server *server_new(const struct http_options *o)
{
    struct http_server *s = mem_alloc(sizeof *s);
    s->options = *o;
    s->options.listen = mem_dup(o->listen);
    s->tls = o->tls_certificate && o->tls_key;
    s->options.tls_certificate = mem_dup(o->tls_certificate);
    s->options.tls_key = mem_dup(o->tls_key);
    s->n_loops = threads_of(o);
    s->loops = mem_alloc((size_t)s->n_loops * sizeof *s->loops);
    for (int i = 0; i < s->n_loops; i++)
        s->loops[i].nudge = -1;
    s->gate.tick_ms = gate_tick_ms(o); /* before there is a thread that reads it */
    s->gate.listener = -1;
    s->gate.wake = -1;
    pthread_mutex_init(&s->gate.lock, NULL);
    pthread_mutex_init(&s->quiet_lock, NULL);
    thread_cond_init(&s->quiet);
    return s;
}

/* Half-built is fine; nothing may run in it any more but what this ends. */
static void server_free(struct http_server *s)
{
    gate_close(&s->gate);
    outlet_close(s);
    offload_close(&s->pool);
    for (int i = 0; i < s->n_loops; i++)
        stop_loop(&s->loops[i]);
    if (s->gate.wake >= 0)
        close(s->gate.wake);
    route_table_free(s->routes);
    pthread_mutex_destroy(&s->gate.lock);
    pthread_mutex_destroy(&s->quiet_lock);
    pthread_cond_destroy(&s->quiet);
    mem_free(s->loops);
    mem_free(s->library_said);
    mem_free((void *)(uintptr_t)s->options.listen);
    mem_free((void *)(uintptr_t)s->options.tls_certificate);
    mem_free((void *)(uintptr_t)s->options.tls_key);
    mem_free(s);
}

static int start(struct http_server *s, const struct http_options *o, struct error *err)
{
    int listener = -1;
    if (!o->tls_certificate != !o->tls_key)
        return error_set(err, ERR_INVALID, "TLS needs both a certificate and its key");
    if (route_table_new(&s->routes, o->routes, err) < 0 ||
        open_listener(s->options.listen, &listener, err) < 0)
        return err->code;
    s->port = port_of(listener);
    s->gate.listener = listener;
    if (start_loops(s, err) < 0)
        return err->code;
    if (offload_open(&s->pool, o->n_blocking > 0 ? o->n_blocking : 4, err) < 0)
        return err->code;
    if (outlet_open(s, err) < 0)
        return err->code;
    return gate_open(s, listener, err);
}

int http_start(struct http_server **out, const struct http_options *options, struct error *err)
{
    struct http_server *s = server_new(options);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* the library's threads take none */
    int rc = start(s, options, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc < 0) {
        server_free(s);
        return rc;
    }
    *out = s;
    return 0;
}

int http_port(const struct http_server *s)
{
    return s->port;
}

int http_connections(const struct http_server *s)
{
    return atomic_load(&s->n_connections) + atomic_load(&s->outlet.n_streams);
}

void http_quiesce(struct http_server *s)
{
    atomic_store(&s->quiesced, true);
    gate_wake(&s->gate);
}

void listen_quiet(struct http_server *s)
{
    if (!atomic_load(&s->quiesced))
        return;
    pthread_mutex_lock(&s->quiet_lock);
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->quiet_lock);
}

/* The count is read under the lock: see resume in offload.c. */
static bool wait_for_none(struct http_server *s, atomic_int *count, int64_t until_mono_us)
{
    pthread_mutex_lock(&s->quiet_lock);
    while (atomic_load(count) > 0 && thread_wait_until(&s->quiet, &s->quiet_lock, until_mono_us))
        ;
    bool none = atomic_load(count) == 0;
    pthread_mutex_unlock(&s->quiet_lock);
    return none;
}

void http_stop(struct http_server *s, int grace_ms)
{
    if (!s)
        return;
    http_quiesce(s);
    int64_t until_us = clock_mono_us() + grace_ms * 1000LL;
    (void)wait_for_none(s, &s->n_active, until_us);
    (void)wait_for_none(s, &s->outlet.n_streams, until_us);
    atomic_store(&s->closing, true);
    while (!wait_for_none(s, &s->n_busy, clock_mono_us() + CLOCK_SECOND_US))
        ;
    server_free(s);
}
