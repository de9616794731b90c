/* ridge_built.c - what people built, as sheets: skylines, a castle, a barn; see ridge_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

/* A tower or a wall of the castle, from front to back; all in heights of the castle. */
struct tower {
    float x, half; /* its middle, half its width            */
    float wall;    /* how high its wall is                  */
    float roof;    /* of a pointed roof over it; 0: battlements */
};

static const struct tower towers[] = {
    {0.02F, 0.13F, 0.34F, 0},       {-0.14F, 0.055F, 0.46F, 0.17F}, {0.19F, 0.060F, 0.43F, 0.16F},
    {-0.45F, 0.065F, 0.38F, 0.17F}, {0.50F, 0.060F, 0.36F, 0.15F},  {0.03F, 0.46F, 0.26F, 0},
    {-0.28F, 0.080F, 0.56F, 0.20F}, {0.32F, 0.070F, 0.52F, 0.18F},  {0.05F, 0.20F, 0.52F, 0},
    {0.02F, 0.085F, 0.74F, 0.26F},  {0.14F, 0.050F, 0.62F, 0.16F},
};
enum { TOWERS = sizeof towers / sizeof *towers };

static float wall_top(const struct tower *t, float x)
{
    const float tooth = curve_part(x * 34);
    return t->wall + (t->roof > 0 ? 0 : tooth < 0.5F ? 0.022F : 0);
}

static float roof_top(const struct tower *t, float x)
{
    const float d = curve_magnitude(x - t->x) / (t->half * 1.18F);
    return t->roof > 0 && d < 1 ? t->wall + t->roof * (1 - d) * (0.85F + 0.15F * (1 - d)) : 0;
}

float ridge_built_castle(float x)
{
    float best = 0;
    for (int i = 0; i < TOWERS; i++) {
        if (curve_magnitude(x - towers[i].x) < towers[i].half)
            best = curve_max(best, wall_top(&towers[i], x));
        best = curve_max(best, roof_top(&towers[i], x));
    }
    return best;
}

/* The light on something round or flat: its left or right side. */
static struct colour3 lit_side(const struct brush *b, struct colour3 c, float side)
{
    const float face = side * (b->r->sky->sun_x > 0 ? 1 : -1);
    return palette_scale(c, 0.86F + 0.26F * face);
}

static struct colour3 lamp_in(const struct brush *b, float lot)
{
    const struct palette *p = b->r->palette;
    const struct colour3 lamp = palette_rgb(lot < b->r->sparkle * 0.2F ? 0xbfe4ff : 0xffd27a);
    return palette_mix(lamp, p->haze, palette_haze(p, b->r->row->depth) * 0.4F);
}

static struct colour3 tower_wall(const struct brush *b, const struct tower *t, float x, float h)
{
    const float side = (x - t->x) / t->half;
    const float stone = noise_at(b->tile, x * 420, h * 700);
    struct colour3 c = lit_side(b, palette_scale(b->rock, 0.94F + 0.10F * stone), side);
    const float row = curve_part(h * 9), slot = (x - t->x) / 0.022F;
    const bool narrow = t->half < 0.1F && curve_magnitude(slot) < 0.42F;
    if (narrow && row > 0.35F && row < 0.75F && t->wall - h > 0.03F) {
        const float lot = curve_random(curve_floor(h * 9), (int)(t->x * 100), b->r->seed);
        return lot < b->r->sparkle * 1.4F ? lamp_in(b, lot + 0.5F) : palette_scale(c, 0.35F);
    }
    if (t == towers && curve_magnitude(x - t->x) < 0.045F &&
        h < 0.17F - 2 * (x - t->x) * (x - t->x) / 0.045F)
        return palette_scale(b->shade, 0.45F); /* the gate */
    return c;
}

static struct colour3 castle(const struct brush *b, float x, float h)
{
    for (int i = 0; i < TOWERS; i++) {
        const struct tower *t = &towers[i];
        if (curve_magnitude(x - t->x) < t->half && h < wall_top(t, x))
            return tower_wall(b, t, x, h);
        if (h >= t->wall && h < roof_top(t, x)) {
            const struct colour3 slate =
                palette_lit(b->r->palette, b->r->snow ? 0xe8eef6 : 0x4a5f8a);
            return lit_side(b, slate, (x - t->x) / t->half);
        }
    }
    return b->rock;
}

/* The barn stands left of the middle of its place, the silo on its right. */
enum { GAMBREL_POINTS = 5 };

