/* layouts.c - the golden weights written in every layout that users have them in: the same
 * numbers must give the same bits.
 *
 * Other names (diffusers' from the golden list of names), prefixes, shards, torch zips, GGUF in
 * the form of stable-diffusion.cpp. In a narrower type a file must give what its numbers, widened
 * to f32, give; how far that is from the original is bounded by the type.
 *
 * SPDX-License-Identifier: MIT */
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "layouts.h"
#include "nn/quant.h"

/* ---- a copy of a file's tensors, to be written otherwise ---------------------------------------
 */

enum { MOST_OWNED = 4096 };

struct copy {
    struct weights_entry e[MOST_OWNED];
    int n;
    void *owned[3 * MOST_OWNED];
    int n_owned;
};

static void *own(struct copy *c, void *p)
{
    c->owned[c->n_owned++] = p;
    return p;
}

static struct copy *copy_of(const struct weights *w)
{
    struct copy *c = mem_alloc(sizeof *c);
    for (int i = 0; i < weights_count(w) && i < MOST_OWNED / 2; i++)
        c->e[c->n++] =
            (struct weights_entry){.name = weights_name(w, i), .tensor = weights_tensor(w, i)};
    return c;
}

static void copy_free(struct copy *c)
{
    for (int i = 0; c && i < c->n_owned; i++)
        mem_free(c->owned[i]);
    mem_free(c);
}
SCOPED_FREE(copy)

static void rename_all(struct copy *c, const char *prefix, const json_t *names)
{
    for (int i = 0; i < c->n; i++) {
        const char *other = json_string_value(json_object_get(names, c->e[i].name));
        c->e[i].name = own(c, mem_printf("%s%s", prefix, other ? other : c->e[i].name));
    }
}

static void respell_all(struct copy *c, const struct names_layout *layout)
{
    for (int i = 0; i < c->n; i++) {
        char here[NAMES_MOST];
        if (names_spell(layout, "", c->e[i].name, here))
            c->e[i].name = own(c, mem_dup(here));
    }
}

/* At most four axes, and the leading ones of 1 left out: what stable-diffusion.cpp writes. */
static void fold_axes(struct copy *c)
{
    for (int i = 0; i < c->n; i++) {
        struct tensor *t = &c->e[i].tensor;
        if (t->n_dims == 5)
            *t = tensor_view(
                t, 4,
                (int64_t[]){t->shape[0] * t->shape[1], t->shape[2], t->shape[3], t->shape[4]});
        while (t->n_dims > 1 && t->shape[0] == 1)
            *t = tensor_view(t, t->n_dims - 1, t->shape + 1);
    }
}

static const float F8_SCALE = 0.0625F;

/* t / F8_SCALE in f32. */
static struct tensor divided(struct copy *c, const struct tensor *t)
{
    struct tensor out = *t;
    float *x = own(c, mem_alloc((size_t)tensor_count(t) * sizeof *x));
    quant_widen(x, t, 0, tensor_rows(t));
    for (int64_t i = 0; i < tensor_count(t); i++)
        x[i] /= F8_SCALE;
    out.data = x;
    out.dtype = DTYPE_F32;
    return out;
}

/* Matrices whose rows are whole blocks, as another type; F8_E4M3 with a scale beside it. wide: and
 * back to f32. How many. */
static int convert_all(struct copy *c, enum dtype type, bool wide)
{
    int n_converted = 0, n = c->n;
    for (int i = 0; i < n; i++) {
        struct error err;
        struct tensor *t = &c->e[i].tensor, narrow;
        const char *name = c->e[i].name, *end = strrchr(name, '.');
        if (t->n_dims != 2 || !end || strcmp(end, ".weight") != 0)
            continue;
        struct tensor from = type == DTYPE_F8_E4M3 ? divided(c, t) : *t;
        if (weights_write_convert(&narrow, &from, type, &err) < 0)
            continue;
        own(c, narrow.data);
        if (type == DTYPE_F8_E4M3)
            narrow.scale = F8_SCALE;
        *t = narrow;
        if (wide) {
            t->data = own(c, mem_alloc((size_t)tensor_count(t) * sizeof(float)));
            quant_widen(t->data, &narrow, 0, tensor_rows(&narrow));
            t->dtype = DTYPE_F32;
            t->scale = 1;
        } else if (type == DTYPE_F8_E4M3) {
            float *scale = own(c, mem_alloc(sizeof *scale));
            *scale = narrow.scale;
            c->e[c->n++] = (struct weights_entry){
                .name = own(c, mem_printf("%.*s.scale_weight", (int)(end - name), name)),
                .tensor = {.data = scale, .n_dims = 1, .shape = {1}, .scale = 1}};
        }
        n_converted++;
    }
    return n_converted;
}

