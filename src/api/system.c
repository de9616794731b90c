/* system.c - see system.h. SPDX-License-Identifier: MIT */
#include "api/system.h"

#include "api/call.h"
#include "api/openapi.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

enum { METRICS_MAX = 4 * 1024 * 1024 };

#define FREE_MIN (64 * 1000 * 1000LL) /* bytes on disk: some twenty videos */

void system_health(struct http_exchange *x)
{
    http_reply_header(x, "Cache-Control", "no-store");
    http_reply(x, 200, "application/json; charset=utf-8",
               TEXT("{\"status\":\"ok\",\"version\":\"" ZOETROPE_VERSION "\"}"));
}

/* ---- readiness ----------------------------------------------------------------------------- */

int system_free_bytes(struct blob_store *blobs, int64_t *out, struct error *err)
{
    struct blob_draft draft;
    int rc = blob_begin(blobs, &draft, err);
    if (rc < 0)
        return rc;
    *out = file_free_bytes(draft.path, err);
    blob_abandon(blobs, &draft);
    return *out < 0 ? (int)*out : 0;
}

static int check_disk(struct blob_store *blobs, struct error *err)
{
    int64_t free_bytes = 0;
    if (system_free_bytes(blobs, &free_bytes, err) < 0)
        return err->code;
    return free_bytes < FREE_MIN ? error_set(err, ERR_BUSY, "the disk is nearly full") : 0;
}

static int check(struct api *a, struct error *err)
{
    struct store_key key;
    if (atomic_load(&a->draining))
        return error_set(err, ERR_BUSY, "the server is shutting down");
    int rc = store_key_by_prefix(a->options.store, "readyz", &key, err);
    if (rc < 0 && rc != ERR_NOT_FOUND)
        return rc;
    return check_disk(a->options.blobs, err);
}

static void reply_ready(struct http_exchange *x)
{
    struct api *a = call_api(x);
    struct error err;
    struct text_buf b;
    if (check(a, &err) < 0) {
        log_warn("not ready: %s", err.text);
        problem_reply(x, 503, err.code == ERR_BUSY ? err.text : NULL);
        return;
    }
    text_buf_init(&b, 256);
    text_buf_printf(&b, "{\"status\":\"ready\",\"workers\":%d}",
                    a->options.workers ? a->options.workers(a->options.workers_arg) : 0);
    call_reply_json(x, 200, &b);
}

void system_ready(struct http_exchange *x)
{
    http_offload(x, reply_ready);
}

/* ---- metrics ------------------------------------------------------------------------------- */

static void reply_metrics(struct http_exchange *x)
{
    struct api *a = call_api(x);
    const struct http_server *server = atomic_load(&a->server);
    struct metrics_gauges g = {.now_us = clock_now_us(),
                               .resident_bytes = metrics_resident_bytes()};
    SCOPED(text_buf) struct text_buf b;
    struct error err;
    if (store_counts(a->options.store, &g.jobs, &err) < 0) {
        problem_error(x, &err);
        return;
    }
    g.workers = a->options.workers ? a->options.workers(a->options.workers_arg) : 0;
    g.connections = server ? http_connections(server) : 0;
    text_buf_init(&b, METRICS_MAX);
    metrics_write(a->metrics, &g, &b);
    http_reply_header(x, "Cache-Control", "no-store");
    http_reply(x, 200, "text/plain; version=0.0.4; charset=utf-8", (struct text){b.at, b.len});
}

void system_metrics(struct http_exchange *x)
{
    http_offload(x, reply_metrics);
}

/* ---- documents ----------------------------------------------------------------------------- */

static void reply_document(struct http_exchange *x, const char *type, char *text)
{
    size_t len = text_of(text).len;
    http_reply_header(x, "Cache-Control", "max-age=60");
    http_reply_take(x, 200, type, text, len);
}

static void reply_openapi(struct http_exchange *x)
{
    reply_document(x, "application/json; charset=utf-8",
                   openapi_json(call_api(x)->options.catalogue, call_public_url(x)));
}

static void reply_docs(struct http_exchange *x)
{
    http_reply_header(x, "Referrer-Policy", "no-referrer");
    http_reply_header(x, "Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                      "form-action 'none'; frame-ancestors 'none'");
    reply_document(x, "text/html; charset=utf-8",
                   openapi_html(call_api(x)->options.catalogue, call_public_url(x)));
}

void system_openapi(struct http_exchange *x)
{
    http_offload(x, reply_openapi);
}

void system_docs(struct http_exchange *x)
{
    http_offload(x, reply_docs);
}
