/* fake_wan.c - a Wan 2.1 model of 1.3 B parameters in its true shape, with random numbers.
 *
 *     fake_wan FOLDER
 *
 * Writes transformer.safetensors (30 layers), text.safetensors (the encoder's true layers, two of
 * them, and a table of 1024 pieces) and vae.safetensors, in bf16: 3.8 GB. The names are official,
 * the text encoder's those of transformers, which other programs read too. What is there stays.
 * Tensors of the same size and spread share their numbers in memory.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "nn/weights_write.h"

enum { MOST_TENSORS = 1024, MOST_POOLS = 64 };

struct pool {
    int64_t count;
    float spread, middle;
    uint16_t *numbers; /* bf16 */
};

struct fake {
    struct weights_entry entries[MOST_TENSORS];
    int n;
    struct pool pools[MOST_POOLS];
    int n_pools;
    uint64_t state;
};

/* Evenly from -1 to 1; splitmix64. */
static float draw(struct fake *f)
{
    uint64_t z = f->state += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (float)(int32_t)(z >> 32) * 0x1p-31F;
}

static uint16_t *numbers(struct fake *f, int64_t count, float spread, float middle)
{
    for (int i = 0; i < f->n_pools; i++)
        if (f->pools[i].count == count && f->pools[i].spread == spread &&
            f->pools[i].middle == middle)
            return f->pools[i].numbers;
    struct pool *p = &f->pools[f->n_pools++];
    *p = (struct pool){count, spread, middle, mem_alloc((size_t)count * sizeof *p->numbers)};
    for (int64_t i = 0; i < count; i++) {
        const float x = middle + spread * draw(f);
        uint32_t bits;
        memcpy(&bits, &x, sizeof bits);
        p->numbers[i] = (uint16_t)(bits >> 16);
    }
    return p->numbers;
}

static void add(struct fake *f, struct tensor t, float spread, float middle, const char *name)
{
    struct weights_entry *e = &f->entries[f->n++];
    t.dtype = DTYPE_BF16;
    t.scale = 1;
    t.data = numbers(f, tensor_count(&t), spread, middle);
    *e = (struct weights_entry){.name = mem_dup(name), .tensor = t};
}

