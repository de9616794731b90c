/* parity_dit.h - a golden case of the transformer, for those who run it from other files.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/dit.h"
#include "parity.h"

struct parity_dit_case {
    const char *name;
    struct dit *model;
    struct tensor x, context, want;
    struct tensor y, features; /* data NULL: none */
    float times[DIT_MOST_TIMES];
    int n_times;
    int32_t *which; /* NULL: one time */
    float *got;     /* of want's size; parity_dit_pass fills it */
};

/* A failed line, and false, when something is missing. The caller sets model. */
bool parity_dit_case_read(struct parity *p, const struct weights *io, const char *name,
                          struct parity_dit_case *c);
void parity_dit_case_fini(struct parity_dit_case *c);

/* A parity_pass; arg is the case. */
int parity_dit_pass(struct step *s, void *arg, struct error *err);

/* NULL, and a failed line, when it cannot be opened. */
struct dit *parity_dit_open(struct parity *p, const struct weights *w, struct names *names);

/* STEM.safetensors and STEM_io.safetensors, for the lines of component; NULL when either is not
 * there. *io is the caller's in any case. */
struct weights *parity_dit_files(struct parity *p, const char *component, const char *stem,
                                 struct weights **io);
