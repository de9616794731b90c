/* layer_draw.c - layers into the rows of a frame; see layer.h. This is where the time of a film
 * goes, in the loops of kernel.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/layer.h"

#include <stdbool.h>

#include "storyboard/box.h"
#include "storyboard/kernel.h"
#include "storyboard/layer_alive.h"

enum { ONE = 1 << 16 };

static int64_t fixed(double x)
{
    return (int64_t)(x * ONE + (x < 0 ? -0.5 : 0.5));
}

void layer_place(struct layer_frame *f, const struct layer *l, const struct stage *stage,
                 const struct stage_pose *pose, float t)
{
    const struct stage_view view = stage_view(stage, pose, l->depth);
    f->layer = view.scale > 0 ? l : NULL;
    if (!f->layer)
        return;
    /* Layer pixels per frame pixel, and the layer position of the frame's left and top edges. */
    const double step = (double)l->density / (double)view.scale;
    const double x = -(double)view.x * step -
                     ((double)l->left + (double)(l->drift * t)) * l->density;
    const double y = -(double)view.y * step - (double)l->top * l->density;
    f->step = fixed(step);
    f->x0 = fixed(x + 0.5 * step - 0.5);
    f->y0 = fixed(y + 0.5 * step - 0.5);
    /* A chroma sample of a frame stands on its left luma column, between its two rows. */
    f->half_x0 = fixed((x + 0.5 * step) / 2 - 0.5);
    f->half_y0 = fixed((y + step) / 2 - 0.5);
    layer_alive_place(f, stage, pose, t);
}

/* The two rows of the layer that a row of the frame lies between. */
struct between {
    int top;
    int weight; /* of the lower one, 0..128 */
};

static struct between find_rows(int64_t y, int height)
{
    int64_t at = y < 0 ? 0 : y;
    int row = (int)(at >> 16);
    if (row > height - 2)
        return (struct between){.top = height - 2, .weight = 128};
    return (struct between){.top = row, .weight = (int)((at >> 9) & 127)};
}

int layer_hides(const struct layer_frame *f, int pair)
{
    if (!f->layer || f->layer->box)
        return 0;
    const uint8_t *full = f->layer->full;
    struct between a = find_rows(f->y0 + 2 * pair * f->step, f->layer->height);
    struct between b = find_rows(f->y0 + (2 * pair + 1) * f->step, f->layer->height);
    return full[a.top] && full[a.top + 1] && full[b.top] && full[b.top + 1];
}

/* A row of the frame over two rows of the layer. */
struct sampler {
    int64_t x0, step; /* 16.16: layer column of the frame's column 0, columns per column */
    struct between at;
    int stride, n_blocks;
    const uint8_t *blocks; /* of the upper row; those of the lower one follow */
    int first, end;        /* columns of the frame in work */
    int left, right;       /* columns of the layer that they read */
};

enum { MOST_COLUMNS = ROWS_MOST_WIDTH * 4 };

/* The layer's column at or before a column of the frame; the one behind it is there too. */
static int column_at(const struct sampler *s, int x)
{
    const int64_t column = (s->x0 + x * s->step) >> 16;
    return column < 0 ? 0 : column > s->stride - 2 ? s->stride - 2 : (int)column;
}

static struct kernel_way way_of(const struct sampler *s)
{
    return (struct kernel_way){
        .at = (int32_t)(s->x0 + s->first * s->step - ((int64_t)s->left << 16)),
        .step = (int32_t)s->step,
        .last = (s->right - s->left - 1) << 16,
    };
}

/* The columns left..right of a plane between its two rows. */
static bool blend(int16_t *line, const uint8_t *plane, const struct sampler *s)
{
    const uint8_t *a = plane + (size_t)s->at.top * (size_t)s->stride + s->left;
    const int n = s->right - s->left;
    if (n <= 0 || n > MOST_COLUMNS)
        return false;
    kernel_set()->mix(line, a, a + s->stride, s->at.weight, n);
    line[n] = 0;
    return true;
}

