/* layer.c - see layer.h. SPDX-License-Identifier: MIT */
#include "storyboard/layer.h"

#include "base/memory.h"
#include "storyboard/curve.h"

struct layer *layer_new(struct layer_area area, float density, float depth)
{
    struct layer *l = mem_alloc(sizeof *l);
    l->width = ((int)((area.right - area.left) * density) + 3) & ~1;
    l->height = ((int)((area.bottom - area.top) * density) + 3) & ~1;
    l->left = area.left;
    l->top = area.top;
    l->density = density;
    l->depth = depth;
    const size_t n = (size_t)l->width * (size_t)l->height;
    l->y = mem_try(n + LAYER_SLACK);
    l->a = mem_try(n + LAYER_SLACK);
    l->u = mem_try(n / 4 + LAYER_SLACK);
    l->v = mem_try(n / 4 + LAYER_SLACK);
    l->c = mem_try(n / 4 + LAYER_SLACK);
    l->n_blocks = l->width / LAYER_BLOCK + 1;
    l->n_half_blocks = l->width / 2 / LAYER_BLOCK + 1;
    l->blocks = mem_try((size_t)l->height * (size_t)l->n_blocks);
    l->half_blocks = mem_try((size_t)l->height / 2 * (size_t)l->n_half_blocks);
    l->full = mem_try((size_t)l->height);
    if (l->y && l->a && l->u && l->v && l->c && l->blocks && l->half_blocks && l->full)
        return l;
    layer_free(l);
    return NULL;
}

void layer_free(struct layer *l)
{
    if (!l)
        return;
    mem_free(l->y);
    mem_free(l->a);
    mem_free(l->u);
    mem_free(l->v);
    mem_free(l->c);
    mem_free(l->blocks);
    mem_free(l->half_blocks);
    mem_free(l->full);
    mem_free(l->motes);
    mem_free(l->box);
    mem_free(l);
}

struct painting {
    struct layer *layer;
    layer_brush *brush;
    void *arg;
    float *lines; /* [height / 2][2][4][width]: none shared between threads */
    bool failed;  /* atomic */
};

/* Round to a byte, up or down by a fixed pattern, so that gradients have no steps. */
static uint8_t byte(float value, int x, int y)
{
    uint32_t grain = ((uint32_t)x * 3242174889U + (uint32_t)y * 2447445414U) >> 16;
    return (uint8_t)curve_clamp(value + (float)grain * (1 / 65536.0F), 0, 255);
}

/* Fills the blocks of a row of n covers; is all of it opaque? */
static bool measure(uint8_t *blocks, const uint8_t *a, int n)
{
    bool full = true;
    for (int k = 0; k * LAYER_BLOCK < n; k++) {
        const int end = (k + 1) * LAYER_BLOCK + 1;
        int some = 0, holes = 0;
        for (int i = k * LAYER_BLOCK; i < end && i < n; i++) {
            some |= a[i] != 0;
            holes |= a[i] != 255;
        }
        blocks[k] = (uint8_t)(some * LAYER_SOME | holes * LAYER_HOLES);
        full = full && !holes;
    }
    return full;
}

static void keep_luma(struct layer *l, const struct layer_line *line, int y)
{
    uint8_t *luma = l->y + (size_t)y * (size_t)l->width;
    uint8_t *cover = l->a + (size_t)y * (size_t)l->width;
    for (int x = 0; x < l->width; x++) {
        luma[x] = byte(palette_luma(curve_clamp(line->y[x], 0, 1)), x, y);
        cover[x] = (uint8_t)(curve_clamp(line->a[x], 0, 1) * 255 + 0.5F);
    }
    l->full[y] = measure(l->blocks + (size_t)y * (size_t)l->n_blocks, cover, l->width);
}

static void keep_chroma(struct layer *l, const struct layer_line line[2], int y)
{
    uint8_t *u = l->u + (size_t)y * (size_t)(l->width / 2);
    uint8_t *v = l->v + (size_t)y * (size_t)(l->width / 2);
    uint8_t *c = l->c + (size_t)y * (size_t)(l->width / 2);
    for (int x = 0; x < l->width / 2; x++) {
        float sum_u = 0, sum_v = 0, sum = 0, cover = 0;
        for (int k = 0; k < 4; k++) {
            const struct layer_line *at = &line[k / 2];
            const int i = 2 * x + k % 2;
            /* A little weight for clear samples: the colour around an edge stays defined. */
            float weight = curve_clamp(at->a[i], 0, 1) + 1e-3F;
            sum_u += at->u[i] * weight;
            sum_v += at->v[i] * weight;
            cover += curve_clamp(at->a[i], 0, 1);
            sum += weight;
        }
        u[x] = byte(palette_chroma(curve_clamp(sum_u / sum, -0.5F, 0.5F)), x, y);
        v[x] = byte(palette_chroma(curve_clamp(sum_v / sum, -0.5F, 0.5F)), x, y + 5);
        c[x] = (uint8_t)(cover * (255 / 4.0F) + 0.5F);
    }
    measure(l->half_blocks + (size_t)y * (size_t)l->n_half_blocks, c, l->width / 2);
}

static void paint_pair(void *arg, int pair)
{
    struct painting *p = arg;
    struct layer *l = p->layer;
    const size_t n = (size_t)l->width;
    SCOPED(mem) float *samples = mem_try(8 * n * sizeof *samples);
    if (!samples) {
        __atomic_store_n(&p->failed, true, __ATOMIC_RELAXED);
        return;
    }
    struct layer_line lines[2];
    for (int i = 0; i < 2; i++) {
        float *at = samples + 4 * n * (size_t)i;
        const int y = 2 * pair + i;
        lines[i] = (struct layer_line){
            .n = l->width,
            .left = l->left + 0.5F / l->density,
            .step = 1 / l->density,
            .at = l->top + ((float)y + 0.5F) / l->density,
            .y = at,
            .u = at + n,
            .v = at + 2 * n,
            .a = at + 3 * n,
        };
        p->brush(p->arg, &lines[i]);
        keep_luma(l, &lines[i], y);
    }
    keep_chroma(l, lines, pair);
}

static void find_opaque(struct layer *l)
{
    l->opaque = true;
    for (int y = 0; y < l->height; y++)
        l->opaque = l->opaque && l->full[y];
}

void layer_index(struct layer *l)
{
    for (int y = 0; y < l->height; y++)
        l->full[y] = measure(l->blocks + (size_t)y * (size_t)l->n_blocks,
                             l->a + (size_t)y * (size_t)l->width, l->width);
    for (int y = 0; y < l->height / 2; y++)
        measure(l->half_blocks + (size_t)y * (size_t)l->n_half_blocks,
                l->c + (size_t)y * (size_t)(l->width / 2), l->width / 2);
    find_opaque(l);
}

int layer_paint(struct layer *l, struct crew *crew, layer_brush *brush, void *arg,
                struct error *err)
{
    struct painting p = {.layer = l, .brush = brush, .arg = arg};
    crew_run(crew, paint_pair, &p, l->height / 2);
    find_opaque(l);
    return p.failed ? error_set(err, ERR_MEMORY, "no memory to paint a layer") : 0;
}
