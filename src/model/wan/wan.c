/* wan.c - opening a model from its parts, and the settings it is run with; see wan.h.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/wan_impl.h"

#include <stdio.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"
#include "model/wan/resize.h"

/* The official program's settings, by kind. Sizes are areas: 832x480 and 1280x720. */
struct row {
    const char *name;
    int n_steps, fps;
    double shift, guidance, guidance_high, boundary;
    int64_t area;
};

static const char negative[] =
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，"
    "低质量，JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，"
    "毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走";
static const char negative_of_images[] =
    "镜头晃动，色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，"
    "最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，"
    "畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，"
    "倒着走";

enum { LARGE_DIM = 4096, TI2V_CHANNELS = 48 };
#define AREA_480 ((int64_t)832 * 480)
#define AREA_720 ((int64_t)1280 * 720)

static struct row row_of(const struct dit_info *d, bool experts)
{
    if (d->out_channels == TI2V_CHANNELS)
        return (struct row){"Wan 2.2 text or image to video", 50, 24, 5, 5, 5, 0, 1280 * 704};
    if (experts && d->kind == DIT_TEXT)
        return (struct row){"Wan 2.2 text to video", 40, 16, 12, 3, 4, 0.875, AREA_720};
    if (d->kind == DIT_IMAGE)
        return (struct row){"Wan 2.2 image to video", 40, 16, 5, 3.5, 3.5, 0.9, AREA_720};
    if (d->kind == DIT_CLIP)
        return (struct row){"Wan 2.1 image to video", 40, 16, 3, 5, 5, 0, AREA_480};
    return (struct row){
        "Wan 2.1 text to video", 50, 16, 5, 5, 5, 0, d->dim >= LARGE_DIM ? AREA_720 : AREA_480};
}

static void settle(struct wan *w, const struct wan_options *o)
{
    const struct dit_info *d = dit_info(w->dit[0]);
    const struct row row = row_of(d, w->dit[1] != NULL);
    struct wan_options *s = &w->set;
    *s = *o;
    s->sampler = o->sampler ? o->sampler : SAMPLER_UNIPC + 1;
    s->n_steps = o->n_times ? o->n_times : o->n_steps ? o->n_steps : row.n_steps;
    s->shift = o->shift > 0 ? o->shift : row.shift;
    s->guidance = o->guidance > 0 ? o->guidance : row.guidance;
    s->guidance_high = o->guidance_high > 0 ? o->guidance_high
                       : o->guidance > 0    ? o->guidance
                                            : row.guidance_high;
    s->boundary = o->boundary > 0 ? o->boundary : row.boundary;
    s->area = o->area ? o->area : row.area;
    s->fps = o->fps ? o->fps : row.fps;
    if (!o->negative)
        s->negative = d->kind == DIT_CLIP ? negative_of_images : negative;

    w->info.needs_image = d->kind != DIT_TEXT;
    w->info.takes_image = w->info.needs_image || d->out_channels == TI2V_CHANNELS;
    w->info.step = 2 * (int)vae_info(w->vae)->space;
    snprintf(w->info.name, sizeof w->info.name, "%s, %.1f B parameters", row.name,
             (double)w->info.n_parameters / 1e9);
}

/* ---- opening ----------------------------------------------------------------------------- */

static int missing(enum part part, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the model has no %s", part_name(part));
}

/* The publisher's folders of the two experts, one of which has not come: alone it would pass for a
 * model of 2.1. */
static int check_experts(const struct parts *parts, struct error *err)
{
    const char *path = parts->path[PART_DIT];
    if (!path || parts->path[PART_DIT_HIGH])
        return 0;
    if (strstr(path, "low_noise_model/"))
        return missing(PART_DIT_HIGH, err);
    if (strstr(path, "high_noise_model/"))
        return error_set(err, ERR_NOT_FOUND, "the model has no low-noise transformer");
    return 0;
}

/* What is wrong with a part is wrong with its file. */
static int in_file(const struct wan *w, enum part part, int code, struct error *err)
{
    return code < 0 ? error_prefix(err, "%s", w->parts->path[part]) : 0;
}

static int open_names(struct wan *w, enum part part, const struct names_component *c,
                      struct error *err)
{
    if (!w->parts->file[part])
        return missing(part, err);
    return in_file(w, part, names_open(&w->names[part], w->parts->file[part], c, err), err);
}

