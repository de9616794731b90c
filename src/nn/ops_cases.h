/* ops_cases.h - every row of the table of kernels with the sizes at which it is tried. The tests
 * compare each set with plain C over this list; bench/ops times the same list.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/ops.h"

/* Rows of m times n numbers; of a product also its taps of k. */
struct ops_size {
    int m, n, k, taps;
    bool add, bias;
};

/* What a row works on, filled anew from the same noise by ops_cases_fill. */
struct ops_data {
    float *y;         /* [m, ops_cases_stride], between painted bytes; a row in place reads it */
    float *x;         /* [taps * m, k] or [m, n] */
    float *a, *b;     /* [n] */
    float *w;         /* [n, taps * k], for m a multiple of 3 narrowed to bf16 */
    uint16_t *narrow; /* x in bf16 */
    const void **rows;
    void *packed;
    size_t packed_bytes;
};

struct ops_case {
    const char *name;
    const struct ops_size *sizes; /* the last is the one that is timed */
    int n_sizes;
    enum dtype number;  /* of the products that it needs; F32: every set can run it */
    float reach;        /* x and y are noise in -reach..reach */
    double bound;       /* error allowed, times 1 + the size of the number */
    double depth_bound; /* and, for products, times taps * k */
    void (*prepare)(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d);
    void (*run)(const struct nn_ops *ops, const struct ops_size *z, struct ops_data *d);
    double flops; /* of one multiplication of the size's m * n * k * taps, or of m * n numbers */
};

extern const struct ops_case ops_cases[];
extern const int ops_cases_count;

/* Room for a size of a case; the same for every set. Stops the process without memory. */
void ops_cases_open(struct ops_data *d, const struct ops_case *c, const struct ops_size *z);
void ops_cases_close(struct ops_data *d);

/* Noise everywhere, paint where nothing may be written; then the set's own layout of it. */
void ops_cases_fill(struct ops_data *d, const struct ops_case *c, const struct ops_size *z,
                    const struct nn_ops *ops);

int ops_cases_stride(const struct ops_size *z); /* numbers from row to row of y: more than n */

/* The painted bytes before, between and behind the rows of y, and behind packed, are as painted. */
bool ops_cases_intact(const struct ops_data *d, const struct ops_size *z);
