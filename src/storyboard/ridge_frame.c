/* ridge_frame.c - sheets with holes: cave mouths, curtains, fences, falling water; see
 * ridge_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

/* Dripstones: long and short ones, 0..1. */
static float dripstones(float x, uint32_t seed)
{
    const float density = 5;
    float best = 0;
    const int cell = curve_floor(x * density);
    for (int i = cell - 1; i <= cell + 1; i++) {
        const float middle = ((float)i + 0.2F + 0.6F * curve_random(i, 1, seed)) / density;
        const float tall = curve_random(i, 2, seed) * curve_random(i, 3, seed);
        const float d = curve_magnitude(x - middle) * density / (0.25F + 0.3F * tall);
        if (d < 1)
            best = curve_max(best, tall * (1 - d) * (1 - 0.4F * d));
    }
    return best;
}

/* How far a point lies inside the rock round the opening, in heights of the frame; negative: in
 * the open. */
static float into_rock(const struct ridge_paint *r, const struct noise_level *tile, float x,
                       float v)
{
    const float tall = r->row->height, wide = tall * 1.45F;
    const float rough = noise_at(tile, x * 70 + (float)(r->seed & 127), v * 70) * 0.16F +
                        noise_at(tile, x * 260, v * 260) * 0.03F;
    const float dx = (x - r->row->x * r->side) / wide, up = curve_min(v, 0) / tall;
    const float side = __builtin_sqrtf(dx * dx + up * up) - 1 + rough;
    const float drip = dripstones(x * (0.6F + 1.4F / (tall + 0.5F)), r->seed) * 0.42F;
    const float roof = v < 0 ? (v + tall * (1 - drip) * (1 - 0.45F * dx * dx)) / -tall : -9;
    return curve_max(side, roof + rough * 0.5F) * tall;
}

void ridge_frame_cave(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const struct palette *p = r->palette;
    const float k = 3 / r->row->depth + 0.5F;
    const float ragged = 0.012F * noise_line(b->v * 9, r->seed);
    const float ground = curve_step(r->foot + 0.02F + ragged, r->foot - 0.004F, b->v);
    const struct colour3 light = palette_mix(p->low, p->sun, 0.4F);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const float in = into_rock(r, b->tile, x, b->v);
        const float rib = noise_at(b->tile, x * 210 * k, b->v * 90 * k) +
                          0.5F * noise_at(b->tile, x * 700 * k, b->v * 400 * k);
        const float rim = curve_step(0.16F, 0, in), edge = curve_step(0.03F, 0, in);
        struct colour3 c =
            palette_mix(b->shade, b->rock, curve_clamp(0.25F + 0.5F * rim + 0.4F * rib, 0, 1));
        c = palette_scale(c, 0.35F + 0.65F * rim);
        c = palette_mix(c, light,
                        (0.10F * rim + 0.30F * edge) * (0.6F + 0.4F * rib) *
                            (p->is_night ? 0.5F : 1));
        layer_put(line, i, c, curve_clamp(0.5F + in / (line->step * 1.5F), 0, 1) * ground);
    }
}

/* The light on a hanging cloth: its folds, deeper towards the hem. */
static struct colour3 cloth(const struct brush *b, float x, float deepness)
{
    const float bend = noise_line(x * 2.3F + b->v * 0.35F, b->r->seed) * 2.6F;
    const float fold = curve_part((x + 0.02F * bend) * b->r->row->pitch + bend * 0.35F);
    const float round = 4 * fold * (1 - fold), fine = noise_at(b->tile, x * 900, b->v * 40);
    const float light = 0.36F + 0.62F * round * (0.8F + 0.2F * bend) + 0.04F * fine;
    return palette_scale(b->rock, light * deepness);
}

void ridge_frame_drape(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const float ground = curve_step(r->foot + 0.004F, r->foot, b->v);
    const bool hem = b->v > r->foot - 0.022F && b->v < r->foot - 0.010F;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const float spot = 1 / (1 + 2.2F * x * x + 3.0F * (b->v + 0.12F) * (b->v + 0.12F));
        struct colour3 c = cloth(b, x, 0.25F + 0.95F * spot);
        if (hem)
            c = palette_mix(c, palette_lit(r->palette, 0xe8c060), 0.7F * spot);
        layer_put(line, i, c, ground);
    }
}

