/* curve.c - see curve.h. SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"

float curve_sine(float turns)
{
    float x = turns - (float)curve_floor(turns + 0.5F);
    float s = 8 * x - 16 * x * (x < 0 ? -x : x);
    return 0.225F * (s * (s < 0 ? -s : s) - s) + s;
}

uint32_t curve_hash(int x, int y, uint32_t seed)
{
    uint32_t h = seed * 0x9e3779b1U + (uint32_t)x * 0x85ebca6bU + (uint32_t)y * 0xc2b2ae35U;
    h ^= h >> 16;
    h *= 0x7feb352dU;
    h ^= h >> 15;
    h *= 0x846ca68bU;
    h ^= h >> 16;
    return h;
}

float curve_random(int x, int y, uint32_t seed)
{
    return (float)(curve_hash(x, y, seed) >> 8) * (1.0F / 16777216.0F);
}
