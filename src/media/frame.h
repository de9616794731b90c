/* frame.h - one picture of a film, as the encoder wants it.
 *
 * I420: planes Y [height, width], Cb and Cr [height/2, width/2], u8, BT.709 matrix, limited
 * range (16..235, 16..240), chroma sited left as H.264 has it by default. width and height are
 * even.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

struct frame {
    int width;  /* px */
    int height; /* px */
    uint8_t *plane[3];
    int stride[3]; /* bytes from one row to the next */
};

/* A frame of its own memory; NULL when there is none or a size is odd or not positive. */
struct frame *frame_new(int width, int height);
void frame_free(struct frame *f);
SCOPED_FREE(frame)

/* Of the same size. */
void frame_copy(struct frame *to, const struct frame *from);

/* Convert 8-bit RGB, full range, rows of stride bytes, of the frame's size. */
void frame_from_rgb(struct frame *f, const uint8_t *rgb, int stride);

/* The way back, for tests and posters: rgb has 3 * width * height bytes. */
void frame_to_rgb(const struct frame *f, uint8_t *rgb);
