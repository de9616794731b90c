/* remove.c - see remove.h.
 *
 * A job under way is cancelled; that again and again is the same. A finished one is removed with
 * its video, and is gone (410) after that.
 *
 * SPDX-License-Identifier: MIT */
#include "api/remove.h"

#include <string.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/emit.h"
#include "api/poll.h"
#include "api/problem.h"
#include "base/log.h"
#include "job/retain.h"

enum { REPLY_MAX = 4096 };

const struct param_field remove_query[] = {
    {.name = "generation_id",
     .type = PARAM_TEXT,
     .required = true,
     .min = 1,
     .about = "The id that the POST returned."},
    {.name = NULL},
};

static void reply_done(struct http_exchange *x, const char *id, const char *action,
                       enum job_state state)
{
    struct text_buf b;
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"id\":");
    emit_string(&b, id);
    text_buf_add_text(&b, ",\"generation_id\":");
    emit_string(&b, id);
    text_buf_printf(&b, ",\"action\":\"%s\",\"status\":\"%s\"}", action, job_state_name(state));
    call_trace(x, id, 0);
    call_reply_json(x, 200, &b);
}

static bool is_cancelled(const struct store_job *job)
{
    return job->state == JOB_ERROR && strcmp(job->error_name, "CancelledException") == 0;
}

static int remove_record(struct http_exchange *x, const char *id, struct error *err)
{
    const struct api_options *o = &call_api(x)->options;
    SCOPED(store_job) struct store_job job = {.seq = 0};
    struct error later;
    int rc = store_remove(o->store, call_of(x)->key.id, id, &job, err);
    if (rc == 0 && retain_remove_blobs(o->blobs, &job, &later) < 0)
        log_warn("files of %s: %s", id, later.text); /* the sweep takes them later */
    return rc;
}

/* What to say of a job after its removal or cancel: the state that it ended in. */
static enum job_state end_of(const struct store_job *job, bool cancelled)
{
    if (cancelled)
        return JOB_ERROR;
    return job_state_is_final(job->state) ? job->state : JOB_COMPLETED;
}

/* Cancel or remove. *cancelled says which of them. */
static int end(struct http_exchange *x, const struct store_job *job, bool *cancelled,
               struct error *err)
{
    *cancelled = is_cancelled(job);
    if (*cancelled)
        return 0;
    if (!job_state_is_final(job->state)) {
        int rc = store_cancel(call_api(x)->options.store, call_of(x)->key.id, job->id, err);
        *cancelled = rc == 0;
        if (rc != ERR_CONFLICT) /* else it was completed since we looked */
            return rc;
    }
    return remove_record(x, job->id, err);
}

static void work(struct http_exchange *x)
{
    SCOPED(store_job) struct store_job job;
    struct error err;
    bool cancelled;
    if (!poll_find(x, call_of(x)->own, &job))
        return;
    int rc = end(x, &job, &cancelled, &err);
    if (rc == 0)
        reply_done(x, job.id, cancelled ? "cancelled" : "deleted", end_of(&job, cancelled));
    else if (rc == ERR_GONE)
        problem_reply(x, 410, NULL);
    else if (rc == ERR_NOT_FOUND)
        problem_reply(x, 404, "Inference not found");
    else
        problem_error(x, &err);
}

static void start(struct http_exchange *x, const char *id)
{
    call_of(x)->own = memcpy(http_alloc(x, strlen(id) + 1), id, strlen(id));
    http_offload(x, work);
}

void remove_by_query(struct http_exchange *x)
{
    SCOPED(param_set) struct param_set q = {.fields = NULL};
    if (auth_pass(x) && param_set_read(&q, x, remove_query, false))
        start(x, q.values[0].text);
}

void remove_by_path(struct http_exchange *x)
{
    if (auth_pass(x))
        start(x, http_capture(x, "id"));
}
