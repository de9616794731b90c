/* image.c - see image.h: the rules of a first frame, and plain pictures. The rest of the header
 * is in image_probe.c, image_decode.c and image_scale.c.
 *
 * SPDX-License-Identifier: MIT */
#include "media/image.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"

const char *image_format_name(enum image_format format)
{
    static const char *const names[IMAGE_FORMATS] = {"unknown", "JPEG", "PNG"};
    return format > IMAGE_UNKNOWN && format < IMAGE_FORMATS ? names[format] : names[IMAGE_UNKNOWN];
}

#define ISSUE(...) snprintf(out[n++].text, sizeof out->text, __VA_ARGS__)

int image_issues(const struct image_info *info, size_t n_bytes,
                 struct image_issue out[IMAGE_MOST_ISSUES])
{
    int n = 0;
    int64_t w = info->width, h = info->height;
    if (n_bytes > IMAGE_MOST_BYTES)
        ISSUE("file is %zu bytes, must not exceed %d", n_bytes, IMAGE_MOST_BYTES);
    if (info->format <= IMAGE_UNKNOWN || info->format >= IMAGE_FORMATS) {
        ISSUE("format is unknown, must be JPEG or PNG");
        return n; /* it has no size to speak of */
    }
    int64_t shorter = w < h ? w : h;
    if (shorter <= IMAGE_LEAST_SIDE)
        ISSUE("shorter side is %" PRId64 " px, must exceed %d", shorter, IMAGE_LEAST_SIDE);
    double ratio = (double)w / (double)(h > 0 ? h : 1);
    if (5 * w <= 2 * h)
        ISSUE("aspect ratio is %" PRId64 ":%" PRId64 " (%.3f), must be greater than 2:5", w, h,
              ratio);
    if (2 * w >= 5 * h)
        ISSUE("aspect ratio is %" PRId64 ":%" PRId64 " (%.3f), must be less than 5:2", w, h, ratio);
    if (w * h > IMAGE_MOST_PIXELS)
        ISSUE("image is %" PRId64 "x%" PRId64 ", %" PRId64 " pixels, must not exceed %d", w, h,
              w * h, IMAGE_MOST_PIXELS);
    return n;
}

struct image *image_new(int width, int height)
{
    if (width <= 0 || height <= 0)
        return NULL;
    size_t head = (sizeof(struct image) + 63) & ~(size_t)63;
    size_t pixels = (size_t)width * (size_t)height;
    struct image *im = pixels <= SIZE_MAX / 4 ? mem_try(head + 3 * pixels) : NULL;
    if (!im)
        return NULL;
    im->width = width;
    im->height = height;
    im->rgb = (uint8_t *)im + head;
    return im;
}

void image_free(struct image *im)
{
    mem_free(im);
}

void image_video_size(int width, int height, int short_side, int *out_width, int *out_height)
{
    int64_t shorter = width < height ? width : height;
    int64_t longer = width < height ? height : width;
    /* To the nearest multiple of 16; halves go down, so that 2:3 is the 720x1072 that the vendor
     * makes of it. */
    int side = (int)((short_side * longer + 8 * shorter - 1) / (16 * shorter)) * 16;
    *out_width = width < height ? short_side : side;
    *out_height = width < height ? side : short_side;
}
