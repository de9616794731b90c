/* sampler.c - the steps of the samplers: Euler, DPM-Solver++ 2M and UniPC. The times stand in
 * sampler_times.c.
 *
 * With lambda = ln((1 - sigma) / sigma), h = lambda_next - lambda, m the clean latents that the
 * network's answers stand for (x0 = x - sigma v; m0 of now, m1 of the step before), and
 * D = (m1 - m0) / r, r = (lambda_before - lambda) / h, both families step by
 *
 *     x' = sigma'/sigma x - (1 - sigma') expm1(-h) (m0 + D / 2),
 *
 * without D in the first step. At the end sigma' = 0, h is infinite and x' = m0: that is a case
 * of its own, so that no infinity enters the sums. UniPC first corrects the x that it came to,
 * by the answer that the network gave there, in the same order as it came.
 *
 * Sources: Lu and others, DPM-Solver++ (arXiv 2211.01095), algorithm 2; Zhao and others, UniPC
 * (arXiv 2302.04867), algorithms 5 to 8, with B(h) = expm1(-h).
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/sampler.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/wan/sampler_times.h"

/* The parts of the state, each of n floats. */
enum part { X, MADE, MADE_BEFORE, LAST_X, PARTS };

struct sampler {
    enum sampler_kind kind;
    int n_steps, done;
    int64_t n;
    float *state;
    struct sampler_times times;
};

static const struct {
    const char *name;
    int n_parts; /* of enum part, from the first on */
} kinds[SAMPLERS] = {
    [SAMPLER_UNIPC] = {.name = "unipc", .n_parts = PARTS},
    [SAMPLER_DPMPP] = {.name = "dpm++", .n_parts = LAST_X},
    [SAMPLER_UNIPC_D] = {.name = "unipc-diffusers", .n_parts = PARTS},
    [SAMPLER_EULER] = {.name = "euler", .n_parts = MADE},
    [SAMPLER_DISTILLED] = {.name = "distilled", .n_parts = MADE},
};

const char *sampler_name(enum sampler_kind kind)
{
    return kinds[kind].name;
}

int sampler_find(const char *name, enum sampler_kind *out, struct error *err)
{
    for (int k = 0; k < SAMPLERS; k++)
        if (strcmp(name, kinds[k].name) == 0) {
            *out = (enum sampler_kind)k;
            return 0;
        }
    return error_set(err, ERR_INVALID,
                     "sampler is %.40s, must be unipc, dpm++, unipc-diffusers, euler or distilled",
                     name);
}

int64_t sampler_bytes(enum sampler_kind kind, int64_t n)
{
    return kinds[kind].n_parts * n * (int64_t)sizeof(float);
}

int sampler_open(struct sampler **out, const struct sampler_options *options, int64_t n,
                 struct error *err)
{
    assert(n > 0 && options->kind < SAMPLERS);
    SCOPED(sampler) struct sampler *s = mem_alloc(sizeof *s);
    *s = (struct sampler){.kind = options->kind, .n_steps = options->n_steps, .n = n};
    const int rc = sampler_times_make(&s->times, options, err);
    if (rc < 0)
        return rc;
    s->state = mem_try((size_t)sampler_bytes(s->kind, n));
    if (!s->state)
        return error_set(err, ERR_MEMORY, "no memory for the latent of %lld numbers", (long long)n);
    *out = TAKE(s);
    return 0;
}

void sampler_close(struct sampler *s)
{
    if (!s)
        return;
    mem_free(s->state);
    mem_free(s);
}

int sampler_steps(const struct sampler *s)
{
    return s->n_steps;
}

int sampler_done(const struct sampler *s)
{
    return s->done;
}

float sampler_time(const struct sampler *s, int i)
{
    assert(i >= 0 && i < s->n_steps);
    return s->times.time[i];
}

float sampler_sigma(const struct sampler *s, int i)
{
    assert(i >= 0 && i <= s->n_steps);
    return s->times.sigma[i];
}

static float *part(const struct sampler *s, enum part p)
{
    assert((int)p < kinds[s->kind].n_parts);
    return s->state + p * s->n;
}

float *sampler_x(struct sampler *s)
{
    return part(s, X);
}

float *sampler_state(struct sampler *s, int64_t *n_floats)
{
    *n_floats = kinds[s->kind].n_parts * s->n;
    return s->state;
}

int sampler_resume(struct sampler *s, int done, struct error *err)
{
    if (done < 0 || done > s->n_steps)
        return error_set(err, ERR_INVALID, "%d steps are done, must be 0 to %d", done, s->n_steps);
    s->done = done;
    return 0;
}

