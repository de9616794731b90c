/* ground_impl.h - what the files that draw the floor share. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/ground.h"

/* Texels of the noise for one height of the eye. */
#define GRAIN 150.0F

/* One line of the floor. */
struct strip {
    const struct ground_frame *f;
    int n;       /* samples                                         */
    float near;  /* distance from the camera, in heights of the eye */
    float depth; /* of the place                                    */
    float left;  /* x of the first sample                           */
    float step;  /* x from one to the next                          */
    float haze;
};

/* A colour as samples of the rows. */
struct samples {
    int y, u, v;
};

struct samples ground_samples(struct colour3 c);
struct colour3 ground_lit(const struct strip *s, uint32_t rgb); /* in the light, through the haze */

/* Noise along a strip, about -64..64 times 16; grain: texels for a height of the eye; the shifts
 * move it, in heights of the eye. */
void ground_texture(int16_t *out, const struct strip *s, float grain, float shift_x, float shift_z);

/* The dry floor: its colour without texture, its luma, and what lies on it, by plane. */
struct colour3 ground_floor_colour(const struct strip *s);
void ground_floor_luma(int16_t *out, const struct strip *s);
void ground_floor_marks(int16_t *out, const struct strip *s, int plane);

/* Water; v: screen units under the horizon, y: row of the frame, or of its chroma. */
void ground_water_luma(int16_t *out, const struct strip *s, float v, int y);
void ground_water_chroma(int16_t *u, int16_t *v_out, const struct strip *s, float v, int y);
