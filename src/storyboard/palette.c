/* palette.c - see palette.h. SPDX-License-Identifier: MIT */
#include "storyboard/palette.h"

#include "storyboard/curve.h"

struct rgb {
    float r, g, b;
};

static struct rgb unpack(uint32_t c)
{
    return (struct rgb){.r = (float)(c >> 16 & 255) / 255,
                        .g = (float)(c >> 8 & 255) / 255,
                        .b = (float)(c & 255) / 255};
}

static struct colour3 convert(struct rgb c)
{
    float y = 0.2126F * c.r + 0.7152F * c.g + 0.0722F * c.b;
    return (struct colour3){.y = y, .u = (c.b - y) / 1.8556F, .v = (c.r - y) / 1.5748F};
}

struct colour3 palette_rgb(uint32_t rgb)
{
    return convert(unpack(rgb));
}

struct colour3 palette_mix(struct colour3 a, struct colour3 b, float t)
{
    return (struct colour3){
        .y = curve_mix(a.y, b.y, t), .u = curve_mix(a.u, b.u, t), .v = curve_mix(a.v, b.v, t)};
}

struct colour3 palette_scale(struct colour3 c, float k)
{
    return (struct colour3){.y = c.y * k, .u = c.u * k, .v = c.v * k};
}

/* The light of a day, drawn by hand: sky from zenith to horizon, sun, haze, clouds. */
static const struct hour {
    uint32_t zenith, middle, low, sun, haze, cloud_lit, cloud_shade, light;
    float haze_reach, glow, stars, sun_height;
} hours[TIMES] = {
    [TIME_DAWN] = {0x4f6fae, 0xc79db4, 0xffd2a0, 0xfff0cc, 0xe3bdb6, 0xffd9c4, 0xa9869f, 0xdfc6cc,
                   36, 0.75F, 0.05F, 0.11F},
    [TIME_DAY] = {0x2467b8, 0x69aee6, 0xcfe9f4, 0xfffbe6, 0xb9d8ea, 0xffffff, 0xb4c6d8, 0xfffcf2,
                  48, 0.45F, 0, 0.40F},
    [TIME_GOLDEN] = {0x3f74b5, 0xd9b184, 0xffd588, 0xfff3c4, 0xf0c793, 0xffe3b0, 0xb98f7e, 0xffe2b4,
                     42, 0.9F, 0, 0.19F},
    [TIME_DUSK] = {0x231f4d, 0x86406f, 0xf2804e, 0xffd08a, 0xb0586a, 0xe8786a, 0x4b2f5a, 0xb98a92,
                   40, 0.95F, 0.16F, 0.075F},
    [TIME_NIGHT] = {0x050a1e, 0x11264f, 0x2f4f80, 0xeef3ff, 0x2b4472, 0x3d5688, 0x16233f, 0x566d9e,
                    44, 0.35F, 1, 0.33F},
};

static uint32_t mix_rgb(uint32_t a, uint32_t b, float t)
{
    uint32_t out = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        float m = curve_mix((float)(a >> shift & 255), (float)(b >> shift & 255), t);
        out |= (uint32_t)(m + 0.5F) << shift;
    }
    return out;
}

/* All colours of an hour drawn towards one. */
static void tint(struct hour *h, uint32_t to, float t, float t_light)
{
    h->zenith = mix_rgb(h->zenith, to, t);
    h->middle = mix_rgb(h->middle, to, t);
    h->low = mix_rgb(h->low, to, t * 0.7F);
    h->haze = mix_rgb(h->haze, to, t * 0.8F);
    h->cloud_lit = mix_rgb(h->cloud_lit, to, t * 0.7F);
    h->cloud_shade = mix_rgb(h->cloud_shade, to, t);
    h->light = mix_rgb(h->light, to, t_light);
}

enum weather palette_weather(const struct plan *plan)
{
    static const uint8_t order[] = {WEATHER_STORM, WEATHER_RAIN, WEATHER_SNOW, WEATHER_FOG,
                                    WEATHER_CLOUD};
    for (size_t i = 0; i < sizeof order; i++)
        if (plan_has(plan, (enum weather)order[i]))
            return (enum weather)order[i];
    return WEATHER_CLEAR;
}

