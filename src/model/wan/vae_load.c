/* vae_load.c - the autoencoders' sizes and weights out of a file.
 *
 * Widths are counted through: the first convolution's bias says how wide the first level is, each
 * later bias how many channels come out, and the count of its weights must be what its input and
 * its kernel make.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wan/vae_impl.h"

/* Latents are kept at mean 0 and deviation 1: these are the autoencoders' own, by channel. */
static const float mean21[16] = {
    -0.7571F, -0.7089F, -0.9113F, 0.1075F,  -0.1745F, 0.9653F,  -0.1517F, 1.5508F,
    0.4134F,  -0.0715F, 0.5517F,  -0.3632F, -0.1922F, -0.9497F, 0.2503F,  -0.2921F,
};
static const float deviation21[16] = {
    2.8184F, 1.4541F, 2.3275F, 2.6558F, 1.2196F, 1.7708F, 2.6052F, 2.0743F,
    3.2687F, 2.1526F, 2.8652F, 1.5579F, 1.6382F, 1.1253F, 2.8251F, 1.9160F,
};
static const float mean22[48] = {
    -0.2289F, -0.0052F, -0.1323F, -0.2339F, -0.2799F, 0.0174F,  0.1838F,  0.1557F,
    -0.1382F, 0.0542F,  0.2813F,  0.0891F,  0.1570F,  -0.0098F, 0.0375F,  -0.1825F,
    -0.2246F, -0.1207F, -0.0698F, 0.5109F,  0.2665F,  -0.2108F, -0.2158F, 0.2502F,
    -0.2055F, -0.0322F, 0.1109F,  0.1567F,  -0.0729F, 0.0899F,  -0.2799F, -0.1230F,
    -0.0313F, -0.1649F, 0.0117F,  0.0723F,  -0.2839F, -0.2083F, -0.0520F, 0.3748F,
    0.0152F,  0.1957F,  0.1433F,  -0.2944F, 0.3573F,  -0.0548F, -0.1681F, -0.0667F,
};
static const float deviation22[48] = {
    0.4765F, 1.0364F, 0.4514F, 1.1677F, 0.5313F, 0.4990F, 0.4818F, 0.5013F, 0.8158F, 1.0344F,
    0.5894F, 1.0901F, 0.6885F, 0.6165F, 0.8454F, 0.4978F, 0.5759F, 0.3523F, 0.7135F, 0.6804F,
    0.5833F, 1.4146F, 0.8986F, 0.5659F, 0.7069F, 0.5338F, 0.4889F, 0.4917F, 0.4069F, 0.4999F,
    0.6866F, 0.4093F, 0.5709F, 0.6065F, 0.6415F, 0.4944F, 0.5726F, 1.2042F, 0.5458F, 1.6887F,
    0.3971F, 1.0600F, 0.3943F, 0.5537F, 0.5444F, 0.4089F, 0.7468F, 0.7744F,
};

static struct tensor constants(const float *at, int64_t n)
{
    return (struct tensor){
        .data = (void *)(uintptr_t)at, .dtype = DTYPE_F32, .n_dims = 1, .shape = {n}, .scale = 1};
}

static void load_constants(struct vae *v)
{
    const int64_t n = v->info.latent_channels;
    const float *mean = v->folds ? mean22 : mean21;
    const float *deviation = v->folds ? deviation22 : deviation21;
    for (int64_t i = 0; i < n; i++) {
        v->numbers[0][i] = -mean[i];
        v->numbers[1][i] = 1 / deviation[i];
    }
    v->mean = constants(mean, n);
    v->deviation = constants(deviation, n);
    v->minus_mean = constants(v->numbers[0], n);
    v->per_deviation = constants(v->numbers[1], n);
}

/* The length of STEM.bias: how many channels come out. 1 when it is missing, which is an error
 * then. */
static int64_t channels_of(struct names *n, const char *stem)
{
    struct tensor t;
    if (names_find(n, &t, "%s.bias", stem))
        return tensor_count(&t);
    names_fail(n, "the %s has no tensor %s.bias", n->component->name, stem);
    return 1;
}

/* A convolution over `in` channels with a kernel of kt x k x k; *out: how many come out. Stride 1,
 * and in space as much padding as keeps the size. */
static struct conv load_conv(struct names *n, int64_t in, int64_t *out, int64_t kt, int64_t k,
                             const char *stem)
{
    *out = channels_of(n, stem);
    const int64_t shape[] = {*out, in, kt, k, k};
    const int pad = (int)(k / 2);
    struct conv c = {.stride_t = 1,
                     .stride_h = 1,
                     .stride_w = 1,
                     .top = pad,
                     .bottom = pad,
                     .left = pad,
                     .right = pad};
    c.w = NAMES_TAKE(n, shape, "%s.weight", stem);
    c.b = names_vector(n, *out, "%s.bias", stem);
    return c;
}