static int64_t count_parameters(const struct weights *file)
{
    int64_t n = 0;
    for (int i = 0; i < weights_count(file); i++) {
        const struct tensor t = weights_tensor(file, i);
        n += tensor_count(&t);
    }
    return n;
}

static int open_loras(struct wan *w, const struct wan_options *o, struct error *err)
{
    int code = 0;
    for (int i = 0; i < o->n_loras && code == 0; i++) {
        if (o->loras[i].expert != WAN_EXPERT_ANY && !w->parts->file[PART_DIT_HIGH])
            return error_set(err, ERR_INVALID,
                             "LoRA %d is for one of two experts; this model is one alone", i + 1);
        code = weights_open(&w->lora_files[i], o->loras[i].path, err);
    }
    return code;
}

/* The adaptations of an expert. */
static int new_lora(const struct wan *w, int i, struct lora **out, struct error *err)
{
    const enum wan_expert other = i ? WAN_EXPERT_LOW : WAN_EXPERT_HIGH;
    SCOPED(lora) struct lora *l = lora_new(&names_dit, w->nn);
    int code = 0;
    for (int k = 0; k < w->set.n_loras && code == 0; k++)
        if (w->set.loras[k].expert != other)
            code = lora_add(l, w->lora_files[k], w->set.loras[k].strength, err);
    if (code == 0)
        *out = TAKE(l);
    return code;
}

/* The transformer with its adaptations merged, or only counted. */
static int open_dit(struct names *names, names_patch *patch, struct lora *l, struct dit **out,
                    struct error *err)
{
    names->patch = patch;
    names->patch_arg = l;
    const int code = dit_open(out, names, err);
    return code == 0 ? lora_check(l, err) : code;
}

/* Before the first weight is written anew: is there room for all? */
static int check_room(const struct wan *w, int i, struct names names, struct error *err)
{
    SCOPED(lora) struct lora *l = NULL;
    SCOPED(dit) struct dit *d = NULL;
    int code = new_lora(w, i, &l, err);
    if (code == 0)
        code = open_dit(&names, lora_count, l, &d, err);
    if (code < 0)
        return code;
    const double gib = 1 << 30, need = (double)lora_bytes(l), have = (double)machine_memory();
    if (need <= have)
        return 0;
    return error_set(err, ERR_BUSY,
                     "the %s with its LoRAs merged needs %.1f GiB of memory, %.1f GiB are free",
                     part_name(i ? PART_DIT_HIGH : PART_DIT), need / gib, have / gib);
}

static int open_expert(struct wan *w, int i, struct error *err)
{
    const enum part part = i ? PART_DIT_HIGH : PART_DIT;
    int code = open_names(w, part, &names_dit, err);
    if (code < 0)
        return code;
    if (w->set.n_loras && !w->set.unmerged)
        code = check_room(w, i, w->names[part], err);
    if (code == ERR_BUSY)
        return code; /* nothing is wrong with the file */
    if (code == 0)
        code = new_lora(w, i, &w->lora[i], err);
    if (code == 0)
        code = open_dit(&w->names[part], w->set.unmerged ? lora_count : lora_patch, w->lora[i],
                        &w->dit[i], err);
    w->info.n_parameters += count_parameters(w->parts->file[part]);
    return in_file(w, part, code, err);
}

static int open_rest(struct wan *w, struct error *err)
{
    int code = open_names(w, PART_TEXT, &names_umt5, err);
    if (code == 0)
        code = in_file(w, PART_TEXT, umt5_open(&w->umt5, &w->names[PART_TEXT], err), err);
    if (code == 0 && !w->parts->tokenizer)
        return error_set(err, ERR_NOT_FOUND, "the model has no tokenizer (spiece.model)");
    if (code == 0 && dit_info(w->dit[0])->kind == DIT_CLIP) {
        code = open_names(w, PART_CLIP, &names_clip, err);
        if (code == 0)
            code = in_file(w, PART_CLIP, clip_open(&w->clip, &w->names[PART_CLIP], err), err);
    }
    if (code == 0 && !w->parts->file[PART_VAE])
        return missing(PART_VAE, err);
    if (code == 0)
        code = in_file(w, PART_VAE, vae_open(&w->vae, w->parts->file[PART_VAE], err), err);
    return code;
}

