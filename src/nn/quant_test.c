/* quant_test.c - every type to f32 against what ggml computes, and there and back.
 * SPDX-License-Identifier: MIT */
#include "nn/quant.h"

#include <math.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "nn/quant_write.h"
#include "nn/weights.h"
#include "unit.h"

/* Tensor NAME + suffix of the golden file. */
static struct tensor golden(const struct weights *w, const char *name, const char *suffix)
{
    char key[32];
    struct tensor t;
    snprintf(key, sizeof key, "%s%s", name, suffix);
    if (!weights_find(w, key, &t))
        fail_msg("the golden file has no %s", key);
    return t;
}

static struct weights *golden_open(void)
{
    struct weights *w;
    struct error err;
    CHECK_OK(weights_open(&w, PARITY_DATA "/wan/gguf_quant_blocks.safetensors", &err), err);
    return w;
}

TEST(every_type_of_ggml_widens_to_what_ggml_computes)
{
    SCOPED(weights) struct weights *w = golden_open();
    int64_t rows, cols;
    assert_true(text_int(text_of(weights_meta(w, "rows")), 1, 1024, &rows));
    assert_true(text_int(text_of(weights_meta(w, "row_length")), 1, 1 << 20, &cols));
    int n_types = 0;
    for (int d = 0; d < DTYPES; d++) {
        char key[32];
        struct tensor raw;
        snprintf(key, sizeof key, "%s.raw", dtype_name((enum dtype)d));
        if (!weights_find(w, key, &raw))
            continue;
        const struct tensor want = golden(w, dtype_name((enum dtype)d), ".f32");
        const struct tensor t = {.data = raw.data,
                                 .dtype = (enum dtype)d,
                                 .n_dims = 2,
                                 .shape = {rows, cols},
                                 .scale = 1};
        assert_int_equal(tensor_bytes(&t), tensor_bytes(&raw));
        SCOPED(mem) float *got = mem_alloc((size_t)tensor_count(&t) * sizeof *got);
        SCOPED(mem) float *wanted = mem_alloc((size_t)tensor_count(&t) * sizeof *wanted);
        quant_widen(got, &t, 0, rows);
        quant_widen(wanted, &want, 0, 1);
        for (int64_t i = 0; i < tensor_count(&t); i++)
            if (!(fabsf(got[i] - wanted[i]) <= 1e-6F * fabsf(wanted[i])))
                fail_msg("%s: number %d is %.9g, must be %.9g", key, (int)i, (double)got[i],
                         (double)wanted[i]);
        n_types++;
    }
    assert_int_equal(n_types, 14);
}

TEST(our_quantisers_come_as_close_as_their_steps_allow)
{
    /* Greatest error, in units of the largest number of the row: half a step of the widest
     * sub-block, and what rounding its scale (of 4 or 6 bits) adds. */
    static const struct {
        enum dtype type;
        float bound;
    } rows[] = {
        {DTYPE_F32, 0},         {DTYPE_F64, 0},           {DTYPE_F16, 4.9e-4F},
        {DTYPE_BF16, 3.95e-3F}, {DTYPE_F8_E4M3, 0.0626F}, {DTYPE_Q8_0, 0.005F},
        {DTYPE_Q6_K, 0.035F},   {DTYPE_Q5_K, 0.05F},      {DTYPE_Q5_1, 0.035F},
        {DTYPE_Q5_0, 0.065F},   {DTYPE_Q4_K, 0.1F},       {DTYPE_Q4_1, 0.07F},
        {DTYPE_Q4_0, 0.13F},    {DTYPE_Q3_K, 0.28F},      {DTYPE_Q2_K, 0.45F},
        {DTYPE_IQ4_XS, 0.15F},  {DTYPE_IQ4_NL, 0.12F},
    };
    SCOPED(weights) struct weights *w = golden_open();
    const struct tensor source = golden(w, "source", "");
    const int64_t n = tensor_count(&source);
    SCOPED(mem)
    float *x = mem_alloc((size_t)n * sizeof *x), *back = mem_alloc((size_t)n * sizeof *x);
    quant_widen(x, &source, 0, 1);
    float largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        uint8_t bytes[8192];
        quant_write_row(rows[r].type, x, bytes, n);
        quant_row(rows[r].type, bytes, back, n);
        float worst = 0;
        for (int64_t i = 0; i < n; i++)
            worst = fmaxf(worst, fabsf(back[i] - x[i]) / largest);
        if (worst > rows[r].bound)
            fail_msg("%s: error is %g, must be at most %g", dtype_name(rows[r].type), (double)worst,
                     (double)rows[r].bound);
    }
}

