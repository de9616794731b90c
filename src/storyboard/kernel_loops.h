/* kernel_loops.h - the loops of kernel.h in C. Each set of kernels compiles them for its own
 * processor; kernel.c is the plain one.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/kernel.h"
#include "storyboard/rows.h"

#define LOOP static inline __attribute__((always_inline))

LOOP void loop_mix(int16_t *restrict out, const uint8_t *a, const uint8_t *b, int k, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (int16_t)(a[i] * (128 - k) + b[i] * k);
}

LOOP void loop_slide(int16_t *restrict out, const int16_t *line, int k, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (int16_t)((line[i] * (128 - k) + line[i + 1] * k) >> 7);
}

LOOP int32_t loop_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

LOOP int loop_between(const int16_t *line, int32_t place)
{
    const int16_t *at = line + (place >> 16);
    const int k = place >> 9 & 127;
    return (at[0] * (128 - k) + at[1] * k) >> 7;
}

LOOP void loop_tap(int16_t *restrict out, const int16_t *line, const struct kernel_way *w, int from,
                   int n)
{
    for (int i = from; i < n; i++)
        out[i] = (int16_t)loop_between(line, loop_clamp(w->at + i * w->step, 0, w->last));
}

LOOP void loop_ring(int16_t *restrict out, const struct kernel_ring *w, int from, int n)
{
    for (int i = from; i < n; i++) {
        const uint32_t place = w->at + (uint32_t)i * w->step;
        const int16_t *at = w->line + (place >> 16 & w->mask);
        const int k = (int)(place >> 8 & 255);
        out[i] = (int16_t)((at[0] * (256 - k) + at[1] * k) >> 8);
    }
}

/* Between four bytes, with kx and ky of 256 of the second, as a sample. */
LOOP int loop_between_bytes(const uint8_t *p, int stride, int kx, int ky)
{
    const int top = p[0] * (256 - kx) + p[1] * kx;
    const int low = p[stride] * (256 - kx) + p[stride + 1] * kx;
    return (top * (256 - ky) + low * ky) >> (16 - ROWS_BITS);
}

LOOP int16_t loop_peek_at(int to, const struct kernel_peek *w, int32_t x, int32_t y)
{
    const int from = (y >> 16) * w->stride + (x >> 16), kx = x >> 8 & 255, ky = y >> 8 & 255;
    if (!w->cover)
        return (int16_t)loop_between_bytes(w->plane + from, w->stride, kx, ky);
    const uint8_t *c = w->cover + from, *d = c + w->stride;
    if (!(c[0] | c[1] | d[0] | d[1]))
        return (int16_t)to;
    const int value = loop_between_bytes(w->plane + from, w->stride, kx, ky);
    if ((c[0] & c[1] & d[0] & d[1]) == 255)
        return (int16_t)value;
    const int k = loop_between_bytes(c, w->stride, kx, ky);
    return (int16_t)(to + ((value - to) * (k >> 2) >> 13));
}

LOOP void loop_peek(int16_t *to, const struct kernel_peek *w, int from, int n)
{
    for (int i = from; i < n; i++) {
        const int32_t *x = w->x + i / KERNEL_PEEK, *y = w->y + i / KERNEL_PEEK;
        const int j = i % KERNEL_PEEK;
        to[i] = loop_peek_at(to[i], w, x[0] + ((x[1] - x[0]) >> 3) * j,
                             y[0] + ((y[1] - y[0]) >> 3) * j);
    }
}

LOOP int16_t loop_laid(int to, int colour, int alpha)
{
    int strength = alpha + (alpha >> 7); /* 0..32640 becomes 0..32767 or a little more */
    strength = strength > 32767 ? 32767 : strength;
    return (int16_t)(to + (((colour - to) * strength) >> 15));
}

LOOP void loop_cover(int16_t *restrict to, const int16_t *colour, const int16_t *alpha,
                     const struct kernel_way *w, int from, int n)
{
    for (int i = from; i < n; i++) {
        const int32_t place = loop_clamp(w->at + i * w->step, 0, w->last);
        to[i] = loop_laid(to[i], loop_between(colour, place), loop_between(alpha, place));
    }
}

/* Two of the four bytes at once: a + (b - a) * k / 64, to the nearest. */
LOOP uint32_t loop_pair(uint32_t a, uint32_t b, uint32_t k)
{
    return ((a * (64 - k) + b * k + 0x00200020) >> 6) & 0x00ff00ff;
}

