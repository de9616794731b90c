/* ground_water.c - water that moves and mirrors; see ground_impl.h. SPDX-License-Identifier: MIT */
#include "storyboard/curve.h"
#include "storyboard/ground_impl.h"

/* How strongly water mirrors: more at a flat angle. */
static int mirroring(float v)
{
    return (int)(256 * (0.30F + 0.58F / (1 + v * 5.5F)));
}

static struct samples deep_water(const struct strip *s)
{
    const struct ground *g = s->f->ground;
    struct colour3 c = palette_lit(g->palette, g->water);
    return ground_samples(palette_mix(palette_scale(c, 0.85F), g->palette->haze, s->haze * 0.8F));
}

static void waves(int16_t *out, const struct strip *s)
{
    int16_t other[ROWS_MOST_WIDTH];
    const float t = s->f->time;
    ground_texture(out, s, GRAIN * 0.55F, t * 0.10F, -t * 0.30F);
    ground_texture(other, s, GRAIN * 1.3F, 5 - t * 0.16F, 3 - t * 0.22F);
    for (int x = 0; x < s->n; x++)
        out[x] = (int16_t)(out[x] + other[x]);
}

/* The sun's path on the water: glints where a wave is steep enough. */
static void glints(int16_t *out, const struct strip *s, const int16_t *wave, float v)
{
    const struct ground_frame *f = s->f;
    const float sun = f->middle + f->ground->sky->sun_x * f->scale;
    const float wide = (0.035F + 0.20F * v) * f->scale, inverse = 1 / wide;
    const int top = ground_samples(f->ground->palette->sun).y;
    const int strength = (int)(f->ground->palette->glow * 1.3F * 128 / (1 + 2.5F * v));
    int16_t fine[ROWS_MOST_WIDTH];
    ground_texture(fine, s, GRAIN * 4.5F, f->time * 0.2F, -f->time * 0.5F);
    const int first = (int)curve_clamp(sun - 3 * wide, 0, (float)s->n);
    const int end = (int)curve_clamp(sun + 3 * wide, 0, (float)s->n);
    for (int x = first; x < end; x++) {
        const float d = ((float)x - sun) * inverse * (1 / 3.0F), k = (1 - d * d) * (1 - d * d);
        const int lit = wave[x] / 2 + fine[x] - 150 - (int)(620 * (1 - k));
        if (lit > 0) {
            const int gain = lit * strength >> 9;
            out[x] = (int16_t)(out[x] + (top - out[x]) * (gain > 200 ? 200 : gain) / 256);
        }
    }
}

void ground_water_luma(int16_t *out, const struct strip *s, float v, int y)
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

/* The colour of the sun where its glints are. */
static void sun_path(int16_t *u, int16_t *v_out, const struct strip *s, float v)
{
    const struct ground_frame *f = s->f;
    const struct palette *p = f->ground->palette;
    const struct samples sun = ground_samples(palette_mix(p->sun, p->low, 0.6F));
    const float middle = 0.5F * (f->middle + f->ground->sky->sun_x * f->scale);
    const float inverse = 1 / (1.5F * (0.035F + 0.20F * v) * f->scale);
    for (int x = 0; x < s->n; x++) {
        const float d = ((float)x - middle) * inverse,
                    k = (1 - d * d) * (d * d < 1 ? 1 - d * d : 0);
        if (k <= 0)
            continue;
        const int gain = (int)(120 * k * curve_min(p->glow, 1));
        u[x] = (int16_t)(u[x] + (((sun.u - u[x]) * gain) >> 8));
        v_out[x] = (int16_t)(v_out[x] + (((sun.v - v_out[x]) * gain) >> 8));
    }
}

void ground_water_chroma(int16_t *u, int16_t *v_out, const struct strip *s, float v, int y)
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
    sun_path(u, v_out, s, v);
}
