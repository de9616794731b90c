/* image_sample.c - see image_sample.h. SPDX-License-Identifier: MIT */
#include "media/image_sample.h"

#include <math.h>
#include <stdio.h> /* jpeglib.h needs it */
#include <string.h>

#include <jpeglib.h>
#include <zlib.h>

#include "base/memory.h"

enum { BLACK = 200, MOST_FILE = 64 * 1024 * 1024 };

/* A wave between 0 and 255 of period n. */
static int wave(int v, int n)
{
    int at = v % (2 * n);
    return 255 * (at < n ? at : 2 * n - at) / n;
}

/* Red, green, blue, alpha of 16 bits of the file's pixel. */
static void colour_at(const struct image_sample *s, int x, int y, int out[4])
{
    out[0] = 65535 * x / s->width;
    out[1] = 65535 * y / s->height;
    out[2] = 257 * wave(x + 2 * y, s->width);
    out[3] = 65535 - 257 * wave(x, s->height) / 2;
}

/* PNG */

static int channels_of(const struct image_sample *s)
{
    return s->colour == 2 ? 3 : s->colour == 6 ? 4 : s->colour == 4 ? 2 : 1;
}

static void palette_entry(int i, int n, int out[3])
{
    out[0] = 255 * i / n;
    out[1] = 255 - 200 * i / n;
    out[2] = 255 * (i * 7 % (n + 1)) / n;
}

static int palette_alpha(int i)
{
    return i % 2 ? 255 : 100;
}

/* The numbers that the file stores for a pixel, of s->depth bits each. */
static void samples_at(const struct image_sample *s, int x, int y, int out[4])
{
    int c[4];
    colour_at(s, x, y, c);
    bool is_colour = s->colour & 2 && s->colour != 3;
    int n = channels_of(s);
    for (int i = 0; i < n; i++) {
        bool is_alpha = s->colour >= 4 && i == n - 1;
        out[i] = c[is_alpha ? 3 : is_colour ? i : 1] >> (16 - s->depth);
    }
}

/* The one colour that is see-through where a key is set: the pixel's at a third of both sides. */
static void key_of(const struct image_sample *s, int out[4])
{
    samples_at(s, s->width / 3, s->height / 3, out);
}

static void png_row(const struct image_sample *s, int first, int step, int y, struct text_buf *out)
{
    unsigned bits = 0, n_bits = 0;
    text_buf_add(out, "", 1); /* no filter */
    for (int x = first; x < s->width; x += step) {
        int v[4];
        samples_at(s, x, y, v);
        for (int i = 0; i < channels_of(s); i++) {
            bits = bits << s->depth | (unsigned)v[i];
            n_bits += (unsigned)s->depth;
            for (; n_bits >= 8; n_bits -= 8)
                text_buf_add(out, &(uint8_t){(uint8_t)(bits >> (n_bits - 8))}, 1);
        }
    }
    if (n_bits)
        text_buf_add(out, &(uint8_t){(uint8_t)(bits << (8 - n_bits))}, 1);
}

static void png_rows(const struct image_sample *s, struct text_buf *out)
{
    static const int passes[7][4] = {{0, 8, 0, 8}, {4, 8, 0, 8}, {0, 4, 4, 8}, {2, 4, 0, 4},
                                     {0, 2, 2, 4}, {1, 2, 0, 2}, {0, 1, 1, 2}};
    if (!s->is_interlaced)
        for (int y = 0; y < s->height; y++)
            png_row(s, 0, 1, y, out);
    for (int p = 0; p < 7 && s->is_interlaced; p++)
        for (int y = passes[p][2]; y < s->height && passes[p][0] < s->width; y += passes[p][3])
            png_row(s, passes[p][0], passes[p][1], y, out);
}