LOOP uint32_t loop_texel(uint32_t a, uint32_t b, uint32_t k)
{
    return loop_pair(a & 0x00ff00ff, b & 0x00ff00ff, k) |
           loop_pair(a >> 8 & 0x00ff00ff, b >> 8 & 0x00ff00ff, k) << 8;
}

LOOP uint32_t loop_look(const struct kernel_walk *w, int32_t u, int32_t v)
{
    const int32_t most = w->size * 65536;
    const int32_t x = loop_clamp(u, -65536, most) + 65536, y = loop_clamp(v, -65536, most) + 65536;
    const int stride = w->size + 3;
    const uint32_t *p = w->texels + (y >> 16) * stride + (x >> 16);
    const uint32_t kx = (uint32_t)x >> 10 & 63, ky = (uint32_t)y >> 10 & 63;
    if (!(p[0] | p[1] | p[stride] | p[stride + 1]))
        return 0;
    return loop_texel(loop_texel(p[0], p[stride], ky), loop_texel(p[1], p[stride + 1], ky), kx);
}

LOOP void loop_walk(uint32_t *restrict out, const struct kernel_walk *w, int n)
{
    for (int i = 0, knot = 0; i < n; i += KERNEL_KNOT, knot++) {
        const int32_t du = (w->u[knot + 1] - w->u[knot]) >> 4;
        const int32_t dv = (w->v[knot + 1] - w->v[knot]) >> 4;
        for (int k = 0; k < KERNEL_KNOT; k++)
            out[i + k] = loop_look(w, w->u[knot] + k * du, w->v[knot] + k * dv);
    }
}

enum { LOOP_CHUNK = 32 };

LOOP void loop_average_chunk(uint32_t *restrict out, const uint32_t *rows, int stride, int n_rows)
{
    const uint32_t k = 65536 / (uint32_t)n_rows;
    uint32_t even[LOOP_CHUNK] = {0}, odd[LOOP_CHUNK] = {0};
    for (int r = 0; r < n_rows; r++)
        for (int i = 0; i < LOOP_CHUNK; i++) {
            even[i] += rows[r * stride + i] & 0x00ff00ff;
            odd[i] += rows[r * stride + i] >> 8 & 0x00ff00ff;
        }
    for (int i = 0; i < LOOP_CHUNK; i++) {
        const uint32_t y = (even[i] & 65535) * k + 32768, v = (even[i] >> 16) * k + 32768;
        const uint32_t u = (odd[i] & 65535) * k + 32768, a = (odd[i] >> 16) * k + 32768;
        out[i] = y >> 16 | (u >> 16) << 8 | (v >> 16) << 16 | (a >> 16) << 24;
    }
}

LOOP void loop_average(uint32_t *out, const uint32_t *rows, int stride, int n_rows, int n)
{
    for (int i = 0; i < n; i += LOOP_CHUNK)
        loop_average_chunk(out + i, rows + i, stride, n_rows);
}

/* One byte of a texel over a sample; clear texels leave it as it is. */
LOOP int16_t loop_over(int to, int byte, int a, const struct kernel_ink *ink, int haze)
{
    const int clear = a + (a >> 7);
    const int hazed = byte + ((((haze * clear) >> 8) - byte) * ink->haze >> 8);
    const int cover = clear * ink->cover >> 8;
    return (int16_t)(to - ((to * cover) >> 8) + ((hazed * ink->cover) >> (8 - ROWS_BITS)));
}

LOOP void loop_over_luma(int16_t *restrict to, const uint32_t *texels, const struct kernel_ink *ink,
                         int n)
{
    for (int i = 0; i < n; i++)
        to[i] = loop_over(to[i], (int)(texels[i] & 255), (int)(texels[i] >> 24), ink, ink->luma);
}

LOOP void loop_over_chroma(int16_t *const to[2], const uint32_t *const lines[2],
                           const struct kernel_ink *ink, int n)
{
    int16_t *restrict u = to[0], *restrict v = to[1];
    const uint32_t *a = lines[0], *b = lines[1];
    for (int i = 0; i < n; i++) {
        const uint32_t even = (a[2 * i] & 0x00ff00ff) + (a[2 * i + 1] & 0x00ff00ff) +
                              (b[2 * i] & 0x00ff00ff) + (b[2 * i + 1] & 0x00ff00ff);
        const uint32_t odd = (a[2 * i] >> 8 & 0x00ff00ff) + (a[2 * i + 1] >> 8 & 0x00ff00ff) +
                             (b[2 * i] >> 8 & 0x00ff00ff) + (b[2 * i + 1] >> 8 & 0x00ff00ff);
        const int cover = (int)(odd >> 18 & 255);
        u[i] = loop_over(u[i], (int)(odd >> 2 & 255), cover, ink, ink->cb);
        v[i] = loop_over(v[i], (int)(even >> 18 & 255), cover, ink, ink->cr);
    }
}

