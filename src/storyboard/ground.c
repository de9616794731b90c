/* ground.c - see ground.h. SPDX-License-Identifier: MIT */
#include "storyboard/ground.h"

#include "storyboard/curve.h"
#include "storyboard/noise.h"

/* Texels of the noise for one height of the eye. */
#define GRAIN 150.0F

static bool has_water(enum floor kind)
{
    return kind == GROUND_WATER || kind == GROUND_BEACH || kind == GROUND_SHORE;
}

static enum road choose_road(const struct plan *plan, const struct place_row *row)
{
    if (!row->road)
        return ROAD_NONE;
    for (int i = 0; i < plan->cast[0].n_moves; i++)
        if (plan->cast[0].moves[i].move == MOVE_WALK || plan->cast[0].moves[i].move == MOVE_RUN)
            return ROAD_ACROSS;
    return ROAD_AWAY;
}

void ground_init(struct ground *g, const struct plan *plan, const struct palette *palette,
                 const struct sky *sky)
{
    static const float rough[WEATHERS] = {
        [WEATHER_CLEAR] = 1, [WEATHER_CLOUD] = 1.1F, [WEATHER_RAIN] = 1.4F,
        [WEATHER_SNOW] = 1,  [WEATHER_FOG] = 0.7F,   [WEATHER_STORM] = 2.6F};
    const struct place_row *row = place_of(plan->place);
    *g = (struct ground){
        .kind = row->ground,
        .road = choose_road(plan, row),
        .palette = palette,
        .sky = sky,
        .near = row->ground_near,
        .far = row->ground_far,
        .water = row->ground == GROUND_WATER ? row->ground_near : row->ground_far,
        .rough = rough[palette_weather(plan)],
        .snow = plan_has(plan, WEATHER_SNOW) && row->ground != GROUND_SEABED,
        .shore = row->ground == GROUND_BEACH   ? 4.2F
                 : row->ground == GROUND_SHORE ? 2.9F
                                               : 0,
    };
}

bool ground_mirrors(const struct ground *g)
{
    return has_water(g->kind);
}

void ground_place(struct ground_frame *f, const struct ground *g, const struct stage *stage,
                  const struct stage_pose *pose, float time)
{
    const struct stage_view far = stage_view(stage, pose, STAGE_FAR);
    *f = (struct ground_frame){
        .ground = g,
        .time = time,
        .eye = curve_max(1 + pose->y, 0.1F),
        .x = pose->x,
        .z = pose->z,
        .horizon = far.y,
        .middle = far.x,
        .scale = far.scale,
    };
}

int ground_mirror_pairs(const struct ground_frame *f)
{
    const int pairs = (int)f->horizon / 2;
    const int most = f->mirror ? f->mirror->height / 2 : pairs;
    return pairs < 1 ? 1 : pairs > most ? most : pairs;
}

int ground_hides(const struct ground_frame *f, int pair)
{
    return f->ground->kind != GROUND_NONE && (float)(2 * pair) >= f->horizon;
}

/* One line of the floor. */
struct strip {
    const struct ground_frame *f;
    int n;       /* samples                                        */
    float near;  /* distance from the camera, in heights of the eye */
    float depth; /* of the place                                   */
    float left;  /* x of the first sample                          */
    float step;  /* x from one to the next                         */
    float haze;
};

/* v: screen units under the horizon. */
static struct strip strip_at(const struct ground_frame *f, float v, int n, float px_per_sample)
{
    struct strip s = {.f = f, .n = n};
    v = curve_max(v, 0.0008F);
    s.near = f->eye / v;
    s.depth = s.near + f->z;
    s.step = s.near / f->scale * px_per_sample;
    s.left = (0.5F - f->middle) / f->scale * s.near + f->x;
    s.haze = palette_haze(f->ground->palette, s.near);
    return s;
}

