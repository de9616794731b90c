/* aiml.h - the AI/ML API's dialect: the one table of its operations. Router, OpenAPI document,
 * docs and metrics read it. Another dialect is another table.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/fields.h"
#include "api/param.h"

struct aiml_operation {
    struct http_route route;
    const char *group; /* for the documentation */
    const char *summary;
    bool open;     /* needs no key                                    */
    bool has_body; /* a request for a video, in form                  */
    enum fields_form form;
    const char *body;                /* the schema of another body; NULL: none */
    const struct param_field *query; /* NULL: none                                      */
    const char *reply;               /* the schema of a 200, or its content types, "a/b c/d" */
    const char *statuses;            /* others that are promised, "400 401"; any may be 500 */
};

extern const struct aiml_operation aiml_operations[];
extern const int aiml_n_operations;
