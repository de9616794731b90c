/* ground.c - see ground.h. SPDX-License-Identifier: MIT */
#include "storyboard/ground.h"

#include "storyboard/curve.h"
#include "storyboard/ground_impl.h"
#include "storyboard/kernel.h"
#include "storyboard/noise.h"

static bool has_water(enum floor kind)
{
    return kind == GROUND_WATER || kind == GROUND_BEACH || kind == GROUND_SHORE ||
           kind == GROUND_QUAY || kind == GROUND_RIVER || kind == GROUND_FLOES;
}

/* Beyond the nearest sheet that stands behind it nothing of the ground is seen. */
static float end_of(const struct place_row *row)
{
    float end = 400;
    for (int i = 0; i < PLACE_MOST_RIDGES; i++)
        if (row->ridges[i].behind && row->ridges[i].depth < end)
            end = row->ridges[i].depth;
    return end;
}

static enum road choose_road(const struct plan *plan, const struct place_row *row)
{
    if (!row->road)
        return ROAD_NONE;
    for (int i = 0; plan->n_cast > 0 && i < plan->cast[0].n_moves; i++)
        if (plan->cast[0].moves[i].move == MOVE_WALK || plan->cast[0].moves[i].move == MOVE_RUN)
            return ROAD_ACROSS;
    return ROAD_AWAY;
}

static bool keeps_snow(enum place p, enum floor kind)
{
    return p != PLACE_CAVE && p != PLACE_ROOM && kind != GROUND_SEABED && kind != GROUND_BOARDS &&
           kind != GROUND_LAVA && kind != GROUND_CRATERS;
}

void ground_init(struct ground *g, const struct plan *plan, const struct palette *palette,
                 const struct sky *sky)
{
    static const float rough[WEATHERS] = {
        [WEATHER_CLEAR] = 1, [WEATHER_CLOUD] = 1.1F, [WEATHER_RAIN] = 1.4F,
        [WEATHER_SNOW] = 1,  [WEATHER_FOG] = 0.7F,   [WEATHER_STORM] = 2.6F};
    const struct place_row *row = place_of_plan(plan);
    *g = (struct ground){
        .kind = row->ground,
        .road = choose_road(plan, row),
        .palette = palette,
        .sky = sky,
        .near = row->ground_near,
        .far = row->ground_far,
        .water = row->ground == GROUND_WATER ? row->ground_near : row->ground_far,
        .seed = (uint32_t)plan->seed,
        .end = end_of(row),
        .rough = rough[palette_weather(plan)],
        .snow = plan_has(plan, WEATHER_SNOW) && keeps_snow(plan->place, row->ground),
        .wet = row->ground == GROUND_QUAY &&
               (plan_has(plan, WEATHER_RAIN) || plan_has(plan, WEATHER_STORM)),
        .shore = row->ground == GROUND_BEACH   ? 5.0F
                 : row->ground == GROUND_SHORE ? 3.1F
                 : row->ground == GROUND_QUAY  ? 5.2F
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
    return f->ground->kind > GROUND_BOXED && (float)(2 * pair) >= f->horizon;
}

/* v: screen units under the horizon. */
static struct strip strip_at(const struct ground_frame *f, float v, int n, float px_per_sample)
{
    struct strip s = {.f = f, .n = n};
    v = curve_max(v, 0.0008F);
    s.near = f->eye / v;
    s.depth = s.near + f->z;
    s.step = s.near / f->scale * px_per_sample;
    s.left = (0.5F - f->middle) / f->scale * s.near + f->x;
    s.haze = palette_haze(f->ground->palette, curve_min(s.near, f->ground->end));
    return s;
}

void ground_texture(int16_t *out, const struct strip *s, float grain, float shift_x, float shift_z)
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
    const struct kernel_ring ring = {
        .line = line,
        .at = (uint32_t)(int64_t)(((double)s->left + (double)shift_x) * scale * 65536),
        .step = (uint32_t)(int64_t)((double)s->step * scale * 65536),
        .mask = (uint32_t)level->size - 1};
    kernel_set()->ring(out, &ring, s->n);
}

struct samples ground_samples(struct colour3 c)
{
    const float one = 1 << ROWS_BITS;
    return (struct samples){.y = (int)(palette_luma(curve_clamp(c.y, 0, 1)) * one),
                            .u = (int)(palette_chroma(c.u) * one),
                            .v = (int)(palette_chroma(c.v) * one)};
}

struct colour3 ground_lit(const struct strip *s, uint32_t rgb)
{
    const struct palette *p = s->f->ground->palette;
    return palette_mix(palette_lit(p, rgb), p->haze, s->haze);
}

/* How far the strip lies in the water: below 0 on land, above 1 in the water, between on the
 * edge, where it depends on x. */
static float wetness(const struct strip *s)
{
    const struct ground *g = s->f->ground;
    if (g->kind == GROUND_WATER)
        return 9;
    if (g->kind == GROUND_RIVER || g->kind == GROUND_FLOES)
        return 0.5F;
    if (g->kind == GROUND_QUAY)
        return (s->depth - g->shore) * 30;
    if (!has_water(g->kind))
        return -9;
    const float swash = g->kind == GROUND_BEACH ? 0.16F * curve_sine(s->f->time * 0.22F) : 0;
    return (s->depth - g->shore + swash) / 0.5F + 0.5F;
}

/* The middle of the river at a depth, and half its width. */
static float river_middle(const struct ground *g, float depth)
{
    const float turn = curve_random(1, 1, g->seed);
    return 2.0F * curve_sine(depth * 0.062F + turn) +
           0.055F * depth * curve_sine(depth * 0.023F + turn * 3) -
           2.0F * curve_sine(2.6F * 0.062F + turn) + (turn < 0.5F ? -0.25F : 0.25F);
}

