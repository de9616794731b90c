/* weather.c - see weather.h. SPDX-License-Identifier: MIT */
#include "storyboard/weather.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/kernel.h"
#include "storyboard/noise.h"

enum { TILE = 512, MOST_SHEETS = 8 };

enum stuff { STUFF_RAIN, STUFF_FLAKES, STUFF_BUBBLES, STUFF_GUSTS, STUFF_SAND };

/* One sheet of what falls or flies: a tile of covers that repeats and moves. */
struct sheet {
    enum stuff stuff;
    float across, down; /* tile px per second; negative: to the left, upward */
    int luma;           /* of what falls, a byte of the frame */
    uint8_t *cover;     /* [TILE, TILE] */
};

struct weather_tiles {
    bool fog, dust, storm;
    uint32_t seed;
    uint8_t haze[3];
    int n_sheets;
    struct sheet sheet[MOST_SHEETS];
};

static void dot(uint8_t *tile, float x, float y, float radius, float strength)
{
    const int reach = (int)radius + 1;
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
            const int px = (int)x + dx, py = (int)y + dy;
            const float ax = (float)px + 0.5F - x, ay = (float)py + 0.5F - y;
            const float k = curve_step(radius, radius * 0.4F, __builtin_sqrtf(ax * ax + ay * ay));
            uint8_t *at = &tile[(py & (TILE - 1)) * TILE + (px & (TILE - 1))];
            const float to = 255 * strength * k;
            *at = (uint8_t)curve_max(*at, to);
        }
}

/* A bubble: its rim, a breath inside, and the light on it. */
static void ring(uint8_t *tile, float x, float y, float radius)
{
    const float wide = 0.9F + 0.06F * radius;
    const int reach = (int)(radius + wide) + 1;
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
            const int px = (int)x + dx, py = (int)y + dy;
            const float ax = (float)px + 0.5F - x, ay = (float)py + 0.5F - y;
            const float off = __builtin_sqrtf(ax * ax + ay * ay) - radius;
            const float rim = curve_step(wide, 0, curve_magnitude(off));
            uint8_t *at = &tile[(py & (TILE - 1)) * TILE + (px & (TILE - 1))];
            *at = (uint8_t)curve_max(*at, 255 * curve_max(0.38F * rim, off < 0 ? 0.05F : 0));
        }
    dot(tile, x - radius * 0.35F, y - radius * 0.35F, radius * 0.3F, 0.5F);
}

/* From (x, y), a step at a time, fading in and out. */
static void streak(uint8_t *tile, float x, float y, const float step[2], const float form[3])
{
    const int n = (int)form[0];
    for (int i = 0; i < n; i++) {
        const float along = (float)i / form[0], k = 4 * along * (1 - along);
        dot(tile, x + step[0] * (float)i, y + step[1] * (float)i, form[1], form[2] * k);
    }
}

/* Rain is few long soft threads: many short ones cost an encoder much and look like noise. */
static void fill(const struct sheet *s, uint32_t seed, float unit, float near)
{
    static const int counts[] = {[STUFF_RAIN] = 34,
                                 [STUFF_FLAKES] = 120,
                                 [STUFF_BUBBLES] = 5,
                                 [STUFF_GUSTS] = 12,
                                 [STUFF_SAND] = 26};
    static const float fall[2] = {-0.22F, 1}, fly[2] = {1, 0.04F};
    const int n = s->stuff == STUFF_FLAKES ? counts[s->stuff] - (int)(50 * near) : counts[s->stuff];
    for (int i = 0; i < n; i++) {
        const float x = TILE * curve_random(i, 1, seed), y = TILE * curve_random(i, 2, seed);
        const float lot = 0.6F + 0.8F * curve_random(i, 3, seed);
        const float rain[3] = {unit * 46 * near * lot, 0.75F + 0.35F * near, 0.30F};
        const float gust[3] = {unit * 190 * lot, 1.1F, 0.16F},
                    sand[3] = {unit * 60 * lot * near, 1.3F, 0.30F};
        if (s->stuff == STUFF_BUBBLES)
            ring(s->cover, x, y, unit * 4.5F * near * lot);
        else if (s->stuff == STUFF_FLAKES)
            dot(s->cover, x, y, unit * 1.9F * near * lot, 0.85F);
        else if (s->stuff == STUFF_RAIN)
            streak(s->cover, x, y, fall, rain);
        else
            streak(s->cover, x, y, fly, s->stuff == STUFF_GUSTS ? gust : sand);
    }
}

static void set_speed(struct sheet *s, float unit, float near, bool windy)
{
    static const float speeds[][2] = {[STUFF_RAIN] = {-330, 1500},
                                      [STUFF_FLAKES] = {-26, 110},
                                      [STUFF_BUBBLES] = {0, -70},
                                      [STUFF_GUSTS] = {900, 30},
                                      [STUFF_SAND] = {520, 24}};
    s->across = speeds[s->stuff][0] * near * unit;
    s->down = speeds[s->stuff][1] * near * unit;
    if (windy && s->stuff == STUFF_FLAKES)
        s->across = 300 * near * unit;
}

