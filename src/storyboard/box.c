/* box.c - looking into a painted box; see box.h. SPDX-License-Identifier: MIT */
#include "storyboard/box.h"

#include "storyboard/curve.h"

enum { KNOT = 8 };

void box_init(struct box *b, enum box_kind kind, const struct palette *palette,
              const struct sky *sky, uint32_t seed)
{
    *b = (struct box){.kind = kind, .palette = palette, .sky = sky, .seed = seed};
    if (kind == BOX_ROOM) {
        b->side = 2.9F;
        b->top = 1.75F;
        b->back = 4.9F;
        b->window = 0.75F;
    } else {
        b->side = 1.9F;
        b->top = 1e6F;
        b->back = 30;
    }
}

/* The same for a whole line: what does not change along it. */
struct look {
    float right, left; /* 1 / distance to the walls                       */
    float ahead;       /* 1 / distance to what is met above, below, ahead */
    float x, y, z;
};

static struct look look_at(const struct box *b, const struct stage_pose *p, float v)
{
    const float up = curve_max(b->top - p->y, 0.1F), down = curve_max(1 + p->y, 0.1F);
    return (struct look){
        .right = 1 / curve_max(b->side - p->x, 0.1F),
        .left = 1 / curve_max(b->side + p->x, 0.1F),
        .ahead = curve_max(v > 0 ? v / down : -v / up, 1 / curve_max(b->back - p->z, 0.1F)),
        .x = p->x,
        .y = p->y,
        .z = p->z,
    };
}

static inline float nearness(const struct look *l, float x)
{
    const float side = x > 0 ? x * l->right : -x * l->left;
    return side > l->ahead ? side : l->ahead;
}

void box_look(const struct box *b, const struct stage_pose *pose, float x, float v, float *x0,
              float *v0)
{
    const struct look l = look_at(b, pose, v);
    const float q = nearness(&l, x), k = 1 / (l.z * q + 1);
    *x0 = (x + l.x * q) * k;
    *v0 = (v - l.y * q) * k;
}

/* Layer positions along a line, 24.8. */
struct line {
    int32_t x[ROWS_MOST_WIDTH + KNOT], y[ROWS_MOST_WIDTH + KNOT];
};

struct grid {
    float first, step; /* px of the frame: of sample 0, from one to the next */
    float row;
    float density; /* of the plane */
    int width, height;
};

/* Every KNOT samples the position is worked out, between them it runs straight. */
static void find(struct line *out, const struct layer_frame *f, const struct grid *g, int n)
{
    const struct layer *l = f->layer;
    const float inverse = 1 / f->far.scale, v = (g->row - f->far.y) * inverse;
    const struct look look = look_at(l->box, &f->pose, v);
    const float most_x = (float)(g->width - 1) - 0.01F, most_y = (float)(g->height - 1) - 0.01F;
    int32_t x0 = 0, y0 = 0;
    for (int i = 0; i <= n + KNOT - 1; i += KNOT) {
        const float x = (g->first + g->step * (float)i - f->far.x) * inverse;
        const float q = nearness(&look, x), k = 1 / (look.z * q + 1);
        const float at_x = ((x + look.x * q) * k - l->left) * g->density - 0.5F;
        const float at_y = ((v - look.y * q) * k - l->top) * g->density - 0.5F;
        const int32_t x1 = (int32_t)(curve_clamp(at_x, 0, most_x) * 65536);
        const int32_t y1 = (int32_t)(curve_clamp(at_y, 0, most_y) * 65536);
        for (int j = 0; i > 0 && j < KNOT; j++) {
            out->x[i - KNOT + j] = (x0 + (x1 - x0) / KNOT * j) >> 8;
            out->y[i - KNOT + j] = (y0 + (y1 - y0) / KNOT * j) >> 8;
        }
        x0 = x1;
        y0 = y1;
    }
}

static inline int between(const uint8_t *p, int stride, int kx, int ky)
{
    const int top = p[0] * (256 - kx) + p[1] * kx,
              low = p[stride] * (256 - kx) + p[stride + 1] * kx;
    return (top * (256 - ky) + low * ky) >> (16 - ROWS_BITS);
}

/* Two bytes side by side. */
static inline unsigned pair_at(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static void over(int16_t *out, const struct line *at, const uint8_t *plane, const uint8_t *cover,
                 int stride, int n)
{
    for (int i = 0; i < n; i++) {
        /* find wrote all of it. NOLINTNEXTLINE(clang-analyzer-core.*) */
        const int64_t from = (int64_t)(at->y[i] >> 8) * stride + (at->x[i] >> 8);
        const unsigned top = pair_at(cover + from), low = pair_at(cover + from + stride);
        if ((top | low) == 0)
            continue;
        const int kx = at->x[i] & 255, ky = at->y[i] & 255;
        const int value = between(plane + from, stride, kx, ky);
        if ((top & low) == 0xffff) {
            out[i] = (int16_t)value;
            continue;
        }
        const int k = between(cover + from, stride, kx, ky); /* 0..255 << ROWS_BITS */
        out[i] = (int16_t)(out[i] + ((value - out[i]) * (k >> 2) >> 13));
    }
}

void box_draw(const struct layer_frame *f, struct rows *r)
{
    const struct layer *l = f->layer;
    struct line at;
    for (int i = 0; i < 2; i++) {
        const struct grid g = {.first = 0.5F,
                               .step = 1,
                               .row = (float)(2 * r->pair + i) + 0.5F,
                               .density = l->density,
                               .width = l->width,
                               .height = l->height};
        find(&at, f, &g, r->width);
        over(r->y[i], &at, l->y, l->a, l->width, r->width);
    }
    const struct grid g = {.first = 0.5F,
                           .step = 2,
                           .row = (float)(2 * r->pair) + 1,
                           .density = l->density / 2,
                           .width = l->width / 2,
                           .height = l->height / 2};
    find(&at, f, &g, r->width / 2);
    over(r->u, &at, l->u, l->c, l->width / 2, r->width / 2);
    over(r->v, &at, l->v, l->c, l->width / 2, r->width / 2);
}
