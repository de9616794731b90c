/* dit.c - the transformer: each golden model and case, in every way to run.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/dit.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "parity_dit.h"

/* ---- a case ---------------------------------------------------------------------------------- */

/* Distinct times of a golden list of them, in the order in which they come, and which each token
 * has. */
static bool read_times(struct parity *p, struct tensor t, struct parity_dit_case *c)
{
    int64_t n = tensor_count(&t);
    c->which = n > 1 ? mem_alloc((size_t)n * sizeof *c->which) : NULL;
    for (int64_t i = 0; i < n; i++) {
        float value = (float)parity_number(&t, i);
        int u = 0;
        while (u < c->n_times && c->times[u] != value)
            u++;
        if (u == DIT_MOST_TIMES) {
            parity_ok(p, false, "more than %d different times", DIT_MOST_TIMES);
            return false;
        }
        c->times[u] = value;
        c->n_times = u == c->n_times ? u + 1 : c->n_times;
        if (c->which)
            c->which[i] = u;
    }
    return true;
}

bool parity_dit_case_read(struct parity *p, const struct weights *io, const char *name,
                          struct parity_dit_case *c)
{
    struct tensor t;
    *c = (struct parity_dit_case){.name = name};
    if (!parity_tensor(p, io, &c->x, "%s.x", name) || !parity_tensor(p, io, &t, "%s.t", name) ||
        !parity_tensor(p, io, &c->context, "%s.context", name) ||
        !parity_tensor(p, io, &c->want, "%s.out", name) || !read_times(p, t, c))
        return false;
    char full[128];
    snprintf(full, sizeof full, "%s.y", name);
    weights_find(io, full, &c->y);
    snprintf(full, sizeof full, "%s.clip_fea", name);
    weights_find(io, full, &c->features);
    c->got = mem_alloc(tensor_bytes(&c->want));
    return true;
}

void parity_dit_case_fini(struct parity_dit_case *c)
{
    mem_free(c->which);
    mem_free(c->got);
}

int parity_dit_pass(struct step *s, void *arg, struct error *err)
{
    struct parity_dit_case *c = arg;
    struct dit_text text;
    struct dit_image image;
    struct dit_input in = {
        .times = c->times, .n_times = c->n_times, .which = c->which, .text = &text};
    if (dit_text_make(c->model, s, parity_input(s, c->context), &text, err) < 0)
        return (int)err->code;
    if (c->features.data) {
        if (dit_image_make(c->model, s, parity_input(s, c->features), &image, err) < 0)
            return (int)err->code;
        in.image = &image;
    }
    in.x = parity_input(s, c->x);
    if (c->y.data)
        in.y = parity_input(s, c->y);
    struct tensor out;
    if (dit_forward(c->model, s, &in, &out, err) < 0)
        return (int)err->code;
    step_read(s, out, c->got);
    return step_end(s, err);
}

/* ---- activations ----------------------------------------------------------------------------- */

/* The golden file keeps the rows 0 to 15 and 511 of the text embedding; the model has one row for
 * all padding. */
static bool text_rows(struct parity_mids *m, const char *name, struct tensor x)
{
    static const char golden[] = "text_embedding_rows_0_15_and_511";
    char full[128];
    struct tensor want;
    if (strcmp(name, "text_embedding") != 0)
        return false;
    snprintf(full, sizeof full, "%s.mid.%s", m->prefix, golden);
    if (!weights_find(m->io, full, &want))
        return true;
    parity_mids_seen(m, golden);
    int64_t n = x.shape[0], cols = x.shape[1], rows = want.shape[0];
    float *kept = mem_alloc((size_t)(rows * cols) * sizeof *kept);
    for (int64_t i = 0; i < rows; i++) {
        int64_t row = i < rows - 1 && i < n ? i : n - 1;
        memcpy(kept + i * cols, tensor_f32(&x) + row * cols, (size_t)cols * sizeof *kept);
    }
    parity_compare_part(m->p, full, kept, &want, 0, rows * cols, m->bound);
    mem_free(kept);
    return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* One case in one way; with activations in the first. first: its result, or NULL. */
static void run_case(struct parity *p, const struct weights *io, struct parity_dit_case *c,
                     const struct parity_way *way, const float *first)
{
    struct error err;
    SCOPED(nn) struct nn *nn = NULL;
    struct parity_mids mids = {
        .p = p, .io = io, .prefix = c->name, .bound = way->bound, .special = text_rows};
    struct probe probe = parity_probe(&mids);
    char name[96];
    snprintf(name, sizeof name, "%s.out, %s", c->name, way->name);
    dit_probe(c->model, first ? NULL : &probe);
    if (nn_open(&nn, &way->options, &err) < 0 ||
        parity_pass_run(p, nn, parity_dit_pass, c, &err) < 0) {
        parity_ok(p, false, "%s: %s", name, err.text);
        return;
    }
    parity_compare_part(p, name, c->got, &c->want, 0, tensor_count(&c->want), way->bound);
    if (!first)
        parity_mids_end(&mids);
    if (first && way->same)
        parity_same(p, name, c->got, first, tensor_count(&c->want));
}

static void run_cases(struct parity *p, struct dit *model, const struct weights *io)
{
    struct parity_way ways[PARITY_WAYS];
    int n_ways = parity_ways(ways);
    SCOPED(mem) char **cases = parity_cases(io, "x");
    for (char **name = cases; *name; name++) {
        struct parity_dit_case c;
        if (!parity_dit_case_read(p, io, *name, &c))
            continue;
        SCOPED(mem) float *first = NULL;
        c.model = model;
        for (int i = 0; i < n_ways; i++) {
            run_case(p, io, &c, &ways[i], first);
            if (!first) {
                first = mem_alloc(tensor_bytes(&c.want));
                memcpy(first, c.got, tensor_bytes(&c.want));
            }
        }
        parity_dit_case_fini(&c);
    }
}

struct dit *parity_dit_open(struct parity *p, const struct weights *w, struct names *names)
{
    struct error err;
    struct dit *model = NULL;
    if (names_open(names, w, &names_dit, &err) < 0 || dit_open(&model, names, &err) < 0)
        parity_ok(p, false, "%s", err.text);
    return model;
}

struct weights *parity_dit_files(struct parity *p, const char *component, const char *stem,
                                 struct weights **io)
{
    static char part[160];
    char file[128];
    snprintf(part, sizeof part, "%s %s", component, stem);
    p->part = part;
    snprintf(file, sizeof file, "%s_io.safetensors", stem);
    *io = parity_open(p, file);
    snprintf(file, sizeof file, "%s.safetensors", stem);
    return *io ? parity_open(p, file) : NULL;
}

PARITY(dit)
{
    SCOPED(mem) char **stems = parity_pairs(p, "dit_");
    for (char **stem = stems; *stem; stem++) {
        SCOPED(weights) struct weights *io = NULL;
        SCOPED(weights) struct weights *w = parity_dit_files(p, "dit", *stem, &io);
        struct names names;
        SCOPED(dit) struct dit *model = w ? parity_dit_open(p, w, &names) : NULL;
        if (model)
            run_cases(p, model, io);
    }
}
