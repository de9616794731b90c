/* weights_read.h - what holds for any weights that were opened: shared by the targets of the
 * three layouts. SPDX-License-Identifier: MIT */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nn/quant.h"
#include "nn/weights.h"

#include "fuzz.h"

/* All of t lies in file, and its last row can be widened. */
static inline void weights_read_tensor(struct text file, const struct tensor *t)
{
    const char *at = t->data;
    const size_t bytes = tensor_bytes(t);
    if (at < file.at || bytes > file.len || at > file.at + file.len - bytes)
        abort();
    if (t->n_dims < 0 || t->n_dims > TENSOR_MOST_DIMS || tensor_count(t) < 1)
        abort();
    const int64_t cols = tensor_cols(t);
    SCOPED(mem) float *row = mem_try((size_t)cols * sizeof *row);
    if (!row)
        return;
    quant_widen(row, t, tensor_rows(t) - 1, 1);
}

/* Open the input as a file with this beginning, and touch all that was found. */
static inline int weights_read(const uint8_t *data, size_t size, struct text magic)
{
    const struct text file = {.at = (const char *)data, .len = size};
    struct weights *w;
    struct error err;
    if (magic.len && !text_starts(file, magic))
        return 0;
    const int code = weights_open_bytes(&w, file, &err);
    if (code < 0) {
        if (code != ERR_CORRUPT)
            abort();
        return 0;
    }
    for (int i = 0; i < weights_count(w); i++) {
        const struct tensor t = weights_tensor(w, i);
        struct tensor found;
        weights_read_tensor(file, &t);
        if (!weights_find(w, weights_name(w, i), &found) || found.data != t.data)
            abort();
        if (i && strcmp(weights_name(w, i - 1), weights_name(w, i)) >= 0)
            abort();
    }
    weights_drop(w);
    weights_close(w);
    return 0;
}
