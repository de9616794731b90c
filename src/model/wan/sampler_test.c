/* sampler_test.c - times and steps of the samplers. tests/parity holds whole tables and
 * trajectories of the reference against them. SPDX-License-Identifier: MIT */
#include "model/wan/sampler.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "unit.h"

static struct sampler *open_sampler(enum sampler_kind kind, int steps, double shift, int64_t n)
{
    struct error err;
    struct sampler *s = NULL;
    const struct sampler_options o = {.kind = kind, .n_steps = steps, .shift = shift};
    CHECK_OK(sampler_open(&s, &o, n, &err), err);
    return s;
}

TEST(four_steps_at_shift_5_have_the_times_of_their_programs)
{
    static const float times[SAMPLERS][4] = {
        [SAMPLER_UNIPC] = {999, 937, 833, 624},
        [SAMPLER_DPMPP] = {1000, 937, 833, 625},
        [SAMPLER_UNIPC_D] = {999, 937, 833, 625},
        [SAMPLER_EULER] = {1000, 909.70715F, 717.31744F, 24.414066F},
        [SAMPLER_DISTILLED] = {1000, 937.5F, 833.3333F, 625},
    };
    for (int kind = 0; kind < SAMPLERS; kind++) {
        SCOPED(sampler) struct sampler *s = open_sampler((enum sampler_kind)kind, 4, 5, 1);
        for (int i = 0; i < 4; i++)
            assert_float_equal(sampler_time(s, i), times[kind][i], 1e-4);
        assert_true(sampler_sigma(s, 4) == 0);
    }
}

TEST(a_list_of_times_is_shifted)
{
    struct error err;
    SCOPED(sampler) struct sampler *s = NULL;
    const struct sampler_options o = {.kind = SAMPLER_DISTILLED,
                                      .n_steps = 3,
                                      .shift = 8,
                                      .times = (const int[]){1000, 757, 522}};
    CHECK_OK(sampler_open(&s, &o, 1, &err), err);
    assert_float_equal(sampler_sigma(s, 1), 0.96142244F, 1e-6);
    assert_float_equal(sampler_time(s, 2), 897.29260F, 1e-3);
}

/* With the velocity of a straight flow every kind ends where the flow does. */
TEST(a_straight_flow_is_followed_to_its_end)
{
    enum { N = 5 };
    const float clean[N] = {0, 1, -2, 0.5F, 30}, noise[N] = {1, -1, 0.25F, 0, 2};
    for (int kind = 0; kind < SAMPLERS; kind++)
        for (int steps = 1; steps <= 30; steps++) {
            SCOPED(sampler)
            struct sampler *s = open_sampler((enum sampler_kind)kind, steps, 3, N);
            float v[N], *x = sampler_x(s), sigma = sampler_sigma(s, 0);
            for (int j = 0; j < N; j++) {
                v[j] = noise[j] - clean[j];
                x[j] = (1 - sigma) * clean[j] + sigma * noise[j];
            }
            while (sampler_done(s) < sampler_steps(s))
                sampler_step(s, v);
            for (int j = 0; j < N; j++)
                assert_float_equal(x[j], clean[j], 1e-4);
        }
}

/* A network of sorts: bends, and asks for its time. */
static void velocity(const struct sampler *s, const float *x, float *v, int n)
{
    const float t = sampler_time(s, sampler_done(s));
    for (int j = 0; j < n; j++)
        v[j] = 0.9F * x[j] + 0.2F * sinf(2 * x[j] + 0.004F * t) - 0.1F * (float)j;
}