float ridge_built_barn(float x)
{
    static const float roof[GAMBREL_POINTS][2] = {
        {-0.62F, 0.50F}, {-0.50F, 0.74F}, {-0.15F, 0.92F}, {0.20F, 0.74F}, {0.32F, 0.50F}};
    float h = 0;
    for (int i = 0; i + 1 < GAMBREL_POINTS; i++)
        if (x >= roof[i][0] && x < roof[i + 1][0])
            h = curve_mix(roof[i][1], roof[i + 1][1],
                          (x - roof[i][0]) / (roof[i + 1][0] - roof[i][0]));
    const float silo = (x - 0.52F) / 0.13F;
    if (silo * silo < 1)
        h = curve_max(h, 0.82F + 0.16F * __builtin_sqrtf(1 - silo * silo));
    if (x > -1.25F && x < -0.6F)
        h = curve_max(h, 0.36F - 0.10F * (x > -0.62F ? 0 : (-0.62F - x))); /* a shed */
    return h;
}

/* White boards round the doors, in a cross over them. */
static bool trim(float x, float h)
{
    const float d = curve_magnitude(x + 0.15F), half = 0.15F, tall = 0.32F;
    if (d > half + 0.02F || h > tall + 0.02F)
        return false;
    if (d > half - 0.008F || h > tall)
        return true;
    const float k = h / tall, a = curve_magnitude(d / half - k),
                c = curve_magnitude(d / half - (1 - k));
    return curve_min(a, c) < 0.07F || d < 0.010F;
}

static struct colour3 barn(const struct brush *b, float x, float h)
{
    const struct palette *p = b->r->palette;
    const struct colour3 white = palette_lit(p, 0xf2ece0);
    const float silo = (x - 0.52F) / 0.13F;
    if (silo * silo < 1) {
        const float hoop = curve_part(h * 11);
        const struct colour3 tin = palette_lit(p, h > 0.82F ? 0x9aa4b0 : 0xc4c4bc);
        return palette_scale(lit_side(b, tin, silo), hoop < 0.12F ? 0.82F : 1);
    }
    const float under = ridge_built_barn(x) - h;
    if (under < 0.045F)
        return b->r->snow ? b->snow : palette_scale(palette_lit(p, 0x5a4a4a), 1 + 0.3F * under);
    const float loft = (x + 0.15F) * (x + 0.15F) + (h - 0.60F) * (h - 0.60F);
    if (loft < 0.0050F)
        return loft > 0.0034F         ? white
               : b->r->sparkle > 0.2F ? palette_rgb(0xffc860)
                                      : palette_scale(b->shade, 0.5F);
    if (trim(x, h))
        return white;
    const float board = curve_part(x * 46);
    const float worn = noise_at(b->tile, x * 300, h * 60);
    return palette_scale(b->rock, (board < 0.10F ? 0.80F : 1) + 0.10F * worn);
}

/* A cottage fills most of its stretch of the row: walls, a roof with a gable to the front or along
 * it, a chimney. */
struct cottage {
    int i;
    float at;   /* across it, -1..1 from wall to wall, more outside */
    float wall; /* how high its walls are, of the row's height      */
    float roof; /* and its roof, over them                          */
    bool gable; /* to the front                                     */
};

#define CHIMNEY 0.52F

static struct cottage cottage_at(float crest, uint32_t seed)
{
    const int i = curve_floor(crest);
    const float lot = curve_random(i, 2, seed), half = 0.30F + 0.10F * curve_random(i, 3, seed);
    return (struct cottage){.i = i,
                            .at = (crest - (float)i - 0.5F) / half,
                            .wall = 0.36F + 0.16F * lot,
                            .roof = 0.30F + 0.14F * curve_random(i, 4, seed),
                            .gable = curve_random(i, 5, seed) < 0.45F};
}

float ridge_built_cottage(float crest, uint32_t seed)
{
    const struct cottage c = cottage_at(crest, seed);
    const float d = curve_magnitude(c.at), eaves = 1.12F;
    float h = -1; /* between two of them there is nothing */
    if (d < eaves)
        h = c.gable ? c.wall + c.roof * 1.15F * (1 - d / eaves) - 0.03F
                    : c.wall + c.roof * curve_min((eaves - d) * 3.2F, 1);
    if (curve_magnitude(c.at - CHIMNEY) < 0.10F)
        h = curve_max(h, c.wall + c.roof * 1.12F);
    return h;
}

