/* system.h - what stands around the jobs: health, readiness, metrics, the documents.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "blob/blob.h"
#include "http/http.h"

void system_health(struct http_exchange *x);
void system_ready(struct http_exchange *x);
void system_metrics(struct http_exchange *x);
void system_openapi(struct http_exchange *x);
void system_docs(struct http_exchange *x);

/* Bytes free where the blobs lie. */
int system_free_bytes(struct blob_store *blobs, int64_t *out, struct error *err) MUST_CHECK;
