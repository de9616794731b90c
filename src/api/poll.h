/* poll.h - GET: how a job is doing, at once or when it has moved. SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"
#include "store/store.h"

extern const struct param_field poll_query[];

void poll_by_query(struct http_exchange *x);
void poll_by_path(struct http_exchange *x);

/* The caller's own job. False: answered with 404, 410 or 500. store_job_fini in any case. */
bool poll_find(struct http_exchange *x, const char *id, struct store_job *out);

/* The job as its poll shows it: with its signed url, its position, the time it will take. */
void poll_write(struct http_exchange *x, struct text_buf *b, const struct store_job *job);