static struct vae_res load_res(struct names *n, int64_t in, int64_t *out, const char *stem)
{
    char part[NAMES_MOST];
    struct vae_res r = {.norm1 = names_vector(n, in, "%s.residual.0.gamma", stem)};
    snprintf(part, sizeof part, "%s.residual.2", stem);
    r.conv1 = load_conv(n, in, out, 3, 3, part);
    r.norm2 = names_vector(n, *out, "%s.residual.3.gamma", stem);
    snprintf(part, sizeof part, "%s.residual.6", stem);
    int64_t same;
    r.conv2 = load_conv(n, *out, &same, 3, 3, part);
    if (same != *out)
        names_fail(n, "%s has %lld channels out of its first half and %lld out of its second", stem,
                   (long long)*out, (long long)same);
    if (in != *out)
        r.shortcut = names_linear(n, *out, in, "%s.shortcut", stem);
    return r;
}

static struct vae_attention load_attention(struct names *n, int64_t width, const char *stem)
{
    struct vae_attention a = {.norm = names_vector(n, width, "%s.norm.gamma", stem)};
    const struct linear qkv = names_linear(n, 3 * width, width, "%s.to_qkv", stem);
    if (qkv.w.data && qkv.b.data) {
        struct linear *const parts[] = {&a.q, &a.k, &a.v};
        for (int i = 0; i < 3; i++) {
            parts[i]->w = tensor_part(&qkv.w, i * width, width);
            parts[i]->b = tensor_part(&qkv.b, i * width, width);
        }
    }
    a.o = names_linear(n, width, width, "%s.proj", stem);
    return a;
}

static void load_middle(struct names *n, struct vae_coder *c, int64_t width, const char *half)
{
    char stem[NAMES_MOST];
    int64_t out;
    snprintf(stem, sizeof stem, "%s.middle.0", half);
    c->before = load_res(n, width, &out, stem);
    snprintf(stem, sizeof stem, "%s.middle.1", half);
    c->attention = load_attention(n, out, stem);
    snprintf(stem, sizeof stem, "%s.middle.2", half);
    c->after = load_res(n, out, &out, stem);
    if (out != width)
        names_fail(n, "the middle of the %s changes %lld channels to %lld", half, (long long)width,
                   (long long)out);
}

/* Up: twice the frames as 2 * width channels, then twice the pixels. Down: half the pixels, with
 * zeros below and to the right only, then half the frames. */
static struct vae_resample load_resample(struct names *n, int64_t *width, enum vae_half half,
                                         const char *stem)
{
    char part[NAMES_MOST];
    struct vae_resample r = {0};
    snprintf(part, sizeof part, "%s.resample.1", stem);
    const int64_t in = *width;
    r.space = load_conv(n, in, width, 1, 3, part);
    if (half == VAE_ENCODER) {
        r.space.stride_h = r.space.stride_w = 2;
        r.space.top = r.space.left = 0;
    }
    if (!names_has(n, "%s.time_conv.weight", stem))
        return r;
    int64_t out;
    snprintf(part, sizeof part, "%s.time_conv", stem);
    const int64_t time_in = half == VAE_DECODER ? in : *width;
    r.time = load_conv(n, time_in, &out, 3, 1, part);
    if (half == VAE_ENCODER)
        r.time.stride_t = 2;
    if (out != (half == VAE_DECODER ? 2 * in : *width))
        names_fail(n, "%s gives %lld channels for %lld", part, (long long)out, (long long)time_in);
    return r;
}

/* Level i: its residual blocks, then perhaps a resampling. The official files of 2.1 count its
 * modules through all levels, those of 2.2 in each. */
static void load_level(struct names *n, struct vae_level *l, int64_t *width, enum vae_half half,
                       const char *list)
{
    char stem[96];
    for (int at = l->first_module; l->n_res < VAE_MOST_RES; at++) {
        snprintf(stem, sizeof stem, "%s.%d", list, at);
        l->resamples = names_has(n, "%s.resample.1.weight", stem);
        if (l->resamples)
            l->resample = load_resample(n, width, half, stem);
        if (l->resamples || !names_has(n, "%s.residual.2.weight", stem))
            return;
        l->res[l->n_res++] = load_res(n, *width, width, stem);
    }
    names_fail(n, "%s has more than %d blocks", list, VAE_MOST_RES - 1);
}

