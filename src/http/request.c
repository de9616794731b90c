/* request.c - what the library calls for a request: its line, its header, its body, its end; and
 * what http.h tells of a request.
 *
 * The library calls request_handle when the header is in, for every piece of the body, when the
 * body is in, and when a suspended connection goes on. Only in the first call may a request be
 * refused with its body unread (the connection closes then); an answer given in a later call
 * keeps the connection. So a refusal waits for a short body, which is thrown away, and goes out
 * at once before a long one.
 *
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/http_impl.h"

#define NO_ROOM "too many bodies are being received"

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void set_due(struct http_exchange *x, int64_t due_us)
{
    atomic_store_explicit(&x->connection->due_us, due_us, memory_order_relaxed);
}

void *request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct connection *c = connection_of(mhd);
    struct http_exchange *x = &c->exchange;
    (void)cls;
    memset(x, 0, offsetof(struct http_exchange, arena));
    x->server = c->server;
    x->connection = c;
    x->mhd = mhd;
    x->raw = arena_copy(&x->arena, text_of(uri));
    x->method = "";
    x->target.path = x->raw;
    reply_init(x);
    set_due(x, clock_mono_us() + c->server->options.header_ms * 1000LL);
    atomic_store_explicit(&c->idle, false, memory_order_relaxed);
    return x;
}

static bool takes_body(const struct http_exchange *x)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH"};
    for (size_t i = 0; x->route.row && i < sizeof methods / sizeof *methods; i++)
        if (strcmp(x->route.row->method, methods[i]) == 0)
            return true;
    return false;
}

static void refuse(struct http_exchange *x, int status, const char *detail)
{
    if (x->refusal)
        return;
    x->refusal = status;
    x->refusal_detail = detail;
}

/* What the fields say that where the message ends and whom it is for hangs on. */
struct framing {
    bool chunked;
    int64_t length; /* 0 without body, INT64_MAX chunked or too large for a number */
    int n_lengths;
    int n_hosts;
    const char *wrong; /* NULL, or why nobody can tell where the message ends */
};

static bool is_digits(const char *s)
{
    return *s && s[strspn(s, "0123456789")] == 0;
}

static void read_length(struct framing *f, const char *value)
{
    f->n_lengths++;
    if (!is_digits(value))
        f->wrong = "Content-Length is not a number";
    else if (!f->chunked && !text_int(text_of(value), 0, INT64_MAX, &f->length))
        f->length = INT64_MAX;
}

static enum MHD_Result read_framing(void *cls, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct framing *f = cls;
    (void)kind;
    if (!reply_is_token(name))
        f->wrong = "the name of a header field is malformed";
    else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        f->chunked = true;
        f->length = INT64_MAX;
    } else if (strcasecmp(name, "Content-Length") == 0)
        read_length(f, value);
    else if (strcasecmp(name, "Host") == 0)
        f->n_hosts++;
    return MHD_YES;
}

/* Two lengths, a length beside chunks, or a name that another program may read as one of these
 * ("Transfer-Encoding :") mean that somebody on the way may count otherwise than we do: whatever
 * follows on such a connection may be smuggled. */
static void check_framing(struct http_exchange *x, struct framing *f, const char *version)
{
    const char *coding = http_header(x, "Transfer-Encoding");
    if (f->n_lengths > 1 || (f->chunked && f->n_lengths))
        f->wrong = "the length of the body is given more than once";
    if (f->wrong) {
        refuse(x, 400, f->wrong);
        f->length = INT64_MAX;
        x->closes = true;
    }
    if (coding && strcasecmp(coding, "chunked") != 0)
        refuse(x, 501, "no transfer coding but chunked is known");
    if (f->n_hosts > 1 || (f->n_hosts == 0 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0))
        refuse(x, 400, "HTTP/1.1 needs the header Host, once");
}

static bool reserve(struct http_exchange *x, int64_t more)
{
    struct http_server *s = x->server;
    if (atomic_fetch_add(&s->body_bytes, more) + more > s->options.body_total_max) {
        atomic_fetch_sub(&s->body_bytes, more);
        return false;
    }
    x->n_reserved += more;
    return true;
}

static void drop_body(struct http_exchange *x)
{
    text_buf_fini(&x->body);
    if (x->n_reserved)
        atomic_fetch_sub(&x->server->body_bytes, x->n_reserved);
    x->n_reserved = 0;
    x->keeps_body = false;
}

static bool is_answered(const struct http_exchange *x)
{
    return x->refusal || x->next == NEXT_REPLY;
}

