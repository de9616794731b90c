/* vae_layouts.c - the autoencoders from files of all layouts. Their weights have no matrices of
 * two axes, so that there is nothing to quantise.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "layouts.h"
#include "model/wan/vae.h"

static int take_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct layouts_result *out = arg;
    (void)err;
    memcpy(out->at + out->n, rgb->data, tensor_bytes(rgb));
    out->n += tensor_count(rgb);
    return 0;
}

struct decoding {
    const struct vae *vae;
    struct vae_decoding d;
    struct layouts_result *out;
};

static int decode_pass(struct step *s, void *arg, struct error *err)
{
    struct decoding *j = arg;
    j->out->n = 0;
    return vae_decode(j->vae, s, &j->d, err);
}

static int run_vae(struct parity *p, struct names *names, const struct weights *io,
                   struct layouts_result *out, struct error *err)
{
    struct tensor z, rgb;
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(vae) struct vae *v = NULL;
    if (nn_open(&nn, &(struct nn_options){.n_threads = 2}, err) < 0 || vae_take(&v, names, err) < 0)
        return (int)err->code;
    if (!weights_find(io, "dec.z", &z) || !weights_find(io, "dec.out", &rgb))
        return error_set(err, ERR_NOT_FOUND, "no golden case");
    SCOPED(mem) float *frames = mem_alloc(tensor_bytes(&rgb));
    struct layouts_result got = {.at = frames};
    struct decoding j = {
        .vae = v, .d = {.latent = z, .frames = take_frames, .arg = &got}, .out = &got};
    const int code = parity_pass_run(p, nn, decode_pass, &j, err);
    if (code == 0)
        *out = (struct layouts_result){.at = TAKE(frames), .n = got.n};
    return code;
}

static void check(struct parity *p, const char *stem, const struct names_component *component)
{
    SCOPED(mem) char *file = mem_printf("%s.safetensors", stem);
    SCOPED(mem) char *io_file = mem_printf("%s_io.safetensors", stem);
    SCOPED(weights) struct weights *w = parity_open(p, file);
    SCOPED(weights) struct weights *io = w ? parity_open(p, io_file) : NULL;
    const struct layouts_subject s = {.component = component,
                                      .named_like = (const char *[]){stem, NULL},
                                      .prefix = "first_stage_model.",
                                      .sensitivity = 1,
                                      .run = run_vae};
    if (io)
        layouts_check(p, &s, w, io);
}

PARITY(vae_layouts)
{
    const char *part = p->part;
    p->part = "vae21 layouts";
    check(p, "vae21", &names_vae21);
    p->part = "vae22 layouts";
    check(p, "vae22", &names_vae22);
    p->part = part;
}
