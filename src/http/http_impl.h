/* http_impl.h - what the files of this folder share; nobody else includes it.
 *
 * One struct connection per client, one exchange inside it, used again for each request: HTTP/1.1
 * answers one after the other. An exchange is touched by one thread at a time:
 *
 *     event thread ── the handler returned, the connection is suspended ──> a blocking thread,
 *          ^                                                                or nobody
 *          '────────────────── resumed ───────────────────────────────────'
 *
 *   listen   the server: options, socket, start and stop
 *   gate     one thread that accepts, cuts slow clients, and lets refused uploads run dry
 *   request  what the library calls: header, body, end; and the getters of http.h
 *   offload  whose turn it is: handlers, the blocking threads, defer and resume
 *   reply    from http_reply to the library
 *   stream   replies that go on
 *   outlet   the sockets of those, taken from the library
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/arena.h"
#include "http/http.h"
#include "http/route.h"

enum {
    HEADER_MAX = 12 * 1024,     /* request line and header fields; beyond it 431              */
    CONNECTION_MAX = 24 * 1024, /* the library's memory of one connection                     */
    DISCARD_MAX = 64 * 1024,    /* of a body that nobody asked for                            */
    AT_FIRST_MAX = 64 * 1024,   /* of a body that is reserved before any of it has come       */
    REFUSED_MAX = 64,           /* refused uploads that run dry at a time                     */
    STREAM_BLOCK = 64,          /* of a reply that goes on, at a time, where it is not chunked */
};

enum stage {
    STAGE_LINE,   /* the request line is in                        */
    STAGE_HEADER, /* the header is in, the body comes              */
    STAGE_PARKED, /* suspended: with a blocking thread, or deferred */
    STAGE_DONE,   /* the reply is with the library, or none will be */
};

enum next { NEXT_NONE, NEXT_REPLY, NEXT_OFFLOAD, NEXT_DEFER };

/* Of struct http_exchange.turn: both there, and the deferred exchange goes on. */
enum { TURN_RETURNED = 1, TURN_RESUMED = 2 };

struct reply_header {
    struct reply_header *next;
    const char *name;
    const char *value;
};

struct reply {
    int status;
    struct reply_header *headers;
    struct reply_header **headers_end;
    const char *bytes;
    size_t len;
    char *owned;                /* bytes, when mem_free must free them */
    int fd;                     /* -1: bytes instead                   */
    int64_t offset;             /* in fd; len bytes from there         */
    struct http_stream *stream; /* instead of all of these; until the library has it */
};

struct http_exchange {
    struct http_server *server;
    struct connection *connection;
    struct MHD_Connection *mhd;
    enum stage stage;

    const char *raw; /* the target as sent; NULL when no request has begun */
    const char *method;
    struct target target;
    struct route_match route;
    int64_t received_us;
    int64_t received_mono_us;
    int64_t took_us;

    int64_t body_limit; /* what may come                                   */
    int64_t n_received;
    int64_t n_reserved; /* of the server's body_total_max                  */
    bool keeps_body;
    bool closes;  /* the connection, after the reply                 */
    bool is_old;  /* HTTP/1.0                                        */
    bool counted; /* in server->n_busy                               */
    int refusal;  /* not 0: this status, through options.refuse      */
    const char *refusal_detail;
    struct text_buf body;

    struct reply reply;
    void *state;
    int status; /* what left */

    enum next next;
    http_handler *fn;             /* what next runs                       */
    struct http_exchange *queued; /* under the pool's lock                */
    atomic_int turn;              /* TURN_..., from any thread            */

    struct arena arena; /* last: what stands before it is zeroed for each request */
};

/* When a connection is cut: at this monotonic time, or by one of these. */
enum { DUE_NEVER = 0, DUE_WATCH = -1 /* a reply is leaving: when it does not get on */ };

struct connection {
    struct http_server *server;
    struct loop *loop;
    int fd;
    char peer[INET6_ADDRSTRLEN];
    _Atomic int64_t due_us;
    atomic_bool idle; /* no request has begun */

    /* under the gate's lock: */
    struct connection *next;
    struct connection *prev;
    bool at_end; /* when last looked at */
    bool watched;
    uint64_t acked;
    int64_t watch_due_us;

    struct http_exchange exchange;
};

/* One event thread. */
struct loop {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    int nudge; /* an event that the library waits for and passes over; see gate.c */
    atomic_int n_connections;
};

struct refused {
    int fd;
    int64_t idle_due_us;
    int64_t due_us;
};

