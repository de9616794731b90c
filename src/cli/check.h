/* check.h - what a folder of weights holds, and what a run of it would need; nothing is read but
 * the headers of its files.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "base/error.h"

struct check_request {
    const char *path;
    const char *settings; /* as a model's row of the catalogue has them; "" for none */
};

/* Tell on out: the parts with layout, type of numbers and size, the kind of the model, tensors it
 * does not read, its settings, memory for its own size and length. The error is what keeps the
 * model from being run: a part or a tensor that is missing, by its name. */
int check_model(const struct check_request *q, FILE *out, struct error *err) MUST_CHECK;