static struct colour3 cottage_wall(const struct brush *b, const struct cottage *c, float h)
{
    static const uint32_t walls[] = {0xf2e6d0, 0xe8c8a0, 0xf4f0e8, 0xd8a888, 0xe0d8b0};
    const struct palette *p = b->r->palette;
    const uint32_t seed = b->r->seed;
    const float d = curve_magnitude(c->at), k = h / c->wall;
    struct colour3 wall =
        lit_side(b, palette_lit(p, walls[curve_hash(c->i, 6, seed) % 5]), 0.3F * c->at);
    if (curve_magnitude(c->at + 0.08F) < 0.14F && k < 0.66F)
        return palette_lit(p, 0x7a4a2c);
    const float wd = curve_magnitude(d - 0.62F);
    if (wd < 0.20F && k > 0.34F && k < 0.74F) {
        const bool bar = wd > 0.165F || curve_magnitude(wd) < 0.018F ||
                         curve_magnitude(k - 0.54F) < 0.025F;
        const float lot = curve_random(c->i, c->at > 0 ? 8 : 9, seed);
        if (bar)
            return palette_lit(p, 0xfdf8ee);
        return lot < 1.6F * b->r->sparkle ? lamp_in(b, lot + 0.6F) : palette_lit(p, 0x5a7088);
    }
    if (c->gable && h > c->wall && d * d + (k - 1.25F) * (k - 1.25F) * 2 < 0.020F)
        return b->r->sparkle > 0.2F ? lamp_in(b, 0.7F) : palette_lit(p, 0x5a7088);
    return palette_scale(wall, k < 0.08F ? 0.75F : 1);
}

static struct colour3 cottage(const struct brush *b, float x, float h)
{
    static const uint32_t roofs[] = {0xb8503a, 0x9a4a38, 0x6a5a5a, 0xc87848, 0x7a3a34};
    const struct cottage c = cottage_at(x * b->r->row->pitch + 31, b->r->seed);
    const float d = curve_magnitude(c.at),
                slope = c.wall + c.roof * 1.15F * (1 - d / 1.12F) - 0.03F;
    const bool front = c.gable ? h < slope - 0.10F && d < 1 : h < c.wall && d < 1;
    if (curve_magnitude(c.at - CHIMNEY) < 0.10F && h > c.wall + (c.gable ? slope - c.wall : c.roof))
        return palette_lit(b->r->palette, 0x8a5a4a);
    if (front)
        return cottage_wall(b, &c, h);
    if (b->r->snow)
        return b->snow;
    const float tile = curve_part(h * 26) < 0.25F ? 0.88F : 1;
    return palette_scale(palette_lit(b->r->palette, roofs[curve_hash(c.i, 7, b->r->seed) % 5]),
                         tile);
}

/* Windows stand in columns and storeys; at night some are lit. */
static struct colour3 facade(const struct brush *b, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float crest = x * r->row->pitch + 31;
    const int house = curve_floor(crest);
    const float side = crest - (float)house;
    const float storeys = 26 + 0.9F * r->row->depth,
                n_wide = 4 + (float)(curve_hash(house, 7, r->seed) % 4);
    const int col = curve_floor(side * n_wide), row = curve_floor(b->v * storeys);
    const float wx = side * n_wide - (float)col, wy = b->v * storeys - (float)row;
    const float tone = 0.80F + 0.4F * curve_random(house, 4, r->seed);
    struct colour3 c =
        palette_scale(palette_mix(b->rock, b->shade, curve_step(0.55F, 0.75F, side) * 0.6F), tone);
    if (deep < 0.012F || wx < 0.22F || wx > 0.78F || wy < 0.25F || wy > 0.80F)
        return c;
    const float lot = curve_random(house * 64 + col, row, r->seed + 6);
    if (lot < r->sparkle) {
        const struct colour3 lamp = palette_rgb(lot < r->sparkle * 0.2F ? 0xbfe4ff : 0xffd27a);
        return palette_mix(lamp, r->palette->haze, palette_haze(r->palette, r->row->depth) * 0.5F);
    }

    return palette_mix(c, r->palette->middle, 0.30F + 0.2F * lot);
}

struct colour3 ridge_built_colour(const struct brush *b, float x, float deep)
{
    const struct place_ridge *row = b->r->row;
    const float at = (x - row->x * b->r->side) / row->height, h = (row->base - b->v) / row->height;
    if (row->kind == RIDGE_CASTLE)
        return castle(b, at, h);
    if (row->kind == RIDGE_COTTAGES)
        return cottage(b, x, h);
    return row->kind == RIDGE_BARN ? barn(b, at, h) : facade(b, x, deep);
}
