/* rows.c - see rows.h. SPDX-License-Identifier: MIT */
#include "storyboard/rows.h"

/* A value that is spread evenly over the plane with little low frequency, so that it reads as
 * fine paper and not as noise: multiples of the two-dimensional golden ratio. */
static inline uint32_t grain(uint32_t x, uint32_t y)
{
    return (x * 3242174889U + y * 2447445414U) >> 24;
}

/* 256 at the middle of the frame, less towards its edge: the squares of both distances add up. */
static int dimming(int at, int size, float strength)
{
    float d = ((float)at + 0.5F) / (float)size * 2 - 1;
    return (int)(strength * d * d * d * d * 128);
}

static void store_luma(uint8_t *out, const int16_t *in, const int16_t *dim, int width, int y,
                       int dim_y)
{
    for (int x = 0; x < width; x++) {
        int light = 256 - dim[x] - dim_y;
        int value = 16 * 128 + (((in[x] - 16 * 128) * light) >> 8);
        int g = (int)grain((uint32_t)x, (uint32_t)y) - 128;
        value = (value + 64 + (g * 3 >> 3)) >> ROWS_BITS;
        out[x] = (uint8_t)(value < 16 ? 16 : value > 235 ? 235 : value);
    }
}

static void store_chroma(uint8_t *out, const int16_t *in, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int g = (int)grain((uint32_t)x, (uint32_t)y + 7) >> 1;
        int value = (in[x] + g) >> ROWS_BITS;
        out[x] = (uint8_t)(value < 16 ? 16 : value > 240 ? 240 : value);
    }
}

void rows_store(const struct rows *r, struct frame *f, float vignette)
{
    int16_t dim[ROWS_MOST_WIDTH];
    for (int x = 0; x < r->width; x++)
        dim[x] = (int16_t)dimming(x, r->width, vignette);
    for (int i = 0; i < 2; i++) {
        const int y = 2 * r->pair + i;
        store_luma(f->plane[0] + (int64_t)y * f->stride[0], r->y[i], dim, r->width, y,
                   dimming(y, f->height, vignette));
    }
    store_chroma(f->plane[1] + (int64_t)r->pair * f->stride[1], r->u, r->width / 2, r->pair);
    store_chroma(f->plane[2] + (int64_t)r->pair * f->stride[2], r->v, r->width / 2, r->pair);
}

static void veil(int16_t *s, int n, int colour, int k)
{
    const int to = colour << ROWS_BITS;
    for (int i = 0; i < n; i++)
        s[i] = (int16_t)(s[i] + (((to - s[i]) * k) >> 8));
}

void rows_veil(struct rows *r, const uint8_t colour[3], int k)
{
    veil(r->y[0], r->width, colour[0], k);
    veil(r->y[1], r->width, colour[0], k);
    veil(r->u, r->width / 2, colour[1], k);
    veil(r->v, r->width / 2, colour[2], k);
}
