/* wan_stages.c - the four stages of a run; see wan.h.
 *
 * Each works in a measuring step, too: then nothing is computed, and what one stage would leave
 * to the next is only its size.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/wan_impl.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "model/wan/latent.h"
#include "model/wan/resize.h"

static void see(const struct wan_clip *c, struct step *s, struct tensor x, const char *name)
{
    if (c->run && c->run->probe)
        probe_see(c->run->probe, s, x, "%s", name);
}

static struct tensor host(float *data, int n_dims, const int64_t *shape)
{
    struct tensor t = {.data = data, .dtype = DTYPE_F32, .n_dims = n_dims, .scale = 1};
    memcpy(t.shape, shape, (size_t)n_dims * sizeof *shape);
    return t;
}
#define HOST(data, ...)                                                                            \
    host((data), (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),                        \
         (const int64_t[]){__VA_ARGS__})

/* Numbers of the host as a tensor of the step. */
static struct tensor load(struct step *s, struct tensor from)
{
    struct tensor x = step_new(s, from.n_dims, from.shape);
    step_write(s, x, tensor_f32(&from));
    return x;
}

/* ---- text -------------------------------------------------------------------------------- */

static int encode(struct wan_clip *c, struct step *s, int i, struct error *err)
{
    static const char *const names[2] = {"prompt.context", "negative.context"};
    assert(i < 2);
    const size_t mark = step_mark(s);
    struct tensor rows; /* [n, D] */
    const int code = umt5_encode(c->w->umt5, s, c->ids[i], c->n_ids[i], &rows, err);
    if (code < 0)
        return code;
    see(c, s, rows, names[i]);
    if (!step_measuring(s))
        step_read(s, rows, c->context[i]);
    step_release(s, mark);
    return step_end(s, err);
}

int wan_stage_text(struct wan_clip *c, struct step *s, struct error *err)
{
    int code = 0;
    for (int i = 0; i < c->n_texts && code == 0; i++) {
        wan_unit(c, "text");
        code = encode(c, s, i, err);
    }
    weights_drop(c->w->parts->file[PART_TEXT]);
    return code;
}

/* ---- image ------------------------------------------------------------------------------- */

/* u8 [H, W, 3] to f32 [3, H, W] of -1..1. */
static float *to_planes(struct tensor image, struct error *err)
{
    const int64_t n = image.shape[0] * image.shape[1];
    const uint8_t *from = image.data;
    float *planes = mem_try((size_t)n * 3 * sizeof *planes);
    if (!planes) {
        error_set(err, ERR_MEMORY, "no memory for an image of %lld px", (long long)n);
        return NULL;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < 3; k++)
            planes[k * n + i] = (float)from[i * 3 + k] / 255.0F * 2 - 1;
    return planes;
}

/* The image at the video's size: bicubic, or for TI2V covered and cut. [3, H, W] of -1..1. */
static float *fit_image(const struct wan_clip *c, struct error *err)
{
    const int64_t h = c->q->height, w = c->q->width;
    if (c->w->info.needs_image) {
        SCOPED(mem) float *planes = to_planes(c->q->image, err);
        float *fit = planes ? mem_try((size_t)(h * w) * 3 * sizeof *fit) : NULL;
        if (fit)
            resize_bicubic(HOST(planes, 3, c->q->image.shape[0], c->q->image.shape[1]),
                           HOST(fit, 3, h, w));
        else if (planes)
            error_set(err, ERR_MEMORY, "no memory for the first frame");
        return fit;
    }
    SCOPED(mem) uint8_t *fit = mem_try((size_t)(h * w) * 3);
    const struct tensor to = {
        .data = fit, .dtype = DTYPE_U8, .n_dims = 3, .shape = {h, w, 3}, .scale = 1};
    if (!fit) {
        error_set(err, ERR_MEMORY, "no memory for the first frame");
        return NULL;
    }
    return resize_cover(c->q->image, to, err) < 0 ? NULL : to_planes(to, err);
}

/* The latent of the image: with grey behind it and a mask for those that are told the rest by it,
 * alone for TI2V. */
static int make_latent(struct wan_clip *c, struct step *s, struct error *err)
{
    SCOPED(mem) float *fit = NULL;
    if (!step_measuring(s)) {
        fit = fit_image(c, err);
        if (!fit)
            return (int)err->code;
    }
    const struct tensor image = HOST(fit, 3, c->q->height, c->q->width);
    if (!c->w->info.needs_image)
        return latent_of_image(c->w->vae, s, image, c->first, err);
    const int code = latent_condition(c->w->vae, s, image, c->q->n_frames, c->y, err);
    if (code == 0 && !step_measuring(s))
        see(c, s, HOST(c->y, DIT_CONDITION_CHANNELS, c->frames, c->height, c->width), "cond.y");
    return code;
}

