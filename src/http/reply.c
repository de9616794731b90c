/* reply.c - from http_reply to the library; see http.h. SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/http_impl.h"
#include "http/range.h"

static void drop_headers(struct http_exchange *x)
{
    x->reply.headers = NULL;
    x->reply.headers_end = &x->reply.headers;
}

void reply_init(struct http_exchange *x)
{
    x->reply = (struct reply){.fd = -1};
    drop_headers(x);
}

void reply_fini(struct http_exchange *x)
{
    mem_free(x->reply.owned);
    if (x->reply.stream)
        stream_lose(x->reply.stream);
    if (x->reply.fd >= 0)
        close(x->reply.fd);
    reply_init(x);
}

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           strchr("!#$%&'*+.^_`|~", c);
}

bool reply_is_token(const char *s)
{
    for (const char *at = s; *at; at++)
        if (!is_token_char(*at))
            return false;
    return *s != 0;
}

static bool has_controls(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return true;
    return false;
}

static struct reply_header *find_header(const struct http_exchange *x, const char *name)
{
    struct reply_header *h = x->reply.headers;
    while (h && strcasecmp(h->name, name) != 0)
        h = h->next;
    return h;
}

void http_reply_header(struct http_exchange *x, const char *name, const char *value)
{
    if (!value || !reply_is_token(name) || has_controls(value))
        return;
    struct reply_header *h = find_header(x, name);
    if (!h) {
        h = arena_alloc(&x->arena, sizeof *h);
        h->name = arena_copy(&x->arena, text_of(name));
        *x->reply.headers_end = h;
        x->reply.headers_end = &h->next;
    }
    h->value = arena_copy(&x->arena, text_of(value));
}

static void answer(struct http_exchange *x, int status, const char *content_type)
{
    assert(x->next == NEXT_NONE);
    x->next = NEXT_REPLY;
    x->reply.status = status;
    if (content_type)
        http_reply_header(x, "Content-Type", content_type);
}

void http_reply(struct http_exchange *x, int status, const char *content_type, struct text body)
{
    answer(x, status, content_type);
    x->reply.bytes = arena_copy(&x->arena, body);
    x->reply.len = body.len;
}

void http_reply_take(struct http_exchange *x, int status, const char *content_type, char *bytes,
                     size_t len)
{
    answer(x, status, content_type);
    x->reply.owned = bytes;
    x->reply.bytes = bytes;
    x->reply.len = len;
}

void http_reply_static(struct http_exchange *x, int status, const char *content_type,
                       struct text bytes)
{
    answer(x, status, content_type);
    x->reply.bytes = bytes.at;
    x->reply.len = bytes.len;
}

static struct text without_weak(struct text etag)
{
    return text_starts(etag, TEXT("W/")) ? (struct text){etag.at + 2, etag.len - 2} : etag;
}

bool http_unchanged(const char *if_none_match, const char *etag)
{
    struct text rest = text_of(if_none_match);
    struct text own = without_weak(text_of(etag));
    while (rest.len) {
        struct text one = text_trim(text_cut(&rest, ','));
        if (text_equal(one, TEXT("*")) || (own.len && text_equal(without_weak(one), own)))
            return true;
    }
    return false;
}

/* What If-Range allows: the range, when the file is the one that the client has a part of. */
static bool same_file(struct http_exchange *x, const struct http_file *file, const char *modified)
{
    const char *condition = http_header(x, "If-Range");
    if (!condition)
        return true;
    if (condition[0] == '"')
        return file->etag && strcmp(condition, file->etag) == 0;
    return strcmp(condition, modified) == 0;
}

static enum range_kind range_of(struct http_exchange *x, const struct http_file *file,
                                const char *modified, int64_t *first, int64_t *last)
{
    const char *range = http_header(x, "Range");
    if (!range || strcmp(x->method, "GET") != 0 || !same_file(x, file, modified))
        return RANGE_WHOLE;
    return range_parse(text_of(range), file->size, first, last);
}

static void reply_part(struct http_exchange *x, int status, const struct http_file *file,
                       int64_t first, int64_t len)
{
    answer(x, status, file->content_type);
    x->reply.fd = file->fd;
    x->reply.offset = first;
    x->reply.len = (size_t)len;
}

