/* palette.h - the colours of a film: one light, one haze, all local colours under them.
 *
 * Colours are kept as the encoder has them, luma and two chroma differences of BT.709, so that
 * nothing is converted per pixel; every mixture of colours is linear in them.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "storyboard/plan.h"

struct colour3 {
    float y; /* 0..1            */
    float u; /* -0.5..0.5, Cb   */
    float v; /* -0.5..0.5, Cr   */
};

/* 0xRRGGBB, full range. */
struct colour3 palette_rgb(uint32_t rgb);
struct colour3 palette_mix(struct colour3 a, struct colour3 b, float t);
struct colour3 palette_scale(struct colour3 c, float k); /* brighter or darker, same hue */

/* The bytes of a frame: luma 16..235, chroma 16..240, not rounded. */
static inline float palette_luma(float y)
{
    return 16 + 219 * y;
}

static inline float palette_chroma(float c)
{
    return 128 + 224 * c;
}

struct palette {
    struct colour3 zenith, middle, low; /* the sky from above to the horizon   */
    struct colour3 sun;                 /* the disc and its glow; the moon     */
    struct colour3 haze;                /* what far things fade into           */
    struct colour3 cloud_lit, cloud_shade;
    float light[3];   /* factors on local R, G and B                          */
    float haze_reach; /* depth at which half the colour is haze               */
    float glow;       /* strength of the glow round the sun                   */
    float stars;      /* 0..1                                                 */
    float sun_height; /* over the horizon, in heights of the frame            */
    bool is_night;    /* a moon                                               */
    bool is_dark;     /* lamps and windows are lit                            */
};

/* The palette of a plan, weather and mood in it. */
void palette_make(struct palette *out, const struct plan *plan);

/* What the weather of a plan does to the light: the strongest of what is in the air, of CLEAR,
 * CLOUD, RAIN, STORM, SNOW, FOG. */
enum weather palette_weather(const struct plan *plan);

/* A local colour under the film's light. */
struct colour3 palette_lit(const struct palette *p, uint32_t rgb);

/* How much of the colour is haze at a depth, 0..1. */
float palette_haze(const struct palette *p, float depth);
