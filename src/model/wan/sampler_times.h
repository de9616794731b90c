/* sampler_times.h - the times of a sampler's steps, for sampler.c.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/sampler.h"

struct sampler_times {
    float sigma[SAMPLER_MOST_STEPS + 1]; /* falling, in (0, 1]; the last is 0 */
    float time[SAMPLER_MOST_STEPS];      /* what the network is told */
};

/* ERR_INVALID: steps, shift or list out of range. */
int sampler_times_make(struct sampler_times *t, const struct sampler_options *options,
                       struct error *err) MUST_CHECK;
