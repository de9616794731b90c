/* image_write.c - pixels as a JPEG file, by libjpeg-turbo.
 *
 * SPDX-License-Identifier: MIT
 *
 * A fatal error of the library leaves by a jump to writer_run, which owns nothing. */
#include "media/image.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */

#include <jpeglib.h>

#include "base/memory.h"

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr calls;
    jmp_buf fatal;
    struct error *err;
    unsigned char *file; /* from the C library's heap, as what mem_free takes is */
    unsigned long len;
};

static _Noreturn void fail(j_common_ptr common)
{
    struct writer *w = common->client_data;
    char why[JMSG_LENGTH_MAX];
    common->err->format_message(common, why);
    error_set(w->err, ERR_IO, "JPEG: %s", why);
    longjmp(w->fatal, 1);
}

static int writer_run(struct writer *w, const struct image *im, int quality)
{
    struct jpeg_compress_struct *j = &w->jpeg;
    if (setjmp(w->fatal))
        return w->err->code;
    jpeg_mem_dest(j, &w->file, &w->len);
    j->image_width = (JDIMENSION)im->width;
    j->image_height = (JDIMENSION)im->height;
    j->input_components = 3;
    j->in_color_space = JCS_RGB;
    jpeg_set_defaults(j);
    jpeg_set_quality(j, quality, TRUE);
    j->optimize_coding = TRUE;
    jpeg_start_compress(j, TRUE);
    while (j->next_scanline < j->image_height) {
        JSAMPROW row = im->rgb + (size_t)3 * (size_t)im->width * j->next_scanline;
        jpeg_write_scanlines(j, &row, 1);
    }
    jpeg_finish_compress(j);
    return 0;
}

int image_jpeg_write(const struct image *im, int quality, struct text_buf *out, struct error *err)
{
    struct writer w = {.err = err};
    w.jpeg.err = jpeg_std_error(&w.calls);
    w.calls.error_exit = fail;
    w.jpeg.client_data = &w;
    jpeg_create_compress(&w.jpeg);
    int rc = writer_run(&w, im, quality);
    jpeg_destroy_compress(&w.jpeg);
    text_buf_init(out, (size_t)w.len + 1);
    if (rc == 0)
        text_buf_add(out, w.file, (size_t)w.len);
    mem_free(w.file);
    if (rc == 0 && out->failed)
        return error_set(err, ERR_MEMORY, "no memory for a JPEG of %lu bytes", w.len);
    return rc;
}