void http_reply_file(struct http_exchange *x, const struct http_file *file)
{
    char modified[CLOCK_HTTP_SIZE];
    char range[64];
    int64_t first = 0;
    int64_t last = file->size - 1;
    clock_http(file->modified_us, modified);
    http_reply_header(x, "ETag", file->etag);
    http_reply_header(x, "Last-Modified", modified);
    http_reply_header(x, "Accept-Ranges", "bytes");

    if (http_unchanged(http_header(x, "If-None-Match"), file->etag)) {
        answer(x, 304, NULL);
        close(file->fd);
        return;
    }
    switch (range_of(x, file, modified, &first, &last)) {
    case RANGE_PART:
        snprintf(range, sizeof range, "bytes %lld-%lld/%lld", (long long)first, (long long)last,
                 (long long)file->size);
        http_reply_header(x, "Content-Range", range);
        reply_part(x, 206, file, first, last - first + 1);
        return;
    case RANGE_UNSATISFIABLE:
        snprintf(range, sizeof range, "bytes */%lld", (long long)file->size);
        drop_headers(x); /* they speak of the file, which is not what is sent */
        http_reply_header(x, "Accept-Ranges", "bytes");
        http_reply_header(x, "Content-Range", range);
        x->next = NEXT_REPLY;
        x->refusal = 416;
        close(file->fd);
        return;
    default:
        reply_part(x, 200, file, 0, file->size);
    }
}

/* The library closes fd with the response that it makes here. */
static struct MHD_Response *response_of(struct reply *r)
{
    struct MHD_Response *response;
    if (r->stream)
        return stream_response(TAKE(r->stream));
    if (r->fd < 0 || r->len == 0)
        return MHD_create_response_from_buffer(r->len, (void *)(uintptr_t)r->bytes,
                                               MHD_RESPMEM_PERSISTENT);
    response = MHD_create_response_from_fd_at_offset64(r->len, r->fd, (uint64_t)r->offset);
    if (response)
        r->fd = -1;
    return response;
}

/* The library gives the connection up, whatever became of the stream. */
static enum MHD_Result send_stream(struct http_exchange *x)
{
    if (outlet_take(x, TAKE(x->reply.stream)))
        x->status = x->reply.status;
    return MHD_NO;
}

static enum MHD_Result send_response(struct http_exchange *x)
{
    struct http_server *s = x->server;
    struct reply *r = &x->reply;
    if (s->options.decorate)
        s->options.decorate(x, r->status);
    if (r->stream && !s->tls)
        return send_stream(x);
    if (x->closes || atomic_load_explicit(&s->quiesced, memory_order_relaxed))
        http_reply_header(x, "Connection", "close");
    struct MHD_Response *response = response_of(r);
    if (!response)
        return MHD_NO;
    for (const struct reply_header *h = r->headers; h; h = h->next)
        (void)!MHD_add_response_header(response, h->name, h->value);
    atomic_store_explicit(&x->connection->due_us, DUE_WATCH, memory_order_relaxed);
    enum MHD_Result ok = MHD_queue_response(x->mhd, (unsigned)r->status, response);
    MHD_destroy_response(response);
    if (ok)
        x->status = r->status;
    return ok;
}

static void refuse_plainly(struct http_exchange *x, int status, const char *detail)
{
    const char *reason = MHD_get_reason_phrase_for((unsigned)status);
    http_reply(x, status, "text/plain", text_of(detail ? detail : reason));
}

enum MHD_Result reply_refuse(struct http_exchange *x)
{
    int status = x->refusal;
    x->refusal = 0;
    x->next = NEXT_NONE;
    if (status == 503)
        http_reply_header(x, "Retry-After", "1");
    if (x->server->options.refuse)
        x->server->options.refuse(x, status, x->refusal_detail);
    if (x->next != NEXT_REPLY)
        refuse_plainly(x, status, x->refusal_detail);
    return reply_send(x);
}

enum MHD_Result reply_send(struct http_exchange *x)
{
    struct http_server *s = x->server;
    if (x->refusal)
        return reply_refuse(x);
    bool counted = x->counted;
    x->counted = false;
    x->stage = STAGE_DONE;
    enum MHD_Result ok = send_response(x);
    if (counted) {
        atomic_fetch_sub(&s->n_busy, 1);
        listen_quiet(s);
    }
    return ok;
}
