/* vae.c - the autoencoders against the reference: each module of each chunk, the frames, the
 * latents; and against themselves: other threads, other kernels, other chunks, tiles, names.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/wan/latent.h"
#include "model/wan/resize.h"
#include "parity.h"

/* A run of one case, either way, and what came of it. */
struct run {
    struct parity *p;
    const struct vae *vae;
    const struct weights *io;
    char name[64]; /* of the case and the way */
    struct tensor in;
    int64_t at_once, tile;
    float *out, *raw; /* [3, T, H, W] or [C, F, h, w]; raw of a decoder only, may be NULL */
    int64_t n_frames; /* given so far */
    int64_t n_raw;
};

/* x [T, H, W, C] as frames first .. of out [C, frames, H, W]. */
static void turn(float *out, struct tensor x, int64_t first, int64_t frames)
{
    const int64_t c = x.shape[3], pixels = x.shape[1] * x.shape[2];
    for (int64_t t = 0; t < x.shape[0]; t++)
        for (int64_t i = 0; i < pixels; i++)
            for (int64_t k = 0; k < c; k++)
                out[(k * frames + first + t) * pixels + i] =
                    tensor_f32(&x)[(t * pixels + i) * c + k];
}

static int64_t run_frames(const struct run *r)
{
    return vae_frames(r->in.shape[1]);
}

/* Modules are compared channels first, as the reference keeps them; frames before the clamp are
 * gathered. */
static bool see_module(struct parity_mids *m, const char *name, struct tensor x)
{
    struct run *r = m->arg;
    struct tensor want;
    char full[128];
    if (strstr(name, ".out_raw") && r->raw) {
        turn(r->raw, x, r->n_raw, run_frames(r));
        r->n_raw += x.shape[0];
    }
    snprintf(full, sizeof full, "%s.mid.%s", m->prefix, name);
    if (!weights_find(m->io, full, &want))
        return true;
    parity_mids_seen(m, name);
    struct tensor turned = {.dtype = DTYPE_F32,
                            .n_dims = 4,
                            .shape = {x.shape[3], x.shape[0], x.shape[1], x.shape[2]},
                            .scale = 1};
    SCOPED(mem) float *numbers = mem_try(tensor_bytes(&turned));
    turned.data = numbers;
    if (numbers)
        turn(numbers, x, 0, x.shape[0]);
    parity_compare(m->p, full, turned, want, m->bound);
    return true;
}

static int take_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct run *r = arg;
    (void)err;
    turn(r->out, *rgb, r->n_frames, run_frames(r));
    r->n_frames += rgb->shape[0];
    return 0;
}

static int decode_pass(struct step *s, void *arg, struct error *err)
{
    struct run *r = arg;
    const struct vae_decoding d = {
        .latent = r->in, .tile = r->tile, .at_once = r->at_once, .frames = take_frames, .arg = r};
    r->n_frames = r->n_raw = 0;
    return vae_decode(r->vae, s, &d, err);
}

/* Frames first .. of r->in [3, T, H, W], as [n, H, W, 3] in r->raw. */
static const float *give_frames(void *arg, int64_t first, int64_t n)
{
    const struct run *r = arg;
    const int64_t frames = r->in.shape[1], pixels = r->in.shape[2] * r->in.shape[3];
    for (int64_t t = 0; t < n; t++)
        for (int64_t i = 0; i < pixels; i++)
            for (int64_t c = 0; c < 3; c++)
                r->raw[(t * pixels + i) * 3 + c] =
                    tensor_f32(&r->in)[(c * frames + first + t) * pixels + i];
    return r->raw;
}

static int encode_pass(struct step *s, void *arg, struct error *err)
{
    struct run *r = arg;
    const struct vae_encoding e = {.n_frames = r->in.shape[1],
                                   .height = r->in.shape[2],
                                   .width = r->in.shape[3],
                                   .frames = give_frames,
                                   .arg = r,
                                   .at_once = r->at_once,
                                   .latent = r->out};
    return vae_encode(r->vae, s, &e, err);
}

static void run_case(struct run *r, struct nn *nn, parity_pass *pass)
{
    struct error err;
    if (parity_pass_run(r->p, nn, pass, r, &err) < 0)
        parity_ok(r->p, false, "%s: %s", r->name, err.text);
}

/* ---- a case of a golden file --------------------------------------------------------------- */

struct golden {
    struct parity *p;
    struct vae *vae;
    const struct weights *io;
    const char *name; /* "dec", "enc1" */
    bool decodes;
    struct tensor in, out;
    float *first; /* what the first way gave */
};

static struct run run_of(const struct golden *g, float *out, float *raw)
{
    return (struct run){.p = g->p, .vae = g->vae, .io = g->io, .in = g->in, .out = out, .raw = raw};
}

