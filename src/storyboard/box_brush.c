/* box_brush.c - the walls of rooms and streets; see box.h. SPDX-License-Identifier: MIT */
#include "storyboard/box.h"
#include "storyboard/curve.h"
#include "storyboard/noise.h"

static bool within(float x, float a, float b)
{
    return x > a && x < b;
}

/* What a line of sight meets at rest: x to the right, y down, z away, the eye at 0. */
struct hit {
    float x, y, z;
    float px; /* what a pixel is there, in heights of the eye */
    enum { HIT_FLOOR, HIT_CEILING, HIT_SIDE, HIT_BACK } on;
};

static struct hit hit_at(const struct box *b, float x, float v, float step)
{
    const float side = curve_magnitude(x) / b->side, floor = v > 0 ? v : -v / b->top;
    const float q = curve_max(curve_max(side, floor), 1 / b->back);
    struct hit h = {.x = x / q, .y = v / q, .z = 1 / q, .px = step / q};
    h.on = q <= 1 / b->back ? HIT_BACK : side >= floor ? HIT_SIDE : v > 0 ? HIT_FLOOR : HIT_CEILING;
    return h;
}

struct paint {
    struct colour3 colour;
    float cover;
};

/* The room. Its far wall: a window, a picture, a wainscot. */

#define SILL   0.12F /* y of the window's lower edge */
#define LINTEL (-1.22F)
#define HALF   0.62F /* of its width */

/* 0: wall, 1: frame, 2: what is outside. */
static int window_part(const struct box *b, const struct hit *h)
{
    const float d = curve_magnitude(h->x - b->window);
    if (d > HALF + 0.06F || !within(h->y, LINTEL - 0.06F, SILL + 0.08F))
        return 0;
    if (d > HALF || !within(h->y, LINTEL, SILL) || d < 0.025F ||
        curve_magnitude(h->y + 0.75F) < 0.022F)
        return 1;
    return 2;
}

/* Drawn curtains on both sides of the window. */
static float curtain(const struct box *b, const struct hit *h)
{
    const float d = curve_magnitude(h->x - b->window),
                inner = HALF - 0.10F + 0.06F * (h->y + 0.5F) * (h->y + 0.5F);
    if (!within(d, inner, HALF + 0.30F) || !within(h->y, LINTEL - 0.14F, 0.72F))
        return 0;
    const float fold = curve_part(d * 9 + 0.3F * noise_line(h->y, b->seed));
    return 0.62F + 1.3F * fold * (1 - fold);
}

/* A picture on the wall: a frame round a small painted landscape. */
static bool painting(const struct box *b, const struct hit *h, struct colour3 *c)
{
    const float x = (h->x + b->window * 1.25F) / 0.44F, y = (h->y + 0.62F) / 0.32F;
    if (curve_magnitude(x) > 1 || curve_magnitude(y) > 1)
        return false;
    const struct palette *p = b->palette;
    if (curve_magnitude(x) > 0.88F || curve_magnitude(y) > 0.84F) {
        *c = palette_lit(p, 0xb8863a);
        return true;
    }
    const float hill = 0.15F + 0.35F * noise_line(x * 1.6F + 8, b->seed);
    *c = palette_lit(p, y > hill + 0.35F ? 0x5f7f3f
                        : y > hill       ? 0x86a868
                        : y > -0.3F      ? 0xe8c898
                                         : 0x86b0d0);
    return true;
}

static struct colour3 far_wall(const struct box *b, const struct hit *h)
{
    const struct palette *p = b->palette;
    const float cloth = curtain(b, h);
    struct colour3 c;
    if (cloth > 0)
        return palette_scale(palette_lit(p, b->seed % 2 ? 0xb0503c : 0x3f6f7a), cloth);
    if (window_part(b, h) == 1)
        return palette_lit(p, 0xf4efe4);
    if (painting(b, h, &c))
        return c;
    if (h->y > 0.90F)
        return palette_lit(p, 0xf0e8d8); /* skirting */
    if (h->y > 0.36F) {
        const float panel = curve_part(h->x * 1.6F + 0.5F) - 0.5F;
        const bool edge = curve_magnitude(panel) > 0.44F || h->y < 0.40F ||
                          curve_magnitude(h->y - 0.64F) > 0.2F;
        return palette_scale(palette_lit(p, 0xe4d8c0), edge ? 1 : 0.92F);
    }
    const float stripe = curve_part(h->x * 4.5F) < 0.5F ? 1 : 0.955F;
    return palette_scale(palette_lit(p, b->seed % 2 ? 0xc8b48a : 0x9fb09a), stripe);
}

