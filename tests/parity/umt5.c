/* umt5.c - the text encoder: the golden batch, a long prompt, the buckets of positions.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/umt5.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "parity.h"

struct prompt {
    const struct umt5 *model;
    int32_t ids[UMT5_MOST_IDS];
    int n;
    float *got; /* [n, dim] */
};

static int encode(struct step *s, void *arg, struct error *err)
{
    struct prompt *c = arg;
    struct tensor out;
    if (umt5_encode(c->model, s, c->ids, c->n, &out, err) < 0)
        return (int)err->code;
    step_read(s, out, c->got);
    return step_end(s, err);
}

/* Row `row` of a golden batch of ids, as far as its mask says. */
static void read_prompt(struct prompt *c, struct tensor ids, const struct tensor *mask, int64_t row)
{
    int64_t cols = tensor_cols(&ids);
    c->n = 0;
    for (int64_t i = 0; i < cols && i < UMT5_MOST_IDS; i++) {
        if (mask && parity_number(mask, row * cols + i) == 0)
            break;
        c->ids[c->n++] = (int32_t)parity_number(&ids, row * cols + i);
    }
    mem_free(c->got);
    c->got = mem_alloc((size_t)c->n * (size_t)umt5_info(c->model)->dim * sizeof *c->got);
}

/* A batch's activations: those of the prompt that runs stand at its row, and padding follows. The
 * first prompt has no padding and shows what depends on the count of ids, the position bias. */
static bool row_of_batch(struct parity_mids *m, const char *name, struct tensor x)
{
    int64_t row = *(const int64_t *)m->arg;
    char full[128], label[160];
    struct tensor want;
    snprintf(full, sizeof full, "%s.mid.%s", m->prefix, name);
    if (!weights_find(m->io, full, &want))
        return true;
    bool of_batch = !strstr(name, "position_bias");
    if (!of_batch && row > 0)
        return true;
    parity_mids_seen(m, name);
    snprintf(label, sizeof label, "%s, row %lld", full, (long long)row);
    int64_t each = tensor_count(&want) / want.shape[0];
    parity_compare_part(m->p, label, tensor_f32(&x), &want, of_batch ? row * each : 0,
                        tensor_count(&x), m->bound);
    return true;
}

static bool run(struct parity *p, struct prompt *c, const struct parity_way *way, const char *name)
{
    struct error err;
    SCOPED(nn) struct nn *nn = NULL;
    bool ok = nn_open(&nn, &way->options, &err) == 0 &&
              parity_pass_run(p, nn, encode, c, &err) == 0;
    if (!ok)
        parity_ok(p, false, "%s, %s: %s", name, way->name, err.text);
    return ok;
}

static void batch(struct parity *p, struct umt5 *model, const struct weights *io,
                  const struct parity_way *way, bool with_mids)
{
    struct tensor ids, mask, want;
    if (!parity_tensor(p, io, &ids, "a.ids") || !parity_tensor(p, io, &mask, "a.mask") ||
        !parity_tensor(p, io, &want, "a.out"))
        return;
    int64_t row = 0, each = tensor_count(&want) / want.shape[0];
    struct parity_mids mids = {
        .p = p, .io = io, .prefix = "a", .bound = way->bound, .special = row_of_batch, .arg = &row};
    struct probe probe = parity_probe(&mids);
    struct prompt c = {.model = model};
    umt5_probe(model, with_mids ? &probe : NULL);
    for (; row < ids.shape[0]; row++) {
        char name[96];
        snprintf(name, sizeof name, "a.out row %lld, %s", (long long)row, way->name);
        read_prompt(&c, ids, &mask, row);
        if (run(p, &c, way, name))
            parity_compare_part(p, name, c.got, &want, row * each, c.n * umt5_info(model)->dim,
                                way->bound);
    }
    umt5_probe(model, NULL);
    if (with_mids)
        parity_mids_end(&mids);
    mem_free(c.got);
}

