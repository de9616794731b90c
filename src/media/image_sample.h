/* image_sample.h - pictures for tests: a file of any kind, and the pixels it must decode to.
 *
 * PNG files are laid out here byte by byte (zlib packs the pixels), JPEG files come from libjpeg.
 * The picture is smooth and has no symmetry, so that a wrong turn shows.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "media/image.h"

enum image_sample_space { SAMPLE_YCBCR, SAMPLE_GREY, SAMPLE_RGB, SAMPLE_CMYK, SAMPLE_YCCK };

struct image_sample {
    enum image_format format;
    int width; /* px, before orientation */
    int height;
    int orientation;    /* EXIF; 0 writes none */
    bool is_big_endian; /* EXIF */

    /* PNG */
    int colour; /* 0, 2, 3, 4, 6     */
    int depth;  /* 1, 2, 4, 8, 16    */
    bool is_interlaced;
    bool has_key;     /* tRNS              */
    bool is_animated; /* with a second picture in fdAT */

    /* JPEG */
    enum image_sample_space space;
    bool is_progressive;
    bool has_whole_scans; /* progressive grey in two scans, neither of which refines another */
    bool hides_adobe;     /* CMYK as it is, not inverted, without Adobe's marker */
};

/* The file; out is a fresh buffer that the caller ends with text_buf_fini. */
void image_sample_write(const struct image_sample *s, struct text_buf *out);

/* What image_decode must make of it. The caller frees. */
struct image *image_sample_pixels(const struct image_sample *s);

/* A block of EXIF with that orientation; its size is returned. */
enum { IMAGE_SAMPLE_EXIF = 64 };
int image_sample_exif(int orientation, bool is_big_endian, char out[IMAGE_SAMPLE_EXIF]);

/* A chunk of a PNG with its checksum, added to out. */
void image_sample_chunk(struct text_buf *out, const char *type, const void *data, size_t len);

/* How alike two pictures of one size are, in dB: 99 when equal. */
double image_sample_psnr(const struct image *a, const struct image *b);
