/* box.c - looking into a painted box; see box.h. SPDX-License-Identifier: MIT */
#include "storyboard/box.h"

#include "storyboard/curve.h"
#include "storyboard/kernel.h"

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

/* Places in the painting along a line, 16.16, every KERNEL_PEEK samples. */
struct line {
    int32_t x[ROWS_MOST_WIDTH / KERNEL_PEEK + 2], y[ROWS_MOST_WIDTH / KERNEL_PEEK + 2];
};

struct grid {
    float first, step; /* px of the frame: of sample 0, from one to the next */
    float row;
    float density; /* of the plane */
    int width, height;
};

static void find(struct line *out, const struct layer_frame *f, const struct grid *g, int n)
{
    const struct layer *l = f->layer;
    const float inverse = 1 / f->far.scale, v = (g->row - f->far.y) * inverse;
    const struct look look = look_at(l->box, &f->pose, v);
    const float most_x = (float)(g->width - 1) - 0.01F, most_y = (float)(g->height - 1) - 0.01F;
    for (int i = 0; i < n / KERNEL_PEEK + 2; i++) {
        const float x = (g->first + g->step * (float)(i * KERNEL_PEEK) - f->far.x) * inverse;
        const float q = nearness(&look, x), k = 1 / (look.z * q + 1);
        const float at_x = ((x + look.x * q) * k - l->left) * g->density - 0.5F;
        const float at_y = ((v - look.y * q) * k - l->top) * g->density - 0.5F;
        out->x[i] = (int32_t)(curve_clamp(at_x, 0, most_x) * 65536);
        out->y[i] = (int32_t)(curve_clamp(at_y, 0, most_y) * 65536);
    }
}

void box_draw(const struct layer_frame *f, struct rows *r)
{
    const struct layer *l = f->layer;
    struct line at;
    struct kernel_peek w = {
        .cover = l->opaque ? NULL : l->a, .stride = l->width, .x = at.x, .y = at.y};
    for (int i = 0; i < 2; i++) {
        const struct grid g = {.first = 0.5F,
                               .step = 1,
                               .row = (float)(2 * r->pair + i) + 0.5F,
                               .density = l->density,
                               .width = l->width,
                               .height = l->height};
        find(&at, f, &g, r->width);
        w.plane = l->y;
        kernel_set()->peek(r->y[i], &w, r->width);
    }
    const struct grid g = {.first = 0.5F,
                           .step = 2,
                           .row = (float)(2 * r->pair) + 1,
                           .density = l->density / 2,
                           .width = l->width / 2,
                           .height = l->height / 2};
    find(&at, f, &g, r->width / 2);
    w.cover = l->opaque ? NULL : l->c;
    w.stride = l->width / 2;
    w.plane = l->u;
    kernel_set()->peek(r->u, &w, r->width / 2);
    w.plane = l->v;
    kernel_set()->peek(r->v, &w, r->width / 2);
}
