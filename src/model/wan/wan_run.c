/* wan_run.c - a request from its text to its frames: what it needs, the stages in their order,
 * how far it is; see wan.h. SPDX-License-Identifier: MIT */
#include "model/wan/wan_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"
#include "model/wan/clean.h"
#include "model/wan/randn.h"

static int (*const stages[WAN_STAGES])(struct wan_clip *, struct step *, struct error *) = {
    [WAN_TEXT] = wan_stage_text,
    [WAN_IMAGE] = wan_stage_image,
    [WAN_STEPS] = wan_stage_steps,
    [WAN_DECODE] = wan_stage_decode,
};

/* ---- the request ------------------------------------------------------------------------- */

static int check(const struct wan *w, const struct wan_request *q, struct error *err)
{
    if (q->width < w->info.step || q->height < w->info.step || q->width % w->info.step ||
        q->height % w->info.step)
        return error_set(err, ERR_INVALID, "the size is %dx%d, both sides must be multiples of %d",
                         q->width, q->height, w->info.step);
    if (q->n_frames < 1 || q->n_frames % 4 != 1)
        return error_set(err, ERR_INVALID, "%d frames, must be a multiple of 4 and one",
                         q->n_frames);
    if (w->info.needs_image && !q->image.n_dims)
        return error_set(err, ERR_INVALID, "%s needs an image", w->info.name);
    if (!w->info.takes_image && q->image.n_dims)
        return error_set(err, ERR_INVALID, "%s takes no image", w->info.name);
    return 0;
}

static int read_text(struct wan_clip *c, int i, struct text s, struct error *err)
{
    SCOPED(mem) char *clean = NULL;
    int code = clean_prompt(&clean, s, err);
    if (code < 0)
        return code;
    code = tokenizer_ids(c->w->parts->tokenizer, text_of(clean), c->ids[i], UMT5_MOST_IDS, err);
    if (code < 0)
        return code;
    c->n_ids[i] = code;
    c->context[i] = mem_try((size_t)(code * umt5_info(c->w->umt5)->dim) * sizeof(float));
    return c->context[i] ? 0 : error_set(err, ERR_MEMORY, "no memory for the prompt");
}

static int64_t feature_rows(const struct clip *clip)
{
    return 1 + (int64_t)clip_info(clip)->grid * clip_info(clip)->grid;
}

static size_t latent_count(const struct wan_clip *c)
{
    return (size_t)(c->channels * c->frames * c->height * c->width);
}

static int open_sampler(const struct wan *w, struct sampler **out, int64_t n, struct error *err)
{
    const struct sampler_options o = {
        .kind = (enum sampler_kind)(w->set.sampler - 1),
        .n_steps = w->set.n_steps,
        .shift = w->set.shift,
        .times = w->set.n_times ? w->set.times : NULL,
    };
    return sampler_open(out, &o, n, err);
}

/* Memory for what the stages leave each other. */
static int take_memory(struct wan_clip *c, struct error *err)
{
    const struct wan *w = c->w;
    const size_t n = latent_count(c), cell = sizeof(float);
    bool whole = true;
    for (int i = 0; i < c->n_texts; i++) {
        c->velocity[i] = mem_try(n * cell);
        whole = whole && c->velocity[i];
    }
    if (w->clip) {
        c->features = mem_try((size_t)(feature_rows(w->clip) * clip_info(w->clip)->dim) * cell);
        whole = whole && c->features;
    }
    if (w->info.needs_image) {
        c->y = mem_try(n / (size_t)c->channels * DIT_CONDITION_CHANNELS * cell);
        whole = whole && c->y;
    } else if (c->q->image.n_dims) {
        c->first = mem_try((size_t)(c->channels * c->height * c->width) * cell);
        whole = whole && c->first;
    }
    if (!whole)
        return error_set(err, ERR_MEMORY, "no memory for a latent of %zu numbers", n);
    return open_sampler(w, &c->sampler, (int64_t)n, err);
}

