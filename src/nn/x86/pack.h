/* pack.h - what the layouts of product_tmpl.inc share: squares of 8 x 8, and bf16 by whole numbers.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Rows first .. end - 1, over a block of one panel, into n columns of y. */
struct ops_run {
    int first, end;
    const float *panel;
    float *y;
    int n;
};

static inline void pack_transpose(__m256i s[8])
{
    __m256i a[8];
    __m256i b[8];
    for (int i = 0; i < 8; i += 2) {
        a[i] = _mm256_unpacklo_epi32(s[i], s[i + 1]);
        a[i + 1] = _mm256_unpackhi_epi32(s[i], s[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            b[i + 2 * j] = _mm256_unpacklo_epi64(a[i + j], a[i + 2 + j]);
            b[i + 2 * j + 1] = _mm256_unpackhi_epi64(a[i + j], a[i + 2 + j]);
        }
    for (int i = 0; i < 4; i++) {
        s[i] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x20);
        s[i + 4] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x31);
    }
}

static inline __m256i pack_mask(int64_t n)
{
    static const int32_t edge[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(edge + 8 - (n < 8 ? n : 8)));
}

/* 8 floats, those from n on being 0 and not touched. */
static inline __m256i pack_load(const float *p, int64_t n)
{
    if (n >= 8)
        return _mm256_loadu_si256((const __m256i *)(const void *)p);
    return n > 0 ? _mm256_maskload_epi32((const int *)(const void *)p, pack_mask(n))
                 : _mm256_setzero_si256();
}

/* f32 to bf16, ties to even, in the upper halves of the lanes; a NaN stays one. */
static inline __m256i pack_narrow(__m256i f)
{
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(f, 16), _mm256_set1_epi32(1));
    const __m256i half = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff));
    const __m256i rounded = _mm256_add_epi32(f, half);
    const __m256i quiet = _mm256_or_si256(f, _mm256_set1_epi32(0x400000));
    const __m256 x = _mm256_castsi256_ps(f);
    const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
    return _mm256_blendv_epi8(rounded, quiet, nan);
}

/* 16 floats, those from n on being 0, to 16 bf16. */
static inline __m256i pack_load_narrow(const float *p, int64_t n)
{
    const __m256i a = _mm256_srli_epi32(pack_narrow(pack_load(p, n)), 16);
    const __m256i b = _mm256_srli_epi32(
        pack_narrow(n > 8 ? pack_load(p + 8, n - 8) : _mm256_setzero_si256()), 16);
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xd8);
}

/* 16 bf16, those from n on being 0 and not touched. */
static inline __m256i pack_load_bf16(const char *p, int64_t n)
{
    if (n >= 16)
        return _mm256_loadu_si256((const __m256i *)(const void *)p);
    uint16_t part[16] = {0};
    memcpy(part, p, n > 0 ? (size_t)n * sizeof *part : 0);
    return _mm256_loadu_si256((const __m256i *)(const void *)part);
}

/* 8 units of one number, from n numbers of either type at p. */
static inline __m256i pack_singles(const char *p, int64_t n, bool narrow)
{
    if (!narrow)
        return pack_load((const float *)(const void *)p, n);
    const __m128i half = n >= 8 ? _mm_loadu_si128((const __m128i *)(const void *)p)
                                : _mm256_castsi256_si128(pack_load_bf16(p, n));
    return _mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16);
}

/* 8 units of the numbers of a and those of b, f32. */
static inline __m256i pack_join(__m256i a, __m256i b)
{
    return _mm256_blend_epi16(_mm256_srli_epi32(pack_narrow(a), 16), pack_narrow(b), 0xaa);
}

/* 8 units of two numbers. */
static inline __m256i pack_pairs(const char *p, int64_t n, bool narrow)
{
    return narrow ? pack_load_bf16(p, n) : pack_load_narrow((const float *)(const void *)p, n);
}

static inline void pack_narrow_row(uint16_t *y, const float *x, int64_t n)
{
    for (int64_t i = 0; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(void *)(y + i), pack_load_narrow(x + i, 16));
    uint16_t last[16];
    _mm256_storeu_si256((__m256i *)(void *)last, pack_load_narrow(x + n / 16 * 16, n % 16));
    memcpy(y + n / 16 * 16, last, (size_t)(n % 16) * sizeof *last);
}