static int make_features(struct wan_clip *c, struct step *s, struct error *err)
{
    SCOPED(mem) float *planes = NULL;
    struct tensor rows; /* [R, D] */
    if (!step_measuring(s)) {
        planes = to_planes(c->q->image, err);
        if (!planes)
            return ERR_MEMORY;
    }
    const int64_t h = c->q->image.shape[0], w = c->q->image.shape[1];
    int code = clip_encode(c->w->clip, s, HOST(planes, 3, h, w), &rows, err);
    if (code < 0)
        return code;
    see(c, s, rows, "cond.clip_fea");
    if (!step_measuring(s))
        step_read(s, rows, c->features);
    return step_end(s, err);
}

int wan_stage_image(struct wan_clip *c, struct step *s, struct error *err)
{
    if (!c->q->image.n_dims)
        return 0;
    const size_t mark = step_mark(s);
    wan_unit(c, "image");
    int code = c->w->clip ? make_features(c, s, err) : 0;
    step_release(s, mark);
    if (code == 0)
        code = make_latent(c, s, err);
    step_release(s, mark);
    if (c->w->clip)
        weights_drop(c->w->parts->file[PART_CLIP]);
    return code;
}

/* ---- steps ------------------------------------------------------------------------------- */

/* What one expert keeps for all its steps. */
struct ready {
    int expert; /* -1: none yet */
    struct dit_text text[2];
    struct dit_image image;
};

static int prepare(struct wan_clip *c, struct step *s, int expert, struct ready *r,
                   struct error *err)
{
    const struct dit *d = c->w->dit[expert];
    const int64_t dim = dit_info(d)->text_dim;
    int code = 0;
    for (int i = 0; i < wan_texts(c->w, expert) && code == 0; i++) {
        const struct tensor rows = load(s, HOST(c->context[i], c->n_ids[i], dim));
        code = dit_text_make(d, s, rows, &r->text[i], err);
    }
    if (code == 0 && c->w->clip) {
        const int64_t n = 1 + (int64_t)clip_info(c->w->clip)->grid * clip_info(c->w->clip)->grid;
        const struct tensor rows = load(s, HOST(c->features, n, clip_info(c->w->clip)->dim));
        code = dit_image_make(d, s, rows, &r->image, err);
    }
    r->expert = expert;
    return code;
}

/* The first frame of TI2V stays what the image is. */
static void put_first_back(const struct wan_clip *c)
{
    const int64_t plane = c->height * c->width;
    float *x = sampler_x(c->sampler);
    for (int64_t k = 0; c->first && k < c->channels; k++)
        memcpy(x + k * c->frames * plane, c->first + k * plane, (size_t)plane * sizeof *x);
}

/* Of each token, which of the two times: those of a first frame that is kept are at 0. */
static int32_t *token_times(const struct wan_clip *c)
{
    const int64_t n = c->frames * c->height / 2 * c->width / 2;
    int32_t *which = mem_try((size_t)n * sizeof *which);
    for (int64_t i = 0; which && i < n; i++)
        which[i] = i < c->height / 2 * c->width / 2;
    return which;
}

static int ask(struct wan_clip *c, struct step *s, const struct ready *r, float time, int text,
               const int32_t *which, struct error *err)
{
    const size_t mark = step_mark(s);
    const float times[2] = {time, 0};
    const int64_t f = c->frames, h = c->height, w = c->width;
    struct tensor v; /* [C, F, H, W] */
    struct dit_input in = {
        .x = load(s, HOST(c->sampler ? sampler_x(c->sampler) : NULL, c->channels, f, h, w)),
        .times = times,
        .n_times = which ? 2 : 1,
        .which = which,
        .text = &r->text[text],
        .image = c->w->clip ? &r->image : NULL,
    };
    if (c->w->info.needs_image)
        in.y = load(s, HOST(c->y, DIT_CONDITION_CHANNELS, f, h, w));
    const int code = dit_forward(c->w->dit[r->expert], s, &in, &v, err);
    if (code < 0)
        return code;
    if (!step_measuring(s))
        step_read(s, v, c->velocity[text]);
    step_release(s, mark);
    return step_end(s, err);
}

static void see_step(const struct wan_clip *c, struct step *s, int n_texts, int i)
{
    const struct {
        const char *name;
        float *numbers;
    } seen[] = {{"latent_in", sampler_x(c->sampler)},
                {"v_cond", c->velocity[0]},
                {"v_uncond", n_texts == 2 ? c->velocity[1] : NULL}};
    for (size_t k = 0; k < sizeof seen / sizeof *seen; k++) {
        char name[32];
        if (!seen[k].numbers)
            continue;
        snprintf(name, sizeof name, "step%d.%s", i, seen[k].name);
        see(c, s, HOST(seen[k].numbers, c->channels, c->frames, c->height, c->width), name);
    }
}

