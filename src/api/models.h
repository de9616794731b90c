/* models.h - the catalogue as clients read it. SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"
#include "job/model.h"

extern const struct param_field models_query[];

void models_list(struct http_exchange *x);
void models_get(struct http_exchange *x);

/* What a request asks for. */
struct models_wish {
    bool pricing;
    bool modalities;
    bool capabilities;
    bool limits;
    int n_filters;
    struct models_filter {
        int row;           /* of models_query         */
        struct text words; /* comma-separated */
    } filters[32];
};

/* Take one query parameter in; value lives as long as w. Unknown ones are ignored. */
void models_wish_add(struct models_wish *w, const char *name, const char *value);

/* Values of one parameter are alternatives, different parameters must all fit; without case. */
bool models_match(const struct models_wish *w, const struct model *m);

void models_write(struct text_buf *b, const struct models_wish *w, const struct model *m,
                  const char *public_url);
