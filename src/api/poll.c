/* poll.c - see poll.h. SPDX-License-Identifier: MIT */
#include "api/poll.h"

#include <string.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/problem.h"
#include "api/render.h"
#include "base/clock.h"

enum {
    POSITION_MAX = 1000, /* counted no further */
    REPLY_MAX = 1024 * 1024,
    WAIT_MAX_S = 60,
};

enum { ID, WAIT };

const struct param_field poll_query[] = {
    [ID] = {.name = "generation_id",
            .type = PARAM_TEXT,
            .required = true,
            .min = 1,
            .about = "The id that the POST returned."},
    [WAIT] = {.name = "wait",
              .type = PARAM_SECONDS,
              .max = WAIT_MAX_S,
              .about = "Hold the answer until the status changes, at most so many seconds. "
                       "Decimals are fine."},
    {.name = NULL},
};

struct poll {
    const char *id;
    bool waited;
    struct wait_entry entry;
};

int poll_look(struct http_exchange *x, const char *id, struct store_job *out, struct error *err)
{
    *out = (struct store_job){.seq = 0};
    int rc = store_get(call_api(x)->options.store, id, out, err);
    bool known = rc == 0 || rc == ERR_GONE;
    return known && out->key_id != call_of(x)->key.id ? ERR_NOT_FOUND : rc;
}

void poll_refuse(struct http_exchange *x, const char *id, int rc, const struct error *err)
{
    call_trace(x, id, -1);
    if (rc == ERR_GONE)
        problem_reply(x, 410, NULL);
    else if (rc == ERR_NOT_FOUND)
        problem_reply(x, 404, "Inference not found");
    else
        problem_error(x, err);
}

/* False: answered. */
static bool find(struct http_exchange *x, const char *id, struct store_job *out)
{
    struct error err;
    int rc = poll_look(x, id, out, &err);
    if (rc < 0)
        poll_refuse(x, id, rc, &err);
    return rc == 0;
}

static struct render_view view_of(struct api *a, const char *public_url,
                                  const struct store_job *job)
{
    struct render_view view = {.now_us = clock_now_us(), .position = -1};
    struct error err;
    if (job->state == JOB_COMPLETED) {
        view.public_url = public_url;
        view.url_secret = a->options.url_secret;
        view.url_lifetime_s = a->options.url_lifetime_s;
    }
    if (job_state_is_final(job->state))
        return view;
    if (job->state == JOB_QUEUED &&
        store_position(a->options.store, job, POSITION_MAX, &view.position, &err) < 0)
        view.position = -1;
    int workers = a->options.workers ? a->options.workers(a->options.workers_arg) : 0;
    view.eta_seconds =
        eta_seconds(a->eta, job, view.position > 0 ? view.position : 0, workers, view.now_us);
    return view;
}

void poll_write_for(struct api *a, const char *public_url, struct text_buf *b,
                    const struct store_job *job)
{
    struct render_view view = view_of(a, public_url, job);
    render_job(b, job, &view);
}

void poll_write(struct http_exchange *x, struct text_buf *b, const struct store_job *job)
{
    poll_write_for(call_api(x), call_public_url(x), b, job);
}

static void reply_job(struct http_exchange *x, const struct store_job *job)
{
    struct text_buf b;
    text_buf_init(&b, REPLY_MAX);
    poll_write(x, &b, job);
    call_trace(x, job->id, render_credits(job));
    call_reply_json(x, 200, &b);
}

static void look(struct http_exchange *x)
{
    struct poll *p = call_of(x)->own;
    SCOPED(store_job) struct store_job job;
    if (find(x, p->id, &job))
        reply_job(x, &job);
}

/* Leave the exchange to wait/ and come back with look. */
static void defer(struct http_exchange *x, struct poll *p, const struct store_job *job,
                  int64_t wait_us)
{
    p->entry =
        (struct wait_entry){.x = x, .state = job->state, .until_us = clock_mono_us() + wait_us};
    memcpy(p->entry.id, job->id, sizeof p->entry.id);
    http_defer(x, look);
    wait_add(call_api(x)->wait, &p->entry);
}

static void start(struct http_exchange *x, const char *id, int64_t wait_us)
{
    struct poll *p = http_alloc(x, sizeof *p);
    SCOPED(store_job) struct store_job job;
    p->id = id;
    call_of(x)->own = p;
    if (!find(x, id, &job))
        return;
    if (wait_us > 0 && !job_state_is_final(job.state))
        defer(x, p, &job, wait_us);
    else
        reply_job(x, &job);
}

void poll_by_query(struct http_exchange *x)
{
    SCOPED(param_set) struct param_set q = {.fields = NULL};
    if (auth_pass(x) && param_set_read(&q, x, poll_query, false))
        start(x, q.values[ID].text, q.values[WAIT].number);
}

void poll_by_path(struct http_exchange *x)
{
    SCOPED(param_set) struct param_set q = {.fields = NULL};
    if (auth_pass(x) && param_set_read(&q, x, poll_query + WAIT, false))
        start(x, http_capture(x, "id"), q.values[0].number);
}
