/* lora.c - see lora.h. SPDX-License-Identifier: MIT */
#include "model/wan/lora.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nn/quant.h"
#include "nn/step.h"

static const char *const prefixes[] = {
    "diffusion_model.", "transformer.", "model.diffusion_model.", "", NULL,
};

/* Of trainers that may not have dots in names. */
static const char flat_prefix[] = "lora_unet_";

static const struct pair {
    const char *down, *up;
} pairs[] = {
    {".lora_down.weight", ".lora_up.weight"},
    {".lora_A.weight", ".lora_B.weight"},
    {".lora.down.weight", ".lora.up.weight"},
    {".lora_A.default.weight", ".lora_B.default.weight"},
};

/* What a file has for one tensor. */
struct delta {
    struct tensor down, up; /* data NULL: none            */
    struct tensor whole;    /* data NULL: none            */
    struct tensor alpha;    /* data NULL: as large as the rank */
    struct tensor length;   /* data NULL: none; of a DoRA     */
};

struct lora {
    const struct names_component *component;
    struct nn *nn;
    struct arena *arena;
    size_t arena_bytes;
    int n_files;
    const struct weights *files[LORA_MOST];
    float strength[LORA_MOST];
    int used[LORA_MOST];
    void **kept; /* the weights written anew */
    size_t n_kept, bytes;
};

struct lora *lora_new(const struct names_component *component, struct nn *nn)
{
    struct lora *l = mem_alloc(sizeof *l);
    l->component = component;
    l->nn = nn;
    return l;
}

void lora_free(struct lora *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n_kept; i++)
        mem_free(l->kept[i]);
    mem_free(l->kept);
    arena_close(l->arena);
    mem_free(l);
}

int lora_add(struct lora *l, const struct weights *file, float strength, struct error *err)
{
    if (l->n_files == LORA_MOST)
        return error_set(err, ERR_INVALID, "more than %d LoRAs", LORA_MOST);
    if (!isfinite(strength))
        return error_set(err, ERR_INVALID, "the strength of a LoRA must be a number");
    l->files[l->n_files] = file;
    l->strength[l->n_files++] = strength;
    return 0;
}

/* ---- finding --------------------------------------------------------------------------------- */

static bool find(const struct weights *file, const char *stem, const char *ending,
                 struct tensor *out)
{
    char name[2 * NAMES_MOST];
    snprintf(name, sizeof name, "%s%s", stem, ending);
    return weights_find(file, name, out);
}

/* All that the file has under a stem; how many tensors. part: "weight", "bias", "modulation". */
static int find_under(const struct weights *file, const char *stem, const char *part,
                      struct delta *d)
{
    if (strcmp(part, "bias") == 0)
        return find(file, stem, ".diff_b", &d->whole);
    if (strcmp(part, "modulation") == 0)
        return find(file, stem, ".diff_m", &d->whole);
    int n = find(file, stem, ".diff", &d->whole);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && !d->down.data; i++)
        if (find(file, stem, pairs[i].down, &d->down) && find(file, stem, pairs[i].up, &d->up))
            n += 2 + find(file, stem, ".alpha", &d->alpha) +
                 find(file, stem, ".dora_scale", &d->length);
        else
            d->down.data = d->up.data = NULL;
    return n;
}

