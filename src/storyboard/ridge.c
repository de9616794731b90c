/* ridge.c - crest lines; see ridge.h. SPDX-License-Identifier: MIT */
#include "storyboard/ridge.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/noise.h"

static float magnitude(float x)
{
    return x < 0 ? -x : x;
}

/* Each shape: height 0..1 at x, in crests. */
static float peaks(float x, uint32_t seed)
{
    const float rough = noise_ridge(x, 6, seed), lie = noise_line(x * 0.5F + 3, seed + 40);
    return rough * rough * (0.75F + 0.65F * lie);
}

/* A summit that no other reaches: straight flanks, broken by the same ridges. */
static float summit(float x, float height, uint32_t seed)
{
    const float d = magnitude(x + 0.10F * (noise_rough(x * 4, 3, seed + 2) - 0.5F));
    const float flank = 0.62F * (1 - 0.95F * d) + 0.40F / (1 + 2.6F * d);
    return height *
           (flank + 0.34F * (noise_ridge(x * 3.1F, 5, seed + 3) - 0.62F) * curve_step(0, 0.30F, d));
}

static float dunes(float x, uint32_t seed)
{
    const float n = 1 - magnitude(2 * noise_line(x, seed) - 1);
    return 0.75F * n + 0.35F * noise_line(x * 0.5F, seed + 1);
}

static float mesas(float x, uint32_t seed)
{
    const float n = noise_line(x, seed) + 0.10F * noise_rough(x * 5, 3, seed + 1);
    const float low = curve_step(0.34F, 0.40F, n), high = curve_step(0.62F, 0.67F, n);
    return 0.10F + 0.42F * low + 0.44F * high + 0.05F * noise_rough(x * 14, 3, seed + 2);
}

static float firs(float x, uint32_t seed)
{
    const float density = 11;
    float best = 0;
    const int cell = curve_floor(x * density);
    for (int i = cell - 2; i <= cell + 2; i++) {
        const float middle = ((float)i + 0.2F + 0.6F * curve_random(i, 1, seed)) / density;
        const float tall = 0.38F + 0.5F * curve_random(i, 2, seed) *
                                       (0.5F + noise_line((float)i * 0.13F, seed + 9));
        const float d = magnitude(x - middle) * density / (1.15F * tall + 0.25F);
        if (d >= 1)
            continue;
        const float tier = d * 6 - (float)curve_floor(d * 6);
        best = curve_max(best, tall * (1 - d) + 0.055F * tier * (1 - d * 0.5F));
    }
    return best + 0.16F * noise_line(x * 1.3F, seed + 5);
}

static float crowns(float x, uint32_t seed)
{
    const float density = 6;
    float best = 0;
    const int cell = curve_floor(x * density);
    for (int i = cell - 2; i <= cell + 2; i++) {
        const float middle = ((float)i + 0.2F + 0.6F * curve_random(i, 1, seed)) / density;
        const float wide = 0.75F + 0.6F * curve_random(i, 2, seed);
        const float tall = 0.35F + 0.45F * curve_random(i, 3, seed);
        const float d = (x - middle) * density / wide;
        if (d * d < 1)
            best = curve_max(best, tall * __builtin_sqrtf(1 - d * d));
    }
    return 0.75F * best + 0.22F * noise_line(x * 1.1F, seed + 5) +
           0.05F * noise_rough(x * 40, 2, seed + 6);
}

static float houses(float x, uint32_t seed)
{
    const int cell = curve_floor(x);
    const float at = x - (float)cell;
    const float tall = curve_random(cell, 1, seed), swell = noise_line(x * 0.17F, seed + 5);
    float h = 0.22F + 0.55F * tall * (0.35F + swell);
    if (at < 0.06F)
        h *= 0.45F; /* a gap to the neighbour */
    if (tall > 0.55F && magnitude(at - 0.53F) < 0.24F)
        h += 0.10F;
    if (tall > 0.72F && magnitude(at - 0.53F) < 0.02F)
        h += 0.26F; /* a mast */
    return h;
}

static float volcano(float x, uint32_t seed)
{
    const float d = magnitude(x) + 0.02F * (noise_rough(x * 9, 3, seed) - 0.5F);
    const float cone = 1 / (1 + 4.6F * d * (0.45F + d)) - 0.05F;
    return curve_min(cone, 0.80F + 0.03F * noise_rough(x * 30, 2, seed + 1));
}