/* Frames of products in bf16 are judged as pictures: 50 dB over the range -1..1 is a deviation of
 * 0.8 of 255, about what cutting to bytes costs. Measured: 53 to 57. */
#define FRAMES_BF16 50

static void compare_pictures(struct parity *p, const char *name, const float *got,
                             const struct tensor *want)
{
    const int64_t n = tensor_count(want);
    double squares = 0;
    for (int64_t i = 0; i < n; i++) {
        const double far = (double)got[i] - (double)tensor_f32(want)[i];
        squares += far * far;
    }
    const double psnr = 10 * log10(4 * (double)n / squares);
    parity_ok(p, psnr >= FRAMES_BF16, "%s: %.1f dB, at least %d", name, psnr, FRAMES_BF16);
}

/* One way to run it: everything is compared with the reference, the bits with the first way. */
static void run_way(const struct golden *g, const struct parity_way *way, struct nn *nn, bool first)
{
    const int64_t n = tensor_count(&g->out);
    const int64_t most = n > tensor_count(&g->in) ? n : tensor_count(&g->in);
    SCOPED(mem) float *out = mem_try((size_t)n * sizeof *out);
    SCOPED(mem) float *raw = mem_try((size_t)most * sizeof *raw);
    struct run r = run_of(g, out, raw);
    struct parity_mids mids = {.p = g->p,
                               .io = g->io,
                               .prefix = g->name,
                               .bound = way->bound,
                               .special = see_module,
                               .arg = &r};
    const struct probe probe = parity_probe(&mids);
    struct tensor want_raw;
    char name[160];
    snprintf(r.name, sizeof r.name, "%s, %s", g->name, way->name);
    vae_probe(g->vae, &probe);
    run_case(&r, nn, g->decodes ? decode_pass : encode_pass);
    vae_probe(g->vae, NULL);
    parity_mids_end(&mids);
    snprintf(name, sizeof name, "%s.out_raw", g->name);
    if (g->decodes && weights_find(g->io, name, &want_raw))
        parity_compare_part(g->p, name, raw, &want_raw, 0, n, way->bound);
    snprintf(name, sizeof name, "%s.out, %s", g->name, way->name);
    if (g->decodes && way->bound > PARITY_F32)
        compare_pictures(g->p, name, out, &g->out);
    else
        parity_compare_part(g->p, name, out, &g->out, 0, n, way->bound);
    if (first)
        memcpy(g->first, out, (size_t)n * sizeof *out);
    else if (way->same)
        parity_same(g->p, name, out, g->first, n);
}

/* All frames behind the first at once, and two by two: the bits of one by one. */
static void run_at_once(const struct golden *g, struct nn *nn)
{
    const int64_t n = tensor_count(&g->out);
    const int64_t most = n > tensor_count(&g->in) ? n : tensor_count(&g->in);
    SCOPED(mem) float *out = mem_try((size_t)n * sizeof *out);
    SCOPED(mem) float *raw = mem_try((size_t)most * sizeof *raw);
    const int64_t counts[] = {2, 1000};
    for (int i = 0; i < 2; i++) {
        struct run r = run_of(g, out, raw);
        r.at_once = counts[i];
        snprintf(r.name, sizeof r.name, "%s, %lld frames at once", g->name, (long long)r.at_once);
        run_case(&r, nn, g->decodes ? decode_pass : encode_pass);
        parity_same(g->p, r.name, out, g->first, n);
    }
}

static void run_golden(struct golden *g)
{
    struct parity_way ways[PARITY_WAYS];
    const int n_ways = parity_ways(ways);
    SCOPED(mem) float *first = mem_try(tensor_bytes(&g->out));
    g->first = first;
    for (int i = 0; i < n_ways && first; i++) {
        struct error err;
        SCOPED(nn) struct nn *nn = NULL;
        if (nn_open(&nn, &ways[i].options, &err) < 0) {
            parity_ok(g->p, false, "%s: %s", ways[i].name, err.text);
            continue;
        }
        run_way(g, &ways[i], nn, i == 0);
        if (i == 0 && PARITY_ALONE)
            run_at_once(g, nn);
    }
}

static void run_file(struct parity *p, struct vae *v, const struct weights *io)
{
    static const char *const inputs[] = {"z", "x"};
    for (int half = 0; half < 2; half++) {
        char **cases = parity_cases(io, inputs[half]);
        for (char **name = cases; *name; name++) {
            struct golden g = {.p = p, .vae = v, .io = io, .name = *name, .decodes = half == 0};
            if (parity_tensor(p, io, &g.in, "%s.%s", *name, inputs[half]) &&
                parity_tensor(p, io, &g.out, "%s.out", *name))
                run_golden(&g);
        }
        mem_free(cases);
    }
}

