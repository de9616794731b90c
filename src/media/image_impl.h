/* image_impl.h - what the files of image.h share; no other folder includes it.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/image.h"

/* The orientation, 1..8, that a block of EXIF (from its "II" or "MM" on) names; 1 when it names
 * none or is broken: a picture is worth more than its notes. */
int image_exif_orientation(struct text tiff);

/* Where decoded rows go: straight to their place after orientation. */
struct image_sink {
    uint8_t *origin;     /* of the file's first pixel      */
    int64_t step_column; /* bytes to its right neighbour   */
    int64_t step_row;    /* bytes to the one below         */
};

/* n pixels of the file's row y, the first at column x, each further one step columns on. */
void image_sink_put(const struct image_sink *s, const uint8_t *rgb, int n, int x, int step, int y);

/* The pixels of a file that image_probe has passed, whose stored size (before orientation) is
 * width x height, into the sink. */
int image_jpeg_decode(struct text bytes, int width, int height, const struct image_sink *sink,
                      struct error *err) MUST_CHECK;
int image_png_decode(struct text bytes, int width, int height, const struct image_sink *sink,
                     struct error *err) MUST_CHECK;