static double lambda(const struct sampler *s, int i)
{
    const double sigma = (double)s->times.sigma[i];
    return log(1 - sigma) - log(sigma);
}

/* How x goes from time i to time i + 1. */
struct move {
    double keep; /* of x */
    double m0;   /* of the clean latent of time i */
    double half; /* of the halved slope D of the clean latents before it */
    double r;    /* the length of the step before, as a share (negative) of this one */
};

static struct move move_of(const struct sampler *s, int i)
{
    const double sigma = (double)s->times.sigma[i], next = (double)s->times.sigma[i + 1];
    if (next <= 0)
        return (struct move){.m0 = 1, .r = -1};
    const double h = lambda(s, i + 1) - lambda(s, i);
    const double made = -(1 - next) * expm1(-h);
    struct move m = {.keep = next / sigma, .m0 = made, .r = -1};
    if (i > 0) {
        m.half = made;
        m.r = (lambda(s, i - 1) - lambda(s, i)) / h;
    }
    return m;
}

static void step_euler(struct sampler *s, const float *v)
{
    const double by = (double)s->times.sigma[s->done + 1] - (double)s->times.sigma[s->done];
    float *x = part(s, X);
    for (int64_t j = 0; j < s->n; j++)
        x[j] = (float)((double)x[j] + by * (double)v[j]);
}

/* The clean latent that v stands for becomes the newest; what was, the one before. */
static void remember(struct sampler *s, const float *v)
{
    const double sigma = (double)s->times.sigma[s->done];
    const float *x = part(s, X);
    float *m0 = part(s, MADE), *m1 = part(s, MADE_BEFORE);
    for (int64_t j = 0; j < s->n; j++) {
        m1[j] = m0[j];
        m0[j] = (float)((double)x[j] - sigma * (double)v[j]);
    }
}

static void predict(struct sampler *s)
{
    const struct move by = move_of(s, s->done);
    const float *m0 = part(s, MADE), *m1 = part(s, MADE_BEFORE);
    float *x = part(s, X);
    const double slope = by.half / 2 / by.r;
    for (int64_t j = 0; j < s->n; j++)
        x[j] = (float)(by.keep * (double)x[j] + by.m0 * (double)m0[j] +
                       slope * ((double)m1[j] - (double)m0[j]));
}

/* The weights of the corrector that came in the step to time i: of the slope behind it, and of
 * the change to the new clean latent. They solve [1 1; r 1] rho = b, b of the integrals of the
 * exponential (UniPC, equation 5 with B = expm1). */
static void corrector_weights(const struct sampler *s, int i, double r, double *behind,
                              double *ahead)
{
    *behind = 0;
    *ahead = 0.5;
    if (i < 2)
        return;
    const double hh = -(lambda(s, i) - lambda(s, i - 1));
    const double b = expm1(hh);
    const double phi2 = b / hh - 1, phi3 = phi2 / hh - 0.5;
    const double b1 = phi2 / b, b2 = 2 * phi3 / b;
    *behind = (b1 - b2) / (1 - r);
    *ahead = b1 - *behind;
}

/* x is where the last step came to, v the answer there: make the step anew from LAST_X with what
 * v says, and leave x corrected and the clean latents moved on. */
static void correct(struct sampler *s, const float *v)
{
    const struct move by = move_of(s, s->done - 1);
    double behind, ahead;
    corrector_weights(s, s->done, by.r, &behind, &ahead);
    const double sigma = (double)s->times.sigma[s->done];
    float *x = part(s, X), *m0 = part(s, MADE), *m1 = part(s, MADE_BEFORE);
    const float *last = part(s, LAST_X);
    for (int64_t j = 0; j < s->n; j++) {
        const double now = (double)m0[j],
                     made = (double)(float)((double)x[j] - sigma * (double)v[j]);
        const double slope = ((double)m1[j] - now) / by.r;
        x[j] = (float)(by.keep * (double)last[j] +
                       by.m0 * (now + behind * slope + ahead * (made - now)));
        m1[j] = m0[j];
        m0[j] = (float)made;
    }
}

static void step_unipc(struct sampler *s, const float *v)
{
    if (s->done == 0)
        remember(s, v);
    else
        correct(s, v);
    memcpy(part(s, LAST_X), part(s, X), (size_t)s->n * sizeof(float));
    predict(s);
}

void sampler_step(struct sampler *s, const float *velocity)
{
    assert(s->done < s->n_steps);
    switch (s->kind) {
    case SAMPLER_UNIPC:
    case SAMPLER_UNIPC_D:
        step_unipc(s, velocity);
        break;
    case SAMPLER_DPMPP:
        remember(s, velocity);
        predict(s);
        break;
    default:
        step_euler(s, velocity);
    }
    s->done++;
}