PARITY(vae)
{
    char **stems = parity_pairs(p, "vae");
    const char *part = p->part;
    for (char **stem = stems; *stem; stem++) {
        char file[256];
        struct error err;
        SCOPED(vae) struct vae *v = NULL;
        p->part = *stem;
        snprintf(file, sizeof file, "%s.safetensors", *stem);
        struct weights *w = parity_open(p, file);
        snprintf(file, sizeof file, "%s_io.safetensors", *stem);
        struct weights *io = parity_open(p, file);
        if (w && io && vae_open(&v, w, &err) < 0)
            parity_ok(p, false, "%s", err.text);
        if (v)
            run_file(p, v, io);
        vae_close(TAKE(v));
        weights_close(io);
        weights_close(w);
    }
    p->part = part;
    mem_free(stems);
}

/* ---- the ends of the whole pipelines --------------------------------------------------------- */

/* The reference's way from -1..1 to a byte: cut, not rounded. */
static int byte_of(float x)
{
    return (int)(((double)x + 1) / 2 * 255);
}

static void compare_bytes(struct parity *p, const float *got, const struct tensor *want)
{
    int off = 0;
    for (int64_t i = 0; i < tensor_count(want); i++) {
        const int far = abs(byte_of(got[i]) - ((const uint8_t *)want->data)[i]);
        off = far > off ? far : off;
    }
    parity_ok(p, off <= 1, "frames_u8: off by %d, at most 1", off);
}

static void run_end(struct parity *p, const struct vae *v, const struct weights *io, struct nn *nn)
{
    struct tensor latent, frames, bytes;
    if (!parity_tensor(p, io, &latent, "latent_final") || !parity_tensor(p, io, &frames, "frames"))
        return;
    SCOPED(mem) float *out = mem_try(tensor_bytes(&frames));
    struct run r = {.p = p, .vae = v, .io = io, .in = latent, .out = out, .name = "frames"};
    run_case(&r, nn, decode_pass);
    parity_compare_part(p, "frames", out, &frames, 0, tensor_count(&frames), PARITY_F32);
    if (weights_find(io, "frames_u8", &bytes))
        compare_bytes(p, out, &bytes);
}

struct condition {
    const struct vae *vae;
    struct tensor image; /* f32 [3, H, W] */
    int64_t n_frames;
    float *y;
};

static int condition_pass(struct step *s, void *arg, struct error *err)
{
    const struct condition *c = arg;
    return latent_condition(c->vae, s, c->image, c->n_frames, c->y, err);
}

/* image_u8 [H, W, 3], resized to the size of y, conditions it. */
static void run_condition(struct parity *p, const struct vae *v, const struct weights *io,
                          struct nn *nn)
{
    struct tensor image, y;
    if (!weights_find(io, "image_u8", &image) || !parity_tensor(p, io, &y, "cond.y"))
        return;
    const int64_t space = vae_info(v)->space, pixels = image.shape[0] * image.shape[1];
    struct tensor from = {
        .dtype = DTYPE_F32, .n_dims = 3, .shape = {3, image.shape[0], image.shape[1]}, .scale = 1};
    struct tensor to = from;
    to.shape[1] = y.shape[2] * space;
    to.shape[2] = y.shape[3] * space;
    SCOPED(mem) float *source = from.data = mem_try(tensor_bytes(&from));
    SCOPED(mem) float *resized = to.data = mem_try(tensor_bytes(&to));
    SCOPED(mem) float *got = mem_try(tensor_bytes(&y));
    for (int64_t i = 0; i < pixels * 3; i++)
        source[i % 3 * pixels + i / 3] = (float)((const uint8_t *)image.data)[i] / 255.0F * 2 - 1;
    resize_bicubic(from, to);
    struct condition c = {.vae = v, .image = to, .n_frames = vae_frames(y.shape[1]), .y = got};
    struct error err;
    if (parity_pass_run(p, nn, condition_pass, &c, &err) < 0)
        parity_ok(p, false, "cond.y: %s", err.text);
    else
        parity_compare_part(p, "cond.y", got, &y, 0, tensor_count(&y), PARITY_F32);
    (void)resized;
}

PARITY(vae_ends)
{
    static const char *const files[] = {"e2e_t2v.safetensors", "e2e_i2v21.safetensors"};
    struct error err;
    struct weights *w = parity_open(p, "vae21.safetensors");
    SCOPED(vae) struct vae *v = NULL;
    SCOPED(nn) struct nn *nn = NULL;
    if (w && (vae_open(&v, w, &err) < 0 || nn_open(&nn, &(struct nn_options){0}, &err) < 0))
        parity_ok(p, false, "%s", err.text);
    for (int i = 0; i < 2 && v && nn; i++) {
        struct weights *io = parity_open(p, files[i]);
        if (!io)
            continue;
        run_end(p, v, io, nn);
        run_condition(p, v, io, nn);
        weights_close(io);
    }
    vae_close(TAKE(v));
    weights_close(w);
}