int wan_clip_init(struct wan_clip *c, struct wan *w, const struct wan_request *q, struct error *err)
{
    const bool guided = wan_texts(w, 0) == 2 || (w->dit[1] && wan_texts(w, 1) == 2);
    *c = (struct wan_clip){
        .w = w,
        .q = q,
        .channels = vae_info(w->vae)->latent_channels,
        .frames = (q->n_frames - 1) / 4 + 1,
        .height = q->height / vae_info(w->vae)->space,
        .width = q->width / vae_info(w->vae)->space,
        .n_texts = guided ? 2 : 1,
    };
    int code = check(w, q, err);
    if (code == 0)
        code = read_text(c, 0, q->prompt, err);
    if (code == 0 && guided)
        code = read_text(c, 1, text_of(w->set.negative), err);
    return code;
}

void wan_clip_fini(struct wan_clip *c)
{
    for (int i = 0; i < 2; i++) {
        mem_free(c->context[i]);
        mem_free(c->velocity[i]);
    }
    mem_free(c->features);
    mem_free(c->y);
    mem_free(c->first);
    sampler_close(c->sampler);
}

/* ---- needs ------------------------------------------------------------------------------- */

static int64_t file_bytes(const struct wan *w, enum part part)
{
    return w->parts->file[part] ? weights_bytes(w->parts->file[part]) : 0;
}

static int64_t decoder_bytes(const struct wan *w)
{
    const struct weights *file = w->parts->file[PART_VAE];
    int64_t bytes = 0;
    for (int i = 0; i < weights_count(file); i++) {
        const struct tensor t = weights_tensor(file, i);
        if (strstr(weights_name(file, i), "decoder."))
            bytes += tensor_bytes(&t);
    }
    return bytes;
}

/* How many of the steps behind the first `done` each expert makes. */
static void share_steps(const struct wan *w, const struct sampler *s, int done,
                        int out[WAN_EXPERTS])
{
    memset(out, 0, WAN_EXPERTS * sizeof *out);
    for (int i = done; i < sampler_steps(s); i++)
        out[wan_expert(w, sampler_time(s, i))]++;
}

/* What the steps take: *needs is complete but for them. */
static int count_steps(const struct wan_clip *c, struct wan_needs *needs, struct error *err)
{
    static const enum part parts[WAN_EXPERTS] = {PART_DIT, PART_DIT_HIGH};
    SCOPED(sampler) struct sampler *s = NULL;
    int n[WAN_EXPERTS];
    const int code = open_sampler(c->w, &s, 1, err);
    if (code < 0)
        return code;
    share_steps(c->w, s, 0, n);
    needs->flops[WAN_STEPS] = needs->read[WAN_STEPS] = 0;
    for (int e = 0; e < WAN_EXPERTS; e++) {
        needs->flops[WAN_STEPS] += c->steps[e].flops * n[e];
        needs->read[WAN_STEPS] += (double)file_bytes(c->w, parts[e]) * wan_texts(c->w, e) *
                                  (double)n[e];
    }
    return 0;
}

