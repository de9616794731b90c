/* parallax_draw.c - one frame of a film over a picture; see parallax.h.
 *
 * For a row of the frame the whole row of a plane is one row of its sheet, somewhere between two of
 * its lines, at one pace: the camera neither rolls nor does a plane lean to a side. So a row is
 * first mixed from four lines of the sheet, then looked up along itself, in stretches that stay in
 * the closest cache. Stretches that a nearer sheet hides are not drawn.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "storyboard/curve.h"
#include "storyboard/dolly.h"
#include "storyboard/parallax_impl.h"
#include "storyboard/rows.h"

enum {
    ONE = 1 << 16,
    RUN = 96,       /* px of a row drawn at once             */
    LINE = 2 * RUN, /* of the sheet for them, with room      */
    MOST_RUNS = ROWS_MOST_WIDTH / RUN + 1,
};

/* Where the row of a frame lies in a sheet, in 16.16 samples. */
struct line {
    int64_t row, column, step;
    float near;
};

/* One frame under work. */
struct work {
    struct parallax *parallax;
    struct dolly_pose pose;
    struct added_frame added;
    struct frame *out;
};

/* A pair of rows under work. */
struct pair {
    const struct work *work;
    struct rows rows;
    struct line luma[DEPTH_MOST][2], chroma[DEPTH_MOST];
    bool gone[DEPTH_MOST]; /* the camera has passed it */
    int n_runs;
    uint8_t flags[DEPTH_MOST][MOST_RUNS]; /* SHEET_SOME, SHEET_HOLES            */
    uint8_t start[MOST_RUNS];             /* the farthest sheet that is seen    */
};

