/* dit_load.c - the transformer's sizes and weights out of a file. SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/memory.h"
#include "model/wan/dit_impl.h"

enum {
    PATCH = 4,        /* pixels of a token: 1 frame, 2 rows, 2 columns */
    MODEL_HEAD = 128, /* numbers of a head of all published models     */
};

static void read_heads(struct names *n, struct dit_info *info)
{
    int64_t heads = names_config(n, "num_attention_heads", info->dim / MODEL_HEAD);
    heads = names_config(n, "num_heads", heads);
    if (heads < 1 || info->dim % (2 * heads) != 0 || info->dim / heads > DIT_MOST_HEAD)
        names_fail(n, "a width of %lld cannot be cut into %lld heads", (long long)info->dim,
                   (long long)heads);
    info->n_heads = (int)heads;
}

static void read_kind(struct names *n, struct dit_info *info)
{
    if (names_has(n, "img_emb.proj.0.weight") || names_has(n, "blocks.0.cross_attn.k_img.weight"))
        info->clip_dim = names_size(n, 1, "img_emb.proj.0.weight");
    bool conditioned = info->in_channels == info->out_channels + DIT_CONDITION_CHANNELS;
    if (!conditioned && info->in_channels != info->out_channels)
        names_fail(n, "%lld channels in and %lld out are of no known model",
                   (long long)info->in_channels, (long long)info->out_channels);
    if (info->clip_dim && !conditioned)
        names_fail(n, "it takes image features but no image latent");
    info->kind = !conditioned ? DIT_TEXT : info->clip_dim ? DIT_CLIP : DIT_IMAGE;
}

static void read_info(struct names *n, struct dit_info *info)
{
    info->dim = names_size(n, 1, "patch_embedding.bias");
    info->in_channels = names_size(n, info->dim * PATCH, "patch_embedding.weight");
    info->out_channels = names_size(n, PATCH, "head.head.bias");
    info->freq_dim = names_size(n, info->dim, "time_embedding.0.weight");
    info->text_dim = names_size(n, info->dim, "text_embedding.0.weight");
    info->ffn = names_size(n, 1, "blocks.0.ffn.0.bias");
    /* By two tensors, so that no single one that is missing hides its layer. */
    int by_first = names_layers(n, "blocks.%d.self_attn.norm_q.weight"),
        by_last = names_layers(n, "blocks.%d.ffn.0.weight");
    info->n_layers = (by_first > by_last ? by_first : by_last);
    if (!n->failed && (info->freq_dim % 2 != 0 || info->freq_dim > DIT_MOST_FREQ))
        names_fail(n, "a time table of %lld numbers is odd or too long", (long long)info->freq_dim);
    if (!n->failed)
        read_heads(n, info);
    if (!n->failed)
        read_kind(n, info);
}

static void load_attention(struct names *n, struct dit_attention *a, int64_t dim, const char *where)
{
    a->q = names_linear(n, dim, dim, "%s.q", where);
    a->k = names_linear(n, dim, dim, "%s.k", where);
    a->v = names_linear(n, dim, dim, "%s.v", where);
    a->o = names_linear(n, dim, dim, "%s.o", where);
    a->norm_q = names_vector(n, dim, "%s.norm_q.weight", where);
    a->norm_k = names_vector(n, dim, "%s.norm_k.weight", where);
}

static void load_block(struct names *n, const struct dit_info *info, struct dit_block *b, int i)
{
    int64_t dim = info->dim;
    char where[48];
    snprintf(where, sizeof where, "blocks.%d.self_attn", i);
    load_attention(n, &b->self, dim, where);
    snprintf(where, sizeof where, "blocks.%d.cross_attn", i);
    load_attention(n, &b->cross, dim, where);
    if (info->kind == DIT_CLIP) {
        b->k_img = names_linear(n, dim, dim, "%s.k_img", where);
        b->v_img = names_linear(n, dim, dim, "%s.v_img", where);
        b->norm_k_img = names_vector(n, dim, "%s.norm_k_img.weight", where);
    }
    b->modulation = NAMES_TAKE(n, ((int64_t[]){1, 6 * dim}), "blocks.%d.modulation", i);
    b->norm3_gain = names_vector(n, dim, "blocks.%d.norm3.weight", i);
    b->norm3_bias = names_vector(n, dim, "blocks.%d.norm3.bias", i);
    b->up = names_linear(n, info->ffn, dim, "blocks.%d.ffn.0", i);
    b->down = names_linear(n, dim, info->ffn, "blocks.%d.ffn.2", i);
}

static void load(struct names *n, struct dit *d)
{
    const struct dit_info *info = &d->info;
    int64_t dim = info->dim, clip = info->clip_dim;
    d->patch = names_linear(n, dim, info->in_channels * PATCH, "patch_embedding");
    d->time1 = names_linear(n, dim, info->freq_dim, "time_embedding.0");
    d->time2 = names_linear(n, dim, dim, "time_embedding.2");
    d->projection = names_linear(n, 6 * dim, dim, "time_projection.1");
    d->text1 = names_linear(n, dim, info->text_dim, "text_embedding.0");
    d->text2 = names_linear(n, dim, dim, "text_embedding.2");
    if (info->kind == DIT_CLIP) {
        d->image_norm1[0] = names_vector(n, clip, "img_emb.proj.0.weight");
        d->image_norm1[1] = names_vector(n, clip, "img_emb.proj.0.bias");
        d->image1 = names_linear(n, clip, clip, "img_emb.proj.1");
        d->image2 = names_linear(n, dim, clip, "img_emb.proj.3");
        d->image_norm2[0] = names_vector(n, dim, "img_emb.proj.4.weight");
        d->image_norm2[1] = names_vector(n, dim, "img_emb.proj.4.bias");
    }
    for (int i = 0; i < info->n_layers; i++)
        load_block(n, info, &d->blocks[i], i);
    d->head_modulation = NAMES_TAKE(n, ((int64_t[]){1, 2 * dim}), "head.modulation");
    d->head = names_linear(n, info->out_channels * PATCH, dim, "head.head");
}

int dit_open(struct dit **out, struct names *names, struct error *err)
{
    if (names_has(names, "vace_patch_embedding.weight"))
        return error_set(err, ERR_INVALID, "a VACE model is not one that can be run");
    if (names_has(names, "img_emb.emb_pos"))
        return error_set(err, ERR_INVALID, "a first-and-last-frame model cannot be run");
    struct dit_info info = {0};
    read_info(names, &info);
    if (names_end(names, err) < 0)
        return (int)err->code;

    SCOPED(dit) struct dit *d = mem_try(sizeof *d + (size_t)info.n_layers * sizeof d->blocks[0]);
    if (!d)
        return error_set(err, ERR_MEMORY, "no memory for the list of a model's weights");
    d->info = info;
    load(names, d);
    if (names_end(names, err) < 0)
        return (int)err->code;
    *out = TAKE(d);
    return 0;
}

void dit_close(struct dit *d)
{
    mem_free(d);
}

const struct dit_info *dit_info(const struct dit *d)
{
    return &d->info;
}

void dit_probe(struct dit *d, const struct probe *probe)
{
    d->probe = probe;
}