/* The same for a tensor's official name, in every spelling. */
static int find_delta(const struct lora *l, const struct weights *file, const char *official,
                      struct delta *d)
{
    const char *part = strrchr(official, '.');
    char stem[NAMES_MOST], spelled[NAMES_MOST];
    if (!part)
        return 0;
    snprintf(stem, sizeof stem, "%.*s", (int)(part - official), official);
    part++;
    for (const struct names_layout *layout = l->component->layouts; layout->name; layout++) {
        for (const char *const *prefix = prefixes; *prefix; prefix++) {
            int n = names_spell(layout, *prefix, stem, spelled) ? find_under(file, spelled, part, d)
                                                                : 0;
            if (n > 0)
                return n;
        }
        if (!names_spell(layout, flat_prefix, stem, spelled))
            continue;
        for (char *dot = spelled; (dot = strchr(dot, '.')) != NULL;)
            *dot = '_';
        int n = find_under(file, spelled, part, d);
        if (n > 0)
            return n;
    }
    return 0;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* x [o, i] += strength * what one file has. */
static void add_delta(struct step *s, struct tensor x, const struct delta *d, float strength)
{
    size_t mark = step_mark(s);
    if (d->whole.data) {
        if (tensor_count(&d->whole) != tensor_count(&x))
            step_fail(s, ERR_CORRUPT, "its difference has another size");
        struct tensor whole = step_copy(s, step_widen(s, d->whole));
        step_scale(s, whole, strength);
        if (!s->failed)
            step_add(s, x, tensor_view(&whole, x.n_dims, x.shape));
    }
    step_release(s, mark);
    if (!d->down.data)
        return;
    int64_t rank = d->down.shape[0], o = x.shape[0], i = tensor_count(&x) / o;
    if (tensor_count(&d->down) != rank * i || tensor_count(&d->up) != o * rank) {
        step_fail(s, ERR_CORRUPT, "its matrices do not make one of %lld x %lld", (long long)o,
                  (long long)i);
        return;
    }
    float alpha = (float)rank;
    if (d->alpha.data && tensor_count(&d->alpha) == 1)
        step_read(s, step_widen(s, tensor_view(&d->alpha, 1, (int64_t[]){1})), &alpha);
    struct tensor down = tensor_view(&d->down, 2, (int64_t[]){rank, i});
    struct tensor up = tensor_view(&d->up, 2, (int64_t[]){o, rank});
    const struct linear across = {
        .w = step_permute(s, step_widen(s, down), (int[]){1, 0})};      /* [i, r] */
    struct tensor product = step_linear(s, &across, step_widen(s, up)); /* [o, i] */
    step_scale(s, product, strength * alpha / (float)rank);
    if (!s->failed)
        step_add(s, x, tensor_view(&product, x.n_dims, x.shape));
    step_release(s, mark);
}

/* t plus what each file has, in f32. */
static struct tensor merged(struct lora *l, struct step *s, struct tensor t, struct delta *deltas)
{
    struct tensor x = step_zero(s, t.n_dims, t.shape);
    size_t mark = step_mark(s);
    step_add(s, x, step_widen(s, t));
    step_release(s, mark);
    for (int i = 0; i < l->n_files; i++)
        add_delta(s, x, &deltas[i], l->strength[i]);
    return x;
}

/* ---- keeping --------------------------------------------------------------------------------- */

static enum dtype kept_type(enum dtype t)
{
    return t == DTYPE_F32 || t == DTYPE_F16 ? t : DTYPE_BF16;
}

/* To the nearest, ties to even. */
static uint16_t to_f16(float f)
{
    uint32_t bits = quant_to_bits(f), rest = bits & 0x7fffffff, half;
    if (rest > 0x7f800000)
        half = 0x7e00;
    else if (rest >= 0x47800000)
        half = 0x7c00;
    else if (rest < 0x38800000)
        half = (uint32_t)lrintf(fabsf(f) * 0x1p24F);
    else
        half = (rest + 0xfff + (rest >> 13 & 1) - (112U << 23)) >> 13;
    return (uint16_t)(half | (bits >> 16 & 0x8000));
}

static void narrow(void *to, enum dtype type, const float *from, size_t n)
{
    uint16_t *half = to;
    if (type == DTYPE_F32)
        memcpy(to, from, n * sizeof *from);
    for (size_t i = 0; i < n && type == DTYPE_F16; i++)
        half[i] = to_f16(from[i]);
    for (size_t i = 0; i < n && type == DTYPE_BF16; i++)
        half[i] = quant_to_bf16(from[i]);
}

/* x in the type of t, in memory of its own. */
static int keep(struct lora *l, struct step *s, struct tensor x, struct tensor *t,
                struct error *err)
{
    enum { PIECE = 1024 };
    struct tensor kept = *t;
    kept.dtype = kept_type(t->dtype);
    kept.scale = 1;
    kept.data = mem_try(tensor_bytes(&kept));
    if (!kept.data)
        return error_set(err, ERR_MEMORY, "no memory for merged weights");
    l->kept = mem_grow(l->kept, (l->n_kept + 1) * sizeof *l->kept);
    l->kept[l->n_kept++] = kept.data;
    l->bytes += tensor_bytes(&kept);