struct gate {
    pthread_t thread;
    bool started;
    int wake; /* an eventfd */
    int listener;
    int tick_ms;
    int64_t rest_until_us; /* does not accept before: no descriptors left */
    atomic_bool stop;

    pthread_mutex_t lock;
    /* under lock: */
    struct connection *connections;
    struct refused refused[REFUSED_MAX];
    int n_refused;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t some;
    /* under lock: */
    struct http_exchange *first;
    struct http_exchange **end;
    bool stop;

    pthread_t *threads;
    int n_threads;
};

/* See stream.c. */
struct http_stream {
    struct http_server *server;
    struct http_stream *next; /* of the outlet's, under its lock */
    struct http_stream *prev;
    bool chunked; /* as it is put together here */
    pthread_mutex_t lock;
    /* under lock: */
    int n_holders;
    char *bytes; /* not yet taken; NULL when there are none */
    size_t from;
    size_t to;
    size_t room;
    bool ended; /* by its owner             */
    bool gone;  /* the way to its client    */
    /* of the library's way, under lock: */
    struct MHD_Connection *mhd;
    bool suspended;
    /* of the outlet's way, under lock: */
    int fd; /* -1: not there yet, or no more */
    uint32_t armed;
    int64_t due_us; /* when what waits must have got on */
};

struct outlet {
    pthread_t thread;
    bool made;
    bool started;
    int epoll_fd;
    int wake; /* an eventfd */
    atomic_bool stop;
    atomic_int n_streams;
    pthread_mutex_t lock;
    /* under lock; taken out by the thread alone: */
    struct http_stream *streams;
};

struct http_server {
    struct http_options options;
    struct route_table *routes;
    struct loop *loops;
    int n_loops;
    struct gate gate;
    struct pool pool;
    struct outlet outlet;
    int port;
    bool tls;

    atomic_int n_connections;
    atomic_int n_active;        /* exchanges between header and end            */
    atomic_int n_busy;          /* exchanges between handler and reply         */
    _Atomic int64_t body_bytes; /* reserved                                    */
    atomic_bool quiesced;       /* no new requests                             */
    atomic_bool closing;        /* no new handlers: those busy are waited for  */
    pthread_mutex_t quiet_lock; /* with quiet: one of the counts fell          */
    pthread_cond_t quiet;
    char *library_said; /* the last complaint while starting; NULL for none */
    bool starting;
};

/* listen */
void listen_quiet(struct http_server *s); /* a count fell: tell http_stop, if it waits */

/* gate */
int gate_tick_ms(const struct http_options *o); /* between two looks at all connections */
int gate_open(struct http_server *s, int listener, struct error *err) MUST_CHECK;
void gate_wake(struct gate *d);
void gate_close(struct gate *d); /* ends the thread; connections and fds of others stay */
void gate_add(struct connection *c);
void gate_remove(struct connection *c);
void gate_linger(struct connection *c); /* its refused upload is read and thrown away */

/* request */
void *request_line(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result request_handle(void *cls, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *data_size, void **con_cls);
void request_end(void *cls, struct MHD_Connection *mhd, void **con_cls,
                 enum MHD_RequestTerminationCode why);

/* offload */
int offload_open(struct pool *p, int n_threads, struct error *err) MUST_CHECK;
void offload_close(struct pool *p);
enum MHD_Result offload_run(struct http_exchange *x, http_handler *fn); /* event thread */
enum MHD_Result offload_continue(struct http_exchange *x);              /* event thread */

/* stream */
struct MHD_Response *stream_response(struct http_stream *st); /* event thread */
void stream_drop_bytes(struct http_stream *st);               /* under its lock */
void stream_lose(struct http_stream *st); /* nothing leads to its client any more */
void stream_let_go(struct http_stream *st);

/* outlet */
int outlet_open(struct http_server *s, struct error *err) MUST_CHECK;
void outlet_close(struct http_server *s); /* cuts what is left */
/* The reply goes on over a socket of its own; then the library must give the connection up. False:
 * the stream is lost. Event thread. */
bool outlet_take(struct http_exchange *x, struct http_stream *st);
/* Send what its socket takes now, if it has one. Under its lock. */
void outlet_flush(struct http_stream *st);

/* reply */
bool reply_is_token(const char *s); /* may it be the name of a header field? */
void reply_init(struct http_exchange *x);
void reply_fini(struct http_exchange *x);
enum MHD_Result reply_send(struct http_exchange *x);   /* event thread */
enum MHD_Result reply_refuse(struct http_exchange *x); /* x->refusal, now; event thread */
