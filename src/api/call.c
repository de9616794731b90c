/* call.c - see call.h. SPDX-License-Identifier: MIT */
#include "api/call.h"

#include <stdio.h>
#include <string.h>

#include "api/emit.h"
#include "api/problem.h"
#include "base/memory.h"

enum { ID_MAX = 128 };

/* What a browser's script may read, past the few headers that it always may. */
#define EXPOSED                                                                                    \
    "x-inference-id, x-client-request-id, x-aimlapi-credits-used, x-aimlapi-usd-spent, "           \
    "x-request-id, Idempotency-Replayed, Retry-After, RateLimit-Limit, RateLimit-Remaining, "      \
    "RateLimit-Reset, Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, "  \
    "ETag, Location, WWW-Authenticate"

struct api *call_api(const struct http_exchange *x)
{
    return http_arg(x);
}

/* Unique, not secret: a system call for each would cost more than the rest of its making. */
static void make_request_id(struct api *a, char out[CALL_ID_SIZE])
{
    struct hash_rng r;
    uint32_t words[4];
    hash_rng_init(&r, a->id_seed, atomic_fetch_add_explicit(&a->n_calls, 1, memory_order_relaxed));
    for (size_t i = 0; i < 4; i++)
        words[i] = hash_rng_u32(&r);
    text_base64url_encode((const uint8_t *)words, sizeof words - 1, out);
}

struct call *call_of(struct http_exchange *x)
{
    struct call *c = http_state(x);
    if (!c) {
        c = http_alloc(x, sizeof *c);
        make_request_id(call_api(x), c->request_id);
        http_set_state(x, c);
    }
    return c;
}

/* Letters and digits, and the characters of others; not empty. */
static bool is_word(const char *s, size_t most, const char *others)
{
    size_t n = 0;
    for (; s[n]; n++) {
        bool letter = (s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z');
        bool digit = s[n] >= '0' && s[n] <= '9';
        if (n == most || (!letter && !digit && !strchr(others, s[n])))
            return false;
    }
    return n > 0;
}

/* host or host:port of a Host header, a bracketed address too. */
static bool is_host(const char *s)
{
    return s && is_word(s, 255, ".-:[]");
}

const char *call_public_url(struct http_exchange *x)
{
    struct api *a = call_api(x);
    struct call *c = call_of(x);
    const char *host = http_header(x, "Host");
    const char *address = atomic_load(&a->address);
    if (c->public_url)
        return c->public_url;
    if (a->options.public_url)
        c->public_url = a->options.public_url;
    else if (is_host(host)) {
        size_t size = strlen(host) + sizeof "https://";
        char *url = http_alloc(x, size);
        snprintf(url, size, "%s%s", http_is_tls(x) ? "https://" : "http://", host);
        c->public_url = url;
    } else
        c->public_url = address ? address : "";
    return c->public_url;
}

void call_trace(struct http_exchange *x, const char *inference_id, int64_t credits)
{
    char number[EMIT_USD_SIZE];
    if (is_word(inference_id, ID_MAX, "._:-/"))
        http_reply_header(x, "x-inference-id", inference_id);
    if (credits < 0)
        return;
    snprintf(number, sizeof number, "%lld", (long long)credits);
    http_reply_header(x, "x-aimlapi-credits-used", number);
    emit_usd_header(credits, number);
    http_reply_header(x, "x-aimlapi-usd-spent", number);
}

void call_reply_json(struct http_exchange *x, int status, struct text_buf *b)
{
    size_t len = b->len;
    char *bytes = text_buf_take(b);
    if (!bytes) {
        problem_reply(x, 500, NULL);
        return;
    }
    http_reply_header(x, "Cache-Control", "no-store");
    http_reply_take(x, status, "application/json; charset=utf-8", bytes, len);
}

static void add_limit(struct http_exchange *x, const struct limit_state *limit)
{
    char number[16];
    if (!limit->limit)
        return;
    snprintf(number, sizeof number, "%d", limit->limit);
    http_reply_header(x, "RateLimit-Limit", number);
    snprintf(number, sizeof number, "%d", limit->remaining);
    http_reply_header(x, "RateLimit-Remaining", number);
    snprintf(number, sizeof number, "%d", limit->reset_s);
    http_reply_header(x, "RateLimit-Reset", number);
}

static void add_preflight(struct http_exchange *x)
{
    const char *wanted = http_header(x, "Access-Control-Request-Headers");
    http_reply_header(x, "Access-Control-Allow-Methods",
                      "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    char allowed[1024];
    snprintf(
        allowed, sizeof allowed,
        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Client-Request-Id%s%.900s",
        wanted && *wanted ? ", " : "", wanted ? wanted : "");
    http_reply_header(x, "Access-Control-Allow-Headers", allowed);
    http_reply_header(x, "Access-Control-Max-Age", "86400");
}

void call_decorate(struct http_exchange *x, int status)
{
    const struct call *c = call_of(x);
    const char *id = http_header(x, "X-Client-Request-Id");
    (void)status;
    http_reply_header(x, "x-request-id", c->request_id);
    if (id && is_word(id, ID_MAX, "._:-"))
        http_reply_header(x, "x-client-request-id", id);
    add_limit(x, &c->limit);
    http_reply_header(x, "Access-Control-Allow-Origin", "*");
    http_reply_header(x, "Access-Control-Expose-Headers", EXPOSED);
    if (strcmp(http_method(x), "OPTIONS") == 0)
        add_preflight(x);
    http_reply_header(x, "X-Content-Type-Options", "nosniff");
}
