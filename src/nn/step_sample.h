/* step_sample.h - what the tests of steps stand on: a machine with scratch memory, and noise.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/step.h"

enum { SAMPLE_BYTES = 32 << 20 };

struct sample {
    struct nn *nn;
    struct arena *arena; /* of SAMPLE_BYTES */
    struct step step;    /* has begun */
    struct error err;
};

extern const struct nn_options sample_plain, sample_best; /* two threads */

void sample_open(struct sample *b, const struct nn_options *options);
void sample_fini(struct sample *b);
SCOPED_FINI(sample)

/* t filled with numbers in -1..1 that are the same from run to run; does nothing when measuring. */
struct tensor sample_fill(struct step *s, struct tensor t, uint64_t seed);
#define SAMPLE_NEW(s, seed, ...) sample_fill((s), STEP_NEW((s), __VA_ARGS__), (seed))

/* A tensor like t with memory of its own, not cleared: mem_free its data. */
struct tensor sample_apart(struct tensor t);

/* Each number of got within bound of want. */
void sample_near(struct tensor got, const double *want, double bound);

/* The distance of got from want, as a share of the length of want. */
double sample_distance(struct tensor got, struct tensor want);
