/* e2e.c - the whole way from a prompt to the frames, against the reference's own pipelines; and the
 * same way in pieces: killed after a step, killed while decoding.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "model/wan/wan.h"
#include "parity.h"

/* What the golden file says of the run. */
struct golden {
    struct parity *p;
    const struct weights *io;
    const char *dit, *clip; /* files of the folder */
    bool compare;           /* activations with the file's */
    int stop_after;         /* steps, then the run is cancelled; INT_MAX: never   */
    int stop_frames;        /* frames, likewise */
    int n_calls;            /* of the text encoder's stage: was it run again?      */
    float *frames;          /* [n, H, W, 3] as they came */
    int64_t n_numbers, n_frames;
};

static long number(const struct golden *g, const char *key, long otherwise)
{
    const char *text = weights_meta(g->io, key);
    return text ? strtol(text, NULL, 10) : otherwise;
}

static double real(const struct golden *g, const char *key)
{
    const char *text = weights_meta(g->io, key);
    return text ? strtod(text, NULL) : 0;
}

/* ---- hooks of a run ---------------------------------------------------------------------- */

static void on_progress(void *arg, const char *stage, double done)
{
    struct golden *g = arg;
    if (strcmp(stage, "text") == 0)
        g->n_calls++;
    if (done < 0 || done > 1)
        parity_ok(g->p, false, "%s is %g of the run", stage, done);
    int step = 0;
    if (sscanf(stage, "step %d of", &step) == 1 && step > g->stop_after)
        g->stop_frames = -1;
}

static bool on_cancelled(void *arg)
{
    const struct golden *g = arg;
    return g->stop_frames < 0;
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct golden *g = arg;
    if (g->n_frames >= g->stop_frames)
        return error_set(err, ERR_CANCELLED, "cancelled");
    const int64_t n = tensor_count(rgb);
    g->frames = mem_grow(g->frames, (size_t)(g->n_numbers + n) * sizeof *g->frames);
    memcpy(g->frames + g->n_numbers, rgb->data, (size_t)n * sizeof *g->frames);
    g->n_numbers += n;
    g->n_frames += rgb->shape[0];
    return 0;
}

static void see(void *arg, const char *name, struct tensor x)
{
    const struct golden *g = arg;
    struct tensor want;
    if (g->compare && weights_find(g->io, name, &want) && want.dtype == DTYPE_F32)
        parity_compare(g->p, name, x, want, PARITY_F32);
}

/* ---- a run ------------------------------------------------------------------------------- */

static int run_model(struct golden *g, struct nn *nn, const struct parts *parts, const char *keep,
                     struct error *err)
{
    SCOPED(wan) struct wan *w = NULL;
    struct tensor image = {0};
    const struct wan_options options = {
        .n_steps = (int)number(g, "steps", 4),
        .shift = real(g, "shift"),
        .guidance = real(g, "guide_scale"),
        .negative = weights_meta(g->io, "negative_prompt"),
        .area = number(g, "max_area", number(g, "width", 0) * number(g, "height", 0)),
    };
    int code = wan_open(&w, parts, &options, nn, err);
    if (code < 0)
        return code;
    struct wan_request q = {
        .prompt = text_of(weights_meta(g->io, "prompt")),
        .seed = (uint64_t)number(g, "seed", 0),
        .width = (int)number(g, "width", 0),
        .height = (int)number(g, "height", 0),
        .n_frames = (int)number(g, "frames", 0),
        .keep = keep,
    };
    if (weights_find(g->io, "image_u8", &image)) {
        q.image = image;
        wan_size(w, (int)image.shape[1], (int)image.shape[0], &q.width, &q.height);
    }
    const struct probe probe = {.see = see, .arg = g};
    const struct wan_run run = {.arg = g,
                                .progress = on_progress,
                                .cancelled = on_cancelled,
                                .frames = on_frames,
                                .probe = &probe};
    return wan_generate(w, &q, &run, err);
}

static int run(struct golden *g, const struct nn_options *how, const char *keep, struct error *err)
{
    SCOPED(nn) struct nn *nn = NULL;
    SCOPED(parts) struct parts parts = {0};
    SCOPED(mem) char *dit = mem_printf("%s/%s", g->p->data, g->dit);
    SCOPED(mem) char *text = mem_printf("%s/umt5.safetensors", g->p->data);
    SCOPED(mem) char *vae = mem_printf("%s/vae21.safetensors", g->p->data);
    SCOPED(mem) char *clip = mem_printf("%s/clip_vision.safetensors", g->p->data);
    SCOPED(mem) char *tokenizer = mem_printf("%s/spm_nfkc.model", g->p->data);
    const struct parts_places places = {
        .given = {[PART_DIT] = dit,
                  [PART_TEXT] = text,
                  [PART_VAE] = vae,
                  [PART_CLIP] = g->clip ? clip : NULL},
        .tokenizer = tokenizer,
    };
    g->n_numbers = g->n_frames = g->n_calls = 0;
    int code = parts_open(&parts, &places, err);
    if (code == 0)
        code = nn_open(&nn, how, err);
    return code < 0 ? code : run_model(g, nn, &parts, keep, err);
}

