/* glance_test.c - posters and previews of films that are drawn here. SPDX-License-Identifier: MIT
 */
#include "media/glance.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "media/image.h"
#include "unit.h"

static void fill(struct frame *f, int light)
{
    for (int i = 0; i < 3; i++)
        for (int y = 0; y < (i ? f->height / 2 : f->height); y++)
            memset(f->plane[i] + (ptrdiff_t)y * f->stride[i], i ? 128 : light,
                   (size_t)(i ? f->width / 2 : f->width));
}

/* Stripes 40 px wide. */
static void stripe(struct frame *f)
{
    fill(f, 60);
    for (int y = 0; y < f->height; y++)
        for (int x = 0; x < f->width; x++)
            if (x / 40 % 2)
                f->plane[0][(ptrdiff_t)y * f->stride[0] + x] = 200;
}

struct film {
    int width;
    int height;
    int n_frames;
    int telling; /* the one with stripes */
    char poster[256];
    char preview[256];
};

static void make(struct film *film, const char *name)
{
    struct error err;
    SCOPED(glance) struct glance *g = NULL;
    SCOPED(frame) struct frame *f = frame_new(film->width, film->height);
    snprintf(film->poster, sizeof film->poster, "%s/%s.jpg", unit_folder(), name);
    snprintf(film->preview, sizeof film->preview, "%s/%s.mp4", unit_folder(), name);
    const struct glance_options options = {.width = film->width,
                                           .height = film->height,
                                           .fps = 25,
                                           .n_frames = film->n_frames,
                                           .poster_path = film->poster,
                                           .preview_path = film->preview};
    CHECK_OK(glance_open(&g, &options, &err), err);
    for (int i = 0; i < film->n_frames; i++) {
        if (i == film->telling)
            stripe(f);
        else
            fill(f, i % 2 ? 16 : 120);
        glance_see(g, f);
    }
    CHECK_OK(glance_finish(g, &err), err);
}

static struct image *poster_of(const struct film *film)
{
    struct error err;
    struct image *im;
    struct image_info info;
    SCOPED(text_buf) struct text_buf bytes = {0};
    CHECK_OK(file_read(film->poster, 1 << 22, &bytes, &err), err);
    CHECK_OK(image_probe((struct text){bytes.at, bytes.len}, &info, &err), err);
    assert_int_equal(info.format, IMAGE_JPEG);
    CHECK_OK(image_decode((struct text){bytes.at, bytes.len}, &im, &err), err);
    return im;
}

TEST(the_poster_is_the_frame_with_most_detail_at_its_size)
{
    struct film film = {.width = 1280, .height = 720, .n_frames = 80, .telling = 45};
    make(&film, "detail");
    SCOPED(image) struct image *im = poster_of(&film);
    assert_int_equal(im->width, 640);
    assert_int_equal(im->height, 360);
    const uint8_t *row = im->rgb + (size_t)3 * 640 * 180;
    assert_in_range(row[3 * 10], 40, 62); /* 60 of limited range */
    assert_in_range(row[3 * 30], 204, 224);
}

TEST(a_film_without_detail_has_a_poster_that_is_not_black)
{
    struct film film = {.width = 720, .height = 1072, .n_frames = 141, .telling = -1};
    make(&film, "plain");
    SCOPED(image) struct image *im = poster_of(&film);
    assert_int_equal(im->height, 640);
    assert_int_equal(im->width, 428);
    assert_in_range(im->rgb[0], 115, 128);
}

TEST(a_small_film_keeps_its_size_and_one_frame_is_enough)
{
    struct film film = {.width = 160, .height = 90, .n_frames = 1, .telling = 0};
    make(&film, "small");
    SCOPED(image) struct image *im = poster_of(&film);
    assert_int_equal(im->width, 160);
    assert_int_equal(im->height, 90);
}

/* The box of that type that comes first in the file. */
static const uint8_t *box(const struct text_buf *file, const char *type)
{
    const uint8_t *at = memmem(file->at, file->len, type, 4);
    assert_non_null(at);
    return at;
}

static unsigned number(const uint8_t *at)
{
    return (unsigned)at[0] << 24 | (unsigned)at[1] << 16 | (unsigned)at[2] << 8 | at[3];
}

TEST(the_preview_is_three_seconds_small_and_has_its_index_in_front)
{
    struct error err;
    struct film film = {.width = 1280, .height = 720, .n_frames = 100, .telling = 10};
    SCOPED(text_buf) struct text_buf file = {0};
    make(&film, "preview");
    CHECK_OK(file_read(film.preview, 1 << 24, &file, &err), err);
    const uint8_t *header = box(&file, "mvhd");
    assert_int_equal(number(header + 20) * 1000 / number(header + 16), 3000);
    const uint8_t *track = box(&file, "tkhd");
    assert_int_equal(number(track + 80) >> 16, 320);
    assert_int_equal(number(track + 84) >> 16, 180);
    assert_true(box(&file, "moov") < box(&file, "mdat"));
    assert_null(memmem(file.at, file.len, "soun", 4));
}

TEST(a_film_without_frames_has_neither)
{
    struct error err;
    SCOPED(glance) struct glance *g = NULL;
    SCOPED(mem) char *path = mem_printf("%s/none", unit_folder());
    const struct glance_options options = {.width = 320,
                                           .height = 180,
                                           .fps = 25,
                                           .n_frames = 5,
                                           .poster_path = path,
                                           .preview_path = path};
    CHECK_OK(glance_open(&g, &options, &err), err);
    CHECK_ERR(glance_finish(g, &err), ERR_INVALID);
}