static bool waits_for_continue(struct http_exchange *x)
{
    const char *expect = http_header(x, "Expect");
    return expect && strcasecmp(expect, "100-continue") == 0;
}

/* What must be free before any of the body has come. The rest of a large one is reserved as it
 * comes: announcing takes nothing from others. But to say 100 Continue is to promise room. */
static int64_t room_at_first(struct http_exchange *x, const struct framing *f)
{
    if (f->chunked)
        return 0;
    return f->length <= AT_FIRST_MAX || waits_for_continue(x) ? f->length : AT_FIRST_MAX;
}

static void check_body(struct http_exchange *x, const struct framing *f)
{
    const struct http_options *o = &x->server->options;
    x->keeps_body = !x->refusal && f->length && takes_body(x);
    x->body_limit = x->keeps_body ? o->body_max : DISCARD_MAX;
    if (!f->chunked && f->length > x->body_limit)
        refuse(x, 413, x->keeps_body ? "the body is too large" : "a body has no use here");
    if (x->keeps_body && !x->refusal && o->head)
        o->head(x);
    if (x->keeps_body && !is_answered(x) && !reserve(x, room_at_first(x, f)))
        refuse(x, 503, NO_ROOM);
    x->keeps_body = x->keeps_body && !is_answered(x);
    if (x->keeps_body)
        text_buf_init(&x->body, (size_t)o->body_max);
}

static void check_head(struct http_exchange *x)
{
    struct error err;
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (size && size->header_size > HEADER_MAX)
        refuse(x, 431, "the header is too large");
    if (target_parse(&x->target, &x->arena, x->raw, &err) < 0)
        refuse(x, 400, arena_copy(&x->arena, text_of(err.text)));
    if (atomic_load(&x->server->quiesced))
        refuse(x, 503, "the server is stopping");
}

static void answer_options(struct http_exchange *x)
{
    http_reply_header(x, "Allow", route_allow(x->server->routes, &x->target, &x->arena));
    http_reply(x, 204, NULL, TEXT(""));
}

static void find_route(struct http_exchange *x)
{
    static const struct http_route options = {
        .method = "OPTIONS", .name = "options", .handler = answer_options};
    const struct route_table *t = x->server->routes;
    switch (route_find(t, x->method, &x->target, &x->arena, &x->route)) {
    case ROUTE_FOUND:
        return;
    case ROUTE_NO_PATH:
        refuse(x, 404, NULL);
        return;
    case ROUTE_NO_METHOD:
        if (strcmp(x->method, "OPTIONS") == 0) {
            x->route.row = &options;
            return;
        }
        http_reply_header(x, "Allow", route_allow(t, &x->target, &x->arena));
        refuse(x, 405, NULL);
    }
}

static enum MHD_Result take_head(struct http_exchange *x, const char *method, const char *version)
{
    struct http_server *s = x->server;
    struct framing f = {.length = 0};
    x->stage = STAGE_HEADER;
    x->method = method;
    x->is_old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    x->received_us = clock_now_us();
    x->received_mono_us = clock_mono_us();
    atomic_fetch_add(&s->n_active, 1);
    MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, read_framing, &f);
    check_head(x);
    check_framing(x, &f, version);
    bool broken = x->refusal != 0;
    if (!broken)
        find_route(x);
    check_body(x, &f);
    if (f.length > 0)
        set_due(x, x->received_mono_us + s->options.body_ms * 1000LL);
    if (!is_answered(x) || f.length == 0)
        return MHD_YES;
    if (!broken && f.length <= DISCARD_MAX && !waits_for_continue(x))
        return MHD_YES;
    gate_linger(x->connection);
    return reply_send(x);
}

/* What it took is free for others at once; the answer waits for the end of what still comes. */
static void give_up(struct http_exchange *x, const char *why)
{
    drop_body(x);
    refuse(x, 503, why);
    x->closes = true;
}

/* A body that turns out too large is thrown away while it comes, as no answer may be given
 * before its end, up to once more what it might have had. */