/* Frames came as [n, H, W, 3]; the golden ones are [3, n, H, W]. */
static void compare_frames(struct golden *g)
{
    struct tensor want, bytes;
    if (!parity_tensor(g->p, g->io, &want, "frames"))
        return;
    const int64_t pixels = want.shape[1] * want.shape[2] * want.shape[3];
    if (g->n_numbers != pixels * 3) {
        parity_ok(g->p, false, "%lld numbers of frames, %lld expected", (long long)g->n_numbers,
                  (long long)pixels * 3);
        return;
    }
    SCOPED(mem) float *planes = mem_alloc((size_t)pixels * 3 * sizeof *planes);
    for (int64_t i = 0; i < pixels * 3; i++)
        planes[i % 3 * pixels + i / 3] = g->frames[i];
    parity_compare_part(g->p, "frames", planes, &want, 0, pixels * 3, PARITY_F32);
    if (!weights_find(g->io, "frames_u8", &bytes))
        return;
    int most = 0;
    for (int64_t i = 0; i < pixels * 3; i++) {
        const int byte = (int)((planes[i] + 1) / 2 * 255);
        const int off = abs(byte - ((const uint8_t *)bytes.data)[i]);
        most = off > most ? off : most;
    }
    parity_ok(g->p, most <= 1, "frames_u8: off by %d at most", most);
}

/* Cancelled after step 1, then while decoding, then to its end: the frames are those of the run
 * that nothing stopped. */
static void resume(struct golden *g, const struct nn_options *how, const float *frames, int64_t n)
{
    struct error err;
    char folder[] = "/tmp/zoetrope-parity-XXXXXX";
    if (!mkdtemp(folder)) {
        parity_ok(g->p, false, "a folder for what is kept");
        return;
    }
    SCOPED(mem) char *keep = mem_printf("%s/latent", folder);
    g->compare = false;
    g->stop_after = 1;
    parity_ok(g->p, run(g, how, keep, &err) == ERR_CANCELLED, "resume: stopped in step 2");
    g->stop_after = INT_MAX;
    g->stop_frames = 1;
    parity_ok(g->p, run(g, how, keep, &err) == ERR_CANCELLED && g->n_calls > 0,
              "resume: stopped while decoding");
    g->stop_frames = INT_MAX;
    const int code = run(g, how, keep, &err);
    parity_ok(g->p, code == 0, "resume: to the end%s%s", code < 0 ? ": " : "",
              code < 0 ? err.text : "");
    parity_ok(g->p, g->n_calls == 0, "resume: a finished latent asks for no text");
    if (code == 0 && g->n_numbers == n)
        parity_same(g->p, "resume: frames", g->frames, frames, n);
    unlink(keep);
    rmdir(folder);
}

static void check(struct parity *p, const char *file, const char *dit, const char *clip)
{
    struct error err;
    SCOPED(weights) struct weights *io = parity_open(p, file);
    if (!io)
        return;
    struct parity_way ways[PARITY_WAYS];
    const int n_ways = parity_ways(ways);
    struct golden g = {.p = p,
                       .io = io,
                       .dit = dit,
                       .clip = clip,
                       .compare = true,
                       .stop_after = INT_MAX,
                       .stop_frames = INT_MAX};
    p->part = file;
    if (run(&g, &ways[0].options, NULL, &err) < 0) {
        parity_ok(p, false, "%s", err.text);
        return;
    }
    compare_frames(&g);
    SCOPED(mem) float *frames = mem_alloc((size_t)g.n_numbers * sizeof *frames);
    const int64_t n = g.n_numbers;
    memcpy(frames, g.frames, (size_t)n * sizeof *frames);
    g.compare = false;
    for (int i = 1; i < n_ways; i++) {
        if (!ways[i].same)
            continue;
        if (run(&g, &ways[i].options, NULL, &err) < 0 || g.n_numbers != n)
            parity_ok(p, false, "%s: %s", ways[i].name, err.text);
        else
            parity_same(p, ways[i].name, g.frames, frames, n);
    }
    resume(&g, &ways[0].options, frames, n);
    mem_free(g.frames);
}

PARITY(e2e)
{
    check(p, "e2e_t2v.safetensors", "dit_t2v.safetensors", NULL);
    check(p, "e2e_i2v21.safetensors", "dit_i2v21.safetensors", "clip_vision.safetensors");
}
