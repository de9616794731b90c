/* image_decode.h - what the targets that decode share. SPDX-License-Identifier: MIT */
#pragma once

#include <stdlib.h>

#include "fuzz.h"
#include "media/image.h"

/* Decode a picture of this format that is small enough to try many; its size must be the one that
 * image_probe says, and its pixels must all be there. */
static inline void image_decode_try(struct text file, enum image_format format)
{
    enum { MOST_PIXELS = 1 << 18 };
    struct error err;
    struct image_info info;
    SCOPED(image) struct image *im = NULL;
    if (image_probe(file, &info, &err) < 0 || info.format != format ||
        (int64_t)info.width * info.height > MOST_PIXELS)
        return;
    if (image_decode(file, &im, &err) < 0)
        return;
    if (im->width != info.width || im->height != info.height)
        abort();
    unsigned sum = 0;
    for (int64_t i = 0; i < (int64_t)3 * im->width * im->height; i++)
        sum += im->rgb[i];
    if (sum > 255u * 3 * MOST_PIXELS)
        abort();
}
