/* ground_floor.c - the dry floor and what lies on it; see ground_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ground_impl.h"

static bool has_shore(enum floor kind)
{
    return kind == GROUND_BEACH || kind == GROUND_SHORE || kind == GROUND_QUAY ||
           kind == GROUND_RIVER || kind == GROUND_FLOES;
}

struct colour3 ground_floor_colour(const struct strip *s)
{
    const struct ground *g = s->f->ground;
    const float far = s->near / (s->near + 7);
    const uint32_t near_rgb = g->snow ? 0xe6eef8 : g->near;
    const uint32_t far_rgb = has_shore(g->kind) ? near_rgb : g->snow ? 0xd6e2f0 : g->far;
    struct colour3 c =
        palette_mix(palette_lit(g->palette, near_rgb), palette_lit(g->palette, far_rgb), far);
    c = palette_scale(c, 0.80F + 0.24F * far); /* the corners near the camera lie in shade */
    return palette_mix(c, g->palette->haze, s->haze);
}

static int contrast(enum floor kind, bool snow)
{
    static const uint8_t of[FLOORS] = {
        [GROUND_GRASS] = 62,  [GROUND_SAND] = 26,  [GROUND_ROCK] = 70,    [GROUND_SNOW] = 18,
        [GROUND_STREET] = 20, [GROUND_BEACH] = 24, [GROUND_SHORE] = 60,   [GROUND_SEABED] = 30,
        [GROUND_QUAY] = 16,   [GROUND_RIVER] = 60, [GROUND_FLOES] = 16,   [GROUND_FIELD] = 34,
        [GROUND_LAVA] = 64,   [GROUND_BOARDS] = 8, [GROUND_CRATERS] = 30,
    };
    return snow ? 22 : of[kind];
}

void ground_floor_luma(int16_t *out, const struct strip *s)
{
    const struct ground *g = s->f->ground;
    int16_t wide[ROWS_MOST_WIDTH], fine[ROWS_MOST_WIDTH];
    const struct samples c = ground_samples(ground_floor_colour(s));
    const int k = (int)((float)contrast(g->kind, g->snow) * (1 - s->haze) *
                        (1.4F - g->palette->stars * 0.5F));
    ground_texture(wide, s, GRAIN * 1.1F, 0, 0);
    ground_texture(fine, s, GRAIN * 4.1F, 3.7F, 1.3F);
    for (int x = 0; x < s->n; x++)
        out[x] = (int16_t)(c.y + (((wide[x] + fine[x]) * k) >> 6));
}

/* Light that waves gather on the sea's floor. */
static void caustics(int16_t *out, const struct strip *s)
{
    int16_t a[ROWS_MOST_WIDTH], b[ROWS_MOST_WIDTH];
    const float t = s->f->time;
    const int k = (int)(40 * (1 - s->haze));
    ground_texture(a, s, GRAIN * 0.5F, t * 0.09F, t * 0.05F);
    ground_texture(b, s, GRAIN * 0.55F, 7 - t * 0.08F, 5 + t * 0.06F);
    for (int x = 0; x < s->n; x++) {
        int fold = a[x] + b[x];
        fold = 300 - (fold < 0 ? -fold : fold);
        fold = fold < 0 ? 0 : fold;
        out[x] = (int16_t)(out[x] + ((fold * fold >> 6) * k >> 6));
    }
}

/* Half the road's width, and the stretch of depth of a road that runs across. */
#define ROAD_HALF  0.95F
#define DASH_PITCH 0.9F /* from one dash of the middle line to the next */
#define ROAD_NEAR  2.75F
#define ROAD_FAR   4.35F

static void fill(int16_t *out, int n, float first, float end, int value)
{
    const int a = (int)curve_clamp(first, 0, (float)n), b = (int)curve_clamp(end, 0, (float)n);
    for (int x = a; x < b; x++)
        out[x] = (int16_t)((out[x] - value) / 6 + value);
}

/* Where x of the place falls among the strip's samples. */
static float sample_of(const struct strip *s, float x)
{
    return (x - s->left) / s->step;
}

static void road_dashes(int16_t *out, const struct strip *s, int value)
{
    const float first = s->left - curve_part(s->left / DASH_PITCH) * DASH_PITCH;
    const int n = (int)((s->left + s->step * (float)s->n - first) / DASH_PITCH) + 1;
    for (int i = 0; i < n; i++) {
        const float x = first + DASH_PITCH * (float)i;
        fill(out, s->n, sample_of(s, x), sample_of(s, x + DASH_PITCH / 2), value);
    }
}

