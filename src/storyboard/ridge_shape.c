/* ridge_shape.c - the outlines of a landscape: how high each kind of sheet is at x.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/noise.h"
#include "storyboard/ridge_impl.h"

/* Each shape: height 0..1 at x, in crests. */
static float peaks(float x, uint32_t seed)
{
    const float low = 0.62F, most = 1.15F; /* the higher the less: none is cut off */
    const float rough = noise_ridge(x, 6, seed), lie = noise_line(x * 0.5F + 3, seed + 40);
    const float h = 1.75F * rough * rough * rough * (0.55F + 0.85F * lie);
    const float over = curve_max(h - low, 0) / (most - low);
    return curve_min(h, low) + (most - low) * over / (1 + over);
}

/* A summit that no other reaches: straight flanks, broken by the same ridges. */
static float summit(float x, float height, uint32_t seed)
{
    const float d = curve_magnitude(x + 0.10F * (noise_rough(x * 4, 3, seed + 2) - 0.5F));
    const float flank = 0.62F * (1 - 0.95F * d) + 0.40F / (1 + 2.6F * d);
    return height *
           (flank + 0.34F * (noise_ridge(x * 3.1F, 5, seed + 3) - 0.62F) * curve_step(0, 0.30F, d));
}

static float dunes(float x, uint32_t seed)
{
    const float n = 1 - curve_magnitude(2 * noise_line(x, seed) - 1);
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
        const float d = curve_magnitude(x - middle) * density / (1.15F * tall + 0.25F);
        if (d >= 1)
            continue;
        const float tier = curve_part(d * 6);
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
    if (tall > 0.55F && curve_magnitude(at - 0.53F) < 0.24F)
        h += 0.10F;
    if (tall > 0.72F && curve_magnitude(at - 0.53F) < 0.02F)
        h += 0.12F; /* a mast */
    return h;
}

static float volcano(float x, uint32_t seed)
{
    const float d = curve_magnitude(x) + 0.02F * (noise_rough(x * 9, 3, seed) - 0.5F);
    const float cone = 1 / (1 + 4.6F * d * (0.45F + d)) - 0.05F;
    return curve_min(cone, 0.80F + 0.03F * noise_rough(x * 30, 2, seed + 1));
}

static float blades(float x, uint32_t seed)
{
    const float density = 46;
    float best = 0;
    const int cell = curve_floor(x * density);
    for (int i = cell - 2; i <= cell + 2; i++) {
        const float root = ((float)i + curve_random(i, 1, seed)) / density;
        const float tall = 0.25F + 0.75F * curve_random(i, 2, seed) * curve_random(i, 3, seed);
        const float d = curve_magnitude(x - root) * density / 1.4F;
        if (d < 1)
            best = curve_max(best, tall * (1 - d) * (1 - 0.5F * d));
    }
    return 0.5F * best + 0.6F * noise_line(x * 1.7F, seed + 4);
}

/* The same in straight pieces: faces of ice. */
static float facets(float x, uint32_t seed)
{
    const int i = curve_floor(x);
    const float t = x - (float)i, bend = 0.25F + 0.5F * curve_random(i, 3, seed);
    const float a = curve_random(i, 1, seed), b = curve_random(i + 1, 1, seed);
    const float middle = curve_random(i, 2, seed);
    return t < bend ? curve_mix(a, middle, t / bend)
                    : curve_mix(middle, b, (t - bend) / (1 - bend));
}

static float bergs(float x, uint32_t seed)
{
    const float n = facets(x * 2.6F, seed);
    return curve_max(0, 1.35F * n - 0.35F) * (0.55F + 0.5F * noise_line(x * 0.8F, seed + 5)) +
           0.10F * facets(x * 11, seed + 1);
}

static float spires(float x, uint32_t seed)
{
    const float density = 3.2F;
    float best = 0.10F * noise_rough(x * 7, 3, seed + 3);
    const int cell = curve_floor(x * density);
    for (int i = cell - 1; i <= cell + 1; i++) {
        const float middle = ((float)i + 0.2F + 0.6F * curve_random(i, 1, seed)) / density;
        const float tall = 0.2F + 0.8F * curve_random(i, 2, seed) * curve_random(i, 5, seed);
        const float wide = 0.25F + 0.4F * curve_random(i, 3, seed);
        const float d =
            curve_magnitude(x - middle + 0.02F * (noise_line(x * 24, seed + 4) - 0.5F)) * density /
            wide;
        if (d < 1)
            best = curve_max(best, tall * (1 - d) * (0.55F + 0.45F * (1 - d)));
    }
    return best;
}

static float stalks(float x, uint32_t seed)
{
    const float density = 34;
    float best = 0;
    const int cell = curve_floor(x * density);
    for (int i = cell - 2; i <= cell + 2; i++) {
        const float root = ((float)i + curve_random(i, 1, seed)) / density;
        const float tall = 0.45F + 0.55F * curve_random(i, 2, seed);
        const float d = curve_magnitude(x - root) * density / 0.62F;
        if (d < 1)
            best = curve_max(best, tall * (d < 0.55F ? 1 - 0.25F * d : 1.9F * (1 - d)));
    }
    return 0.8F * best + 0.25F * noise_line(x * 1.3F, seed + 4);
}

