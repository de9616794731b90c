/* openapi.h - the API described by itself, from the tables of fields, routes and models.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "job/model.h"

/* The OpenAPI 3.0 document as JSON, indented; mem_free by the caller. server_url: of "servers". */
char *openapi_json(const struct model_catalogue *catalogue, const char *server_url);

/* The same facts as Markdown: docs/api.md. mem_free by the caller. */
char *openapi_markdown(const struct model_catalogue *catalogue);

/* The same as one HTML page without scripts: GET /docs/api. mem_free by the caller. */
char *openapi_html(const struct model_catalogue *catalogue, const char *server_url);