/* The velocity away from what the negative prompt says, into velocity[0]. */
static void guide(const struct wan_clip *c, float guidance, int64_t n)
{
    float *v = c->velocity[0];
    const float *away = c->velocity[1];
    for (int64_t k = 0; k < n; k++)
        v[k] = away[k] + guidance * (v[k] - away[k]);
}

/* Better now than hours later, as a black film. */
static int check_numbers(const struct wan_clip *c, int64_t n, int i, struct error *err)
{
    for (int64_t k = 0; k < n; k++)
        if (!isfinite(c->velocity[0][k]))
            return error_set(err, ERR_CORRUPT,
                             "the network's answer in step %d is no number: its weights or an "
                             "adaptation are damaged, or guidance is far too high",
                             i + 1);
    return 0;
}

static int one_step(struct wan_clip *c, struct step *s, const struct ready *r, int i,
                    struct error *err)
{
    const int64_t n = c->channels * c->frames * c->height * c->width;
    const float time = c->sampler ? sampler_time(c->sampler, i) : 500;
    const int n_texts = wan_texts(c->w, r->expert);
    SCOPED(mem) int32_t *which = NULL;
    if (c->q->image.n_dims && !c->w->info.needs_image) {
        which = token_times(c);
        if (!which)
            return error_set(err, ERR_MEMORY, "no memory for the times of the tokens");
    }
    int code = 0;
    for (int text = 0; text < n_texts && code == 0; text++)
        code = ask(c, s, r, time, text, which, err);
    if (code < 0 || step_measuring(s))
        return code;
    see_step(c, s, n_texts, i);
    if (n_texts == 2)
        guide(c, (float)wan_guidance(c->w, r->expert), n);
    code = check_numbers(c, n, i, err);
    if (code < 0)
        return code;
    sampler_step(c->sampler, c->velocity[0]);
    put_first_back(c);
    return 0;
}

/* One expert makes room for the other. */
static void drop_expert(const struct wan_clip *c, int expert)
{
    if (expert >= 0)
        weights_drop(c->w->parts->file[expert ? PART_DIT_HIGH : PART_DIT]);
}

static int measure_steps(struct wan_clip *c, struct step *s, struct error *err)
{
    int code = 0;
    for (int e = 0; e < WAN_EXPERTS && c->w->dit[e] && code == 0; e++) {
        const size_t mark = step_mark(s);
        const struct step_work before = step_work(s);
        struct ready r;
        code = prepare(c, s, e, &r, err);
        if (code == 0)
            code = one_step(c, s, &r, 0, err);
        step_release(s, mark);
        c->steps[e] =
            (struct wan_one_step){.flops = s->flops - before.flops, .ends = s->ends - before.ends};
    }
    return code;
}

int wan_stage_steps(struct wan_clip *c, struct step *s, struct error *err)
{
    if (step_measuring(s))
        return measure_steps(c, s, err);
    struct ready ready = {.expert = -1};
    const size_t bottom = step_mark(s);
    const int n = sampler_steps(c->sampler);
    int code = 0;
    put_first_back(c);
    for (int i = sampler_done(c->sampler); i < n && code == 0; i++) {
        const int expert = wan_expert(c->w, sampler_time(c->sampler, i));
        wan_unit(c, "step %d of %d", i + 1, n);
        if (expert != ready.expert) {
            drop_expert(c, ready.expert);
            step_release(s, bottom);
            code = prepare(c, s, expert, &ready, err);
        }
        if (code == 0)
            code = one_step(c, s, &ready, i, err);
        if (code == 0)
            wan_keep_save(c);
    }
    drop_expert(c, ready.expert);
    step_release(s, bottom);
    return code;
}

/* ---- decode ------------------------------------------------------------------------------ */

struct decoding {
    struct wan_clip *c;
    int64_t done; /* frames */
};

static void show_decoding(const struct decoding *d)
{
    const int n = d->c->q->n_frames;
    const int next = d->done < n ? (int)d->done + 1 : n;
    wan_unit(d->c, "decode frame %d of %d", next, n);
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct decoding *d = arg;
    const int code = d->c->run->frames(d->c->run->arg, rgb, err);
    d->done += rgb->shape[0];
    show_decoding(d);
    return code;
}

int wan_stage_decode(struct wan_clip *c, struct step *s, struct error *err)
{
    struct decoding d = {.c = c};
    const struct vae_decoding v = {
        .latent = HOST(c->sampler ? sampler_x(c->sampler) : NULL, c->channels, c->frames, c->height,
                       c->width),
        .tile = c->w->set.tile,
        .frames = on_frames,
        .arg = &d,
    };
    show_decoding(&d);
    if (!step_measuring(s)) {
        see(c, s, v.latent, "latent_final");
        const int code = vae_pack(c->w->vae, c->w->nn, VAE_DECODER, err);
        if (code < 0)
            return code;
    }
    return vae_decode(c->w->vae, s, &v, err);
}
