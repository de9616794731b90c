/* ridge_cloud.c - heaped clouds: round puffs, lit from the sun's side; see ridge_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

enum { PUFFS = 13 };

/* One round of a heap, in heights of the frame. */
struct puff {
    float x, v, radius;
    float base; /* v of its heap's lower side, which is flat */
};

/* The puffs that may touch a line between two x. */
struct heap {
    int n;
    struct puff at[3 * PUFFS];
};

/* A heap is a stretch of the row: the nearer its middle, the larger its puffs. */
static void add_heap(struct heap *h, const struct ridge_paint *r, int i, float v,
                     const float between[2])
{
    const struct place_ridge *row = r->row;
    const float wide = 1 / row->pitch, lot = curve_random(i, 1, r->seed);
    const bool gaps = row->kind == RIDGE_BANK;
    const float tall = row->height * (gaps ? 0.30F + 0.70F * lot * lot : 0.55F + 0.45F * lot);
    const float middle = ((float)i + 0.5F + 0.3F * (curve_random(i, 2, r->seed) - 0.5F)) * wide;
    const float spread = wide * (gaps ? 0.30F + 0.25F * lot : 0.62F);
    for (int k = 0; k < PUFFS; k++) {
        const float along =
            ((float)k + 0.2F + 0.6F * curve_random(i, 20 + k, r->seed)) / PUFFS * 2 - 1;
        const float dome = 1 - along * along, size = 0.5F + 0.5F * curve_random(i, 40 + k, r->seed);
        struct puff p;
        p.radius = tall * (0.17F + 0.33F * dome * size);
        p.base = gaps ? row->base - 0.030F - 0.08F * curve_random(i, 3, r->seed) : 9;
        p.x = middle + along * spread;
        p.v = curve_min(p.base, row->base) - tall * dome * 0.50F * curve_random(i, 60 + k, r->seed);
        const float reach = 1.25F * p.radius;
        if (p.x + reach > between[0] && p.x - reach < between[1] && p.v + reach > v &&
            p.v - reach < v)
            h->at[h->n++] = p;
    }
}

/* What is seen at a point: how far inside the nearest puff, and which way its side faces. */
struct spot {
    float in; /* 0 at the rim and outside, 1 in a puff's middle */
    float nx, nv;
    float edge; /* in heights of the frame, positive inside       */
};

static void look(struct spot *s, const struct heap *h, float x, float v, float rough)
{
    for (int k = 0; k < h->n; k++) {
        const struct puff *p = &h->at[k];
        const float dx = x - p->x, dv = v - p->v, reach = p->radius * (1 + rough);
        const float d2 = (dx * dx + dv * dv) / (reach * reach);
        if (d2 >= 1.3F)
            continue;
        const float edge = curve_min((1 - d2) * reach * 0.5F, p->base - v);
        s->edge = curve_max(s->edge, edge);
        if (1 - d2 > s->in) {
            s->in = 1 - d2;
            s->nx = dx / reach;
            s->nv = dv / reach;
        }
    }
}

static struct colour3 shaded(const struct brush *b, const struct spot *s, float x, float deep)
{
    const struct palette *p = b->r->palette;
    const float side = curve_clamp((b->r->sky->sun_x - x) * 4, -1, 1);
    const float n = noise_at(b->tile, x * 240, b->v * 240);
    const float round = b->r->row->kind == RIDGE_BANK ? 0.48F : 0.36F;
    const float lit = 0.68F - round * s->nv + 0.5F * round * side * s->nx - 0.8F * deep + 0.12F * n;
    struct colour3 c = palette_mix(p->cloud_shade, p->cloud_lit, curve_clamp(lit, 0, 1));
    const float rim = curve_step(0.35F, 0.0F, s->in) * curve_clamp(-s->nv + 0.3F, 0, 1);
    return palette_mix(c, b->warm,
                       0.45F * rim * curve_clamp(sky_sunlight(b->r->sky, x) + 0.2F, 0, 1));
}

/* The heaps of a bank have a flat lower side; a sea of clouds has none. */
void ridge_cloud(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const struct place_ridge *row = r->row;
    const bool gaps = row->kind == RIDGE_BANK;
    const float soft = 0.010F;
    struct heap near = {.n = 0};
    int i_heap = -9999;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const int cell = curve_floor(x * row->pitch);
        const float between[2] = {(float)cell / row->pitch, (float)(cell + 1) / row->pitch};
        if (cell != i_heap)
            near.n = 0;
        for (int k = -1; cell != i_heap && k <= 1; k++)
            add_heap(&near, r, cell + k, b->v, between);
        i_heap = cell;
        struct spot s = {.edge = -1};
        const float rough = 0.07F * noise_at(b->tile, x * 330, b->v * 330) +
                            0.05F * noise_at(b->tile, x * 900, b->v * 900);
        look(&s, &near, x, b->v, rough);
        const float deep = curve_clamp((b->v - row->base + row->height) / row->height, 0, 1.5F);
        float cover = curve_clamp(0.5F + s.edge / soft, 0, 1);
        if (!gaps)
            cover = curve_max(cover,
                              curve_step(row->base - 0.05F * row->height, row->base + 0.02F, b->v));
        if (cover <= 0) {
            layer_put(line, i, b->mist, 0);
            continue;
        }
        const struct colour3 c = shaded(b, &s, x, (gaps ? 0.35F : 0.45F) * deep);
        layer_put(line, i, palette_mix(c, b->mist, palette_haze(r->palette, row->depth) * 0.5F),
                  cover);
    }
}
