/* clip.c - the vision tower and the resize before it.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/clip.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
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