LOOP void loop_veil(int16_t *to, int colour, int k, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (int16_t)(to[i] + (((colour - to[i]) * k) >> 8));
}

LOOP void loop_fall(int16_t *restrict to, const uint8_t *cover, int colour, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (int16_t)(to[i] + (((colour - to[i]) * cover[i]) >> 8));
}

enum {
    LOOP_BLACK = 16 << ROWS_BITS,
    LOOP_MIDDLE = 112 << ROWS_BITS,
    LOOP_GREY = 128 << ROWS_BITS,
    LOOP_WHITE = 235 << ROWS_BITS,
    LOOP_VIVID = 240 << ROWS_BITS, /* the most of chroma */
};

LOOP void loop_tones(int16_t *luma, const struct kernel_grade *g, int n)
{
    const int add = LOOP_MIDDLE + g->lift, contrast = g->contrast;
    for (int i = 0; i < n; i++) {
        const int to = add + (((luma[i] - LOOP_MIDDLE) * contrast) >> 8);
        luma[i] = (int16_t)(to < LOOP_BLACK ? LOOP_BLACK : to > LOOP_WHITE ? LOOP_WHITE : to);
    }
}

LOOP void loop_hue(int16_t *restrict chroma, const int16_t *luma, int saturation,
                   const int add_warm[2], int n)
{
    const int add = LOOP_GREY + add_warm[0], warm = add_warm[1];
    for (int i = 0; i < n; i++) {
        const int bright = (luma[2 * i] - LOOP_BLACK) >> ROWS_BITS; /* 0..219 */
        const int to = add + (((chroma[i] - LOOP_GREY) * saturation) >> 8) + ((warm * bright) >> 7);
        chroma[i] = (int16_t)(to < LOOP_BLACK ? LOOP_BLACK : to > LOOP_VIVID ? LOOP_VIVID : to);
    }
}

LOOP void loop_hues(int16_t *const chroma[2], const int16_t *luma, const struct kernel_grade *g,
                    int n)
{
    for (int k = 0; k < 2; k++) {
        const int add_warm[2] = {g->add[k], g->warm[k]};
        loop_hue(chroma[k], luma, g->saturation, add_warm, n);
    }
}

/* Multiples of the two-dimensional golden ratio, 16 bits of fraction: spread evenly over the plane
 * with little low frequency, so that they read as fine paper and not as noise. */
enum { LOOP_DITHER_X = 49471, LOOP_DITHER_Y = 37345 };

/* Darker at the dark end, lighter above the middle, and easing into white as film does. */
LOOP int16_t loop_tone(int16_t light, int contrast)
{
    const int16_t t = (int16_t)(light + ((light * 10977) >> 16)); /* 219 bytes: nearly 32767 */
    const int16_t bell = (int16_t)(((t * (32767 - t)) >> 16) * 4);
    const int16_t bend = (int16_t)(((t - 13500) * bell) >> 16);
    return (int16_t)(light + ((bend * contrast) >> 16));
}

LOOP void loop_store_luma(uint8_t *restrict out, const int16_t *in, const struct kernel_finish *f,
                          int n)
{
    for (int i = 0; i < n; i++) {
        int16_t light = (int16_t)(in[i] - (16 << ROWS_BITS));
        light = light < 0 ? 0 : light > 28032 ? 28032 : light;
        const int16_t gone = (int16_t)(f->dim[i] + f->dim_line);
        light = (int16_t)(light - (int16_t)((light * gone) >> 16));
        light = loop_tone(light, f->contrast);
        const uint16_t d = (uint16_t)(f->dither + (uint16_t)(i * LOOP_DITHER_X));
        int16_t value = (int16_t)((int16_t)(light + f->grain[i] + (d >> 9)) >> ROWS_BITS);
        value = value < 0 ? 0 : value > 219 ? 219 : value;
        out[i] = (uint8_t)(value + 16);
    }
}

LOOP void loop_store_chroma(uint8_t *restrict out, const int16_t *in, uint16_t dither, int n)
{
    for (int i = 0; i < n; i++) {
        const uint16_t d = (uint16_t)(dither + (uint16_t)(i * LOOP_DITHER_X));
        int16_t value = (int16_t)((int16_t)(in[i] + (d >> 9)) >> ROWS_BITS);
        value = value < 16 ? 16 : value > 240 ? 240 : value;
        out[i] = (uint8_t)value;
    }
}

