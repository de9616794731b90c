/* sprite.c - pictures to lit pixels; see sprite.h. SPDX-License-Identifier: MIT */
#include "storyboard/sprite.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/pack.h"
#include "storyboard/vector.h"

/* Chroma direction and brightness of a named colour; a colour without hue has no direction. */
static const struct hue {
    float u, v, brightness, keep;
} hues[COLOURS] = {
    [COLOUR_OWN] = {0, 0, 1, 1},
    [COLOUR_RED] = {-0.22F, 0.97F, 0.85F, 0},
    [COLOUR_ORANGE] = {-0.72F, 0.69F, 1, 0},
    [COLOUR_YELLOW] = {-0.98F, 0.12F, 1.15F, 0},
    [COLOUR_GREEN] = {-0.55F, -0.83F, 0.9F, 0},
    [COLOUR_TEAL] = {0.30F, -0.95F, 0.95F, 0},
    [COLOUR_BLUE] = {0.93F, -0.36F, 0.8F, 0},
    [COLOUR_PURPLE] = {0.86F, 0.50F, 0.8F, 0},
    [COLOUR_PINK] = {0.18F, 0.98F, 1.15F, 0},
    [COLOUR_BROWN] = {-0.75F, 0.66F, 0.55F, 0},
    [COLOUR_BLACK] = {0, 0, 0.30F, 0.15F},
    [COLOUR_WHITE] = {0, 0, 1.7F, 0.12F},
    [COLOUR_GREY] = {0, 0, 0.85F, 0.1F},
    [COLOUR_SILVER] = {0, 0, 0.85F, 0.1F},
};

static float length(float a, float b)
{
    return __builtin_sqrtf(a * a + b * b);
}

/* Only what has colour takes another: eyes, teeth and tyres stay. */
static struct colour3 recolour(struct colour3 c, enum colour to)
{
    const struct hue *h = &hues[to];
    const float strength = length(c.u, c.v), k = curve_step(0.02F, 0.10F, strength);
    if (to == COLOUR_OWN)
        return c;
    struct colour3 other = {
        .y = curve_clamp(c.y * h->brightness, 0, 0.97F),
        .u = h->u * strength + c.u * h->keep,
        .v = h->v * strength + c.v * h->keep,
    };
    return palette_mix(c, other, k);
}

struct painting {
    const struct palette *palette;
    struct colour3 lamp, dark; /* white in the film's light; what stands against it */
    const struct sprite_options *options;
    const uint32_t *rgba;
    int size;
};

static int cover_at(const struct painting *p, int x, int y)
{
    if (x < 0 || y < 0 || x >= p->size || y >= p->size)
        return 0;
    return (int)(p->rgba[y * p->size + x] >> 24);
}

/* The upper edge catches the sky, the lower part lies in shade. */
static float relief(const struct painting *p, int x, int y)
{
    const int reach = p->size / 48 + 1;
    const int above = cover_at(p, x, y - reach) + cover_at(p, x - reach / 2, y - reach);
    const float rim = 1 - (float)above * (1 / 510.0F);
    const float height = 1 - (float)y / (float)p->size;
    return 0.90F + 0.14F * height + 0.30F * rim;
}

/* How much of the light behind the picture comes round its edge, softly. */
static float rim(const struct painting *p, int x, int y)
{
    float sum = 0;
    for (int i = 1; i <= 3; i++) {
        const int reach = p->size * i / 200 + 1;
        const int left = cover_at(p, x - reach, y), right = cover_at(p, x + reach, y);
        sum += (float)(left < right ? left : right) + (float)cover_at(p, x, y - reach);
    }
    return (1 - sum * (1 / 1530.0F)) * p->options->rim;
}

