/* openapi_impl.h - what the files of the API's description share. SPDX-License-Identifier: MIT */
#pragma once

#include <jansson.h>

#include "api/aiml.h"
#include "job/model.h"

/* The schemas of replies, by name; owned by the caller. */
json_t *openapi_schemas(void);

/* JSON out of text in which ' stands for "; stops the process when it is not well formed. */
json_t *openapi_literal(const char *text);

/* "/model/{id}" of "/model/{id...}"; out has OPENAPI_PATH_SIZE bytes. */
#define OPENAPI_PATH_SIZE 96
void openapi_path(const struct http_route *route, char *out);

/* "24h or 7d", "1..100": what a parameter may be, for people; out has OPENAPI_LIMITS_SIZE bytes. */
#define OPENAPI_LIMITS_SIZE 160
void openapi_param_limits(const struct param_field *f, char *out);

/* Markdown of our own kind (headings, paragraphs, tables, lists, code) as HTML. */
void openapi_page(struct text_buf *out, struct text markdown);
