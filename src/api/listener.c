/* listener.c - see listener.h. SPDX-License-Identifier: MIT */
#include "api/listener.h"

#include <stdio.h>
#include <string.h>

#include "api/cursor.h"
#include "api/emit.h"
#include "api/news.h"
#include "api/poll.h"
#include "base/clock.h"
#include "base/memory.h"

enum {
    EVENT_MAX = 1024 * 1024,
    ROOM = 64 * 1024, /* bytes that may wait for a client before it is left behind */
};

#define SILENCE_US (15 * CLOCK_SECOND_US)

struct listener *listener_new(const struct store_key *key, const char *public_url, int n_ids,
                              int64_t cursor)
{
    struct listener *l = mem_alloc(sizeof *l + (size_t)n_ids * sizeof *l->ids);
    l->phase = cursor < 0 ? LISTENER_SNAPSHOT : LISTENER_REPLAY;
    l->cursor = cursor < 0 ? 0 : cursor;
    l->key_id = key->id;
    memcpy(l->key_hash, key->hash, sizeof l->key_hash);
    l->public_url = mem_dup(public_url);
    l->n_ids = n_ids;
    l->n_open = n_ids;
    l->told_us = clock_mono_us();
    return l;
}

void listener_free(struct listener *l)
{
    if (l->stream)
        http_stream_end(l->stream);
    mem_free(l->public_url);
    mem_free(l);
}

static bool has_room(const struct listener *l)
{
    return http_stream_waiting(l->stream) < ROOM;
}

static void send(struct listener *l, const struct text_buf *b)
{
    if (b->failed)
        return;
    (void)!http_stream_write(l->stream, (struct text){b->at, b->len});
    l->told_us = clock_mono_us();
}

/* ---- one event ----------------------------------------------------------------------------- */

/* A number may be 0, which no cursor says. */
static void add_cursor(struct text_buf *b, int64_t number)
{
    char word[CURSOR_SIZE];
    cursor_write(CURSOR_CHANGES, number + 1, word);
    text_buf_printf(b, "id: %s\n", word);
}

static struct listener_id *asked(struct listener *l, const char *id)
{
    for (int i = 0; i < l->n_ids; i++)
        if (strcmp(l->ids[i].id, id) == 0)
            return &l->ids[i];
    return NULL;
}

static void mark(struct listener *l, const char *id, bool final)
{
    struct listener_id *a = asked(l, id);
    if (!a || !final || a->final)
        return;
    a->final = true;
    l->n_open--;
}

static void write_event(struct listener *l, struct api *a, const struct store_change *c,
                        bool with_cursor)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, EVENT_MAX);
    if (with_cursor)
        add_cursor(&b, c->number);
    text_buf_add_text(&b, c->job ? "event: generation\ndata: " : "event: removed\ndata: {\"id\":");
    if (c->job) {
        poll_write_for(a, l->public_url, &b, c->job);
        text_buf_add_text(&b, "\n\n");
    } else {
        emit_string(&b, c->id);
        text_buf_add_text(&b, "}\n\n");
    }
    send(l, &b);
    mark(l, c->id, !c->job || job_state_is_final(c->job->state));
}

void listener_tell(struct listener *l, struct api *a, const struct store_change *c)
{
    if (c->key_id != l->key_id || c->number <= l->cursor || (l->n_ids && !asked(l, c->id)))
        return;
    if (l->phase == LISTENER_LIVE && !has_room(l)) {
        l->phase = LISTENER_REPLAY;
        return;
    }
    write_event(l, a, c, true);
    l->cursor = c->number;
}

/* ---- what is there already ----------------------------------------------------------------- */

/* False: the store does not answer now. */
static bool read_news(struct listener *l, struct api *a, bool unfinished, struct news *out)
{
    const struct store_change_filter filter = {.after = l->cursor,
                                               .until = unfinished ? l->until : 0,
                                               .key_id = l->key_id,
                                               .unfinished = unfinished};
    struct error err;
    return news_read(out, a->options.store, &filter, &err) >= 0;
}

