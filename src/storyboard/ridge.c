/* ridge.c - crest lines; see ridge.h. SPDX-License-Identifier: MIT */
#include "storyboard/ridge.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

float ridge_crest(const struct ridge_paint *r, float x)
{
    float h = ridge_shape_at(r, x) * r->row->height;
    if (r->tallest)
        h = curve_max(h * 0.62F, ridge_shape_summit((x - r->summit_x) * 2.2F,
                                                    0.84F * r->row->height, r->seed));
    if (ridge_frames(r->row)) /* open in the middle, for what goes on behind */
        h *= 0.40F + 0.80F * curve_step(0.15F, 0.85F, curve_magnitude(x));
    return r->row->base - h;
}

void ridge_extent(const struct place_ridge *row, bool tallest, float *top, float *bottom)
{
    const float foot = 1 / row->depth;
    *top = row->base - row->height * (ridge_frames(row) ? 1.7F : tallest ? 1.25F : 1.2F) - 0.02F;
    *bottom = curve_max(foot, row->base) + 0.06F;
    switch (row->kind) {
    case RIDGE_BLADES:
    case RIDGE_STALKS:
    case RIDGE_PALMS:
    case RIDGE_CLOUDS:
        *bottom = row->depth < 3.5F || row->kind == RIDGE_CLOUDS ? 0.75F : *bottom;
        break;
    case RIDGE_BANK:
        *top = row->base - 1.35F * row->height;
        break;
    case RIDGE_SWELL:
        *bottom = row->base + 0.12F;
        break;
    case RIDGE_VINES:
        *top = -1.1F;
        *bottom = row->base + row->height * 1.6F;
        break;
    case RIDGE_TRUNKS:
    case RIDGE_STEMS:
    case RIDGE_CAVE:
    case RIDGE_DRAPE:
    case RIDGE_WINGS:
        *top = -1.2F;
        *bottom = foot + 0.04F;
        break;
    case RIDGE_PLANET:
        *top = row->base - row->height;
        *bottom = row->base + row->height;
        break;
    default:
        break;
    }
}

bool ridge_frames(const struct place_ridge *row)
{
    const bool leaves = row->kind == RIDGE_BLADES || row->kind == RIDGE_STALKS ||
                        row->kind == RIDGE_PALMS || row->kind == RIDGE_VINES ||
                        row->kind == RIDGE_SPIRES || row->kind == RIDGE_BERGS ||
                        row->kind == RIDGE_FIRS;
    return leaves && row->depth < (row->kind == RIDGE_FIRS ? 7 : 3.5F);
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
