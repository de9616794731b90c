/* sprite_draw.c - sprites into the rows of a frame; see sprite.h. SPDX-License-Identifier: MIT */
#include "storyboard/sprite.h"

#include <string.h>

#include "storyboard/curve.h"
#include "storyboard/kernel.h"

enum {
    ONE = 1 << 16,
    KNOTS = ROWS_MOST_WIDTH / KERNEL_KNOT + 3,
    FAR_OUT = 1 << 28, /* no picture is that large, in 16.16 */
};

static int64_t fixed(float x)
{
    return (int64_t)(x * ONE + (x < 0 ? -0.5F : 0.5F));
}

static float magnitude(float x)
{
    return x < 0 ? -x : x;
}

static int choose_level(const struct sprite *s, float size, float blur)
{
    int level = 0;
    while (level + 1 < s->n_levels && (float)s->size[level] > size * 1.42F)
        level++;
    /* Out of focus: texels as large as the blur, which the drawing smooths. */
    while (level + 1 < s->n_levels && size / (float)s->size[level] < blur)
        level++;
    return level;
}

/* Where the texel that is seen at a, b of the picture is taken from, relative to there. */
static void bend(const struct sprite_pose *p, float a, float b, float *du, float *dv)
{
    const float lift = p->anchor_y - b, up = lift > 0 ? lift * lift : 0;
    const float side = 2 * a - 1, front = a < 0.6F ? (0.6F - a) * (0.6F - a) : 0;
    const float low = curve_clamp((b - 0.58F) * 2.4F, 0, 1);
    const float leg = low * low * (1 - 2 * curve_step(0.42F, 0.58F, a)) * p->stride;
    const float middle = curve_clamp(4 * b * (1 - b), 0, 1);
    *du = p->sway * up + curve_sine(b * 9 + p->wave_at) * p->ripple * (0.3F + b);
    *du += leg * curve_sine(p->stride_at) - p->breath * middle * side * 0.5F;
    *dv = p->wave * curve_sine(a * 1.1F + p->wave_at) + p->beat * (side * side - 0.25F);
    *dv += leg * 0.5F * curve_sine(p->stride_at + 0.25F) - p->nod * front * 2.5F;
}

static bool is_bent(const struct sprite_pose *p)
{
    return p->wave != 0 || p->sway != 0 || p->ripple != 0 || p->beat != 0 || p->stride != 0 ||
           p->nod != 0 || p->breath != 0;
}

/* Returns how far the mesh reaches, in sizes. */
static float make_mesh(struct sprite_frame *f, const struct sprite_pose *pose, float n)
{
    float most = 0;
    f->bent = is_bent(pose);
    for (int j = 0; f->bent && j <= SPRITE_MESH; j++)
        for (int i = 0; i <= SPRITE_MESH; i++) {
            float du, dv;
            bend(pose, (float)i / SPRITE_MESH, (float)j / SPRITE_MESH, &du, &dv);
            f->mesh_u[j][i] = (int32_t)fixed(du * n);
            f->mesh_v[j][i] = (int32_t)fixed(dv * n);
            most = curve_max(most, curve_max(magnitude(du), magnitude(dv)));
        }
    return most;
}

void sprite_point(const struct sprite_pose *p, float u, float v, float *x, float *y)
{
    const float c = curve_sine(p->turn + 0.25F), s = curve_sine(p->turn);
    const float a = (u - 0.5F - p->anchor_x) * p->wide * p->size;
    const float b = (v - p->anchor_y) * p->tall * p->size;
    *x = p->x + a * c - b * s;
    *y = p->y + a * s + b * c;
}

struct box {
    float left, right, top, bottom;
};

/* The box of the frame that the turned and bent picture can touch. */
static void widen(struct box *box, const struct sprite_pose *p, float slack)
{
    for (int i = 0; i < 4; i++) {
        float x, y;
        sprite_point(p, i & 1 ? 1 + slack : -slack, i & 2 ? 1 + slack : -slack, &x, &y);
        box->left = curve_min(box->left, x);
        box->right = curve_max(box->right, x);
        box->top = curve_min(box->top, y);
        box->bottom = curve_max(box->bottom, y);
    }
}

static void set_box(struct sprite_frame *f, const struct box *b, const int size[2])
{
    f->first_x = (int)curve_clamp(b->left - 1, 0, (float)size[0]) & ~1;
    f->end_x = ((int)curve_clamp(b->right + 2, 0, (float)size[0]) + 1) & ~1;
    f->first_y = (int)curve_clamp(b->top - 1, 0, (float)size[1]);
    f->end_y = (int)curve_clamp(b->bottom + 2, 0, (float)size[1]);
}

static bool is_drawn(const struct sprite_pose *p)
{
    return p->size >= 1 && magnitude(p->wide) >= 0.02F && magnitude(p->tall) >= 0.02F &&
           p->cover > 0 && magnitude(p->x) < 1e5F && magnitude(p->y) < 1e5F && p->size < 4e4F;
}

