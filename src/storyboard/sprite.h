/* sprite.h - a vector picture as pixels in the film's light, in several sizes, and how it is drawn
 * into the rows of a frame: turned, stretched and bent.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "storyboard/palette.h"
#include "storyboard/rows.h"

enum { SPRITE_LEVELS = 8, SPRITE_BEND = 256 };

/* Texels: cover << 24 | Cr << 16 | Cb << 8 | Y, bytes of a frame multiplied by the cover. */
struct sprite {
    int n_levels;
    int size[SPRITE_LEVELS]; /* square, each half the one before */
    uint32_t *texels[SPRITE_LEVELS];
    float left, right, top, bottom; /* what is not clear, in sizes of the picture, 0..1 */
};

struct sprite_options {
    int picture; /* of pack.h */
    int size;    /* px of the largest level */
    enum colour colour;
    float depth; /* of the haze that is painted in; 0: none */
    float shade; /* 0: lit; 1: black against the light      */
};

/* ERR_MEMORY, ERR_IO, ERR_CORRUPT. */
int sprite_open(struct sprite **out, const struct palette *palette,
                const struct sprite_options *options, struct error *err) MUST_CHECK;
void sprite_close(struct sprite *s); /* NULL is fine */
SCOPED_CLOSE(sprite)

/* Where and how a sprite stands in one frame. */
struct sprite_pose {
    float x, y;       /* px of the frame where the anchor stands                     */
    float anchor_y;   /* of the picture, 0..1: what stands there; in x its middle     */
    float size;       /* px the picture's height would have, unstretched              */
    float turn;       /* clockwise, in full turns                                     */
    float wide, tall; /* stretch; wide is negative when the picture looks the other way */
    float cover;      /* 0..1 */
    float haze;       /* 0..1 */
    float wave;       /* bend: height of the wave that runs through it, in sizes      */
    float wave_at;    /* its phase, in waves                                          */
    float sway;       /* bend to the side, growing upward from the anchor, in sizes   */
    float ripple;     /* as if seen in moving water                                   */
};

struct sprite_frame {
    const struct sprite *sprite; /* NULL: nothing to draw */
    int level;
    int first_x, end_x, first_y, end_y; /* px of the frame */
    int64_t u0, v0, u_x, v_x, u_y, v_y; /* 16.16 texels    */
    int32_t bend_u[SPRITE_BEND];        /* by v            */
    int32_t bend_v[SPRITE_BEND];        /* by u            */
    int cover;                          /* 0..256          */
    int haze;                           /* 0..256          */
    uint8_t haze_colour[3];
};

void sprite_place(struct sprite_frame *f, const struct sprite *s, const struct sprite_pose *pose,
                  const struct palette *palette, int width, int height);
void sprite_draw(const struct sprite_frame *f, struct rows *r);

/* The texel at u, v of the picture, 0..1, of a level about px pixels large; for stamps. */
uint32_t sprite_texel(const struct sprite *s, float u, float v, float px);
