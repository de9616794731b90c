/* mote.c - see mote.h. SPDX-License-Identifier: MIT */
#include "storyboard/mote.h"

#include "storyboard/curve.h"
#include "storyboard/noise.h"

void mote_add(struct mote_set *set, const struct mote_source *source)
{
    if (set->n < MOTE_MOST_SOURCES)
        set->at[set->n++] = *source;
}

/* One mote before it is projected: screen units, and its shape in its own size. */
struct state {
    float x, v, size;
    float stretch; /* width over height           */
    float turn;    /* of its long axis, full turns */
    float strength, edge;
};

/* How often in a second a life begins anew. */
static float pace(enum mote_kind kind)
{
    switch (kind) {
    case MOTE_SMOKE:
        return 0.11F;
    case MOTE_SPRAY:
        return 0.55F;
    case MOTE_STREAM:
        return 0.62F;
    case MOTE_SPARK:
        return 0.24F;
    case MOTE_LEAF:
        return 0.15F;
    case MOTE_PETAL:
        return 0.10F;
    default:
        return 0;
    }
}

static void rise(struct state *s, const struct mote_source *m, float age, float lot)
{
    s->x += m->wind * age * (0.5F + 0.5F * age) +
            m->wide * (0.3F + age) * 0.7F * curve_sine(lot * 7 + age * 1.3F);
    s->v -= 2 * m->tall * age;
    s->size *= (0.35F + 1.25F * age) * (0.7F + 0.6F * lot);
    s->strength *= curve_step(0, 0.12F, age) * curve_step(1, 0.35F, age);
}

static void tumble(struct state *s, const struct mote_source *m, float age, float lot, int i)
{
    const float heavy = m->kind == MOTE_LEAF ? 1 : 0.7F;
    const float swing = curve_sine(age * (2 + 3 * lot) + lot * 5);
    s->x += (2 * curve_random(i, 11, m->seed) - 1) * m->wide + m->wind * (age - 0.5F) +
            0.05F * swing;
    s->v += (2 * age - 1) * m->tall + 0.012F * swing * heavy;
    s->turn = lot + age * (1.5F + 2 * lot) + 0.1F * swing;
    s->stretch = 0.35F + 0.9F * (0.5F + 0.5F * curve_sine(age * (3 + 4 * lot) + lot * 9));
    s->size *= 0.6F + 0.8F * lot;
    s->edge = 3.5F;
}

/* Faster and longer the deeper it has fallen. */
static void plunge(struct state *s, const struct mote_source *m, float age, float lot, int i)
{
    s->x += (2 * curve_random(i, 11, m->seed) - 1) * m->wide * (0.92F + 0.12F * age);
    s->v += (2 * age * (0.45F + 0.55F * age) - 1) * m->tall;
    s->size *= (0.6F + 0.8F * lot) * (0.6F + 0.8F * age);
    s->stretch = 0.16F;
    s->strength *= curve_step(0, 0.1F, age) * curve_step(1, 0.85F, age);
}

static void wander(struct state *s, const struct mote_source *m, float time, float lot, int i)
{
    const uint32_t seed = m->seed + (uint32_t)i * 7;
    const float x = curve_random(i, 12, m->seed), v = curve_random(i, 13, m->seed);
    s->x += m->wide * (2 * x - 1) + 0.22F * (noise_line(time * 0.35F + lot * 40, seed) - 0.5F);
    s->v += m->tall * (2 * v - 1) + 0.16F * (noise_line(time * 0.4F + lot * 70, seed + 1) - 0.5F);
    s->size *= 0.6F + 0.8F * lot;
    if (m->kind == MOTE_FIREFLY)
        s->strength *= curve_step(-0.3F, 0.9F, curve_sine(time * (0.25F + 0.3F * lot) + lot * 11));
}

static void shine(struct state *s, const struct mote_source *m, float time, float lot, int i)
{
    const uint32_t seed = m->seed + (uint32_t)i;
    const float x = m->kind == MOTE_LAMP ? ((float)i + 0.5F) / (float)m->n
                                         : curve_random(i, 12, m->seed);
    s->x += m->wide * (2 * x - 1);
    s->v += m->tall * (2 * curve_random(i, 13, m->seed) - 1);
    switch (m->kind) {
    case MOTE_FIRE:
        s->strength *= 0.62F + 0.55F * noise_rough(time * 7, 2, seed);
        s->size *= 0.92F + 0.16F * noise_line(time * 5, seed + 3);
        break;
    case MOTE_WINDOW:
        s->strength *= curve_step(0.30F, 0.36F, noise_line(time * 0.45F + 90 * lot, seed));
        break;
    case MOTE_NEON:
        s->strength *= noise_line(time * 9, seed) > 0.16F ? 0.9F + 0.1F * curve_sine(time * 6)
                                                          : 0.3F;
        break;
    case MOTE_STAR:
        s->size *= 0.6F + 0.8F * lot;
        s->strength *= 0.30F + 0.70F * noise_line(time * (1.6F + 2 * lot) + 60 * lot, seed);
        break;
    default:
        s->strength *= 0.95F + 0.05F * curve_sine(time * 0.4F + lot);
    }
}

static void drift(struct state *s, const struct mote_source *m, float time, float lot, int i)
{
    const float wide = m->wide + 0.4F;
    const float along = curve_part(curve_random(i, 14, m->seed) + time * (0.006F + 0.008F * lot));
    s->x += wide * (2 * along - 1) + m->wind * 0.1F * curve_sine(time * 0.05F + lot);
    s->v += m->tall * (2 * curve_random(i, 13, m->seed) - 1) +
            0.01F * curve_sine(time * 0.13F + lot * 5);
    s->size *= 0.7F + 0.6F * lot;
    s->stretch = 5;
    s->strength *= curve_step(0, 0.15F, along) * curve_step(1, 0.85F, along);
}

