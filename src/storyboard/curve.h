/* curve.h - the arithmetic of pictures, the same bit for bit on every machine.
 *
 * Only + - * / and comparisons of IEEE numbers and whole-number hashes stand behind these
 * functions, never the C library's sinf or powf, whose last bit depends on the processor. (The
 * build forbids the compiler to fuse a multiplication with an addition.)
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

static inline float curve_min(float a, float b)
{
    return a < b ? a : b;
}

static inline float curve_max(float a, float b)
{
    return a > b ? a : b;
}

static inline float curve_clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

/* Without its sign. */
static inline float curve_magnitude(float x)
{
    return x < 0 ? -x : x;
}

static inline float curve_mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* 0 up to a, 1 from b on, smooth between. */
static inline float curve_step(float a, float b, float x)
{
    float t = curve_clamp((x - a) / (b - a), 0, 1);
    return t * t * (3 - 2 * t);
}

/* Starts and ends at a standstill; 0..1 to 0..1. */
static inline float curve_ease(float t)
{
    t = curve_clamp(t, 0, 1);
    return t * t * t * (t * (t * 6 - 15) + 10);
}

/* Starts at a standstill and goes on at an even pace. */
static inline float curve_ease_in(float t)
{
    const float ramp = 0.35F;
    t = curve_clamp(t, 0, 1);
    float distance = t < ramp ? t * t / (2 * ramp) : t - ramp / 2;
    return distance / (1 - ramp / 2);
}

static inline int curve_floor(float x)
{
    int i = (int)x;
    return (float)i > x ? i - 1 : i;
}

/* What is left of x above the whole number below it: 0 inclusive to 1. */
static inline float curve_part(float x)
{
    return x - (float)curve_floor(x);
}

/* The sine of a full turn: period 1, -1..1, to about a thousandth. */
float curve_sine(float turns);

/* A well-mixed number of two coordinates and a seed, and the same as 0 inclusive to 1 exclusive. */
uint32_t curve_hash(int x, int y, uint32_t seed);
float curve_random(int x, int y, uint32_t seed);