static void road_across(int16_t *out, const struct strip *s, int plane)
{
    const float middle = (ROAD_NEAR + ROAD_FAR) / 2, d = s->depth - middle;
    const struct samples dark = ground_samples(ground_lit(s, 0x4a4a50)),
                         line = ground_samples(ground_lit(s, 0xe9e2c8));
    const bool verge = s->depth > ROAD_FAR - 0.07F || s->depth < ROAD_NEAR + 0.05F;
    if (s->depth < ROAD_NEAR || s->depth > ROAD_FAR)
        return;
    const struct samples c = verge ? line : dark;
    fill(out, s->n, 0, (float)s->n, plane == 0 ? c.y : plane == 1 ? c.u : c.v);
    if (d > -0.035F && d < 0.035F)
        road_dashes(out, s, plane == 0 ? line.y : plane == 1 ? line.u : line.v);
}

static void road_away(int16_t *out, const struct strip *s, int plane)
{
    const struct samples dark = ground_samples(ground_lit(s, 0x4a4a50)),
                         line = ground_samples(ground_lit(s, 0xe9e2c8));
    const int a = plane == 0 ? dark.y : plane == 1 ? dark.u : dark.v;
    const int b = plane == 0 ? line.y : plane == 1 ? line.u : line.v;
    fill(out, s->n, sample_of(s, -ROAD_HALF), sample_of(s, ROAD_HALF), a);
    fill(out, s->n, sample_of(s, -ROAD_HALF + 0.06F), sample_of(s, -ROAD_HALF + 0.10F), b);
    fill(out, s->n, sample_of(s, ROAD_HALF - 0.10F), sample_of(s, ROAD_HALF - 0.06F), b);
    if (curve_part(s->depth / 1.6F) < 0.5F)
        fill(out, s->n, sample_of(s, -0.025F), sample_of(s, 0.025F), b);
}

static void road(int16_t *out, const struct strip *s, int plane)
{
    if (s->f->ground->road == ROAD_ACROSS)
        road_across(out, s, plane);
    else if (s->f->ground->road == ROAD_AWAY)
        road_away(out, s, plane);
}

/* Light or shade of k of 256 on the samples first..end, soft over blur of them. */
static void shade(int16_t *out, int n, float first, float end, int k)
{
    const int a = (int)curve_clamp(first, 0, (float)n), b = (int)curve_clamp(end, 0, (float)n);
    for (int x = a; x < b; x++)
        out[x] = (int16_t)(out[x] + (out[x] * k >> 8));
}

/* Furrows lead away from the camera; where they are finer than a sample they are a mean. */
static void furrows(int16_t *out, const struct strip *s, int plane)
{
    const struct samples soil = ground_samples(ground_lit(s, 0x8a6038));
    const int to = plane == 0 ? soil.y : plane == 1 ? soil.u : soil.v;
    const float pitch = 0.42F, fade = curve_step(0.30F, 0.06F, s->step);
    for (int x = 0; x < s->n; x++) {
        const float at = curve_part((s->left + s->step * (float)x) / pitch) - 0.5F;
        const float d = curve_magnitude(at);
        const float row = curve_mix(0.45F, curve_step(0.30F, 0.42F, d), fade);
        out[x] = (int16_t)(out[x] + (int)((float)(to - out[x]) * 0.75F * row));
        if (plane == 0)
            out[x] = (int16_t)(out[x] + (int)(at * 900 * fade));
    }
}

/* Seams of a paving, or of boards when only those that lead away are wanted. */
static void seams(int16_t *out, const struct strip *s, float wide, float long_, int k)
{
    const float fade = curve_step(wide * 0.30F, wide * 0.05F, s->step);
    if (long_ > 0 && curve_part(s->depth / long_) < curve_max(0.04F, s->near * s->near / 400))
        shade(out, s->n, 0, (float)s->n, -(int)((float)k * curve_step(9, 3, s->near)));
    if (fade <= 0)
        return;
    const float half = curve_max(s->step, 0.007F);
    const int first = curve_floor(s->left / wide),
              end = curve_floor((s->left + s->step * (float)s->n) / wide) + 1;
    for (int i = first; i <= end; i++) {
        const float x = (float)i * wide;
        shade(out, s->n, sample_of(s, x - half), sample_of(s, x + half), -(int)((float)k * fade));
        if (long_ <= 0 && i % 2) /* boards differ a little */
            shade(out, s->n, sample_of(s, x + half), sample_of(s, x + wide - half),
                  (int)(9 * fade));
    }
}