static void river_mask(int16_t *mask, const struct strip *s)
{
    ground_texture(mask, s, GRAIN * 0.5F, 2.5F, 0);
    const float middle = river_middle(s->f->ground, s->depth), half = 0.62F + 0.035F * s->depth;
    const float soft = 0.05F + s->step * 1.5F;
    for (int x = 0; x < s->n; x++) {
        const float d = s->left + s->step * (float)x - middle;
        const float in = half - curve_magnitude(d) + (float)mask[x] * (0.12F / 1024);
        mask[x] = (int16_t)(256 * curve_clamp(0.5F + in / soft, 0, 1));
    }
}

/* Plates of ice: whole near the camera, apart farther away. */
static void floes_mask(int16_t *mask, const struct strip *s)
{
    int16_t fine[ROWS_MOST_WIDTH];
    const float drift = s->f->time * 0.012F;
    ground_texture(mask, s, GRAIN * 0.16F, 2.5F + drift, 1);
    ground_texture(fine, s, GRAIN * 0.6F, drift, 4);
    const int sea = (int)(curve_clamp((s->depth - 5.2F) * 0.55F, -1.5F, 0.8F) * 1000) - 60;
    const int gain = (int)(5 / (1 + s->near * 0.16F)) + 1;
    for (int x = 0; x < s->n; x++) {
        const int k = (mask[x] + fine[x] / 4 + sea) * gain / 2 + 128;
        mask[x] = (int16_t)(k < 0 ? 0 : k > 256 ? 256 : k);
    }
}

/* The share of water in each sample of the edge, 0..256. */
static void shore_mask(int16_t *mask, const struct strip *s, float wet)
{
    const enum floor kind = s->f->ground->kind;
    if (kind == GROUND_RIVER) {
        river_mask(mask, s);
        return;
    }
    if (kind == GROUND_FLOES) {
        floes_mask(mask, s);
        return;
    }
    ground_texture(mask, s, GRAIN * 0.12F, 2.5F, -s->depth);
    const int middle = (int)(wet * 256), ragged = kind == GROUND_QUAY ? 0 : 1;
    for (int x = 0; x < s->n; x++) {
        const int k = ((middle - 128) * 5 + mask[x] * ragged) / 2 + 128;
        mask[x] = (int16_t)(k < 0 ? 0 : k > 256 ? 256 : k);
    }
}

/* What the edge of the water shows: foam, wet banks, the flank of the ice. */
static uint32_t edge_colour(enum floor kind)
{
    return kind == GROUND_RIVER   ? 0xb8b090
           : kind == GROUND_FLOES ? 0x7fd0e8
           : kind == GROUND_QUAY  ? 0x3a3c42
                                  : 0xffffff;
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

/* A film of water on the stones: the same mirror, faint. */
static void moisten(int16_t *land, const int16_t *water, int n)
{
    for (int x = 0; x < n; x++)
        land[x] = (int16_t)(land[x] + ((water[x] - land[x]) * 110 >> 8));
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
        ground_floor_luma(r->y[i], &s);
        ground_floor_marks(r->y[i], &s, 0);
    }
    if (wet >= 1.6F) {
        ground_water_luma(r->y[i], &s, v, y);
    } else if (wet > -0.6F) {
        int16_t water[ROWS_MOST_WIDTH], mask[ROWS_MOST_WIDTH];
        ground_water_luma(water, &s, v, y);
        shore_mask(mask, &s, wet);
        merge(r->y[i], water, mask, s.n,
              ground_samples(ground_lit(&s, edge_colour(f->ground->kind))).y);
    } else if (f->ground->wet) {
        int16_t water[ROWS_MOST_WIDTH];
        ground_water_luma(water, &s, v, y);
        moisten(r->y[i], water, s.n);
    }
}

static void draw_chroma(const struct ground_frame *f, struct rows *r)
{
    const float v = ((float)(2 * r->pair + 1) - f->horizon) / f->scale;
    if (v <= 0)
        return;
    const struct strip s = strip_at(f, v, r->width / 2, 2);
    const float wet = wetness(&s);
    const struct samples c = ground_samples(ground_floor_colour(&s));
    if (wet >= 1.6F) {
        ground_water_chroma(r->u, r->v, &s, v, r->pair);
        return;
    }
    for (int x = 0; x < s.n; x++) {
        r->u[x] = (int16_t)c.u;
        r->v[x] = (int16_t)c.v;
    }
    ground_floor_marks(r->u, &s, 1);
    ground_floor_marks(r->v, &s, 2);
    if (wet > -0.6F) {
        int16_t u[ROWS_MOST_WIDTH / 2], w[ROWS_MOST_WIDTH / 2], mask[ROWS_MOST_WIDTH / 2];
        const struct samples foam = ground_samples(ground_lit(&s, edge_colour(f->ground->kind)));
        ground_water_chroma(u, w, &s, v, r->pair);
        shore_mask(mask, &s, wet);
        merge(r->u, u, mask, s.n, foam.u);
        merge(r->v, w, mask, s.n, foam.v);
    } else if (f->ground->wet) {
        int16_t u[ROWS_MOST_WIDTH / 2], w[ROWS_MOST_WIDTH / 2];
        ground_water_chroma(u, w, &s, v, r->pair);
        moisten(r->u, u, s.n);
        moisten(r->v, w, s.n);
    }
}

void ground_draw(const struct ground_frame *f, struct rows *r)
{
    if (f->ground->kind <= GROUND_BOXED || (float)(2 * r->pair + 2) <= f->horizon)
        return;
    draw_luma(f, r, 0);
    draw_luma(f, r, 1);
    draw_chroma(f, r);
}
