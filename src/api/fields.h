/* fields.h - the one table of what a request for a video may say, and its reader.
 *
 * The table feeds the parser, its messages, the OpenAPI document and docs/api.md; a field that is
 * not in it does not exist. Each route takes its own names and, for tolerance, the other route's;
 * when both are there the route's own wins. Types are strict, null counts as absent, unknown
 * fields are ignored, and every fault of a body is reported at once.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/first_frame.h"
#include "api/issue.h"
#include "job/model.h"

enum fields_form { FIELDS_UNIVERSAL, FIELDS_LEGACY, FIELDS_FORMS };

enum fields_type { FIELDS_WORD, FIELDS_TEXT, FIELDS_IMAGE, FIELDS_BOOL, FIELDS_INT };

enum fields_id { FIELD_MODEL, FIELD_PROMPT, FIELD_IMAGE, FIELD_ENHANCE, FIELD_SEED, FIELD_IDS };

struct fields_row {
    const char *name[FIELDS_FORMS]; /* as the universal and as the legacy route call it      */
    enum fields_type type;
    bool required;
    int64_t min; /* of a number, or characters */
    int64_t max;
    const char *standard; /* what absence means, as JSON; NULL when nothing stands for it     */
    const char *about;    /* one paragraph for people */
};

extern const struct fields_row fields_rows[FIELD_IDS];

struct fields_request {
    json_t *root; /* the views below point into it */
    const struct model *model;
    struct text prompt;
    struct first_frame frame;
    const char *frame_name; /* the image's field as the client named it */
    bool enhance;
    bool has_seed;
    uint64_t seed;
};

/* Read a body. False: at least one issue was added. *out is set as far as it was well in any case;
 * fields_request_fini by the caller. An image in base64 is told from an address, not yet decoded.
 */
bool fields_read(struct text body, enum fields_form form, const struct model_catalogue *catalogue,
                 struct fields_request *out, struct issue_list *issues);

void fields_request_fini(struct fields_request *r); /* a zeroed one is fine */
SCOPED_FINI(fields_request)
