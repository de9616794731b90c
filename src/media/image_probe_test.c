/* image_probe_test.c - SPDX-License-Identifier: MIT */
#include "media/image_sample.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

/* Probe a copy of exactly its size, so that the sanitizer sees a read beyond it. */
static int probe_copy(const char *bytes, size_t len, struct image_info *info, struct error *err)
{
    SCOPED(mem) char *copy = mem_alloc(len);
    memcpy(copy, bytes, len);
    return image_probe((struct text){.at = copy, .len = len}, info, err);
}

static int probe(const struct text_buf *file, struct image_info *info, struct error *err)
{
    return probe_copy(file->at, file->len, info, err);
}

TEST(the_size_is_the_one_after_orientation)
{
    for (int orientation = 0; orientation <= 8; orientation++)
        for (int ways = 0; ways < 4; ways++) {
            enum image_format format = ways & 1 ? IMAGE_PNG : IMAGE_JPEG;
            struct image_sample s = {.format = format,
                                     .width = 64,
                                     .height = 40,
                                     .colour = 3,
                                     .depth = 8,
                                     .orientation = orientation,
                                     .is_big_endian = ways & 2};
            struct error err;
            struct image_info info;
            SCOPED(text_buf) struct text_buf file;
            image_sample_write(&s, &file);
            CHECK_OK(probe(&file, &info, &err), err);
            assert_int_equal(info.format, format);
            assert_int_equal(info.orientation, orientation ? orientation : 1);
            assert_int_equal(info.width, orientation >= 5 ? 40 : 64);
            assert_int_equal(info.height, orientation >= 5 ? 64 : 40);
        }
}

TEST(neither_format_is_invalid)
{
    static const struct text files[] = {
        {"", 0},
        {"\xff", 1},
        {"\xff\xd8", 2},
        {"GIF89a\1\0\1\0\0\0\0;", 14},
        {"RIFF\x24\0\0\0WEBPVP8 ", 16},
        {"BM\x3a\0\0\0\0\0\0\0", 10},
        {"\x89PNG\n\x1a\n", 7}, /* as a text transfer leaves it */
        {"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 41},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct error err;
        struct image_info info;
        CHECK_ERR(probe_copy(files[i].at, files[i].len, &info, &err), ERR_INVALID);
        assert_int_equal(info.format, IMAGE_UNKNOWN);
        assert_string_equal(err.text, "format is unknown, must be JPEG or PNG");
    }
}

TEST(a_file_cut_at_any_byte_is_corrupt_and_its_format_known)
{
    const struct image_sample kinds[] = {
        {.format = IMAGE_PNG, .width = 20, .height = 15, .colour = 3, .depth = 4, .orientation = 5},
        {.format = IMAGE_JPEG, .width = 40, .height = 30, .orientation = 8},
        {.format = IMAGE_JPEG, .width = 40, .height = 30, .is_progressive = true},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        SCOPED(text_buf) struct text_buf file;
        image_sample_write(&kinds[i], &file);
        for (size_t len = 8; len < file.len; len++) {
            struct error err;
            struct image_info info;
            CHECK_ERR(probe_copy(file.at, len, &info, &err), ERR_CORRUPT);
            assert_int_equal(info.format, kinds[i].format);
        }
    }
}

TEST(a_flipped_bit_anywhere_in_a_png_is_noticed)
{
    struct image_sample s = {.format = IMAGE_PNG, .width = 9, .height = 5, .colour = 2, .depth = 8};
    SCOPED(text_buf) struct text_buf file;
    image_sample_write(&s, &file);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        struct error err;
        struct image_info info;
        file.at[bit / 8] = (char)(file.at[bit / 8] ^ 1 << bit % 8);
        CHECK_ERR(probe(&file, &info, &err), bit < 64 ? ERR_INVALID : ERR_CORRUPT);
        file.at[bit / 8] = (char)(file.at[bit / 8] ^ 1 << bit % 8);
    }
}

struct part {
    const char *type;
    const char *data;
    size_t len;
};

#define GOOD_HEADER                                                                                \
    {                                                                                              \
        "IHDR", "\0\0\0\1\0\0\0\1\10\2\0\0", 13                                                    \
    }