#define SHAPE(...)                                                                                 \
    (struct tensor)                                                                                \
    {                                                                                              \
        .n_dims = (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), .shape = {            \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* A matrix or a kernel that keeps the deviation of what goes through it. */
static void weight(struct fake *f, struct tensor shape, const char *stem, bool with_bias)
{
    char name[128];
    const int64_t inputs = tensor_count(&shape) / shape.shape[0];
    snprintf(name, sizeof name, "%s.weight", stem);
    add(f, shape, sqrtf(3 / (float)inputs), 0, name);
    snprintf(name, sizeof name, "%s.bias", stem);
    if (with_bias)
        add(f, SHAPE(shape.shape[0]), 0.05F, 0, name);
}

static void linear(struct fake *f, int64_t out, int64_t in, const char *fmt, ...) PRINTF(4, 5);
static void linear(struct fake *f, int64_t out, int64_t in, const char *fmt, ...)
{
    char stem[100];
    va_list args;
    va_start(args, fmt);
    vsnprintf(stem, sizeof stem, fmt, args);
    va_end(args);
    weight(f, SHAPE(out, in), stem, true);
}

static void vector(struct fake *f, struct tensor shape, float middle, const char *fmt, ...)
    PRINTF(4, 5);
static void vector(struct fake *f, struct tensor shape, float middle, const char *fmt, ...)
{
    char name[100];
    va_list args;
    va_start(args, fmt);
    vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    add(f, shape, 0.05F, middle, name);
}

/* ---- the transformer --------------------------------------------------------------------- */

enum { DIM = 1536, FFN = 8960, LAYERS = 30, FREQ = 256, TEXT = 4096, LATENT = 16 };

static void add_block(struct fake *f, int i)
{
    static const char *const sides[] = {"self", "cross"};
    static const char matrices[] = "qkvo";
    for (int a = 0; a < 2; a++) {
        for (const char *m = matrices; *m; m++)
            linear(f, DIM, DIM, "blocks.%d.%s_attn.%c", i, sides[a], *m);
        vector(f, SHAPE(DIM), 1, "blocks.%d.%s_attn.norm_q.weight", i, sides[a]);
        vector(f, SHAPE(DIM), 1, "blocks.%d.%s_attn.norm_k.weight", i, sides[a]);
    }
    linear(f, FFN, DIM, "blocks.%d.ffn.0", i);
    linear(f, DIM, FFN, "blocks.%d.ffn.2", i);
    vector(f, SHAPE(DIM), 1, "blocks.%d.norm3.weight", i);
    vector(f, SHAPE(DIM), 0, "blocks.%d.norm3.bias", i);
    vector(f, SHAPE(1, 6, DIM), 0, "blocks.%d.modulation", i);
}

static void add_transformer(struct fake *f)
{
    weight(f, SHAPE(DIM, LATENT, 1, 2, 2), "patch_embedding", true);
    linear(f, DIM, TEXT, "text_embedding.0");
    linear(f, DIM, DIM, "text_embedding.2");
    linear(f, DIM, FREQ, "time_embedding.0");
    linear(f, DIM, DIM, "time_embedding.2");
    linear(f, 6 * DIM, DIM, "time_projection.1");
    for (int i = 0; i < LAYERS; i++)
        add_block(f, i);
    linear(f, LATENT * 4, DIM, "head.head");
    vector(f, SHAPE(1, 2, DIM), 0, "head.modulation");
}

/* ---- the text encoder -------------------------------------------------------------------- */

enum { TEXT_FFN = 10240, TEXT_LAYERS = 2, PIECES = 1024, BUCKETS = 32, HEADS = 64 };

static void add_text_block(struct fake *f, int i)
{
    static const char attention[] = "qkvo";
    char stem[80];
    for (const char *m = attention; *m; m++) {
        snprintf(stem, sizeof stem, "encoder.block.%d.layer.0.SelfAttention.%c", i, *m);
        weight(f, SHAPE(TEXT, TEXT), stem, false);
    }
    vector(f, SHAPE(BUCKETS, HEADS), 0,
           "encoder.block.%d.layer.0.SelfAttention.relative_attention_bias.weight", i);
    for (int k = 0; k <= 1; k++) {
        snprintf(stem, sizeof stem, "encoder.block.%d.layer.1.DenseReluDense.wi_%d", i, k);
        weight(f, SHAPE(TEXT_FFN, TEXT), stem, false);
        vector(f, SHAPE(TEXT), 1, "encoder.block.%d.layer.%d.layer_norm.weight", i, k);
    }
    snprintf(stem, sizeof stem, "encoder.block.%d.layer.1.DenseReluDense.wo", i);
    weight(f, SHAPE(TEXT, TEXT_FFN), stem, false);
}

static void add_text(struct fake *f)
{
    add(f, SHAPE(PIECES, TEXT), 1, 0, "shared.weight");
    for (int i = 0; i < TEXT_LAYERS; i++)
        add_text_block(f, i);
    vector(f, SHAPE(TEXT), 1, "encoder.final_layer_norm.weight");
}

/* ---- the autoencoder --------------------------------------------------------------------- */

enum { WIDTH = 96, LEVELS = 4, BLOCKS = 2 };

static void add_res(struct fake *f, int64_t in, int64_t out, const char *stem)
{
    char name[80];
    vector(f, SHAPE(in, 1, 1, 1), 1, "%s.residual.0.gamma", stem);
    snprintf(name, sizeof name, "%s.residual.2", stem);
    weight(f, SHAPE(out, in, 3, 3, 3), name, true);
    vector(f, SHAPE(out, 1, 1, 1), 1, "%s.residual.3.gamma", stem);
    snprintf(name, sizeof name, "%s.residual.6", stem);
    weight(f, SHAPE(out, out, 3, 3, 3), name, true);
    snprintf(name, sizeof name, "%s.shortcut", stem);
    if (in != out)
        weight(f, SHAPE(out, in, 1, 1, 1), name, true);
}

static void add_middle(struct fake *f, int64_t width, const char *half)
{
    char stem[40];
    for (int i = 0; i <= 2; i += 2) {
        snprintf(stem, sizeof stem, "%s.middle.%d", half, i);
        add_res(f, width, width, stem);
    }
    vector(f, SHAPE(width, 1, 1), 1, "%s.middle.1.norm.gamma", half);
    snprintf(stem, sizeof stem, "%s.middle.1.to_qkv", half);
    weight(f, SHAPE(3 * width, width, 1, 1), stem, true);
    snprintf(stem, sizeof stem, "%s.middle.1.proj", half);
    weight(f, SHAPE(width, width, 1, 1), stem, true);
}

static void add_ends(struct fake *f, const char *half, int64_t in, const int64_t widths[2],
                     int64_t out)
{
    char stem[40];
    snprintf(stem, sizeof stem, "%s.conv1", half);
    weight(f, SHAPE(widths[0], in, 3, 3, 3), stem, true);
    vector(f, SHAPE(widths[1], 1, 1, 1), 1, "%s.head.0.gamma", half);
    snprintf(stem, sizeof stem, "%s.head.2", half);
    weight(f, SHAPE(out, widths[1], 3, 3, 3), stem, true);
}

/* Level i of a half, its modules counted on from *at; the last level does not resample. */
static void add_level(struct fake *f, bool decodes, int i, int64_t width[2], int *at)
{
    const char *list = decodes ? "decoder.upsamples" : "encoder.downsamples";
    const int blocks = decodes ? BLOCKS + 1 : BLOCKS;
    char stem[60];
    for (int k = 0; k < blocks; k++) {
        snprintf(stem, sizeof stem, "%s.%d", list, (*at)++);
        add_res(f, width[k > 0], width[1], stem);
    }
    if (i == LEVELS - 1)
        return;
    const int64_t w = width[1], space_out = decodes ? w / 2 : w, time_out = decodes ? 2 * w : w;
    snprintf(stem, sizeof stem, "%s.%d.resample.1", list, *at);
    weight(f, SHAPE(space_out, w, 3, 3), stem, true);
    snprintf(stem, sizeof stem, "%s.%d.time_conv", list, (*at)++);
    if (decodes ? i < 2 : i > 0)
        weight(f, SHAPE(time_out, w, 3, 1, 1), stem, true);
}

static void add_vae(struct fake *f)
{
    static const int64_t multiples[LEVELS] = {1, 2, 4, 4};
    const int64_t most = WIDTH * multiples[LEVELS - 1], ends[2][2] = {{most, WIDTH}, {WIDTH, most}};
    weight(f, SHAPE(2 * LATENT, 2 * LATENT, 1, 1, 1), "conv1", true);
    weight(f, SHAPE(LATENT, LATENT, 1, 1, 1), "conv2", true);
    add_ends(f, "decoder", LATENT, ends[0], 3);
    add_ends(f, "encoder", 3, ends[1], 2 * LATENT);
    add_middle(f, most, "decoder");
    add_middle(f, most, "encoder");
    int up = 0, down = 0;
    int64_t from = WIDTH, back = most;
    for (int i = 0; i < LEVELS; i++) {
        const int64_t here = WIDTH * multiples[i], mirrored = WIDTH * multiples[LEVELS - 1 - i];
        add_level(f, false, i, (int64_t[]){from, here}, &down);
        add_level(f, true, i, (int64_t[]){back, mirrored}, &up);
        from = here;
        back = mirrored / 2; /* doubling the picture halves the channels */
    }
}

/* ---- files ------------------------------------------------------------------------------- */

static int make(const char *folder, const char *name, void (*fill)(struct fake *f),
                struct error *err)
{
    SCOPED(mem) struct fake *f = mem_alloc(sizeof *f);
    SCOPED(mem) char *path = mem_printf("%s/%s.safetensors", folder, name);
    SCOPED(mem) char *aside = mem_printf("%s.part", path);
    if (access(path, F_OK) == 0)
        return 0;
    fill(f);
    int code = weights_write_safetensors(aside, f->entries, f->n, NULL, err);
    if (code == 0 && rename(aside, path) < 0)
        code = error_set(err, ERR_IO, "cannot rename %s", aside);
    for (int i = 0; i < f->n; i++)
        mem_free((void *)f->entries[i].name);
    for (int i = 0; i < f->n_pools; i++)
        mem_free(f->pools[i].numbers);
    return code;
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc != 2) {
        fprintf(stderr, "usage: fake_wan FOLDER\n");
        return 2;
    }
    mkdir(argv[1], 0777);
    if (make(argv[1], "transformer", add_transformer, &err) < 0 ||
        make(argv[1], "text", add_text, &err) < 0 || make(argv[1], "vae", add_vae, &err) < 0) {
        fprintf(stderr, "fake_wan: %s\n", err.text);
        return 1;
    }
    return 0;
}
