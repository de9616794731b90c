/* call.h - one exchange from the api's side: its id, who sent it, the headers that all replies
 * have.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "account/limit.h"
#include "api/api_impl.h"
#include "http/http.h"
#include "store/store.h"

#define CALL_ID_SIZE 21 /* 20 characters of A-Z a-z 0-9 _ - */

struct call {
    char request_id[CALL_ID_SIZE];
    bool passed;              /* auth_pass */
    struct store_key key;     /* who, after auth_pass */
    struct limit_state limit; /* of the key, after auth_pass */
    const char *public_url;   /* NULL until asked for */
    void *own;                /* the handler's */
};

struct api *call_api(const struct http_exchange *x);
struct call *call_of(struct http_exchange *x); /* never NULL */

/* "https://video.example", without a slash at its end: as configured, else as the request's Host
 * says when it is well formed, else where the server listens. */
const char *call_public_url(struct http_exchange *x);

/* The headers of 1.9 that belong to a generation: its id, and its credits when they are not
 * negative. An id that is malformed is left out. */
void call_trace(struct http_exchange *x, const char *inference_id, int64_t credits);

/* Answer with JSON; empties b. 500 when b had failed. */
void call_reply_json(struct http_exchange *x, int status, struct text_buf *b);

/* http_options.decorate: tracing, CORS, what browsers must not do. */
void call_decorate(struct http_exchange *x, int status);
