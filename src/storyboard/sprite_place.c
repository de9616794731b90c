/* sprite_place.c - from a sprite's pose to what its drawing needs; see sprite.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/sprite.h"

static int64_t fixed(float x)
{
    return (int64_t)(x * SPRITE_ONE + (x < 0 ? -0.5F : 0.5F));
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
            most = curve_max(most, curve_max(curve_magnitude(du), curve_magnitude(dv)));
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
    return p->size >= 1 && curve_magnitude(p->wide) >= 0.02F && curve_magnitude(p->tall) >= 0.02F &&
           p->cover > 0 && curve_magnitude(p->x) < 1e5F && curve_magnitude(p->y) < 1e5F &&
           p->size < 4e4F;
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
        far = curve_max(far, curve_max(curve_magnitude(x[1] - x[0]), curve_magnitude(y[1] - y[0])));
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
    f->level = choose_level(
        sprite, pose->size * curve_max(curve_magnitude(pose->wide), curve_magnitude(pose->tall)),
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
