/* layer_draw.c - layers into the rows of a frame; see layer.h. This is where the time of a film
 * goes: plain loops that a compiler turns into vectors.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/layer.h"

#include "storyboard/curve.h"

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
    const double x = -(double)view.x * step - ((double)l->left + (double)(l->drift * t)) * l->density;
    const double y = -(double)view.y * step - (double)l->top * l->density;
    f->step = fixed(step);
    f->x0 = fixed(x + 0.5 * step - 0.5);
    f->y0 = fixed(y + 0.5 * step - 0.5);
    /* A chroma sample of a frame stands on its left luma column, between its two rows. */
    f->half_x0 = fixed((x + 0.5 * step) / 2 - 0.5);
    f->half_y0 = fixed((y + step) / 2 - 0.5);
    make_taps(f->taps, stage->width, f->x0, f->step, l->width);
    make_taps(f->half_taps, stage->width / 2, f->half_x0, f->step, l->width / 2);
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
    if (!f->layer)
        return 0;
    const struct layer_span *s = f->layer->spans;
    struct between a = find_rows(f->y0 + 2 * pair * f->step, f->layer->height);
    struct between b = find_rows(f->y0 + (2 * pair + 1) * f->step, f->layer->height);
    return s[a.top].full && s[a.top + 1].full && s[b.top].full && s[b.top + 1].full;
}

static void blend_rows(int16_t *out, const uint8_t *a, const uint8_t *b, int weight, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (int16_t)(a[i] * (128 - weight) + b[i] * weight);
}

static inline int tap(const int16_t *line, int32_t t)
{
    int column = t >> 8, weight = t & 255;
    return line[column] + (((line[column + 1] - line[column]) * weight) >> 7);
}

/* Samples of one plane along a row of the frame, columns first..end. */
struct sampler {
    const int32_t *taps;
    int64_t step;
    int first, end;   /* of the frame                                     */
    int left, right;  /* of the layer: what the taps of first..end read   */
    struct between at;
    int stride;
};

static void sample(int16_t *out, const uint8_t *plane, const struct sampler *s)
{
    int16_t line[ROWS_MOST_WIDTH * 4];
    const uint8_t *a = plane + (size_t)s->at.top * (size_t)s->stride + s->left;
    const int n = s->right - s->left;
    if (n <= 0 || n > ROWS_MOST_WIDTH * 4)
        return;
    blend_rows(line, a, a + s->stride, s->at.weight, n);
    const int32_t shift = s->left << 8;
    if (s->step == ONE && s->taps[s->first] >> 8 < s->right - (s->end - s->first)) {
        const int16_t *from = line + (s->taps[s->first] >> 8) - s->left;
        const int weight = s->taps[s->first] & 255;
        for (int i = 0; i < s->end - s->first; i++)
            out[s->first + i] = (int16_t)(from[i] + (((from[i + 1] - from[i]) * weight) >> 7));
        return;
    }
    for (int x = s->first; x < s->end; x++)
        out[x] = (int16_t)tap(line, s->taps[x] - shift);
}

static void cover(int16_t *to, const int16_t *from, const int16_t *a, int first, int end)
{
    for (int x = first; x < end; x++) {
        int k = a[x] + (a[x] >> 7); /* 0..32895 becomes 0..1 with 15 bits, nearly */
        k = k > 32767 ? 32767 : k;
        to[x] = (int16_t)(to[x] + (((from[x] - to[x]) * k) >> 15));
    }
}

/* The columns of the frame whose taps touch the span. */
static bool find_columns(struct sampler *s, struct layer_span a, struct layer_span b, int n)
{
    const int first = a.first < b.first ? a.first : b.first;
    const int end = a.end > b.end ? a.end : b.end;
    int low = 0, high = n;
    if (end <= first)
        return false;
    while (low < high && (s->taps[low] >> 8) + 1 < first)
        low++;
    while (high > low && (s->taps[high - 1] >> 8) >= end)
        high--;
    if (low == high)
        return false;
    s->first = low;
    s->end = high;
    s->left = s->taps[low] >> 8;
    s->right = (s->taps[high - 1] >> 8) + 2;
    return true;
}

static void draw_plane(int16_t *to, const uint8_t *plane, const int16_t *alpha, bool full,
                       const struct sampler *s)
{
    int16_t colour[ROWS_MOST_WIDTH];
    if (full) {
        sample(to, plane, s);
        return;
    }
    sample(colour, plane, s);
    cover(to, colour, alpha, s->first, s->end);
}

static void draw_luma(const struct layer_frame *f, struct rows *r, int i)
{
    const struct layer *l = f->layer;
    int16_t alpha[ROWS_MOST_WIDTH];
    struct sampler s = {.taps = f->taps, .step = f->step, .stride = l->width};
    s.at = find_rows(f->y0 + (2 * r->pair + i) * f->step, l->height);
    const struct layer_span a = l->spans[s.at.top], b = l->spans[s.at.top + 1];
    if (!find_columns(&s, a, b, r->width))
        return;
    const bool full = a.full && b.full;
    if (!full)
        sample(alpha, l->a, &s);
    draw_plane(r->y[i], l->y, alpha, full, &s);
}

static void draw_chroma(const struct layer_frame *f, struct rows *r)
{
    const struct layer *l = f->layer;
    int16_t alpha[ROWS_MOST_WIDTH / 2];
    struct sampler s = {.taps = f->half_taps, .step = f->step, .stride = l->width / 2};
    s.at = find_rows(f->half_y0 + r->pair * f->step, l->height / 2);
    const struct layer_span a = l->half_spans[s.at.top], b = l->half_spans[s.at.top + 1];
    if (!find_columns(&s, a, b, r->width / 2))
        return;
    const bool full = a.full && b.full;
    if (!full)
        sample(alpha, l->c, &s);
    draw_plane(r->u, l->u, alpha, full, &s);
    draw_plane(r->v, l->v, alpha, full, &s);
}

void layer_draw(const struct layer_frame *f, struct rows *r)
{
    if (!f->layer)
        return;
    draw_luma(f, r, 0);
    draw_luma(f, r, 1);
    draw_chroma(f, r);
}
