/* parity.h - comparing the networks with what the reference computed, activation by activation.
 *
 * A golden folder holds safetensors: weights, and beside them inputs and results by name
 * (tests/parity/data/wan/README.md). Sizes, cases and names are taken from the files. The error of
 * a tensor is max |got - want| / max |want|; each comparison is one line of TAP with its error.
 *
 * A component registers itself:
 *
 *     PARITY(dit) { ... parity_compare(p, "a.out", got, want, PARITY_F32); }
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/probe.h"
#include "nn/nn.h"
#include "nn/step.h"
#include "nn/tensor.h"
#include "nn/weights.h"

/* Bounds. Another library for the reference's products moves its results by 4e-6 at most; an
 * order of the sums that is ours may move them somewhat more. Products in bf16 round each number
 * to 8 bits. */
#define PARITY_F32  1e-4
#define PARITY_BF16 2e-2

struct parity {
    const char *data; /* the golden folder */
    const char *part; /* of the component's name and the file: begins each line */
    int n_passed, n_failed, n_skipped;
    double worst; /* of the comparisons with PARITY_F32 */
    char worst_of[160];
};

typedef void parity_run(struct parity *p);
void parity_register(const char *name, parity_run *run);

#define PARITY(name)                                                                               \
    static void name(struct parity *p);                                                            \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        parity_register(#name, name);                                                              \
    }                                                                                              \
    static void name(struct parity *p)

/* One line of TAP. */
void parity_ok(struct parity *p, bool ok, const char *fmt, ...) PRINTF(3, 4);
void parity_skip(struct parity *p, const char *fmt, ...) PRINTF(2, 3);

/* FILE of the folder; NULL, and a skipped line, when it is not there; a failed one when it cannot
 * be read. The caller closes. */
struct weights *parity_open(struct parity *p, const char *file);

/* The stems of the folder's files STEM.safetensors that begin with prefix and have a partner
 * STEM_io.safetensors, as one allocation that the caller frees with mem_free; ends with NULL. */
char **parity_pairs(struct parity *p, const char *prefix);

/* A tensor that the file must have; otherwise a failed line, and false. */
bool parity_tensor(struct parity *p, const struct weights *w, struct tensor *out, const char *fmt,
                   ...) PRINTF(4, 5);

/* Number i of a tensor of I64 or F32. Tensors of a file stand at any address: these two, and the
 * comparisons below, mind that. */
double parity_number(const struct tensor *t, int64_t i);

/* All numbers of an F32 tensor; mem_free. */
float *parity_floats(const struct tensor *t);

/* n numbers got against n numbers of want from the first on. */
void parity_compare_part(struct parity *p, const char *name, const float *got,
                         const struct tensor *want, int64_t first, int64_t n, double bound);

/* got has want's count. */
void parity_compare(struct parity *p, const char *name, struct tensor got, struct tensor want,
                    double bound);

/* Equal bits? */
void parity_same(struct parity *p, const char *name, const float *a, const float *b, int64_t n);

/* max |got - want| / max |want|; infinite when a number is not finite. */
double parity_error(const float *got, const float *want, int64_t n);

/* ---- passes ------------------------------------------------------------------------------- */

typedef int parity_pass(struct step *s, void *arg, struct error *err);

/* Measure the pass, then run it in an arena of exactly that size; a failed line when it needs
 * another size than was measured. */
int parity_pass_run(struct parity *p, struct nn *nn, parity_pass *pass, void *arg,
                    struct error *err) MUST_CHECK;

/* x of the host on the step's stack. */
struct tensor parity_input(struct step *s, struct tensor x);

/* The ways to run: nn with these options, called what. */
struct parity_way {
    const char *name;
    struct nn_options options;
    double bound; /* of its results        */
    bool same;    /* bits equal to the first way's */
};

enum { PARITY_WAYS = 8 };

/* Whether to run what one thread does alone. Not under ThreadSanitizer, which has nothing to say
 * of it and takes tens of times as long; the other builds compare its numbers. */
#ifdef __SANITIZE_THREAD__
enum { PARITY_ALONE = 0 };
#else
enum { PARITY_ALONE = 1 };
#endif

/* With PARITY_ALONE one thread with the best kernels, then: several threads, each set of kernels
 * alone, bf16. Returns how many this machine has. */
int parity_ways(struct parity_way out[PARITY_WAYS]);

/* Compares what a probe shows with the tensors PREFIX.mid.NAME of a file. */
struct parity_mids {
    struct parity *p;
    const struct weights *io;
    const char *prefix;
    double bound;
    /* Optional: compares x in its own way; false: as usual. */
    bool (*special)(struct parity_mids *m, const char *name, struct tensor x);
    void *arg; /* of special */
    char seen[64][64];
    int n_seen;
};

struct probe parity_probe(struct parity_mids *m);

/* special has compared this one. */
void parity_mids_seen(struct parity_mids *m, const char *name);

/* A failed line for each tensor PREFIX.mid.* that was not shown. */
void parity_mids_end(struct parity_mids *m);

/* Cases of an io file: the part before the dot of each name that ends in ".ENDING"; as
 * parity_pairs. */
char **parity_cases(const struct weights *io, const char *ending);