/* Every tenth row of a prompt of hundreds of ids. */
static void long_prompt(struct parity *p, struct umt5 *model, const struct weights *io,
                        const struct parity_way *way)
{
    struct tensor ids, want;
    if (!parity_tensor(p, io, &ids, "long.ids") ||
        !parity_tensor(p, io, &want, "long.out_every_10th_row"))
        return;
    struct prompt c = {.model = model};
    int64_t dim = umt5_info(model)->dim;
    char name[96];
    snprintf(name, sizeof name, "long.out, %s", way->name);
    read_prompt(&c, ids, NULL, 0);
    if (run(p, &c, way, name)) {
        for (int64_t i = 0; i < want.shape[0]; i++)
            memmove(c.got + i * dim, c.got + 10 * i * dim, (size_t)dim * sizeof *c.got);
        parity_compare_part(p, name, c.got, &want, 0, tensor_count(&want), way->bound);
    }
    mem_free(c.got);
}

/* A prompt that many threads share, in bits. */
static void same_bits(struct parity *p, struct umt5 *model, const struct weights *io,
                      const struct parity_way *a, const struct parity_way *b)
{
    struct tensor ids;
    if (!parity_tensor(p, io, &ids, "long.ids"))
        return;
    struct prompt one = {.model = model}, other = {.model = model};
    read_prompt(&one, ids, NULL, 0);
    read_prompt(&other, ids, NULL, 0);
    if (run(p, &one, a, a->name) && run(p, &other, b, b->name))
        parity_same(p, b->name, one.got, other.got, one.n * umt5_info(model)->dim);
    mem_free(one.got);
    mem_free(other.got);
}

/* Whole prompts: textN.ids, textN.context. */
static void texts(struct parity *p, struct umt5 *model, const struct weights *io,
                  const struct parity_way *way)
{
    SCOPED(mem) char **cases = parity_cases(io, "context");
    for (char **text = cases; *text; text++) {
        struct tensor ids, want;
        struct prompt c = {.model = model};
        char name[96];
        if (!parity_tensor(p, io, &ids, "%s.ids", *text) ||
            !parity_tensor(p, io, &want, "%s.context", *text))
            continue;
        snprintf(name, sizeof name, "%s.context, %s", *text, way->name);
        ids = tensor_view(&ids, 2, (int64_t[]){1, tensor_count(&ids)});
        read_prompt(&c, ids, NULL, 0);
        if (run(p, &c, way, name))
            parity_compare_part(p, name, c.got, &want, 0, tensor_count(&want), way->bound);
        mem_free(c.got);
    }
}

static void buckets(struct parity *p, struct umt5 *model, const struct weights *io)
{
    struct tensor want;
    if (!parity_tensor(p, io, &want, "bucket_of_relative_position_-200_to_200"))
        return;
    int n = (int)tensor_count(&want), n_off = 0;
    for (int i = 0; i < n; i++)
        n_off += umt5_bucket(i - n / 2, umt5_info(model)->n_buckets) !=
                 (int)parity_number(&want, i);
    parity_ok(p, n_off == 0, "buckets of %d distances: %d differ", n, n_off);
}

PARITY(umt5)
{
    struct error err;
    struct names names;
    struct parity_way ways[PARITY_WAYS];
    int n_ways = parity_ways(ways);
    SCOPED(weights) struct weights *w = parity_open(p, "umt5.safetensors");
    SCOPED(weights) struct weights *io = parity_open(p, "umt5_io.safetensors");
    SCOPED(umt5) struct umt5 *model = NULL;
    if (!w || !io)
        return;
    if (names_open(&names, w, &names_umt5, &err) < 0 || umt5_open(&model, &names, &err) < 0) {
        parity_ok(p, false, "%s", err.text);
        return;
    }
    buckets(p, model, io);
    for (int i = 0; i < n_ways; i++) {
        batch(p, model, io, &ways[i], i == 0);
        long_prompt(p, model, io, &ways[i]);
        texts(p, model, io, &ways[i]);
        if (ways[i].same)
            same_bits(p, model, io, &ways[0], &ways[i]);
    }
}