    int64_t count = tensor_count(&kept);
    struct tensor flat = tensor_view(&x, 1, &count);
    for (int64_t at = 0; at < count; at += PIECE) {
        float piece[PIECE];
        int64_t n = count - at < PIECE ? count - at : PIECE;
        step_read(s, tensor_part(&flat, at, n), piece);
        narrow((char *)kept.data + (size_t)at * dtype_block_bytes(kept.dtype), kept.dtype, piece,
               (size_t)n);
    }
    *t = kept;
    return 0;
}

/* Scratch for one merge: what a measuring pass of it needs. */
static int size_arena(struct lora *l, struct tensor t, struct delta *deltas, struct error *err)
{
    struct step s;
    step_begin(&s, l->nn, NULL);
    merged(l, &s, t, deltas);
    if (step_end(&s, err) < 0)
        return (int)err->code;
    if (l->arena && s.peak <= l->arena_bytes)
        return 0;
    arena_close(l->arena);
    l->arena = NULL;
    l->arena_bytes = s.peak;
    return arena_open(&l->arena, s.peak, err);
}

/* What all files have for a tensor: how many tensors, or an error. */
static int find_deltas(struct lora *l, const char *name, struct delta deltas[LORA_MOST],
                       struct error *err)
{
    int n = 0;
    for (int i = 0; i < l->n_files; i++) {
        int found = find_delta(l, l->files[i], name, &deltas[i]);
        if (deltas[i].length.data)
            return error_set(err, ERR_INVALID, "LoRA %d is a DoRA (%s), which cannot be merged",
                             i + 1, name);
        l->used[i] += found;
        n += found;
    }
    return n;
}

int lora_count(void *arg, const char *name, struct tensor *t, struct error *err)
{
    struct lora *l = arg;
    struct delta deltas[LORA_MOST] = {0};
    const int n = find_deltas(l, name, deltas, err);
    if (n > 0)
        l->bytes += (size_t)tensor_count(t) * dtype_block_bytes(kept_type(t->dtype));
    return n < 0 ? n : 0;
}

int lora_patch(void *arg, const char *name, struct tensor *t, struct error *err)
{
    struct lora *l = arg;
    struct delta deltas[LORA_MOST] = {0};
    struct step s;
    const int n = find_deltas(l, name, deltas, err);
    if (n <= 0)
        return n;
    if (size_arena(l, *t, deltas, err) < 0)
        return error_prefix(err, "LoRA for %s", name);
    step_begin(&s, l->nn, l->arena);
    struct tensor x = merged(l, &s, *t, deltas);
    if (step_end(&s, err) < 0 || keep(l, &s, x, t, err) < 0)
        return error_prefix(err, "LoRA for %s", name);
    return 0;
}

int lora_used(const struct lora *l, int file)
{
    return l->used[file];
}

int lora_check(struct lora *l, struct error *err)
{
    arena_close(l->arena);
    l->arena = NULL;
    l->arena_bytes = 0;
    for (int i = 0; i < l->n_files; i++)
        if (l->used[i] == 0)
            return error_set(err, ERR_INVALID, "LoRA %d has nothing for this model", i + 1);
    return 0;
}

size_t lora_bytes(const struct lora *l)
{
    return l->bytes;
}