/* Both experts are asked about the same latent with the same rows of text and image. */
static bool are_pair(const struct dit_info *a, const struct dit_info *b)
{
    return a->kind == b->kind && a->dim == b->dim && a->text_dim == b->text_dim &&
           a->clip_dim == b->clip_dim && a->out_channels == b->out_channels;
}

/* Do the parts belong together? */
static int check(const struct wan *w, struct error *err)
{
    const struct dit_info *d = dit_info(w->dit[0]);
    const struct vae_info *v = vae_info(w->vae);
    if (v->latent_channels != d->out_channels)
        return error_set(err, ERR_INVALID, "the VAE has %lld latent channels, the transformer %lld",
                         (long long)v->latent_channels, (long long)d->out_channels);
    if (umt5_info(w->umt5)->dim != d->text_dim)
        return error_set(err, ERR_INVALID,
                         "the text encoder gives rows of %lld, the transformer reads %lld",
                         (long long)umt5_info(w->umt5)->dim, (long long)d->text_dim);
    if (tokenizer_size(w->parts->tokenizer) > umt5_info(w->umt5)->vocabulary)
        return error_set(err, ERR_INVALID, "the tokenizer has %d pieces, the text encoder %lld",
                         tokenizer_size(w->parts->tokenizer),
                         (long long)umt5_info(w->umt5)->vocabulary);
    if (w->clip && clip_info(w->clip)->dim != d->clip_dim)
        return error_set(err, ERR_INVALID,
                         "the image encoder gives rows of %lld, the transformer reads %lld",
                         (long long)clip_info(w->clip)->dim, (long long)d->clip_dim);
    if (w->dit[1] && !are_pair(dit_info(w->dit[1]), d))
        return error_set(err, ERR_INVALID, "the two transformers are of different models");
    return 0;
}

int wan_open(struct wan **out, const struct parts *parts, const struct wan_options *options,
             struct nn *nn, struct error *err)
{
    SCOPED(wan) struct wan *w = mem_alloc(sizeof *w);
    w->parts = parts;
    w->nn = nn;
    w->set = *options;
    int code = check_experts(parts, err);
    if (code == 0)
        code = open_loras(w, options, err);
    if (code == 0)
        code = open_expert(w, 0, err);
    if (code == 0 && parts->file[PART_DIT_HIGH])
        code = open_expert(w, 1, err);
    if (code == 0)
        code = open_rest(w, err);
    if (code == 0)
        code = check(w, err);
    if (code < 0)
        return code;
    settle(w, options);
    *out = TAKE(w);
    return 0;
}

void wan_close(struct wan *w)
{
    if (!w)
        return;
    umt5_close(w->umt5);
    clip_close(w->clip);
    vae_close(w->vae);
    for (int i = 0; i < WAN_EXPERTS; i++) {
        dit_close(w->dit[i]);
        lora_free(w->lora[i]);
    }
    for (int i = 0; i < WAN_MOST_LORAS; i++)
        weights_close(w->lora_files[i]);
    mem_free(w);
}

const struct wan_info *wan_info(const struct wan *w)
{
    return &w->info;
}

const struct wan_options *wan_settings(const struct wan *w)
{
    return &w->set;
}

int wan_surplus(const struct wan *w, enum part part)
{
    if (part == PART_VAE || !w->parts->file[part])
        return 0;
    return weights_count(w->parts->file[part]) - w->names[part].n_taken;
}

int wan_expert(const struct wan *w, float time)
{
    return w->dit[1] && (double)time >= w->set.boundary * 1000;
}

double wan_guidance(const struct wan *w, int expert)
{
    return expert ? w->set.guidance_high : w->set.guidance;
}

int wan_texts(const struct wan *w, int expert)
{
    return wan_guidance(w, expert) == 1 ? 1 : 2;
}

void wan_size(const struct wan *w, int aspect_width, int aspect_height, int *out_width,
              int *out_height)
{
    const struct resize_size aspect = {.width = aspect_width, .height = aspect_height};
    /* Text to video is made in the size that is asked for: at the model's own aspect that is its
     * own size. Where an image is needed the reference's rounding is kept. */
    const struct resize_size size = w->info.needs_image
                                        ? resize_size_of(aspect, w->set.area)
                                        : resize_size_near(aspect, w->set.area, w->info.step);
    *out_width = size.width < w->info.step ? w->info.step : size.width;
    *out_height = size.height < w->info.step ? w->info.step : size.height;
}
