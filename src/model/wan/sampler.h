/* sampler.h - from noise to a clean latent in n steps: when the network is asked, and what
 * becomes of the latent with each answer.
 *
 * Flow matching: at time sigma the latent is x = (1 - sigma) x0 + sigma noise, and the network
 * gives the velocity v = noise - x0. All kinds shift the times: sigma' = k sigma /
 * (1 + (k - 1) sigma), with k the shift. The last sigma is always 0.
 *
 *     sampler_open(&s, &options, n, err);          x is n floats
 *     randn_fill(&r, sampler_x(s), n);
 *     while (sampler_done(s) < sampler_steps(s))
 *         sampler_step(s, velocity of sampler_x(s) at sampler_time(s, sampler_done(s)));
 *
 * The state is one array of floats and the number of steps done: both saved and put back, a run
 * goes on as if it had not stopped, to the bit. The caller may change x between steps (image to
 * video of TI2V puts its first frame back).
 *
 * Thread: one. State and results f32, sums in double.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

enum sampler_kind {
    SAMPLER_UNIPC,     /* the official program's; the default of the open models */
    SAMPLER_DPMPP,     /* the official program's other one: DPM-Solver++ 2M */
    SAMPLER_UNIPC_D,   /* UniPC on the times of diffusers */
    SAMPLER_EULER,     /* Euler on the times of diffusers' FlowMatchEuler */
    SAMPLER_DISTILLED, /* Euler on listed times, for models distilled to few steps */
    SAMPLERS,
};

const char *sampler_name(enum sampler_kind kind); /* "unipc"; static */

/* The kind of this name; ERR_INVALID with the names there are. */
int sampler_find(const char *name, enum sampler_kind *out, struct error *err) MUST_CHECK;

enum { SAMPLER_MOST_STEPS = 1000 };

struct sampler_options {
    enum sampler_kind kind;
    int n_steps;      /* 1..SAMPLER_MOST_STEPS */
    double shift;     /* above 0 */
    const int *times; /* SAMPLER_DISTILLED: n_steps times before the shift, falling, 1..1000; NULL:
                       * evenly from 1000 */
};

struct sampler;

/* ERR_INVALID, ERR_MEMORY. */
int sampler_open(struct sampler **out, const struct sampler_options *options, int64_t n,
                 struct error *err) MUST_CHECK;
void sampler_close(struct sampler *s); /* NULL is fine */
SCOPED_CLOSE(sampler)

int sampler_steps(const struct sampler *s);
int sampler_done(const struct sampler *s); /* steps made */

/* What the network is told in step i, 0..1000: whole for the kinds that cut it. */
float sampler_time(const struct sampler *s, int i);
float sampler_sigma(const struct sampler *s, int i); /* i up to and including n_steps: 0 */

float *sampler_x(struct sampler *s); /* n floats; valid until close */

/* One step with the network's answer for x; changes x. At most sampler_steps times. */
void sampler_step(struct sampler *s, const float *velocity);

/* What a checkpoint keeps besides the number of steps done: *n_floats floats, x the first. */
float *sampler_state(struct sampler *s, int64_t *n_floats);

/* The state has been put back as it was after `done` steps. ERR_INVALID: there are not so many. */
int sampler_resume(struct sampler *s, int done, struct error *err) MUST_CHECK;

/* Bytes of the state for n floats of x, before it is opened. */
int64_t sampler_bytes(enum sampler_kind kind, int64_t n);
