/* image_decode_test.c - SPDX-License-Identifier: MIT */
#include "media/image_sample.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

/* Write the sample, decode it, compare. Returns how alike they are. */
static double round_trip(const struct image_sample *s)
{
    struct error err;
    SCOPED(text_buf) struct text_buf file;
    SCOPED(image) struct image *im = NULL;
    SCOPED(image) struct image *want = image_sample_pixels(s);
    image_sample_write(s, &file);
    CHECK_OK(image_decode((struct text){.at = file.at, .len = file.len}, &im, &err), err);
    assert_int_equal(im->width, want->width);
    assert_int_equal(im->height, want->height);
    return image_sample_psnr(im, want);
}

static const struct {
    int colour, depth;
} png_kinds[] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                 {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};

TEST(every_kind_of_png_decodes_to_its_exact_pixels)
{
    for (size_t i = 0; i < sizeof png_kinds / sizeof *png_kinds; i++)
        for (int ways = 0; ways < 4; ways++) {
            struct image_sample s = {.format = IMAGE_PNG,
                                     .width = 53,
                                     .height = 37,
                                     .colour = png_kinds[i].colour,
                                     .depth = png_kinds[i].depth,
                                     .is_interlaced = ways & 1,
                                     .has_key = (ways & 2) && png_kinds[i].colour < 4};
            double psnr = round_trip(&s);
            if (psnr < 99)
                fail_msg("colour %d, %d bits, ways %d: %.1f dB", s.colour, s.depth, ways, psnr);
        }
}

TEST(interlaced_pngs_smaller_than_a_pass_decode)
{
    for (int width = 1; width < 10; width++)
        for (int height = 1; height < 10; height++) {
            struct image_sample s = {.format = IMAGE_PNG,
                                     .width = width,
                                     .height = height,
                                     .colour = 2,
                                     .depth = 8,
                                     .is_interlaced = true};
            assert_true(round_trip(&s) == 99);
        }
}

TEST(every_kind_of_jpeg_decodes_close_to_its_pixels)
{
    const struct image_sample kinds[] = {
        {.space = SAMPLE_YCBCR}, {.space = SAMPLE_GREY},
        {.space = SAMPLE_RGB},   {.space = SAMPLE_CMYK},
        {.space = SAMPLE_YCCK},  {.space = SAMPLE_CMYK, .hides_adobe = true},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int progressive = 0; progressive < 2; progressive++) {
            struct image_sample s = kinds[i];
            s.format = IMAGE_JPEG;
            s.width = 333;
            s.height = 201;
            s.is_progressive = progressive;
            double psnr = round_trip(&s);
            if (psnr < 38)
                fail_msg("kind %zu, progressive %d: %.1f dB", i, progressive, psnr);
        }
}

TEST(every_orientation_is_applied_in_both_byte_orders)
{
    for (int orientation = 1; orientation <= 8; orientation++)
        for (int ways = 0; ways < 8; ways++) {
            struct image_sample s = {.format = ways & 1 ? IMAGE_PNG : IMAGE_JPEG,
                                     .width = 160,
                                     .height = 96,
                                     .orientation = orientation,
                                     .is_big_endian = ways & 2,
                                     .is_interlaced = ways & 4,
                                     .is_progressive = ways & 4,
                                     .colour = 2,
                                     .depth = 8};
            double psnr = round_trip(&s);
            if (psnr < (ways & 1 ? 99 : 35))
                fail_msg("orientation %d, ways %d: %.1f dB", orientation, ways, psnr);
        }
}

TEST(an_animated_png_gives_its_default_image)
{
    struct image_sample s = {.format = IMAGE_PNG,
                             .width = 64,
                             .height = 48,
                             .colour = 6,
                             .depth = 8,
                             .is_animated = true};
    assert_true(round_trip(&s) == 99);
}

/* Decode a copy of exactly its size, so that the sanitizer sees a read beyond it. */
static int decode_copy(const char *bytes, size_t len, struct error *err)
{
    SCOPED(image) struct image *im = NULL;
    SCOPED(mem) char *copy = mem_alloc(len);
    memcpy(copy, bytes, len);
    return image_decode((struct text){.at = copy, .len = len}, &im, err);
}

TEST(a_file_cut_anywhere_fails_to_decode)
{
    const struct image_sample kinds[] = {
        {.format = IMAGE_PNG, .colour = 6, .depth = 8},
        {.format = IMAGE_PNG, .colour = 3, .depth = 4, .is_interlaced = true},
        {.format = IMAGE_JPEG},
        {.format = IMAGE_JPEG, .is_progressive = true, .orientation = 6},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct error err;
        SCOPED(text_buf) struct text_buf file;
        struct image_sample s = kinds[k];
        s.width = 120;
        s.height = 90;
        image_sample_write(&s, &file);
        for (size_t i = 0; i < 16; i++)
            assert_true(decode_copy(file.at, file.len * i / 16, &err) < 0);
        CHECK_ERR(decode_copy(file.at, file.len - 1, &err), ERR_CORRUPT);
        CHECK_OK(decode_copy(file.at, file.len, &err), err);
    }
}

