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

static void make_taps(int32_t *taps, int n, int64_t x, int64_t step, int width)
{
    for (int i = 0; i < n; i++, x += step) {
        int64_t at = x < 0 ? 0 : x;
        int column = (int)(at >> 16), weight = (int)((at >> 9) & 127);
        if (column > width - 2) {
            column = width - 2;
            weight = 128;
        }
        taps[i] = column << 8 | weight;
    }
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
    make_taps(f->taps, stage->width, f->x0, f->step, l->width);
    make_taps(f->half_taps, stage->width / 2, f->half_x0, f->step, l->width / 2);
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
    const int32_t *taps;
    int64_t step;
    struct between at;
    int stride, n_blocks;
    const uint8_t *blocks; /* of the upper row; those of the lower one follow */
    int first, end;        /* columns of the frame in work */
    int left, right;       /* columns of the layer that their taps read */
};

enum { MOST_COLUMNS = ROWS_MOST_WIDTH * 4 };

/* The columns left..right of a plane between its two rows. */
static bool blend(int16_t *line, const uint8_t *plane, const struct sampler *s)
{
    const uint8_t *a = plane + (size_t)s->at.top * (size_t)s->stride + s->left;
    const int n = s->right - s->left;
    if (n <= 0 || n > MOST_COLUMNS)
        return false;
    kernel_set()->mix(line, a, a + s->stride, s->at.weight, n);
    return true;
}

static void sample(int16_t *out, const uint8_t *plane, const struct sampler *s)
{
    int16_t line[MOST_COLUMNS + KERNEL_SLACK];
    int32_t taps[ROWS_MOST_WIDTH];
    const int n = s->end - s->first;
    if (!blend(line, plane, s))
        return;
    if (s->step == ONE && s->taps[s->first] >> 8 < s->right - n) {
        kernel_set()->slide(out + s->first, line + (s->taps[s->first] >> 8) - s->left,
                            s->taps[s->first] & 255, n);
        return;
    }
    for (int i = 0; i < n; i++)
        taps[i] = s->taps[s->first + i] - (s->left << 8);
    kernel_set()->tap(out + s->first, line, taps, n);
}

/* One plane over what is there, where the layer is not opaque. */
static void cover(int16_t *to, const uint8_t *plane, const uint8_t *alpha, const struct sampler *s)
{
    int16_t colour[MOST_COLUMNS + KERNEL_SLACK], covers[MOST_COLUMNS + KERNEL_SLACK];
    int32_t taps[ROWS_MOST_WIDTH];
    const int n = s->end - s->first;
    if (!blend(colour, plane, s) || !blend(covers, alpha, s))
        return;
    for (int i = 0; i < n; i++)
        taps[i] = s->taps[s->first + i] - (s->left << 8);
    kernel_set()->cover(to + s->first, colour, covers, taps, n);
}

/* The first column of the frame whose tap is not left of a column of the layer. */
static int find_tap(const int32_t *taps, int n, int column)
{
    int low = 0, high = n;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (taps[middle] >> 8 < column)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The next stretch of columns of the frame, n in all, over blocks of one kind; returns the kind,
 * or -1 when the row is done. */
static int next_run(struct sampler *s, int n)
{
    s->first = s->end;
    if (s->first == n)
        return -1;
    const uint8_t *a = s->blocks, *b = s->blocks + s->n_blocks;
    int k = (s->taps[s->first] >> 8) / LAYER_BLOCK;
    const int kind = a[k] | b[k];
    do
        k++;
    while (k < s->n_blocks && (a[k] | b[k]) == kind);
    s->end = k == s->n_blocks ? n : find_tap(s->taps, n, k * LAYER_BLOCK);
    s->left = s->taps[s->first] >> 8;
    s->right = (s->taps[s->end - 1] >> 8) + 2;
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
    struct sampler s = {
        .taps = f->taps, .step = f->step, .stride = l->width, .n_blocks = l->n_blocks};
    int32_t own[ROWS_MOST_WIDTH];
    s.at = find_rows(f->y0 + (2 * r->pair + i) * f->step, l->height);
    s.taps = layer_alive_taps(f, own, s.at.top, false, r->width);
    s.blocks = l->blocks + (size_t)s.at.top * (size_t)l->n_blocks;
    draw_row(r->y[i], l->y, l->a, s, r->width);
}

static void draw_chroma(const struct layer_frame *f, struct rows *r)
{
    const struct layer *l = f->layer;
    struct sampler s = {.taps = f->half_taps,
                        .step = f->step,
                        .stride = l->width / 2,
                        .n_blocks = l->n_half_blocks};
    int32_t own[ROWS_MOST_WIDTH / 2];
    s.at = find_rows(f->half_y0 + r->pair * f->step, l->height / 2);
    s.taps = layer_alive_taps(f, own, 2 * s.at.top, true, r->width / 2);
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
