/* ridge_stem.c - stems of bamboo: thin, nearly straight, with joints; see ridge_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

struct stem_at {
    float cover;
    float across; /* -1..1 */
    float joint;  /* 0..1: the dark line of one; below 0: the light above it */
    float tone;
};

/* How high in its own piece a place of the stem lies is what its joints hang on. */
static float joint_of(float part)
{
    return part < 0.05F ? 1 : part < 0.13F ? -1 : 0;
}

/* The stem of a cell at x, in the line of the brush. */
static struct stem_at stem_of(const struct brush *b, int cell, float x)
{
    const struct ridge_paint *r = b->r;
    const float lot = curve_random(cell, 1, r->seed), lot2 = curve_random(cell, 2, r->seed);
    const float root_x = ((float)cell + 0.2F + 0.6F * lot2 - 31) / r->row->pitch;
    const float open = r->row->depth < 8 ? curve_step(0.20F, 0.45F, curve_magnitude(root_x)) : 1;
    const float root = r->foot - 0.010F + 0.02F * lot, high = root - b->v;
    const float piece = (0.42F + 0.22F * lot2) / r->row->depth;
    const float at = curve_part(high / piece + lot);
    const float half = (0.050F + 0.035F * lot) / r->row->depth * (1 - 0.22F * high) *
                       (joint_of(at) > 0 ? 1.16F : 1);
    const float bow = (lot2 - 0.5F) * high * (0.05F + 0.05F * high);
    const float d = (x - root_x - bow) / half, edge = b->step / half;
    if (lot > 0.86F * open || high < 0)
        return (struct stem_at){0};
    return (struct stem_at){.cover = curve_step(1 + edge, 1 - edge, curve_magnitude(d)),
                            .across = d,
                            .joint = joint_of(at),
                            .tone = 0.80F + 0.35F * curve_random(cell, 3, r->seed)};
}

static struct colour3 colour(const struct brush *b, const struct stem_at *s, float x)
{
    const float round = 1 - s->across * s->across;
    const float lit = 0.35F + 0.40F * round + 0.25F * ridge_brush_facing(b->r, s->across, x);
    struct colour3 c = palette_mix(b->shade, b->rock, curve_clamp(lit * s->tone, 0, 1));
    if (s->joint != 0)
        c = s->joint > 0 ? palette_mix(c, b->shade, 0.6F) : palette_mix(c, b->warm, 0.22F);
    return c;
}

void ridge_stem(const struct brush *b, struct layer_line *line)
{
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const int cell = curve_floor(x * b->r->row->pitch + 31);
        struct stem_at best = {0};
        for (int k = -1; k <= 1; k++) {
            const struct stem_at s = stem_of(b, cell + k, x);
            best = s.cover > best.cover ? s : best;
        }
        layer_put(line, i, ridge_brush_air(b, colour(b, &best, x), x, 0), best.cover);
    }
}