static int add(struct weather_tiles *w, enum stuff stuff, int n, float unit, bool windy)
{
    for (int i = 0; i < n && w->n_sheets < MOST_SHEETS; i++) {
        struct sheet *s = &w->sheet[w->n_sheets];
        const float near = 0.6F + 0.7F * (float)i;
        s->stuff = stuff;
        s->cover = mem_try(TILE * TILE);
        if (!s->cover)
            return ERR_MEMORY;
        fill(s, w->seed + (uint32_t)w->n_sheets, unit, near);
        set_speed(s, unit, near, windy);
        w->n_sheets++;
    }
    return 0;
}

/* Where nothing falls on the camera. */
static bool sheltered(enum place p)
{
    return p == PLACE_SPACE || p == PLACE_PLANET || p == PLACE_UNDERWATER || p == PLACE_ROOM ||
           p == PLACE_STAGE || p == PLACE_CAVE;
}

static int fill_air(struct weather_tiles *w, const struct plan *plan, float unit)
{
    const bool windy = plan_has(plan, WEATHER_WIND) || w->storm;
    int code = 0;
    if (plan->place == PLACE_UNDERWATER)
        code = add(w, STUFF_BUBBLES, 3, unit, false);
    if (sheltered(plan->place))
        return code;
    if (plan_has(plan, WEATHER_RAIN) || w->storm)
        code = add(w, STUFF_RAIN, 2, unit, windy);
    if (code == 0 && plan_has(plan, WEATHER_SNOW))
        code = add(w, STUFF_FLAKES, 3, unit, windy);
    if (code == 0 && w->dust)
        code = add(w, STUFF_SAND, 2, unit, windy);
    if (code == 0 && windy && plan->place != PLACE_SKY)
        code = add(w, STUFF_GUSTS, 1, unit, windy);
    return code;
}

int weather_open(struct weather_tiles **out, const struct plan *plan, const struct palette *palette,
                 int height, struct error *err)
{
    struct weather_tiles *w = mem_alloc(sizeof *w);
    const bool shelter = sheltered(plan->place);
    const struct colour3 veil =
        plan_has(plan, WEATHER_DUST)
            ? palette_mix(palette->haze, palette_lit(palette, 0xe0b070), 0.5F)
            : palette->haze;
    w->fog = plan_has(plan, WEATHER_FOG) && !shelter;
    w->dust = plan_has(plan, WEATHER_DUST) && !shelter;
    w->storm = plan_has(plan, WEATHER_STORM) && !shelter;
    w->seed = (uint32_t)plan->seed + 77;
    w->haze[0] = (uint8_t)palette_luma(curve_clamp(veil.y, 0, 1));
    w->haze[1] = (uint8_t)palette_chroma(veil.u);
    w->haze[2] = (uint8_t)palette_chroma(veil.v);
    if (fill_air(w, plan, curve_max((float)height / 720, 0.4F)) < 0) {
        weather_close(w);
        return error_set(err, ERR_MEMORY, "no memory for the weather");
    }
    for (int i = 0; i < w->n_sheets; i++) {
        const bool sand = w->sheet[i].stuff == STUFF_SAND;
        w->sheet[i].luma = sand ? w->haze[0] + 24 : palette->is_night ? 160 : 226;
    }
    *out = w;
    return 0;
}

void weather_close(struct weather_tiles *w)
{
    if (!w)
        return;
    for (int i = 0; i < MOST_SHEETS; i++)
        mem_free(w->sheet[i].cover);
    mem_free(w);
}

static void fall_over(int16_t *out, int n, const uint8_t *line, int shift, int luma)
{
    for (int x = 0; x < n;) {
        const int from = (x + shift) & (TILE - 1);
        const int run = n - x < TILE - from ? n - x : TILE - from;
        kernel_set()->fall(out + x, line + from, luma, run);
        x += run;
    }
}

static void draw_sheet(const struct sheet *s, int i_sheet, struct rows *r, float time)
{
    for (int i = 0; i < 2; i++) {
        const int down = curve_floor(s->down * time);
        const int row = (2 * r->pair + i - down) & (TILE - 1);
        const float sway = s->stuff == STUFF_BUBBLES ? 6 : s->stuff == STUFF_FLAKES ? 9 : 0;
        const float drift = sway * curve_sine(time * 0.4F + (float)row * 0.004F);
        const int shift = curve_floor(-s->across * time + drift) + i_sheet * 171;
        fall_over(r->y[i], r->width, s->cover + row * TILE, shift & (TILE - 1),
                  s->luma << ROWS_BITS);
    }
}

void weather_draw(const struct weather_tiles *w, struct rows *r, int height, float time)
{
    const float v = (float)(2 * r->pair) / (float)height;
    if (w->fog || w->dust) {
        const float swell = noise_line(time * 0.15F + v * 3, w->seed) - 0.5F;
        const float thick = w->fog ? 0.16F + 0.26F * curve_step(0.2F, 0.65F, v) : 0.20F;
        rows_veil(r, w->haze, (int)(256 * (thick + 0.08F * swell)));
    }
    for (int i = 0; i < w->n_sheets; i++)
        draw_sheet(&w->sheet[i], i, r, time);
}

float weather_flash(const struct weather_tiles *w, float time)
{
    if (!w->storm)
        return 0;
    const float rest = time * 0.55F + curve_random(3, 3, w->seed);
    const int n = curve_floor(rest);
    const float since = (rest - (float)n) / 0.55F;
    if (curve_random(n, 5, w->seed) < 0.35F)
        return 0;
    return 0.30F * curve_step(0.30F, 0, since) * (since < 0.07F ? since / 0.07F : 1);
}
