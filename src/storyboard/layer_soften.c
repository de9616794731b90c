/* layer_soften.c - layers that are out of focus; see layer.h. SPDX-License-Identifier: MIT */
#include "storyboard/layer.h"

#include "base/memory.h"

/* A plane under the blur: lines of n samples, step apart. */
struct line {
    uint8_t *at;
    int n;
    ptrdiff_t step;
};

/* The mean of each sample and reach beside it on both sides; edges go on as they are. */
static void blur_line(const struct line *l, uint8_t *was, int reach)
{
    const int wide = 2 * reach + 1;
    int sum = 0;
    for (int i = 0; i < l->n; i++)
        was[i] = l->at[i * l->step];
    for (int i = -reach; i <= reach; i++)
        sum += was[i < 0 ? 0 : i >= l->n ? l->n - 1 : i];
    for (int i = 0; i < l->n; i++) {
        l->at[i * l->step] = (uint8_t)((sum + wide / 2) / wide);
        const int in = i + reach + 1, out = i - reach;
        sum += was[in >= l->n ? l->n - 1 : in] - was[out < 0 ? 0 : out];
    }
}

static void blur(uint8_t *plane, int width, int height, int reach, uint8_t *spare)
{
    for (int pass = 0; pass < 2 && reach > 0; pass++) {
        for (int y = 0; y < height; y++) {
            const struct line l = {.at = plane + (ptrdiff_t)y * width, .n = width, .step = 1};
            blur_line(&l, spare, reach);
        }
        for (int x = 0; x < width; x++) {
            const struct line l = {.at = plane + x, .n = height, .step = width};
            blur_line(&l, spare, reach);
        }
    }
}

/* Colours times their cover, and back: what is clear has no colour to spread. */
static void multiply(uint8_t *plane, const uint8_t *cover, size_t n)
{
    for (size_t i = 0; i < n; i++)
        plane[i] = (uint8_t)((plane[i] * cover[i] + 127) / 255);
}

static void divide(uint8_t *plane, const uint8_t *cover, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int value = cover[i] ? (plane[i] * 255 + cover[i] / 2) / cover[i] : 128;
        plane[i] = (uint8_t)(value > 255 ? 255 : value);
    }
}

int layer_soften(struct layer *l, float px, struct error *err)
{
    const int reach = (int)(px + 0.5F), half = (int)(px / 2 + 0.5F);
    const int most = l->width > l->height ? l->width : l->height;
    SCOPED(mem) uint8_t *spare = mem_try((size_t)most);
    if (!spare)
        return error_set(err, ERR_MEMORY, "no memory to soften a layer");
    const size_t n = (size_t)l->width * (size_t)l->height, quarter = n / 4;
    multiply(l->y, l->a, n);
    multiply(l->u, l->c, quarter);
    multiply(l->v, l->c, quarter);
    blur(l->y, l->width, l->height, reach, spare);
    blur(l->a, l->width, l->height, reach, spare);
    blur(l->u, l->width / 2, l->height / 2, half, spare);
    blur(l->v, l->width / 2, l->height / 2, half, spare);
    blur(l->c, l->width / 2, l->height / 2, half, spare);
    divide(l->y, l->a, n);
    divide(l->u, l->c, quarter);
    divide(l->v, l->c, quarter);
    layer_index(l);
    return 0;
}
