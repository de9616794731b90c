/* image_decode.c - pixels of a file, oriented and flat; image_jpeg.c and image_png.c read them.
 *
 * SPDX-License-Identifier: MIT */
#include "media/image_impl.h"

#include <string.h>

/* Which way the file's columns and rows run in the picture that is shown. */
static struct image_sink sink_of(const struct image *im, int orientation)
{
    int64_t pixel = 3, row = pixel * im->width;
    int64_t right = row - pixel, bottom = row * (im->height - 1);
    const struct {
        int64_t start, column, row;
    } ways[9] = {
        [1] = {0, pixel, row},
        [2] = {right, -pixel, row},
        [3] = {bottom + right, -pixel, -row},
        [4] = {bottom, pixel, -row},
        [5] = {0, row, pixel},
        [6] = {right, row, -pixel},
        [7] = {bottom + right, -row, -pixel},
        [8] = {bottom, -row, pixel},
    };
    return (struct image_sink){.origin = im->rgb + ways[orientation].start,
                               .step_column = ways[orientation].column,
                               .step_row = ways[orientation].row};
}

void image_sink_put(const struct image_sink *s, const uint8_t *rgb, int n, int x, int step, int y)
{
    uint8_t *out = s->origin + s->step_row * y + s->step_column * x;
    int64_t next = s->step_column * step;
    if (next == 3) {
        memcpy(out, rgb, 3 * (size_t)n);
        return;
    }
    for (int i = 0; i < n; i++, rgb += 3) {
        uint8_t *at = out + next * i;
        at[0] = rgb[0];
        at[1] = rgb[1];
        at[2] = rgb[2];
    }
}

int image_decode(struct text bytes, struct image **out, struct error *err)
{
    struct image_info info;
    if (image_probe(bytes, &info, err) < 0)
        return err->code;
    if ((int64_t)info.width * info.height > IMAGE_MOST_PIXELS)
        return error_set(err, ERR_INVALID, "image is %dx%d, must not exceed %d pixels", info.width,
                         info.height, IMAGE_MOST_PIXELS);
    SCOPED(image) struct image *im = image_new(info.width, info.height);
    if (!im)
        return error_set(err, ERR_MEMORY, "no memory for an image of %dx%d", info.width,
                         info.height);
    struct image_sink sink = sink_of(im, info.orientation);
    bool turned = info.orientation >= 5;
    int width = turned ? info.height : info.width, height = turned ? info.width : info.height;
    int rc = info.format == IMAGE_PNG ? image_png_decode(bytes, width, height, &sink, err)
                                      : image_jpeg_decode(bytes, width, height, &sink, err);
    if (rc < 0)
        return rc;
    *out = TAKE(im);
    return 0;
}