/* A better curve: with more steps the families of higher order and Euler meet. */
TEST(all_kinds_come_to_the_same_end_with_many_steps)
{
    enum { N = 4 };
    float ends[SAMPLERS][N];
    for (int kind = 0; kind < SAMPLERS; kind++) {
        SCOPED(sampler) struct sampler *s = open_sampler((enum sampler_kind)kind, 1000, 1, N);
        float v[N], *x = sampler_x(s);
        for (int j = 0; j < N; j++)
            x[j] = (float)j - 1.5F;
        while (sampler_done(s) < sampler_steps(s)) {
            velocity(s, x, v, N);
            sampler_step(s, v);
        }
        memcpy(ends[kind], x, sizeof ends[kind]);
    }
    for (int kind = 1; kind < SAMPLERS; kind++)
        for (int j = 0; j < N; j++)
            assert_float_equal(ends[kind][j], ends[0][j], 0.01);
}

TEST(a_run_put_back_from_its_state_goes_on_to_the_bit)
{
    enum { N = 6, STEPS = 8 };
    for (int kind = 0; kind < SAMPLERS; kind++)
        for (int stop = 0; stop <= STEPS; stop++) {
            SCOPED(sampler)
            struct sampler *whole = open_sampler((enum sampler_kind)kind, STEPS, 5, N);
            SCOPED(sampler)
            struct sampler *rest = open_sampler((enum sampler_kind)kind, STEPS, 5, N);
            float v[N];
            for (int j = 0; j < N; j++)
                sampler_x(whole)[j] = 0.3F * (float)j - 1;
            for (int i = 0; i <= STEPS; i++) {
                if (i == stop) {
                    int64_t n, m;
                    const float *from = sampler_state(whole, &n);
                    float *to = sampler_state(rest, &m);
                    assert_int_equal(n, m);
                    assert_int_equal((int64_t)sizeof(float) * n,
                                     sampler_bytes((enum sampler_kind)kind, N));
                    memcpy(to, from, (size_t)n * sizeof(float));
                    struct error err;
                    CHECK_OK(sampler_resume(rest, i, &err), err);
                }
                if (i == STEPS)
                    break;
                velocity(whole, sampler_x(whole), v, N);
                sampler_step(whole, v);
            }
            while (sampler_done(rest) < STEPS) {
                velocity(rest, sampler_x(rest), v, N);
                sampler_step(rest, v);
            }
            assert_memory_equal(sampler_x(rest), sampler_x(whole), N * sizeof(float));
        }
}

TEST(wrong_options_are_refused_with_their_number)
{
    struct error err;
    struct sampler *s = NULL;
    const struct sampler_options wrong[] = {
        {.kind = SAMPLER_UNIPC, .n_steps = 0, .shift = 5},
        {.kind = SAMPLER_UNIPC, .n_steps = 1001, .shift = 5},
        {.kind = SAMPLER_EULER, .n_steps = 4, .shift = 0},
        {.kind = SAMPLER_EULER, .n_steps = 4, .shift = NAN},
        {.kind = SAMPLER_DISTILLED, .n_steps = 2, .shift = 5, .times = (const int[]){500, 500}},
        {.kind = SAMPLER_DISTILLED, .n_steps = 2, .shift = 5, .times = (const int[]){1001, 500}},
        {.kind = SAMPLER_DISTILLED, .n_steps = 2, .shift = 5, .times = (const int[]){500, 0}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_ERR(sampler_open(&s, &wrong[i], 4, &err), ERR_INVALID);
    SCOPED(sampler) struct sampler *good = open_sampler(SAMPLER_UNIPC, 4, 5, 1);
    CHECK_ERR(sampler_resume(good, 5, &err), ERR_INVALID);
    CHECK_ERR(sampler_resume(good, -1, &err), ERR_INVALID);
}

TEST(samplers_are_found_by_their_names)
{
    struct error err;
    for (int kind = 0; kind < SAMPLERS; kind++) {
        enum sampler_kind found;
        CHECK_OK(sampler_find(sampler_name((enum sampler_kind)kind), &found, &err), err);
        assert_int_equal(found, kind);
    }
    enum sampler_kind found;
    CHECK_ERR(sampler_find("heun", &found, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "heun"));
}