/* ---- one subject -------------------------------------------------------------------------------
 */

struct subject {
    struct parity *p;
    const struct layouts_subject *s;
    const struct weights *w, *io;
    const char *folder;
    struct layouts_result original;
};

static bool run(struct subject *j, const char *path, struct layouts_result *out, const char *label)
{
    struct error err;
    SCOPED(weights) struct weights *w = NULL;
    struct names names;
    bool ok = weights_open(&w, path, &err) == 0 &&
              names_open(&names, w, j->s->component, &err) == 0;
    if (ok && !names.config)
        names.config = weights_meta(j->w, "config");
    ok = ok && j->s->run(j->p, &names, j->io, out, &err) == 0;
    if (!ok)
        parity_ok(j->p, false, "%s: %s", label, err.text);
    return ok;
}

/* The file at path gives the bits of `as`. */
static void check(struct subject *j, const char *path, const struct layouts_result *as,
                  const char *label)
{
    struct layouts_result got = {0};
    if (run(j, path, &got, label))
        parity_same(j->p, label, got.at, as->at, as->n);
    mem_free(got.at);
}

/* Written, or a failed line. */
static bool written(struct subject *j, int code, const struct error *err, const char *label)
{
    if (code < 0)
        parity_ok(j->p, false, "writing %s: %s", label, err->text);
    return code == 0;
}

static void other_names(struct subject *j, const json_t *names, const char *prefix,
                        const char *label)
{
    struct error err;
    SCOPED(copy) struct copy *c = copy_of(j->w);
    SCOPED(mem) char *path = mem_printf("%s/renamed.safetensors", j->folder);
    rename_all(c, prefix, names);
    if (written(j, weights_write_safetensors(path, c->e, c->n, NULL, &err), &err, label))
        check(j, path, &j->original, label);
}

static void shards(struct subject *j)
{
    struct error err;
    SCOPED(copy) struct copy *c = copy_of(j->w);
    SCOPED(mem) char *path = mem_printf("%s/model.safetensors.index.json", j->folder);
    const struct weights_write_shards to = {.folder = j->folder, .stem = "model", .n_shards = 3};
    if (written(j, weights_write_shards(&to, c->e, c->n, &err), &err, "shards"))
        check(j, path, &j->original, "three shards with an index");
}

static void torch(struct subject *j)
{
    struct error err;
    const struct weights_write_torch how = {0};
    SCOPED(copy) struct copy *c = copy_of(j->w);
    SCOPED(mem) char *path = mem_printf("%s/model.pth", j->folder);
    if (written(j, weights_write_torch(path, c->e, c->n, &how, &err), &err, "pth"))
        check(j, path, &j->original, "a torch zip");
}

static void gguf(struct subject *j)
{
    struct error err;
    const struct weights_write_gguf how = {0};
    SCOPED(copy) struct copy *c = copy_of(j->w);
    SCOPED(mem) char *path = mem_printf("%s/model.gguf", j->folder);
    fold_axes(c);
    if (j->s->gguf_layout)
        respell_all(c, j->s->gguf_layout);
    if (written(j, weights_write_gguf(path, c->e, c->n, &how, &err), &err, "gguf"))
        check(j, path, &j->original, "GGUF without keys, with folded axes");
}

/* Each type, and the most that its rounding may move a result: about twice what was measured on the
 * transformers, which grows with the step of the type's numbers. The text encoder's unscaled
 * scores make it more sensitive. That the bits equal those of the widened numbers is the sharp
 * test; this one says that the numbers are the right ones. */
