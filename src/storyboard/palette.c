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
    switch (w) {
    default:
        break;
    case WEATHER_CLOUD:
        tint(h, night ? 0x1b2740 : 0x9aa6b4, 0.16F, 0.06F);
        break;
    case WEATHER_RAIN:
        tint(h, night ? 0x18243a : 0x74838f, 0.52F, 0.28F);
        h->glow *= 0.4F;
        h->haze_reach *= 0.7F;
        break;
    case WEATHER_SNOW:
        tint(h, night ? 0x324468 : 0xd3dde8, 0.45F, 0.15F);
        h->glow *= 0.6F;
        h->haze_reach *= 0.7F;
        break;
    case WEATHER_FOG:
        tint(h, night ? 0x3a4c6c : 0xd5d6d4, 0.5F, 0.18F);
        h->haze_reach *= 0.32F;
        break;
    case WEATHER_STORM:
        tint(h, night ? 0x0c1524 : 0x323f4d, 0.62F, 0.42F);
        h->glow *= 0.3F;
        h->haze_reach *= 0.7F;
        break;
    }
    if (w != WEATHER_CLEAR)
        h->stars *= w == WEATHER_CLOUD ? 0.5F : 0;
}

static void mood_in(struct hour *h, enum mood m)
{
    switch (m) {
    default:
        break;
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
        tint(h, 0xffe9a8, 0.10F, 0.08F);
        break;
    case MOOD_CALM:
        tint(h, 0xcfdcea, 0.10F, 0.04F);
        break;
    case MOOD_MELANCHOLIC:
        tint(h, 0x6d7f94, 0.32F, 0.2F);
        break;
    case MOOD_DREAMY:
        tint(h, 0xc79ad8, 0.22F, 0.1F);
        break;
    }
}

/* Some places have a light of their own. */
static void place_in(struct hour *h, enum place p)
{
    if (p == PLACE_SPACE || p == PLACE_PLANET) {
        h->zenith = 0x04050f;
        h->middle = 0x0a0d24;
        h->low = p == PLACE_PLANET ? 0x161a34 : 0x151231;
        h->haze = 0x1d2040;
        h->light = p == PLACE_PLANET ? 0xd8d6e2 : 0xe4e2f0;
        h->stars = 1;
        h->haze_reach = 160;
        h->glow = 0.35F;
        h->sun = 0xfff4dc;
    } else if (p == PLACE_UNDERWATER) {
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
    } else if (p == PLACE_VOLCANO) {
        tint(h, 0x4a1a14, 0.35F, 0.2F);
    }
}

void palette_make(struct palette *out, const struct plan *plan)
{
    struct hour h = hours[plan->time];
    const bool night = plan->time == TIME_NIGHT;
    mood_in(&h, plan->mood);
    weather_in(&h, palette_weather(plan), night);
    place_in(&h, plan->place);
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