/* Of the text encoder's table of pieces only a prompt's rows are read. */
static void count_reads(const struct wan_clip *c, double out[WAN_STAGES])
{
    struct wan *w = c->w;
    const double decoder = (double)decoder_bytes(w);
    struct tensor table = {0};
    names_find(&w->names[PART_TEXT], &table, "token_embedding.weight");
    out[WAN_TEXT] = (double)(file_bytes(w, PART_TEXT) - tensor_bytes(&table)) * c->n_texts;
    if (c->q->image.n_dims)
        out[WAN_IMAGE] = (double)(file_bytes(w, PART_CLIP) + file_bytes(w, PART_VAE)) - decoder;
    out[WAN_DECODE] = decoder * (double)c->frames;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t beside(const struct wan_clip *c)
{
    const struct wan *w = c->w;
    const int64_t n = (int64_t)latent_count(c);
    int64_t bytes = sampler_bytes((enum sampler_kind)(w->set.sampler - 1), n);
    bytes += (int64_t)sizeof(float) * n * c->n_texts;
    for (int i = 0; i < c->n_texts; i++)
        bytes += (int64_t)sizeof(float) * c->n_ids[i] * umt5_info(w->umt5)->dim;
    if (w->clip)
        bytes += (int64_t)sizeof(float) * feature_rows(w->clip) * clip_info(w->clip)->dim;
    if (w->info.needs_image)
        bytes += (int64_t)sizeof(float) * n / c->channels * DIT_CONDITION_CHANNELS;
    if (c->q->image.n_dims) /* the image as floats, as it came and of this size; four frames */
        bytes +=
            (int64_t)sizeof(float) * 3 *
            (c->q->image.shape[0] * c->q->image.shape[1] + (int64_t)c->q->width * c->q->height * 6);
    for (int i = 0; i < WAN_EXPERTS; i++)
        bytes += w->lora[i] ? (int64_t)lora_bytes(w->lora[i]) : 0;
    return bytes + (int64_t)vae_packed_bytes(w->vae, w->nn, VAE_DECODER);
}

static int measure(struct wan_clip *c, struct wan_needs *out, struct error *err)
{
    *out = (struct wan_needs){.beside = beside(c)};
    for (int i = 0; i < WAN_STAGES; i++) {
        struct step s;
        step_begin(&s, c->w->nn, NULL);
        const int code = stages[i](c, &s, err);
        if (code < 0)
            return code;
        c->ends_measured[i] = s.ends;
        out->arena = most(out->arena, (int64_t)s.peak);
        out->flops[i] = s.flops;
    }
    out->weights = most(file_bytes(c->w, PART_TEXT),
                        most(file_bytes(c->w, PART_DIT), file_bytes(c->w, PART_DIT_HIGH)));
    count_reads(c, out->read);
    return count_steps(c, out, err);
}

int wan_needs(struct wan *w, const struct wan_request *q, struct wan_needs *out, struct error *err)
{
    struct wan_clip c;
    int code = wan_clip_init(&c, w, q, err);
    if (code == 0)
        code = measure(&c, out, err);
    wan_clip_fini(&c);
    return code;
}

/* The largest size of this shape that fits into so many bytes; false: none does. */
static bool smaller(struct wan *w, const struct wan_request *q, int64_t bytes,
                    struct wan_request *out)
{
    *out = *q;
    for (double k = 0.9;; k *= 0.9) {
        struct wan_needs needs;
        struct error ignored;
        const int step = w->info.step;
        out->width = (int)(q->width * k) / step * step;
        out->height = (int)(q->height * k) / step * step;
        if (out->width < step || out->height < step)
            return false;
        if (wan_needs(w, out, &needs, &ignored) == 0 && needs.arena + needs.beside <= bytes)
            return true;
    }
}

/* What is free, and what merged adaptations, which are counted among the needs, have taken of it.
 */
static int64_t memory_for(const struct wan *w)
{
    int64_t bytes = machine_memory(), merged = 0;
    for (int i = 0; i < WAN_EXPERTS; i++)
        merged += w->lora[i] && !w->set.unmerged ? (int64_t)lora_bytes(w->lora[i]) : 0;
    return bytes > INT64_MAX - merged ? INT64_MAX : bytes + merged;
}

static int check_memory(const struct wan_clip *c, const struct wan_needs *needs, struct error *err)
{
    const int64_t need = needs->arena + needs->beside, have = memory_for(c->w);
    struct wan_request fits;
    if (need <= have)
        return 0;
    const double gib = 1 << 30;
    if (!smaller(c->w, c->q, have, &fits))
        return error_set(
            err, ERR_BUSY, "%dx%d with %d frames needs %.1f GiB of memory, %.1f GiB are free",
            c->q->width, c->q->height, c->q->n_frames, (double)need / gib, (double)have / gib);
    return error_set(
        err, ERR_BUSY,
        "%dx%d with %d frames needs %.1f GiB of memory, %.1f GiB are free: %dx%d would "
        "fit",
        c->q->width, c->q->height, c->q->n_frames, (double)need / gib, (double)have / gib,
        fits.width, fits.height);
}

/* ---- how far ----------------------------------------------------------------------------- */

static void show(struct wan_clip *c)
{
    if (!c->run)
        return;
    const double within = (double)c->ends / ((double)c->ends_expected + 1);
    const double done = c->before + c->span * (within < 1 ? within : 1);
    c->shown = done > c->shown ? done : c->shown;
    c->run->progress(c->run->arg, c->stage, c->shown < 1 ? c->shown : 1);
}

void wan_unit(struct wan_clip *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->stage, sizeof c->stage, fmt, args);
    va_end(args);
    show(c);
}