static void weather_in(struct hour *h, enum weather w, bool night)
{
    static const struct {
        uint32_t day, night;
        float sky, light, glow, reach;
    } rows[WEATHERS] = {
        [WEATHER_CLOUD] = {0x9aa6b4, 0x1b2740, 0.16F, 0.06F, 1, 1},
        [WEATHER_RAIN] = {0x74838f, 0x18243a, 0.52F, 0.28F, 0.4F, 0.6F},
        [WEATHER_SNOW] = {0xd3dde8, 0x324468, 0.45F, 0.15F, 0.6F, 0.7F},
        [WEATHER_FOG] = {0xd5d6d4, 0x3a4c6c, 0.5F, 0.18F, 1, 0.32F},
        [WEATHER_STORM] = {0x323f4d, 0x0c1524, 0.62F, 0.42F, 0.3F, 0.6F},
        [WEATHER_DUST] = {0xd0a468, 0x4a3a30, 0.50F, 0.22F, 0.9F, 0.34F},
    };
    if (rows[w].sky <= 0)
        return;
    uint32_t to = night ? rows[w].night : rows[w].day;
    if (w == WEATHER_FOG && !night)
        to = mix_rgb(to, h->low, 0.45F); /* the sun is in it */
    tint(h, to, rows[w].sky, rows[w].light);
    h->glow *= rows[w].glow;
    h->haze_reach *= rows[w].reach;
    h->stars *= w == WEATHER_CLOUD ? 0.5F : w == WEATHER_DUST ? 0.2F : 0;
}

/* What a mood draws the colours towards; the grade does the rest. */
static void mood_in(struct hour *h, enum mood m, bool night)
{
    switch (m) {
    case MOOD_MENACING:
        h->zenith = mix_rgb(h->zenith, 0x0c0a16, 0.6F);
        h->middle = mix_rgb(h->middle, 0x4a1424, 0.55F);
        h->low = mix_rgb(h->low, 0xd8401c, 0.5F);
        h->haze = mix_rgb(h->haze, 0x5a2632, 0.6F);
        h->cloud_lit = mix_rgb(h->cloud_lit, 0xc23a2a, 0.5F);
        h->cloud_shade = mix_rgb(h->cloud_shade, 0x140c18, 0.6F);
        h->light = mix_rgb(h->light, 0x8a4a54, 0.35F);
        break;
    case MOOD_CHEERFUL:
        tint(h, night ? 0x2a4a9a : 0xffe9a8, 0.10F, 0.06F);
        break;
    case MOOD_CALM:
        tint(h, night ? 0x22385c : 0xcfdcea, 0.14F, 0.04F);
        break;
    case MOOD_MELANCHOLIC:
        tint(h, night ? 0x1c2836 : 0x6d7f94, 0.36F, 0.22F);
        break;
    case MOOD_DREAMY:
        tint(h, night ? 0x4a3f8a : 0xd8a8e4, 0.30F, 0.14F);
        h->glow *= 1.25F;
        h->haze_reach *= 0.75F;
        break;
    case MOOD_EPIC:
        h->low = mix_rgb(h->low, 0xffb050, night ? 0.15F : 0.35F);
        h->zenith = mix_rgb(h->zenith, 0x0c3450, 0.30F);
        h->cloud_shade = mix_rgb(h->cloud_shade, 0x2a3c50, 0.35F);
        h->glow *= 1.2F;
        break;
    case MOOD_NOIR:
        tint(h, night ? 0x30343a : 0x787c82, 0.30F, 0.22F);
        h->low = mix_rgb(h->low, 0x8a9098, 0.45F);
        h->haze = mix_rgb(h->haze, 0x7c828a, 0.45F);
        break;
    case MOOD_VINTAGE:
        tint(h, night ? 0x3a3226 : 0xe0c898, 0.22F, 0.10F);
        break;
    case MOOD_NEON:
        h->zenith = mix_rgb(h->zenith, 0x12063a, 0.75F);
        h->middle = mix_rgb(h->middle, 0x7a1f9a, 0.60F);
        h->low = mix_rgb(h->low, 0xff4fa0, 0.65F);
        h->haze = mix_rgb(h->haze, 0x8a3fb0, 0.60F);
        h->cloud_lit = mix_rgb(h->cloud_lit, 0xff7ac8, 0.60F);
        h->cloud_shade = mix_rgb(h->cloud_shade, 0x2a1a6a, 0.60F);
        h->light = mix_rgb(h->light, 0x7a8aff, 0.50F);
        break;
    case MOOD_PLAIN:
    case MOODS:
        break;
    }
}

static void in_space(struct hour *h, bool on_ground)
{
    h->zenith = 0x04050f;
    h->middle = 0x0a0d24;
    h->low = on_ground ? 0x161a34 : 0x151231;
    h->haze = 0x1d2040;
    h->light = on_ground ? 0xd8d6e2 : 0xe4e2f0;
    h->stars = 1;
    h->haze_reach = 160;
    h->glow = 0.35F;
    h->sun = 0xfff4dc;
}