/* The pixels end early, yet the file is whole: nothing may be made up. */
TEST(a_jpeg_with_a_hole_in_its_pixels_is_corrupt)
{
    struct image_sample s = {.format = IMAGE_JPEG, .width = 200, .height = 200};
    struct error err;
    SCOPED(text_buf) struct text_buf file;
    image_sample_write(&s, &file);
    size_t cut = file.len * 3 / 4;
    file.at[cut] = '\xff';
    file.at[cut + 1] = '\xd9';
    CHECK_ERR(decode_copy(file.at, cut + 2, &err), ERR_CORRUPT);
}

TEST(a_png_whose_pixels_end_early_is_corrupt)
{
    struct image_sample tall = {
        .format = IMAGE_PNG, .width = 8, .height = 9, .colour = 2, .depth = 8};
    struct image_sample flat = tall;
    flat.height = 8;
    struct error err;
    SCOPED(text_buf) struct text_buf a;
    SCOPED(text_buf) struct text_buf b;
    image_sample_write(&tall, &a);
    image_sample_write(&flat, &b);
    memcpy(b.at, a.at, 33); /* the signature and header of the taller one */
    CHECK_ERR(decode_copy(b.at, b.len, &err), ERR_CORRUPT);
}

/* A header may promise anything; nothing is allocated for it. */
TEST(a_bomb_is_refused_before_it_takes_memory)
{
    struct error err;
    SCOPED(text_buf) struct text_buf file;
    text_buf_init(&file, 4096);
    text_buf_add(&file, "\x89PNG\r\n\x1a\n", 8);
    image_sample_chunk(&file, "IHDR", "\0\0\xff\xff\0\0\xff\xff\10\2\0\0", 13);
    image_sample_chunk(&file, "IDAT", "\x78\x9c\3\0\0\0\0\1", 8);
    image_sample_chunk(&file, "IEND", NULL, 0);
    CHECK_ERR(decode_copy(file.at, file.len, &err), ERR_INVALID);
    assert_string_equal(err.text, "image is 65535x65535, must not exceed 100000000 pixels");
}

/* A progressive file may send the same coefficients over and over. */
TEST(a_jpeg_with_too_many_scans_is_refused)
{
    struct image_sample s = {.format = IMAGE_JPEG,
                             .width = 16,
                             .height = 16,
                             .space = SAMPLE_GREY,
                             .has_whole_scans = true};
    struct error err;
    SCOPED(text_buf) struct text_buf file;
    SCOPED(text_buf) struct text_buf bomb;
    image_sample_write(&s, &file);
    const char *last = file.at;
    for (const char *at = file.at; at + 1 < file.at + file.len; at++)
        if (memcmp(at, "\xff\xda", 2) == 0)
            last = at;
    size_t scan = (size_t)(file.at + file.len - 2 - last);
    text_buf_init(&bomb, 1 << 20);
    text_buf_add(&bomb, file.at, file.len - 2);
    for (int i = 3; i <= 500; i++)
        text_buf_add(&bomb, last, scan);
    text_buf_add(&bomb, "\xff\xd9", 2);
    CHECK_OK(decode_copy(bomb.at, bomb.len, &err), err);
    bomb.len -= 2;
    text_buf_add(&bomb, last, scan);
    text_buf_add(&bomb, "\xff\xd9", 2);
    CHECK_ERR(decode_copy(bomb.at, bomb.len, &err), ERR_INVALID);
    assert_string_equal(err.text, "JPEG has more than 500 scans");
}

TEST(bytes_after_the_end_do_no_harm)
{
    for (int format = IMAGE_JPEG; format <= IMAGE_PNG; format++) {
        struct image_sample s = {.format = (enum image_format)format,
                                 .width = 40,
                                 .height = 30,
                                 .colour = 2,
                                 .depth = 8};
        struct error err;
        SCOPED(text_buf) struct text_buf file;
        image_sample_write(&s, &file);
        text_buf_add(&file, "\0\0trailer\xff", 10);
        CHECK_OK(decode_copy(file.at, file.len, &err), err);
    }
}

TEST(large_notes_beside_the_pixels_do_no_harm)
{
    struct image_sample s = {.format = IMAGE_PNG, .width = 9, .height = 9, .colour = 2, .depth = 8};
    struct error err;
    SCOPED(text_buf) struct text_buf file;
    SCOPED(text_buf) struct text_buf noted;
    SCOPED(mem) char *note = mem_alloc(3000000);
    image_sample_write(&s, &file);
    text_buf_init(&noted, 1 << 23);
    text_buf_add(&noted, file.at, 33);
    memset(note, 'x', 3000000);
    memcpy(note, "Comment", 8);
    image_sample_chunk(&noted, "tEXt", note, 3000000);
    image_sample_chunk(&noted, "gAMA", "bad", 3);
    image_sample_chunk(&noted, "iCCP", "p\0\0nothing", 10);
    text_buf_add(&noted, file.at + 33, file.len - 33);
    CHECK_OK(decode_copy(noted.at, noted.len, &err), err);
}