/* From here on its changes count. */
static void end_snapshot(struct listener *l)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, EVENT_MAX);
    add_cursor(&b, l->until);
    text_buf_add_text(&b, "\n");
    send(l, &b);
    l->cursor = l->until;
    l->phase = LISTENER_REPLAY;
}

/* False: the store does not answer now. */
static bool tell_present(struct listener *l, struct api *a, const char *id)
{
    SCOPED(store_job) struct store_job job = {.seq = 0};
    struct store_change c = {.key_id = l->key_id};
    struct error err;
    int rc = store_get(a->options.store, id, &job, &err);
    if (rc < 0 && rc != ERR_GONE && rc != ERR_NOT_FOUND)
        return false;
    if (rc == 0 && job.changed > l->until)
        return true; /* a change that is told as one */
    c.job = rc == 0 ? &job : NULL;
    snprintf(c.id, sizeof c.id, "%s", id);
    write_event(l, a, &c, false);
    return true;
}

static void feed_asked(struct listener *l, struct api *a)
{
    while (l->i_id < l->n_ids && has_room(l) && tell_present(l, a, l->ids[l->i_id].id))
        l->i_id++;
    if (l->i_id == l->n_ids)
        end_snapshot(l);
}

static void feed_unfinished(struct listener *l, struct api *a)
{
    bool more = true;
    while (more && has_room(l)) {
        SCOPED(news) struct news p = {.n = 0};
        if (!read_news(l, a, true, &p))
            return;
        for (int i = 0; i < p.n; i++)
            write_event(l, a, &p.changes[i], false);
        more = p.n == NEWS_PORTION;
        if (p.n)
            l->cursor = p.changes[p.n - 1].number;
    }
    if (!more)
        end_snapshot(l);
}

/* Of what it asked for some may have come to an end before its cursor. */
static void settle(struct listener *l, struct api *a)
{
    for (int i = 0; i < l->n_ids; i++) {
        SCOPED(store_job) struct store_job job = {.seq = 0};
        struct error err;
        if (l->ids[i].final)
            continue;
        int rc = store_get(a->options.store, l->ids[i].id, &job, &err);
        bool gone = rc == ERR_GONE || rc == ERR_NOT_FOUND;
        if (gone || (rc == 0 && job_state_is_final(job.state) && job.changed <= l->cursor))
            mark(l, l->ids[i].id, true);
    }
}

static void feed_missed(struct listener *l, struct api *a, int64_t bound)
{
    bool more = true;
    while (more && has_room(l)) {
        SCOPED(news) struct news p = {.n = 0};
        if (!read_news(l, a, false, &p))
            return;
        for (int i = 0; i < p.n; i++)
            listener_tell(l, a, &p.changes[i]);
        more = p.n == NEWS_PORTION;
        if (p.n)
            l->cursor = p.changes[p.n - 1].number;
    }
    if (more)
        return;
    if (l->cursor < bound)
        l->cursor = bound;
    l->phase = LISTENER_LIVE;
    settle(l, a);
}

void listener_feed(struct listener *l, struct api *a, int64_t bound)
{
    if (l->phase == LISTENER_SNAPSHOT && !l->until && !l->i_id)
        l->until = bound;
    if (l->phase == LISTENER_SNAPSHOT)
        (l->n_ids ? feed_asked : feed_unfinished)(l, a);
    if (l->phase == LISTENER_REPLAY)
        feed_missed(l, a, bound);
}

bool listener_is_over(const struct listener *l)
{
    return http_stream_gone(l->stream) || (l->n_ids && l->n_open == 0 && l->phase == LISTENER_LIVE);
}

void listener_keep_alive(struct listener *l, int64_t now_us)
{
    if (now_us - l->told_us < SILENCE_US)
        return;
    (void)!http_stream_write(l->stream, TEXT(": keep-alive\n\n"));
    l->told_us = now_us;
}
