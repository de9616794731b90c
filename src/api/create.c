/* create.c - see create.h.
 *
 * Who sends it and what its headers say is looked at before the body is taken. A small body is
 * read on the event thread; a large one, and any that brings an image, on a
 * thread that may block. The job is written by the store's own thread, which syncs many at once;
 * the exchange waits for it deferred, or where it may block.
 *
 * SPDX-License-Identifier: MIT */
#include "api/create.h"

#include <stdio.h>

#include "account/key.h"
#include "api/auth.h"
#include "api/call.h"
#include "api/eta.h"
#include "api/fields.h"
#include "api/problem.h"
#include "api/render.h"
#include "base/memory.h"
#include "job/admit.h"

enum {
    INLINE_MAX = 64 * 1024, /* bytes of a body that an event thread reads itself */
    REPLY_MAX = 4096,
    KEY_MAX = 255,
    KEY_FULL_S = 5, /* until a job of a key that is full may have ended */
};

struct create {
    enum fields_form form;
    const char *idempotency_key; /* NULL without */
    struct fields_request request;
    char *image; /* decoded; NULL without */
    size_t image_len;
    struct store_admission admission;
};

static struct create *create_of(struct http_exchange *x)
{
    return call_of(x)->own;
}

/* ---- what the headers must say ------------------------------------------------------------- */

static bool is_utf8(struct text parameter)
{
    struct text name = text_trim(text_cut(&parameter, '='));
    struct text value = text_trim(parameter);
    if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
        value = (struct text){value.at + 1, value.len - 2};
    return !text_equal_nocase(name, TEXT("charset")) || text_equal_nocase(value, TEXT("utf-8")) ||
           text_equal_nocase(value, TEXT("utf8"));
}

bool create_takes_type(const char *content_type)
{
    struct text rest = text_of(content_type);
    if (text_trim(rest).len == 0)
        return true;
    if (!text_equal_nocase(text_trim(text_cut(&rest, ';')), TEXT("application/json")))
        return false;
    while (rest.len)
        if (!is_utf8(text_cut(&rest, ';')))
            return false;
    return true;
}

bool create_takes_key(const char *idempotency_key)
{
    size_t n = 0;
    for (; idempotency_key[n]; n++)
        if (n == KEY_MAX || idempotency_key[n] < ' ' || idempotency_key[n] > '~')
            return false;
    return n > 0;
}

static bool takes_encoding(const char *encoding)
{
    return !encoding || text_equal_nocase(text_trim(text_of(encoding)), TEXT("identity"));
}

static void refuse_type(struct http_exchange *x, const char *expected, const char *received)
{
    char message[200];
    snprintf(message, sizeof message, "Expected %s, received %.80s", expected, received);
    problem_reply(x, 415, message);
}

static bool check_headers(struct http_exchange *x)
{
    const char *key = http_header(x, "Idempotency-Key");
    const char *type = http_header(x, "Content-Type");
    const char *encoding = http_header(x, "Content-Encoding");
    if (!create_takes_type(type)) {
        refuse_type(x, "Content-Type application/json in UTF-8", type);
        return false;
    }
    if (!takes_encoding(encoding)) {
        refuse_type(x, "a body without Content-Encoding", encoding);
        return false;
    }
    if (key && !create_takes_key(key)) {
        SCOPED(issue_list) struct issue_list issues;
        issue_list_init(&issues);
        issue_custom(&issues, "Idempotency-Key",
                     "Idempotency-Key must be 1 to %d printable ASCII characters", KEY_MAX);
        problem_issues(x, &issues);
        return false;
    }
    return true;
}

static bool check_scope(struct http_exchange *x)
{
    int scopes = call_of(x)->key.scopes;
    if (!scopes || (scopes & KEY_SCOPE_VIDEO))
        return true;
    problem_reply(x, 403, "This key may not make videos");
    return false;
}

void create_head(struct http_exchange *x)
{
    if (auth_pass(x))
        check_headers(x);
}

/* ---- reading the body ---------------------------------------------------------------------- */

static void drop_request(struct create *c)
{
    fields_request_fini(&c->request);
    mem_free(TAKE(c->image));
}

/* False: answered with 400. */
static bool read_body(struct http_exchange *x)
{
    struct create *c = create_of(x);
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    fields_read(http_body(x), c->form, call_api(x)->options.catalogue, &c->request, &issues);
    if (c->request.frame.kind == FIRST_FRAME_DATA)
        c->image =
            first_frame_decode(&c->request.frame, c->request.frame_name, &c->image_len, &issues);
    if (issues.n == 0)
        return true;
    drop_request(c);
    problem_issues(x, &issues);
    return false;
}

/* ---- the store's answer -------------------------------------------------------------------- */

