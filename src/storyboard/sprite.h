/* sprite.h - a vector picture as pixels in the film's light, in several sizes, and how it is drawn
 * into the rows of a frame: turned, stretched, bent by a mesh, blurred by its own speed, or only a
 * piece of it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "storyboard/palette.h"
#include "storyboard/rows.h"

enum {
    SPRITE_LEVELS = 9,
    SPRITE_MESH = 12,     /* cells of the mesh, each way */
    SPRITE_BORDER = 3,    /* clear texels in a row: one before the picture, two behind */
    SPRITE_BLOCK = 16,    /* texels, each way                                          */
    SPRITE_MARGIN = 2,    /* clear blocks round a picture                              */
    SPRITE_TAPS = 5,      /* most looks across the time the shutter is open            */
    SPRITE_ONE = 1 << 16, /* a texel in 16.16 */
};

/* Texels: cover << 24 | Cr << 16 | Cb << 8 | Y, bytes of a frame multiplied by the cover. */
struct sprite {
    int n_levels;
    int size[SPRITE_LEVELS];         /* square, each half the one before          */
    uint32_t *texels[SPRITE_LEVELS]; /* [size + 3, size + 3], see struct kernel_walk */
    uint8_t *blocks[SPRITE_LEVELS];  /* [size / 16 + 4, size / 16 + 4]: it or a block beside it is
                                         not all clear; two more each way before */
    float left, right, top, bottom;  /* what is not clear, in sizes of the picture, 0..1 */
    float back;                      /* where the middle of its upper side lies: a saddle, a deck */
};

/* How many blocks a level of size texels has each way, those round it counted. */
static inline int sprite_blocks(int size)
{
    return (size + SPRITE_BLOCK - 1) / SPRITE_BLOCK + 2 * SPRITE_MARGIN;
}

struct sprite_options {
    int picture; /* of pack.h */
    int size;    /* px of the largest level */
    enum colour colour;
    float depth; /* of the haze that is painted in; 0: none     */
    float shade; /* 0: lit; 1: black against the light          */
    float tone;  /* of one among many: -1 darker .. 1 lighter   */
    float rim;   /* 0..1: light round the edge, from a low sun behind it */
};

/* ERR_MEMORY, ERR_IO, ERR_CORRUPT. */
int sprite_open(struct sprite **out, const struct palette *palette,
                const struct sprite_options *options, struct error *err) MUST_CHECK;

/* A soft disc of light of 64 px. ERR_MEMORY. */
int sprite_open_glow(struct sprite **out, struct colour3 colour, struct error *err) MUST_CHECK;
void sprite_close(struct sprite *s); /* NULL is fine */
SCOPED_CLOSE(sprite)

/* Where and how a sprite stands in one frame. */
struct sprite_pose {
    float x, y;       /* px of the frame where the anchor stands                     */
    float anchor_x;   /* of the picture, 0..1: what stands there; 0 is its middle    */
    float anchor_y;   /* of the picture, 0..1                                        */
    float size;       /* px the picture's height would have, unstretched             */
    float turn;       /* clockwise, in full turns                                    */
    float wide, tall; /* stretch; wide is negative when the picture looks the other way */
    float cover;      /* 0..1 */
    float haze;       /* 0..1 */
    float blur;       /* px that it is out of focus                                  */
    /* The bends, in sizes of the picture. */
    float wave, wave_at;     /* height of the wave that runs through it; its phase    */
    float sway;              /* to the side, growing upward from the anchor           */
    float ripple;            /* as if seen in moving water                            */
    float beat;              /* both sides rise, as wings do                          */
    float stride, stride_at; /* its feet go apart, those in front against those behind */
    float nod;               /* the front end sinks                                   */
    float breath;            /* its middle swells                                     */
};

/* The straight part of a way from the frame to the picture, in 16.16 texels. */
struct sprite_way {
    int64_t u0, v0, u_x, v_x, u_y, v_y;
};

struct sprite_frame {
    const struct sprite *sprite; /* NULL: nothing to draw */
    int level;
    int first_x, end_x, first_y, end_y;   /* px of the frame                          */
    int n_taps;                           /* looks across the time the shutter is open */
    struct sprite_way way[SPRITE_TAPS];   /* of each look                             */
    int32_t low_u, high_u, low_v, high_v; /* what of the picture is drawn, 16.16 texels */
    int32_t mesh_u[SPRITE_MESH + 1][SPRITE_MESH + 1]; /* [v][u] 16.16 texels */
    int32_t mesh_v[SPRITE_MESH + 1][SPRITE_MESH + 1];
    bool bent;
    int cover; /* 0..256 */
    int haze;  /* 0..256 */
    uint8_t haze_colour[3];
};

/* before: the pose when the shutter opens; NULL or the same: nothing moves that fast. */
void sprite_place(struct sprite_frame *f, const struct sprite *s, const struct sprite_pose *pose,
                  const struct sprite_pose *before, const struct palette *palette,
                  const int size[2]);

/* Only the part of the picture left..right, top..bottom, 0..1, is drawn. */
void sprite_crop(struct sprite_frame *f, float left, float right, float top, float bottom);

/* Where a point of the picture, 0..1 each way, stands in the frame, without the bends. */
void sprite_point(const struct sprite_pose *pose, float u, float v, float *x, float *y);

void sprite_draw(const struct sprite_frame *f, struct rows *r);

/* The texel at u, v of the picture, 0..1, of a level about px pixels large; for stamps. */
uint32_t sprite_texel(const struct sprite *s, float u, float v, float px);
