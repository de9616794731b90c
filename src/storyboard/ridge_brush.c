/* ridge_brush.c - the colour of a landscape's sheets; see ridge.h. SPDX-License-Identifier: MIT */
#include "storyboard/ridge.h"

#include "storyboard/curve.h"
#include "storyboard/ridge_impl.h"

float ridge_brush_facing(const struct ridge_paint *r, float slope, float x)
{
    const float side = curve_clamp((r->sky->sun_x - x) * 4, -1, 1);
    return curve_clamp(-slope * side, -1, 1);
}

/* The slope a little aside: the edge between light and shade is not straight. */
static float slope_near(const struct ridge_paint *r, int i, float aside)
{
    const int at = i + curve_floor(aside * 0.5F / r->step);
    return r->slope[at < 0 ? 0 : at >= r->n ? r->n - 1 : at];
}

static struct colour3 rock(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    /* Ribs run down from the crest and lean the way it falls. */
    const float scale = 0.8F + 3 / r->row->depth;
    const float wander = noise_at(b->tile, x * 90, b->v * 260) * deep;
    const float bend = slope_near(r, i, wander);
    const float lean = x * 470 + bend * deep * 330;
    const float rib = noise_at(b->tile, lean * scale, b->v * 150 * scale);
    const float grain = noise_at(b->tile, lean * scale * 3, b->v * 700 * scale);
    const float face = ridge_brush_facing(r, bend * 1.2F + rib * 1.5F, x);
    struct colour3 c = palette_mix(b->rock, b->shade, curve_clamp(0.5F - 0.55F * face, 0, 1));
    c = palette_scale(c, 1 + 0.10F * grain);
    const float line = 0.45F + 0.5F * noise_line(x * 3, r->seed + 8) + 0.35F * rib;
    const float height = 1 - deep / (r->row->height * (r->tallest ? 0.85F : 0.75F));
    const bool bare = r->row->kind == RIDGE_SPIRES || r->sky->place == PLACE_VOLCANO;
    const float cap = (r->row->height < 0.13F || bare) && !r->snow
                          ? 0
                          : curve_step(line - 0.05F, line + 0.1F, height + (r->snow ? 0.5F : 0));
    return palette_mix(c, palette_scale(b->snow, 0.80F + 0.20F * face), cap * 0.92F);
}

static struct colour3 foliage(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float k = 300 + 900 / r->row->depth;
    const float n = noise_at(b->tile, x * k, b->v * k * 0.8F);
    const float top = curve_step(0.05F, 0, deep);
    struct colour3 c =
        palette_mix(b->shade, b->rock, curve_clamp(0.45F + 0.55F * top + 0.5F * n, 0, 1));
    if (r->snow)
        c = palette_mix(c, b->snow, curve_clamp(0.75F * top + 0.5F * n, 0, 0.85F));
    (void)i;
    return c;
}

static struct colour3 dune(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float lit = ridge_brush_facing(r, r->slope[i] * 2.2F, x);
    const float ripple = noise_at(b->tile, x * 60, (b->v + r->slope[i] * x) * 900);
    struct colour3 c = palette_mix(b->rock, b->shade, curve_clamp(0.30F - 0.62F * lit, 0, 0.85F));
    c = palette_scale(c, 1 + 0.035F * ripple - 0.25F * curve_step(0, 0.2F, deep) * 0.3F);
    return r->snow ? palette_mix(c, b->snow, 0.6F) : c;
}

static struct colour3 strata(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float n = noise_at(b->tile, x * 90, b->v * 60);
    const float band = noise_line((b->v + 0.006F * n) * 95, r->seed + 3);
    const float crack = noise_at(b->tile, x * 760, b->v * 90);
    const float lit = ridge_brush_facing(r, r->slope[i] + 0.8F * n, x);
    struct colour3 c = palette_mix(b->rock, b->shade, curve_clamp(0.42F - 0.4F * lit, 0, 1));
    (void)deep;
    return palette_scale(c, 0.86F + 0.24F * band + 0.12F * crack);
}

