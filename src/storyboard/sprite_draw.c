/* sprite_draw.c - sprites into the rows of a frame; see sprite.h. SPDX-License-Identifier: MIT */
#include "storyboard/sprite.h"

#include <string.h>

#include "storyboard/curve.h"

enum { ONE = 1 << 16 };

static int64_t fixed(float x)
{
    return (int64_t)(x * ONE + (x < 0 ? -0.5F : 0.5F));
}

static int choose_level(const struct sprite *s, float size)
{
    int level = 0;
    while (level + 1 < s->n_levels && (float)s->size[level] > size * 1.42F)
        level++;
    return level;
}

static void make_bends(struct sprite_frame *f, const struct sprite_pose *pose, float n)
{
    for (int i = 0; i < SPRITE_BEND; i++) {
        const float at = ((float)i + 0.5F) / SPRITE_BEND;
        const float lift = pose->anchor_y - at;
        const float up = lift > 0 ? lift * lift : 0;
        const float water = curve_sine(at * 9 + pose->wave_at) * pose->ripple * (0.3F + at);
        f->bend_u[i] = (int32_t)fixed((pose->sway * up + water) * n);
        f->bend_v[i] = (int32_t)fixed(pose->wave * curve_sine(at * 1.1F + pose->wave_at) * n);
    }
}

/* The box of the frame that the turned and bent picture can touch. */
static void find_box(struct sprite_frame *f, const struct sprite_pose *p, float c, float s,
                     int width, int height)
{
    const float slack = (p->wave < 0 ? -p->wave : p->wave) + (p->sway < 0 ? -p->sway : p->sway) +
                        (p->ripple < 0 ? -p->ripple : p->ripple) * 1.3F + 0.01F;
    float left = 1e9F, right = -1e9F, top = 1e9F, bottom = -1e9F;
    for (int i = 0; i < 4; i++) {
        const float a = (i & 1 ? 0.5F + slack : -0.5F - slack) * p->wide * p->size;
        const float b = ((i & 2 ? 1 + slack : -slack) - p->anchor_y) * p->tall * p->size;
        const float x = p->x + a * c - b * s, y = p->y + a * s + b * c;
        left = curve_min(left, x);
        right = curve_max(right, x);
        top = curve_min(top, y);
        bottom = curve_max(bottom, y);
    }
    f->first_x = (int)curve_clamp(left - 1, 0, (float)width);
    f->end_x = (int)curve_clamp(right + 2, 0, (float)width);
    f->first_y = (int)curve_clamp(top - 1, 0, (float)height);
    f->end_y = (int)curve_clamp(bottom + 2, 0, (float)height);
}

void sprite_place(struct sprite_frame *f, const struct sprite *sprite,
                  const struct sprite_pose *pose, const struct palette *palette, int width,
                  int height)
{
    const float wide = pose->wide < 0 ? -pose->wide : pose->wide;
    const float tall = pose->tall < 0 ? -pose->tall : pose->tall;
    *f = (struct sprite_frame){.sprite = sprite};
    if (pose->size < 1 || wide < 0.02F || tall < 0.02F || pose->cover <= 0) {
        f->sprite = NULL;
        return;
    }
    f->level = choose_level(sprite, pose->size * curve_max(wide, tall));
    const float n = (float)sprite->size[f->level];
    const float c = curve_sine(pose->turn + 0.25F), s = curve_sine(pose->turn);
    /* Texels per pixel along the picture's own axes. */
    const float ku = n / (pose->size * pose->wide), kv = n / (pose->size * pose->tall);
    f->u_x = fixed(c * ku);
    f->u_y = fixed(s * ku);
    f->v_x = fixed(-s * kv);
    f->v_y = fixed(c * kv);
    const float x = 0.5F - pose->x, y = 0.5F - pose->y;
    f->u0 = fixed((c * x + s * y) * ku + 0.5F * n - 0.5F);
    f->v0 = fixed((-s * x + c * y) * kv + pose->anchor_y * n - 0.5F);
    f->cover = (int)(curve_clamp(pose->cover, 0, 1) * 256);
    f->haze = (int)(curve_clamp(pose->haze, 0, 1) * 256);
    f->haze_colour[0] = (uint8_t)palette_luma(palette->haze.y);
    f->haze_colour[1] = (uint8_t)palette_chroma(palette->haze.u);
    f->haze_colour[2] = (uint8_t)palette_chroma(palette->haze.v);
    make_bends(f, pose, n);
    find_box(f, pose, c, s, width, height);
}

/* Two of the four bytes at once: a + (b - a) * k, k 0..256. */
static inline uint32_t mix_pair(uint32_t a, uint32_t b, uint32_t k)
{
    return ((a * (256 - k) + b * k) >> 8) & 0x00ff00ff;
}