/* Two curtains drawn aside and tied, and a valance in scallops above them. */
void ridge_frame_wings(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const float ground = curve_step(r->foot + 0.004F, r->foot, b->v);
    const float tie = curve_step(-0.75F, 0.06F, b->v) * curve_step(r->foot + 0.3F, 0.06F, b->v);
    const float edge = r->row->x + 0.20F * tie - 0.05F;
    const float height = r->row->height - 0.13F;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step, d = curve_magnitude(x);
        const float arch = curve_part(x * 2.1F + 0.5F) - 0.5F;
        const float valance = -height + 0.075F * (1 - 4 * arch * arch) + 0.06F * d - b->v;
        const float aside = d - edge;
        const bool above = valance > 0;
        const float in = above ? valance : aside;
        struct colour3 c = cloth(b, above ? x * 1.4F : (x < 0 ? -1 : 1) * aside * (1 + 1.6F * tie),
                                 above ? 1.05F : 1);
        if (above ? valance < 0.018F : aside < 0.012F)
            c = palette_mix(c, palette_lit(r->palette, 0xe8c060), 0.75F);
        c = palette_scale(c, 0.55F + 0.55F * curve_step(1.3F, 0.2F, d));
        const float cover = curve_clamp(0.5F + in / (line->step * 1.5F), 0, 1);
        layer_put(line, i, c, cover * (above ? 1 : ground));
    }
}

/* Posts with two rails. */
void ridge_frame_fence(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const float tall = r->row->height, foot = r->row->base, h = (foot - b->v) / tall;
    const float blur = line->step / tall;
    const float rails = curve_max(curve_step(0.075F + blur, 0.075F, curve_magnitude(h - 0.38F)),
                                  curve_step(0.075F + blur, 0.075F, curve_magnitude(h - 0.74F)));
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step, at = x / tall * r->row->pitch * 0.8F;
        const float d = curve_magnitude(curve_part(at) - 0.5F), top = 1 - 0.8F * d;
        const float post = curve_step(0.10F + blur, 0.10F, d) * curve_step(top + blur, top, h) *
                           curve_step(-blur, 0, h);
        const float worn = noise_at(b->tile, x * 500, b->v * 700);
        struct colour3 c =
            palette_scale(b->rock, 0.86F + 0.14F * worn + (post > rails ? 0.06F : -0.05F));
        if (r->snow && h > 0.9F)
            c = b->snow;
        const float cover = curve_magnitude(x) < r->row->x ? 0 : curve_max(post, rails);
        layer_put(line, i, ridge_brush_air(b, c, x, 0), cover);
    }
}

/* The still part of falling water: threads that run down, torn at the sides. */
void ridge_frame_fall(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const float top = r->row->base - r->row->height, h = (b->v - top) / r->row->height;
    const float lip = curve_step(0, 0.04F, h);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step, at = x - r->row->x * r->side;
        const float torn = 0.02F * noise_at(b->tile, 40, b->v * 160 + (at > 0 ? 90 : 0));
        const float half = r->row->pitch * (0.86F + 0.16F * h) + torn;
        const float thread = noise_at(b->tile, at * 900 / (1 + 0.2F * h), b->v * 24) +
                             0.5F * noise_at(b->tile, at * 2300, b->v * 50);
        struct colour3 c = palette_mix(palette_lit(r->palette, 0x6fa8bc), b->snow,
                                       curve_clamp(0.55F + 0.5F * thread + 0.25F * h, 0, 1));
        c = ridge_brush_air(b, c, x, 0);
        const float cover = curve_clamp((half - curve_magnitude(at)) / 0.010F, 0, 1);
        layer_put(line, i, c, cover * lip * (0.86F + 0.14F * curve_clamp(thread + 0.5F, 0, 1)));
    }
}