static struct colour3 lava(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    struct colour3 c = rock(b, i, x, deep + 0.3F);
    const float d = (x - r->summit_x) * 5;
    const float down = b->v - r->row->base + 0.8F * r->row->height; /* from the crater's rim */
    const float spread = d / (0.55F + 5 * curve_max(down, 0));      /* the way the slope falls */
    const float stream =
        noise_ridge(spread * 2.6F + 0.30F * noise_line(b->v * 26, r->seed), 2, r->seed + 4);
    const float hot = curve_step(0.84F, 0.94F, stream) * curve_step(0.26F, 0.0F, down) *
                      curve_step(1.5F, 0.9F, curve_magnitude(spread));
    const float mouth = curve_step(0.035F, 0, deep) * curve_step(0.9F, 0.2F, curve_magnitude(d));
    return palette_mix(c, palette_rgb(0xff8a2a), curve_clamp(hot + mouth, 0, 1));
}

/* A steep wet wall: buttresses with lit and shaded flanks, ledges with moss. */
static struct colour3 cliff(const struct brush *b, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float bend = 0.03F * noise_at(b->tile, x * 60, b->v * 60);
    const float at = (x + bend) * 9, fold = noise_line(at, r->seed + 3);
    const float flank = noise_line(at + 0.16F, r->seed + 3) - fold;
    const float crack = noise_at(b->tile, x * 520, b->v * 70),
                grain = noise_at(b->tile, x * 900, b->v * 900);
    const float side = curve_clamp((r->sky->sun_x - x) * 4, -1, 1);
    struct colour3 c = palette_mix(b->rock, b->shade,
                                   curve_clamp(0.45F + 2.6F * side * flank - 0.35F * crack, 0, 1));
    c = palette_scale(c, 0.90F + 0.10F * grain);
    const float ledge = noise_at(b->tile, x * 70 + 9, b->v * 190) +
                        0.5F * noise_at(b->tile, x * 260, b->v * 420);
    const float moss =
        curve_max(curve_step(0.20F, 0.55F, ledge), curve_step(0.05F, 0.0F, deep + 0.04F * crack));
    return palette_mix(
        c,
        palette_scale(palette_lit(r->palette, r->snow ? 0xe8f0f8 : 0x4f7a3c), 0.85F + 0.3F * grain),
        0.75F * moss);
}

/* Ice: faces lit or in shade, blue in its depth, snow on top. */
static struct colour3 ice(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float tilt = noise_at(b->tile, x * 120, b->v * 60);
    const float lit = ridge_brush_facing(r, slope_near(r, i, 0.02F * tilt) + 0.25F * tilt, x);
    const struct colour3 blue = palette_lit(r->palette, 0x3f8fb8);
    struct colour3 c = palette_mix(b->rock, blue, curve_clamp(0.30F - 0.45F * lit, 0, 0.8F));
    c = palette_mix(c, blue, 0.55F * curve_step(0.02F, r->row->height, deep));
    return palette_mix(c, b->snow, 0.7F * curve_step(0.018F, 0.004F, deep));
}

/* Water that the light shines through at its crest, with foam on the steep places. */
static struct colour3 swell(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float near = 3 / r->row->depth + 0.4F;
    const float n = noise_at(b->tile, x * 140 * near, b->v * 620 * near);
    const float foam =
        curve_step(0.25F, 0.75F, noise_at(b->tile, x * 60 + 30, b->v * 160) + 0.35F * n);
    const struct colour3 clear =
        palette_mix(palette_mix(b->rock, palette_lit(r->palette, 0x7fe0d8), 0.35F), b->warm, 0.15F);
    struct colour3 c = palette_mix(clear, b->rock, curve_step(0, 0.05F, deep));
    c = palette_scale(c, 0.94F + 0.16F * n + 0.10F * ridge_brush_facing(r, r->slope[i], x));
    c = palette_mix(c, b->warm, 0.30F * sky_sunlight(r->sky, x) * curve_step(0.02F, 0, deep));
    return palette_mix(c, b->snow, 0.8F * foam * curve_step(0.035F, 0.0F, deep));
}

/* Leaves against the light: bright where it comes through, darker inside the clump. */
static struct colour3 leaves(const struct brush *b, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float rib = noise_at(b->tile, (x + b->v * 0.4F) * 420, b->v * 90);
    const float inside = curve_step(0, 0.12F, deep);
    struct colour3 c =
        palette_mix(b->rock, b->shade, curve_clamp(0.25F + 0.6F * inside - 0.4F * rib, 0, 1));
    c = palette_mix(c, b->warm, 0.12F * sky_sunlight(r->sky, x) * (1 - inside));
    return r->snow ? palette_mix(c, b->snow, 0.5F * (1 - inside)) : c;
}