static void sample(int16_t *out, const uint8_t *plane, const struct sampler *s)
{
    int16_t line[MOST_COLUMNS + KERNEL_SLACK];
    const struct kernel_way w = way_of(s);
    const int n = s->end - s->first;
    if (!blend(line, plane, s))
        return;
    if (s->step == ONE && w.at >= 0 && w.at + (n - 1) * ONE < w.last)
        kernel_set()->slide(out + s->first, line + (w.at >> 16), w.at >> 9 & 127, n);
    else
        kernel_set()->tap(out + s->first, line, &w, n);
}

/* One plane over what is there, where the layer is not opaque. */
static void cover(int16_t *to, const uint8_t *plane, const uint8_t *alpha, const struct sampler *s)
{
    int16_t colour[MOST_COLUMNS + KERNEL_SLACK], covers[MOST_COLUMNS + KERNEL_SLACK];
    const struct kernel_way w = way_of(s);
    if (blend(colour, plane, s) && blend(covers, alpha, s))
        kernel_set()->cover(to + s->first, colour, covers, &w, s->end - s->first);
}

/* The first column of the frame, up to n, that reads a column of the layer or those behind it. */
static int find_column(const struct sampler *s, int column, int n)
{
    const int64_t way = ((int64_t)column << 16) - s->x0;
    const int64_t x = way <= 0 ? 0 : (way + s->step - 1) / s->step;
    return x > n ? n : (int)x;
}

/* The next stretch of columns of the frame, n in all, over blocks of one kind; returns the kind,
 * or -1 when the row is done. */
static int next_run(struct sampler *s, int n)
{
    s->first = s->end;
    if (s->first >= n)
        return -1;
    const uint8_t *a = s->blocks, *b = s->blocks + s->n_blocks;
    int k = column_at(s, s->first) / LAYER_BLOCK;
    const int kind = a[k] | b[k];
    do
        k++;
    while (k < s->n_blocks && (a[k] | b[k]) == kind);
    s->end = k == s->n_blocks ? n : find_column(s, k * LAYER_BLOCK, n);
    s->end = s->end > s->first ? s->end : n; /* the layer ends here */
    s->left = column_at(s, s->first);
    s->right = column_at(s, s->end - 1) + 2;
    return kind;
}

/* One plane with its cover. */
static void draw_row(int16_t *to, const uint8_t *plane, const uint8_t *alpha, struct sampler s,
                     int n)
{
    for (;;) {
        const int kind = next_run(&s, n);
        if (kind < 0)
            return;
        if (kind == LAYER_SOME)
            sample(to, plane, &s);
        else if (kind & LAYER_SOME)
            cover(to, plane, alpha, &s);
    }
}

static void draw_luma(const struct layer_frame *f, struct rows *r, int i)
{
    const struct layer *l = f->layer;
    struct sampler s = {.step = f->step, .stride = l->width, .n_blocks = l->n_blocks};
    s.at = find_rows(f->y0 + (2 * r->pair + i) * f->step, l->height);
    s.x0 = f->x0 - layer_alive_swing(f, s.at.top);
    s.blocks = l->blocks + (size_t)s.at.top * (size_t)l->n_blocks;
    draw_row(r->y[i], l->y, l->a, s, r->width);
}

static void draw_chroma(const struct layer_frame *f, struct rows *r)
{
    const struct layer *l = f->layer;
    struct sampler s = {.step = f->step, .stride = l->width / 2, .n_blocks = l->n_half_blocks};
    s.at = find_rows(f->half_y0 + r->pair * f->step, l->height / 2);
    s.x0 = f->half_x0 - layer_alive_swing(f, 2 * s.at.top) / 2;
    s.blocks = l->half_blocks + (size_t)s.at.top * (size_t)l->n_half_blocks;
    draw_row(r->u, l->u, l->c, s, r->width / 2);
    draw_row(r->v, l->v, l->c, s, r->width / 2);
}

void layer_draw(const struct layer_frame *f, struct rows *r)
{
    if (!f->layer)
        return;
    if (f->layer->box) {
        box_draw(f, r);
    } else {
        draw_luma(f, r, 0);
        draw_luma(f, r, 1);
        draw_chroma(f, r);
    }
    layer_alive_draw(f, r);
}
