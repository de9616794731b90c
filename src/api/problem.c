/* problem.c - see problem.h. SPDX-License-Identifier: MIT */
#include "api/problem.h"

#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/emit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum { BODY_MAX = 1024 * 1024 };

const struct problem_row problem_rows[] = {
    {400, "Bad Request", "BadRequestException", "Invalid payload provided"},
    {401, "Unauthorized", "UnauthorizedException", "This request requires a valid API key."},
    {403, "Forbidden", "ForbiddenException", "Forbidden"},
    {404, "Not Found", "NotFoundException", "Not Found"},
    {405, "Method Not Allowed", "MethodNotAllowedException", "Method Not Allowed"},
    {408, "Request Timeout", "RequestTimeoutException", "Request Timeout"},
    {409, "Conflict", "ConflictException", "Conflict"},
    {410, "Gone", "GoneException", "Inference expired"},
    {413, "Payload Too Large", "PayloadTooLargeException", "Payload Too Large"},
    {414, "URI Too Long", "UriTooLongException", "URI Too Long"},
    {415, "Unsupported Media Type", "UnsupportedMediaTypeException", "Unsupported Media Type"},
    {416, "Range Not Satisfiable", "RangeNotSatisfiableException", "Range Not Satisfiable"},
    {429, "Too Many Requests", "TooManyRequestsException", "Too Many Requests"},
    {431, "Request Header Fields Too Large", "RequestHeaderFieldsTooLargeException",
     "Request Header Fields Too Large"},
    {500, "Internal Server Error", "InternalServerErrorException", "Internal server error"},
    {501, "Not Implemented", "NotImplementedException", "Not Implemented"},
    {503, "Service Unavailable", "ServiceUnavailableException", "Service unavailable"},
    {505, "HTTP Version Not Supported", "HttpVersionNotSupportedException",
     "HTTP Version Not Supported"},
    {0, NULL, NULL, NULL},
};

const struct problem_row *problem_row_of(int status)
{
    const struct problem_row *inner = problem_rows;
    for (const struct problem_row *r = problem_rows; r->status; r++) {
        if (r->status == status)
            return r;
        if (r->status == 500)
            inner = r;
    }
    return inner;
}

void problem_write(struct text_buf *b, const struct problem *p)
{
    const struct problem_row *row = problem_row_of(p->status);
    const char *message = p->message ? p->message : row->message;
    struct text instance = text_of(p->instance);
    if (instance.len && instance.at[instance.len - 1] == '?')
        instance.len--;
    text_buf_printf(b, "{\"title\":\"%s\",\"status\":%d,\"message\":", row->title, row->status);
    emit_string(b, message);
    text_buf_add_text(b, ",\"instance\":");
    emit_text(b, instance);
    text_buf_add_text(b, ",\"requestId\":");
    emit_string(b, p->request_id);
    text_buf_add_text(b, ",\"timestamp\":");
    emit_time(b, p->now_us);
    text_buf_printf(b, ",\"error\":{\"name\":\"%s\",\"message\":", row->name);
    emit_string(b, message);
    if (p->data) {
        text_buf_add_text(b, ",\"data\":");
        text_buf_add_text(b, p->data);
    }
    text_buf_add_text(b, "}}");
}

/* Headers that belong to a status, whoever refuses. */
static void add_headers(struct http_exchange *x, int status)
{
    http_reply_header(x, "Cache-Control", "no-store");
    if (status == 401)
        http_reply_header(x, "WWW-Authenticate", "Bearer");
    if (status == 503)
        http_reply_header(x, "Retry-After", "5");
}

void problem_reply_data(struct http_exchange *x, int status, const char *message, const char *data)
{
    struct problem p = {.status = status,
                        .message = message,
                        .data = data,
                        .instance = http_target(x),
                        .request_id = call_of(x)->request_id,
                        .now_us = clock_now_us()};
    struct text_buf b;
    text_buf_init(&b, BODY_MAX);
    problem_write(&b, &p);
    add_headers(x, problem_row_of(status)->status);
    size_t len = b.len;
    char *bytes = text_buf_take(&b);
    http_reply_take(x, problem_row_of(status)->status, "application/problem+json; charset=utf-8",
                    bytes ? bytes : mem_dup(""), bytes ? len : 0);
}

void problem_reply(struct http_exchange *x, int status, const char *message)
{
    problem_reply_data(x, status, message, NULL);
}

void problem_issues(struct http_exchange *x, struct issue_list *issues)
{
    SCOPED(mem) char *data = issue_list_take(issues);
    problem_reply_data(x, 400, NULL, data);
}

void problem_error(struct http_exchange *x, const struct error *err)
{
    bool later = err->code == ERR_BUSY || err->code == ERR_MEMORY;
    log_error("request %s (%s): %s", call_of(x)->request_id, http_route_name(x), err->text);
    problem_reply(x, later ? 503 : 500, NULL);
}

static const char *with_address(struct http_exchange *x, const char *sentence, const char *place)
{
    const char *base = call_public_url(x);
    size_t size = strlen(sentence) + strlen(base) + strlen(place) + 1;
    char *out = http_alloc(x, size);
    snprintf(out, size, "%s%s%s", sentence, base, place);
    return out;
}

const char *problem_key_needed(struct http_exchange *x)
{
    return with_address(x,
                        "This request requires a valid API key. You can create a new API key on "
                        "the Billing page: ",
                        "/docs/api#keys");
}

const char *problem_key_empty(struct http_exchange *x)
{
    return with_address(x,
                        "You provided an empty string instead of valid API key. You can create a "
                        "new API key on the Billing page: ",
                        "/docs/api#keys");
}

const char *problem_no_credits(struct http_exchange *x)
{
    return with_address(x,
                        "You've run out of credits. Please top up your balance or update your "
                        "payment method to continue: ",
                        "/docs/api#credits");
}
