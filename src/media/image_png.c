/* image_png.c - PNG pixels, by libspng, over white.
 *
 * SPDX-License-Identifier: MIT */
#include "media/image_impl.h"

#include <spng.h>

#include "base/memory.h"

enum {
    PIXEL = 4,                     /* bytes of RGBA                                   */
    MOST_NOTES = 64 * 1024 * 1024, /* bytes of text, profiles and the like, unpacked */
};

SCOPED_FREE(spng_ctx)

static int failed(int code, struct error *err)
{
    enum err kind = code == SPNG_EMEM ? ERR_MEMORY : ERR_CORRUPT;
    return error_set(err, kind, "PNG: %s", spng_strerror(code));
}

/* RGBA to RGB in place, over white. */
static void row_flatten(uint8_t *row, int n)
{
    for (int i = 0; i < n; i++) {
        int a = row[4 * i + 3];
        for (int c = 0; c < 3; c++)
            row[3 * i + c] = (uint8_t)((row[4 * i + c] * a + 255 * (255 - a) + 127) / 255);
    }
}

/* The columns of one pass of Adam7; without interlacing, the row itself. */
struct columns {
    int first;
    int step;
};

static struct columns columns_of(const struct spng_ihdr *head, int pass)
{
    static const struct columns adam7[7] = {{0, 8}, {4, 8}, {0, 4}, {2, 4}, {0, 2}, {1, 2}, {0, 1}};
    return head->interlace_method ? adam7[pass] : adam7[6];
}

static int rows(spng_ctx *png, const struct spng_ihdr *head, uint8_t *row,
                const struct image_sink *sink)
{
    int width = (int)head->width;
    for (;;) {
        struct spng_row_info at;
        int code = spng_get_row_info(png, &at);
        if (code)
            return code;
        struct columns c = columns_of(head, at.pass);
        int n = (width - c.first + c.step - 1) / c.step;
        code = spng_decode_scanline(png, row, PIXEL * (size_t)width);
        if (code && code != SPNG_EOI)
            return code;
        row_flatten(row, n);
        image_sink_put(sink, row, n, c.first, c.step, (int)at.row_num);
        if (code == SPNG_EOI)
            return 0;
    }
}

static int start(spng_ctx *png, struct text bytes, struct spng_ihdr *head)
{
    int code = spng_set_png_buffer(png, bytes.at, bytes.len);
    if (!code)
        code = spng_set_chunk_limits(png, bytes.len, MOST_NOTES);
    if (!code)
        code = spng_get_ihdr(png, head);
    if (!code)
        code = spng_decode_image(png, NULL, 0, SPNG_FMT_RGBA8,
                                 SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE);
    return code;
}

int image_png_decode(struct text bytes, int width, int height, const struct image_sink *sink,
                     struct error *err)
{
    SCOPED(mem) uint8_t *row = mem_try(PIXEL * (size_t)width);
    SCOPED(spng_ctx) spng_ctx *png = spng_ctx_new(0);
    if (!png || !row)
        return error_set(err, ERR_MEMORY, "no memory to read a PNG");
    struct spng_ihdr head;
    if (spng_set_image_limits(png, (uint32_t)width, (uint32_t)height))
        return error_set(err, ERR_INVALID, "PNG is %dx%d, too large", width, height);
    int code = start(png, bytes, &head);
    if (!code)
        code = rows(png, &head, row, sink);
    return code ? failed(code, err) : 0;
}