static enum MHD_Result take_piece(struct http_exchange *x, struct text piece)
{
    int64_t n = (int64_t)piece.len;
    x->n_received += n;
    if (x->n_received > x->body_limit) {
        drop_body(x);
        refuse(x, 413, "the body is too large");
        return x->n_received > 2 * x->body_limit ? MHD_NO : MHD_YES;
    }
    if (!x->keeps_body)
        return MHD_YES;
    if (x->n_received > x->n_reserved && !reserve(x, x->n_received - x->n_reserved)) {
        give_up(x, NO_ROOM);
        return MHD_YES;
    }
    text_buf_add(&x->body, piece.at, piece.len);
    if (x->body.failed)
        give_up(x, "no memory for the body");
    return MHD_YES;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *data,
                               size_t *data_size, void **con_cls)
{
    struct http_exchange *x = *con_cls;
    (void)cls;
    (void)mhd;
    (void)url;
    switch (x->stage) {
    case STAGE_LINE:
        return take_head(x, method, version);
    case STAGE_HEADER:
        if (*data_size) {
            struct text piece = {data, *data_size};
            *data_size = 0;
            return take_piece(x, piece);
        }
        set_due(x, DUE_NEVER);
        return is_answered(x) ? reply_send(x) : offload_run(x, x->route.row->handler);
    case STAGE_PARKED:
        return offload_continue(x);
    case STAGE_DONE:
        break;
    }
    return MHD_NO;
}

static void tell_finished(struct http_exchange *x, int64_t now_us)
{
    struct http_server *s = x->server;
    const union MHD_ConnectionInfo *left =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
    if (left && !x->status)
        x->status = (int)left->http_status;
    if (x->received_mono_us)
        x->took_us = now_us - x->received_mono_us;
    if (s->options.finished && (x->received_mono_us || x->status))
        s->options.finished(x);
}

void request_end(void *cls, struct MHD_Connection *mhd, void **con_cls,
                 enum MHD_RequestTerminationCode why)
{
    struct http_exchange *x = *con_cls;
    (void)cls;
    (void)mhd;
    (void)why;
    if (!x)
        return;
    *con_cls = NULL;
    struct http_server *s = x->server;
    const struct http_options *o = &s->options;
    int wait_ms = o->header_ms > o->idle_ms ? o->header_ms : o->idle_ms;
    int64_t now_us = clock_mono_us();
    bool counted = x->received_mono_us != 0;
    bool busy = x->counted; /* resumed, but the client was gone before the answer was asked for */
    x->counted = false;
    tell_finished(x, now_us);
    set_due(x, now_us + wait_ms * 1000LL);
    drop_body(x);
    reply_fini(x);
    arena_reset(&x->arena);
    x->raw = NULL;
    atomic_store_explicit(&x->connection->idle, true, memory_order_relaxed);
    if (busy)
        atomic_fetch_sub(&s->n_busy, 1);
    if (counted)
        atomic_fetch_sub(&s->n_active, 1);
    if (busy || counted)
        listen_quiet(s);
}

void *http_arg(const struct http_exchange *x)
{
    return x->server->options.arg;
}

const char *http_method(const struct http_exchange *x)
{
    return x->method;
}

const char *http_path(const struct http_exchange *x)
{
    return x->target.path;
}

const char *http_target(const struct http_exchange *x)
{
    return x->raw;
}

const char *http_header(const struct http_exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->mhd, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_exchange *x, const char *name)
{
    for (size_t i = 0; i < x->target.n_params; i++)
        if (strcmp(x->target.params[i].name, name) == 0)
            return x->target.params[i].value;
    return NULL;
}

void http_query_each(const struct http_exchange *x,
                     void (*each)(void *arg, const char *name, const char *value), void *arg)
{
    for (size_t i = 0; i < x->target.n_params; i++)
        each(arg, x->target.params[i].name, x->target.params[i].value);
}

const char *http_capture(const struct http_exchange *x, const char *name)
{
    for (int i = 0; i < x->route.n_captures; i++)
        if (text_equal(x->route.captures[i].name, text_of(name)))
            return x->route.captures[i].value;
    return NULL;
}

struct text http_body(const struct http_exchange *x)
{
    return x->body.at ? (struct text){x->body.at, x->body.len} : TEXT("");
}

const char *http_route_name(const struct http_exchange *x)
{
    return x->route.row ? x->route.row->name : "none";
}

const char *http_peer(const struct http_exchange *x)
{
    return x->connection->peer;
}

bool http_is_tls(const struct http_exchange *x)
{
    return x->server->tls;
}

int http_status(const struct http_exchange *x)
{
    return x->status;
}

int64_t http_took_us(const struct http_exchange *x)
{
    return x->took_us;
}

int64_t http_received_us(const struct http_exchange *x)
{
    return x->received_us;
}

void *http_alloc(struct http_exchange *x, size_t size)
{
    return arena_alloc(&x->arena, size);
}

void http_set_state(struct http_exchange *x, void *state)
{
    x->state = state;
}

void *http_state(const struct http_exchange *x)
{
    return x->state;
}
