/* sampler.c - times, steps and noise against the reference's tables.
 *
 * Names of sched_tables: KIND.stepsN_shiftK.{timesteps,sigmas} and
 * step_distill.T-T-..._shiftK.…; of sched_traj: NAME with the kind, the count of steps and the
 * shift in it, NAME.stepI.x and NAME.final; of randn_cpu: seedS.AxBx… and
 * seedS.second_draw_after_AxBx…, the beginning of a second draw of the same size.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/sampler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/wan/randn.h"
#include "parity.h"

#define SIGMA_BOUND 1e-6 /* asked for by the data's README */

enum { MOST_LISTED = 64 };

static const struct {
    const char *name;
    enum sampler_kind kind;
} spellings[] = {
    {"wan_unipc", SAMPLER_UNIPC},         {"wan_dpmpp", SAMPLER_DPMPP},
    {"diffusers_unipc", SAMPLER_UNIPC_D}, {"diffusers_euler", SAMPLER_EULER},
    {"step_distill", SAMPLER_DISTILLED},
};

/* The kind that name begins with; *rest: what follows. */
static bool kind_of(const char *name, enum sampler_kind *kind, const char **rest)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const size_t len = strlen(spellings[i].name);
        if (strncmp(name, spellings[i].name, len) == 0) {
            *kind = spellings[i].kind;
            *rest = name + len;
            return true;
        }
    }
    return false;
}

/* ".stepsN_shiftK.", ".T-T-..._shiftK.", or "N_shiftK." of a trajectory. */
static bool read_options(const char *at, struct sampler_options *o, int times[MOST_LISTED])
{
    char *end;
    at += *at == '.';
    at += strncmp(at, "steps", 5) == 0 ? 5 : 0;
    int n = 0;
    for (end = (char *)(uintptr_t)at; n < MOST_LISTED && *end != '_'; n++) {
        at += *at == '-';
        times[n] = (int)strtol(at, &end, 10);
        if (end == at)
            return false;
        at = end;
    }
    if (n == 0 || strncmp(at, "_shift", 6) != 0)
        return false;
    o->shift = strtod(at + 6, &end);
    const bool listed = o->kind == SAMPLER_DISTILLED && times[0] > MOST_LISTED;
    o->n_steps = listed ? n : times[0];
    o->times = listed ? times : NULL;
    return true;
}

static struct sampler *sampler_of(struct parity *p, const char *name, int64_t n)
{
    int times[MOST_LISTED];
    const char *rest;
    struct sampler_options o = {0};
    struct sampler *s = NULL;
    struct error err = {.text = "the name says no kind, steps and shift"};
    if (!kind_of(name, &o.kind, &rest) || !read_options(rest, &o, times) ||
        sampler_open(&s, &o, n, &err) < 0)
        parity_ok(p, false, "%s: %s", name, err.text);
    return s;
}

/* Whole numbers lie wherever the file put them, not aligned. */
static double number_of(const struct tensor *t, int64_t i)
{
    int64_t whole;
    if (t->dtype != DTYPE_I64)
        return (double)tensor_f32(t)[i];
    memcpy(&whole, (const char *)t->data + i * (int64_t)sizeof whole, sizeof whole);
    return (double)whole;
}

static void compare_times(struct parity *p, const char *name, const struct sampler *s,
                          const struct tensor *want)
{
    const bool whole = want->dtype == DTYPE_I64;
    double off = tensor_count(want) == sampler_steps(s) ? 0 : INFINITY;
    for (int i = 0; i < sampler_steps(s) && isfinite(off); i++)
        off = fmax(off, fabs((double)sampler_time(s, i) - number_of(want, i)));
    /* Times that are not whole are a thousand times a sigma. */
    parity_ok(p, off <= (whole ? 0 : 1000 * SIGMA_BOUND), "%s: off by %.1e, at most %.0e", name,
              off, whole ? 0 : 1000 * SIGMA_BOUND);
}

static void compare_sigmas(struct parity *p, const char *name, const struct sampler *s,
                           const struct tensor *want)
{
    const int64_t n = tensor_count(want); /* the last 0 is left out of the distilled ones */
    double off = n == sampler_steps(s) || n == sampler_steps(s) + 1 ? 0 : INFINITY;
    for (int i = 0; i < n && isfinite(off); i++)
        off = fmax(off, fabs((double)sampler_sigma(s, i) - number_of(want, i)));
    parity_ok(p, off <= SIGMA_BOUND, "%s: off by %.1e, at most %.0e", name, off, SIGMA_BOUND);
}

