/* still.c - see still.h. SPDX-License-Identifier: MIT */
#include "storyboard/still.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/noise.h"

enum { ONE = 1 << 16, PHASES = 256, DOWN_BITS = 6, ACROSS_BITS = 10, MOST_WIDTH = 4096 };

/* The part of the image that fills the frame: 1 / zoom of it, its middle moved by x and y (in
 * sizes of the image). */
struct window {
    float zoom, x, y;
};

struct weights {
    int16_t of[4]; /* taps */
};

struct still {
    const struct plan *plan;
    struct crew *crew;
    struct frame *image;
    uint32_t seed;
    struct weights across[PHASES]; /* sum 1 << ACROSS_BITS */
    struct weights down[PHASES];   /* sum 1 << DOWN_BITS   */
};

/* The curve of Catmull and Rom: through the samples, so that standing still changes nothing. */
static void make_weights(struct weights out[PHASES], int bits)
{
    for (int i = 0; i < PHASES; i++) {
        const float t = (float)i / PHASES, one = (float)(1 << bits);
        const float w[4] = {0.5F * (-t + 2 * t * t - t * t * t), 0,
                            0.5F * (t + 4 * t * t - 3 * t * t * t), 0.5F * (-t * t + t * t * t)};
        int sum = 0;
        for (int k = 0; k < 4; k++) {
            out[i].of[k] = (int16_t)curve_floor(w[k] * one + 0.5F);
            sum += k == 1 ? 0 : out[i].of[k];
        }
        out[i].of[1] = (int16_t)((1 << bits) - sum);
    }
}

int still_open(struct still **out, const struct plan *plan, const struct image *image,
               struct crew *crew, struct error *err)
{
    struct still *s = mem_alloc(sizeof *s);
    s->plan = plan;
    s->crew = crew;
    s->seed = (uint32_t)plan->seed;
    s->image = frame_new(image->width, image->height);
    if (!s->image) {
        still_close(s);
        return error_set(err, ERR_MEMORY, "no memory for an image of %d x %d", image->width,
                         image->height);
    }
    frame_from_rgb(s->image, image->rgb, 3 * image->width);
    make_weights(s->across, ACROSS_BITS);
    make_weights(s->down, DOWN_BITS);
    *out = s;
    return 0;
}

void still_close(struct still *s)
{
    if (!s)
        return;
    frame_free(s->image);
    mem_free(s);
}

/* To one side and along it: closer, so that the window stays within the image. */
static void slide(struct window *w, float x, float y, float e)
{
    w->zoom *= 1 + 0.15F * e;
    w->x += x * 0.062F * e;
    w->y += y * 0.062F * e;
}

static void add_shot(struct window *w, enum shot shot, float e, float t, uint32_t seed)
{
    switch (shot) {
    case SHOT_TRUCK_LEFT:
    case SHOT_PAN_LEFT:
        slide(w, -1, 0, e);
        break;
    case SHOT_TRUCK_RIGHT:
    case SHOT_PAN_RIGHT:
        slide(w, 1, 0, e);
        break;
    case SHOT_PUSH_IN:
        w->zoom *= 1 + 0.17F * e;
        break;
    case SHOT_ZOOM_IN:
        w->zoom *= 1 + 0.28F * e;
        break;
    case SHOT_PULL_OUT:
        w->zoom *= 1 - 0.06F * e;
        break;
    case SHOT_ZOOM_OUT:
        w->zoom *= 1 - 0.08F * e;
        break;
    case SHOT_PEDESTAL_UP:
    case SHOT_TILT_UP:
        slide(w, 0, -1, e);
        break;
    case SHOT_PEDESTAL_DOWN:
    case SHOT_TILT_DOWN:
        slide(w, 0, 1, e);
        break;
    case SHOT_TRACKING:
        slide(w, 0.6F, -0.2F, e);
        break;
    case SHOT_SHAKE: {
        const float swell = curve_step(0, 0.15F, e);
        w->zoom *= 1 + 0.06F * swell;
        w->x += swell * 0.022F * (noise_rough(t * 30, 2, seed) - 0.5F);
        w->y += swell * 0.022F * (noise_rough(t * 30, 2, seed + 5) - 0.5F);
        break;
    }
    case SHOT_STATIC:
        w->zoom *= 1 + 0.015F * e;
        break; /* a breath, so that it lives */
    case SHOTS:
        break;
    }
}