/* A step's cancelled hook: asked once per block, it also shows that the run is alive. */
static bool pulse(void *arg)
{
    struct wan_clip *c = arg;
    c->ends++;
    show(c);
    return c->run->cancelled(c->run->arg);
}

/* The same within a long operation. */
static bool watch(void *arg)
{
    struct wan_clip *c = arg;
    show(c);
    return c->run->cancelled(c->run->arg);
}

/* ---- the run ----------------------------------------------------------------------------- */

static int64_t ends_of_steps(const struct wan_clip *c)
{
    int n[WAN_EXPERTS];
    int64_t ends = 0;
    share_steps(c->w, c->sampler, sampler_done(c->sampler), n);
    for (int e = 0; e < WAN_EXPERTS; e++)
        ends += c->steps[e].ends * n[e];
    return ends;
}

/* How long a stage takes beside the others. Nearly all of an autoencoder is convolutions that make
 * a quarter of their products (nn/winograd.c): measured, two fifths of the time. */
static double weight_of(const struct wan_needs *needs, enum wan_stage stage)
{
    return needs->flops[stage] * (stage == WAN_IMAGE || stage == WAN_DECODE ? 0.4 : 1);
}

static int run_stage(struct wan_clip *c, enum wan_stage stage, const struct wan_needs *needs,
                     struct error *err)
{
    double total = 0, before = 0;
    struct step s;
    for (int i = 0; i < WAN_STAGES; i++) {
        const double weight = weight_of(needs, (enum wan_stage)i);
        total += weight;
        before += i < (int)stage ? weight : 0;
    }
    c->before = before / total;
    c->span = weight_of(needs, stage) / total;
    c->ends = 0;
    c->ends_expected = stage == WAN_STEPS ? ends_of_steps(c) : c->ends_measured[stage];
    step_begin(&s, c->w->nn, c->arena);
    s.cancelled = pulse;
    s.cancelled_arg = c;
    return stages[stage](c, &s, err);
}

static void draw_noise(struct wan_clip *c)
{
    struct randn r;
    randn_init(&r, c->q->seed);
    randn_fill(&r, sampler_x(c->sampler), (int64_t)latent_count(c));
    if (c->run->probe) {
        struct step none = {0};
        struct tensor x = {.data = sampler_x(c->sampler),
                           .dtype = DTYPE_F32,
                           .n_dims = 4,
                           .shape = {c->channels, c->frames, c->height, c->width},
                           .scale = 1};
        none.arena = c->arena;
        probe_see(c->run->probe, &none, x, "noise");
    }
}

static int run_all(struct wan_clip *c, const struct wan_needs *needs, struct error *err)
{
    int code = 0;
    if (!wan_keep_load(c))
        draw_noise(c);
    /* A latent that is finished needs neither text nor image any more. */
    if (sampler_done(c->sampler) < sampler_steps(c->sampler)) {
        code = run_stage(c, WAN_TEXT, needs, err);
        if (code == 0)
            code = run_stage(c, WAN_IMAGE, needs, err);
        if (code == 0)
            code = run_stage(c, WAN_STEPS, needs, err);
    }
    if (code == 0)
        code = run_stage(c, WAN_DECODE, needs, err);
    return code;
}

static int generate(struct wan_clip *c, const struct wan_run *run, struct error *err)
{
    struct wan_needs needs;
    int code = measure(c, &needs, err);
    c->run = run; /* from here on: measuring shows nothing */
    if (code == 0)
        code = check_memory(c, &needs, err);
    if (code == 0)
        code = take_memory(c, err);
    if (code < 0)
        return code;
    SCOPED(arena) struct arena *arena = NULL;
    code = arena_open(&arena, (size_t)needs.arena, err);
    if (code < 0)
        return code;
    c->arena = arena;
    nn_watch(c->w->nn, watch, c);
    code = run_all(c, &needs, err);
    nn_watch(c->w->nn, NULL, NULL);
    return code;
}

int wan_generate(struct wan *w, const struct wan_request *q, const struct wan_run *run,
                 struct error *err)
{
    struct wan_clip c;
    int code = wan_clip_init(&c, w, q, err);
    if (code == 0)
        code = generate(&c, run, err);
    wan_clip_fini(&c);
    return code;
}
