/* sprite_draw.c - sprites into the rows of a frame; see sprite.h. SPDX-License-Identifier: MIT */
#include "storyboard/sprite.h"

#include <string.h>

#include "storyboard/kernel.h"

enum {
    KNOTS = ROWS_MOST_WIDTH / KERNEL_KNOT + 3,
    FAR_OUT = 1 << 28, /* no picture is that large, in 16.16 */
};

/* The columns first..end where at + x * step lies in low..high. */
static void narrow(int *first, int *end, int64_t at, int64_t step, const int32_t range[2])
{
    if (step == 0) {
        if (at < range[0] || at >= range[1])
            *end = *first;
        return;
    }
    const int64_t near = step > 0 ? range[0] : range[1], far = step > 0 ? range[1] : range[0];
    const int64_t a = (near - at) / step, b = (far - at) / step + 1;
    if (a > *first)
        *first = a > *end ? *end : (int)a;
    if (b < *end)
        *end = b < *first ? *first : (int)b;
}

static int32_t limit(int64_t x)
{
    return (int32_t)(x < -FAR_OUT ? -FAR_OUT : x > FAR_OUT ? FAR_OUT : x);
}

/* A look into the mesh between its four corners; a and b in 8 bits of fraction. */
static int32_t mesh_at(const int32_t (*mesh)[SPRITE_MESH + 1], int32_t a, int32_t b)
{
    const int i = a >> 8, j = b >> 8;
    const int64_t ka = a & 255, kb = b & 255;
    const int64_t top = mesh[j][i] * (256 - ka) + mesh[j][i + 1] * ka;
    const int64_t low = mesh[j + 1][i] * (256 - ka) + mesh[j + 1][i + 1] * ka;
    return (int32_t)((top * (256 - kb) + low * kb) >> 16);
}

/* scale: cells of the mesh for a texel, 24 bits of fraction. */
static int32_t mesh_place(int32_t texel, int64_t scale)
{
    const int64_t at = texel * scale >> 32;
    const int64_t most = SPRITE_MESH * 256 - 1;
    return (int32_t)(at < 0 ? 0 : at > most ? most : at);
}

static int block_of(int32_t texel, int n)
{
    const int before = SPRITE_MARGIN * SPRITE_BLOCK, most = n + 2 * before - 1;
    const int at = (texel >> 16) + before;
    return (at < 0 ? 0 : at > most ? most : at) / SPRITE_BLOCK;
}

/* Is all clear on the straight way between two places of the picture? */
static bool is_clear(const struct sprite_frame *f, const int32_t u[2], const int32_t v[2])
{
    const int n = f->sprite->size[f->level];
    const int32_t far = 2 * SPRITE_BLOCK * SPRITE_ONE;
    /* There is one knot more than stretches. NOLINTNEXTLINE(clang-analyzer-core.*) */
    const int32_t du = u[1] - u[0], dv = v[1] - v[0];
    if (du > far || du < -far || dv > far || dv < -far)
        return false;
    const int x = block_of((u[0] + u[1]) / 2, n), y = block_of((v[0] + v[1]) / 2, n);
    return !f->sprite->blocks[f->level][y * sprite_blocks(n) + x];
}

/* Places at each knot of a row. */
struct knots {
    int n;
    int32_t u[KNOTS], v[KNOTS];
};

/* How far the mesh bends the way w along n columns of row y from column first on. */
static void find_bends(struct knots *out, const struct sprite_frame *f, const struct sprite_way *w,
                       const int row[3])
{
    const int64_t scale = ((int64_t)SPRITE_MESH << 24) / f->sprite->size[f->level];
    int64_t u = w->u0 + row[0] * w->u_y + row[1] * w->u_x;
    int64_t v = w->v0 + row[0] * w->v_y + row[1] * w->v_x;
    out->n = row[2] / KERNEL_KNOT + 2;
    if (!f->bent) {
        memset(out->u, 0, (size_t)out->n * sizeof *out->u);
        memset(out->v, 0, (size_t)out->n * sizeof *out->v);
        return;
    }
    for (int i = 0; i < out->n; i++) {
        const int32_t a = mesh_place(limit(u), scale), b = mesh_place(limit(v), scale);
        out->u[i] = mesh_at(f->mesh_u, a, b);
        out->v[i] = mesh_at(f->mesh_v, a, b);
        u += w->u_x * KERNEL_KNOT;
        v += w->v_x * KERNEL_KNOT;
    }
}

