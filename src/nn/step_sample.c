/* step_sample.c - see step_sample.h. SPDX-License-Identifier: MIT */
#include "nn/step_sample.h"

#include <math.h>

#include "base/memory.h"
#include "unit.h"

const struct nn_options sample_plain = {.n_threads = 2, .sets = 1u << NN_PLAIN};
const struct nn_options sample_best = {.n_threads = 2};

void sample_open(struct sample *b, const struct nn_options *options)
{
    CHECK_OK(nn_open(&b->nn, options, &b->err), b->err);
    CHECK_OK(arena_open(&b->arena, SAMPLE_BYTES, &b->err), b->err);
    step_begin(&b->step, b->nn, b->arena);
}

void sample_fini(struct sample *b)
{
    arena_close(b->arena);
    nn_close(b->nn);
}

static float noise(uint64_t i)
{
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return (float)((double)(z >> 11) / (double)(1ULL << 52) - 1);
}

struct tensor sample_fill(struct step *s, struct tensor t, uint64_t seed)
{
    for (int64_t i = 0; t.data && !step_measuring(s) && i < tensor_count(&t); i++)
        tensor_f32(&t)[i] = noise(seed * 1000003 + (uint64_t)i);
    return t;
}

struct tensor sample_apart(struct tensor t)
{
    t.data = mem_try(tensor_bytes(&t));
    assert_non_null(t.data);
    return t;
}

void sample_near(struct tensor got, const double *want, double bound)
{
    for (int64_t i = 0; i < tensor_count(&got); i++)
        if (!(fabs((double)tensor_f32(&got)[i] - want[i]) <= bound))
            fail_msg("number %lld is %.9g, not %.9g", (long long)i, (double)tensor_f32(&got)[i],
                     want[i]);
}

double sample_distance(struct tensor got, struct tensor want)
{
    double apart = 0;
    double length = 0;
    assert_true(tensor_same_shape(&got, &want));
    for (int64_t i = 0; i < tensor_count(&got); i++) {
        const double w = (double)tensor_f32(&want)[i];
        const double d = (double)tensor_f32(&got)[i] - w;
        apart += d * d;
        length += w * w;
    }
    return sqrt(apart / (length + 1e-300));
}
