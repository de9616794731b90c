/* randn.c - normal numbers as torch draws them on a CPU: the Mersenne twister (Matsumoto and
 * Nishimura, mt19937) and Box-Muller.
 *
 * The long form computes with floats as torch does, but with the C library's logarithm, sine and
 * cosine, rounded from double: torch's own vectorised ones differ from these, and from one
 * machine to the next, in the last bit.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/randn.h"

#include <math.h>

enum { LAG = 397, BLOCK = 16, HALF = BLOCK / 2 };

static const double two_pi = 6.283185307179586476925;

void randn_init(struct randn *r, uint64_t seed)
{
    r->word[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < RANDN_STATE; i++) {
        const uint32_t before = r->word[i - 1];
        r->word[i] = 1812433253U * (before ^ (before >> 30)) + i;
    }
    r->at = RANDN_STATE;
    r->kept = false;
}

static uint32_t twist(uint32_t high, uint32_t low)
{
    const uint32_t mixed = (high & 0x80000000U) | (low & 0x7fffffffU);
    return (mixed >> 1) ^ ((low & 1) ? 0x9908b0dfU : 0);
}

static void next_words(struct randn *r)
{
    for (int i = 0; i < RANDN_STATE; i++)
        r->word[i] = r->word[(i + LAG) % RANDN_STATE] ^
                     twist(r->word[i], r->word[(i + 1) % RANDN_STATE]);
    r->at = 0;
}

static uint32_t next32(struct randn *r)
{
    if (r->at == RANDN_STATE)
        next_words(r);
    uint32_t y = r->word[r->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    return y ^ (y >> 18);
}

/* In [0, 1), with the 24 bits of a float. */
static float uniform24(struct randn *r)
{
    return (float)(next32(r) & 0xffffffU) * 0x1p-24F;
}

/* In [0, 1), with the 53 bits of a double. */
static double uniform53(struct randn *r)
{
    const uint64_t high = next32(r);
    const uint64_t both = high << 32 | next32(r);
    return (double)(both & ((UINT64_C(1) << 53) - 1)) * 0x1p-53;
}

static double next_one(struct randn *r)
{
    if (r->kept) {
        r->kept = false;
        return r->spare;
    }
    const double angle = two_pi * uniform53(r);
    const double radius = sqrt(-2 * log1p(-uniform53(r)));
    r->spare = radius * sin(angle);
    r->kept = true;
    return radius * cos(angle);
}

/* Uniform numbers become normal ones: number j of a block together with number j + 8. */
static void box_muller(float *block)
{
    for (int j = 0; j < HALF; j++) {
        const float radius = sqrtf(-2 * (float)log((double)(1 - block[j])));
        const float angle = (float)two_pi * block[j + HALF];
        block[j] = radius * (float)cos((double)angle);
        block[j + HALF] = radius * (float)sin((double)angle);
    }
}

void randn_fill(struct randn *r, float *out, int64_t n)
{
    if (n < BLOCK) {
        for (int64_t i = 0; i < n; i++)
            out[i] = (float)next_one(r);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        out[i] = uniform24(r);
    for (int64_t i = 0; i + BLOCK <= n; i += BLOCK)
        box_muller(out + i);
    if (n % BLOCK == 0)
        return;
    /* What is left over makes torch draw the last 16 numbers anew, also those that were done. */
    float *last = out + n - BLOCK;
    for (int i = 0; i < BLOCK; i++)
        last[i] = uniform24(r);
    box_muller(last);
}
