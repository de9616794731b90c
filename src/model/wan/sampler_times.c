/* sampler_times.c - the times of a sampler's steps: five ways to cut 1..0, each as its program
 * does it, down to what is rounded before it is cut to a whole number.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/sampler_times.h"

#include <math.h>
#include <stdbool.h>

/* The number i of n that go from first to last in even steps. */
static double evenly(double first, double last, int i, int n)
{
    return first + i * ((last - first) / n);
}

static double shifted(double sigma, double shift)
{
    return shift * sigma / (1 + (shift - 1) * sigma);
}

static double unshifted(const struct sampler_options *o, int i)
{
    switch (o->kind) {
    case SAMPLER_UNIPC:
        /* The official program keeps its table in f32: from 0.999 in double other whole numbers
         * come out in some places. */
        return evenly((double)0.999F, 0, i, o->n_steps);
    case SAMPLER_DPMPP:
        return evenly(1, 0, i, o->n_steps);
    case SAMPLER_UNIPC_D:
        return evenly(1, 0.001, i, o->n_steps);
    case SAMPLER_EULER:
        /* The ends of diffusers' table are shifted already: at the low end the shift acts twice. */
        return o->n_steps == 1 ? 1 : evenly(1, shifted(0.001, o->shift), i, o->n_steps - 1);
    default:
        return o->times ? o->times[i] / 1000.0 : evenly(1, 0, i, o->n_steps);
    }
}

static int check(const struct sampler_options *o, struct error *err)
{
    if (o->n_steps < 1 || o->n_steps > SAMPLER_MOST_STEPS)
        return error_set(err, ERR_INVALID, "steps is %d, must be 1 to %d", o->n_steps,
                         SAMPLER_MOST_STEPS);
    if (!(o->shift > 0 && o->shift <= 1000))
        return error_set(err, ERR_INVALID, "shift is %g, must be above 0 and at most 1000",
                         o->shift);
    if (o->kind != SAMPLER_DISTILLED || !o->times)
        return 0;
    for (int i = 0, before = 1001; i < o->n_steps; before = o->times[i], i++)
        if (o->times[i] < 1 || o->times[i] >= before)
            return error_set(err, ERR_INVALID,
                             "time %d of the steps is %d, must be 1 to 1000 and fall", i,
                             o->times[i]);
    return 0;
}

int sampler_times_make(struct sampler_times *t, const struct sampler_options *options,
                       struct error *err)
{
    const int rc = check(options, err);
    if (rc < 0)
        return rc;
    const bool whole = options->kind <= SAMPLER_UNIPC_D;
    for (int i = 0; i < options->n_steps; i++) {
        double sigma = shifted(unshifted(options, i), options->shift);
        if (options->kind == SAMPLER_UNIPC_D && i == 0)
            sigma = 1 - 1e-6; /* 1 has no logarithm of its signal */
        t->sigma[i] = (float)sigma;
        t->time[i] = (float)(whole ? trunc(1000 * sigma) : 1000 * sigma);
    }
    t->sigma[options->n_steps] = 0;
    return 0;
}
