/* poll.h - GET: how a job is doing, at once or when it has moved. SPDX-License-Identifier: MIT */
#pragma once

#include "api/api_impl.h"
#include "api/param.h"
#include "store/store.h"

extern const struct param_field poll_query[];

void poll_by_query(struct http_exchange *x);
void poll_by_path(struct http_exchange *x);

/* The caller's own job. ERR_NOT_FOUND another's, too; ERR_GONE. store_job_fini in any case. */
int poll_look(struct http_exchange *x, const char *id, struct store_job *out,
              struct error *err) MUST_CHECK;
/* What is answered when poll_look returned rc: 404, 410 or 500. */
void poll_refuse(struct http_exchange *x, const char *id, int rc, const struct error *err);

/* The job as its poll shows it: with its signed url, its position, the time it will take. */
void poll_write(struct http_exchange *x, struct text_buf *b, const struct store_job *job);
/* The same for a client to whom the server is public_url. Any thread. */
void poll_write_for(struct api *a, const char *public_url, struct text_buf *b,
                    const struct store_job *job);
