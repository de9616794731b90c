/* ops_test.c - each set of kernels against plain C, over the list of ops_cases.h.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "nn/ops_cases.h"
#include "nn/quant.h"
#include "nn/x86/sets.h"
#include "unit.h"

/* Two runs of a case at a size. */
struct pair {
    const struct ops_case *c;
    const struct ops_size *z;
    const char *set;
    struct ops_data want, got;
};

static void compare(const struct pair *p)
{
    const int stride = ops_cases_stride(p->z);
    const double depth = (double)p->z->taps * p->z->k;
    for (int i = 0; i < p->z->m; i++)
        for (int j = 0; j < p->z->n; j++) {
            const float want = p->want.y[(int64_t)i * stride + j];
            const float got = p->got.y[(int64_t)i * stride + j];
            const double bound = p->c->bound * (1 + fabs((double)want)) + p->c->depth_bound * depth;
            if (quant_to_bits(want) != quant_to_bits(got) && !(isnan(want) && isnan(got)) &&
                !(fabs((double)want - (double)got) <= bound))
                fail_msg("%s %s, %d x %d, k %d x %d: [%d, %d] is %.9g, not %.9g", p->set,
                         p->c->name, p->z->m, p->z->n, p->z->taps, p->z->k, i, j, (double)got,
                         (double)want);
        }
    if (!ops_cases_intact(&p->got, p->z))
        fail_msg("%s %s, %d x %d, writes outside its rows", p->set, p->c->name, p->z->m, p->z->n);
}

/* One number of what the row reads is NaN. */
static void poison(const struct ops_case *c, const struct ops_size *z, struct ops_data *d)
{
    const float nan = nanf("");
    d->x[(int64_t)z->n * (z->m - 1) / 2] = nan;
    d->y[(int64_t)ops_cases_stride(z) * (z->m - 1) + z->n / 2] = nan;
    d->a[z->n - 1] = nan;
    (void)c;
}

static void try_size(const struct ops_case *c, const struct ops_size *z, const struct nn_ops *ops,
                     const char *set)
{
    struct pair p = {.c = c, .z = z, .set = set};
    ops_cases_open(&p.want, c, z);
    ops_cases_open(&p.got, c, z);
    for (int poisoned = 0; poisoned < 2; poisoned++) {
        ops_cases_fill(&p.want, c, z, &ops_plain);
        ops_cases_fill(&p.got, c, z, ops);
        if (poisoned && c->number == DTYPE_F32) {
            poison(c, z, &p.want);
            poison(c, z, &p.got);
        }
        c->run(&ops_plain, z, &p.want);
        c->run(ops, z, &p.got);
        compare(&p);
    }
    ops_cases_close(&p.want);
    ops_cases_close(&p.got);
}

static void try_table(const struct nn_ops *ops, const char *set)
{
    for (int i = 0; i < ops_cases_count; i++) {
        const struct ops_case *c = &ops_cases[i];
        if (c->number == DTYPE_BF16 && ops->bf16.number != DTYPE_BF16) {
            print_message("# %s not tried: %s has no products of bf16 here\n", c->name, set);
            continue;
        }
        for (int s = 0; s < c->n_sizes; s++)
            try_size(c, &c->sizes[s], ops, set);
    }
}

#define TRY_SET(set)                                                                               \
    do {                                                                                           \
        const char *why = "";                                                                      \
        const struct nn_ops *ops = ops_find((set), &why);                                          \
        if (!ops)                                                                                  \
            UNIT_SKIP("%s", why);                                                                  \
        try_table(ops, ops_set_name(set));                                                         \
    } while (0)

TEST(plain_writes_inside_its_rows_only)
{
    TRY_SET(NN_PLAIN);
}

TEST(avx2_agrees_with_plain)
{
    TRY_SET(NN_AVX2);
}

TEST(avx512_agrees_with_plain)
{
    TRY_SET(NN_AVX512);
}

#ifdef NN_X86
TEST(the_source_of_the_avx512_kernels_agrees_with_plain)
{
    const char *why = "";
    if (!ops_find(NN_AVX2, &why))
        UNIT_SKIP("%s", why);
    try_table(&ops_wide, "wide");
}
#endif

TEST(activations_are_what_their_formulas_say)
{
    float silu[] = {0, 1, -1, 40, -40};
    float tanh_gelu[] = {0, 1, -1, 10, -3};
    float erf_gelu[] = {0, 1, -1, 10, -3};
    ops_plain.silu(silu, 5);
    ops_plain.gelu_tanh(tanh_gelu, 5);
    ops_plain.gelu_erf(erf_gelu, 5);
    /* Computed with 20 digits elsewhere. */
    const double silu_is[] = {0, 0.73105857863, -0.26894142137, 40, -1.6993417e-16};
    const double tanh_is[] = {0, 0.84119199060, -0.15880800940, 10, -0.0036373920};
    const double erf_is[] = {0, 0.84134474607, -0.15865525393, 10, -0.0040496941};
    for (int i = 0; i < 5; i++) {
        assert_true(fabs((double)silu[i] - silu_is[i]) < 1e-7);
        assert_true(fabs((double)tanh_gelu[i] - tanh_is[i]) < 1e-7);
        assert_true(fabs((double)erf_gelu[i] - erf_is[i]) < 1e-7);
    }
}

TEST(a_row_of_masked_scores_has_no_weight)
{
    for (int set = 0; set < NN_SETS; set++) {
        const char *why;
        const struct nn_ops *ops = ops_find((enum nn_set)set, &why);
        if (!ops)
            continue;
        float p[11];
        struct ops_softmax run = {.max = -INFINITY};
        for (int i = 0; i < 11; i++)
            p[i] = -INFINITY;
        assert_true(ops->softmax(p, 11, 1, NULL, &run) == 1);
        for (int i = 0; i < 11; i++) {
            assert_true(p[i] == 0);
            p[i] = i == 4 ? 2 : -INFINITY;
        }
        assert_true(run.sum == 0);
        ops->softmax(p, 11, 1, NULL, &run);
        for (int i = 0; i < 11; i++)
            assert_true(p[i] == (i == 4 ? 1 : 0));
        assert_true(run.sum == 1);
    }
}
