/* quant_write.c - see quant_write.h; the layouts stand in quant.h. SPDX-License-Identifier: MIT */
#include "nn/quant_write.h"

#include <assert.h>
#include <math.h>

#include "nn/quant.h"

/* f rounded to a multiple of 2^exponent, as that many. */
static uint32_t in_steps(float f, int exponent)
{
    return (uint32_t)lrintf(ldexpf(f, -exponent));
}

uint16_t quant_write_f16(float f)
{
    const uint16_t sign = (uint16_t)(quant_to_bits(f) >> 16 & 0x8000);
    const float a = fabsf(f);
    if (isnan(f))
        return sign | 0x7e00;
    if (a >= 65520)
        return sign | 0x7c00;
    int e; /* a is in 2^(e - 1) .. 2^e; a carry of the mantissa runs into the exponent */
    frexpf(a, &e);
    if (a == 0 || e < -13)
        return sign | (uint16_t)in_steps(a, -24);
    return sign | (uint16_t)(in_steps(a, e - 11) + ((uint32_t)(e + 13) << 10));
}

uint8_t quant_write_f8(float f)
{
    const uint8_t sign = (uint8_t)(quant_to_bits(f) >> 24 & 0x80);
    const float a = fabsf(f);
    if (isnan(f))
        return sign | 0x7f;
    if (a >= 448)
        return sign | 0x7e;
    int e;
    frexpf(a, &e);
    if (a == 0 || e < -5)
        return sign | (uint8_t)in_steps(a, -9);
    return sign | (uint8_t)(in_steps(a, e - 4) + ((uint32_t)(e + 5) << 3));
}

static void put_u16(uint8_t *p, uint16_t v)
{
    memcpy(p, &v, sizeof v);
}

/* Store d as F16; what it then is. */
static float put_f16(uint8_t *p, float d)
{
    put_u16(p, quant_write_f16(d));
    return quant_from_f16(quant_write_f16(d));
}

/* x in steps of d from zero on, clamped. */
static int step_of(float x, float d, int zero, int most)
{
    const float q = d != 0 ? x / d : 0;
    const long v = lrintf(fminf(fmaxf(q, -1e6F), 1e6F)) + zero;
    return v < 0 ? 0 : v > most ? most : (int)v;
}

/* The number of largest magnitude, with its sign. */
static float extreme(const float *x, int n)
{
    float found = 0;
    for (int i = 0; i < n; i++)
        if (fabsf(x[i]) > fabsf(found))
            found = x[i];
    return found;
}

static void range(const float *x, int n, float *low, float *high)
{
    *low = *high = x[0];
    for (int i = 1; i < n; i++) {
        *low = fminf(*low, x[i]);
        *high = fmaxf(*high, x[i]);
    }
}

/* The IQ4 code nearest to v. */
static int nearest_code(float v)
{
    int best = 0;
    for (int i = 1; i < 16; i++)
        if (fabsf(v - quant_codes[i]) < fabsf(v - quant_codes[best]))
            best = i;
    return best;
}

/* ---- 32 numbers a block ----------------------------------------------------------------- */

static void block_q8_0(const float *x, uint8_t *p)
{
    const float d = put_f16(p, fabsf(extreme(x, 32)) / 127);
    for (int j = 0; j < 32; j++)
        p[2 + j] = (uint8_t)(step_of(x[j], d, 128, 255) - 128);
}

/* Q4_0 and Q5_0: the extreme is the lowest step, -levels / 2. */
static void block_even(const float *x, uint8_t *p, int levels)
{
    const float d = put_f16(p, extreme(x, 32) / (-0.5F * (float)levels));
    uint32_t high = 0;
    uint8_t *q = p + (levels == 32 ? 6 : 2);
    for (int j = 0; j < 16; j++) {
        const int a = step_of(x[j], d, levels / 2, levels - 1);
        const int b = step_of(x[j + 16], d, levels / 2, levels - 1);
        q[j] = (uint8_t)((a & 15) | (b & 15) << 4);
        high |= (uint32_t)(a >> 4) << j | (uint32_t)(b >> 4) << (j + 16);
    }
    if (levels == 32)
        memcpy(p + 2, &high, sizeof high);
}

/* Q4_1 and Q5_1: from the lowest to the highest. */
static void block_affine(const float *x, uint8_t *p, int levels)
{
    float low, top;
    range(x, 32, &low, &top);
    const float d = put_f16(p, (top - low) / (float)(levels - 1)), m = put_f16(p + 2, low);
    uint32_t high = 0;
    uint8_t *q = p + (levels == 32 ? 8 : 4);
    for (int j = 0; j < 16; j++) {
        const int a = step_of(x[j] - m, d, 0, levels - 1);
        const int b = step_of(x[j + 16] - m, d, 0, levels - 1);
        q[j] = (uint8_t)((a & 15) | (b & 15) << 4);
        high |= (uint32_t)(a >> 4) << j | (uint32_t)(b >> 4) << (j + 16);
    }
    if (levels == 32)
        memcpy(p + 4, &high, sizeof high);
}