static float swell(float x, uint32_t seed)
{
    const float n = 1 - curve_magnitude(2 * noise_line(x * 1.7F, seed) - 1);
    return 0.65F * n * n + 0.30F * noise_line(x * 4.1F, seed + 1) +
           0.05F * noise_rough(x * 30, 2, seed + 2);
}

/* Walls that step back from a gap; or, when gap is negative, one wall with a notch. */
static float cliffs(float d, float x, float gap, uint32_t seed)
{
    const float rough = noise_rough(x * 6 + 40, 4, seed);
    if (gap < 0)
        return 0.80F + 0.22F * noise_rough(x * 3 + 9, 4, seed) -
               0.10F * curve_step(-gap, -gap - 0.03F, d);
    const float at = d + 0.16F * (rough - 0.5F);
    return 0.06F * rough + 0.34F * curve_step(gap, gap + 0.05F, at) +
           0.30F * curve_step(gap + 0.09F, gap + 0.13F, at) +
           0.26F * curve_step(gap + 0.2F, gap + 0.25F, at) + 0.06F * rough;
}

static float hedge(float x, uint32_t seed)
{
    const float ball = x * 1.5F - (float)curve_floor(x * 1.5F) - 0.5F;
    const float d = ball * ball * 30;
    return 0.70F + 0.03F * noise_rough(x * 60, 2, seed) +
           (d < 1 ? 0.28F * __builtin_sqrtf(1 - d) : 0);
}

/* Steep at its ends, rough on top; -1 where there is water. */
static float islet(float d, float x, uint32_t seed)
{
    const float in = 1 - d * d;
    return in <= 0
               ? -1
               : __builtin_sqrtf(in) * (0.55F + 0.75F * noise_rough(x * 16 + 7, 4, seed)) - 0.1F;
}

/* Where a single thing stands. */
static float middle_of(const struct ridge_paint *r)
{
    return r->row->x * r->side;
}

static float wooded(const struct ridge_paint *r, float x)
{
    const float crest = x * r->row->pitch + 31;
    switch (r->row->kind) {
    case RIDGE_FIRS:
        return firs(crest, r->seed);
    case RIDGE_CROWNS:
        return crowns(crest, r->seed);
    case RIDGE_REEF:
        return 0.8F * crowns(crest * 0.5F, r->seed) + 0.2F;
    case RIDGE_HEDGE:
        return hedge(crest, r->seed);
    case RIDGE_STALKS:
        return stalks(crest, r->seed);
    default:
        return blades(crest, r->seed);
    }
}

static float hills(const struct ridge_paint *r, float x)
{
    const float h = curve_step(0.10F, 1.02F, noise_rough(x * r->row->pitch + 31, 2, r->seed));
    if (r->row->x <= 0)
        return h;
    const float d = (x - middle_of(r)) * 2.1F;
    return curve_max(h * 0.6F, 0.95F / (1 + d * d * (0.6F + d * d)));
}

float ridge_shape_at(const struct ridge_paint *r, float x)
{
    const float crest = x * r->row->pitch + 31;
    switch (r->row->kind) {
    case RIDGE_PEAKS:
        return peaks(crest * 1.7F, r->seed);
    case RIDGE_HILLS:
        return hills(r, x);
    case RIDGE_DUNES:
        return dunes(crest, r->seed);
    case RIDGE_MESAS:
        return mesas(crest, r->seed);
    case RIDGE_CLIFFS:
        return cliffs(curve_magnitude(x - middle_of(r)), x, r->row->pitch, r->seed);
    case RIDGE_BERGS:
        return bergs(crest, r->seed);
    case RIDGE_SPIRES:
        return spires(crest, r->seed);
    case RIDGE_HOUSES:
        return houses(crest, r->seed);
    case RIDGE_VOLCANO:
        return volcano(x - r->summit_x, r->seed);
    case RIDGE_SWELL:
        return swell(crest, r->seed);
    case RIDGE_CASTLE:
        return ridge_built_castle((x - middle_of(r)) / r->row->height);
    case RIDGE_ISLET:
        return islet((x - middle_of(r)) / r->row->pitch, x, r->seed);
    case RIDGE_COTTAGES:
        return curve_magnitude(x) < r->row->x ? -1 : ridge_built_cottage(crest, r->seed);
    case RIDGE_BARN:
        return ridge_built_barn((x - middle_of(r)) / r->row->height);
    case RIDGE_PALMS:
    case RIDGE_VINES:
    case RIDGE_CLOUDS:
    case RIDGE_BANK:
    case RIDGE_FENCE:
    case RIDGE_FALL:
    case RIDGE_TRUNKS:
    case RIDGE_STEMS:
    case RIDGE_CAVE:
    case RIDGE_DRAPE:
    case RIDGE_WINGS:
    case RIDGE_PLANET:
    case RIDGE_NONE:
    case RIDGES:
        return 1;
    default:
        return wooded(r, x);
    }
}

float ridge_shape_summit(float x, float height, uint32_t seed)
{
    return summit(x, height, seed);
}
