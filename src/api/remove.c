/* remove.c - see remove.h.
 *
 * A job under way is cancelled, and what it was given is removed; its record stays, so that who
 * polls hears of it. A finished one is removed with its video. Either again and again gives the
 * same answer: a client may send it twice. So a cancelled one stays until its record expires, or
 * until somebody says forget=true: then whatever is there leaves, however far it was.
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

enum { ID, FORGET };

static const char *answer(int i)
{
    static const char *const words[] = {"false", "true"};
    return i < 2 ? words[i] : NULL;
}

const struct param_field remove_query[] = {
    [ID] = {.name = "generation_id",
            .type = PARAM_TEXT,
            .required = true,
            .min = 1,
            .about = "The id that the POST returned."},
    [FORGET] = {.name = "forget",
                .type = PARAM_WORD,
                .word = answer,
                .about = "true: leave no record, whatever the state; one under way is cancelled "
                         "first."},
    {.name = NULL},
};

struct removal {
    const char *id;
    bool forget;
};

static void reply_done(struct http_exchange *x, const char *id, bool cancelled)
{
    struct text_buf b;
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"id\":");
    emit_string(&b, id);
    text_buf_add_text(&b, ",\"generation_id\":");
    emit_string(&b, id);
    text_buf_add_text(&b, cancelled ? ",\"action\":\"cancelled\",\"status\":\"error\"}"
                                    : ",\"action\":\"deleted\"}");
    call_trace(x, id, 0);
    call_reply_json(x, 200, &b);
}

static bool is_cancelled(const struct store_job *job)
{
    return job->state == JOB_ERROR && strcmp(job->error_name, "CancelledException") == 0;
}

static void remove_blobs(struct http_exchange *x, const struct store_job *job)
{
    struct error err;
    if (retain_remove_blobs(call_api(x)->options.blobs, job, &err) < 0)
        log_warn("files of %s: %s", job->id, err.text); /* retention takes them later */
}

static int remove_record(struct http_exchange *x, const char *id, struct error *err)
{
    SCOPED(store_job) struct store_job job = {.seq = 0};
    int rc = store_remove(call_api(x)->options.store, call_of(x)->key.id, id, &job, err);
    if (rc == 0)
        remove_blobs(x, &job);
    return rc == ERR_GONE ? 0 : rc;
}

/* Cancel or remove. *cancelled says which of them was the last. */
static int end(struct http_exchange *x, const struct store_job *job, bool *cancelled,
               struct error *err)
{
    *cancelled = is_cancelled(job);
    if (!*cancelled && !job_state_is_final(job->state)) {
        int rc = store_cancel(call_api(x)->options.store, call_of(x)->key.id, job->id, err);
        *cancelled = rc == 0;
        if (rc < 0 && rc != ERR_CONFLICT && rc != ERR_GONE)
            return rc;
    }
    const struct removal *r = call_of(x)->own;
    if (*cancelled)
        remove_blobs(x, job);
    if (*cancelled && !r->forget)
        return 0;
    *cancelled = false;
    return remove_record(x, job->id, err); /* perhaps it was completed since we looked */
}

static void work(struct http_exchange *x)
{
    const char *id = ((const struct removal *)call_of(x)->own)->id;
    SCOPED(store_job) struct store_job job;
    struct error err;
    bool cancelled = false;
    int rc = poll_look(x, id, &job, &err);
    if (rc == 0)
        rc = end(x, &job, &cancelled, &err);
    if (rc == 0 || rc == ERR_GONE)
        reply_done(x, id, cancelled);
    else
        poll_refuse(x, id, rc, &err);
}

static void start(struct http_exchange *x, const char *id, bool forget)
{
    struct removal *r = http_alloc(x, sizeof *r);
    r->id = memcpy(http_alloc(x, strlen(id) + 1), id, strlen(id));
    r->forget = forget;
    call_of(x)->own = r;
    http_offload(x, work);
}

void remove_by_query(struct http_exchange *x)
{
    SCOPED(param_set) struct param_set q = {.fields = NULL};
    if (auth_pass(x) && param_set_read(&q, x, remove_query, false))
        start(x, q.values[ID].text, q.values[FORGET].number);
}

void remove_by_path(struct http_exchange *x)
{
    SCOPED(param_set) struct param_set q = {.fields = NULL};
    if (auth_pass(x) && param_set_read(&q, x, remove_query + FORGET, false))
        start(x, http_capture(x, "id"), q.values[0].number);
}