static struct colour3 side_wall(const struct box *b, const struct hit *h)
{
    const struct palette *p = b->palette;
    const bool shelf_side = (h->x > 0) != (b->window > 0);
    if (h->y > 0.90F)
        return palette_lit(p, 0xdcd2c0);
    if (shelf_side && within(h->z, 2.9F, 4.3F) && h->y > -1.05F) { /* books */
        const float row = curve_part((h->y + 1.05F) / 0.39F), book = h->z * 22 + 5 * row;
        if (row < 0.10F || !within(h->z, 2.95F, 4.25F))
            return palette_lit(p, 0x6a4428);
        static const uint32_t spines[] = {0x8a3a30, 0x3f5f7a, 0xc09a50,
                                          0x4a6a48, 0x7a5a78, 0xd8c8a8};
        const int i = curve_floor(h->z * 15), shelf = curve_floor((h->y + 1.05F) / 0.39F);
        const float tall = 0.16F + 0.28F * curve_random(i, shelf, b->seed);
        if (row < tall || curve_part(h->z * 15) < 0.06F)
            return palette_lit(p, 0x3a2618);
        (void)book;
        return palette_lit(p, spines[curve_hash(i, shelf, b->seed + 3) % 6]);
    }
    if (h->y > 0.36F)
        return palette_scale(palette_lit(p, 0xe4d8c0), 0.86F);
    return palette_scale(palette_lit(p, b->seed % 2 ? 0xc8b48a : 0x9fb09a), 0.84F);
}

static struct colour3 room_floor(const struct box *b, const struct hit *h)
{
    const struct palette *p = b->palette;
    const float dx = h->x / 1.55F, dz = (h->z - 3.35F) / 0.95F, d = dx * dx + dz * dz;
    if (d < 1) { /* a rug in rings */
        const bool ring = within(d, 0.80F, 0.88F) || within(d, 0.30F, 0.36F);
        const struct colour3 c = palette_lit(p, ring          ? 0xe8d0a0
                                                : b->seed % 2 ? 0x4f6a7f
                                                              : 0x9a4a3c);
        return palette_scale(c, 0.95F + 0.06F * noise_at(noise_tile(), h->x * 400, h->z * 400));
    }
    const float board = h->x / 0.34F;
    const float tone =
        0.88F +
        0.2F * curve_random(curve_floor(board),
                            curve_floor(h->z * 0.6F + 7 * curve_random(curve_floor(board), 2, 5)),
                            b->seed);
    const float grain = noise_at(noise_tile(), h->x * 300, h->z * 22);
    const float gap = curve_part(board) < h->px / 0.34F + 0.02F ? 0.70F : 1;
    return palette_scale(palette_lit(p, 0xa06a40), tone * gap * (1 + 0.10F * grain));
}

/* Light that comes through the window on the floor, and from the lamp at night. */
static struct colour3 indoors(const struct box *b, const struct hit *h, struct colour3 c)
{
    const struct palette *p = b->palette;
    const float away = b->back - h->z;
    if (p->is_night || p->light[1] < 0.6F) {
        const float dx = h->x + 1.95F, dy = h->y + 0.1F, dz = h->z - 4.4F; /* beside the couch */
        const float lamp = 1 / (0.6F + 0.35F * (dx * dx + dy * dy + dz * dz));
        const struct colour3 warm = palette_rgb(0xffb860);
        c = palette_scale(c, 0.58F + 0.80F * lamp);
        c.u = curve_mix(c.u, warm.u * curve_min(c.y * 1.5F, 1), curve_clamp(lamp, 0, 0.75F));
        c.v = curve_mix(c.v, warm.v * curve_min(c.y * 1.5F, 1), curve_clamp(lamp, 0, 0.75F));
        return c;
    }
    const float lean = h->x - b->window + away * (b->sky->sun_x > 0 ? 0.35F : -0.35F);
    if (h->on == HIT_FLOOR && within(away, 0.5F, 2.3F) && curve_magnitude(lean) < HALF &&
        curve_magnitude(lean) > 0.03F && curve_magnitude(away - 1.4F) > 0.04F)
        return palette_mix(palette_scale(c, 1.30F), p->sun, 0.16F);
    const float dx = h->x - b->window, glow = 1 / (1 + 0.30F * (dx * dx + away * away));
    return palette_scale(c, 0.66F + 0.40F * glow);
}

