/* nn.h - the machine a network runs on: its threads, its kernels, its scratch memory.
 *
 * The model code (src/model/) sees only this header, step.h, tensor.h and weights.h. Another
 * device is another set of rows in the table of kernels (ops.h) and another kind of arena; no
 * line of a model changes.
 *
 * Results do not depend on the number of threads: work is cut by shape, never by thread, and
 * no sum crosses a cut.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/scope.h"
#include "nn/tensor.h"

/* In what the products of matrices and convolutions are multiplied; sums, norms, softmax, gates,
 * the residual stream and most convolutions of 3 x 3 px (step_conv) are f32 in both. */
enum nn_precision {
    NN_F32,
    NN_BF16, /* where the processor multiplies bf16, and in plain C; elsewhere as NN_F32 */
};

/* Sets of kernels, from the truth up. */
enum nn_set { NN_PLAIN, NN_AVX2, NN_AVX512, NN_SETS };

struct nn_options {
    int n_threads; /* 0: one per processor this process may use */
    enum nn_precision precision;
    unsigned sets; /* bits 1 << enum nn_set that may be used; 0: all that the processor has */
};

struct nn;

/* ERR_INVALID: the number of threads, or no set is left; ERR_IO: no threads to be had. */
int nn_open(struct nn **out, const struct nn_options *options, struct error *err) MUST_CHECK;
void nn_close(struct nn *nn); /* NULL is fine */
SCOPED_CLOSE(nn)

int nn_threads(const struct nn *nn);
enum nn_set nn_set_of(const struct nn *nn);
const char *nn_summary(const struct nn *nn); /* "2 threads, avx2, f32"; static with nn */

/* Call job(arg, i) for each i of 0..n - 1, in parallel; returns when all are done. Not
 * re-entrant. Any data that two calls write must not overlap. */
void nn_parallel(struct nn *nn, int n, void (*job)(void *arg, int i), void *arg);

/* Have pulse(arg) called while operations run, from their thread, at most ten times a second and
 * however long one of them takes. Once it said true, all operations leave what they have not begun,
 * their results are worth nothing and step_end says ERR_CANCELLED, until the next nn_watch. NULL:
 * nobody watches. */
void nn_watch(struct nn *nn, bool (*pulse)(void *arg), void *arg);

/* Scratch memory of a pass: a stack of tensors. Sized once; measured by a pass that computes
 * nothing (step.h). */
struct arena;
int arena_open(struct arena **out, size_t bytes, struct error *err) MUST_CHECK; /* ERR_MEMORY */
void arena_close(struct arena *a);                                              /* NULL is fine */
SCOPED_CLOSE(arena)
