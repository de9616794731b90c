/* render.c - see render.h. SPDX-License-Identifier: MIT */
#include "api/render.h"

#include <inttypes.h>

#include "api/emit.h"
#include "blob/sign.h"

int64_t render_credits(const struct store_job *job)
{
    return job->state == JOB_ERROR ? 0 : job->input.credits;
}

/* Both names that the documents have had for it. */
static void add_usage(struct text_buf *b, int64_t credits)
{
    text_buf_add_text(b, "\"usage\":{\"credits_used\":");
    emit_int(b, credits);
    text_buf_add_text(b, ",\"tokens_used\":");
    emit_int(b, credits);
    text_buf_add_text(b, "}");
}

static void add_pending(struct text_buf *b, const struct store_job *job,
                        const struct render_view *view)
{
    bool queued = job->state == JOB_QUEUED;
    text_buf_add_text(b, ",\"meta\":{\"progress\":");
    emit_fixed(b, queued ? 0 : job->progress, 3);
    emit_member(b, ",\"stage\":", queued ? "queued" : job->stage[0] ? job->stage : "starting");
    if (queued && view->position >= 0) {
        text_buf_add_text(b, ",\"position\":");
        emit_int(b, view->position);
    }
    if (view->eta_seconds > 0) {
        text_buf_add_text(b, ",\"eta_seconds\":");
        emit_int(b, view->eta_seconds);
    }
    text_buf_add_text(b, ",");
}

/* Nothing in it needs an escape: the public url was checked, names of blobs are plain. */
static void add_url(struct text_buf *b, const char *video, const struct render_view *view)
{
    char query[SIGN_QUERY_SIZE];
    text_buf_add_text(b, "\"");
    text_buf_add_text(b, view->public_url);
    size_t path = b->len;
    text_buf_add_text(b, "/");
    text_buf_add_text(b, video);
    if (b->failed)
        return;
    sign_query(view->url_secret, b->at + path, view->now_us, view->url_lifetime_s, query);
    text_buf_add_text(b, "?");
    text_buf_add_text(b, query);
    text_buf_add_text(b, "\"");
}

/* What was asked for, in every state. */
static void add_request(struct text_buf *b, const struct store_job *job)
{
    emit_member(b, ",\"model\":", job->input.model);
    text_buf_add_text(b, ",\"created_at\":");
    emit_time(b, job->created_us);
    emit_member(b, ",\"prompt_original\":", job->input.prompt);
    text_buf_add_text(b, ",\"enhance\":");
    emit_bool(b, job->input.enhance);
    text_buf_add_text(b, ",\"has_image\":");
    emit_bool(b, job->input.image_kind != STORE_IMAGE_NONE);
}

/* The members of the engine's object ("plan") as they are. */
static void add_engines(struct text_buf *b, const char *meta)
{
    struct text s = text_of(meta);
    if (s.len <= 2)
        return;
    text_buf_add_text(b, ",");
    text_buf_add(b, s.at + 1, s.len - 2);
}

static void add_result(struct text_buf *b, const struct store_job *job,
                       const struct render_view *view)
{
    const struct store_result *r = &job->result;
    emit_member(b, ",\"engine\":", r->engine);
    emit_member(b, ",\"prompt\":", r->prompt);
    text_buf_printf(b, ",\"seed\":%" PRIu64 ",\"width\":%d,\"height\":%d,\"bytes\":%" PRId64,
                    job->input.seed, r->width, r->height, r->video_bytes);
    if (*r->poster) {
        text_buf_add_text(b, ",\"poster_url\":");
        add_url(b, r->poster, view);
    }
    if (*r->preview) {
        text_buf_add_text(b, ",\"preview_url\":");
        add_url(b, r->preview, view);
    }
    if (*r->timings) {
        text_buf_add_text(b, ",\"timings\":");
        text_buf_add_text(b, r->timings);
    }
    add_engines(b, r->meta);
}

static void add_completed(struct text_buf *b, const struct store_job *job,
                          const struct render_view *view)
{
    double seconds = (double)job->result.duration_us / 1e6;
    text_buf_add_text(b, ",\"video\":{\"url\":");
    add_url(b, job->result.video, view);
    text_buf_add_text(b, ",\"duration\":");
    emit_fixed(b, seconds, 6);
    text_buf_add_text(b, "},\"duration\":");
    emit_fixed(b, seconds, 6);
    text_buf_add_text(b, ",\"error\":null,\"meta\":{");
}

static void add_failed(struct text_buf *b, const struct store_job *job)
{
    emit_member(b, ",\"video\":null,\"error\":{\"name\":", job->error_name);
    emit_member(b, ",\"message\":", job->error_message);
    text_buf_add_text(b, "},\"meta\":{");
}

void render_job(struct text_buf *b, const struct store_job *job, const struct render_view *view)
{
    emit_member(b, "{\"id\":", job->id);
    emit_member(b, ",\"status\":", job_state_name(job->state));
    if (job->state == JOB_COMPLETED)
        add_completed(b, job, view);
    else if (job->state == JOB_ERROR)
        add_failed(b, job);
    else
        add_pending(b, job, view);
    add_usage(b, render_credits(job));
    add_request(b, job);
    if (job->state == JOB_COMPLETED)
        add_result(b, job, view);
    if (job->ended_us) {
        text_buf_add_text(b, ",\"ended_at\":");
        emit_time(b, job->ended_us);
    }
    text_buf_add_text(b, "}}");
}

void render_created(struct text_buf *b, const char *id, int64_t credits)
{
    emit_member(b, "{\"id\":", id);
    emit_member(b, ",\"generation_id\":", id);
    text_buf_add_text(b, ",\"status\":\"queued\",\"meta\":{");
    add_usage(b, credits);
    text_buf_add_text(b, "}}");
}