static struct paint room(const struct box *b, float x, float v, float step)
{
    const struct hit h = hit_at(b, x, v, step);
    struct colour3 c;
    if (h.on == HIT_BACK)
        c = far_wall(b, &h);
    else if (h.on == HIT_SIDE)
        c = side_wall(b, &h);
    else if (h.on == HIT_FLOOR)
        c = room_floor(b, &h);
    else
        c = palette_scale(palette_lit(b->palette, 0xf0e8da), 0.88F);
    /* Where two faces meet it is a little darker. */
    const float corner = curve_min(curve_min(b->side - curve_magnitude(h.x), b->back - h.z) +
                                       (h.on == HIT_SIDE || h.on == HIT_BACK ? 9 : 0),
                                   curve_min(1 - h.y, h.y + b->top) +
                                       (h.on == HIT_SIDE || h.on == HIT_BACK ? 0 : 9));
    c = palette_scale(c, 0.80F + 0.20F * curve_step(0, 0.35F, corner));
    const bool open = h.on == HIT_BACK && window_part(b, &h) == 2 && curtain(b, &h) <= 0;
    return (struct paint){.colour = indoors(b, &h, c), .cover = open ? 0.08F : 1};
}

/* The street: a row of houses on each side, each LOT long. */

#define LOT    2.3F
#define STOREY 0.92F

struct house {
    int i;
    float at;   /* along its front, 0..1 */
    float tall; /* in heights of the eye, over the street */
    uint32_t colour;
};

static struct house house_at(const struct box *b, const struct hit *h)
{
    static const uint32_t fronts[] = {0xc8785a, 0xe0c890, 0x8fa8b0, 0xd8a890,
                                      0xa8b48a, 0xb86a5a, 0xd8d0c0, 0x9a8aa8};
    const float along = h->z / LOT + 0.31F;
    const int i = curve_floor(along) * 2 + (h->x > 0);
    const int storeys = 3 + (int)(curve_hash(i, 1, b->seed) % 3);
    return (struct house){.i = i,
                          .at = curve_part(along),
                          .tall = STOREY * (float)storeys + 0.25F,
                          .colour = fronts[curve_hash(i, 2, b->seed) % 8]};
}

static struct colour3 window_glass(const struct box *b, float lot)
{
    const struct palette *p = b->palette;
    if (lot < b->sparkle)
        return palette_rgb(lot < b->sparkle * 0.2F ? 0xcfe8ff : 0xffd080);
    return palette_mix(palette_lit(p, 0x4a5a6a), p->middle, 0.35F);
}

/* The ground floor: a shop window under an awning, and a door. */
static struct colour3 shop(const struct box *b, const struct house *s, float up,
                           struct colour3 wall)
{
    const struct palette *p = b->palette;
    const uint32_t awnings[] = {0xb83a3a, 0x2f6a5a, 0x2f4f8a, 0xc8882a};
    const float lot = curve_random(s->i, 9, b->seed);
    if (up > STOREY - 0.10F)
        return palette_scale(wall, 0.75F);
    if (within(up, 0.66F, STOREY - 0.10F) && within(s->at, 0.06F, 0.94F)) {
        const struct colour3 cloth = palette_lit(p, awnings[curve_hash(s->i, 5, b->seed) % 4]);
        return curve_part(s->at * 7) < 0.5F ? cloth : palette_lit(p, 0xf0e8d8);
    }
    if (within(s->at, 0.76F, 0.92F))
        return palette_lit(p, up < 0.62F ? 0x4a3428 : 0x2a2420);
    if (within(s->at, 0.10F, 0.70F) && within(up, 0.14F, 0.64F)) {
        if (curve_magnitude(s->at - 0.4F) < 0.008F)
            return palette_scale(wall, 0.6F);
        return window_glass(b, lot * (b->sparkle > 0.2F ? 0.6F : 1));
    }
    return palette_scale(wall, 0.86F);
}