static struct colour3 light(const struct painting *p, struct colour3 c, int x, int y)
{
    const struct palette *pal = p->palette;
    /* The picture keeps some of its own light, so that it reads even at night. */
    const struct colour3 lamp = p->lamp;
    const float soft = p->options->depth > 0 ? 0.85F : 0.60F; /* the scenery less of it */
    const float tone = 1 + 0.13F * p->options->tone;
    const float k = curve_mix(1, lamp.y, soft) * relief(p, x, y) * tone;
    struct colour3 out = {.y = c.y * k,
                          .u = c.u * k * 0.94F + lamp.u * c.y * soft,
                          .v = c.v * k * 0.94F + lamp.v * c.y * soft};
    out.v += 0.016F * p->options->tone * out.y; /* one is a little warmer than the other */
    out = palette_mix(out, p->dark, p->options->shade);
    if (p->options->rim > 0)
        out = palette_mix(out, pal->sun, 0.75F * rim(p, x, y));
    if (p->options->depth > 0)
        out = palette_mix(out, pal->haze, palette_haze(pal, p->options->depth));
    return out;
}

static uint32_t pack_texel(struct colour3 k, uint32_t a)
{
    const float cover = (float)a / 255;
    const float luma = palette_luma(curve_clamp(k.y, 0, 1)) * cover + 0.5F;
    const float u = palette_chroma(curve_clamp(k.u, -0.5F, 0.5F)) * cover + 0.5F;
    const float v = palette_chroma(curve_clamp(k.v, -0.5F, 0.5F)) * cover + 0.5F;
    return a << 24 | (uint32_t)v << 16 | (uint32_t)u << 8 | (uint32_t)luma;
}

static uint32_t texel(const struct painting *p, int x, int y)
{
    const uint32_t c = p->rgba[y * p->size + x];
    const uint32_t a = c >> 24;
    if (a == 0)
        return 0;
    /* Out of the multiplication by the cover, and into it again. */
    const uint32_t rgb = (c >> 16 & 255) * 255 / a << 16 | (c >> 8 & 255) * 255 / a << 8 |
                         (c & 255) * 255 / a;
    return pack_texel(light(p, recolour(palette_rgb(rgb), p->options->colour), x, y), a);
}

static inline uint32_t *texel_at(const struct sprite *s, int level, int x, int y)
{
    return s->texels[level] + (y + 1) * (s->size[level] + SPRITE_BORDER) + x + 1;
}

static int draw_vector(uint32_t *rgba, int picture, int size, struct error *err)
{
    SCOPED(mem) char *svg = NULL;
    size_t len;
    int code = pack_svg(picture, &svg, &len, err);
    if (code < 0)
        return code;
    return vector_draw(rgba, (struct text){svg, len}, size, err);
}

static bool is_seen(const struct sprite *s, int x, int y)
{
    return *texel_at(s, 0, x, y) >> 24 > 127;
}

static void find_bounds(struct sprite *s)
{
    const int n = s->size[0];
    int left = n, right = 0, top = n, bottom = 0;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++)
            if (is_seen(s, x, y)) {
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
            }
    const float k = 1 / (float)n;
    s->left = (float)left * k;
    s->right = (float)(right + 1) * k;
    s->top = (float)top * k;
    s->bottom = (float)(bottom + 1) * k;
}

/* The lowest place of the upper edge in the middle of the picture. */
static void find_back(struct sprite *s)
{
    const int n = s->size[0];
    const float middle = (s->left + s->right) / 2, reach = (s->right - s->left) * 0.14F;
    int lowest = 0;
    for (int x = (int)((middle - reach) * (float)n); x < (int)((middle + reach) * (float)n); x++) {
        int y = 0;
        while (y < n - 1 && !is_seen(s, x, y))
            y++;
        lowest = y > lowest && y < n - 1 ? y : lowest;
    }
    s->back = (float)lowest / (float)n;
}

static void halve(struct sprite *s, int level)
{
    const int stride = s->size[level - 1] + SPRITE_BORDER;
    for (int y = 0; y < s->size[level]; y++)
        for (int x = 0; x < s->size[level]; x++) {
            const uint32_t *p = texel_at(s, level - 1, 2 * x, 2 * y);
            const uint32_t four[4] = {p[0], p[1], p[stride], p[stride + 1]};
            uint32_t even = 0x00020002, odd = 0x00020002;
            for (int i = 0; i < 4; i++) {
                even += four[i] & 0x00ff00ff;
                odd += four[i] >> 8 & 0x00ff00ff;
            }
            *texel_at(s, level, x, y) = (even >> 2 & 0x00ff00ff) | (odd >> 2 & 0x00ff00ff) << 8;
        }
}

