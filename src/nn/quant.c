/* quant.c - see quant.h. SPDX-License-Identifier: MIT */
#include "nn/quant.h"

#include <assert.h>

/* Byte i of the file's order, and the numbers that begin there. */
static uint16_t u16_at(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static float f16_at(const uint8_t *p)
{
    return quant_from_f16(u16_at(p));
}

/* ---- one number a block ----------------------------------------------------------------- */

static void row_f32(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    memcpy(out, p, (size_t)n * sizeof *out);
}

static void row_f16(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = f16_at(p + 2 * i);
}

static void row_bf16(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = quant_from_bf16(u16_at(p + 2 * i));
}

static void row_f8(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = quant_from_f8(p[i]);
}

static void row_f64(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double v;
        memcpy(&v, p + 8 * i, sizeof v);
        out[i] = (float)v;
    }
}

static void row_u8(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = p[i];
}

static void row_bool(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = p[i] != 0;
}

static void row_i32(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int32_t v;
        memcpy(&v, p + 4 * i, sizeof v);
        out[i] = (float)v;
    }
}

static void row_i64(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t v;
        memcpy(&v, p + 8 * i, sizeof v);
        out[i] = (float)v;
    }
}

/* ---- 32 numbers a block ----------------------------------------------------------------- */

static void row_q8_0(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 32, p += 34, out += 32) {
        const float d = f16_at(p);
        for (int j = 0; j < 32; j++)
            out[j] = d * (float)(int8_t)p[2 + j];
    }
}

static void row_q4_0(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 32, p += 18, out += 32) {
        const float d = f16_at(p);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)((p[2 + j] & 15) - 8);
            out[j + 16] = d * (float)((p[2 + j] >> 4) - 8);
        }
    }
}

static void row_q4_1(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 32, p += 20, out += 32) {
        const float d = f16_at(p), m = f16_at(p + 2);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)(p[4 + j] & 15) + m;
            out[j + 16] = d * (float)(p[4 + j] >> 4) + m;
        }
    }
}

/* The fifth bits of a block of Q5_0 and Q5_1. */
static uint32_t high_bits(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static void row_q5_0(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 32, p += 22, out += 32) {
        const float d = f16_at(p);
        const uint32_t high = high_bits(p + 2);
        for (int j = 0; j < 16; j++) {
            const int low = (p[6 + j] & 15) | (int)(high >> j & 1) << 4;
            const int next = (p[6 + j] >> 4) | (int)(high >> (j + 16) & 1) << 4;
            out[j] = d * (float)(low - 16);
            out[j + 16] = d * (float)(next - 16);
        }
    }
}

static void row_q5_1(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 32, p += 24, out += 32) {
        const float d = f16_at(p), m = f16_at(p + 2);
        const uint32_t high = high_bits(p + 4);
        for (int j = 0; j < 16; j++) {
            const int low = (p[8 + j] & 15) | (int)(high >> j & 1) << 4;
            const int next = (p[8 + j] >> 4) | (int)(high >> (j + 16) & 1) << 4;
            out[j] = d * (float)low + m;
            out[j + 16] = d * (float)next + m;
        }
    }
}

const int8_t quant_codes[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                1,    13,   25,  38,  53,  69,  89,  113};

static void row_iq4_nl(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 32, p += 18, out += 32) {
        const float d = f16_at(p);
        for (int j = 0; j < 16; j++) {
            out[j] = d * (float)quant_codes[p[2 + j] & 15];
            out[j + 16] = d * (float)quant_codes[p[2 + j] >> 4];
        }
    }
}

/* ---- 256 numbers a block ---------------------------------------------------------------- */

/* Half a block (128 numbers) is four runs of 32. Bits 0..3 of runs 0 and 1 are the low ones of
 * bytes 0..31 and 32..63, of runs 2 and 3 the high ones; bits 4 and 5 of run r are bits 2r and
 * 2r + 1 of the 32 high bytes. A run has two scales. */