static float clouds(float x, uint32_t seed)
{
    return 0.60F * crowns(x * 0.55F, seed) + 0.22F * crowns(x * 1.9F + 7, seed + 1) +
           0.35F * noise_line(x * 0.9F, seed + 2);
}

static float blades(float x, uint32_t seed)
{
    const float density = 46;
    float best = 0;
    const int cell = curve_floor(x * density);
    for (int i = cell - 2; i <= cell + 2; i++) {
        const float root = ((float)i + curve_random(i, 1, seed)) / density;
        const float tall = 0.25F + 0.75F * curve_random(i, 2, seed) * curve_random(i, 3, seed);
        const float d = magnitude(x - root) * density / 1.4F;
        if (d < 1)
            best = curve_max(best, tall * (1 - d) * (1 - 0.5F * d));
    }
    return 0.5F * best + 0.6F * noise_line(x * 1.7F, seed + 4);
}

/* The least height of a sheet: it has no holes down to its foot. */
static float shape(const struct ridge_paint *r, float x)
{
    const float crest = x * r->row->pitch + 31;
    switch (r->row->kind) {
    case RIDGE_PEAKS:
        return peaks(crest * 1.7F, r->seed);
    case RIDGE_HILLS:
        return curve_clamp(1.5F * noise_rough(crest, 2, r->seed) - 0.25F, 0, 1);
    case RIDGE_DUNES:
        return dunes(crest, r->seed);
    case RIDGE_MESAS:
        return mesas(crest, r->seed);
    case RIDGE_FIRS:
        return firs(crest, r->seed);
    case RIDGE_CROWNS:
        return crowns(crest, r->seed);
    case RIDGE_REEF:
        return 0.8F * crowns(crest * 0.5F, r->seed) + 0.2F;
    case RIDGE_HOUSES:
        return houses(crest, r->seed);
    case RIDGE_VOLCANO:
        return volcano(x - r->summit_x, r->seed);
    case RIDGE_CLOUDS:
        return clouds(crest, r->seed);
    case RIDGE_BLADES:
        return blades(crest, r->seed);
    case RIDGE_TRUNKS:
    case RIDGE_PLANET:
    case RIDGE_NONE:
        break;
    }
    return 1;
}

float ridge_crest(const struct ridge_paint *r, float x)
{
    float h = shape(r, x) * r->row->height;
    if (r->tallest)
        h = curve_max(h * 0.8F, summit((x - r->summit_x) * 2.2F, r->row->height, r->seed));
    if (r->row->kind == RIDGE_BLADES) /* open in the middle, for what goes on behind */
        h *= 0.45F + 0.75F * curve_step(0.15F, 0.85F, magnitude(x));
    return r->row->base - h;
}

void ridge_extent(const struct place_ridge *row, bool tallest, float *top, float *bottom)
{
    const float foot = 1 / row->depth;
    *top = row->base - row->height * (tallest ? 1.25F : 1.2F) - 0.02F;
    *bottom = curve_max(foot, row->base) + 0.06F;
    if (row->kind == RIDGE_BLADES || row->kind == RIDGE_CLOUDS)
        *bottom = 0.75F;
    if (row->kind == RIDGE_TRUNKS) {
        *top = -0.9F;
        *bottom = foot + 0.03F;
    }
    if (row->kind == RIDGE_PLANET) {
        *top = -0.5F;
        *bottom = 0.6F;
    }
}

int ridge_open(struct ridge_paint *r, const struct layer *l, struct error *err)
{
    r->n = l->width;
    r->step = 1 / l->density;
    r->foot = 1 / r->row->depth;
    r->crest = mem_try((size_t)r->n * sizeof *r->crest);
    r->slope = mem_try((size_t)r->n * sizeof *r->slope);
    if (!r->crest || !r->slope)
        return error_set(err, ERR_MEMORY, "no memory for a crest");
    for (int i = 0; i < r->n; i++)
        r->crest[i] = ridge_crest(r, l->left + ((float)i + 0.5F) / l->density);
    const int wide = (int)(l->density * 0.012F) + 1;
    for (int i = 0; i < r->n; i++) {
        const int a = i - wide < 0 ? 0 : i - wide, b = i + wide >= r->n ? r->n - 1 : i + wide;
        const float run = (float)(b - a) / l->density;
        r->slope[i] = curve_clamp((r->crest[b] - r->crest[a]) / run, -1, 1);
    }
    return 0;
}

void ridge_close(struct ridge_paint *r)
{
    mem_free(r->crest);
    mem_free(r->slope);
    r->crest = NULL;
    r->slope = NULL;
}