/* Noise along a strip, about -64..64 times 16; grain: texels for a height of the eye. */
static void texture(int16_t *out, const struct strip *s, float grain, float shift_x, float shift_z)
{
    const struct noise_level *level = noise_tile();
    /* Fine enough across, coarse enough along: between the two, on the coarser side. */
    float texels = s->step * grain * (1 + s->near * 0.12F);
    int k = 0;
    while (texels > 1.4F && k < NOISE_LEVELS - 1) {
        texels *= 0.5F;
        k++;
    }
    level += k;
    const double scale = (double)grain / (double)(1 << k);
    const double z = ((double)s->depth + (double)shift_z) * scale + 4096;
    const int row = (int)z, weight = (int)((z - (double)row) * 256);
    const uint8_t *a = level->at + (row & (level->size - 1)) * level->stride;
    const uint8_t *b = level->at + ((row + 1) & (level->size - 1)) * level->stride;
    int16_t line[NOISE_SIZE + 1];
    for (int i = 0; i <= level->size; i++)
        line[i] = (int16_t)((a[i] - 128) * (256 - weight) / 16 + (b[i] - 128) * weight / 16);
    const uint32_t mask = (uint32_t)level->size - 1;
    uint32_t at = (uint32_t)(int64_t)(((double)s->left + (double)shift_x) * scale * 65536);
    const uint32_t step = (uint32_t)(int64_t)((double)s->step * scale * 65536);
    for (int x = 0; x < s->n; x++, at += step) {
        const uint32_t i = at >> 16 & mask;
        const int k256 = (int)(at >> 8 & 255);
        /* cppcheck-suppress uninitvar ; the loop above wrote size + 1 of them */
        out[x] = (int16_t)(line[i] + (((line[i + 1] - line[i]) * k256) >> 8));
    }
}

/* A colour as samples of the rows. */
struct samples {
    int y, u, v;
};

static struct samples samples_of(struct colour3 c)
{
    const float one = 1 << ROWS_BITS;
    return (struct samples){.y = (int)(palette_luma(curve_clamp(c.y, 0, 1)) * one),
                            .u = (int)(palette_chroma(c.u) * one),
                            .v = (int)(palette_chroma(c.v) * one)};
}

static struct colour3 floor_colour(const struct strip *s)
{
    const struct ground *g = s->f->ground;
    const float far = s->near / (s->near + 7);
    const uint32_t near_rgb = g->snow ? 0xe6eef8 : g->near;
    const uint32_t far_rgb = g->kind == GROUND_BEACH || g->kind == GROUND_SHORE ? near_rgb
                             : g->snow                                          ? 0xd6e2f0
                                                                                : g->far;
    struct colour3 c =
        palette_mix(palette_lit(g->palette, near_rgb), palette_lit(g->palette, far_rgb), far);
    c = palette_scale(c, 0.80F + 0.24F * far); /* the corners near the camera lie in shade */
    return palette_mix(c, g->palette->haze, s->haze);
}

static int contrast(enum floor kind, bool snow)
{
    static const uint8_t of[] = {
        [GROUND_GRASS] = 62,  [GROUND_SAND] = 26,  [GROUND_ROCK] = 70,  [GROUND_SNOW] = 18,
        [GROUND_STREET] = 20, [GROUND_BEACH] = 24, [GROUND_SHORE] = 60, [GROUND_SEABED] = 30,
    };
    return snow ? 22 : of[kind];
}

static void floor_luma(int16_t *out, const struct strip *s)
{
    const struct ground *g = s->f->ground;
    int16_t wide[ROWS_MOST_WIDTH], fine[ROWS_MOST_WIDTH];
    const struct samples c = samples_of(floor_colour(s));
    const int k = (int)((float)contrast(g->kind, g->snow) * (1 - s->haze) *
                        (1.4F - g->palette->stars * 0.5F));
    texture(wide, s, GRAIN * 1.1F, 0, 0);
    texture(fine, s, GRAIN * 4.1F, 3.7F, 1.3F);
    for (int x = 0; x < s->n; x++)
        out[x] = (int16_t)(c.y + (((wide[x] + fine[x]) * k) >> 6));
}

