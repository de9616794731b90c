/* layouts_models.c - the components that layouts.c writes and runs, and the golden GGUF file.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "layouts.h"
#include "model/wan/clip.h"
#include "model/wan/umt5.h"
#include "parity_dit.h"

static const struct nn_options options = {.n_threads = 2};

/* ---- the transformer --------------------------------------------------------------------- */

static int run_dit(struct parity *p, struct names *names, const struct weights *io,
                   struct layouts_result *out, struct error *err)
{
    struct parity_dit_case c;
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(dit) struct dit *model = NULL;
    SCOPED(mem) char **cases = parity_cases(io, "x");
    if (nn_open(&nn, &options, err) < 0 || dit_open(&model, names, err) < 0)
        return (int)err->code;
    if (!cases[0] || !parity_dit_case_read(p, io, cases[0], &c))
        return error_set(err, ERR_NOT_FOUND, "no golden case");
    c.model = model;
    int code = parity_pass_run(p, nn, parity_dit_pass, &c, err);
    if (code == 0) {
        *out = (struct layouts_result){.at = c.got, .n = tensor_count(&c.want)};
        c.got = NULL;
    }
    parity_dit_case_fini(&c);
    return code;
}

PARITY(dit_layouts)
{
    SCOPED(mem) char **stems = parity_pairs(p, "dit_");
    for (char **stem = stems; *stem; stem++) {
        SCOPED(weights) struct weights *io = NULL;
        SCOPED(weights) struct weights *w = parity_dit_files(p, "layouts", *stem, &io);
        const struct layouts_subject s = {
            .component = &names_dit,
            .named_like = (const char *[]){"dit_t2v", "dit_i2v21", NULL},
            .prefix = "model.diffusion_model.",
            .sensitivity = 1,
            .run = run_dit};
        if (w)
            layouts_check(p, &s, w, io);
    }
}

/* A file without one of its tensors is refused, and the tensor is named. */
PARITY(dit_missing)
{
    char folder[64];
    SCOPED(weights) struct weights *w = parity_open(p, "dit_i2v21.safetensors");
    if (!w || !layouts_folder(folder, sizeof folder))
        return;
    int n = weights_count(w), n_named = 0;
    SCOPED(mem) char *path = mem_printf("%s/missing.safetensors", folder);
    SCOPED(mem) struct weights_entry *e = mem_alloc((size_t)n * sizeof *e);
    for (int missing = 0; missing < n; missing++) {
        struct error err = {0};
        struct names names;
        SCOPED(weights) struct weights *other = NULL;
        SCOPED(dit) struct dit *model = NULL;
        int n_kept = 0;
        for (int i = 0; i < n; i++)
            if (i != missing)
                e[n_kept++] = (struct weights_entry){weights_name(w, i), weights_tensor(w, i)};
        bool refused =
            weights_write_safetensors(path, e, n_kept, NULL, &err) == 0 &&
            weights_open(&other, path, &err) == 0 &&
            (names_open(&names, other, &names_dit, &err) < 0 ||
             (names.config = weights_meta(w, "config"), dit_open(&model, &names, &err) < 0));
        bool named = refused && strstr(err.text, weights_name(w, missing));
        n_named += named;
        if (!named)
            parity_ok(p, false, "without %s: %s", weights_name(w, missing), err.text);
    }
    layouts_folder_remove(folder);
    parity_ok(p, n_named == n, "%d of %d missing tensors are named", n_named, n);
}

/* The golden GGUF file of stable-diffusion.cpp: no keys, and so no count of heads, which the file
 * that it was made of has. */
PARITY(dit_gguf)
{
    struct error err;
    struct names names;
    struct tensor want;
    struct layouts_result got = {0};
    SCOPED(weights) struct weights *like = parity_open(p, "dit_i2v22.safetensors");
    SCOPED(weights) struct weights *io = parity_open(p, "dit_i2v22_io.safetensors");
    SCOPED(weights) struct weights *w = parity_open(p, "dit_i2v22_q8_0.gguf");
    SCOPED(weights) struct weights *out = parity_open(p, "dit_i2v22_q8_0_io.safetensors");
    if (!like || !io || !w || !out || !parity_tensor(p, out, &want, "a.out"))
        return;
    int code = names_open(&names, w, &names_dit, &err);
    names.config = weights_meta(like, "config");
    if (code < 0 || run_dit(p, &names, io, &got, &err) < 0)
        parity_ok(p, false, "%s", err.text);
    else
        parity_compare_part(p, "a.out of dit_i2v22_q8_0.gguf", got.at, &want, 0, got.n, PARITY_F32);
    mem_free(got.at);
}

/* ---- the text encoder -------------------------------------------------------------------- */

struct prompt {
    const struct umt5 *model;
    int32_t ids[UMT5_MOST_IDS];
    int n;
    float *got;
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

static int run_umt5(struct parity *p, struct names *names, const struct weights *io,
                    struct layouts_result *out, struct error *err)
{
    struct tensor ids;
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(umt5) struct umt5 *model = NULL;
    if (nn_open(&nn, &options, err) < 0 || umt5_open(&model, names, err) < 0)
        return (int)err->code;
    if (!parity_tensor(p, io, &ids, "a.ids"))
        return error_set(err, ERR_NOT_FOUND, "no golden case");
    struct prompt c = {.model = model};
    for (; c.n < tensor_cols(&ids) && c.n < UMT5_MOST_IDS; c.n++)
        c.ids[c.n] = (int32_t)parity_number(&ids, c.n);
    int64_t n = c.n * umt5_info(model)->dim;
    c.got = mem_alloc((size_t)n * sizeof *c.got);
    *out = (struct layouts_result){.at = c.got, .n = n};
    int code = parity_pass_run(p, nn, encode, &c, err);
    if (code < 0)
        mem_free(TAKE(out->at));
    return code;
}

PARITY(umt5_layouts)
{
    SCOPED(weights) struct weights *w = parity_open(p, "umt5.safetensors");
    SCOPED(weights) struct weights *io = parity_open(p, "umt5_io.safetensors");
    const struct names_layout *llama = names_umt5.layouts;
    while (llama->name && strcmp(llama->name, "llama.cpp") != 0)
        llama++;
    const struct layouts_subject s = {.component = &names_umt5,
                                      .named_like = (const char *[]){"umt5", NULL},
                                      .prefix = "text_encoders.umt5xxl.transformer.",
                                      .gguf_layout = llama,
                                      .sensitivity = 4,
                                      .run = run_umt5};
    if (w && io)
        layouts_check(p, &s, w, io);
}
