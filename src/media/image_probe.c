/* image_probe.c - the size of a picture from the structure of its file; no pixel is decoded,
 * nothing is allocated, every byte is looked at once.
 *
 * SPDX-License-Identifier: MIT
 *
 * PNG is a signature, then chunks:            JPEG is FF D8, then segments:
 *
 *   0  4  length of the data                    0  1  FF, any number of them
 *   4  4  type, four letters                    1  1  marker
 *   8  n  data                                  2  2  length, these two bytes included
 *  ..  4  CRC-32 of type and data               4  n  data
 *
 * IHDR comes first, IEND last. In a JPEG entropy-coded bytes follow the segment of FF DA: there
 * FF is followed by 00 or a restart marker; any other marker ends them. FF D9 ends the file. */
#include "media/image_impl.h"

#include <stdbool.h>
#include <string.h>

#include <zlib.h>

static const struct text png_signature = {.at = "\x89PNG\r\n\x1a\n", .len = 8};

static uint32_t number(struct text t, size_t at, int n_bytes)
{
    uint32_t v = 0;
    for (int i = 0; i < n_bytes; i++)
        v = v << 8 | (uint8_t)t.at[at + (size_t)i];
    return v;
}

static uint8_t byte(struct text t, size_t at)
{
    return (uint8_t)t.at[at];
}

static void take_size(struct image_info *info, uint32_t width, uint32_t height)
{
    info->width = (int)width;
    info->height = (int)height;
}

/* PNG */

struct png {
    struct text file;
    struct image_info info;
    int colour;
    bool has_palette;
    bool has_pixels;
    bool pixels_over; /* another chunk followed IDAT */
    bool has_exif;
};

struct chunk {
    size_t at;        /* in the file */
    const char *type; /* 4 letters   */
    struct text data;
};

