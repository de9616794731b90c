/* sky.c - see sky.h. SPDX-License-Identifier: MIT */
#include "storyboard/sky.h"

#include "storyboard/curve.h"
#include "storyboard/noise.h"

void sky_init(struct sky *s, const struct plan *plan, const struct palette *palette)
{
    const uint32_t seed = (uint32_t)(plan->seed * 2654435761U);
    const float side = curve_random(1, 0, seed) < 0.5F ? -1 : 1;
    *s = (struct sky){
        .palette = palette,
        .place = plan->place,
        .weather = palette_weather(plan),
        .without = plan->without,
        .sun_x = side * (0.26F + 0.22F * curve_random(2, 0, seed)),
        .sun_y = -palette->sun_height,
        .seed = seed,
    };
}

float sky_sunlight(const struct sky *s, float x)
{
    const float d = (x - s->sun_x) * 1.6F;
    return s->palette->glow / (1 + d * d * 4);
}

static struct colour3 gradient(const struct palette *p, float v)
{
    const float up = curve_clamp(-v / 0.62F, 0, 1);
    struct colour3 c = palette_mix(p->low, p->middle, curve_step(0, 0.5F, up));
    return palette_mix(c, p->zenith, curve_step(0.28F, 1.15F, up));
}

/* Few stars are bright and most are faint; each lies within its cell, so that one look is enough.
 */
static float star(float x, float y, float cells, uint32_t seed)
{
    const int cx = curve_floor(x * cells), cy = curve_floor(y * cells);
    const float lot = curve_random(cx, cy, seed);
    if (lot > 0.13F)
        return 0;
    const float px = 0.25F + 0.5F * curve_random(cx, cy, seed + 1);
    const float py = 0.25F + 0.5F * curve_random(cx, cy, seed + 2);
    const float dx = x * cells - (float)cx - px, dy = y * cells - (float)cy - py;
    const float size = 0.00085F * cells * (0.7F + 50 * (0.13F - lot) * (0.13F - lot));
    const float d = (dx * dx + dy * dy) / (size * size);
    return d < 9 ? (0.20F + 5.0F * (0.13F - lot)) / (1 + d * d) : 0;
}

static struct colour3 add_stars(const struct sky *s, struct colour3 c, float x, float v)
{
    const float fade = s->palette->stars * curve_step(-0.02F, 0.25F, -v);
    const bool space = s->place == PLACE_SPACE || s->place == PLACE_PLANET;
    const float k = space ? s->palette->stars : fade;
    if (k <= 0)
        return c;
    c.y += k * (star(x, v, 46, s->seed) + 0.7F * star(x + 9, v + 4, 90, s->seed + 7));
    return c;
}

static struct colour3 add_nebula(const struct sky *s, struct colour3 c, float x, float v)
{
    const struct noise_level *tile = noise_tile();
    const float fine = noise_at(tile, x * 190 + 40, v * 190);
    const float wide =
        noise_at(tile, (x + v * 0.6F) * 46 + (float)(s->seed & 255), v * 60 - x * 14);
    const float band = 1 / (1 + 9 * (v + 0.25F * x) * (v + 0.25F * x));
    const float k = curve_clamp(0.15F + wide * 0.8F + fine * 0.22F, 0, 1) * band;
    c = palette_mix(c, palette_rgb(0x6a3f9a), 0.55F * k);
    return palette_mix(c, palette_rgb(0x2f8fb8), 0.4F * k * curve_clamp(fine + 0.4F, 0, 1));
}

/* The disc with a soft edge, and the light round it. */
static struct colour3 add_sun(const struct sky *s, struct colour3 c, float x, float v)
{
    const struct palette *p = s->palette;
    const float dx = x - s->sun_x, dy = v - s->sun_y, flat = p->sun_height < 0.15F ? 1.7F : 1.1F;
    const float d2 = dx * dx + dy * dy * flat * flat;
    const float near = 1 / (1 + d2 * 26), halo = 1 / (1 + d2 * 420);
    const float veil = s->weather == WEATHER_CLOUD                               ? 0.8F
                       : s->weather == WEATHER_SNOW || s->weather == WEATHER_FOG ? 0.25F
                       : s->weather == WEATHER_CLEAR                             ? 1
                                                                                 : 0;
    const float radius = p->is_night ? 0.048F : 0.042F;
    const float d = __builtin_sqrtf(dx * dx + dy * dy);
    struct colour3 warm = palette_mix(p->low, p->sun, 0.6F);
    c = palette_mix(c, warm, curve_clamp(p->glow * near * near, 0, 1) * 0.85F);
    c = palette_mix(c, p->sun, curve_clamp(p->glow * halo, 0, 1) * veil);
    if (d > radius * 1.1F || s->place == PLACE_UNDERWATER || s->without & WITHOUT_SUN)
        return c;
    struct colour3 face = p->sun;
    if (p->is_night)
        face = palette_scale(face, 0.88F + 0.14F * noise_at(noise_tile(), x * 420, v * 420));
    return palette_mix(c, face, veil * curve_step(radius, radius - 0.0025F, d));
}

void sky_paint(void *arg, struct layer_line *line)
{
    const struct sky *s = arg;
    const struct colour3 base = gradient(s->palette, line->at);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        struct colour3 c = base;
        if (s->place == PLACE_SPACE || s->place == PLACE_PLANET)
            c = add_nebula(s, c, x, line->at);
        c = add_stars(s, c, x, line->at);
        layer_put(line, i, add_sun(s, c, x, line->at), 1);
    }
}

