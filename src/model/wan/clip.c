/* clip.c - see clip.h. SPDX-License-Identifier: MIT */
#include "model/wan/clip.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "model/wan/resize.h"

enum {
    MODEL_HEAD = 80, /* numbers of a head of the published tower */
    MOST_SIDE = 4096,
};

static const float eps = 1e-5F;
static const float mean[3] = {0.48145466F, 0.4578275F, 0.40821073F};
static const float deviation[3] = {0.26862954F, 0.26130258F, 0.27577711F};

struct norm {
    struct tensor gain, bias;
};

struct block {
    struct norm norm1, norm2;
    struct linear q, k, v, proj; /* [D, D]             */
    struct linear up, down;      /* [mlp, D], [D, mlp] */
};

struct clip {
    struct clip_info info;
    const struct probe *probe;
    struct linear patch;            /* [D, 3 * patch^2]   */
    struct tensor token, positions; /* [1, D], [1 + grid^2, D] */
    struct norm before;
    struct block blocks[];
};

/* ---- weights --------------------------------------------------------------------------------- */

static int whole_root(int64_t n)
{
    for (int root = 1; root <= MOST_SIDE; root++)
        if ((int64_t)root * root == n)
            return root;
    return 0;
}

static void read_info(struct names *n, struct clip_info *info)
{
    info->dim = names_size(n, 1, "visual.pre_norm.weight");
    info->mlp = names_size(n, 1, "visual.transformer.0.mlp.0.bias");
    info->patch = whole_root(names_size(n, 3 * info->dim, "visual.patch_embedding.weight"));
    info->grid = whole_root(names_size(n, info->dim, "visual.pos_embedding") - 1);
    /* By two tensors, so that no single one that is missing hides its layer. */
    int by_first = names_layers(n, "visual.transformer.%d.norm1.weight"),
        by_last = names_layers(n, "visual.transformer.%d.norm2.weight");
    info->n_layers = (by_first > by_last ? by_first : by_last) - 1;
    if (!n->failed && (info->patch < 1 || info->grid < 1 || info->n_layers < 1))
        names_fail(n, "the vision tower's patches do not make a square, or it has one block");
    int64_t heads = names_config(n, "num_attention_heads", info->dim / MODEL_HEAD);
    heads = names_config(n, "num_heads", heads);
    if (!n->failed && (heads < 1 || heads > info->dim || info->dim % heads != 0))
        names_fail(n, "a width of %lld cannot be cut into %lld heads", (long long)info->dim,
                   (long long)heads);
    info->n_heads = (int)heads;
}

static struct norm take_norm(struct names *n, int64_t dim, const char *where, const char *which)
{
    return (struct norm){.gain = names_vector(n, dim, "%s%s.weight", where, which),
                         .bias = names_vector(n, dim, "%s%s.bias", where, which)};
}

/* Official files stack the matrices of q, k and v. */
static void load_attention(struct names *n, int64_t dim, struct block *b, const char *where)
{
    struct linear *const each[] = {&b->q, &b->k, &b->v};
    b->proj = names_linear(n, dim, dim, "%sattn.proj", where);
    if (!names_has(n, "%sattn.to_qkv.weight", where)) {
        for (int i = 0; i < 3; i++)
            *each[i] = names_linear(n, dim, dim, "%sattn.%c", where, "qkv"[i]);
        return;
    }
    struct linear all = names_linear(n, 3 * dim, dim, "%sattn.to_qkv", where);
    for (int i = 0; i < 3 && !n->failed; i++)
        *each[i] = (struct linear){.w = tensor_part(&all.w, i * dim, dim),
                                   .b = tensor_part(&all.b, i * dim, dim)};
}

static void load(struct names *n, struct clip *c)
{
    const struct clip_info *info = &c->info;
    int64_t dim = info->dim, pixels = 3 * (int64_t)info->patch * info->patch;
    int64_t rows = 1 + (int64_t)info->grid * info->grid;
    c->patch.w = NAMES_TAKE(n, ((int64_t[]){dim, pixels}), "visual.patch_embedding.weight");
    c->token = NAMES_TAKE(n, ((int64_t[]){1, dim}), "visual.cls_embedding");
    c->positions = NAMES_TAKE(n, ((int64_t[]){rows, dim}), "visual.pos_embedding");
    c->before = take_norm(n, dim, "visual.", "pre_norm");
    for (int i = 0; i < info->n_layers; i++) {
        struct block *b = &c->blocks[i];
        char where[48];
        snprintf(where, sizeof where, "visual.transformer.%d.", i);
        b->norm1 = take_norm(n, dim, where, "norm1");
        b->norm2 = take_norm(n, dim, where, "norm2");
        load_attention(n, dim, b, where);
        b->up = names_linear(n, info->mlp, dim, "%smlp.0", where);
        b->down = names_linear(n, dim, info->mlp, "%smlp.2", where);
    }
}

