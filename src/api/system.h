/* system.h - what stands around the jobs: health, readiness, metrics, the documents.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"

void system_health(struct http_exchange *x);
void system_ready(struct http_exchange *x);
void system_metrics(struct http_exchange *x);
void system_openapi(struct http_exchange *x);
void system_docs(struct http_exchange *x);
void system_root(struct http_exchange *x);
