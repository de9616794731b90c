/* problem.h - what a refused request is told: application/problem+json, one shape for all.
 *
 *     {"title":"Forbidden","status":403,"message":"…","instance":"/v2/video/generations",
 *      "requestId":"…","timestamp":"…","error":{"name":"ForbiddenException","message":"…"}}
 *
 * error.data is added where there is something to tell: the list of issues, the kind of refusal.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/issue.h"
#include "http/http.h"

/* One status that this server answers with. */
struct problem_row {
    int status;
    const char *title;
    const char *name;    /* of the exception */
    const char *message; /* when nothing better is known */
};

extern const struct problem_row problem_rows[]; /* ends with status 0 */

/* The row of a status; that of 500 for one that is not there. */
const struct problem_row *problem_row_of(int status);

struct problem {
    int status;
    const char *message; /* NULL: the row's      */
    const char *data;    /* JSON; NULL: none     */
    const char *instance;
    const char *request_id;
    int64_t now_us;
};

void problem_write(struct text_buf *b, const struct problem *p);

/* Answer an exchange. message NULL: the status's own. */
void problem_reply(struct http_exchange *x, int status, const char *message);
void problem_reply_data(struct http_exchange *x, int status, const char *message, const char *data);
void problem_issues(struct http_exchange *x, struct issue_list *issues); /* 400; empties it */

/* Something inside failed: 503 when it may go better soon, else 500. What it was is logged, not
 * told, for it may name files. */
void problem_error(struct http_exchange *x, const struct error *err);

/* The messages that name addresses of this server. In the exchange's memory. */
const char *problem_key_needed(struct http_exchange *x);
const char *problem_key_empty(struct http_exchange *x);
const char *problem_no_credits(struct http_exchange *x);