static struct state state_at(const struct mote_source *m, int i, float time)
{
    const float lot = curve_random(i, 10, m->seed);
    const float life = curve_part(time * pace(m->kind) + ((float)i + 0.5F * lot) / (float)m->n);
    struct state s = {
        .x = m->x, .v = m->v, .size = m->size, .stretch = 1, .strength = m->strength, .edge = 1};
    switch (m->kind) {
    case MOTE_SMOKE:
    case MOTE_SPRAY:
    case MOTE_SPARK:
        rise(&s, m, life, lot);
        s.edge = m->kind == MOTE_SPARK ? 2.5F : 1;
        break;
    case MOTE_STREAM:
        plunge(&s, m, life, lot, i);
        break;
    case MOTE_LEAF:
    case MOTE_PETAL:
        tumble(&s, m, life, lot, i);
        break;
    case MOTE_FIREFLY:
    case MOTE_SPECK:
        wander(&s, m, time, lot, i);
        break;
    case MOTE_MIST:
        drift(&s, m, time, lot, i);
        break;
    default:
        shine(&s, m, time, lot, i);
    }
    return s;
}

/* Into px; false when nothing of it can be seen. */
static bool project(struct mote *out, const struct state *s, const struct mote_source *m, int i,
                    struct stage_view view)
{
    const float one = 1 << ROWS_BITS;
    const float tall = curve_max(s->size * view.scale, 0.8F), wide = tall * s->stretch;
    const float sine = curve_sine(s->turn), cosine = curve_sine(s->turn + 0.25F);
    const float p = 1 / (wide * wide), q = 1 / (tall * tall);
    const struct colour3 c = palette_mix(m->colour, m->other, curve_random(i, 15, m->seed));
    *out = (struct mote){
        .x = view.x + view.scale * s->x,
        .y = view.y + view.scale * s->v,
        .a = cosine * cosine * p + sine * sine * q,
        .b = 2 * sine * cosine * (p - q),
        .c = sine * sine * p + cosine * cosine * q,
        .strength = curve_clamp(s->strength, 0, 1),
        .edge = s->edge,
        .luma = (int16_t)(palette_luma(curve_clamp(c.y, 0, 1)) * one),
        .cb = (int16_t)(palette_chroma(curve_clamp(c.u, -0.5F, 0.5F)) * one),
        .cr = (int16_t)(palette_chroma(curve_clamp(c.v, -0.5F, 0.5F)) * one),
    };
    out->reach_x = out->reach_y = curve_max(wide, tall);
    if (s->turn >= -1e-6F && s->turn <= 1e-6F) {
        out->reach_x = wide;
        out->reach_y = tall;
    }
    return out->strength > 0.01F;
}

void mote_place(struct mote_frame *f, const struct mote_set *set, struct stage_view view,
                float seconds)
{
    f->n = 0;
    if (view.scale <= 0)
        return;
    for (int k = 0; k < set->n; k++)
        for (int i = 0; i < set->at[k].n && f->n < MOTE_MOST; i++) {
            const struct state s = state_at(&set->at[k], i, seconds);
            f->n += project(&f->at[f->n], &s, &set->at[k], i, view);
        }
}

/* The columns first..end of a line, step px apart, that the oval may reach. */
struct span {
    int first, end;
};

static struct span span_of(const struct mote *m, int n, float step)
{
    const float a = curve_clamp((m->x - m->reach_x) / step, 0, (float)n),
                b = curve_clamp((m->x + m->reach_x) / step + 1, 0, (float)n);
    return (struct span){.first = (int)a, .end = (int)b};
}

/* How much of 256 the mote covers along a line dy px from its middle. */
static void covers(int16_t *out, const struct mote *m, struct span s, float dy, float step)
{
    const float full = m->strength * 256, rest = m->c * dy * dy;
    for (int x = s.first; x < s.end; x++) {
        const float dx = ((float)x + 0.5F) * step - m->x;
        const float d = 1 - (m->a * dx + m->b * dy) * dx - rest;
        float k = d > 0 ? d * d * m->edge : 0;
        k = k > 1 ? 1 : k;
        out[x - s.first] = (int16_t)(k * full);
    }
}

static void over(int16_t *line, const int16_t *cover, struct span s, int to)
{
    for (int x = s.first; x < s.end; x++)
        line[x] = (int16_t)(line[x] + (((to - line[x]) * cover[x - s.first]) >> 8));
}

static void draw(const struct mote *m, struct rows *r)
{
    int16_t cover[ROWS_MOST_WIDTH];
    const struct span whole = span_of(m, r->width, 1), half = span_of(m, r->width / 2, 2);
    for (int i = 0; i < 2; i++) {
        covers(cover, m, whole, (float)(2 * r->pair + i) + 0.5F - m->y, 1);
        over(r->y[i], cover, whole, m->luma);
    }
    covers(cover, m, half, (float)(2 * r->pair) + 1 - m->y, 2);
    over(r->u, cover, half, m->cb);
    over(r->v, cover, half, m->cr);
}

void mote_draw(const struct mote_frame *f, struct rows *r)
{
    const float top = (float)(2 * r->pair), bottom = top + 2;
    for (int i = 0; i < f->n; i++)
        if (f->at[i].y + f->at[i].reach_y > top && f->at[i].y - f->at[i].reach_y < bottom)
            draw(&f->at[i], r);
}