/* Light that waves gather on the sea's floor. */
static void caustics(int16_t *out, const struct strip *s)
{
    int16_t a[ROWS_MOST_WIDTH], b[ROWS_MOST_WIDTH];
    const float t = s->f->time;
    const int k = (int)(40 * (1 - s->haze));
    texture(a, s, GRAIN * 0.5F, t * 0.09F, t * 0.05F);
    texture(b, s, GRAIN * 0.55F, 7 - t * 0.08F, 5 + t * 0.06F);
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

static struct colour3 paved(const struct strip *s, uint32_t rgb)
{
    const struct palette *p = s->f->ground->palette;
    return palette_mix(palette_lit(p, rgb), p->haze, s->haze);
}

static float part(float x)
{
    return x - (float)curve_floor(x);
}

static void road_dashes(int16_t *out, const struct strip *s, int value)
{
    const float first = s->left - part(s->left / DASH_PITCH) * DASH_PITCH;
    const int n = (int)((s->left + s->step * (float)s->n - first) / DASH_PITCH) + 1;
    for (int i = 0; i < n; i++) {
        const float x = first + DASH_PITCH * (float)i;
        fill(out, s->n, sample_of(s, x), sample_of(s, x + DASH_PITCH / 2), value);
    }
}

static void road_across(int16_t *out, const struct strip *s, int plane)
{
    const float middle = (ROAD_NEAR + ROAD_FAR) / 2, d = s->depth - middle;
    const struct samples dark = samples_of(paved(s, 0x4a4a50)),
                         line = samples_of(paved(s, 0xe9e2c8));
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
    const struct samples dark = samples_of(paved(s, 0x4a4a50)),
                         line = samples_of(paved(s, 0xe9e2c8));
    const int a = plane == 0 ? dark.y : plane == 1 ? dark.u : dark.v;
    const int b = plane == 0 ? line.y : plane == 1 ? line.u : line.v;
    fill(out, s->n, sample_of(s, -ROAD_HALF), sample_of(s, ROAD_HALF), a);
    fill(out, s->n, sample_of(s, -ROAD_HALF + 0.06F), sample_of(s, -ROAD_HALF + 0.10F), b);
    fill(out, s->n, sample_of(s, ROAD_HALF - 0.10F), sample_of(s, ROAD_HALF - 0.06F), b);
    if (part(s->depth / 1.6F) < 0.5F)
        fill(out, s->n, sample_of(s, -0.025F), sample_of(s, 0.025F), b);
}

static void road(int16_t *out, const struct strip *s, int plane)
{
    if (s->f->ground->road == ROAD_ACROSS)
        road_across(out, s, plane);
    else if (s->f->ground->road == ROAD_AWAY)
        road_away(out, s, plane);
}

/* How strongly water mirrors: more at a flat angle. */
static int mirroring(float v)
{
    return (int)(256 * (0.30F + 0.58F / (1 + v * 5.5F)));
}

static struct samples deep_water(const struct strip *s)
{
    const struct ground *g = s->f->ground;
    struct colour3 c = palette_lit(g->palette, g->water);
    return samples_of(palette_mix(palette_scale(c, 0.85F), g->palette->haze, s->haze * 0.8F));
}

static void waves(int16_t *out, const struct strip *s)
{
    int16_t other[ROWS_MOST_WIDTH];
    const float t = s->f->time;
    texture(out, s, GRAIN * 0.55F, t * 0.10F, -t * 0.30F);
    texture(other, s, GRAIN * 1.3F, 5 - t * 0.16F, 3 - t * 0.22F);
    for (int x = 0; x < s->n; x++)
        out[x] = (int16_t)(out[x] + other[x]);
}

/* The sun's path on the water: glints where a wave is steep enough. */
static void glints(int16_t *out, const struct strip *s, const int16_t *wave, float v)
{
    const struct ground_frame *f = s->f;
    const float sun = f->middle + f->ground->sky->sun_x * f->scale;
    const float wide = (0.035F + 0.20F * v) * f->scale, inverse = 1 / wide;
    const int top = 235 << ROWS_BITS;
    const int strength = (int)(f->ground->palette->glow * 1.3F * 128);
    const int first = (int)curve_clamp(sun - 3 * wide, 0, (float)s->n);
    const int end = (int)curve_clamp(sun + 3 * wide, 0, (float)s->n);
    for (int x = first; x < end; x++) {
        const float d = ((float)x - sun) * inverse * (1 / 3.0F), k = (1 - d * d) * (1 - d * d);
        const int lit = wave[x] + 150 - (int)(620 * (1 - k));
        if (lit > 0) {
            const int gain = lit * strength >> 9;
            out[x] = (int16_t)(out[x] + (top - out[x]) * (gain > 200 ? 200 : gain) / 256);
        }
    }
}

static void water_luma(int16_t *out, const struct strip *s, float v, int y)
{
    const struct ground_frame *f = s->f;
    const struct frame *m = f->mirror;
    int16_t wave[ROWS_MOST_WIDTH];
    const int k = mirroring(v), deep = deep_water(s).y;
    const float rough = f->ground->rough;
    const int swing = (int)((2.0F + 26 * v) * rough),
              lift = (int)((2 + 5 * curve_min(v * 4, 1)) * rough);
    const int horizon = 2 * ground_mirror_pairs(f) - 1;
    const int row = (int)(2 * f->horizon) - y;
    waves(wave, s);
    for (int x = 0; x < s->n; x++) {
        int at = row + ((wave[x] * swing) >> 9);
        at = at < 0 ? 0 : at > horizon ? horizon : at;
        const int mirrored = m->plane[0][at * m->stride[0] + x] << ROWS_BITS;
        out[x] = (int16_t)(deep + (((mirrored - deep) * k) >> 8) + ((wave[x] * lift) >> 3));
    }
    glints(out, s, wave, v);
}

static void water_chroma(int16_t *u, int16_t *v_out, const struct strip *s, float v, int y)
{
    const struct ground_frame *f = s->f;
    const struct frame *m = f->mirror;
    const struct samples deep = deep_water(s);
    const int k = mirroring(v), horizon = ground_mirror_pairs(f) - 1;
    int row = (int)f->horizon - y;
    row = row < 0 ? 0 : row > horizon ? horizon : row;
    const uint8_t *mu = m->plane[1] + row * m->stride[1], *mv = m->plane[2] + row * m->stride[2];
    for (int x = 0; x < s->n; x++) {
        u[x] = (int16_t)(deep.u + ((((mu[x] << ROWS_BITS) - deep.u) * k) >> 8));
        v_out[x] = (int16_t)(deep.v + ((((mv[x] << ROWS_BITS) - deep.v) * k) >> 8));
    }
}

/* How far the strip lies in the water: below 0 on land, above 1 in the water, between on the
 * edge, where it depends on x. */
static float wetness(const struct strip *s)
{
    const struct ground *g = s->f->ground;
    if (g->kind == GROUND_WATER)
        return 9;
    if (!has_water(g->kind))
        return -9;
    const float swash = g->kind == GROUND_BEACH ? 0.16F * curve_sine(s->f->time * 0.22F) : 0;
    return (s->depth - g->shore + swash) / 0.5F + 0.5F;
}

/* The share of water in each sample of the edge, 0..256. */
static void shore_mask(int16_t *mask, const struct strip *s, float wet)
{
    texture(mask, s, GRAIN * 0.12F, 2.5F, -s->depth);
    const int middle = (int)(wet * 256);
    for (int x = 0; x < s->n; x++) {
        const int k = ((middle - 128) * 5 + mask[x] * 2) / 2 + 128;
        mask[x] = (int16_t)(k < 0 ? 0 : k > 256 ? 256 : k);
    }
}

static void merge(int16_t *land, const int16_t *water, const int16_t *mask, int n, int foam)
{
    for (int x = 0; x < n; x++) {
        const int k = mask[x];
        int value = land[x] + (((water[x] - land[x]) * k) >> 8);
        const int edge = k * (256 - k) >> 6; /* 0..256 */
        land[x] = (int16_t)(value + (((foam - value) * edge) >> 9));
    }
}

static void draw_luma(const struct ground_frame *f, struct rows *r, int i)
{
    const int y = 2 * r->pair + i;
    const float v = ((float)y + 0.5F - f->horizon) / f->scale;
    if (v <= 0)
        return;
    const struct strip s = strip_at(f, v, r->width, 1);
    const float wet = wetness(&s);
    if (wet < 1.6F) {
        floor_luma(r->y[i], &s);
        road(r->y[i], &s, 0);
        if (f->ground->kind == GROUND_SEABED)
            caustics(r->y[i], &s);
    }
    if (wet >= 1.6F) {
        water_luma(r->y[i], &s, v, y);
    } else if (wet > -0.6F) {
        int16_t water[ROWS_MOST_WIDTH], mask[ROWS_MOST_WIDTH];
        water_luma(water, &s, v, y);
        shore_mask(mask, &s, wet);
        merge(r->y[i], water, mask, s.n, samples_of(paved(&s, 0xffffff)).y);
    }
}

static void draw_chroma(const struct ground_frame *f, struct rows *r)
{
    const float v = ((float)(2 * r->pair + 1) - f->horizon) / f->scale;
    if (v <= 0)
        return;
    const struct strip s = strip_at(f, v, r->width / 2, 2);
    const float wet = wetness(&s);
    const struct samples c = samples_of(floor_colour(&s));
    if (wet >= 1.6F) {
        water_chroma(r->u, r->v, &s, v, r->pair);
        return;
    }
    for (int x = 0; x < s.n; x++) {
        r->u[x] = (int16_t)c.u;
        r->v[x] = (int16_t)c.v;
    }
    road(r->u, &s, 1);
    road(r->v, &s, 2);
    if (wet > -0.6F) {
        int16_t u[ROWS_MOST_WIDTH / 2], w[ROWS_MOST_WIDTH / 2], mask[ROWS_MOST_WIDTH / 2];
        const struct samples foam = samples_of(paved(&s, 0xffffff));
        water_chroma(u, w, &s, v, r->pair);
        shore_mask(mask, &s, wet);
        merge(r->u, u, mask, s.n, foam.u);
        merge(r->v, w, mask, s.n, foam.v);
    }
}

void ground_draw(const struct ground_frame *f, struct rows *r)
{
    if (f->ground->kind == GROUND_NONE || (float)(2 * r->pair + 2) <= f->horizon)
        return;
    draw_luma(f, r, 0);
    draw_luma(f, r, 1);
    draw_chroma(f, r);
}
