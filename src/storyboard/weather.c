/* weather.c - see weather.h. SPDX-License-Identifier: MIT */
#include "storyboard/weather.h"

#include "base/memory.h"
#include "storyboard/curve.h"
#include "storyboard/noise.h"

enum { TILE = 512, SHEETS = 3 };

/* What falls, in sheets of different nearness: a tile of covers that repeats and moves. */
struct weather_tiles {
    enum weather weather;
    bool bubbles;
    uint32_t seed;
    int luma; /* of what falls, a byte of the frame */
    uint8_t fog[3];
    float across[SHEETS], down[SHEETS]; /* tile px per second; negative: upward */
    int n_sheets;
    uint8_t *cover[SHEETS]; /* [TILE, TILE] */
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

static void ring(uint8_t *tile, float x, float y, float radius)
{
    for (int i = 0; i < 40; i++) {
        const float a = (float)i / 40;
        dot(tile, x + radius * curve_sine(a), y + radius * curve_sine(a + 0.25F), 1.2F, 0.4F);
    }
    dot(tile, x - radius * 0.35F, y - radius * 0.35F, radius * 0.3F, 0.5F);
}

static void streak(uint8_t *tile, float x, float y, float length, float strength)
{
    for (int i = 0; i < (int)length; i++)
        dot(tile, x - 0.22F * (float)i, y + (float)i, 0.8F, strength * (float)i / length);
}

static void fill(struct weather_tiles *w, int sheet, float unit)
{
    const float near = 0.6F + 0.7F * (float)sheet;
    const int n = w->bubbles ? 5 : w->weather == WEATHER_SNOW ? 150 - 42 * sheet : 120 - 25 * sheet;
    for (int i = 0; i < n; i++) {
        const uint32_t seed = w->seed + (uint32_t)sheet;
        const float x = TILE * curve_random(i, 1, seed), y = TILE * curve_random(i, 2, seed);
        const float lot = 0.6F + 0.8F * curve_random(i, 3, seed);
        if (w->bubbles)
            ring(w->cover[sheet], x, y, unit * 4.5F * near * lot);
        else if (w->weather == WEATHER_SNOW)
            dot(w->cover[sheet], x, y, unit * 1.9F * near * lot, 0.85F);
        else
            streak(w->cover[sheet], x, y, unit * 26 * near * lot, 0.34F);
    }
}

static bool falls(const struct weather_tiles *w)
{
    return w->bubbles || w->weather == WEATHER_RAIN || w->weather == WEATHER_SNOW ||
           w->weather == WEATHER_STORM;
}

static void set_speed(struct weather_tiles *w, int sheet, float unit)
{
    const float near = (0.6F + 0.7F * (float)sheet) * unit;
    const bool snow = w->weather == WEATHER_SNOW;
    w->down[sheet] = w->bubbles ? -70 * near : snow ? 110 * near : 1500 * near;
    w->across[sheet] = w->bubbles ? 0 : snow ? -26 * near : -330 * near;
}

int weather_open(struct weather_tiles **out, const struct plan *plan, const struct palette *palette,
                 int height, struct error *err)
{
    struct weather_tiles *w = mem_alloc(sizeof *w);
    const float unit = curve_max((float)height / 720, 0.4F);
    w->bubbles = plan->place == PLACE_UNDERWATER;
    w->weather = plan->place == PLACE_SPACE || plan->place == PLACE_PLANET || w->bubbles
                     ? WEATHER_CLEAR
                     : palette_weather(plan);
    w->seed = (uint32_t)plan->seed + 77;
    w->luma = palette->is_night ? 170 : 232;
    w->fog[0] = (uint8_t)palette_luma(palette->haze.y);
    w->fog[1] = (uint8_t)palette_chroma(palette->haze.u);
    w->fog[2] = (uint8_t)palette_chroma(palette->haze.v);
    w->n_sheets = falls(w) ? SHEETS : 0;
    for (int i = 0; i < w->n_sheets; i++) {
        w->cover[i] = mem_try(TILE * TILE);
        if (!w->cover[i]) {
            weather_close(w);
            return error_set(err, ERR_MEMORY, "no memory for the weather");
        }
        fill(w, i, unit);
        set_speed(w, i, unit);
    }
    *out = w;
    return 0;
}

void weather_close(struct weather_tiles *w)
{
    if (!w)
        return;
    for (int i = 0; i < SHEETS; i++)
        mem_free(w->cover[i]);
    mem_free(w);
}

static void fall_over(int16_t *out, int n, const uint8_t *line, int shift, int luma)
{
    for (int x = 0; x < n;) {
        const int from = (x + shift) & (TILE - 1);
        const int run = n - x < TILE - from ? n - x : TILE - from;
        for (int i = 0; i < run; i++)
            out[x + i] = (int16_t)(out[x + i] + (((luma - out[x + i]) * line[from + i]) >> 8));
        x += run;
    }
}

void weather_draw(const struct weather_tiles *w, struct rows *r, int height, float time)
{
    for (int sheet = 0; sheet < w->n_sheets; sheet++)
        for (int i = 0; i < 2; i++) {
            const int down = curve_floor(w->down[sheet] * time);
            const int row = (2 * r->pair + i - down) & (TILE - 1);
            const float drift = w->bubbles ? 6 * curve_sine(time * 0.4F + (float)row * 0.004F) : 0;
            const int shift = curve_floor(-w->across[sheet] * time + drift) + sheet * 171;
            fall_over(r->y[i], r->width, w->cover[sheet] + row * TILE, shift & (TILE - 1),
                      w->luma << ROWS_BITS);
        }
    if (w->weather == WEATHER_FOG) {
        const float v = (float)(2 * r->pair) / (float)height;
        const float swell = noise_line(time * 0.15F + v * 3, w->seed) - 0.5F;
        rows_veil(r, w->fog,
                  (int)(256 * (0.16F + 0.26F * curve_step(0.2F, 0.65F, v) + 0.08F * swell)));
    }
}

float weather_flash(const struct weather_tiles *w, float time)
{
    if (w->weather != WEATHER_STORM)
        return 0;
    const float rest = time * 0.55F + curve_random(3, 3, w->seed);
    const int n = curve_floor(rest);
    const float since = (rest - (float)n) / 0.55F;
    if (curve_random(n, 5, w->seed) < 0.35F)
        return 0;
    return 0.30F * curve_step(0.30F, 0, since) * (since < 0.07F ? since / 0.07F : 1);
}