static void load_levels(struct names *n, struct vae_coder *c, int64_t *width, enum vae_half half,
                        bool nested)
{
    const char *list = half == VAE_DECODER ? "decoder.upsamples" : "encoder.downsamples";
    const char *inner = half == VAE_DECODER ? "upsamples" : "downsamples";
    int module = 0;
    for (c->n_levels = 0; c->n_levels < VAE_MOST_LEVELS; c->n_levels++) {
        char stem[48];
        struct vae_level *l = &c->level[c->n_levels];
        if (nested)
            snprintf(stem, sizeof stem, "%s.%d.%s", list, c->n_levels, inner);
        else
            snprintf(stem, sizeof stem, "%s", list);
        l->first_module = nested ? 0 : module;
        if (!names_has(n, "%s.%d.residual.2.weight", stem, l->first_module))
            break;
        load_level(n, l, width, half, stem);
        module += l->n_res + l->resamples;
    }
    if (c->n_levels == 0)
        names_fail(n, "the %s has no level of %s", n->component->name, list);
}

static void load_coder(struct vae *v, struct names *n, enum vae_half half)
{
    struct vae_coder *c = &v->coder[half];
    const bool decodes = half == VAE_DECODER;
    const char *name = decodes ? "decoder" : "encoder";
    const int64_t pixel = v->folds ? 12 : 3, latent = v->info.latent_channels;
    char stem[NAMES_MOST];
    int64_t width, out;
    snprintf(stem, sizeof stem, "%s.conv1", name);
    c->first = load_conv(n, decodes ? latent : pixel, &width, 3, 3, stem);
    if (decodes)
        load_middle(n, c, width, name);
    load_levels(n, c, &width, half, v->folds);
    if (!decodes)
        load_middle(n, c, width, name);
    c->last_norm = names_vector(n, width, "%s.head.0.gamma", name);
    snprintf(stem, sizeof stem, "%s.head.2", name);
    c->last = load_conv(n, width, &out, 3, 3, stem);
    if (out != (decodes ? pixel : 2 * latent))
        names_fail(n, "%s.head.2 gives %lld channels", name, (long long)out);
    if (decodes)
        v->info.decoder_width = width;
    else
        v->info.encoder_width = channels_of(n, "encoder.conv1");
}

/* How many px become one, each side; both halves must agree. */
static int64_t space_of(const struct vae *v, enum vae_half half)
{
    int64_t space = v->folds ? 2 : 1;
    for (int i = 0; i < v->coder[half].n_levels; i++)
        space *= v->coder[half].level[i].resamples ? 2 : 1;
    return space;
}

/* Frames of a chunk behind the first. */
static int frames_of(const struct vae *v, enum vae_half half)
{
    int frames = 1;
    for (int i = 0; i < v->coder[half].n_levels; i++)
        frames *= v->coder[half].level[i].resample.time.w.data ? 2 : 1;
    return frames;
}

static void check_coders(const struct vae *v, struct names *n)
{
    if (n->failed)
        return;
    for (int half = VAE_DECODER; half <= VAE_ENCODER; half++)
        if (space_of(v, half) != v->info.space || frames_of(v, half) != 4)
            names_fail(n, "the %s makes %d frames of %lld px a side of one, not 4 of %lld",
                       half == VAE_DECODER ? "decoder" : "encoder", frames_of(v, half),
                       (long long)space_of(v, half), (long long)v->info.space);
}

void vae_load(struct vae *v, struct names *n)
{
    v->folds = n->component == &names_vae22;
    v->info.name = n->component->name;
    v->info.latent_channels = v->folds ? 48 : 16;
    v->info.space = v->folds ? 16 : 8;
    load_constants(v);
    const int64_t latent = v->info.latent_channels;
    v->from_latent = names_linear(n, latent, latent, "conv2");
    v->to_latent = names_linear(n, 2 * latent, 2 * latent, "conv1");
    if (v->to_latent.b.data && dtype_block(v->to_latent.b.dtype) > 1)
        names_fail(n, "tensor conv1.bias is %s, must be of single numbers",
                   dtype_name(v->to_latent.b.dtype));
    else if (v->to_latent.w.data && v->to_latent.b.data) {
        /* The other half of the channels are the variances, which nobody asks for. */
        v->to_latent.w = tensor_part(&v->to_latent.w, 0, latent);
        v->to_latent.b = tensor_part(&v->to_latent.b, 0, latent);
    }
    load_coder(v, n, VAE_DECODER);
    load_coder(v, n, VAE_ENCODER);
    check_coders(v, n);
}
