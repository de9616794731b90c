/* step_impl.h - what the operations share: scratch, vectors of weights, and work cut by rows.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/nn_impl.h"
#include "nn/step.h"

/* bytes of the stack, aligned to 64 and not cleared; NULL after a failure. When measuring, an
 * address that must not be touched. */
void *step_bytes(struct step *s, size_t bytes);

/* Nothing to do: failed before, or only measuring. */
bool step_idle(const struct step *s);

/* x must be an activation: F32 and there. True when it is; what is its name in the error. */
bool step_check(struct step *s, const struct tensor *x, const char *what);

/* The n numbers of t as f32: where they are, or widened onto the stack. NULL when t is none, or
 * after a failure (n does not match). */
const float *step_vector(struct step *s, const struct tensor *t, int64_t n, const char *what);

/* Entries first .. first + n - 1 of t's outermost axis, as f32. */
void step_widen_part(float *out, const struct tensor *t, int64_t first, int64_t n);

/* Rows to be worked on one by one. */
struct step_rows {
    const struct nn_ops *ops;
    float *y;       /* [n, cols] */
    const float *x; /* [n, cols] */
    const float *a, *b;
    int64_t a_step, b_step; /* numbers of a and b from row to row; 0: all rows share one */
    int64_t n, cols;
    int64_t count; /* numbers in all: the last row may be shorter */
    float low, high;
    void (*row)(const struct step_rows *w, int64_t r);
};

/* Call w->row for each row, in parallel. */
void step_each_row(struct step *s, struct step_rows *w);
