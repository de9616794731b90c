/* frame.c - see frame.h. SPDX-License-Identifier: MIT
 *
 * RGB to I420 runs for every frame of every film, so it is shaped for the vectoriser: a strip of
 * two rows is split into planes of 16-bit numbers that stay in the first-level cache, and every
 * product is one of 16 bits by 16 bits into 32, which the oldest x86-64 has an instruction for.
 * The file is compiled with -O3 (see meson.build). */
#include "media/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"

enum {
    STRIP = 640, /* columns at a time; even                          */
    EDGE = 16,   /* room for the pixel to the left of the first one  */
    MOST_SIDE = 16384,
    SHIFT = 15, /* binary places of the coefficients              */
};

/* BT.709: Kr 0.2126, Kb 0.0722, scaled to 219 and 224 steps of 255, 15 binary places. Each row
 * of chroma sums to nothing, so that a grey stays exactly grey. */
static const int16_t y_of[3] = {5983, 20127, 2032};
static const int16_t cb_of[3] = {-3298, -11094, 14392};
static const int16_t cr_of[3] = {14392, -13072, -1320};

/* The loops once more for machines with AVX2, chosen when the program is loaded: half the time,
 * the same numbers. */
#ifdef FRAME_CLONES
#define CLONED __attribute__((target_clones("avx2", "default")))
#else
#define CLONED
#endif

struct strip {
    _Alignas(64) int16_t row[2][3][EDGE + STRIP];
    _Alignas(64) int16_t mix[3][STRIP / 2]; /* eight times the chroma's colour */
};

struct frame *frame_new(int width, int height)
{
    if (width <= 0 || height <= 0 || width % 2 || height % 2 || width > MOST_SIDE ||
        height > MOST_SIDE)
        return NULL;
    size_t head = (sizeof(struct frame) + 63) & ~(size_t)63;
    size_t y_stride = ((size_t)width + 63) & ~(size_t)63;
    size_t c_stride = ((size_t)width / 2 + 63) & ~(size_t)63;
    size_t rows = (size_t)height;
    struct frame *f = mem_try(head + y_stride * rows + c_stride * rows);
    if (!f)
        return NULL;
    f->width = width;
    f->height = height;
    f->plane[0] = (uint8_t *)f + head;
    f->plane[1] = f->plane[0] + y_stride * rows;
    f->plane[2] = f->plane[1] + c_stride * (rows / 2);
    f->stride[0] = (int)y_stride;
    f->stride[1] = f->stride[2] = (int)c_stride;
    return f;
}

void frame_free(struct frame *f)
{
    mem_free(f);
}

void frame_copy(struct frame *to, const struct frame *from)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < from->height >> (p > 0); y++)
            memcpy(to->plane[p] + (ptrdiff_t)y * to->stride[p],
                   from->plane[p] + (ptrdiff_t)y * from->stride[p],
                   (size_t)(from->width >> (p > 0)));
}

CLONED static void split(int16_t *restrict r, int16_t *restrict g, int16_t *restrict b,
                         const uint8_t *restrict rgb, int n)
{
    for (int i = 0; i < n; i++) {
        r[i] = rgb[3 * i];
        g[i] = rgb[3 * i + 1];
        b[i] = rgb[3 * i + 2];
    }
}

CLONED static void luma(uint8_t *restrict y, const int16_t *restrict r, const int16_t *restrict g,
                        const int16_t *restrict b, int n)
{
    const int round = (16 << SHIFT) + (1 << (SHIFT - 1));
    for (int i = 0; i < n; i++)
        y[i] = (uint8_t)((r[i] * y_of[0] + g[i] * y_of[1] + b[i] * y_of[2] + round) >> SHIFT);
}

/* [1 2 1] around each even column of both rows; a[-1] and b[-1] are there. */
CLONED static void blend(int16_t *restrict out, const int16_t *restrict a,
                         const int16_t *restrict b, int n)
{
    for (int j = 0; j < n; j++)
        out[j] = (int16_t)(a[2 * j - 1] + b[2 * j - 1] + 2 * (a[2 * j] + b[2 * j]) + a[2 * j + 1] +
                           b[2 * j + 1]);
}