/* Beyond its edge a sheet goes on mirrored. */
static int mirror(int i, int n)
{
    i = i < 0 ? -i - 1 : i;
    i = i >= n ? 2 * n - 1 - i : i;
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static int64_t fixed(double x)
{
    return (int64_t)(x * ONE + (x < 0 ? -0.5 : 0.5));
}

/* Where the middle y of a row of the frame, in px, lies in a plane. See struct dolly_pose; solved
 * for the row of the picture: nearness d = at + slope * v and y * (1 - z * d) = v - shift * d. */
static bool find_line(const struct work *w, struct depth_plane plane, double y, struct line *out)
{
    const struct dolly_pose *p = &w->pose;
    const double width = w->out->width, height = w->out->height, zoom = (double)p->zoom;
    const double z = (double)p->z, shift = (double)p->y * height;
    const double at = (double)plane.at, slope = (double)plane.slope;
    y = (y - height / 2) / zoom + (double)p->tilt * height;
    const double v = (y * (1 - z * at) + shift * at) / (1 - shift * slope + y * z * slope);
    double d = at + slope * v;
    d = d < 0 ? 0 : d;
    const double scale = 1 - z * d, step = scale / zoom;
    *out = (struct line){.near = (float)d};
    if (scale < 0.2 || step > 1.5)
        return false;
    const double left = (-width / 2 / zoom + (double)p->pan * width) * scale +
                        (double)p->x * width * d + width / 2;
    *out = (struct line){.row = fixed(v + height / 2 - 0.5),
                         .column = fixed(left + step / 2 - 0.5),
                         .step = fixed(step),
                         .near = (float)d};
    return true;
}

/* The same in the planes of chroma: half the size, sited at the left, between two lines. */
static bool find_chroma(const struct work *w, struct depth_plane plane, int pair, struct line *out)
{
    if (!find_line(w, plane, 2 * pair + 1, out))
        return false;
    out->row = (out->row + ONE / 2) / 2 - ONE / 2;
    out->column /= 2;
    return true;
}

/* What a sheet shows in a stretch of a row. */
static int look(const struct sheet *s, const struct line *l, int from, int n)
{
    const int width = s->picture->width, height = s->picture->height;
    int first = (int)((l->column + from * l->step) >> 16);
    int last = (int)((l->column + (from + n - 1) * l->step) >> 16) + 1;
    if (first < 0 || last >= width) {
        const int a = mirror(first, width), b = mirror(last, width);
        first = first < 0 ? 0 : a < b ? a : b;
        last = last >= width ? width - 1 : a > b ? a : b;
    }
    int flags = 0;
    for (int i = 0; i < 2; i++) {
        const uint8_t *block = s->block +
                               (int64_t)mirror((int)(l->row >> 16) + i, height) * s->n_blocks;
        for (int b = first / SHEET_BLOCK; b <= last / SHEET_BLOCK; b++)
            flags |= block[b];
    }
    return flags;
}

static void plan_pair(struct pair *p)
{
    const struct parallax *x = p->work->parallax;
    for (int k = 0; k < x->n_sheets; k++) {
        const struct depth_plane plane = x->sheet[k]->plane;
        p->gone[k] = false;
        for (int i = 0; i < 2; i++)
            p->gone[k] |= !find_line(p->work, plane, 2 * p->rows.pair + i + 0.5, &p->luma[k][i]);
        p->gone[k] |= !find_chroma(p->work, plane, p->rows.pair, &p->chroma[k]);
    }
    for (int r = 0; r < p->n_runs; r++) {
        const int from = r * RUN, n = p->rows.width - from < RUN ? p->rows.width - from : RUN;
        p->start[r] = 0;
        for (int k = 0; k < x->n_sheets; k++) {
            p->flags[k][r] = 0;
            for (int i = 0; i < 2 && !p->gone[k]; i++)
                p->flags[k][r] |= (uint8_t)look(x->sheet[k], &p->luma[k][i], from, n);
            if (p->flags[k][r] == SHEET_SOME)
                p->start[r] = (uint8_t)k;
        }
    }
}

/* Samples of a plane under work. */
struct source {
    const uint8_t *at;
    int stride, width, height;
};

/* Four lines of the sheet mixed into one, n samples from column first on. */
static void mix_rows(int16_t *out, const struct source *s, int first, int n, int row,
                     const struct taps *taps)
{
    const int16_t *w = taps->of;
    const uint8_t *in[4];
    for (int k = 0; k < 4; k++)
        in[k] = s->at + (int64_t)mirror(row - 1 + k, s->height) * s->stride;
    if (first >= 0 && first + n <= s->width) {
        for (int k = 0; k < 4; k++)
            in[k] += first;
        for (int i = 0; i < n; i++)
            out[i] =
                (int16_t)(in[0][i] * w[0] + in[1][i] * w[1] + in[2][i] * w[2] + in[3][i] * w[3]);
        return;
    }
    for (int i = 0; i < n; i++) {
        const int x = mirror(first + i, s->width);
        out[i] = (int16_t)(in[0][x] * w[0] + in[1][x] * w[1] + in[2][x] * w[2] + in[3][x] * w[3]);
    }
}

/* The stretch of a sheet's row under n samples, from the column before them on, and where in it
 * the first sample lies, in 16.16. */
struct stretch {
    int first, n;
    struct taps_walk walk;
};

static struct stretch stretch_of(const struct line *l, int from, int n)
{
    const int64_t x = l->column + from * l->step;
    const int first = (int)(x >> 16) - 1;
    return (struct stretch){
        .first = first,
        .n = (int)((x + (n - 1) * l->step) >> 16) + 3 - first,
        .walk = {.x = (uint32_t)(x - (int64_t)first * ONE), .step = (uint32_t)l->step}};
}

/* n samples of a row, with ROWS_BITS of fraction. */
static void sample(int16_t *restrict out, int n, const struct source *s, const struct line *l,
                   int from, const struct parallax *p)
{
    int16_t line[LINE];
    const struct stretch at = stretch_of(l, from, n);
    mix_rows(line, s, at.first, at.n, (int)(l->row >> 16), &p->down[l->row >> 8 & 255]);
    taps_run(out, n, line, at.walk, p->across);
}

/* n covers of a row, 0..256. */
static void sample_cover(int16_t *restrict out, int n, const struct sheet *s, const struct line *l,
                         int from)
{
    int16_t line[LINE];
    const int width = s->picture->width, height = s->picture->height;
    const int row = (int)(l->row >> 16), down = (int)(l->row >> 9 & 127);
    const uint8_t *a = s->cover + (int64_t)mirror(row, height) * width;
    const uint8_t *b = s->cover + (int64_t)mirror(row + 1, height) * width;
    const struct stretch at = stretch_of(l, from, n);
    if (at.first >= 0 && at.first + at.n <= width)
        for (int i = 0; i < at.n; i++)
            line[i] = (int16_t)(a[at.first + i] * (128 - down) + b[at.first + i] * down);
    else
        for (int i = 0; i < at.n; i++) {
            const int x = mirror(at.first + i, width);
            line[i] = (int16_t)(a[x] * (128 - down) + b[x] * down);
        }
    taps_cover(out, n, line, at.walk);
}

static void blend(int16_t *to, const int16_t *from, const int16_t *cover, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (int16_t)(to[i] + (((from[i] - to[i]) * cover[i]) >> 8));
}

/* n samples of one plane of a sheet, with its covers unless it has no holes. */
static void lay(int16_t *to, int n, const struct source *s, const struct line *l, int from,
                const int16_t *cover, const struct parallax *p)
{
    int16_t samples[RUN];
    int first = 0;
    while (cover && n > 0 && cover[n - 1] == 0)
        n--;
    while (cover && first < n && cover[first] == 0)
        first++;
    if (first >= n)
        return;
    if (!cover) {
        sample(to, n, s, l, from, p);
        return;
    }
    sample(samples, n - first, s, l, from + first, p);
    blend(to + first, samples, cover + first, n - first);
}

static struct source source_of(const struct frame *f, int plane)
{
    return (struct source){.at = f->plane[plane],
                           .stride = f->stride[plane],
                           .width = f->width >> (plane > 0),
                           .height = f->height >> (plane > 0)};
}

static void draw_run(struct pair *p, int k, int r)
{
    const struct parallax *x = p->work->parallax;
    const struct sheet *s = x->sheet[k];
    const int from = r * RUN, n = p->rows.width - from < RUN ? p->rows.width - from : RUN;
    const bool holes = p->flags[k][r] & SHEET_HOLES;
    const struct source luma = source_of(s->picture, 0);
    int16_t cover[2][RUN], half[RUN / 2];
    for (int i = 0; i < 2; i++) {
        if (holes)
            sample_cover(cover[i], n, s, &p->luma[k][i], from);
        lay(p->rows.y[i] + from, n, &luma, &p->luma[k][i], from, holes ? cover[i] : NULL, x);
    }
    for (int i = 0; i < n / 2 && holes; i++)
        half[i] = (int16_t)((cover[0][2 * i] + cover[1][2 * i] + 1) >> 1);
    for (int plane = 1; plane < 3; plane++) {
        const struct source chroma = source_of(s->picture, plane);
        int16_t *to = (plane == 1 ? p->rows.u : p->rows.v) + from / 2;
        lay(to, n / 2, &chroma, &p->chroma[k], from / 2, holes ? half : NULL, x);
    }
}

/* The mist from what it has reached up to a nearness, over all that is drawn so far. */
static void draw_mist(struct pair *p, float *reached, float near)
{
    const int mist = added_mist(&p->work->added, *reached, near);
    *reached = curve_max(*reached, near);
    if (mist > 0)
        rows_veil(&p->rows, added_mist_colour(p->work->parallax->added), mist);
}

static void draw_sheets(struct pair *p)
{
    const struct parallax *x = p->work->parallax;
    float reached = 0;
    for (int k = 0; k < x->n_sheets; k++) {
        if (k == 0)
            reached = p->chroma[0].near;
        else if (!p->gone[k])
            draw_mist(p, &reached, p->chroma[k].near);
        for (int r = 0; r < p->n_runs; r++)
            if (p->start[r] <= k && (p->flags[k][r] & SHEET_SOME))
                draw_run(p, k, r);
        added_draw_guests(x->added, k > 0 ? x->before[k - 1] : -NOWHERE, x->before[k], &p->rows);
    }
    draw_mist(p, &reached, NOWHERE);
}

static void draw_pair(void *arg, int i)
{
    static const struct rows_finish plain;
    const struct work *w = arg;
    const struct parallax *x = w->parallax;
    struct pair p;
    p.work = w;
    p.rows.width = w->out->width;
    p.rows.pair = i;
    p.n_runs = (w->out->width + RUN - 1) / RUN;
    plan_pair(&p);
    draw_sheets(&p);
    added_draw(x->added, &w->added, &p.rows);
    rows_store(&p.rows, w->out, &plain);
}

void parallax_draw(struct parallax *p, float t, struct frame *out)
{
    struct work w = {.parallax = p, .pose = dolly_at(p->options.plan, t), .out = out};
    if (t <= 0) {
        frame_copy(out, p->picture);
        return;
    }
    added_place(&w.added, p->added, t);
    crew_run(p->crew, draw_pair, &w, out->height / 2);
}