static struct window window_at(const struct still *s, float t)
{
    struct window w = {.zoom = 1};
    for (int i = 0; i < s->plan->n_shots; i++) {
        const struct plan_shot *shot = &s->plan->shots[i];
        const float e = curve_ease_in((t - shot->from) / (shot->to - shot->from));
        add_shot(&w, shot->shot, e, t, s->seed);
    }
    /* Inside the image as far as the window is smaller than it. */
    const float room = curve_max(0.5F - 0.5F / w.zoom, 0);
    w.x = curve_clamp(w.x, -room, room);
    w.y = curve_clamp(w.y, -room, room);
    return w;
}

/* One frame under work. */
struct work {
    struct still *still;
    struct frame *out;
    double step;   /* image pixels per frame pixel */
    double x0, y0; /* image position of the frame's left and top edges */
};

/* Beyond the edge the image goes on mirrored. */
static int mirror(int i, int n)
{
    i = i < 0 ? -i - 1 : i;
    i = i >= n ? 2 * n - 1 - i : i;
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Four rows of the image mixed into one, with DOWN_BITS of fraction; two more samples stand
 * mirrored at each end. */
static void mix_rows(int16_t *out, const uint8_t *plane, int stride, int width, int height, int row,
                     const struct weights *weights)
{
    const int16_t *w = weights->of;
    const uint8_t *in[4];
    for (int k = 0; k < 4; k++)
        in[k] = plane + (int64_t)mirror(row - 1 + k, height) * stride;
    for (int x = 0; x < width; x++)
        out[x] = (int16_t)(in[0][x] * w[0] + in[1][x] * w[1] + in[2][x] * w[2] + in[3][x] * w[3]);
}

static void mix_columns(uint8_t *out, int n, const int16_t *line, int width, int64_t x,
                        int64_t step, const struct weights *weights)
{
    const int shift = DOWN_BITS + ACROSS_BITS;
    for (int i = 0; i < n; i++, x += step) {
        const int at = (int)(x >> 16);
        const int16_t *w = weights[x >> 8 & 255].of;
        int sum = 1 << (shift - 1);
        if (at >= 1 && at < width - 2)
            sum += line[at - 1] * w[0] + line[at] * w[1] + line[at + 1] * w[2] +
                   line[at + 2] * w[3];
        else
            for (int k = 0; k < 4; k++)
                sum += line[mirror(at - 1 + k, width)] * w[k];
        sum >>= shift;
        out[i] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

static int64_t fixed(double x)
{
    return (int64_t)(x * ONE + (x < 0 ? -0.5 : 0.5));
}

/* Row y of a plane; x and top are where its first column and the row lie in the image's plane. */
static void draw_row(const struct work *w, int plane, int y, double x, double top)
{
    const struct frame *in = w->still->image;
    const int shift = plane > 0, width = in->width >> shift, height = in->height >> shift;
    int16_t line[MOST_WIDTH];
    const int64_t at = fixed(top);
    mix_rows(line, in->plane[plane], in->stride[plane], width, height, (int)(at >> 16),
             &w->still->down[at >> 8 & 255]);
    mix_columns(w->out->plane[plane] + (int64_t)y * w->out->stride[plane], width, line, width,
                fixed(x), fixed(w->step), w->still->across);
}

static void draw_pair(void *arg, int pair)
{
    const struct work *w = arg;
    const double half = 0.5 * w->step - 0.5;
    for (int i = 0; i < 2; i++)
        draw_row(w, 0, 2 * pair + i, w->x0 + half, w->y0 + (2 * pair + i) * w->step + half);
    for (int plane = 1; plane < 3; plane++)
        draw_row(w, plane, pair, (w->x0 + half) / 2, (w->y0 + (2 * pair + 1) * w->step) / 2 - 0.5);
}

void still_draw(struct still *s, float t, struct frame *out)
{
    const struct window at = window_at(s, t);
    const double width = s->image->width, height = s->image->height, zoom = (double)at.zoom;
    struct work w = {
        .still = s,
        .out = out,
        .step = 1 / zoom,
        .x0 = width * (0.5 + (double)at.x - 0.5 / zoom),
        .y0 = height * (0.5 + (double)at.y - 0.5 / zoom),
    };
    crew_run(s->crew, draw_pair, &w, s->image->height / 2);
}