static void row_q6_k(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 256, p += 210) {
        const float d = f16_at(p + 208);
        for (int run = 0; run < 8; run++, out += 32) {
            const uint8_t *low = p + run / 4 * 64 + run % 2 * 32;
            const uint8_t *high = p + 128 + run / 4 * 32;
            const uint8_t *scale = p + 192 + run * 2;
            const int low_shift = run % 4 / 2 * 4, high_shift = run % 4 * 2;
            const float d0 = d * (float)(int8_t)scale[0], d1 = d * (float)(int8_t)scale[1];
            for (int j = 0; j < 32; j++) {
                const int q = (low[j] >> low_shift & 15) | (high[j] >> high_shift & 3) << 4;
                out[j] = (j < 16 ? d0 : d1) * (float)(q - 32);
            }
        }
    }
}

/* Scale and minimum, 6 bits each, of sub-block j of 8. Those of sub-blocks 0..3 are the low six
 * bits of bytes 0..3 and 4..7; of those of 4..7 the low four stand together in bytes 8..11, the
 * upper two above those of 0..3. */
static void scale_and_min(const uint8_t *p, int j, int *scale, int *min)
{
    if (j < 4) {
        *scale = p[j] & 63;
        *min = p[j + 4] & 63;
    } else {
        *scale = (p[j + 4] & 15) | p[j - 4] >> 6 << 4;
        *min = p[j + 4] >> 4 | p[j] >> 6 << 4;
    }
}

/* Sub-blocks 2i and 2i + 1 are the low and the high bits of bytes 32i..32i + 31; in Q5_K, bit s
 * of the 32 high bytes is bit 4 of sub-block s. */
static void row_q5_k(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 256, p += 176) {
        const float d = f16_at(p), dmin = f16_at(p + 2);
        for (int sub = 0; sub < 8; sub++, out += 32) {
            const uint8_t *q = p + 48 + sub / 2 * 32, *high = p + 16;
            const int shift = sub % 2 * 4;
            int scale, min;
            scale_and_min(p + 4, sub, &scale, &min);
            const float ds = d * (float)scale, m = dmin * (float)min;
            for (int j = 0; j < 32; j++)
                out[j] = ds * (float)((q[j] >> shift & 15) | (high[j] >> sub & 1) << 4) - m;
        }
    }
}

static void row_q4_k(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 256, p += 144) {
        const float d = f16_at(p), dmin = f16_at(p + 2);
        for (int sub = 0; sub < 8; sub++, out += 32) {
            const uint8_t *q = p + 16 + sub / 2 * 32;
            const int shift = sub % 2 * 4;
            int scale, min;
            scale_and_min(p + 4, sub, &scale, &min);
            const float ds = d * (float)scale, m = dmin * (float)min;
            for (int j = 0; j < 32; j++)
                out[j] = ds * (float)(q[j] >> shift & 15) - m;
        }
    }
}

/* Scale j of 16, 6 bits: the low four are those of bytes 0..7, low for j < 8 and high after; the
 * upper two are bits 2(j / 4) and up of byte 8 + j % 4. */
static int scale_q3(const uint8_t *p, int j)
{
    const int low = j < 8 ? p[j] & 15 : p[j - 8] >> 4;
    return (low | (p[8 + j % 4] >> (j / 4 * 2) & 3) << 4) - 32;
}

/* Run r of 8 (32 numbers) is bits 2(r % 4) and up of bytes 32(r / 4)..; bit r of the 32 high
 * bytes is its third bit. A run has two scales. */
static void row_q3_k(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 256, p += 110) {
        const float d = f16_at(p + 108);
        for (int run = 0; run < 8; run++, out += 32) {
            const uint8_t *q = p + 32 + run / 4 * 32;
            const int shift = run % 4 * 2;
            const float d0 = d * (float)scale_q3(p + 96, run * 2);
            const float d1 = d * (float)scale_q3(p + 96, run * 2 + 1);
            for (int j = 0; j < 32; j++) {
                const int v = (q[j] >> shift & 3) | (p[j] >> run & 1) << 2;
                out[j] = (j < 16 ? d0 : d1) * (float)(v - 4);
            }
        }
    }
}