static const struct {
    enum dtype type;
    double bound;
} types[] = {
    {DTYPE_F32, 0},     {DTYPE_F16, 1e-3},  {DTYPE_BF16, 1e-2},  {DTYPE_F8_E4M3, 0.1},
    {DTYPE_Q8_0, 2e-2}, {DTYPE_Q6_K, 3e-2}, {DTYPE_Q5_K, 5e-2},  {DTYPE_Q5_1, 0.1},
    {DTYPE_Q5_0, 0.1},  {DTYPE_Q4_K, 0.1},  {DTYPE_Q4_1, 0.2},   {DTYPE_Q4_0, 0.2},
    {DTYPE_Q3_K, 0.2},  {DTYPE_Q2_K, 0.4},  {DTYPE_IQ4_XS, 0.1}, {DTYPE_IQ4_NL, 0.2},
};

static void narrow_type(struct subject *j, enum dtype type, double bound)
{
    struct error err;
    char label[96];
    SCOPED(copy) struct copy *narrow = copy_of(j->w);
    SCOPED(copy) struct copy *wide = copy_of(j->w);
    SCOPED(mem) char *wide_path = mem_printf("%s/wide.safetensors", j->folder);
    SCOPED(mem) char *path = mem_printf("%s/narrow.file", j->folder);
    const struct weights_write_gguf how = {0};
    int n = convert_all(narrow, type, false);
    convert_all(wide, type, true);
    if (n == 0)
        return; /* rows of 256 are needed, which a small model need not have */
    snprintf(label, sizeof label, "%s, %d matrices", dtype_name(type), n);
    fold_axes(narrow);
    int code = type == DTYPE_F8_E4M3
                   ? weights_write_safetensors(path, narrow->e, narrow->n, NULL, &err)
                   : weights_write_gguf(path, narrow->e, narrow->n, &how, &err);
    if (!written(j, code, &err, label) ||
        !written(j, weights_write_safetensors(wide_path, wide->e, wide->n, NULL, &err), &err,
                 label))
        return;
    struct layouts_result as_f32 = {0};
    if (run(j, wide_path, &as_f32, label)) {
        double error = parity_error(as_f32.at, j->original.at, as_f32.n);
        bound *= j->s->sensitivity;
        parity_ok(j->p, error <= bound, "%s: %.1e from the original, at most %.0e", label, error,
                  bound);
        check(j, path, &as_f32, label);
    }
    mem_free(as_f32.at);
}

void layouts_check(struct parity *p, const struct layouts_subject *s, const struct weights *w,
                   const struct weights *io)
{
    char folder[64];
    struct error err;
    struct names names;
    struct subject j = {.p = p, .s = s, .w = w, .io = io, .folder = folder};
    SCOPED(mem) char *map = mem_printf("%s/names_diffusers.json", p->data);
    json_t *files = json_load_file(map, 0, NULL);
    json_t *by_file = json_object_get(files, "files");
    if (!layouts_folder(folder, sizeof folder) || names_open(&names, w, s->component, &err) < 0 ||
        s->run(p, &names, io, &j.original, &err) < 0) {
        parity_ok(p, false, "the original cannot be run");
        json_decref(files);
        return;
    }
    json_t *by_name = json_object();
    for (const char *const *like = s->named_like; *like; like++)
        json_object_update(by_name, json_object_get(by_file, *like));
    other_names(&j, by_name, "", "diffusers' names");
    json_decref(by_name);
    other_names(&j, NULL, s->prefix, "a prefix before each name");
    shards(&j);
    torch(&j);
    gguf(&j);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        narrow_type(&j, types[i].type, types[i].bound);
    mem_free(j.original.at);
    layouts_folder_remove(folder);
    json_decref(files);
}

/* ---- a folder -----------------------------------------------------------------------------------
 */

bool layouts_folder(char *out, size_t size)
{
    const char *base = getenv("TMPDIR");
    snprintf(out, size, "%.40s/zt-parity-XXXXXX", base ? base : "/tmp");
    return mkdtemp(out) != NULL;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void layouts_folder_remove(const char *folder)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
