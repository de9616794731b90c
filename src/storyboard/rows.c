/* rows.c - see rows.h. SPDX-License-Identifier: MIT */
#include "storyboard/rows.h"

/* Multiples of the two-dimensional golden ratio, 16 bits of fraction: spread evenly over the plane
 * with little low frequency, so that they read as fine paper and not as noise. */
enum { GRAIN_X = 49471, GRAIN_Y = 37345 };

/* What the corner takes away, of 65536, at a place along one side; both sides add up. */
static int dimming(int at, int size, float strength)
{
    float d = ((float)at + 0.5F) / (float)size * 2 - 1;
    return (int)(strength * d * d * d * d * 32767);
}

static void store_luma(uint8_t *out, const int16_t *in, const int16_t *dim, int width, int y,
                       int dim_y)
{
    const uint16_t grain = (uint16_t)(y * GRAIN_Y);
    for (int x = 0; x < width; x++) {
        const int16_t light = (int16_t)(in[x] - (16 << ROWS_BITS));
        const int16_t gone = (int16_t)(dim[x] + dim_y);
        int16_t value = (int16_t)(in[x] - (int16_t)((light * gone) >> 16));
        const uint16_t g = (uint16_t)(grain + (uint16_t)(x * GRAIN_X));
        value = (int16_t)((int16_t)(value + (g >> 9)) >> ROWS_BITS);
        value = value < 16 ? 16 : value > 235 ? 235 : value;
        out[x] = (uint8_t)value;
    }
}

static void store_chroma(uint8_t *out, const int16_t *in, int width, int y)
{
    const uint16_t grain = (uint16_t)(y * GRAIN_Y + 20011);
    for (int x = 0; x < width; x++) {
        const uint16_t g = (uint16_t)(grain + (uint16_t)(x * GRAIN_X));
        int16_t value = (int16_t)((int16_t)(in[x] + (g >> 9)) >> ROWS_BITS);
        value = value < 16 ? 16 : value > 240 ? 240 : value;
        out[x] = (uint8_t)value;
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
