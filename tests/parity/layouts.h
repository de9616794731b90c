/* layouts.h - one component run from files of all layouts; layouts_models.c has the components.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/names.h"
#include "nn/weights_write.h"
#include "parity.h"

struct layouts_result {
    float *at; /* mem_free */
    int64_t n;
};

struct layouts_subject {
    const struct names_component *component;
    const char *const *named_like;          /* entries of names_diffusers.json; ends with NULL */
    const char *prefix;                     /* that files may put before the names */
    const struct names_layout *gguf_layout; /* NULL: official */
    double sensitivity; /* to the rounding of weights, beside the transformer's 1 */

    /* Open the model, run its first golden input, fill out with new memory. */
    int (*run)(struct parity *p, struct names *names, const struct weights *io,
               struct layouts_result *out, struct error *err);
};

/* w: the golden weights. */
void layouts_check(struct parity *p, const struct layouts_subject *s, const struct weights *w,
                   const struct weights *io);

/* A new folder under the system's temporary one. */
bool layouts_folder(char *out, size_t size);
void layouts_folder_remove(const char *folder);