static void reply_accepted(struct http_exchange *x, const struct store_admission *a)
{
    struct text_buf b;
    text_buf_init(&b, REPLY_MAX);
    render_created(&b, a->id, a->credits);
    call_trace(x, a->id, a->credits);
    if (a->refusal == STORE_REPLAYED)
        http_reply_header(x, "Idempotency-Replayed", "true");
    call_reply_json(x, 200, &b);
}

/* Of a key without a limit of requests the RateLimit headers tell of its jobs. */
static void reply_key_full(struct http_exchange *x)
{
    char message[96];
    char seconds[16];
    struct call *c = call_of(x);
    if (!c->limit.limit)
        c->limit = (struct limit_state){.limit = c->key.jobs_at_once, .reset_s = KEY_FULL_S};
    snprintf(message, sizeof message, "Too Many Requests: this key may have %d jobs at once",
             c->key.jobs_at_once);
    snprintf(seconds, sizeof seconds, "%d", KEY_FULL_S);
    http_reply_header(x, "Retry-After", seconds);
    problem_reply(x, 429, message);
}

static void reply_refused(struct http_exchange *x, const struct store_admission *a)
{
    switch (a->refusal) {
    case STORE_KEY_REUSED:
        problem_reply(x, 409, "This Idempotency-Key was used before with another body");
        break;
    case STORE_QUEUE_FULL:
        problem_reply(x, 503, "Service unavailable: the queue is full. Please, try again later.");
        break;
    case STORE_KEY_FULL:
        reply_key_full(x);
        break;
    case STORE_NO_CREDITS:
        problem_reply_data(x, 403, problem_no_credits(x), "{\"kind\":\"err_insufficent_credits\"}");
        break;
    case STORE_LIMIT_REACHED:
        problem_reply_data(x, 403, "This key has spent what it may in this stretch of time",
                           "{\"kind\":\"err_key_limit\"}");
        break;
    case STORE_KEY_REVOKED:
        problem_reply(x, 401, problem_key_needed(x));
        break;
    case STORE_ADMITTED:
    case STORE_REPLAYED:
        problem_error(x, &a->err);
        break;
    }
}

/* The reply comes last: the exchange may be gone as soon as it is given. */
static void answer(struct http_exchange *x)
{
    struct store_admission *a = &create_of(x)->admission;
    admit_settle(a, call_api(x)->options.blobs);
    if (a->rc < 0)
        reply_refused(x, a);
    else
        reply_accepted(x, a);
}

/* ---- the way there ------------------------------------------------------------------------- */

/* False: answered. The request's views are not needed any more after it. */
static bool prepare(struct http_exchange *x)
{
    struct create *c = create_of(x);
    const struct api_options *o = &call_api(x)->options;
    struct error err;
    struct admit_request request = {
        .model = c->request.model,
        .key_id = call_of(x)->key.id,
        .prompt = c->request.prompt,
        .enhance = c->request.enhance,
        .has_seed = c->request.has_seed,
        .seed = c->request.seed,
        .image_bytes = {c->image, c->image_len},
        .image_url = c->request.frame.url,
        .idempotency_key = c->idempotency_key,
        .body = http_body(x),
        .queued_max = o->queued_max,
    };
    int rc = admit_prepare(&c->admission, o->blobs, &request, &err);
    drop_request(c);
    if (rc < 0)
        problem_error(x, &err);
    return rc >= 0;
}

static void resume(struct store_admission *a)
{
    http_resume(a->arg);
}

static void admit_blocking(struct http_exchange *x)
{
    struct create *c = create_of(x);
    if (!prepare(x))
        return;
    /* The outcome is in the admission: answer() reads it there. */
    (void)!store_admit_wait(call_api(x)->options.store, &c->admission);
    answer(x);
}

static void admit_deferred(struct http_exchange *x)
{
    struct create *c = create_of(x);
    if (!prepare(x))
        return;
    c->admission.done = resume;
    c->admission.arg = x;
    http_defer(x, answer);
    store_admit(call_api(x)->options.store, &c->admission);
}

static void work(struct http_exchange *x)
{
    if (read_body(x))
        admit_blocking(x);
}

static void start(struct http_exchange *x, enum fields_form form)
{
    struct create *c = http_alloc(x, sizeof *c);
    c->form = form;
    call_of(x)->own = c;
    if (!auth_pass(x) || !check_scope(x) || !check_headers(x))
        return;
    c->idempotency_key = http_header(x, "Idempotency-Key");
    if (http_body(x).len > INLINE_MAX)
        http_offload(x, work);
    else if (!read_body(x))
        return;
    else if (c->image)
        http_offload(x, admit_blocking);
    else
        admit_deferred(x);
}

void create_universal(struct http_exchange *x)
{
    start(x, FIELDS_UNIVERSAL);
}

void create_legacy(struct http_exchange *x)
{
    start(x, FIELDS_LEGACY);
}