/* The functions of a set that are nothing but these loops, compiled for TARGET. */
#define LOOP_SET(TARGET, set)                                                                      \
    TARGET static void set##_mix(int16_t *out, const uint8_t *a, const uint8_t *b, int k, int n)   \
    {                                                                                              \
        loop_mix(out, a, b, k, n);                                                                 \
    }                                                                                              \
    TARGET static void set##_slide(int16_t *out, const int16_t *line, int k, int n)                \
    {                                                                                              \
        loop_slide(out, line, k, n);                                                               \
    }                                                                                              \
    TARGET static void set##_average(uint32_t *out, const uint32_t *rows, int stride, int n_rows,  \
                                     int n)                                                        \
    {                                                                                              \
        loop_average(out, rows, stride, n_rows, n);                                                \
    }                                                                                              \
    TARGET static void set##_tones(int16_t *luma, const struct kernel_grade *g, int n)             \
    {                                                                                              \
        loop_tones(luma, g, n);                                                                    \
    }                                                                                              \
    TARGET static void set##_hues(int16_t *const chroma[2], const int16_t *luma,                   \
                                  const struct kernel_grade *g, int n)                             \
    {                                                                                              \
        loop_hues(chroma, luma, g, n);                                                             \
    }                                                                                              \
    TARGET static void set##_over_luma(int16_t *to, const uint32_t *texels,                        \
                                       const struct kernel_ink *ink, int n)                        \
    {                                                                                              \
        loop_over_luma(to, texels, ink, n);                                                        \
    }                                                                                              \
    TARGET static void set##_over_chroma(int16_t *const to[2], const uint32_t *const lines[2],     \
                                         const struct kernel_ink *ink, int n)                      \
    {                                                                                              \
        loop_over_chroma(to, lines, ink, n);                                                       \
    }                                                                                              \
    TARGET static void set##_veil(int16_t *to, int colour, int k, int n)                           \
    {                                                                                              \
        loop_veil(to, colour, k, n);                                                               \
    }                                                                                              \
    TARGET static void set##_fall(int16_t *to, const uint8_t *cover, int colour, int n)            \
    {                                                                                              \
        loop_fall(to, cover, colour, n);                                                           \
    }                                                                                              \
    TARGET static void set##_store_luma(uint8_t *out, const int16_t *in,                           \
                                        const struct kernel_finish *f, int n)                      \
    {                                                                                              \
        loop_store_luma(out, in, f, n);                                                            \
    }                                                                                              \
    TARGET static void set##_store_chroma(uint8_t *out, const int16_t *in, uint16_t dither, int n) \
    {                                                                                              \
        loop_store_chroma(out, in, dither, n);                                                     \
    }

/* Those that gather, which compilers do not turn into vectors by themselves. */
#define LOOP_GATHERS(TARGET, set)                                                                  \
    TARGET static void set##_tap(int16_t *out, const int16_t *line, const struct kernel_way *w,    \
                                 int n)                                                            \
    {                                                                                              \
        loop_tap(out, line, w, 0, n);                                                              \
    }                                                                                              \
    TARGET static void set##_cover(int16_t *to, const int16_t *colour, const int16_t *alpha,       \
                                   const struct kernel_way *w, int n)                              \
    {                                                                                              \
        loop_cover(to, colour, alpha, w, 0, n);                                                    \
    }                                                                                              \
    TARGET static void set##_ring(int16_t *out, const struct kernel_ring *w, int n)                \
    {                                                                                              \
        loop_ring(out, w, 0, n);                                                                   \
    }                                                                                              \
    TARGET static void set##_peek(int16_t *to, const struct kernel_peek *w, int n)                 \
    {                                                                                              \
        loop_peek(to, w, 0, n);                                                                    \
    }                                                                                              \
    TARGET static void set##_walk(uint32_t *out, const struct kernel_walk *w, int n)               \
    {                                                                                              \
        loop_walk(out, w, n);                                                                      \
    }

#define LOOP_TABLE(set, label)                                                                     \
    {                                                                                              \
        .name = (label), .mix = set##_mix, .slide = set##_slide, .tap = set##_tap,                 \
        .cover = set##_cover, .ring = set##_ring, .peek = set##_peek, .walk = set##_walk,          \
        .average = set##_average, .tones = set##_tones, .hues = set##_hues,                        \
        .over_luma = set##_over_luma, .over_chroma = set##_over_chroma, .veil = set##_veil,        \
        .fall = set##_fall, .store_luma = set##_store_luma, .store_chroma = set##_store_chroma,    \
    }
