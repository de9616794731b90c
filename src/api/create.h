/* create.h - POST: a body becomes a durable job. SPDX-License-Identifier: MIT */
#pragma once

#include "base/text.h"
#include "http/http.h"

void create_universal(struct http_exchange *x);
void create_legacy(struct http_exchange *x);

/* http_options.head: nothing but these two takes a body. */
void create_head(struct http_exchange *x);

/* May a body of this Content-Type (NULL: none) be read as JSON? */
bool create_takes_type(const char *content_type);

/* 1 to 255 printable ASCII characters? */
bool create_takes_key(const char *idempotency_key);