int clip_open(struct clip **out, struct names *names, struct error *err)
{
    struct clip_info info = {0};
    read_info(names, &info);
    if (names_end(names, err) < 0)
        return (int)err->code;
    SCOPED(clip) struct clip *c = mem_try(sizeof *c + (size_t)info.n_layers * sizeof c->blocks[0]);
    if (!c)
        return error_set(err, ERR_MEMORY, "no memory for the list of the vision tower's weights");
    c->info = info;
    load(names, c);
    if (names_end(names, err) < 0)
        return (int)err->code;
    *out = TAKE(c);
    return 0;
}

void clip_close(struct clip *c)
{
    mem_free(c);
}

const struct clip_info *clip_info(const struct clip *c)
{
    return &c->info;
}

void clip_probe(struct clip *c, const struct probe *probe)
{
    c->probe = probe;
}

/* ---- the pass -------------------------------------------------------------------------------- */

/* The image as the tower wants it: [3, S, S], of CLIP's mean 0 and deviation 1. */
static struct tensor pixels_of(const struct clip *c, struct step *s, struct tensor image)
{
    int64_t side = (int64_t)c->info.grid * c->info.patch;
    struct tensor pixels = STEP_NEW(s, 3, side, side); /* [3, S, S] */
    if (s->failed || step_measuring(s))
        return pixels;
    resize_bicubic(image, pixels);
    for (int64_t i = 0; i < 3 * side * side; i++) {
        int64_t channel = i / (side * side);
        float *p = tensor_f32(&pixels) + i;
        *p = ((*p + 1) / 2 - mean[channel]) / deviation[channel];
    }
    probe_see(c->probe, s, pixels, "pixels_normalised");
    return pixels;
}

/* Pixels [3, S, S] to rows [1 + grid^2, D], the class token first. */
static struct tensor embed(const struct clip *c, struct step *s, struct tensor pixels)
{
    int64_t grid = c->info.grid, patch = c->info.patch;
    struct tensor x = tensor_view(&pixels, 5, (int64_t[]){3, grid, patch, grid, patch});
    x = step_permute(s, x, (int[]){1, 3, 0, 2, 4}); /* [g, g, 3, p, p] */
    x = tensor_view(&x, 2, (int64_t[]){grid * grid, 3 * patch * patch});
    x = step_linear(s, &c->patch, x);                                   /* [g*g, D]     */
    x = step_join(s, (struct tensor[]){step_widen(s, c->token), x}, 2); /* [1 + g*g, D] */
    step_add(s, x, step_widen(s, c->positions));
    return step_layer_norm(s, x, c->before.gain, c->before.bias, eps); /* [1 + g*g, D] */
}

/* One block, in place on x [N, D]. */
static int block_forward(const struct clip *c, struct step *s, int i, struct tensor x,
                         struct error *err)
{
    const struct block *b = &c->blocks[i];
    const struct attention a = {
        .n_heads = c->info.n_heads,
        .scale = (float)(1 / sqrt((double)c->info.dim / c->info.n_heads)),
    };
    size_t mark = step_mark(s);
    struct tensor h = step_layer_norm(s, x, b->norm1.gain, b->norm1.bias, eps); /* [N, D] */
    struct tensor q = step_linear(s, &b->q, h);                                 /* [N, D]   */
    struct tensor k = step_linear(s, &b->k, h);                                 /* [N, D]   */
    struct tensor v = step_linear(s, &b->v, h);                                 /* [N, D]   */
    step_add(s, x, step_linear(s, &b->proj, step_attention(s, &a, q, k, v)));

    h = step_layer_norm(s, x, b->norm2.gain, b->norm2.bias, eps); /* [N, D]   */
    h = step_linear(s, &b->up, h);                                /* [N, mlp] */
    step_gelu_erf(s, h);
    step_add(s, x, step_linear(s, &b->down, h));
    probe_see(c->probe, s, x, "block%d.out", i);
    step_release(s, mark);
    return step_end(s, err);
}

int clip_encode(const struct clip *c, struct step *s, struct tensor image, struct tensor *out,
                struct error *err)
{
    if (image.n_dims != 3 || image.shape[0] != 3) {
        step_fail(s, ERR_INVALID, "the image must be [3, H, W]");
        return step_end(s, err);
    }
    struct tensor x = embed(c, s, pixels_of(c, s, image)); /* [1 + g*g, D] */
    for (int i = 0; i < c->info.n_layers; i++)
        if (block_forward(c, s, i, x, err) < 0)
            return (int)err->code;
    *out = x;
    return step_end(s, err);
}
