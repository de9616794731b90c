/* check.h - what a folder of weights holds, and what a run of it would need; nothing is read but
 * the headers of its files.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "engine/wan_settings.h"
#include "model/wan/wan.h"

struct check_request {
    const char *path;
    const char *settings; /* as a model's row of the catalogue has them; "" for none */
    bool unmerged;        /* check_load: no run is made of it (wan_options) */
};

/* A model ready to be asked. */
struct check_loaded {
    struct wan_settings settings;
    struct parts parts;
    struct nn *nn;
    struct wan *wan;
};

/* Open it; nothing is read but headers and, where they are merged, adaptations and their weights.
 * What was opened before an error is there to look at. check_loaded_fini by the caller in any case.
 */
int check_load(struct check_loaded *out, const struct check_request *q,
               struct error *err) MUST_CHECK;
void check_loaded_fini(struct check_loaded *l); /* zeroed is fine */
SCOPED_FINI(check_loaded)

/* Tell on out: the parts with layout, type of numbers and size, the kind of the model, tensors it
 * does not read, its settings, memory for its own size and length. The error is what keeps the
 * model from being run: a part or a tensor that is missing, by its name. */
int check_model(const struct check_request *q, FILE *out, struct error *err) MUST_CHECK;