TEST(every_f16_and_f8_survives_there_and_back)
{
    for (uint32_t h = 0; h < 0x10000; h++) {
        const float f = quant_from_f16((uint16_t)h);
        if ((h & 0x7fff) > 0x7c00)
            assert_true(isnan(f));
        else
            assert_int_equal(quant_write_f16(f), h);
    }
    for (uint32_t b = 0; b < 256; b++) {
        const float f = quant_from_f8((uint8_t)b);
        if ((b & 0x7f) == 0x7f)
            assert_true(isnan(f));
        else
            assert_int_equal(quant_write_f8(f), b);
    }
}

TEST(narrow_floats_are_the_numbers_that_their_formats_say)
{
    assert_true(quant_from_f16(0x3c00) == 1);
    assert_true(quant_from_f16(0x0001) == 0x1p-24F);
    assert_true(quant_from_f16(0x7bff) == 65504);
    assert_true(isinf(quant_from_f16(0xfc00)) && quant_from_f16(0xfc00) < 0);
    assert_true(signbit(quant_from_f16(0x8000)));
    assert_true(quant_from_f8(0x38) == 1);
    assert_true(quant_from_f8(0x7e) == 448);
    assert_true(quant_from_f8(0x01) == 0x1p-9F);
    assert_true(quant_from_bf16(0x3f80) == 1);
}

TEST(rounding_goes_to_the_nearest_and_ties_to_even)
{
    assert_int_equal(quant_to_bf16(quant_from_bits(0x3f808000)), 0x3f80);
    assert_int_equal(quant_to_bf16(quant_from_bits(0x3f818000)), 0x3f82);
    assert_int_equal(quant_to_bf16(quant_from_bits(0x3f808001)), 0x3f81);
    assert_int_equal(quant_to_bf16(3.4e38F), 0x7f80);
    assert_true(isnan(quant_from_bf16(quant_to_bf16(quant_from_bits(0x7f800001)))));
    assert_int_equal(quant_write_f16(1 + 0x1p-11F), 0x3c00);
    assert_int_equal(quant_write_f16(1 + 0x3p-11F), 0x3c02);
    assert_int_equal(quant_write_f16(65519), 0x7bff);
    assert_int_equal(quant_write_f16(65520), 0x7c00);
    assert_int_equal(quant_write_f16(0x1p-25F), 0);
    assert_int_equal(quant_write_f16(0x1.8p-25F), 1);
}

TEST(rows_that_begin_inside_a_block_are_widened_too)
{
    float x[512], whole[512], part[128];
    uint8_t bytes[512 / 256 * 210];
    struct hash_rng rng;
    hash_rng_init(&rng, 7, 1);
    for (int i = 0; i < 512; i++)
        x[i] = hash_rng_unit(&rng) - 0.5F;
    quant_write_row(DTYPE_Q6_K, x, bytes, 512);
    quant_row(DTYPE_Q6_K, bytes, whole, 512);
    const struct tensor t = {
        .data = bytes, .dtype = DTYPE_Q6_K, .n_dims = 2, .shape = {128, 4}, .scale = 2};
    const int64_t spans[][2] = {{0, 1}, {63, 2}, {64, 1}, {60, 8}, {1, 31}, {127, 1}, {100, 0}};
    for (size_t s = 0; s < sizeof spans / sizeof *spans; s++) {
        quant_widen(part, &t, spans[s][0], spans[s][1]);
        for (int64_t i = 0; i < spans[s][1] * 4; i++)
            assert_true(part[i] == 2 * whole[spans[s][0] * 4 + i]);
    }
    float all[512];
    quant_widen(all, &t, 3, 125);
    for (int i = 0; i < 500; i++)
        assert_true(all[i] == 2 * whole[12 + i]);
}

TEST(whole_numbers_become_the_same_floats)
{
    const uint8_t bytes[3] = {0, 7, 255};
    const int32_t small[3] = {-5, 0, 1 << 20};
    const int64_t large[3] = {-5, 0, 1LL << 40};
    float out[3];
    quant_row(DTYPE_U8, bytes, out, 3);
    assert_true(out[0] == 0 && out[1] == 7 && out[2] == 255);
    quant_row(DTYPE_BOOL, bytes, out, 3);
    assert_true(out[0] == 0 && out[1] == 1 && out[2] == 1);
    quant_row(DTYPE_I32, small, out, 3);
    assert_true(out[0] == -5 && out[1] == 0 && out[2] == 0x1p20F);
    quant_row(DTYPE_I64, large, out, 3);
    assert_true(out[0] == -5 && out[1] == 0 && out[2] == 0x1p40F);
}

TEST(a_row_of_zeros_stays_zero_in_every_type)
{
    const float zeros[256] = {0};
    for (int d = 0; d < DTYPES; d++) {
        if (d == DTYPE_U8 || d == DTYPE_I32 || d == DTYPE_I64 || d == DTYPE_BOOL)
            continue;
        uint8_t bytes[2048];
        float back[256];
        quant_write_row((enum dtype)d, zeros, bytes, 256);
        quant_row((enum dtype)d, bytes, back, 256);
        for (int i = 0; i < 256; i++)
            assert_true(back[i] == 0);
    }
}