/* Clouds lie on a level sheet overhead: far ones are small and close together. */
void sky_paint_clouds(void *arg, struct layer_line *line)
{
    static const float amounts[WEATHERS] = {
        [WEATHER_CLEAR] = 0.10F, [WEATHER_CLOUD] = 0.34F, [WEATHER_RAIN] = 0.85F,
        [WEATHER_SNOW] = 0.7F,   [WEATHER_FOG] = 0.25F,   [WEATHER_STORM] = 1.05F};
    const struct sky *s = arg;
    const struct palette *p = s->palette;
    const struct noise_level *tile = noise_tile();
    const float high = curve_max(-line->at, 0.0F) + 0.10F;
    const float fade = curve_step(0.0F, 0.10F, -line->at);
    const float far = 34 / high, lean = (float)(s->seed % 511);
    const float start = s->without & WITHOUT_CLOUDS ? 9 : 0.42F - 0.85F * amounts[s->weather];
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const float X = x * 22 / high + lean, Z = far * 1.6F;
        const float n = noise_at(tile, X, Z) + 0.35F * noise_at(tile, X * 3.1F + 50, Z * 3.1F);
        const float toward = 5 * curve_clamp(6 * (s->sun_x - x), -1, 1);
        const float lit = noise_at(tile, X + toward, Z + 5) - n * 0.6F;
        const float cover = curve_step(start, start + 0.62F, n);
        const float edge = curve_clamp(0.62F - 0.75F * cover + 0.6F * lit, 0, 1);
        struct colour3 c = palette_mix(p->cloud_shade, p->cloud_lit, edge);
        c = palette_mix(c, p->sun, 0.45F * sky_sunlight(s, x) * (1 - cover) * edge);
        layer_put(line, i, c, cover * fade * 0.92F);
    }
}

/* Shafts of light from above, as one sees them under water. */
void sky_paint_rays(void *arg, struct layer_line *line)
{
    const struct sky *s = arg;
    const float down = line->at + 0.75F;
    const float fade = 0.34F * curve_step(1.05F, 0, down);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        const float angle = (x - s->sun_x * 0.5F) / (0.55F + down * 0.75F);
        const float n = noise_rough(angle * 9 + 40, 3, s->seed + 5);
        layer_put(line, i, s->palette->sun, fade * curve_step(0.48F, 0.85F, n));
    }
}

/* The same from a low sun, through haze. */
void sky_paint_shafts(void *arg, struct layer_line *line)
{
    const struct sky *s = arg;
    const struct palette *p = s->palette;
    const struct colour3 warm = palette_mix(p->low, p->sun, 0.55F);
    const float down = line->at - s->sun_y;
    for (int i = 0; i < line->n; i++) {
        const float dx = line->left + (float)i * line->step - s->sun_x;
        const float angle = dx / (0.16F + curve_max(down, 0));
        const float n = noise_rough(angle * 3.2F + 40, 2, s->seed + 5);
        const float far = dx * dx + down * down * 1.4F;
        const float k = curve_step(0.46F, 0.80F, n) * curve_step(-0.10F, 0.05F, down) /
                        (1 + 2.6F * far);
        layer_put(line, i, warm, 0.34F * p->glow * k * curve_step(0.42F, 0.05F, line->at));
    }
}

/* Northern lights: curtains of rays over a wandering hem. */
void sky_paint_aurora(void *arg, struct layer_line *line)
{
    const struct sky *s = arg;
    static const float hems[3] = {-0.16F, -0.25F, -0.31F};
    const struct colour3 green = palette_rgb(0x58ffb0), violet = palette_rgb(0xa060ff);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        float sum = 0, high = 0;
        for (int k = 0; k < 3; k++) {
            const float shift = (float)k * 7 + (float)(s->seed & 63);
            const float hem = hems[k] + 0.14F * (noise_line(x * 1.5F + shift, s->seed) - 0.5F);
            const float up = hem - line->at;
            const float ray = 0.35F +
                              0.65F * noise_rough(x * 14 + shift + up * 1.2F, 2, s->seed + 3);
            const float lit = curve_step(-0.012F, 0.02F, up) * ray /
                              (1 + 40 * up * up + 5 * curve_max(up, 0));
            sum += lit * (0.35F + 0.65F * noise_line(x * 1.1F + shift * 2, s->seed + 8));
            high = curve_max(high, up * lit);
        }
        const struct colour3 c = palette_mix(green, violet, curve_clamp(high * 9, 0, 0.85F));
        layer_put(line, i, c, curve_clamp(sum * 0.85F, 0, 0.85F) * curve_step(0, 0.06F, -line->at));
    }
}

void sky_paint_beams(void *arg, struct layer_line *line)
{
    (void)arg;
    static const float roots[3] = {-0.42F, 0.0F, 0.42F}, ends[3] = {-0.36F, 0.02F, 0.36F};
    const struct colour3 warm = palette_rgb(0xfff0d0);
    const float down = curve_clamp((line->at + 0.62F) / 0.90F, 0, 1.1F);
    for (int i = 0; i < line->n; i++) {
        const float x = line->left + (float)i * line->step;
        float sum = 0;
        for (int k = 0; k < 3; k++) {
            const float d = (x - curve_mix(roots[k], ends[k], down)) / (0.025F + 0.20F * down);
            sum += curve_clamp(1 - d * d, 0, 1);
        }
        layer_put(line, i, warm, 0.20F * sum * (1 - 0.72F * down) * curve_step(1.06F, 0.90F, down));
    }
}