/* Pools of light on the boards, swinging a little. */
static void pools(int16_t *out, const struct strip *s)
{
    for (int i = 0; i < 3; i++) {
        const float swing = 0.25F * curve_sine(s->f->time * 0.07F + (float)i * 0.37F);
        const float dz = (s->depth - 3.7F - 0.4F * (float)(i % 2)) / 1.5F, in = 1 - dz * dz;
        if (in <= 0)
            continue;
        const float x = ((float)i - 1) * 1.5F + swing, inverse = 1 / (1.25F * __builtin_sqrtf(in));
        for (int k = 0; k < s->n; k++) {
            const float d = (s->left + s->step * (float)k - x) * inverse, lit = 1 - d * d;
            if (lit > 0)
                out[k] = (int16_t)(out[k] + (int)((float)out[k] * 0.55F * lit * in));
        }
    }
}

/* What glows between the stones; it swells and fades slowly. */
static void cracks(int16_t *out, const struct strip *s, int plane)
{
    int16_t a[ROWS_MOST_WIDTH];
    const struct samples hot = ground_samples(palette_rgb(0xff7a1c));
    const int to = plane == 0 ? hot.y : plane == 1 ? hot.u : hot.v;
    const float pulse = 0.82F + 0.18F * curve_sine(s->f->time * 0.22F + s->depth * 0.1F);
    const float fade = pulse * curve_step(16, 5, s->near);
    ground_texture(a, s, GRAIN * 0.42F, 3, 9);
    for (int x = 0; x < s->n; x++) {
        const int d = a[x] < 0 ? -a[x] : a[x];
        const int k = d < 70 ? (70 - d) * (70 - d) / 19 : 0; /* 0..257 */
        out[x] = (int16_t)(out[x] + (int)((float)((to - out[x]) * k >> 8) * fade));
    }
}

/* Round hollows, lit on the side away from the sun. */
static void craters(int16_t *out, const struct strip *s)
{
    const uint32_t seed = s->f->ground->seed;
    const float sun = s->f->ground->sky->sun_x > 0 ? 1 : -1;
    for (int i = 0; i < 26; i++) {
        const float z = 2.4F + (float)i * (0.5F + 0.03F * (float)i);
        const float x = (2 * curve_random(i, 1, seed) - 1) * (1.2F + 0.55F * z);
        const float r = (0.16F + 0.5F * curve_random(i, 2, seed) * curve_random(i, 3, seed)) *
                        (1 + 0.05F * z);
        const float dz = (s->depth - z) / r, in = 1 - dz * dz;
        if (in <= 0)
            continue;
        const float half = r * __builtin_sqrtf(in), left = sample_of(s, x - half),
                    right = sample_of(s, x + half);
        const int depth = (int)(110 * (0.35F + 0.65F * in)), middle = (int)((left + right) / 2);
        const int first = (int)curve_clamp(left, 0, (float)s->n),
                  end = (int)curve_clamp(right, 0, (float)s->n);
        for (int k = first; k < end; k++) {
            const float across = ((float)(k - middle)) / (right - left) * 2 * sun;
            out[k] = (int16_t)(out[k] + (int)((float)(out[k] * depth >> 8) *
                                              (-0.25F - 0.75F * across * curve_magnitude(across) *
                                                            (across > 0 ? 1.3F : 0.9F))));
        }
    }
}

void ground_floor_marks(int16_t *out, const struct strip *s, int plane)
{
    road(out, s, plane);
    switch (s->f->ground->kind) {
    case GROUND_FIELD:
        if (!s->f->ground->snow)
            furrows(out, s, plane);
        break;
    case GROUND_LAVA:
        cracks(out, s, plane);
        break;
    case GROUND_SEABED:
        if (plane == 0)
            caustics(out, s);
        break;
    case GROUND_CRATERS:
        if (plane == 0)
            craters(out, s);
        break;
    case GROUND_QUAY:
        if (plane == 0)
            seams(out, s, 0.55F, 0.55F, 34);
        break;
    case GROUND_BOARDS:
        if (plane == 0) {
            seams(out, s, 0.30F, 0, 70);
            pools(out, s);
        }
        break;
    default:
        break;
    }
}