static void compare_table(struct parity *p, const char *name, const struct tensor *want)
{
    SCOPED(sampler) struct sampler *s = sampler_of(p, name, 1);
    if (!s)
        return;
    if (strstr(name, ".timesteps"))
        compare_times(p, name, s, want);
    else
        compare_sigmas(p, name, s, want);
}

PARITY(sampler_times)
{
    struct weights *w = parity_open(p, "sched_tables.safetensors");
    for (int i = 0; w && i < weights_count(w); i++) {
        const struct tensor want = weights_tensor(w, i);
        compare_table(p, weights_name(w, i), &want);
    }
    weights_close(w);
}

/* The velocity that the trajectories were made with. */
static void velocity(float *v, const float *x, const float *c, int64_t n, float t)
{
    for (int64_t i = 0; i < n; i++)
        v[i] = (float)(0.9 * (double)x[i] - 0.7 * (double)c[i] +
                       0.2 * sin(2 * (double)x[i] + 0.004 * (double)t));
}

static void run_trajectory(struct parity *p, const struct weights *w, const char *name)
{
    struct tensor init, c, want;
    if (!parity_tensor(p, w, &init, "x_init") || !parity_tensor(p, w, &c, "c"))
        return;
    const int64_t n = tensor_count(&init);
    SCOPED(sampler) struct sampler *s = sampler_of(p, name, n);
    SCOPED(mem) float *v = mem_try((size_t)n * sizeof *v);
    if (!s || !v)
        return;
    memcpy(sampler_x(s), init.data, (size_t)n * sizeof *v);
    while (sampler_done(s) < sampler_steps(s)) {
        char step[128];
        const int i = sampler_done(s);
        velocity(v, sampler_x(s), tensor_f32(&c), n, sampler_time(s, i));
        sampler_step(s, v);
        snprintf(step, sizeof step, "%s.step%d.x", name, i);
        if (weights_find(w, step, &want))
            parity_compare_part(p, step, sampler_x(s), &want, 0, n, PARITY_F32);
        snprintf(step, sizeof step, "%s.final", name);
        if (i + 1 == sampler_steps(s) && weights_find(w, step, &want))
            parity_compare_part(p, step, sampler_x(s), &want, 0, n, PARITY_F32);
    }
}

PARITY(sampler_trajectories)
{
    struct weights *w = parity_open(p, "sched_traj.safetensors");
    if (!w)
        return;
    char **names = parity_cases(w, "timesteps");
    for (char **name = names; *name; name++)
        run_trajectory(p, w, *name);
    mem_free(names);
    weights_close(w);
}

/* "16x3x4x6" */
static int64_t count_of(const char *at)
{
    int64_t n = 1;
    for (char *end; *at; at = *end == 'x' ? end + 1 : end)
        n *= strtoll(at, &end, 10);
    return n;
}

static void compare_noise(struct parity *p, const char *name, const struct tensor *want)
{
    static const char second[] = "second_draw_after_";
    char *end;
    const uint64_t seed = strtoull(name + 4, &end, 10);
    const bool again = strncmp(end + 1, second, sizeof second - 1) == 0;
    const int64_t n = count_of(end + 1 + (again ? sizeof second - 1 : 0));
    SCOPED(mem) float *x = mem_try((size_t)n * sizeof *x);
    if (!x || strncmp(name, "seed", 4) != 0 || tensor_count(want) > n) {
        parity_ok(p, false, "%s: the name says no seed and size", name);
        return;
    }
    struct randn r;
    randn_init(&r, seed);
    for (int draw = 0; draw <= again; draw++)
        randn_fill(&r, x, n);
    parity_compare_part(p, name, x, want, 0, tensor_count(want), SIGMA_BOUND);
}

PARITY(noise)
{
    struct weights *w = parity_open(p, "randn_cpu.safetensors");
    for (int i = 0; w && i < weights_count(w); i++) {
        const struct tensor want = weights_tensor(w, i);
        compare_noise(p, weights_name(w, i), &want);
    }
    weights_close(w);
}