static void big_endian(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

void image_sample_chunk(struct text_buf *out, const char *type, const void *data, size_t len)
{
    uint8_t number[4];
    big_endian(number, (uint32_t)len);
    text_buf_add(out, number, 4);
    text_buf_add(out, type, 4);
    text_buf_add(out, data, len);
    uLong crc = crc32_z(0, (const Bytef *)type, 4);
    if (len)
        crc = crc32_z(crc, data, len);
    big_endian(number, (uint32_t)crc);
    text_buf_add(out, number, 4);
}

static void png_palette(const struct image_sample *s, struct text_buf *out)
{
    int n = 1 << s->depth;
    uint8_t colours[768], alphas[256];
    for (int i = 0; i < n; i++) {
        int c[3];
        palette_entry(i, n - 1, c);
        for (int k = 0; k < 3; k++)
            colours[3 * i + k] = (uint8_t)c[k];
        alphas[i] = (uint8_t)palette_alpha(i);
    }
    image_sample_chunk(out, "PLTE", colours, 3 * (size_t)n);
    if (s->has_key)
        image_sample_chunk(out, "tRNS", alphas, (size_t)n);
}

static void png_key(const struct image_sample *s, struct text_buf *out)
{
    int key[4];
    uint8_t bytes[6];
    key_of(s, key);
    for (int i = 0; i < channels_of(s); i++) {
        bytes[2 * i] = (uint8_t)(key[i] >> 8);
        bytes[2 * i + 1] = (uint8_t)key[i];
    }
    image_sample_chunk(out, "tRNS", bytes, 2 * (size_t)channels_of(s));
}

/* frame: 0 the default picture, 1 another one. */
static void png_frame_control(const struct image_sample *s, int frame, struct text_buf *out)
{
    uint8_t b[26] = {0};
    big_endian(b, frame ? 1 : 0);
    big_endian(b + 4, (uint32_t)s->width);
    big_endian(b + 8, (uint32_t)s->height);
    b[21] = b[23] = 10; /* one second */
    image_sample_chunk(out, "fcTL", b, sizeof b);
}

static void png_pixels(const struct image_sample *s, struct text_buf *out)
{
    SCOPED(text_buf) struct text_buf raw;
    text_buf_init(&raw, MOST_FILE);
    png_rows(s, &raw);
    uLongf len = compressBound(raw.len) + 4;
    SCOPED(mem) uint8_t *packed = mem_alloc(len);
    compress2(packed + 4, &len, (const Bytef *)raw.at, raw.len, 9);
    size_t half = len / 2; /* in two chunks, as writers may */
    if (s->is_animated)
        png_frame_control(s, 0, out);
    image_sample_chunk(out, "IDAT", packed + 4, half);
    image_sample_chunk(out, "IDAT", packed + 4 + half, len - half);
    if (!s->is_animated)
        return;
    png_frame_control(s, 1, out);
    memset(raw.at, 0, raw.len); /* a black picture */
    len = compressBound(raw.len);
    compress2(packed + 4, &len, (const Bytef *)raw.at, raw.len, 9);
    big_endian(packed, 2);
    image_sample_chunk(out, "fdAT", packed, len + 4);
}

static void png_write(const struct image_sample *s, struct text_buf *out)
{
    uint8_t head[13] = {0};
    big_endian(head, (uint32_t)s->width);
    big_endian(head + 4, (uint32_t)s->height);
    head[8] = (uint8_t)s->depth;
    head[9] = (uint8_t)s->colour;
    head[12] = s->is_interlaced;
    text_buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    image_sample_chunk(out, "IHDR", head, sizeof head);
    if (s->is_animated)
        image_sample_chunk(out, "acTL", "\0\0\0\2\0\0\0", 8);
    if (s->orientation) {
        char exif[IMAGE_SAMPLE_EXIF];
        int n = image_sample_exif(s->orientation, s->is_big_endian, exif);
        image_sample_chunk(out, "eXIf", exif, (size_t)n);
    }
    if (s->colour == 3)
        png_palette(s, out);
    else if (s->has_key)
        png_key(s, out);
    png_pixels(s, out);
    image_sample_chunk(out, "IEND", NULL, 0);
}

static int to_8_bits(const struct image_sample *s, int v)
{
    return s->depth == 16 ? v >> 8 : v * 255 / ((1 << s->depth) - 1);
}

static void png_expect(const struct image_sample *s, int x, int y, uint8_t *out)
{
    int v[4], key[4], c[3], n = channels_of(s), alpha = 255;
    samples_at(s, x, y, v);
    key_of(s, key);
    if (s->colour == 3) {
        palette_entry(v[0], (1 << s->depth) - 1, c);
        alpha = s->has_key ? palette_alpha(v[0]) : 255;
    } else {
        for (int i = 0; i < 3; i++)
            c[i] = to_8_bits(s, v[n < 3 ? 0 : i]);
        if (s->colour >= 4)
            alpha = to_8_bits(s, v[n - 1]);
        else if (s->has_key && memcmp(v, key, sizeof *v * (size_t)n) == 0)
            alpha = 0;
    }
    for (int i = 0; i < 3; i++)
        out[i] = (uint8_t)((c[i] * alpha + 255 * (255 - alpha) + 127) / 255);
}

/* JPEG */

static void jpeg_expect(const struct image_sample *s, int x, int y, uint8_t *out)
{
    int c[4];
    colour_at(s, x, y, c);
    int black = s->space == SAMPLE_CMYK || s->space == SAMPLE_YCCK ? BLACK : 255;
    for (int i = 0; i < 3; i++)
        out[i] = (uint8_t)((c[s->space == SAMPLE_GREY ? 1 : i] >> 8) * black / 255);
}

static void jpeg_row(const struct image_sample *s, int y, uint8_t *row)
{
    int flip = s->hides_adobe ? 255 : 0;
    for (int x = 0; x < s->width; x++) {
        int c[4];
        colour_at(s, x, y, c);
        if (s->space == SAMPLE_GREY) {
            row[x] = (uint8_t)(c[1] >> 8);
        } else if (s->space == SAMPLE_CMYK || s->space == SAMPLE_YCCK) {
            for (int i = 0; i < 3; i++)
                row[4 * x + i] = (uint8_t)((c[i] >> 8) ^ flip);
            row[4 * x + 3] = (uint8_t)(BLACK ^ flip);
        } else {
            for (int i = 0; i < 3; i++)
                row[3 * x + i] = (uint8_t)(c[i] >> 8);
        }
    }
}

static void jpeg_describe(struct jpeg_compress_struct *j, const struct image_sample *s)
{
    static const struct {
        int n;
        J_COLOR_SPACE in, file;
    } spaces[] = {
        [SAMPLE_YCBCR] = {3, JCS_RGB, JCS_YCbCr}, [SAMPLE_GREY] = {1, JCS_GRAYSCALE, JCS_GRAYSCALE},
        [SAMPLE_RGB] = {3, JCS_RGB, JCS_RGB},     [SAMPLE_CMYK] = {4, JCS_CMYK, JCS_CMYK},
        [SAMPLE_YCCK] = {4, JCS_CMYK, JCS_YCCK},
    };
    j->image_width = (JDIMENSION)s->width;
    j->image_height = (JDIMENSION)s->height;
    j->input_components = spaces[s->space].n;
    j->in_color_space = spaces[s->space].in;
    jpeg_set_defaults(j);
    jpeg_set_colorspace(j, spaces[s->space].file);
    jpeg_set_quality(j, 92, TRUE);
    if (s->hides_adobe)
        j->write_Adobe_marker = FALSE;
    if (s->is_progressive)
        jpeg_simple_progression(j);
    if (s->has_whole_scans) {
        static const jpeg_scan_info scans[] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
        j->scan_info = scans;
        j->num_scans = 2;
    }
}

static void jpeg_write(const struct image_sample *s, struct text_buf *out)
{
    struct jpeg_error_mgr calls;
    struct jpeg_compress_struct j = {.err = jpeg_std_error(&calls)};
    unsigned char *file = NULL;
    unsigned long len = 0;
    SCOPED(mem) uint8_t *row = mem_alloc(4 * (size_t)s->width);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &file, &len);
    jpeg_describe(&j, s);
    jpeg_start_compress(&j, TRUE);
    if (s->orientation) {
        char exif[6 + IMAGE_SAMPLE_EXIF] = "Exif\0";
        int n = image_sample_exif(s->orientation, s->is_big_endian, exif + 6);
        jpeg_write_marker(&j, JPEG_APP0 + 1, (const JOCTET *)exif, (unsigned)n + 6);
    }
    for (int y = 0; y < s->height; y++) {
        jpeg_row(s, y, row);
        jpeg_write_scanlines(&j, &(JSAMPROW){row}, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    text_buf_add(out, file, len);
    mem_free(file);
}

/* Both */

static void exif_number(char *out, unsigned v, int n_bytes, bool is_big_endian)
{
    for (int i = 0; i < n_bytes; i++)
        out[i] = (char)(v >> 8 * (is_big_endian ? n_bytes - 1 - i : i));
}

int image_sample_exif(int orientation, bool is_big_endian, char out[IMAGE_SAMPLE_EXIF])
{
    const struct {
        unsigned tag, type, count, value;
        int n_bytes;
    } entries[] = {{0x0100, 4, 1, 640, 4}, {0x0112, 3, 1, (unsigned)orientation, 2}};
    memset(out, 0, IMAGE_SAMPLE_EXIF);
    memcpy(out, is_big_endian ? "MM" : "II", 2);
    exif_number(out + 2, 42, 2, is_big_endian);
    exif_number(out + 4, 8, 4, is_big_endian);
    exif_number(out + 8, 2, 2, is_big_endian);
    for (int i = 0; i < 2; i++) {
        char *at = out + 10 + 12 * (ptrdiff_t)i;
        exif_number(at, entries[i].tag, 2, is_big_endian);
        exif_number(at + 2, entries[i].type, 2, is_big_endian);
        exif_number(at + 4, entries[i].count, 4, is_big_endian);
        exif_number(at + 8, entries[i].value, entries[i].n_bytes, is_big_endian);
    }
    return 10 + 24 + 4;
}

void image_sample_write(const struct image_sample *s, struct text_buf *out)
{
    text_buf_init(out, MOST_FILE);
    if (s->format == IMAGE_PNG)
        png_write(s, out);
    else
        jpeg_write(s, out);
}

struct image *image_sample_pixels(const struct image_sample *s)
{
    int o = s->orientation ? s->orientation : 1, right = s->width - 1, bottom = s->height - 1;
    struct image *im = o < 5 ? image_new(s->width, s->height) : image_new(s->height, s->width);
    uint8_t *out = im->rgb;
    for (int y = 0; y < im->height; y++)
        for (int x = 0; x < im->width; x++, out += 3) {
            /* Where EXIF says that the pixel shown at x, y is stored. */
            const int from[9][2] = {
                {0, 0},          {x, y}, {right - x, y},  {right - x, bottom - y},
                {x, bottom - y}, {y, x}, {y, bottom - x}, {right - y, bottom - x},
                {right - y, x}};
            (s->format == IMAGE_PNG ? png_expect : jpeg_expect)(s, from[o][0], from[o][1], out);
        }
    return im;
}

double image_sample_psnr(const struct image *a, const struct image *b)
{
    double sum = 0;
    size_t n = 3 * (size_t)a->width * (size_t)a->height;
    for (size_t i = 0; i < n; i++)
        sum += (a->rgb[i] - b->rgb[i]) * (a->rgb[i] - b->rgb[i]);
    return sum > 0 ? fmin(99, 10 * log10(255.0 * 255.0 * (double)n / sum)) : 99;
}
