/* noise.h - the roughness of nature: smooth random curves and one endless texture.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* Smooth in x, 0..1; and octaves of it, each twice as fine and half as strong, 0..1. */
float noise_line(float x, uint32_t seed);
float noise_rough(float x, int octaves, uint32_t seed);

/* The same folded at its middle: sharp crests, 0..1. */
float noise_ridge(float x, int octaves, uint32_t seed);

/* A cloudy texture of NOISE_SIZE x NOISE_SIZE bytes that repeats without a seam, mean near 128,
 * and its halvings down to NOISE_SIZE >> (NOISE_LEVELS - 1). Made once, then shared by all
 * threads; one more byte stands at the end of each row, equal to its first. */
enum { NOISE_SIZE = 512, NOISE_LEVELS = 8 };

struct noise_level {
    int size;
    int stride; /* size + 1 */
    const uint8_t *at;
};

const struct noise_level *noise_tile(void); /* [NOISE_LEVELS] */

/* A look into the finest level, in its texels, bilinear, -1..1. */
float noise_at(const struct noise_level *level, float x, float y);
