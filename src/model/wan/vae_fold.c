/* vae_fold.c - the autoencoder of 2.2: pixels folded into channels, and the shortcuts without
 * weights around its levels.
 *
 * A number of the folded side has the place (channel, frame, row, column) within what it was
 * folded from, counted in this order: that is how both shortcuts number the channels.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/vae_impl.h"

struct tensor vae_fold(struct step *s, struct tensor x)
{
    if (s->failed)
        return x;
    const int64_t t = x.shape[0], h = x.shape[1] / 2, w = x.shape[2] / 2, c = x.shape[3];
    const struct tensor parts = tensor_view(&x, 5, (int64_t[]){t * h, 2, w, 2, c});
    const struct tensor y = step_permute(s, parts, (int[]){0, 2, 4, 3, 1});
    return tensor_view(&y, 4, (int64_t[]){t, h, w, 4 * c});
}

struct tensor vae_unfold(struct step *s, struct tensor x)
{
    if (s->failed)
        return x;
    const int64_t t = x.shape[0], h = x.shape[1], w = x.shape[2], c = x.shape[3] / 4;
    const struct tensor parts = tensor_view(&x, 5, (int64_t[]){t * h, w, c, 2, 2});
    const struct tensor y = step_permute(s, parts, (int[]){0, 4, 1, 3, 2});
    return tensor_view(&y, 4, (int64_t[]){t, 2 * h, 2 * w, c});
}

/* A shortcut: y of the one side, x of the other; frames and space: how many of the wide side are
 * one of the narrow side; before: frames of the wide side in front that are not there. */
struct shortcut {
    struct tensor y, x;
    int frames, space, before;
};

/* One row (frame i / H', row i % H') of the wide side y. */
static void spread_row(void *arg, int i)
{
    const struct shortcut *k = arg;
    const int64_t height = k->y.shape[1], width = k->y.shape[2], out = k->y.shape[3];
    const int64_t in = k->x.shape[3], each = out * k->frames * k->space * k->space / in;
    const int64_t frame = i / height + k->before, row = i % height;
    const float *x = tensor_f32(&k->x) +
                     (frame / k->frames * k->x.shape[1] + row / k->space) * k->x.shape[2] * in;
    float *y = tensor_f32(&k->y) + i * width * out;
    for (int64_t column = 0; column < width; column++) {
        const float *from = x + column / k->space * in;
        const int64_t place = (frame % k->frames * k->space + row % k->space) * k->space +
                              column % k->space;
        for (int64_t c = 0; c < out; c++)
            y[column * out + c] += from[(c * k->frames * k->space * k->space + place) / each];
    }
}

/* The mean that is number c of a pixel of the narrow side. */
static float mean_of(const struct shortcut *k, int64_t frame, int64_t row, int64_t column,
                     int64_t c)
{
    const int64_t in = k->x.shape[3], pixels = (int64_t)k->space * k->space;
    const int64_t each = in * k->frames * pixels / k->y.shape[3];
    double sum = 0;
    for (int64_t i = c * each; i < (c + 1) * each; i++) {
        const int64_t t = frame * k->frames + i / pixels % k->frames - k->before;
        const int64_t h = row * k->space + i / k->space % k->space;
        const int64_t w = column * k->space + i % k->space;
        const int64_t at = ((t * k->x.shape[1] + h) * k->x.shape[2] + w) * in;
        if (t >= 0)
            sum += (double)tensor_f32(&k->x)[at + i / pixels / k->frames];
    }
    return (float)(sum / (double)each);
}

/* One row of the narrow side y. */
static void means_row(void *arg, int i)
{
    const struct shortcut *k = arg;
    const int64_t height = k->y.shape[1], width = k->y.shape[2], out = k->y.shape[3];
    float *y = tensor_f32(&k->y) + i * width * out;
    for (int64_t column = 0; column < width; column++)
        for (int64_t c = 0; c < out; c++)
            y[column * out + c] += mean_of(k, i / height, i % height, column, c);
}

static bool fits(struct step *s, int64_t wide, int64_t narrow)
{
    if (narrow > 0 && wide % narrow == 0)
        return true;
    step_fail(s, ERR_CORRUPT, "%lld channels cannot be spread over %lld around a level",
              (long long)narrow, (long long)wide);
    return false;
}

void vae_add_spread(struct step *s, struct tensor y, struct tensor x, int frames, int skip)
{
    struct shortcut k = {.y = y, .x = x, .frames = frames, .space = 2, .before = skip};
    if (!s->failed && fits(s, 4 * frames * y.shape[3], x.shape[3]) && !step_measuring(s))
        nn_parallel(s->nn, (int)(y.shape[0] * y.shape[1]), spread_row, &k);
}

void vae_add_means(struct step *s, struct tensor y, struct tensor x, int frames, int space)
{
    struct shortcut k = {.y = y, .x = x, .frames = frames, .space = space};
    k.before = (int)(y.shape[0] * frames - x.shape[0]);
    if (!s->failed && fits(s, x.shape[3] * frames * space * space, y.shape[3]) &&
        !step_measuring(s))
        nn_parallel(s->nn, (int)(y.shape[0] * y.shape[1]), means_row, &k);
}
