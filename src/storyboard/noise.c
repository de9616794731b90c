/* noise.c - see noise.h. SPDX-License-Identifier: MIT */
#include "storyboard/noise.h"

#include <pthread.h>

#include "storyboard/curve.h"

enum { FIRST_CELLS = 8, OCTAVES = 6 };

static uint8_t texels[NOISE_LEVELS][NOISE_SIZE * (NOISE_SIZE + 1)];
static struct noise_level levels[NOISE_LEVELS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

float noise_line(float x, uint32_t seed)
{
    int i = curve_floor(x);
    float t = x - (float)i;
    t = t * t * (3 - 2 * t);
    return curve_mix(curve_random(i, 0, seed), curve_random(i + 1, 0, seed), t);
}

float noise_rough(float x, int octaves, uint32_t seed)
{
    float sum = 0, weight = 0.5F, total = 0;
    for (int i = 0; i < octaves; i++) {
        sum += weight * noise_line(x, seed + (uint32_t)i);
        total += weight;
        x = x * 2.03F + 17.3F;
        weight *= 0.5F;
    }
    return sum / total;
}

float noise_ridge(float x, int octaves, uint32_t seed)
{
    float sum = 0, weight = 0.5F, total = 0;
    for (int i = 0; i < octaves; i++) {
        float n = 2 * noise_line(x, seed + (uint32_t)i) - 1;
        sum += weight * (1 - curve_magnitude(n));
        total += weight;
        x = x * 2.1F + 11.7F;
        weight *= 0.45F;
    }
    return sum / total;
}

/* One octave of periodic value noise added to a row. */
static void add_octave(float *row, int y, int cells, float weight)
{
    const int step = NOISE_SIZE / cells;
    int cy = y / step;
    float ty = (float)(y % step) / (float)step;
    ty = ty * ty * (3 - 2 * ty);
    for (int cx = 0; cx < cells; cx++) {
        int right = (cx + 1) % cells, below = (cy + 1) % cells;
        float a = curve_mix(curve_random(cx, cy, (uint32_t)cells),
                            curve_random(cx, below, (uint32_t)cells), ty);
        float b = curve_mix(curve_random(right, cy, (uint32_t)cells),
                            curve_random(right, below, (uint32_t)cells), ty);
        for (int i = 0; i < step; i++) {
            float tx = (float)i / (float)step;
            tx = tx * tx * (3 - 2 * tx);
            row[cx * step + i] += weight * (curve_mix(a, b, tx) - 0.5F);
        }
    }
}

static void fill_finest(void)
{
    for (int y = 0; y < NOISE_SIZE; y++) {
        float row[NOISE_SIZE] = {0};
        float weight = 1;
        for (int o = 0; o < OCTAVES; o++) {
            add_octave(row, y, FIRST_CELLS << o, weight);
            weight *= 0.62F;
        }
        for (int x = 0; x < NOISE_SIZE; x++)
            texels[0][y * (NOISE_SIZE + 1) + x] =
                (uint8_t)curve_clamp(128.5F + 150 * row[x], 0, 255);
    }
}

static void halve(int level)
{
    const int size = NOISE_SIZE >> level, above = size * 2 + 1;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            const uint8_t *p = texels[level - 1] + 2 * y * above + 2 * x;
            texels[level][y * (size + 1) + x] =
                (uint8_t)((p[0] + p[1] + p[above] + p[above + 1] + 2) / 4);
        }
}

static void make_tile(void)
{
    fill_finest();
    for (int level = 0; level < NOISE_LEVELS; level++) {
        const int size = NOISE_SIZE >> level;
        if (level)
            halve(level);
        for (int y = 0; y < size; y++)
            texels[level][y * (size + 1) + size] = texels[level][y * (size + 1)];
        levels[level] = (struct noise_level){.size = size, .stride = size + 1, .at = texels[level]};
    }
}

const struct noise_level *noise_tile(void)
{
    pthread_once(&once, make_tile);
    return levels;
}

float noise_at(const struct noise_level *level, float x, float y)
{
    const int mask = level->size - 1;
    int ix = curve_floor(x), iy = curve_floor(y);
    float tx = x - (float)ix, ty = y - (float)iy;
    const uint8_t *a = level->at + (iy & mask) * level->stride + (ix & mask);
    const uint8_t *b = level->at + ((iy + 1) & mask) * level->stride + (ix & mask);
    float top = (float)a[0] + (float)(a[1] - a[0]) * tx;
    float low = (float)b[0] + (float)(b[1] - b[0]) * tx;
    return (top + (low - top) * ty - 128) * (1 / 128.0F);
}