/* Does this colour type exist, and at this depth? Bit d of a row stands for a depth of d. */
static bool colour_has_depth(int colour, int depth)
{
    static const uint32_t depths[] = {
        [0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
        [2] = 1u << 8 | 1u << 16,
        [3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
        [4] = 1u << 8 | 1u << 16,
        [6] = 1u << 8 | 1u << 16,
    };
    return colour <= 6 && depth <= 16 && (depths[colour] >> depth & 1);
}

static int png_header(struct png *p, const struct chunk *c, struct error *err)
{
    if (c->data.len != 13)
        return error_set(err, ERR_CORRUPT, "PNG header is %zu bytes, must be 13", c->data.len);
    uint32_t width = number(c->data, 0, 4), height = number(c->data, 4, 4);
    int depth = byte(c->data, 8);
    p->colour = byte(c->data, 9);
    if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
        return error_set(err, ERR_CORRUPT, "PNG size is %ux%u", width, height);
    if (!colour_has_depth(p->colour, depth))
        return error_set(err, ERR_CORRUPT, "PNG has colour type %d with %d bits", p->colour, depth);
    if (byte(c->data, 10) || byte(c->data, 11) || byte(c->data, 12) > 1)
        return error_set(err, ERR_CORRUPT, "PNG has compression %d, filter %d, interlace %d",
                         byte(c->data, 10), byte(c->data, 11), byte(c->data, 12));
    take_size(&p->info, width, height);
    return 0;
}

static int png_palette(struct png *p, const struct chunk *c, struct error *err)
{
    bool allowed = p->colour == 2 || p->colour == 3 || p->colour == 6;
    if (!allowed || p->has_palette || p->has_pixels)
        return error_set(err, ERR_CORRUPT, "PNG has a misplaced palette at byte %zu", c->at);
    if (c->data.len == 0 || c->data.len % 3 || c->data.len > 768)
        return error_set(err, ERR_CORRUPT, "PNG palette is %zu bytes", c->data.len);
    p->has_palette = true;
    return 0;
}

static int png_pixels(struct png *p, const struct chunk *c, struct error *err)
{
    if (p->colour == 3 && !p->has_palette)
        return error_set(err, ERR_CORRUPT, "PNG has no palette before byte %zu", c->at);
    if (p->pixels_over)
        return error_set(err, ERR_CORRUPT, "PNG has misplaced pixels at byte %zu", c->at);
    p->has_pixels = true;
    return 0;
}

static bool chunk_is(const struct chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

static int png_chunk(struct png *p, const struct chunk *c, struct error *err)
{
    bool first = c->at == png_signature.len;
    if (first != chunk_is(c, "IHDR"))
        return error_set(err, ERR_CORRUPT, "PNG has %s %.4s at byte %zu",
                         first ? "no IHDR but" : "a second", c->type, c->at);
    if (first)
        return png_header(p, c, err);
    if (chunk_is(c, "IDAT"))
        return png_pixels(p, c, err);
    p->pixels_over = p->has_pixels;
    if (chunk_is(c, "PLTE"))
        return png_palette(p, c, err);
    if (chunk_is(c, "eXIf") && !p->has_exif) {
        p->has_exif = true;
        p->info.orientation = image_exif_orientation(c->data);
    }
    if (chunk_is(c, "IEND") && (!p->has_pixels || c->data.len))
        return error_set(err, ERR_CORRUPT, "PNG ends without pixels at byte %zu", c->at);
    bool must_know = !(c->type[0] & 0x20); /* a capital: critical */
    if (must_know && !chunk_is(c, "IEND"))
        return error_set(err, ERR_CORRUPT, "PNG has a chunk %.4s at byte %zu that no reader knows",
                         c->type, c->at);
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The chunk at byte `at`, its CRC compared. */
static int chunk_read(struct text file, size_t at, struct chunk *c, struct error *err)
{
    if (file.len - at < 12)
        return error_set(err, ERR_CORRUPT, "PNG breaks off at byte %zu, before its end", file.len);
    size_t len = number(file, at, 4);
    *c = (struct chunk){
        .at = at, .type = file.at + at + 4, .data = {.at = file.at + at + 8, .len = len}};
    for (int i = 0; i < 4; i++)
        if (!is_letter(c->type[i]))
            return error_set(err, ERR_CORRUPT, "PNG has no chunk at byte %zu", at);
    if (len > file.len - at - 12)
        return error_set(err, ERR_CORRUPT, "PNG breaks off inside %.4s at byte %zu", c->type, at);
    if (crc32_z(0, (const Bytef *)c->type, len + 4) != number(file, at + 8 + len, 4))
        return error_set(err, ERR_CORRUPT, "PNG chunk %.4s at byte %zu has a wrong checksum",
                         c->type, at);
    return 0;
}

static int png_probe(struct text file, struct image_info *info, struct error *err)
{
    struct png p = {.file = file, .info = *info};
    struct chunk c = {.at = png_signature.len, .type = ""};
    for (size_t at = png_signature.len;; at += c.data.len + 12) {
        if (chunk_read(file, at, &c, err) < 0 || png_chunk(&p, &c, err) < 0)
            return err->code;
        if (chunk_is(&c, "IEND"))
            break;
    }
    *info = p.info;
    return 0;
}

/* JPEG */

enum {
    TEM = 0x01,
    SOF0 = 0xc0,
    SOF2 = 0xc2,
    SOF3 = 0xc3,
    DHT = 0xc4,
    JPG = 0xc8,
    DAC = 0xcc,
    SOF15 = 0xcf,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    DHP = 0xde,
    APP1 = 0xe1,
};

struct jpeg {
    struct text file;
    size_t start; /* of the marker at hand */
    size_t at;    /* what is read next     */
    struct image_info info;
    bool has_frame;
    bool has_scan;
    bool has_exif;
};

static bool is_frame(int marker)
{
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* What a frame of a kind that is not decoded is called; NULL when it is decoded. */
static const char *kind_refused(int marker)
{
    if (marker == DHP)
        return "hierarchical";
    if (!is_frame(marker) || marker <= SOF2)
        return NULL;
    return marker == SOF3 ? "lossless" : marker > JPG ? "arithmetic-coded" : "hierarchical";
}

static int jpeg_frame(struct jpeg *j, struct text data, struct error *err)
{
    if (j->has_frame)
        return error_set(err, ERR_CORRUPT, "JPEG has a second frame at byte %zu", j->start);
    if (data.len < 6 || data.len != 6 + 3 * (size_t)byte(data, 5))
        return error_set(err, ERR_CORRUPT, "JPEG frame header is %zu bytes", data.len);
    uint32_t height = number(data, 1, 2), width = number(data, 3, 2);
    int bits = byte(data, 0), parts = byte(data, 5);
    if (bits != 8)
        return error_set(err, ERR_INVALID, "JPEG has %d bits per sample, must be 8", bits);
    if (parts != 1 && parts != 3 && parts != 4)
        return error_set(err, ERR_INVALID, "JPEG has %d components, must be 1, 3 or 4", parts);
    if (width == 0 || height == 0)
        return error_set(err, ERR_CORRUPT, "JPEG size is %ux%u", width, height);
    take_size(&j->info, width, height);
    j->has_frame = true;
    return 0;
}

static int jpeg_scan(struct jpeg *j, struct text data, struct error *err)
{
    if (!j->has_frame)
        return error_set(err, ERR_CORRUPT, "JPEG has a scan before its frame at byte %zu",
                         j->start);
    if (data.len < 1 || data.len != 4 + 2 * (size_t)byte(data, 0))
        return error_set(err, ERR_CORRUPT, "JPEG scan header is %zu bytes", data.len);
    j->has_scan = true;
    return 0;
}

static void jpeg_notes(struct jpeg *j, struct text data)
{
    static const struct text head = {.at = "Exif\0", .len = 6};
    if (j->has_exif || !text_starts(data, head))
        return;
    j->has_exif = true;
    j->info.orientation =
        image_exif_orientation((struct text){.at = data.at + head.len, .len = data.len - head.len});
}

static int jpeg_segment(struct jpeg *j, int marker, struct text data, struct error *err)
{
    const char *refused = kind_refused(marker);
    if (refused)
        return error_set(err, ERR_INVALID, "JPEG is %s, must be baseline or progressive", refused);
    if (marker == SOI)
        return error_set(err, ERR_CORRUPT, "JPEG begins again at byte %zu", j->start);
    if (is_frame(marker))
        return jpeg_frame(j, data, err);
    if (marker == SOS)
        return jpeg_scan(j, data, err);
    if (marker == APP1)
        jpeg_notes(j, data);
    return 0;
}

/* Where the entropy-coded bytes from at on end: at FF and a marker that is no restart, or with
 * the file. */
static size_t scan_end(struct text file, size_t at)
{
    while (at < file.len) {
        const char *ff = memchr(file.at + at, 0xff, file.len - at);
        if (!ff)
            break;
        at = (size_t)(ff - file.at);
        if (file.len - at < 2)
            break;
        int next = byte(file, at + 1);
        if (next == 0 || (next >= RST0 && next <= RST7))
            at += 2;
        else if (next == 0xff)
            at += 1;
        else
            return at;
    }
    return file.len;
}

static bool stands_alone(int marker)
{
    return marker == TEM || (marker >= RST0 && marker <= RST7);
}

/* The marker at j->at, which moves behind it. */
static int marker_read(struct jpeg *j, int *out, struct error *err)
{
    j->start = j->at;
    while (j->at < j->file.len && byte(j->file, j->at) == 0xff)
        j->at++;
    if (j->at == j->file.len)
        return error_set(err, ERR_CORRUPT, "JPEG breaks off at byte %zu, before its end", j->at);
    int marker = byte(j->file, j->at);
    if (j->at == j->start || marker == 0)
        return error_set(err, ERR_CORRUPT, "JPEG has no marker at byte %zu", j->start);
    j->at++;
    *out = marker;
    return 0;
}

/* The rest of a marker's segment; j->at moves behind it. */
static int segment_read(struct jpeg *j, int marker, struct error *err)
{
    size_t left = j->file.len - j->at;
    size_t len = left < 2 ? 0 : number(j->file, j->at, 2);
    if (left < 2 || len > left)
        return error_set(err, ERR_CORRUPT, "JPEG breaks off inside the segment at byte %zu",
                         j->start);
    if (len < 2)
        return error_set(err, ERR_CORRUPT, "JPEG segment at byte %zu has no length", j->start);
    struct text data = {.at = j->file.at + j->at + 2, .len = len - 2};
    if (jpeg_segment(j, marker, data, err) < 0)
        return err->code;
    j->at += len;
    if (marker == SOS)
        j->at = scan_end(j->file, j->at);
    return 0;
}

static int jpeg_probe(struct text file, struct image_info *info, struct error *err)
{
    struct jpeg j = {.file = file, .at = 2, .info = *info};
    int marker = SOI;
    for (;;) {
        if (marker_read(&j, &marker, err) < 0)
            return err->code;
        if (marker == EOI)
            break;
        if (!stands_alone(marker) && segment_read(&j, marker, err) < 0)
            return err->code;
    }
    if (!j.has_scan)
        return error_set(err, ERR_CORRUPT, "JPEG ends without pixels at byte %zu", j.start);
    *info = j.info;
    return 0;
}

/* Orientations from 5 on swap rows and columns. */
static void orient(struct image_info *info)
{
    if (info->orientation < 5)
        return;
    int width = info->width;
    info->width = info->height;
    info->height = width;
}

int image_probe(struct text bytes, struct image_info *out, struct error *err)
{
    struct image_info info = {.orientation = 1};
    if (text_starts(bytes, png_signature))
        info.format = IMAGE_PNG;
    else if (text_starts(bytes, TEXT("\xff\xd8\xff")))
        info.format = IMAGE_JPEG;
    *out = (struct image_info){.format = info.format};
    if (info.format == IMAGE_UNKNOWN)
        return error_set(err, ERR_INVALID, "format is unknown, must be JPEG or PNG");
    int rc = info.format == IMAGE_PNG ? png_probe(bytes, &info, err)
                                      : jpeg_probe(bytes, &info, err);
    if (rc < 0)
        return rc;
    orient(&info);
    *out = info;
    return 0;
}