/* Runs as in Q3_K; a sub-block's scale is the low half of its byte, its minimum the high. */
static void row_q2_k(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 256, p += 84) {
        const float d = f16_at(p + 80), dmin = f16_at(p + 82);
        for (int sub = 0; sub < 16; sub++, out += 16) {
            const uint8_t *q = p + 16 + sub / 8 * 32 + sub % 2 * 16;
            const int shift = sub % 8 / 2 * 2;
            const float ds = d * (float)(p[sub] & 15), m = dmin * (float)(p[sub] >> 4);
            for (int j = 0; j < 16; j++)
                out[j] = ds * (float)(q[j] >> shift & 3) - m;
        }
    }
}

/* The scale of sub-block s: its low four bits are half s % 2 of byte s / 2 of sl, the upper two
 * bits 2s and up of sh. */
static void row_iq4_xs(const uint8_t *restrict p, float *restrict out, int64_t n)
{
    for (; n > 0; n -= 256, p += 136) {
        const float d = f16_at(p);
        const int high = u16_at(p + 2);
        for (int sub = 0; sub < 8; sub++, out += 32) {
            const uint8_t *q = p + 8 + sub * 16;
            const int low = p[4 + sub / 2] >> (sub % 2 * 4) & 15;
            const float ds = d * (float)((low | (high >> (2 * sub) & 3) << 4) - 32);
            for (int j = 0; j < 16; j++) {
                out[j] = ds * (float)quant_codes[q[j] & 15];
                out[j + 16] = ds * (float)quant_codes[q[j] >> 4];
            }
        }
    }
}

/* ---- the table -------------------------------------------------------------------------- */

static void (*const rows[DTYPES])(const uint8_t *p, float *out, int64_t n) = {
    [DTYPE_F32] = row_f32,    [DTYPE_F16] = row_f16,       [DTYPE_BF16] = row_bf16,
    [DTYPE_F8_E4M3] = row_f8, [DTYPE_F64] = row_f64,       [DTYPE_U8] = row_u8,
    [DTYPE_I32] = row_i32,    [DTYPE_I64] = row_i64,       [DTYPE_BOOL] = row_bool,
    [DTYPE_Q8_0] = row_q8_0,  [DTYPE_Q6_K] = row_q6_k,     [DTYPE_Q5_K] = row_q5_k,
    [DTYPE_Q5_1] = row_q5_1,  [DTYPE_Q5_0] = row_q5_0,     [DTYPE_Q4_K] = row_q4_k,
    [DTYPE_Q4_1] = row_q4_1,  [DTYPE_Q4_0] = row_q4_0,     [DTYPE_Q3_K] = row_q3_k,
    [DTYPE_Q2_K] = row_q2_k,  [DTYPE_IQ4_XS] = row_iq4_xs, [DTYPE_IQ4_NL] = row_iq4_nl,
};

void quant_row(enum dtype type, const void *row, float *out, int64_t n)
{
    assert(n % dtype_block(type) == 0);
    rows[type](row, out, n);
}

/* Numbers skip .. skip + n - 1 of the block at p. */
static void part_of_block(enum dtype type, const uint8_t *p, float *out, int64_t skip, int64_t n)
{
    float block[256];
    rows[type](p, block, dtype_block(type));
    memcpy(out, block + skip, (size_t)n * sizeof *out);
}

static int64_t min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void quant_widen(float *out, const struct tensor *t, int64_t first, int64_t n)
{
    const int64_t cols = tensor_cols(t), block = dtype_block(t->dtype), all = n * cols;
    assert(first >= 0 && n >= 0 && first + n <= tensor_rows(t));
    const uint8_t *p = (const uint8_t *)t->data +
                       (size_t)(first * cols / block) * dtype_block_bytes(t->dtype);
    const int64_t skip = first * cols % block;
    const int64_t head = skip ? min_i64(block - skip, all) : 0;
    if (head) {
        part_of_block(t->dtype, p, out, skip, head);
        p += dtype_block_bytes(t->dtype);
    }
    const int64_t whole = (all - head) / block * block, tail = all - head - whole;
    rows[t->dtype](p, out + head, whole);
    if (tail)
        part_of_block(t->dtype, p + (size_t)(whole / block) * dtype_block_bytes(t->dtype),
                      out + head + whole, 0, tail);
    if (t->scale != 1)
        for (int64_t i = 0; i < all; i++)
            out[i] *= t->scale;
}
