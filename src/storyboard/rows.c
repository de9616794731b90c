/* rows.c - see rows.h. SPDX-License-Identifier: MIT */
#include "storyboard/rows.h"

#include <pthread.h>

#include "storyboard/curve.h"
#include "storyboard/kernel.h"
#include "storyboard/kernel_loops.h"

enum { GRAIN_SIZE = 8192 };

static int8_t noise[GRAIN_SIZE];
static pthread_once_t noise_once = PTHREAD_ONCE_INIT;

/* The sum of four dice, each grain leaning on its neighbour: soft, as silver is. */
static void make_noise(void)
{
    float before = 0;
    for (int i = 0; i < GRAIN_SIZE; i++) {
        float sum = -2;
        for (int k = 0; k < 4; k++)
            sum += curve_random(i, k, 77);
        before = 0.45F * before + sum * 48;
        noise[i] = (int8_t)curve_clamp(before, -120, 120);
    }
}

/* What the corner takes away, of 65536, at a place along one side; both sides add up. */
static int dimming(int at, int size, float strength)
{
    float d = ((float)at + 0.5F) / (float)size * 2 - 1;
    return (int)(strength * d * d * d * d * 32767);
}

static void store_planes(const struct rows *r, struct frame *f, const struct rows_finish *finish,
                         const int8_t *grain[2])
{
    int16_t dim[ROWS_MOST_WIDTH];
    const int pair = r->pair;
    for (int x = 0; x < r->width; x++)
        dim[x] = (int16_t)dimming(x, r->width, finish->vignette);
    for (int i = 0; i < 2; i++) {
        const int y = 2 * pair + i;
        const struct kernel_finish k = {.dim = dim,
                                        .grain = grain[i],
                                        .dim_line = dimming(y, f->height, finish->vignette),
                                        .contrast = (int)(finish->contrast * 65536),
                                        .dither = (uint16_t)(y * LOOP_DITHER_Y)};
        kernel_set()->store_luma(f->plane[0] + (int64_t)y * f->stride[0], r->y[i], &k, r->width);
    }
    const uint16_t dither = (uint16_t)(pair * LOOP_DITHER_Y + 20011);
    kernel_set()->store_chroma(f->plane[1] + (int64_t)pair * f->stride[1], r->u, dither,
                               r->width / 2);
    kernel_set()->store_chroma(f->plane[2] + (int64_t)pair * f->stride[2], r->v, dither,
                               r->width / 2);
}

void rows_store(const struct rows *r, struct frame *f, const struct rows_finish *finish)
{
    int8_t lines[2][ROWS_MOST_WIDTH];
    const int8_t *grain[2] = {lines[0], lines[1]};
    const int k = (int)(finish->grain * 128);
    pthread_once(&noise_once, make_noise);
    for (int i = 0; i < 2; i++) {
        const uint32_t lot = curve_hash(2 * r->pair + i, finish->i_frame / 3, 5);
        const int8_t *from = noise + lot % (GRAIN_SIZE - ROWS_MOST_WIDTH);
        for (int x = 0; x < r->width; x++)
            lines[i][x] = (int8_t)(from[x] * k >> 7);
    }
    store_planes(r, f, finish, grain);
}

void rows_copy(const struct rows *r, struct frame *f)
{
    static const int8_t none[ROWS_MOST_WIDTH];
    const struct rows_finish finish = {0};
    const int8_t *grain[2] = {none, none};
    store_planes(r, f, &finish, grain);
}

void rows_veil(struct rows *r, const uint8_t colour[3], int k)
{
    const struct kernels *set = kernel_set();
    set->veil(r->y[0], colour[0] << ROWS_BITS, k, r->width);
    set->veil(r->y[1], colour[0] << ROWS_BITS, k, r->width);
    set->veil(r->u, colour[1] << ROWS_BITS, k, r->width / 2);
    set->veil(r->v, colour[2] << ROWS_BITS, k, r->width / 2);
}
