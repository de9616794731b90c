/* image.h - a first frame: measured from its bytes, decoded, scaled.
 *
 * Two steps with different trust. image_probe walks the structure of a file without decoding a
 * pixel: it is what the server does with bytes from strangers. image_decode runs libjpeg-turbo
 * or libspng: it is what a worker does, a process that may die.
 *
 * Accepted: JPEG (baseline, progressive, grey, YCbCr, RGB, CMYK and YCCK, EXIF orientation
 * applied) and PNG (every colour type and depth, interlaced, alpha over white, EXIF orientation
 * applied; of an animated PNG the default image). The format is told by the bytes. Colour
 * profiles and gamma are not applied: the numbers are taken for sRGB.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "base/text.h"

enum image_format { IMAGE_UNKNOWN, IMAGE_JPEG, IMAGE_PNG, IMAGE_FORMATS };

const char *image_format_name(enum image_format format); /* "JPEG", "PNG", "unknown" */

struct image_info {
    enum image_format format;
    int width;       /* px, after orientation */
    int height;      /* px, after orientation */
    int orientation; /* EXIF 1..8; 1 when there is none */
};

/* Measure. Reads every structural part (PNG chunks with their CRC up to IEND, JPEG segments up to
 * the first scan, and that the file ends in EOI), so that a truncated file fails here.
 * ERR_INVALID the format is neither; ERR_CORRUPT it breaks off or contradicts itself, with the
 * place. out->format is set even on failure when the signature was known. */
int image_probe(struct text bytes, struct image_info *out, struct error *err) MUST_CHECK;

/* One broken rule of a first frame, ready to show ("shorter side is 200 px, must exceed 300"). */
struct image_issue {
    char text[120];
};

enum {
    IMAGE_MOST_ISSUES = 4,
    IMAGE_LEAST_SIDE = 300,              /* px: the shorter side must exceed it  */
    IMAGE_MOST_BYTES = 20 * 1000 * 1000, /* bytes of the file                  */
    IMAGE_MOST_PIXELS = 100 * 1000 * 1000
};

/* Every rule that a file of n_bytes with this info breaks: format, size of the file, shorter
 * side, aspect ratio (greater than 2:5 and less than 5:2, exactly), number of pixels. Returns how
 * many were written. */
int image_issues(const struct image_info *info, size_t n_bytes,
                 struct image_issue out[IMAGE_MOST_ISSUES]);

struct image {
    int width;    /* px */
    int height;   /* px */
    uint8_t *rgb; /* [height, width, 3], 8 bit, full range, rows without gaps */
};

/* Decode, orient, flatten. At most IMAGE_MOST_PIXELS pixels; memory in proportion to them.
 * ERR_INVALID, ERR_CORRUPT, ERR_MEMORY. The caller frees *out with image_free. */
int image_decode(struct text bytes, struct image **out, struct error *err) MUST_CHECK;

struct image *image_new(int width, int height); /* NULL when there is no memory */
void image_free(struct image *im);
SCOPED_FREE(image)

/* A resampled copy (area average when smaller, Lanczos 3 when larger, in 8-bit gamma as video
 * scalers do); NULL when there is no memory. */
struct image *image_scale(const struct image *im, int width, int height);

/* The picture as a JPEG file, quality 1..100; text_buf_fini by the caller. ERR_MEMORY, ERR_IO. */
int image_jpeg_write(const struct image *im, int quality, struct text_buf *out,
                     struct error *err) MUST_CHECK;

/* The size of the video that starts with an image of this size: short side short_side (720 for
 * video-01), long side in proportion, rounded to a multiple of 16. */
void image_video_size(int width, int height, int short_side, int *out_width, int *out_height);
