/* image_scale.c - resampling, one axis at a time, in whole numbers: the same on every machine.
 *
 * SPDX-License-Identifier: MIT
 *
 * For each pixel of an axis of the result a window of the source and its weights, which sum to
 * exactly one (16384): the share of each source pixel in the area when it shrinks, Lanczos with
 * three lobes when it grows. Each row of the result is first gathered from source rows, a loop
 * over contiguous numbers, then along itself. */
#include "media/image.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

enum {
    ONE_PLACES = 14, /* binary places of a weight         */
    ONE = 1 << ONE_PLACES,
    ROW_PLACES = 6, /* binary places of a gathered row   */
    BLOCK = 1536,   /* numbers of a row gathered at once */
    LOBES = 3,
    LOBE_TAPS = 2 * LOBES,
};

struct axis {
    int n;      /* pixels of the result        */
    int n_taps; /* of the source, for each one */
    int *first;
    int16_t *weight; /* [n, n_taps] */
};

static void axis_fini(struct axis *a)
{
    mem_free(a->first);
    mem_free(a->weight);
}
SCOPED_FINI(axis)

static double lanczos(double x)
{
    const double pi = 3.14159265358979323846;
    if (fabs(x) < 1e-9)
        return 1;
    if (fabs(x) >= LOBES)
        return 0;
    return LOBES * sin(pi * x) * sin(pi * x / LOBES) / (pi * pi * x * x);
}

/* The weight of source pixel i in pixel `at` of the result. */
static double weight_of(int i, int at, int n_in, int n_out)
{
    double scale = (double)n_in / n_out;
    if (n_out > n_in)
        return lanczos(i + 0.5 - (at + 0.5) * scale);
    double low = fmax(i, at * scale), high = fmin(i + 1.0, (at + 1) * scale);
    return fmax(high - low, 0);
}

/* Weights in doubles to whole ones that sum to ONE: what rounding takes from one, the next has. */
static void settle(const double *exact, double sum, int16_t *out, int n)
{
    double reached = 0;
    int given = 0;
    for (int i = 0; i < n; i++) {
        reached += exact[i] / sum;
        int upto = (int)lrint(reached * ONE);
        out[i] = (int16_t)(upto - given);
        given = upto;
    }
}

/* Windows stay inside the source; what a lobe has beyond the edge goes to the pixels that are
 * there, in proportion. */
static void axis_fill(struct axis *a, double *exact, int n_in)
{
    double scale = (double)n_in / a->n;
    for (int at = 0; at < a->n; at++) {
        int first = a->n > n_in ? (int)floor((at + 0.5) * scale - 0.5) - LOBES + 1
                                : (int)floor(at * scale);
        if (first > n_in - a->n_taps)
            first = n_in - a->n_taps;
        if (first < 0)
            first = 0;
        double sum = 0;
        for (int i = 0; i < a->n_taps; i++) {
            exact[i] = weight_of(first + i, at, n_in, a->n);
            sum += exact[i];
        }
        a->first[at] = first;
        settle(exact, sum, a->weight + (size_t)at * (size_t)a->n_taps, a->n_taps);
    }
}

/* False when there is no memory. */
static bool axis_init(struct axis *a, int n_in, int n_out)
{
    int n_taps = n_out > n_in ? LOBE_TAPS : (n_in + n_out - 1) / n_out + 1;
    *a = (struct axis){.n = n_out, .n_taps = n_taps < n_in ? n_taps : n_in};
    size_t n = (size_t)n_out, taps = (size_t)a->n_taps;
    SCOPED(mem) double *exact = mem_try(taps * sizeof *exact);
    a->first = mem_try(n * sizeof *a->first);
    a->weight = mem_try(n * taps * sizeof *a->weight);
    if (!exact || !a->first || !a->weight)
        return false;
    axis_fill(a, exact, n_in);
    return true;
}

/* n numbers, each the weighted sum of those at in, in + stride, ... with ROW_PLACES places. */
static void gather_rows(int16_t *restrict out, const uint8_t *restrict in, size_t stride,
                        const int16_t *weight, int n_taps, int n)
{
    int32_t sum[BLOCK];
    for (int i = 0; i < n; i++)
        sum[i] = 1 << (ONE_PLACES - ROW_PLACES - 1);
    for (int t = 0; t < n_taps; t++, in += stride)
        for (int i = 0; i < n; i++)
            sum[i] += in[i] * weight[t];
    for (int i = 0; i < n; i++)
        out[i] = (int16_t)(sum[i] >> (ONE_PLACES - ROW_PLACES));
}

static uint8_t settled(int32_t sum)
{
    const int places = ONE_PLACES + ROW_PLACES;
    int32_t v = (sum + (1 << (places - 1))) >> places;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void gather_columns(uint8_t *out, const int16_t *row, const struct axis *a)
{
    const int16_t *weight = a->weight;
    for (int x = 0; x < a->n; x++, out += 3, weight += a->n_taps) {
        const int16_t *in = row + 3 * (ptrdiff_t)a->first[x];
        int32_t r = 0, g = 0, b = 0;
        for (int t = 0; t < a->n_taps; t++, in += 3) {
            r += in[0] * weight[t];
            g += in[1] * weight[t];
            b += in[2] * weight[t];
        }
        out[0] = settled(r);
        out[1] = settled(g);
        out[2] = settled(b);
    }
}

static void resample(struct image *out, const struct image *in, int16_t *row,
                     const struct axis *across, const struct axis *down)
{
    int n = 3 * in->width;
    size_t stride = (size_t)n;
    for (int y = 0; y < out->height; y++) {
        const uint8_t *top = in->rgb + stride * (size_t)down->first[y];
        const int16_t *weight = down->weight + (size_t)y * (size_t)down->n_taps;
        for (int x = 0; x < n; x += BLOCK)
            gather_rows(row + x, top + x, stride, weight, down->n_taps,
                        n - x < BLOCK ? n - x : BLOCK);
        gather_columns(out->rgb + 3 * (size_t)out->width * (size_t)y, row, across);
    }
}

struct image *image_scale(const struct image *im, int width, int height)
{
    SCOPED(image) struct image *out = image_new(width, height);
    SCOPED(mem) int16_t *row = mem_try(3 * (size_t)im->width * sizeof *row);
    if (!out || !row)
        return NULL;
    SCOPED(axis) struct axis across = {0};
    SCOPED(axis) struct axis down = {0};
    if (!axis_init(&across, im->width, width) || !axis_init(&down, im->height, height))
        return NULL;
    resample(out, im, row, &across, &down);
    return TAKE(out);
}