static void block_q4_0(const float *x, uint8_t *p)
{
    block_even(x, p, 16);
}

static void block_q5_0(const float *x, uint8_t *p)
{
    block_even(x, p, 32);
}

static void block_q4_1(const float *x, uint8_t *p)
{
    block_affine(x, p, 16);
}

static void block_q5_1(const float *x, uint8_t *p)
{
    block_affine(x, p, 32);
}

static void put_codes(const float *x, float d, uint8_t *q)
{
    for (int j = 0; j < 16; j++) {
        const int a = d != 0 ? nearest_code(x[j] / d) : 8;
        const int b = d != 0 ? nearest_code(x[j + 16] / d) : 8;
        q[j] = (uint8_t)(a | b << 4);
    }
}

static void block_iq4_nl(const float *x, uint8_t *p)
{
    put_codes(x, put_f16(p, extreme(x, 32) / -127), p + 2);
}

/* ---- 256 numbers a block ---------------------------------------------------------------- */

/* Scales of n sub-blocks without a minimum: multiples of d between -levels and levels, so that
 * the extreme of a sub-block is its step lowest. Returns d as it is stored at p. */
static float even_scales(const float *x, int n, int lowest, int levels, int *scales, uint8_t *p)
{
    float wanted[16] = {0};
    for (int s = 0; s < n; s++)
        wanted[s] = extreme(x + 256 / n * s, 256 / n) / (float)lowest;
    const float d = put_f16(p, fabsf(extreme(wanted, n)) / (float)levels);
    for (int s = 0; s < n; s++)
        scales[s] = step_of(wanted[s], d, levels, 2 * levels) - levels;
    return d;
}

static void block_q6_k(const float *x, uint8_t *p)
{
    int scales[16];
    const float d = even_scales(x, 16, -32, 127, scales, p + 208);
    memset(p, 0, 192);
    for (int i = 0; i < 256; i++) {
        const int sub = i / 16, run = i / 32;
        const int q = step_of(x[i], d * (float)scales[sub], 32, 63);
        p[run / 4 * 64 + run % 2 * 32 + i % 32] |= (uint8_t)((q & 15) << run % 4 / 2 * 4);
        p[128 + run / 4 * 32 + i % 32] |= (uint8_t)(q >> 4 << run % 4 * 2);
    }
    for (int s = 0; s < 16; s++)
        p[192 + s] = (uint8_t)scales[s];
}

static void block_q3_k(const float *x, uint8_t *p)
{
    int scales[16];
    const float d = even_scales(x, 16, -4, 31, scales, p + 108);
    memset(p, 0, 108);
    for (int i = 0; i < 256; i++) {
        const int sub = i / 16, run = i / 32;
        const int q = step_of(x[i], d * (float)scales[sub], 4, 7);
        p[32 + run / 4 * 32 + i % 32] |= (uint8_t)((q & 3) << run % 4 * 2);
        p[i % 32] |= (uint8_t)(q >> 2 << run);
    }
    for (int s = 0; s < 16; s++) {
        const int bits = scales[s] + 32;
        p[96 + s % 8] |= (uint8_t)((bits & 15) << s / 8 * 4);
        p[104 + s % 4] |= (uint8_t)(bits >> 4 << s / 4 * 2);
    }
}

static void block_iq4_xs(const float *x, uint8_t *p)
{
    int scales[8];
    const float d = even_scales(x, 8, -127, 31, scales, p);
    uint16_t high = 0;
    memset(p + 2, 0, 6);
    for (int s = 0; s < 8; s++) {
        const int bits = scales[s] + 32;
        p[4 + s / 2] |= (uint8_t)((bits & 15) << s % 2 * 4);
        high |= (uint16_t)(bits >> 4 << 2 * s);
        put_codes(x + 32 * s, d * (float)scales[s], p + 8 + 16 * s);
    }
    put_u16(p + 2, high);
}

/* Scales and minima of n sub-blocks, each a multiple up to most of d and of dmin: numbers are
 * scale * q - min with q up to levels - 1. d and dmin are stored at p as they are returned. */
struct affine {
    int scale[16], min[16];
    float d, dmin;
};