#define MAPPED                                                                                     \
    {                                                                                              \
        "IHDR", "\0\0\0\1\0\0\0\1\10\3\0\0", 13                                                    \
    }
#define GREY                                                                                       \
    {                                                                                              \
        "IHDR", "\0\0\0\1\0\0\0\1\10\0\0\0", 13                                                    \
    }
#define PIXELS                                                                                     \
    {                                                                                              \
        "IDAT", "x", 1                                                                             \
    }
#define PALETTE                                                                                    \
    {                                                                                              \
        "PLTE", "rgb", 3                                                                           \
    }
#define END                                                                                        \
    {                                                                                              \
        "IEND", "", 0                                                                              \
    }

TEST(a_png_whose_chunks_contradict_each_other_is_corrupt)
{
    static const struct {
        const char *why; /* NULL: it is fine */
        struct part parts[7];
    } rows[] = {
        {NULL, {GOOD_HEADER, PIXELS, END}},
        {NULL, {MAPPED, PALETTE, PIXELS, PIXELS, END}},
        {NULL, {GOOD_HEADER, {"abCd", "?", 1}, PALETTE, PIXELS, {"tEXt", "a", 1}, END}},
        {"PNG has no IHDR but IDAT at byte 8", {PIXELS, GOOD_HEADER, END}},
        {"PNG has a second IHDR at byte 33", {GOOD_HEADER, GOOD_HEADER, PIXELS, END}},
        {"PNG header is 12 bytes, must be 13", {{"IHDR", "\0\0\0\1\0\0\0\1\10\2\0", 12}}},
        {"PNG size is 0x1", {{"IHDR", "\0\0\0\0\0\0\0\1\10\2\0\0", 13}}},
        {"PNG size is 1x0", {{"IHDR", "\0\0\0\1\0\0\0\0\10\2\0\0", 13}}},
        {"PNG size is 2147483648x1", {{"IHDR", "\x80\0\0\0\0\0\0\1\10\2\0\0", 13}}},
        {"PNG has colour type 2 with 4 bits", {{"IHDR", "\0\0\0\1\0\0\0\1\4\2\0\0", 13}}},
        {"PNG has colour type 3 with 16 bits", {{"IHDR", "\0\0\0\1\0\0\0\1\20\3\0\0", 13}}},
        {"PNG has colour type 5 with 8 bits", {{"IHDR", "\0\0\0\1\0\0\0\1\10\5\0\0", 13}}},
        {"PNG has colour type 255 with 8 bits", {{"IHDR", "\0\0\0\1\0\0\0\1\10\xff\0\0", 13}}},
        {"PNG has colour type 0 with 255 bits", {{"IHDR", "\0\0\0\1\0\0\0\1\xff\0\0\0", 13}}},
        {"PNG has compression 1, filter 0, interlace 0",
         {{"IHDR", "\0\0\0\1\0\0\0\1\10\2\1\0", 13}}},
        {"PNG has compression 0, filter 0, interlace 2",
         {{"IHDR", "\0\0\0\1\0\0\0\1\10\2\0\0\2", 13}}},
        {"PNG has no palette before byte 33", {MAPPED, PIXELS, END}},
        {"PNG has a misplaced palette at byte 33", {GREY, PALETTE, PIXELS, END}},
        {"PNG has a misplaced palette at byte 46", {GOOD_HEADER, PIXELS, PALETTE, END}},
        {"PNG has a misplaced palette at byte 48", {MAPPED, PALETTE, PALETTE, PIXELS, END}},
        {"PNG palette is 4 bytes", {MAPPED, {"PLTE", "rgbr", 4}, PIXELS, END}},
        {"PNG palette is 0 bytes", {MAPPED, {"PLTE", "", 0}, PIXELS, END}},
        {"PNG has misplaced pixels at byte 59",
         {GOOD_HEADER, PIXELS, {"tEXt", "a", 1}, PIXELS, END}},
        {"PNG ends without pixels at byte 33", {GOOD_HEADER, END}},
        {"PNG has a chunk CgBI at byte 33 that no reader knows",
         {GOOD_HEADER, {"CgBI", "", 0}, PIXELS, END}},
        {"PNG breaks off at byte 46, before its end", {GOOD_HEADER, PIXELS}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = {.text = ""};
        struct image_info info;
        SCOPED(text_buf) struct text_buf file;
        text_buf_init(&file, 4096);
        text_buf_add(&file, "\x89PNG\r\n\x1a\n", 8);
        for (const struct part *p = rows[i].parts; p->type; p++)
            image_sample_chunk(&file, p->type, p->data, p->len);
        int code = probe(&file, &info, &err);
        assert_string_equal(err.text, rows[i].why ? rows[i].why : "");
        assert_int_equal(code, rows[i].why ? ERR_CORRUPT : 0);
    }
}

TEST(a_png_chunk_longer_than_the_file_is_corrupt)
{
    static const char file[] = "\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR1234";
    struct error err;
    struct image_info info;
    CHECK_ERR(probe_copy(file, sizeof file - 1, &info, &err), ERR_CORRUPT);
    assert_string_equal(err.text, "PNG breaks off inside IHDR at byte 8");
}

#define JPEG_FRAME(marker, bits, height, width) "\xff" marker "\0\13" bits height width "\1\1\x11\0"
#define JPEG_SCAN                               "\xff\xda\0\10\1\1\0\0\x3f\0"
#define JPEG_ROW(why, code, bytes)                                                                 \
    {                                                                                              \
        why, code,                                                                                 \
        {                                                                                          \
            .at = bytes, .len = sizeof bytes - 1                                                   \
        }                                                                                          \
    }

TEST(a_jpeg_is_accepted_or_refused_by_its_segments)
{
    static const struct {
        const char *why; /* NULL: it is fine, of 16x8 */
        int code;
        struct text file;
    } rows[] = {
        JPEG_ROW(NULL, 0,
                 "\xff\xd8" JPEG_FRAME("\xc0", "\10", "\0\10", "\0\20") JPEG_SCAN "a\xff\0\xff\xd0"
                                                                                  "b\xff\xd9"),
        JPEG_ROW(NULL, 0,
                 "\xff\xd8\xff\xff" JPEG_FRAME("\xc2", "\10", "\0\10", "\0\20") JPEG_SCAN
                 "a\xff\xff\xc4\0\2" JPEG_SCAN "b\xff\xff\xd9 and more \xff"),
        JPEG_ROW("JPEG is lossless, must be baseline or progressive", ERR_INVALID,
                 "\xff\xd8" JPEG_FRAME("\xc3", "\10", "\0\10", "\0\20")),
        JPEG_ROW("JPEG is hierarchical, must be baseline or progressive", ERR_INVALID,
                 "\xff\xd8" JPEG_FRAME("\xc5", "\10", "\0\10", "\0\20")),
        JPEG_ROW("JPEG is hierarchical, must be baseline or progressive", ERR_INVALID,
                 "\xff\xd8" JPEG_FRAME("\xde", "\10", "\0\10", "\0\20")),
        JPEG_ROW("JPEG is arithmetic-coded, must be baseline or progressive", ERR_INVALID,
                 "\xff\xd8" JPEG_FRAME("\xc9", "\10", "\0\10", "\0\20")),
        JPEG_ROW("JPEG is arithmetic-coded, must be baseline or progressive", ERR_INVALID,
                 "\xff\xd8" JPEG_FRAME("\xca", "\10", "\0\10", "\0\20")),
        JPEG_ROW("JPEG has 12 bits per sample, must be 8", ERR_INVALID,
                 "\xff\xd8" JPEG_FRAME("\xc1", "\14", "\0\10", "\0\20")),
        JPEG_ROW("JPEG has 2 components, must be 1, 3 or 4", ERR_INVALID,
                 "\xff\xd8\xff\xc0\0\16\10\0\10\0\20\2\1\x11\0\2\x11\0"),
        JPEG_ROW("JPEG size is 16x0", ERR_CORRUPT,
                 "\xff\xd8" JPEG_FRAME("\xc0", "\10", "\0\0", "\0\20")),
        JPEG_ROW("JPEG size is 0x8", ERR_CORRUPT,
                 "\xff\xd8" JPEG_FRAME("\xc0", "\10", "\0\10", "\0\0")),
        JPEG_ROW("JPEG frame header is 8 bytes", ERR_CORRUPT,
                 "\xff\xd8\xff\xc0\0\12\10\0\10\0\20\1\1\x11"),
        JPEG_ROW("JPEG has a second frame at byte 15", ERR_CORRUPT,
                 "\xff\xd8" JPEG_FRAME("\xc0", "\10", "\0\10", "\0\20")
                     JPEG_FRAME("\xc0", "\10", "\0\10", "\0\20")),
        JPEG_ROW("JPEG has a scan before its frame at byte 2", ERR_CORRUPT, "\xff\xd8" JPEG_SCAN),
        JPEG_ROW("JPEG begins again at byte 2", ERR_CORRUPT, "\xff\xd8\xff\xd8\0\2"),
        JPEG_ROW("JPEG ends without pixels at byte 15", ERR_CORRUPT,
                 "\xff\xd8" JPEG_FRAME("\xc0", "\10", "\0\10", "\0\20") "\xff\xd9"),
        JPEG_ROW("JPEG has no marker at byte 15", ERR_CORRUPT,
                 "\xff\xd8" JPEG_FRAME("\xc0", "\10", "\0\10", "\0\20") "stray"),
        JPEG_ROW("JPEG segment at byte 2 has no length", ERR_CORRUPT, "\xff\xd8\xff\xe0\0\1"),
        JPEG_ROW("JPEG breaks off inside the segment at byte 2", ERR_CORRUPT,
                 "\xff\xd8\xff\xe0\0\40short"),
        /* the end that a thumbnail in a segment has is not the file's */
        JPEG_ROW("JPEG breaks off at byte 32, before its end", ERR_CORRUPT,
                 "\xff\xd8\xff\xe2\0\4\xff\xd9" JPEG_FRAME("\xc0", "\10", "\0\10", "\0\20")
                     JPEG_SCAN "a"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = {.text = ""};
        struct image_info info;
        int code = probe_copy(rows[i].file.at, rows[i].file.len, &info, &err);
        assert_string_equal(err.text, rows[i].why ? rows[i].why : "");
        assert_int_equal(code, rows[i].code);
        assert_int_equal(info.format, IMAGE_JPEG);
        assert_int_equal(info.width, rows[i].why ? 0 : 16);
        assert_int_equal(info.height, rows[i].why ? 0 : 8);
    }
}

/* The orientation that a 1x2 JPEG with these notes has. */
static int orientation_with(const char *exif, size_t len)
{
    struct error err;
    struct image_info info;
    SCOPED(text_buf) struct text_buf file;
    text_buf_init(&file, 4096);
    text_buf_add(&file, "\xff\xd8\xff\xe1", 4);
    text_buf_add(&file, (char[2]){0, (char)(len + 8)}, 2);
    text_buf_add(&file, "Exif\0", 6);
    text_buf_add(&file, exif, len);
    text_buf_add(&file, JPEG_FRAME("\xc0", "\10", "\0\2", "\0\1") JPEG_SCAN "\xff\xd9", 25);
    CHECK_OK(probe(&file, &info, &err), err);
    return info.orientation;
}

TEST(hostile_notes_leave_the_picture_as_it_is)
{
    char good[IMAGE_SAMPLE_EXIF];
    size_t len = (size_t)image_sample_exif(6, false, good);
    assert_int_equal(orientation_with(good, len), 6);
    for (size_t cut = 0; cut < 34; cut++)
        assert_int_equal(orientation_with(good, cut), 1);
    static const struct {
        size_t at;
        const char *bytes;
        size_t n;
    } changes[] = {
        {0, "XX", 2},         {0, "MM", 2},         {2, "\53", 1},  {4, "\xff\xff\xff\xff", 4},
        {4, "\x25\0\0\0", 4}, {4, "\x24\0\0\0", 4}, {8, "\0\0", 2}, {8, "\1\0", 2},
        {24, "\4", 1},        {30, "\0", 1},        {30, "\11", 1}, {31, "\1", 1},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char bad[IMAGE_SAMPLE_EXIF];
        memcpy(bad, good, sizeof bad);
        memcpy(bad + changes[i].at, changes[i].bytes, changes[i].n);
        assert_int_equal(orientation_with(bad, len), 1);
    }
    memcpy(good + 8, "\xff\xff", 2); /* more entries than there are bytes for */
    assert_int_equal(orientation_with(good, len), 6);
}