static void under_water(struct hour *h)
{
    const float bright = (float)(h->light >> 8 & 255) / 255;
    h->zenith = mix_rgb(0x0b3a5c, 0x7fe3e6, bright);
    h->middle = mix_rgb(0x06243f, 0x1f8fb4, bright);
    h->low = mix_rgb(0x031527, 0x0c4f7c, bright);
    h->haze = mix_rgb(0x051c33, 0x17719c, bright);
    h->light = mix_rgb(0x35688f, 0xb4e6ee, bright);
    h->stars = 0;
    h->haze_reach = 15;
    h->glow = 0.5F;
    h->sun = 0xd8fbff;
    h->sun_height = 0.8F;
}

/* Some places have a light of their own. */
static void place_in(struct hour *h, enum place p)
{
    switch (p) {
    case PLACE_SPACE:
    case PLACE_PLANET:
        in_space(h, p == PLACE_PLANET);
        break;
    case PLACE_UNDERWATER:
        under_water(h);
        break;
    case PLACE_VOLCANO:
        tint(h, 0x4a1a14, 0.35F, 0.2F);
        break;
    case PLACE_ICE:
        tint(h, 0xc8e4f4, 0.10F, 0.06F);
        h->cloud_shade = mix_rgb(h->cloud_shade, 0x8fb4d0, 0.3F);
        break;
    case PLACE_CANYON:
    case PLACE_DESERT:
        h->haze = mix_rgb(h->haze, 0xe8b890, h->stars > 0.5F ? 0.05F : 0.30F);
        break;
    case PLACE_JUNGLE:
        h->haze = mix_rgb(h->haze, 0xb8e0b0, h->stars > 0.5F ? 0.05F : 0.35F);
        h->haze_reach *= 0.7F;
        break;
    case PLACE_FOREST:
        h->haze = mix_rgb(h->haze, 0xc8e0b0, h->sun_height > 0.34F ? 0.25F : 0.04F);
        break;
    case PLACE_ROOM:
        h->light = mix_rgb(h->light, 0xfff0dc, 0.35F);
        break;
    case PLACE_STAGE: /* the lamps are the only light, and the hour only tints it */
        h->light = mix_rgb(h->light, 0xffe8cc, 0.72F);
        h->haze = 0x2a1018;
        h->zenith = 0x14080c;
        h->haze_reach = 90;
        break;
    default:
        break;
    }
}

void palette_make(struct palette *out, const struct plan *plan)
{
    struct hour h = hours[plan->time];
    const bool night = plan->time == TIME_NIGHT;
    weather_in(&h, palette_weather(plan), night);
    if (plan_has(plan, WEATHER_DUST))
        weather_in(&h, WEATHER_DUST, night);
    if (plan_has(plan, WEATHER_FIREFLIES) && !night)
        tint(&h, 0x2c3458, 0.34F, 0.22F); /* they are seen in the dark only */
    place_in(&h, plan->place);
    mood_in(&h, plan->mood, night);
    if (plan->without & WITHOUT_STARS)
        h.stars = 0;
    if (plan->without & WITHOUT_SUN)
        h.glow = 0;
    const struct rgb light = unpack(h.light);
    *out = (struct palette){
        .zenith = palette_rgb(h.zenith),
        .middle = palette_rgb(h.middle),
        .low = palette_rgb(h.low),
        .sun = palette_rgb(h.sun),
        .haze = palette_rgb(h.haze),
        .cloud_lit = palette_rgb(h.cloud_lit),
        .cloud_shade = palette_rgb(h.cloud_shade),
        .light = {light.r, light.g, light.b},
        .haze_reach = h.haze_reach,
        .glow = h.glow,
        .stars = h.stars,
        .sun_height = h.sun_height,
        .is_night = night,
        .is_dark = night || plan->time == TIME_DUSK || plan->mood == MOOD_NEON,
    };
}

struct colour3 palette_lit(const struct palette *p, uint32_t rgb)
{
    struct rgb c = unpack(rgb);
    return convert((struct rgb){c.r * p->light[0], c.g * p->light[1], c.b * p->light[2]});
}

float palette_haze(const struct palette *p, float depth)
{
    float d = depth / p->haze_reach;
    return d * d > 0 ? curve_clamp(d / (1 + d) * 1.15F - 0.06F, 0, 0.94F) : 0;
}
