/* ridge_leaf.c - clumps of long arching leaves, standing or hanging in from above; see
 * ridge_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

enum { LEAVES = 11 };

/* A leaf goes from its root by reach to one side, rising (or hanging) and bending over. */
struct leaf {
    float x, v;      /* root                                  */
    float reach;     /* to its tip, signed                    */
    float rise, bow; /* v of its middle line: rise t + bow t^2 */
    float wide;
    float tone;
};

/* The leaves that may touch a line between two x. */
struct bunch {
    int n;
    struct leaf at[5 * LEAVES];
};

/* Does some of the leaf lie on the line v between left and right? */
static bool touches(const struct leaf *l, float v, float left, float right)
{
    const float tip = l->x + l->reach, wide = 3.5F * l->wide;
    const float a = l->v, b = l->v + l->rise + l->bow;
    const float turn = -l->rise / (2 * l->bow); /* where a standing leaf is highest */
    const float top = turn > 0 && turn < 1 ? l->v + 0.5F * l->rise * turn : a;
    return curve_max(l->x, tip) > left && curve_min(l->x, tip) < right &&
           v > curve_min(curve_min(a, b), top) - wide && v < curve_max(a, b) + wide;
}

static void add_clump(struct bunch *c, const struct ridge_paint *r, int i, float v,
                      const float between[2])
{
    const struct place_ridge *row = r->row;
    const bool hangs = row->kind == RIDGE_VINES;
    const float x = ((float)i + 0.15F + 0.7F * curve_random(i, 1, r->seed)) / (row->pitch * 1.6F);
    const float open =
        ridge_frames(row) ? 0.35F + 0.85F * curve_step(0.15F, 0.85F, curve_magnitude(x)) : 1;
    if (hangs && open < 0.6F)
        return; /* it would hang on nothing */
    const float tall = row->height * open * (0.45F + 0.55F * curve_random(i, 2, r->seed));
    for (int k = 0; k < LEAVES; k++) {
        const float lot = curve_random(i, 20 + k, r->seed), side = k % 2 ? 1 : -1;
        const float out = 0.12F + 0.80F * ((float)k + 0.5F * lot) / LEAVES;
        const float up = tall * (1.25F - 0.55F * out) * (0.75F + 0.35F * lot);
        const struct leaf leaf = {
            .x = x + side * 0.05F * tall * lot,
            .v = row->base + (hangs ? -0.25F * tall : 0.06F * tall * lot),
            .reach = side * tall * (0.10F + 0.85F * out),
            .rise = hangs ? 0.35F * up : -1.75F * up,
            .bow = hangs ? 0.85F * up : (0.75F + 0.62F * out) * up,
            .wide = tall * (0.040F + 0.030F * lot),
            .tone = 0.72F + 0.42F * lot,
        };
        if (touches(&leaf, v, between[0], between[1]))
            c->at[c->n++] = leaf;
    }
}

/* The nearest leaf at a point: later ones lie before earlier ones. */
struct touch {
    float cover, across; /* across: -1 its upper rim, 1 its lower one */
    float along, tone;
};

static void feel(struct touch *t, const struct bunch *c, float x, float v, float step)
{
    for (int k = 0; k < c->n; k++) {
        const struct leaf *l = &c->at[k];
        const float at = (x - l->x) / l->reach;
        if (at <= 0 || at >= 1)
            continue;
        const float slope = curve_magnitude((l->rise + 2 * l->bow * at) / l->reach);
        const float comb = curve_part(at * 15);
        const float half = l->wide * (1 - at) * (0.35F + 2.6F * at) * (0.72F + 0.28F * comb) *
                           (1 + 0.8F * slope);
        const float d = v - l->v - (l->rise + l->bow * at) * at;
        const float cover =
            curve_clamp(0.5F + (half - curve_magnitude(d)) / (step * (1.2F + slope)), 0, 1);
        if (cover <= 0)
            continue;
        *t = (struct touch){.cover = curve_max(t->cover, cover),
                            .across = half > 0 ? d / half : 0,
                            .along = at,
                            .tone = l->tone};
    }
}

static struct colour3 colour(const struct brush *b, const struct touch *t, float x)
{
    const struct ridge_paint *r = b->r;
    const float face = 0.55F - 0.35F * t->across + 0.25F * t->along;
    struct colour3 c = palette_mix(b->shade, b->rock, curve_clamp(face * t->tone, 0, 1));
    c = palette_scale(c, curve_magnitude(t->across) < 0.10F ? 0.84F : 1);
    c = palette_mix(c, b->warm, 0.22F * curve_clamp(-t->across, 0, 1) * sky_sunlight(r->sky, x));
    return r->snow ? palette_mix(c, b->snow, 0.7F * curve_step(0.1F, -0.6F, t->across)) : c;
}

/* Between the leaves, below: the dark of the undergrowth; above: of the crown. */
static float mass(const struct brush *b, float x)
{
    const struct place_ridge *row = b->r->row;
    const float n = noise_at(b->tile, x * 150, 31) + 0.5F * noise_at(b->tile, x * 420, 77);
    const float side = curve_step(0.10F, 0.85F, curve_magnitude(x)) - 0.6F;
    const float open = ridge_frames(row) ? 0.55F * side : 0;
    if (row->kind == RIDGE_VINES)
        return row->base + row->height * (0.16F * n + open - 0.05F) - b->v;
    return b->v - row->base + row->height * (0.07F + 0.16F * n + 0.5F * open);
}

void ridge_leaf(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const struct place_ridge *row = r->row;
    const bool ends = row->kind != RIDGE_VINES && row->depth >= 3.5F;
    const float foot = ends ? curve_step(r->foot + 0.025F, r->foot - 0.003F, b->v) : 1;
    const float wide = 1 / (row->pitch * 1.6F);
    struct bunch near = {.n = 0};
    int i_clump = -9999;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const int cell = curve_floor(x / wide);
        const float between[2] = {(float)cell * wide, (float)(cell + 1) * wide};
        if (cell != i_clump)
            near.n = 0;
        for (int k = -2; cell != i_clump && k <= 2; k++)
            add_clump(&near, r, cell + k, b->v, between);
        i_clump = cell;
        struct touch t = {.tone = 0};
        const float in = mass(b, x), under = curve_clamp(0.5F + in / (line->step * 2), 0, 1);
        feel(&t, &near, x, b->v, line->step);
        const float cover = curve_max(t.cover, under);
        if (cover <= 0) {
            layer_put(line, i, b->shade, 0);
            continue;
        }
        const float n = noise_at(b->tile, x * 300, b->v * 300);
        const struct colour3 dark =
            palette_scale(palette_mix(b->shade, b->rock, 0.22F), 0.85F + 0.25F * n);
        const struct colour3 c = palette_mix(dark, colour(b, &t, x), t.cover);
        layer_put(line, i, ridge_brush_air(b, c, x, 0), cover * foot);
    }
}
