/* image_jpeg.c - JPEG pixels, by libjpeg-turbo.
 *
 * SPDX-License-Identifier: MIT
 *
 * The library reports through a table of functions and leaves a fatal error only by a jump: it
 * lands in reader_run, which owns nothing; what there is to free belongs to image_jpeg_decode. */
#include "media/image_impl.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */

#include <jpeglib.h>
#include <jerror.h>

#include "base/memory.h"

enum {
    MOST_SCANS = 500,  /* more is not a picture but an attack on the reader's time */
    ROW_PIXEL = 4,     /* bytes, CMYK being the widest                              */
    MOST_SIDE = 65500, /* the library's own limit                                   */
};

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr calls;
    struct jpeg_progress_mgr progress;
    jmp_buf fatal;
    struct error *err;
    const struct image_sink *sink;
    int width;
    int height;
    uint8_t *row; /* ROW_PIXEL bytes a pixel */
};

static _Noreturn void fail(j_common_ptr common)
{
    struct reader *r = common->client_data;
    char why[JMSG_LENGTH_MAX];
    common->err->format_message(common, why);
    error_set(r->err, common->err->msg_code == JERR_OUT_OF_MEMORY ? ERR_MEMORY : ERR_CORRUPT,
              "JPEG: %s", why);
    longjmp(r->fatal, 1);
}

/* A warning means that the library goes on with invented pixels, but for these. */
static bool is_harmless(int warning)
{
    switch (warning) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
        return true;
    default:
        return false;
    }
}

static void message(j_common_ptr common, int level)
{
    if (level < 0 && !is_harmless(common->err->msg_code))
        fail(common);
}

static void message_out(j_common_ptr common)
{
    (void)common;
}

/* Called now and then while the library works. */
static void watch(j_common_ptr common)
{
    struct reader *r = common->client_data;
    if (r->jpeg.input_scan_number <= MOST_SCANS)
        return;
    error_set(r->err, ERR_INVALID, "JPEG has more than %d scans", MOST_SCANS);
    longjmp(r->fatal, 1);
}

/* CMYK to RGB in place. Adobe's writers store it inverted and say so by their marker. */
static void row_from_cmyk(uint8_t *row, int n, bool inverted)
{
    int flip = inverted ? 0 : 255;
    for (int i = 0; i < n; i++) {
        int k = row[4 * i + 3] ^ flip;
        for (int c = 0; c < 3; c++)
            row[3 * i + c] = (uint8_t)(((row[4 * i + c] ^ flip) * k + 127) / 255);
    }
}

static void begin(struct reader *r, struct text bytes)
{
    r->jpeg.err = jpeg_std_error(&r->calls);
    r->calls.error_exit = fail;
    r->calls.emit_message = message;
    r->calls.output_message = message_out;
    r->jpeg.client_data = r;
    jpeg_create_decompress(&r->jpeg);
    r->progress.progress_monitor = watch;
    r->jpeg.progress = &r->progress;
    jpeg_mem_src(&r->jpeg, (const unsigned char *)bytes.at, bytes.len);
    jpeg_read_header(&r->jpeg, TRUE);
}

static int rows(struct reader *r)
{
    struct jpeg_decompress_struct *j = &r->jpeg;
    bool cmyk = j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK;
    j->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(j);
    if ((int)j->output_width != r->width || (int)j->output_height != r->height)
        return error_set(r->err, ERR_CORRUPT, "JPEG: %ux%u pixels where %dx%d were announced",
                         j->output_width, j->output_height, r->width, r->height);
    for (int y = 0; y < r->height; y++) {
        JSAMPROW row = r->row;
        jpeg_read_scanlines(j, &row, 1);
        if (cmyk)
            row_from_cmyk(row, r->width, j->saw_Adobe_marker);
        image_sink_put(r->sink, row, r->width, 0, 1, y);
    }
    jpeg_finish_decompress(j);
    return 0;
}

static int reader_run(struct reader *r, struct text bytes)
{
    if (setjmp(r->fatal))
        return r->err->code;
    begin(r, bytes);
    return rows(r);
}

int image_jpeg_decode(struct text bytes, int width, int height, const struct image_sink *sink,
                      struct error *err)
{
    if (width > MOST_SIDE || height > MOST_SIDE)
        return error_set(err, ERR_INVALID, "JPEG is %dx%d, must not exceed %d on a side", width,
                         height, MOST_SIDE);
    SCOPED(mem) uint8_t *row = mem_try(ROW_PIXEL * (size_t)width);
    if (!row)
        return error_set(err, ERR_MEMORY, "no memory for a row of %d pixels", width);
    struct reader r = {.err = err, .sink = sink, .width = width, .height = height, .row = row};
    int rc = reader_run(&r, bytes);
    jpeg_destroy_decompress(&r.jpeg);
    return rc;
}