static struct colour3 colour_at(const struct brush *b, int i, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    switch (r->row->kind) {
    case RIDGE_PEAKS:
    case RIDGE_SPIRES:
    case RIDGE_ISLET:
        return rock(b, i, x, deep);
    case RIDGE_CLIFFS:
        return r->row->pitch < 0 ? cliff(b, x, deep) : strata(b, i, x, deep);
    case RIDGE_MESAS:
        return strata(b, i, x, deep);
    case RIDGE_DUNES:
    case RIDGE_HILLS:
        return dune(b, i, x, deep);
    case RIDGE_HOUSES:
    case RIDGE_CASTLE:
    case RIDGE_COTTAGES:
    case RIDGE_BARN:
        return ridge_built_colour(b, x, deep);
    case RIDGE_VOLCANO:
        return lava(b, i, x, deep);
    case RIDGE_BERGS:
        return ice(b, i, x, deep);
    case RIDGE_SWELL:
        return swell(b, i, x, deep);
    case RIDGE_STALKS:
        return leaves(b, x, deep);
    default:
        return foliage(b, i, x, deep);
    }
}

/* Haze lies in the valleys, and near the sun it is bright. */
struct colour3 ridge_brush_air(const struct brush *b, struct colour3 c, float x, float deep)
{
    const struct ridge_paint *r = b->r;
    const float far = palette_haze(r->palette, r->row->depth);
    const float low = curve_step(0, 0.30F, deep) * curve_step(2, 12, r->row->depth);
    const float sun = sky_sunlight(r->sky, x) * far;
    c = palette_mix(c, b->mist,
                    curve_clamp(far + 0.42F * low * (1 - far) * (0.35F + far), 0, 0.96F));
    return palette_mix(c, b->warm, 0.42F * sun * (0.4F + 0.6F * low));
}

static void trunks(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const float pitch = r->row->pitch, foot = r->foot;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step, crest = x * pitch + 31;
        const int cell = curve_floor(crest);
        const float lot = curve_random(cell, 1, r->seed);
        const float root_x = ((float)cell + 0.5F - 31) / pitch;
        const float open = r->row->depth < 8 ? curve_step(0.20F, 0.45F, curve_magnitude(root_x))
                                             : 1;
        const float root = foot - 0.012F + 0.02F * lot, flare = curve_step(0.10F, 0, root - b->v);
        const float wide = (0.055F + 0.06F * lot) * (1 + 0.45F * flare * flare);
        const float d = (crest - (float)cell - 0.3F - 0.4F * lot -
                         0.05F * noise_line(b->v * 4, r->seed + (uint32_t)cell)) /
                        wide;
        const float bark = noise_at(b->tile, x * 900, b->v * 120);
        const float lit = ridge_brush_facing(r, d, x);
        struct colour3 c =
            palette_mix(b->rock, b->shade, curve_clamp(0.5F - 0.5F * lit - 0.25F * bark, 0, 1));
        const float edge = line->step * pitch / wide;
        float cover = lot < 0.72F * open ? curve_step(1 + edge, 1 - edge, curve_magnitude(d)) : 0;
        cover *= curve_step(root + 0.002F, root - 0.002F, b->v);
        layer_put(line, i, ridge_brush_air(b, c, x, 0), cover);
    }
}

/* The cover of a ring seen at a slant, in radii of its globe. */
static float ring_at(float dx, float dy, const struct noise_level *tile)
{
    const float across = dx * 0.958F - dy * 0.287F, up = (dy * 0.958F + dx * 0.287F) * 4.2F;
    const float d = __builtin_sqrtf(across * across + up * up);
    if (d < 1.30F || d > 2.0F)
        return 0;
    const float groove = 0.62F + 0.38F * noise_at(tile, d * 160, 3);
    return 0.75F * groove * curve_step(1.30F, 1.36F, d) * curve_step(2.0F, 1.9F, d);
}

