/* status.c - see status.h. SPDX-License-Identifier: MIT */
#include "api/status.h"

#include <inttypes.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/emit.h"
#include "api/problem.h"
#include "api/system.h"
#include "base/clock.h"

enum { REPLY_MAX = 4 * 1024 * 1024 };

#define FRESH_US (5 * CLOCK_SECOND_US) /* a sum over all videos is not made more often */

/* ---- status -------------------------------------------------------------------------------- */

struct workers {
    struct text_buf *b;
    int n;
};

static int add_worker(void *arg, const struct store_run *run)
{
    struct workers *w = arg;
    text_buf_add_text(w->b, w->n++ ? ",{\"name\":" : "{\"name\":");
    emit_string(w->b, run->worker);
    text_buf_add_text(w->b, ",\"generation_id\":");
    emit_string(w->b, run->id);
    text_buf_add_text(w->b, ",\"stage\":");
    emit_string(w->b, *run->stage ? run->stage : "starting");
    text_buf_add_text(w->b, ",\"progress\":");
    emit_fixed(w->b, run->progress, 3);
    text_buf_add_text(w->b, "}");
    return 0;
}

static void add_queue(struct text_buf *b, const struct store_counts *c)
{
    text_buf_printf(b,
                    ",\"queue\":{\"queued\":%" PRId64 ",\"running\":%" PRId64
                    ",\"completed\":%" PRId64 ",\"failed\":%" PRId64 ",\"oldest_queued_seconds\":",
                    c->queued, c->running, c->completed, c->failed);
    int64_t waits_us = clock_now_us() - c->oldest_queued_us;
    if (c->oldest_queued_us)
        emit_int(b, waits_us > 0 ? waits_us / CLOCK_SECOND_US : 0);
    else
        text_buf_add_text(b, "null");
    text_buf_add_text(b, "}");
}

static int video_bytes(struct api *a, int64_t *out, struct error *err)
{
    int64_t now_us = clock_mono_us();
    int64_t at_us = atomic_load(&a->video_bytes_us);
    *out = atomic_load(&a->video_bytes);
    if (at_us && now_us - at_us < FRESH_US)
        return 0;
    int rc = store_video_bytes(a->options.store, out, err);
    if (rc < 0)
        return rc;
    atomic_store(&a->video_bytes, *out);
    atomic_store(&a->video_bytes_us, now_us);
    return 0;
}

static int write_status(struct api *a, struct text_buf *b, struct error *err)
{
    struct store_counts counts;
    struct workers workers = {.b = b};
    int64_t videos = 0;
    int64_t free_bytes = 0;
    if (store_counts(a->options.store, &counts, err) < 0 || video_bytes(a, &videos, err) < 0 ||
        system_free_bytes(a->options.blobs, &free_bytes, err) < 0)
        return err->code;
    text_buf_printf(b, "{\"version\":\"" ZOETROPE_VERSION "\",\"uptime_seconds\":%" PRId64,
                    (int64_t)((clock_mono_us() - a->began_us) / CLOCK_SECOND_US));
    add_queue(b, &counts);
    text_buf_add_text(b, ",\"workers\":[");
    if (store_running(a->options.store, add_worker, &workers, err) < 0)
        return err->code;
    text_buf_printf(
        b, "],\"disk\":{\"videos_bytes\":%" PRId64 ",\"free_bytes\":%" PRId64 "},\"models\":[",
        videos, free_bytes);
    for (int i = 0; i < a->options.catalogue->n_rows; i++) {
        text_buf_add_text(b, i ? "," : "");
        emit_string(b, a->options.catalogue->rows[i].id);
    }
    text_buf_add_text(b, "]}");
    return 0;
}

static void reply_status(struct http_exchange *x)
{
    struct text_buf b;
    struct error err;
    text_buf_init(&b, REPLY_MAX);
    if (write_status(call_api(x), &b, &err) < 0) {
        text_buf_fini(&b);
        problem_error(x, &err);
        return;
    }
    call_reply_json(x, 200, &b);
}

void status_get(struct http_exchange *x)
{
    if (!auth_pass(x))
        return;
    if (call_of(x)->key.admin)
        http_offload(x, reply_status);
    else
        problem_reply(x, 403, "This needs an administrator's key");
}

/* ---- estimate ------------------------------------------------------------------------------ */

const struct param_field status_estimate_query[] = {
    {.name = "model",
     .type = PARAM_TEXT,
     .required = true,
     .min = 1,
     .about = "The model, by its id or an alias."},
    {.name = NULL},
};

static void refuse_model(struct http_exchange *x, const char *name)
{
    const struct model_catalogue *c = call_api(x)->options.catalogue;
    const char *options[64];
    int n = 0;
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    for (; n < c->n_rows && n < (int)(sizeof options / sizeof *options); n++)
        options[n] = c->rows[n].id;
    issue_enum(&issues, "model", options, n, text_of(name));
    problem_issues(x, &issues);
}

static void reply_estimate(struct http_exchange *x)
{
    struct api *a = call_api(x);
    const struct model *m = call_of(x)->own;
    struct store_counts counts;
    struct text_buf b;
    struct error err;
    if (store_counts(a->options.store, &counts, &err) < 0) {
        problem_error(x, &err);
        return;
    }
    int64_t work_us = eta_work_us(a->eta, m->id);
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"model\":");
    emit_string(&b, m->id);
    text_buf_printf(&b, ",\"credits\":%" PRId64 ",\"usd\":", m->credits);
    emit_usd(&b, m->credits);
    text_buf_add_text(&b, ",\"seconds\":");
    if (work_us > 0)
        emit_fixed(&b, (double)work_us / 1e6, 1);
    else
        text_buf_add_text(&b, "null");
    text_buf_printf(&b, ",\"queued\":%" PRId64 "}", counts.queued);
    call_reply_json(x, 200, &b);
}

void status_estimate(struct http_exchange *x)
{
    SCOPED(param_set) struct param_set q = {.fields = NULL};
    if (!auth_pass(x) || !param_set_read(&q, x, status_estimate_query, false))
        return;
    const struct model *m = model_find(call_api(x)->options.catalogue, text_of(q.values[0].text));
    call_of(x)->own = (void *)(uintptr_t)m;
    if (m)
        http_offload(x, reply_estimate);
    else
        refuse_model(x, q.values[0].text);
}
