/* nn.c - see nn.h. SPDX-License-Identifier: MIT */
#include "nn/nn.h"

#include <sched.h>
#include <stdio.h>

#include "base/memory.h"
#include "nn/nn_impl.h"

enum { MOST_THREADS = 1024 };

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 1;
    return CPU_COUNT(&set);
}

/* The best set that the processor has and that the caller allows. */
static int choose(struct nn *nn, unsigned allowed, struct error *err)
{
    const char *why = "no set of kernels is allowed";
    for (int set = NN_SETS - 1; set >= 0; set--) {
        if (allowed && !(allowed & 1u << set))
            continue;
        nn->ops = ops_find((enum nn_set)set, &why);
        nn->set = (enum nn_set)set;
        if (nn->ops)
            return 0;
    }
    return error_set(err, ERR_INVALID, "no kernels: %s", why);
}

int nn_open(struct nn **out, const struct nn_options *options, struct error *err)
{
    if (options->n_threads < 0 || options->n_threads > MOST_THREADS)
        return error_set(err, ERR_INVALID, "threads is %d, must be 0 to %d", options->n_threads,
                         MOST_THREADS);
    SCOPED(nn) struct nn *nn = mem_alloc(sizeof *nn);
    const int n_threads = options->n_threads ? options->n_threads : processors();
    if (choose(nn, options->sets, err) < 0 || pool_open(&nn->pool, n_threads, err) < 0)
        return err->code;
    nn->products = options->precision == NN_BF16 ? &nn->ops->bf16 : &nn->ops->f32;
    snprintf(nn->summary, sizeof nn->summary, "%d thread%s, %s, %s", n_threads,
             n_threads == 1 ? "" : "s", ops_set_name(nn->set),
             nn->products->number == DTYPE_BF16 ? "bf16" : "f32");
    *out = TAKE(nn);
    return 0;
}

void nn_close(struct nn *nn)
{
    if (!nn)
        return;
    pool_close(nn->pool);
    mem_free(nn);
}

int nn_threads(const struct nn *nn)
{
    return pool_workers(nn->pool);
}

enum nn_set nn_set_of(const struct nn *nn)
{
    return nn->set;
}

const char *nn_summary(const struct nn *nn)
{
    return nn->summary;
}

struct plain_job {
    void (*job)(void *arg, int i);
    void *arg;
};

static void run_plain_job(void *arg, int i, int worker)
{
    (void)worker;
    const struct plain_job *p = arg;
    p->job(p->arg, i);
}

void nn_parallel(struct nn *nn, int n, void (*job)(void *arg, int i), void *arg)
{
    struct plain_job p = {.job = job, .arg = arg};
    pool_run(nn->pool, n, run_plain_job, &p);
}

void nn_watch(struct nn *nn, bool (*pulse)(void *arg), void *arg)
{
    pool_watch(nn->pool, pulse, arg);
}
