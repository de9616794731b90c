/* kernel_case.c - see kernel_case.h. SPDX-License-Identifier: MIT */
#include "storyboard/kernel_case.h"

#include "storyboard/curve.h"

static const struct kernel_ink ink = {.cover = 201, .haze = 77, .luma = 140, .cb = 120, .cr = 150};

/* Before the line's first column at its start, beyond the last at the end. */
static const struct kernel_way way = {.at = -300000, .step = 83123, .last = 1500 << 16};

static void mix(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->mix(d->lines[0], d->bytes[0], d->bytes[1], 37, n);
}

static void slide(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->slide(d->lines[0], d->lines[1], 91, n);
}

static void tap(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->tap(d->lines[0], d->lines[1], &way, n);
}

static void cover(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->cover(d->lines[0], d->lines[1], d->lines[2], &way, n);
}

static void walk(const struct kernels *set, struct kernel_case_data *d, int n)
{
    const struct kernel_walk w = {.texels = d->texels, .size = 64, .u = d->us, .v = d->vs};
    set->walk(d->walked[0], &w, n);
}

static void ring(const struct kernels *set, struct kernel_case_data *d, int n)
{
    const struct kernel_ring w = {
        .line = d->lines[1], .at = 0xfffe1234, .step = 77777, .mask = 127};
    set->ring(d->lines[0], &w, n);
}

static void peek(const struct kernels *set, struct kernel_case_data *d, int n)
{
    struct kernel_peek w = {
        .plane = d->wall[0], .cover = d->wall[1], .stride = 64, .x = d->xs, .y = d->ys};
    set->peek(d->lines[0], &w, n);
    w.cover = NULL;
    set->peek(d->lines[3], &w, n);
}

static void average(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->average(d->walked[0], d->walked[1], KERNEL_CASE_MOST * 4 / 5, 5, n);
}

static const struct kernel_grade grade = {
    .contrast = 333, .lift = -1500, .saturation = 290, .add = {500, -700}, .warm = {-300, 400}};

static void tones(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->tones(d->lines[0], &grade, n);
}

static void hues(const struct kernels *set, struct kernel_case_data *d, int n)
{
    int16_t *const chroma[2] = {d->lines[0], d->lines[3]};
    set->hues(chroma, d->lines[1], &grade, n / 2);
}

static void over_luma(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->over_luma(d->lines[0], d->walked[1], &ink, n);
}

static void over_chroma(const struct kernels *set, struct kernel_case_data *d, int n)
{
    int16_t *const to[2] = {d->lines[0], d->lines[3]};
    const uint32_t *const lines[2] = {d->walked[0], d->walked[1]};
    set->over_chroma(to, lines, &ink, n / 2);
}

static void veil(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->veil(d->lines[0], 200 << 7, 99, n);
}

static void fall(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->fall(d->lines[0], d->bytes[2], 232 << 7, n);
}

static void store_luma(const struct kernels *set, struct kernel_case_data *d, int n)
{
    const struct kernel_finish f = {
        .dim = d->dim, .grain = d->grain, .dim_line = 9000, .contrast = 50000, .dither = 4711};
    set->store_luma(d->bytes[0], d->lines[0], &f, n);
}

static void store_chroma(const struct kernels *set, struct kernel_case_data *d, int n)
{
    set->store_chroma(d->bytes[0], d->lines[0], 4711, n);
}

const struct kernel_case kernel_case_list[] = {
    {"mix", mix},
    {"slide", slide},
    {"tap", tap},
    {"cover", cover},
    {"ring", ring},
    {"peek", peek},
    {"walk", walk},
    {"average", average},
    {"tones", tones},
    {"hues", hues},
    {"over_luma", over_luma},
    {"over_chroma", over_chroma},
    {"veil", veil},
    {"fall", fall},
    {"store_luma", store_luma},
    {"store_chroma", store_chroma},
};
const size_t kernel_case_count = sizeof kernel_case_list / sizeof *kernel_case_list;

/* A byte; one in eight is an end of the range, as most of a picture's covers are. */
static uint8_t some_byte(int i, int k, uint32_t seed)
{
    const uint32_t lot = curve_hash(i, k, seed);
    return lot >> 29 == 0 ? (lot & 1 ? 255 : 0) : (uint8_t)lot;
}

/* A texel is never brighter than its cover allows. */
static uint32_t some_texel(int i, int k, uint32_t seed)
{
    const uint32_t a = some_byte(i, k, seed);
    uint32_t texel = a << 24;
    for (int c = 0; c < 3; c++)
        texel |= a * some_byte(i, k + 1 + c, seed) / 255 << 8 * c;
    return texel;
}

void kernel_case_fill(struct kernel_case_data *d, uint32_t seed)
{
    const int most = KERNEL_CASE_MOST;
    for (int i = 0; i < 2 * most + 64; i++)
        for (int k = 0; k < 4; k++) {
            d->bytes[k][i] = some_byte(i, k, seed);
            d->lines[k][i] = (int16_t)(some_byte(i, k + 4, seed) * 128);
        }
    for (int i = 0; i < most; i++) {
        d->grain[i] = (int8_t)(some_byte(i, 8, seed) / 4 - 31);
        d->dim[i] = (int16_t)(some_byte(i, 9, seed) * 40);
    }
    for (int i = 0; i < most / KERNEL_KNOT + 4; i++) {
        d->us[i] = (i % 6 * 15 - 9) * 65536 + (int32_t)(curve_hash(i, 11, seed) >> 12);
        d->vs[i] = (i % 5 * 16 - 6) * 65536 + (int32_t)(curve_hash(i, 12, seed) >> 12);
    }
    for (int i = 0; i < most / KERNEL_PEEK + 4; i++) {
        /* Some stretches along a line, others anywhere. */
        d->xs[i] = (int32_t)(i & 8 ? (i & 7) * 8 * 60000 : curve_hash(i, 14, seed) % (63 << 16));
        d->ys[i] = (int32_t)(i & 8 ? 40 << 15 : curve_hash(i, 15, seed) % (63 << 16));
    }
    for (int i = 0; i < 64 * 64 + KERNEL_SLACK; i++) {
        const uint32_t lot = curve_hash(i % 64 / 16, i / 64 / 16, seed + 1) % 3; /* in squares */
        d->wall[0][i] = some_byte(i, 16, seed);
        d->wall[1][i] = lot == 0 ? 0 : lot == 1 ? 255 : some_byte(i, 17, seed);
    }
    for (int i = 0; i < 67 * 67; i++) {
        const int x = i % 67, y = i / 67;
        d->texels[i] = x == 0 || y == 0 || x > 64 || y > 64 ? 0 : some_texel(i, 13, seed);
    }
    for (int i = 0; i < 4 * most; i++)
        for (int k = 0; k < 2; k++)
            d->walked[k][i] = some_texel(i, 20 + 4 * k, seed);
}