/* Where the way w runs at each knot. */
static void find_knots(struct knots *out, const struct knots *bends, const struct sprite_way *w,
                       const int row[3])
{
    const int64_t u = w->u0 + row[0] * w->u_y + row[1] * w->u_x;
    const int64_t v = w->v0 + row[0] * w->v_y + row[1] * w->v_x;
    out->n = bends->n;
    for (int i = 0; i < out->n; i++) {
        out->u[i] = limit(u + i * w->u_x * KERNEL_KNOT) + bends->u[i];
        out->v[i] = limit(v + i * w->v_x * KERNEL_KNOT) + bends->v[i];
    }
}

/* The texels at n columns through the knots. */
static void walk(uint32_t *out, const struct sprite_frame *f, const struct knots *at, int n)
{
    const int n_knots = (n + KERNEL_KNOT - 1) / KERNEL_KNOT;
    struct kernel_walk k = {.texels = f->sprite->texels[f->level],
                            .size = f->sprite->size[f->level]};
    for (int i = 0; i < n_knots;) {
        const bool clear = is_clear(f, at->u + i, at->v + i);
        int end = i + 1;
        while (end < n_knots && is_clear(f, at->u + end, at->v + end) == clear)
            end++;
        if (clear) {
            memset(out + i * KERNEL_KNOT, 0, (size_t)(end - i) * KERNEL_KNOT * sizeof *out);
        } else {
            k.u = at->u + i;
            k.v = at->v + i;
            kernel_set()->walk(out + i * KERNEL_KNOT, &k, (end - i) * KERNEL_KNOT);
        }
        i = end;
    }
}

/* The columns of a row of the frame that the picture can touch. */
struct span {
    int first, end;
};

static struct span span_of(const struct sprite_frame *f, const struct sprite_way *w, int y)
{
    const int32_t us[2] = {f->low_u, f->high_u}, vs[2] = {f->low_v, f->high_v};
    struct span s = {f->first_x, f->end_x};
    narrow(&s.first, &s.end, w->u0 + y * w->u_y, w->u_x, us);
    narrow(&s.first, &s.end, w->v0 + y * w->v_y, w->v_x, vs);
    return s;
}

/* What all looks at a row can touch together. */
static struct span span_of_all(const struct sprite_frame *f, int y)
{
    struct span all = {f->end_x, f->first_x};
    for (int k = 0; k < f->n_taps && y >= f->first_y && y < f->end_y; k++) {
        const struct span s = span_of(f, &f->way[k], y);
        if (s.first < s.end) {
            all.first = s.first < all.first ? s.first : all.first;
            all.end = s.end > all.end ? s.end : all.end;
        }
    }
    return all;
}

/* The columns of all of a row of the picture. The looks share the bends of the middle one: the mesh
 * changes little while the shutter is open. */
static void sample(uint32_t *out, const struct sprite_frame *f, int y, struct span all)
{
    enum { STRIDE = ROWS_MOST_WIDTH + 2 * KERNEL_SLACK };
    const int n = all.end - all.first, row[3] = {y, all.first, n};
    uint32_t looks[SPRITE_TAPS][STRIDE];
    struct knots bends, at;
    if (y < f->first_y || y >= f->end_y) {
        memset(out, 0, (size_t)n * sizeof *out);
        return;
    }
    find_bends(&bends, f, &f->way[f->n_taps / 2], row);
    for (int k = 0; k < f->n_taps; k++) {
        find_knots(&at, &bends, &f->way[k], row);
        walk(f->n_taps == 1 ? out : &looks[k][0], f, &at, n);
    }
    if (f->n_taps > 1)
        kernel_set()->average(out, looks[0], STRIDE, f->n_taps, n);
}

void sprite_draw(const struct sprite_frame *f, struct rows *r)
{
    uint32_t lines[2][ROWS_MOST_WIDTH + 2 * KERNEL_SLACK];
    const int y = 2 * r->pair;
    if (!f->sprite || y + 1 < f->first_y || y >= f->end_y)
        return;
    const struct span a = span_of_all(f, y), b = span_of_all(f, y + 1);
    const struct span all = {(a.first < b.first ? a.first : b.first) & ~1,
                             ((a.end > b.end ? a.end : b.end) + 1) & ~1};
    const int n = all.end - all.first;
    if (n <= 0)
        return;
    const struct kernel_ink ink = {.cover = f->cover,
                                   .haze = f->haze,
                                   .luma = f->haze_colour[0],
                                   .cb = f->haze_colour[1],
                                   .cr = f->haze_colour[2]};
    for (int i = 0; i < 2; i++) {
        sample(lines[i], f, y + i, all);
        kernel_set()->over_luma(r->y[i] + all.first, lines[i], &ink, n);
    }
    int16_t *const to[2] = {r->u + all.first / 2, r->v + all.first / 2};
    const uint32_t *const both[2] = {lines[0], lines[1]};
    kernel_set()->over_chroma(to, both, &ink, n / 2);
}