static int make_levels(struct sprite *s, int size, struct error *err)
{
    for (int i = 0; i < SPRITE_LEVELS && size >= 4; i++, size /= 2) {
        const size_t side = (size_t)size + SPRITE_BORDER;
        s->texels[i] = mem_try(side * side * sizeof **s->texels);
        if (!s->texels[i])
            return error_set(err, ERR_MEMORY, "no memory for a picture of %d px", size);
        const size_t blocks = (size_t)sprite_blocks(size);
        s->blocks[i] = mem_alloc(blocks * blocks);
        s->size[i] = size;
        s->n_levels = i + 1;
    }
    return 0;
}

/* Marks the blocks of a row of texels that are not all clear, and those above, below and beside:
 * the straight way between two knots is known by the block of its middle. */
static void mark_row(struct sprite *s, int level, int y)
{
    const int n = s->size[level], across = sprite_blocks(n);
    const int by = y / SPRITE_BLOCK + SPRITE_MARGIN;
    for (int bx = 0; bx < across - 2 * SPRITE_MARGIN; bx++) {
        uint32_t seen = 0;
        for (int x = bx * SPRITE_BLOCK; x < (bx + 1) * SPRITE_BLOCK && x < n; x++)
            seen |= *texel_at(s, level, x, y);
        for (int dy = -1; seen && dy <= 1; dy++)
            memset(s->blocks[level] + (by + dy) * across + bx + SPRITE_MARGIN - 1, 1, 3);
    }
}

static void finish(struct sprite *s)
{
    for (int i = 1; i < s->n_levels; i++)
        halve(s, i);
    for (int i = 0; i < s->n_levels; i++)
        for (int y = 0; y < s->size[i]; y++)
            mark_row(s, i, y);
    find_bounds(s);
    find_back(s);
}

int sprite_open(struct sprite **out, const struct palette *palette,
                const struct sprite_options *options, struct error *err)
{
    const int size = options->size;
    SCOPED(sprite) struct sprite *s = mem_alloc(sizeof *s);
    SCOPED(mem) uint32_t *rgba = mem_try((size_t)size * (size_t)size * sizeof *rgba);
    if (!rgba)
        return error_set(err, ERR_MEMORY, "no memory for a picture of %d px", size);
    int code = make_levels(s, size, err);
    if (code == 0)
        code = draw_vector(rgba, options->picture, size, err);
    if (code < 0)
        return code;
    const struct painting p = {.palette = palette,
                               .lamp = palette_lit(palette, 0xffffff),
                               .dark = palette_scale(palette_lit(palette, 0x282430), 0.6F),
                               .options = options,
                               .rgba = rgba,
                               .size = size};
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            *texel_at(s, 0, x, y) = texel(&p, x, y);
    finish(s);
    *out = TAKE(s);
    return 0;
}

int sprite_open_glow(struct sprite **out, struct colour3 colour, struct error *err)
{
    enum { SIZE = 64 };
    SCOPED(sprite) struct sprite *s = mem_alloc(sizeof *s);
    int code = make_levels(s, SIZE, err);
    if (code < 0)
        return code;
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            const float dx = ((float)x + 0.5F) * 2 / SIZE - 1,
                        dy = ((float)y + 0.5F) * 2 / SIZE - 1;
            const float k = curve_step(1, 0, length(dx, dy));
            *texel_at(s, 0, x, y) = pack_texel(colour, (uint32_t)(255 * k * k));
        }
    finish(s);
    *out = TAKE(s);
    return 0;
}

void sprite_close(struct sprite *s)
{
    if (!s)
        return;
    for (int i = 0; i < SPRITE_LEVELS; i++) {
        mem_free(s->texels[i]);
        mem_free(s->blocks[i]);
    }
    mem_free(s);
}

uint32_t sprite_texel(const struct sprite *s, float u, float v, float px)
{
    int level = 0;
    while (level + 1 < s->n_levels && (float)s->size[level + 1] >= px * 0.9F)
        level++;
    const int n = s->size[level];
    const int x = curve_floor(u * (float)n), y = curve_floor(v * (float)n);
    if (x < 0 || y < 0 || x >= n || y >= n)
        return 0;
    return *texel_at(s, level, x, y);
}