/* An upright sign with bars of light, on every second house. */
static bool sign(const struct box *b, const struct house *s, float up, struct colour3 *c)
{
    static const uint32_t tubes[] = {0xff4fa8, 0x4fe0ff, 0xffd84f, 0x9a7aff, 0x6aff9a};
    if (curve_hash(s->i, 30, b->seed) % 3 == 0 || !within(s->at, 0.025F, 0.135F) ||
        !within(up, 1.12F, 2.45F))
        return false;
    const struct colour3 tube = palette_rgb(tubes[curve_hash(s->i, 31, b->seed) % 5]);
    const float row = curve_part((up - 1.12F) * 5.3F), d = curve_magnitude(s->at - 0.08F);
    const bool edge = d > 0.046F || within(up, 1.12F, 1.16F) || up > 2.41F;
    const bool mark = d < 0.034F && row > 0.25F &&
                      curve_random(curve_floor((up - 1.12F) * 5.3F),
                                   curve_floor((s->at - 0.025F) * 60), b->seed + 9) < 0.62F;
    *c = edge || mark ? tube : palette_scale(tube, 0.22F);
    return true;
}

static struct colour3 front(const struct box *b, const struct hit *h, const struct house *s)
{
    const struct palette *p = b->palette;
    const float up = 1 - h->y;
    const float rough = noise_at(noise_tile(), h->z * 160, h->y * 160);
    struct colour3 wall = palette_scale(palette_lit(p, s->colour), 0.96F + 0.06F * rough);
    const float to_sun = (h->x > 0) == (b->sky->sun_x < 0) ? 1.04F : 0.80F;
    wall = palette_scale(wall, to_sun);
    if (up > s->tall - 0.22F)
        return b->snow && up > s->tall - 0.07F
                   ? palette_lit(p, 0xf4f8ff)
                   : palette_scale(wall, up > s->tall - 0.16F ? 1.12F : 0.62F);
    if (up < STOREY)
        return shop(b, s, up, wall);
    struct colour3 neon;
    if (b->palette->is_dark && sign(b, s, up, &neon))
        return neon;
    const float cols = 3 + (float)(curve_hash(s->i, 4, b->seed) % 2);
    const float wx = curve_part(s->at * cols), wy = curve_part(up / STOREY);
    const int id = curve_floor(s->at * cols) + 8 * curve_floor(up / STOREY);
    if (within(wx, 0.26F, 0.74F) && within(wy, 0.24F, 0.78F)) {
        const bool bar = curve_magnitude(wx - 0.5F) < 0.02F || curve_magnitude(wy - 0.56F) < 0.015F;
        return bar ? palette_lit(p, 0xf0ece4)
                   : window_glass(b, curve_random(s->i, 100 + id, b->seed));
    }
    if (within(wx, 0.20F, 0.80F) && within(wy, 0.18F, 0.84F))
        return palette_scale(palette_lit(p, 0xece4d8), to_sun * (wy < 0.24F ? 1.05F : 0.95F));
    return palette_scale(wall, s->at < 0.02F ? 0.75F : 1);
}

static struct paint street(const struct box *b, float x, float v, float step)
{
    const struct hit h = hit_at(b, x, v, step);
    const struct house s = house_at(b, &h);
    const float up = 1 - h.y;
    if (h.on != HIT_SIDE || up > s.tall)
        return (struct paint){.colour = palette_lit(b->palette, s.colour)};
    struct colour3 c = front(b, &h, &s);
    c = palette_scale(c, 0.72F + 0.28F * curve_step(0, 0.8F, up));
    c = palette_mix(c, b->palette->haze, palette_haze(b->palette, h.z));
    return (struct paint){.colour = c, .cover = curve_clamp((s.tall - up) / h.px, 0, 1)};
}

/* Two looks at each pixel, so that slanting edges are not stairs. */
void box_brush(void *arg, struct layer_line *line)
{
    const struct box *b = arg;
    const float aside = 0.25F * line->step;
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        struct paint p[2];
        for (int k = 0; k < 2; k++) {
            const float d = k ? aside : -aside;
            p[k] = b->kind == BOX_ROOM ? room(b, x + d, line->at + 0.6F * d, line->step)
                                       : street(b, x + d, line->at + 0.6F * d, line->step);
        }
        const float sum = p[0].cover + p[1].cover;
        const struct colour3 c =
            palette_mix(p[0].colour, p[1].colour, sum > 0 ? p[1].cover / sum : 0.5F);
        layer_put(line, i, c, 0.5F * sum);
    }
}