static struct sprite_way way(const struct sprite_pose *p, float n)
{
    const float c = curve_sine(p->turn + 0.25F), s = curve_sine(p->turn);
    /* Texels per pixel along the picture's own axes. */
    const float ku = n / (p->size * p->wide), kv = n / (p->size * p->tall);
    const float x = 0.5F - p->x, y = 0.5F - p->y;
    return (struct sprite_way){
        .u_x = fixed(c * ku),
        .u_y = fixed(s * ku),
        .v_x = fixed(-s * kv),
        .v_y = fixed(c * kv),
        .u0 = fixed((c * x + s * y) * ku + (0.5F + p->anchor_x) * n - 0.5F),
        .v0 = fixed((-s * x + c * y) * kv + p->anchor_y * n - 0.5F),
    };
}

static int64_t share(int64_t from, int64_t to, int k, int n)
{
    return from + (to - from) * (2 * k + 1) / (2 * n);
}

/* The ways in the middle of each part of the time that the shutter is open. */
static void set_ways(struct sprite_frame *f, const struct sprite_way *a, const struct sprite_way *b)
{
    const int n = f->n_taps;
    for (int k = 0; k < n; k++)
        f->way[k] = (struct sprite_way){
            .u0 = share(a->u0, b->u0, k, n),
            .v0 = share(a->v0, b->v0, k, n),
            .u_x = share(a->u_x, b->u_x, k, n),
            .v_x = share(a->v_x, b->v_x, k, n),
            .u_y = share(a->u_y, b->u_y, k, n),
            .v_y = share(a->v_y, b->v_y, k, n),
        };
    if (n == 1)
        f->way[0] = *b;
}

/* How far the corners go from one pose to the other, px. */
static float way_length(const struct sprite_pose *a, const struct sprite_pose *b)
{
    float far = 0;
    for (int i = 0; i < 4; i++) {
        float x[2], y[2];
        sprite_point(a, (float)(i & 1), (float)(i >> 1), &x[0], &y[0]);
        sprite_point(b, (float)(i & 1), (float)(i >> 1), &x[1], &y[1]);
        far = curve_max(far, curve_max(magnitude(x[1] - x[0]), magnitude(y[1] - y[0])));
    }
    return far;
}

void sprite_place(struct sprite_frame *f, const struct sprite *sprite,
                  const struct sprite_pose *pose, const struct sprite_pose *before,
                  const struct palette *palette, const int size[2])
{
    f->sprite = NULL;
    if (!is_drawn(pose))
        return;
    if (!before || !is_drawn(before) || before->wide * pose->wide < 0)
        before = pose;
    f->sprite = sprite;
    /* As many looks as blur its way without showing steps; what is large blurs with fewer, and
     * between them by coarser texels. */
    const float far = way_length(before, pose);
    const bool large = pose->size > 0.6F * (float)size[1];
    f->n_taps = large ? (int)curve_clamp(far / 6, 1, 2) : (int)curve_clamp(far / 4, 1, SPRITE_TAPS);
    const float apart = f->n_taps > 1 ? far / (float)f->n_taps : 0;
    f->level = choose_level(sprite,
                            pose->size * curve_max(magnitude(pose->wide), magnitude(pose->tall)),
                            curve_max(pose->blur, curve_min(0.4F * apart, 6)));
    const float n = (float)sprite->size[f->level];
    const float slack = make_mesh(f, pose, n) + 0.01F;
    const struct sprite_way from = way(before, n), to = way(pose, n);
    set_ways(f, &from, &to);
    struct box box = {.left = 1e9F, .right = -1e9F, .top = 1e9F, .bottom = -1e9F};
    widen(&box, pose, slack);
    widen(&box, before, slack);
    set_box(f, &box, size);
    f->low_u = f->low_v = (int32_t)fixed(-slack * n - 1);
    f->high_u = f->high_v = (int32_t)fixed((1 + slack) * n + 1);
    f->cover = (int)(curve_clamp(pose->cover, 0, 1) * 256);
    f->haze = (int)(curve_clamp(pose->haze, 0, 1) * 256);
    f->haze_colour[0] = (uint8_t)palette_luma(palette->haze.y);
    f->haze_colour[1] = (uint8_t)palette_chroma(palette->haze.u);
    f->haze_colour[2] = (uint8_t)palette_chroma(palette->haze.v);
}

void sprite_crop(struct sprite_frame *f, float left, float right, float top, float bottom)
{
    const float n = f->sprite ? (float)f->sprite->size[f->level] : 0;
    f->way[0] = f->way[f->n_taps - 1];
    f->n_taps = 1;
    f->low_u = (int32_t)fixed(left * n);
    f->high_u = (int32_t)fixed(right * n);
    f->low_v = (int32_t)fixed(top * n);
    f->high_v = (int32_t)fixed(bottom * n);
}

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
    const int32_t far = 2 * SPRITE_BLOCK * ONE;
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
