/* limits.c - passes that must end early: without memory, cancelled, or with inputs that do not fit.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "base/memory.h"
#include "parity_dit.h"

enum { SIZES = 96 };

/* Wherever the scratch runs out, the pass ends with that error and touches nothing after it. */
static void too_little_scratch(struct parity *p, struct nn *nn, struct parity_dit_case *c)
{
    struct step s;
    struct error err = {0};
    int n_refused = 0;
    step_begin(&s, nn, NULL);
    if (parity_dit_pass(&s, c, &err) < 0)
        parity_ok(p, false, "measuring: %s", err.text);
    size_t needed = s.peak;
    for (size_t i = 1; i <= SIZES; i++) {
        SCOPED(arena) struct arena *arena = NULL;
        if (arena_open(&arena, needed * i / (SIZES + 1), &err) < 0)
            continue;
        step_begin(&s, nn, arena);
        n_refused += parity_dit_pass(&s, c, &err) == ERR_MEMORY;
    }
    parity_ok(p, n_refused == SIZES, "%d of %d scratches that are too small are refused", n_refused,
              SIZES);
}

static bool count_down(void *arg)
{
    int *left = arg;
    return (*left)-- == 0;
}

/* Asked at the end of the prompt, of the image, and of each block. */
static void cancelled(struct parity *p, struct nn *nn, struct parity_dit_case *c)
{
    int n_stopped = 0, n_asked = dit_info(c->model)->n_layers + 2;
    for (int i = 0; i < n_asked; i++) {
        struct step s;
        struct error err;
        int left = i;
        step_begin(&s, nn, NULL);
        s.cancelled = count_down;
        s.cancelled_arg = &left;
        n_stopped += parity_dit_pass(&s, c, &err) == ERR_CANCELLED;
    }
    parity_ok(p, n_stopped == n_asked, "%d of %d cancellations end the pass", n_stopped, n_asked);
}

static void refused(struct parity *p, struct nn *nn, struct parity_dit_case c, const char *why)
{
    struct step s;
    struct error err = {0};
    step_begin(&s, nn, NULL);
    int code = parity_dit_pass(&s, &c, &err);
    parity_ok(p, code == ERR_INVALID, "%s is refused: %s", why, err.text);
}

static void unfit_inputs(struct parity *p, struct nn *nn, const struct parity_dit_case *c)
{
    struct parity_dit_case odd = *c, channels = *c, width = *c, image = *c, times = *c;
    odd.x.shape[3]--;
    channels.x.shape[0]++;
    width.context.shape[1]--;
    times.n_times = DIT_MOST_TIMES + 1;
    if (c->y.data)
        image.y.data = NULL;
    else
        image.y = c->x;
    refused(p, nn, odd, "an odd width");
    refused(p, nn, channels, "a latent of other channels");
    refused(p, nn, width, "a prompt of another width");
    refused(p, nn, image, c->y.data ? "a missing image" : "an image");
    refused(p, nn, times, "more times than a step may have");
}

static void ignore(void *arg, const char *name, struct tensor x)
{
    (void)arg;
    (void)name;
    (void)x;
}

/* Long latents go through a block some thousand tokens at a time; with a probe, all at once. Two
 * times, so that a token's own is looked up. */
static void many_tokens(struct parity *p, struct nn *nn, struct parity_dit_case c)
{
    enum { FRAMES = 2, SIDE = 96, TOKENS = FRAMES * SIDE * SIDE / 4 };
    const struct probe probe = {.see = ignore};
    struct error err;
    c.x.shape[1] = FRAMES;
    c.x.shape[2] = c.x.shape[3] = SIDE;
    int64_t n = tensor_count(&c.x);
    SCOPED(mem) float *x = mem_alloc((size_t)n * sizeof *x);
    SCOPED(mem) float *all = mem_alloc((size_t)n * sizeof *all);
    SCOPED(mem) float *some = mem_alloc((size_t)n * sizeof *some);
    SCOPED(mem) int32_t *which = mem_alloc(TOKENS * sizeof *which);
    for (int64_t i = 0; i < n; i++)
        x[i] = sinf((float)i);
    for (int i = 0; i < TOKENS; i++)
        which[i] = i % 3 == 0;
    c.x.data = x;
    c.which = which;
    c.n_times = 2;
    c.times[0] = 0;
    c.times[1] = 500;
    c.got = all;
    dit_probe(c.model, &probe);
    bool ok = parity_pass_run(p, nn, parity_dit_pass, &c, &err) == 0;
    c.got = some;
    dit_probe(c.model, NULL);
    ok = ok && parity_pass_run(p, nn, parity_dit_pass, &c, &err) == 0;
    if (ok)
        parity_same(p, "thousands of tokens, in pieces and at once", all, some, n);
    else
        parity_ok(p, false, "thousands of tokens: %s", err.text);
}

PARITY(limits)
{
    struct error err;
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(mem) char **stems = parity_pairs(p, "dit_");
    if (nn_open(&nn, &(struct nn_options){.n_threads = 2}, &err) < 0) {
        parity_ok(p, false, "%s", err.text);
        return;
    }
    for (char **stem = stems; *stem; stem++) {
        SCOPED(weights) struct weights *io = NULL;
        SCOPED(weights) struct weights *w = parity_dit_files(p, "limits", *stem, &io);
        struct names names;
        struct parity_dit_case c;
        SCOPED(dit) struct dit *model = w ? parity_dit_open(p, w, &names) : NULL;
        SCOPED(mem) char **cases = model ? parity_cases(io, "x") : NULL;
        if (!cases || !cases[0] || !parity_dit_case_read(p, io, cases[0], &c))
            continue;
        c.model = model;
        too_little_scratch(p, nn, &c);
        cancelled(p, nn, &c);
        unfit_inputs(p, nn, &c);
        if (c.which)
            many_tokens(p, nn, c);
        parity_dit_case_fini(&c);
    }
}
