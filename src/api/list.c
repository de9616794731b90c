/* list.c - see list.h. SPDX-License-Identifier: MIT */
#include "api/list.h"

#include <string.h>

#include "api/auth.h"
#include "api/call.h"
#include "api/page.h"
#include "api/poll.h"
#include "api/problem.h"

enum { LIMIT, CURSOR, STATUS, MODEL, WORDS };
enum { WORDS_MAX = 200 };
enum { LIMIT_MAX = 100, MOST = LIMIT_MAX + 1 };

static const char *state_word(int i)
{
    return i < JOB_STATES ? job_state_name((enum job_state)i) : NULL;
}

const struct param_field list_query[] = {
    [LIMIT] = {.name = "limit",
               .type = PARAM_INT,
               .min = 1,
               .max = LIMIT_MAX,
               .standard = 20,
               .about = "How many, at most."},
    [CURSOR] = {.name = "cursor",
                .type = PARAM_CURSOR,
                .min = CURSOR_JOBS,
                .about = "pagination.next_cursor of the page before."},
    [STATUS] = {.name = "status",
                .type = PARAM_WORD,
                .standard = -1,
                .word = state_word,
                .about = "Only those with this status."},
    [MODEL] = {.name = "model",
               .type = PARAM_TEXT,
               .about = "Only those of this model, by its id or an alias."},
    [WORDS] = {.name = "q",
               .type = PARAM_TEXT,
               .max = WORDS_MAX,
               .about = "Only those whose prompt has these words as they stand; ASCII letters "
                        "without case."},
    {.name = NULL},
};

/* The ids of a page. Each is then shown as its poll shows it, which asks the store again: a
 * callback of the store's may not. */
struct listing {
    struct page page;
    int n;
    char ids[MOST][HASH_ID_SIZE];
};

static int add_id(void *arg, const struct store_job *job)
{
    struct listing *l = arg;
    if (l->n < l->page.limit)
        l->page.last_seq = job->seq;
    memcpy(l->ids[l->n++], job->id, HASH_ID_SIZE);
    return l->n == MOST;
}

static void write_page(struct http_exchange *x, struct listing *l)
{
    struct error err;
    for (int i = 0; i < l->n && i < l->page.limit; i++) {
        SCOPED(store_job) struct store_job job = {.seq = 0};
        if (store_get(call_api(x)->options.store, l->ids[i], &job, &err) < 0)
            continue; /* it left in between */
        page_row(&l->page);
        poll_write(x, &l->page.b, &job);
    }
    page_end(&l->page, l->n > l->page.limit);
}

/* An alias means its model; what is no model's name finds nothing. */
static const char *model_id(struct http_exchange *x, const char *name)
{
    const struct model *m = name ? model_find(call_api(x)->options.catalogue, text_of(name)) : NULL;
    return m ? m->id : name;
}

/* On a thread that may block: a page is up to a hundred records. */
static void reply_page(struct http_exchange *x)
{
    const struct param_set *q = call_of(x)->own;
    struct listing l = {.n = 0};
    struct store_list_filter filter = {.key_id = call_of(x)->key.id,
                                       .state = (int)q->values[STATUS].number,
                                       .before_seq = q->values[CURSOR].number,
                                       .limit = (int)q->values[LIMIT].number + 1};
    struct error err;
    filter.model = model_id(x, q->values[MODEL].text);
    filter.words = q->values[WORDS].text;
    page_begin(&l.page, CURSOR_JOBS, (int)q->values[LIMIT].number);
    if (store_list(call_api(x)->options.store, &filter, add_id, &l, &err) < 0)
        problem_error(x, &err);
    else {
        write_page(x, &l);
        call_reply_json(x, 200, &l.page.b);
    }
    page_fini(&l.page);
}

void list_jobs(struct http_exchange *x)
{
    struct param_set *q = http_alloc(x, sizeof *q);
    call_of(x)->own = q;
    if (auth_pass(x) && param_set_read(q, x, list_query, false))
        http_offload(x, reply_page);
}