CLONED static void chroma(uint8_t *restrict out, const int16_t weight[restrict 3],
                          int16_t mix[restrict 3][STRIP / 2], int n)
{
    const int round = (128 << (SHIFT + 3)) + (1 << (SHIFT + 2));
    const int16_t kr = weight[0], kg = weight[1], kb = weight[2];
    for (int j = 0; j < n; j++)
        out[j] =
            (uint8_t)((mix[0][j] * kr + mix[1][j] * kg + mix[2][j] * kb + round) >> (SHIFT + 3));
}

/* Three rows of colour, with the pixel to the left of x0: at the edge the first one again. */
static void row_load(struct strip *s, int k, const uint8_t *in, bool at_edge, int n)
{
    int16_t(*c)[EDGE + STRIP] = s->row[k];
    split(c[0] + EDGE, c[1] + EDGE, c[2] + EDGE, in, n);
    for (int i = 0; i < 3; i++)
        c[i][EDGE - 1] = at_edge ? in[i] : in[i - 3];
}

/* Two rows from row y on, n columns from x0 on; all even. in is the pixel at x0 and y. */
static void strip_convert(struct frame *f, const uint8_t *in, int stride, int x0, int y)
{
    struct strip s;
    int n = f->width - x0 < STRIP ? f->width - x0 : STRIP;
    for (int k = 0; k < 2; k++) {
        row_load(&s, k, in + (ptrdiff_t)k * stride, x0 == 0, n);
        luma(f->plane[0] + (ptrdiff_t)(y + k) * f->stride[0] + x0, s.row[k][0] + EDGE,
             s.row[k][1] + EDGE, s.row[k][2] + EDGE, n);
    }
    for (int i = 0; i < 3; i++)
        blend(s.mix[i], s.row[0][i] + EDGE, s.row[1][i] + EDGE, n / 2);
    chroma(f->plane[1] + (ptrdiff_t)(y / 2) * f->stride[1] + x0 / 2, cb_of, s.mix, n / 2);
    chroma(f->plane[2] + (ptrdiff_t)(y / 2) * f->stride[2] + x0 / 2, cr_of, s.mix, n / 2);
}

void frame_from_rgb(struct frame *f, const uint8_t *rgb, int stride)
{
    for (int y = 0; y < f->height; y += 2)
        for (int x = 0; x < f->width; x += STRIP)
            strip_convert(f, rgb + (ptrdiff_t)y * stride + (ptrdiff_t)3 * x, stride, x, y);
}

/* Eight times the chroma at a luma pixel, linear between its sites. */
static int chroma_at(const struct frame *f, int plane, int x, int y)
{
    int last_x = f->width / 2 - 1, last_y = f->height / 2 - 1;
    int j = x / 2, i = y / 2;
    int j2 = x % 2 && j < last_x ? j + 1 : j;
    int i2 = y % 2 ? (i < last_y ? i + 1 : i) : (i > 0 ? i - 1 : i);
    const uint8_t *near = f->plane[plane] + (ptrdiff_t)i * f->stride[plane];
    const uint8_t *far = f->plane[plane] + (ptrdiff_t)i2 * f->stride[plane];
    return 3 * (near[j] + near[j2]) + far[j] + far[j2];
}

static uint8_t clamp_shift(int64_t v)
{
    v = (v + (1 << 16)) >> 17;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

void frame_to_rgb(const struct frame *f, uint8_t *rgb)
{
    for (int y = 0; y < f->height; y++)
        for (int x = 0; x < f->width; x++, rgb += 3) {
            /* 14 places of the coefficients, 3 of chroma_at's eight. */
            int64_t l = (int64_t)19077 * 8 * (f->plane[0][(ptrdiff_t)y * f->stride[0] + x] - 16);
            int64_t cb = chroma_at(f, 1, x, y) - 128 * 8;
            int64_t cr = chroma_at(f, 2, x, y) - 128 * 8;
            rgb[0] = clamp_shift(l + 29372 * cr);
            rgb[1] = clamp_shift(l - 3494 * cb - 8731 * cr);
            rgb[2] = clamp_shift(l + 34610 * cb);
        }
}
