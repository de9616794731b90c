/* clip.c - the vision tower and the resize before it.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/clip.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "layouts.h"
#include "parity.h"

struct picture {
    struct clip *model;
    struct tensor image;
    float *got;
};

static int encode(struct step *s, void *arg, struct error *err)
{
    struct picture *c = arg;
    struct tensor out;
    if (clip_encode(c->model, s, c->image, &out, err) < 0)
        return (int)err->code;
    step_read(s, out, c->got);
    return step_end(s, err);
}

/* The pixels stand in the file beside the features, not under "mid". */
static bool pixels(struct parity_mids *m, const char *name, struct tensor x)
{
    struct tensor want;
    if (strcmp(name, "pixels_normalised") == 0 && weights_find(m->io, name, &want))
        parity_compare(m->p, name, x, want, m->bound);
    return true;
}

static void run(struct parity *p, struct picture *c, struct tensor want,
                const struct parity_way *way)
{
    struct error err;
    char name[96];
    SCOPED(nn) struct nn *nn = NULL;
    snprintf(name, sizeof name, "features, %s", way->name);
    if (nn_open(&nn, &way->options, &err) < 0 || parity_pass_run(p, nn, encode, c, &err) < 0)
        parity_ok(p, false, "%s: %s", name, err.text);
    else
        parity_compare_part(p, name, c->got, &want, 0, tensor_count(&want), way->bound);
}

PARITY(clip)
{
    struct error err;
    struct names names;
    struct tensor want;
    struct parity_way ways[PARITY_WAYS];
    int n_ways = parity_ways(ways);
    struct picture c = {0};
    SCOPED(weights) struct weights *w = parity_open(p, "clip_vision.safetensors");
    SCOPED(weights) struct weights *io = parity_open(p, "clip_vision_io.safetensors");
    SCOPED(clip) struct clip *model = NULL;
    if (!w || !io || !parity_tensor(p, io, &c.image, "image") ||
        !parity_tensor(p, io, &want, "features"))
        return;
    if (names_open(&names, w, &names_clip, &err) < 0 || clip_open(&model, &names, &err) < 0) {
        parity_ok(p, false, "%s", err.text);
        return;
    }
    struct parity_mids mids = {
        .p = p, .io = io, .prefix = "", .bound = PARITY_F32, .special = pixels};
    struct probe probe = parity_probe(&mids);
    SCOPED(mem) float *got = c.got = mem_alloc(tensor_bytes(&want));
    SCOPED(mem) float *image = parity_floats(&c.image);
    c.image.data = image;
    SCOPED(mem) float *first = mem_alloc(tensor_bytes(&want));
    c.model = model;
    for (int i = 0; i < n_ways; i++) {
        clip_probe(model, i == 0 ? &probe : NULL);
        run(p, &c, want, &ways[i]);
        if (i == 0)
            memcpy(first, got, tensor_bytes(&want));
        if (ways[i].same)
            parity_same(p, ways[i].name, got, first, tensor_count(&want));
    }
}

/* ---- transformers' layout ----------------------------------------------------------------------
 */

enum { MOST_ENTRIES = 2048 };

struct entries {
    struct weights_entry e[MOST_ENTRIES];
    char names[MOST_ENTRIES][NAMES_MOST];
    int n;
};

static void add(struct entries *all, const struct names_layout *layout, const char *name,
                struct tensor t)
{
    if (all->n == MOST_ENTRIES || !names_spell(layout, "", name, all->names[all->n]))
        return;
    all->e[all->n] = (struct weights_entry){.name = all->names[all->n], .tensor = t};
    all->n++;
}

/* There q, k and v stand alone; in the golden file they are stacked. */
static void add_split(struct entries *all, const struct names_layout *layout, const char *name,
                      struct tensor t)
{
    const char *stacked = strstr(name, "to_qkv.");
    if (!stacked) {
        add(all, layout, name, t);
        return;
    }
    for (int i = 0; i < 3; i++) {
        char one[2 * NAMES_MOST];
        snprintf(one, sizeof one, "%.*s%c.%s", (int)(stacked - name), name, "qkv"[i],
                 stacked + strlen("to_qkv."));
        add(all, layout, one, tensor_part(&t, i * t.shape[0] / 3, t.shape[0] / 3));
    }
}

PARITY(clip_layouts)
{
    struct error err;
    struct names names;
    struct tensor want;
    struct picture c = {0};
    char folder[64];
    const struct names_layout *layout = names_clip.layouts + 1;
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(weights) struct weights *w = parity_open(p, "clip_vision.safetensors");
    SCOPED(weights) struct weights *io = parity_open(p, "clip_vision_io.safetensors");
    if (!w || !io || !parity_tensor(p, io, &c.image, "image") ||
        !parity_tensor(p, io, &want, "features") || !layouts_folder(folder, sizeof folder))
        return;
    SCOPED(mem) struct entries *all = mem_alloc(sizeof *all);
    SCOPED(mem) char *path = mem_printf("%s/clip.safetensors", folder);
    SCOPED(mem) float *got = c.got = mem_alloc(tensor_bytes(&want));
    SCOPED(mem) float *image = parity_floats(&c.image);
    c.image.data = image;
    for (int i = 0; i < weights_count(w); i++)
        add_split(all, layout, weights_name(w, i), weights_tensor(w, i));
    SCOPED(weights) struct weights *other = NULL;
    bool ok = weights_write_safetensors(path, all->e, all->n, NULL, &err) == 0 &&
              weights_open(&other, path, &err) == 0 &&
              names_open(&names, other, &names_clip, &err) == 0;
    if (ok)
        names.config = weights_meta(w, "config");
    ok = ok && clip_open(&c.model, &names, &err) == 0 &&
         nn_open(&nn, &(struct nn_options){.n_threads = 2}, &err) == 0 &&
         parity_pass_run(p, nn, encode, &c, &err) == 0;
    if (ok)
        parity_compare_part(p, "features from transformers' names", got, &want, 0,
                            tensor_count(&want), PARITY_F32);
    else
        parity_ok(p, false, "transformers' names: %s", err.text);
    clip_close(c.model);
    layouts_folder_remove(folder);
}