/* A globe lit from the sun's side, with bands, a rim of air, and a ring. */
static void planet(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const float radius = r->row->height * 0.55F;
    const float px = r->row->x * r->side, py = r->row->base;
    const bool ringed = r->row->pitch > 0 && r->seed % 3;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const float dx = (x - px) / radius, dy = (b->v - py) / radius, d2 = dx * dx + dy * dy;
        const float ring = ringed ? ring_at(dx, dy, b->tile) : 0;
        if (d2 > 1.05F) {
            layer_put(line, i, palette_mix(b->rock, palette_rgb(0xe8d8b8), 0.7F), ring);
            continue;
        }
        const float dz = d2 < 1 ? __builtin_sqrtf(1 - d2) : 0;
        const float side = r->sky->sun_x < px ? -0.72F : 0.72F;
        const float light = curve_step(-0.15F, 0.75F, dx * side - dy * 0.45F + dz * 0.45F);
        const float n = noise_at(b->tile, dx * 60 + dy * 22 + 90, dy * 120 - dx * 30);
        const float band = noise_line(dy * 5 + dx * 1.4F + 0.3F * n, r->seed + 2);
        struct colour3 c = palette_mix(palette_rgb(r->colour),
                                       palette_rgb(r->seed % 2 ? 0xd9a066 : 0xa8d8e8),
                                       curve_clamp(band * 0.9F + 0.25F * n, 0, 1));
        c = palette_scale(c, 0.05F + 0.95F * light);
        c = palette_mix(c, palette_rgb(0xbfe4ff), 0.5F * light * curve_step(0.7F, 1, d2));
        const float cover = curve_step(1 + line->step * 3, 1 - line->step * 3, d2);
        const float before = dy + 0.30F * dx > 0 ? ring : 0;
        c = palette_mix(c, palette_rgb(0xd8c8a8), before * (0.35F + 0.5F * light));
        layer_put(line, i, c, curve_max(cover, ring * (1 - cover)));
    }
}

/* How a sheet ends below, 0..1: where it stands before the ground, on it; clouds and waves in
 * nothing. */
static float foot(const struct brush *b)
{
    const struct ridge_paint *r = b->r;
    if (r->row->kind == RIDGE_ISLET)
        return curve_step(r->row->base + 0.02F, r->row->base - 0.01F, b->v);
    if (r->row->behind || r->row->depth < 3.5F)
        return 1;
    return curve_step(r->foot + 0.025F, r->foot - 0.003F, b->v);
}

static void sheet(const struct brush *b, struct layer_line *line)
{
    const struct ridge_paint *r = b->r;
    const enum ridge kind = r->row->kind;
    const float blur = line->step * 1.2F, foot_cover = foot(b);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const float deep = b->v - r->crest[i];
        float cover = curve_clamp(0.5F + deep / blur, 0, 1) * foot_cover;
        if (kind == RIDGE_SWELL)
            cover *= curve_step(0.11F, 0.02F, deep);
        if (cover <= 0) {
            layer_put(line, i, b->mist, 0);
            continue;
        }
        const float inside = curve_max(deep, 0);
        layer_put(line, i, ridge_brush_air(b, colour_at(b, i, x, inside), x, inside), cover);
    }
}

void ridge_brush(void *arg, struct layer_line *line)
{
    const struct ridge_paint *r = arg;
    const struct palette *p = r->palette;
    const struct brush b = {
        .r = r,
        .tile = noise_tile(),
        .rock = palette_lit(p, r->colour),
        .shade = palette_mix(palette_scale(palette_lit(p, r->colour), 0.45F), p->zenith, 0.22F),
        .mist = p->haze,
        .snow = palette_lit(p, 0xf4f8ff),
        .warm = palette_mix(p->low, p->sun, 0.5F),
        .v = line->at,
        .step = line->step,
    };
    switch (r->row->kind) {
    case RIDGE_TRUNKS:
        trunks(&b, line);
        break;
    case RIDGE_STEMS:
        ridge_stem(&b, line);
        break;
    case RIDGE_PLANET:
        planet(&b, line);
        break;
    case RIDGE_PALMS:
    case RIDGE_VINES:
        ridge_leaf(&b, line);
        break;
    case RIDGE_CLOUDS:
    case RIDGE_BANK:
        ridge_cloud(&b, line);
        break;
    case RIDGE_CAVE:
        ridge_frame_cave(&b, line);
        break;
    case RIDGE_DRAPE:
        ridge_frame_drape(&b, line);
        break;
    case RIDGE_WINGS:
        ridge_frame_wings(&b, line);
        break;
    case RIDGE_FENCE:
        ridge_frame_fence(&b, line);
        break;
    case RIDGE_FALL:
        ridge_frame_fall(&b, line);
        break;
    default:
        sheet(&b, line);
    }
}