static inline uint32_t mix_texel(uint32_t a, uint32_t b, uint32_t k)
{
    return mix_pair(a & 0x00ff00ff, b & 0x00ff00ff, k) |
           mix_pair(a >> 8 & 0x00ff00ff, b >> 8 & 0x00ff00ff, k) << 8;
}

static inline uint32_t fetch(const uint32_t *texels, int n, int x, int y)
{
    return (unsigned)x < (unsigned)n && (unsigned)y < (unsigned)n ? texels[y * n + x] : 0;
}

static inline uint32_t bilinear(const uint32_t *texels, int n, int64_t u, int64_t v)
{
    const int x = (int)(u >> 16), y = (int)(v >> 16);
    const uint32_t kx = (uint32_t)(u >> 8 & 255), ky = (uint32_t)(v >> 8 & 255);
    if ((unsigned)x < (unsigned)n - 1 && (unsigned)y < (unsigned)n - 1) {
        const uint32_t *p = texels + y * n + x;
        if (!(p[0] | p[1] | p[n] | p[n + 1]))
            return 0;
        return mix_texel(mix_texel(p[0], p[1], kx), mix_texel(p[n], p[n + 1], kx), ky);
    }
    if (x < -1 || y < -1 || x >= n || y >= n)
        return 0;
    return mix_texel(mix_texel(fetch(texels, n, x, y), fetch(texels, n, x + 1, y), kx),
                     mix_texel(fetch(texels, n, x, y + 1), fetch(texels, n, x + 1, y + 1), kx), ky);
}

/* The texels along a row of the frame, clear outside the picture. */
static void sample(uint32_t *out, const struct sprite_frame *f, int y)
{
    const int n = f->sprite->size[f->level];
    const uint32_t *texels = f->sprite->texels[f->level];
    int64_t u = f->u0 + y * f->u_y + f->first_x * f->u_x;
    int64_t v = f->v0 + y * f->v_y + f->first_x * f->v_x;
    int shift = 0; /* from texels to entries of the bends, which divide the picture by 256 */
    while (n << shift < 4096)
        shift++;
    for (int x = f->first_x; x < f->end_x; x++, u += f->u_x, v += f->v_x) {
        int64_t iu = u >> (20 - shift), iv = v >> (20 - shift);
        iu = iu < 0 ? 0 : iu > SPRITE_BEND - 1 ? SPRITE_BEND - 1 : iu;
        iv = iv < 0 ? 0 : iv > SPRITE_BEND - 1 ? SPRITE_BEND - 1 : iv;
        out[x] = bilinear(texels, n, u + f->bend_u[iv], v + f->bend_v[iu]);
    }
}

/* One byte of a texel over a sample of the frame. */
static inline int16_t over(int16_t to, int byte, int a, const struct sprite_frame *f, int haze)
{
    const int clear = a + (a >> 7);
    byte += ((haze * clear >> 8) - byte) * f->haze >> 8;
    const int cover = clear * f->cover >> 8;
    return (int16_t)(to - (to * cover >> 8) + ((byte * f->cover) >> (8 - ROWS_BITS)));
}

static void blend_luma(int16_t *to, const uint32_t *texels, const struct sprite_frame *f)
{
    for (int x = f->first_x; x < f->end_x; x++)
        if (texels[x])
            to[x] = over(to[x], texels[x] & 255, (int)(texels[x] >> 24), f, f->haze_colour[0]);
}

static void blend_chroma(struct rows *r, const uint32_t *a, const uint32_t *b,
                         const struct sprite_frame *f)
{
    for (int x = f->first_x & ~1; x < f->end_x; x += 2) {
        const uint32_t four[4] = {a[x], a[x + 1], b[x], b[x + 1]};
        uint32_t even = 0, odd = 0;
        if (!(four[0] | four[1] | four[2] | four[3]))
            continue;
        for (int i = 0; i < 4; i++) {
            even += four[i] & 0x00ff00ff;
            odd += four[i] >> 8 & 0x00ff00ff;
        }
        const int cover = (int)(odd >> 18 & 255);
        r->u[x / 2] = over(r->u[x / 2], odd >> 2 & 255, cover, f, f->haze_colour[1]);
        r->v[x / 2] = over(r->v[x / 2], even >> 18 & 255, cover, f, f->haze_colour[2]);
    }
}

void sprite_draw(const struct sprite_frame *f, struct rows *r)
{
    uint32_t lines[2][ROWS_MOST_WIDTH];
    const int y = 2 * r->pair;
    if (!f->sprite || y + 1 < f->first_y || y >= f->end_y || f->first_x >= f->end_x)
        return;
    for (int i = 0; i < 2; i++) {
        lines[i][f->first_x & ~1] = 0;
        if (f->end_x < r->width)
            lines[i][f->end_x] = 0;
        sample(lines[i], f, y + i);
        blend_luma(r->y[i], lines[i], f);
    }
    blend_chroma(r, lines[0], lines[1], f);
}