static void affine_scales(struct affine *a, const float *x, int n, int levels, int most, uint8_t *p)
{
    float scale[16] = {0}, min[16] = {0};
    for (int s = 0; s < n; s++) {
        float low, high;
        range(x + 256 / n * s, 256 / n, &low, &high);
        min[s] = fmaxf(-low, 0);
        scale[s] = fmaxf(high + min[s], 0) / (float)(levels - 1);
    }
    a->d = put_f16(p, extreme(scale, n) / (float)most);
    a->dmin = put_f16(p + 2, extreme(min, n) / (float)most);
    for (int s = 0; s < n; s++) {
        a->scale[s] = step_of(scale[s], a->d, 0, most);
        a->min[s] = step_of(min[s], a->dmin, 0, most);
    }
}

static int affine_step(const struct affine *a, float x, int s, int levels)
{
    return step_of(x + a->dmin * (float)a->min[s], a->d * (float)a->scale[s], 0, levels - 1);
}

static void put_scales_and_mins(const struct affine *a, uint8_t *p)
{
    for (int s = 0; s < 4; s++) {
        p[s] = (uint8_t)(a->scale[s] | a->scale[s + 4] >> 4 << 6);
        p[s + 4] = (uint8_t)(a->min[s] | a->min[s + 4] >> 4 << 6);
        p[s + 8] = (uint8_t)((a->scale[s + 4] & 15) | (a->min[s + 4] & 15) << 4);
    }
}

static void block_q5_k(const float *x, uint8_t *p)
{
    struct affine a;
    affine_scales(&a, x, 8, 32, 63, p);
    put_scales_and_mins(&a, p + 4);
    memset(p + 16, 0, 160);
    for (int i = 0; i < 256; i++) {
        const int s = i / 32, q = affine_step(&a, x[i], s, 32);
        p[48 + s / 2 * 32 + i % 32] |= (uint8_t)((q & 15) << s % 2 * 4);
        p[16 + i % 32] |= (uint8_t)(q >> 4 << s);
    }
}

static void block_q4_k(const float *x, uint8_t *p)
{
    struct affine a;
    affine_scales(&a, x, 8, 16, 63, p);
    put_scales_and_mins(&a, p + 4);
    memset(p + 16, 0, 128);
    for (int i = 0; i < 256; i++) {
        const int s = i / 32, q = affine_step(&a, x[i], s, 16);
        p[16 + s / 2 * 32 + i % 32] |= (uint8_t)(q << s % 2 * 4);
    }
}

static void block_q2_k(const float *x, uint8_t *p)
{
    struct affine a;
    affine_scales(&a, x, 16, 4, 15, p + 80);
    memset(p + 16, 0, 64);
    for (int i = 0; i < 256; i++) {
        const int s = i / 16, q = affine_step(&a, x[i], s, 4);
        p[16 + s / 8 * 32 + i % 32] |= (uint8_t)(q << s % 8 / 2 * 2);
    }
    for (int s = 0; s < 16; s++)
        p[s] = (uint8_t)(a.scale[s] | a.min[s] << 4);
}

/* ---- the table -------------------------------------------------------------------------- */

static void block_f32(const float *x, uint8_t *p)
{
    memcpy(p, x, sizeof *x);
}

static void block_f16(const float *x, uint8_t *p)
{
    put_u16(p, quant_write_f16(*x));
}

static void block_bf16(const float *x, uint8_t *p)
{
    put_u16(p, quant_to_bf16(*x));
}

static void block_f8(const float *x, uint8_t *p)
{
    *p = quant_write_f8(*x);
}

static void block_f64(const float *x, uint8_t *p)
{
    const double v = *x;
    memcpy(p, &v, sizeof v);
}

static void (*const blocks[DTYPES])(const float *x, uint8_t *p) = {
    [DTYPE_F32] = block_f32,       [DTYPE_F16] = block_f16,       [DTYPE_BF16] = block_bf16,
    [DTYPE_F8_E4M3] = block_f8,    [DTYPE_F64] = block_f64,       [DTYPE_Q8_0] = block_q8_0,
    [DTYPE_Q6_K] = block_q6_k,     [DTYPE_Q5_K] = block_q5_k,     [DTYPE_Q5_1] = block_q5_1,
    [DTYPE_Q5_0] = block_q5_0,     [DTYPE_Q4_K] = block_q4_k,     [DTYPE_Q4_1] = block_q4_1,
    [DTYPE_Q4_0] = block_q4_0,     [DTYPE_Q3_K] = block_q3_k,     [DTYPE_Q2_K] = block_q2_k,
    [DTYPE_IQ4_XS] = block_iq4_xs, [DTYPE_IQ4_NL] = block_iq4_nl,
};

void quant_write_row(enum dtype type, const float *x, void *row, int64_t n)
{
    const int block = dtype_block(type);
    uint8_t *p = row;
    assert(blocks[type] && n % block == 0);
    for (int64_t i = 0; i < n; i += block, p += dtype_block_bytes(type))
        blocks[type](x + i, p);
}
