/* screen_sixel.c - a picture as sixels: six rows of pixels at a time, colour by colour.
 *
 * 216 colours, six levels each of red, green and blue, with an ordered dither between them. A
 * stretch of equal sixels is written as "!N" and the character.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/screen.h"

enum { LEVELS = 6, COLOURS = LEVELS * LEVELS * LEVELS, ROWS = 6 };

/* 0..15 in an order that spreads (Bayer, 4 x 4). */
static const uint8_t spread[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};

static int level(int byte, int x, int y)
{
    const int at = byte * (LEVELS - 1) * 16 / 255 + spread[y & 3][x & 3];
    const int n = at / 16;
    return n < LEVELS ? n : LEVELS - 1;
}

static int colour_at(const uint8_t *rgb, int width, int x, int y)
{
    const uint8_t *p = rgb + ((size_t)y * (size_t)width + (size_t)x) * 3;
    return (level(p[0], x, y) * LEVELS + level(p[1], x, y)) * LEVELS + level(p[2], x, y);
}

static void add_run(struct text_buf *out, char c, int n)
{
    if (n > 3)
        text_buf_printf(out, "!%d%c", n, c);
    else
        for (int i = 0; i < n; i++)
            text_buf_add(out, &c, 1);
}

/* One band's sixels of one colour; bits: of each column. */
static void add_colour(struct text_buf *out, const uint8_t *bits, int width)
{
    int run = 0;
    char last = '?';
    for (int x = 0; x < width; x++) {
        const char c = (char)('?' + bits[x]);
        if (c != last) {
            add_run(out, last, run);
            run = 0;
            last = c;
        }
        run++;
    }
    if (last != '?')
        add_run(out, last, run);
}

static void add_band(struct text_buf *out, const uint8_t *rgb, int width, int height, int y0)
{
    enum { WIDTH_MAX = 1024 };
    static _Thread_local uint8_t colours[ROWS][WIDTH_MAX];
    bool used[COLOURS] = {false};
    bool first = true;
    const int n = width < WIDTH_MAX ? width : WIDTH_MAX;
    const int rows = height - y0 < ROWS ? height - y0 : ROWS;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < n; x++)
            used[colours[y][x] = (uint8_t)colour_at(rgb, width, x, y0 + y)] = true;
    for (int c = 0; c < COLOURS; c++) {
        uint8_t bits[WIDTH_MAX] = {0};
        if (!used[c])
            continue;
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < n; x++)
                bits[x] |= (uint8_t)((colours[y][x] == c) << y);
        text_buf_printf(out, "%s#%d", first ? "" : "$", c);
        add_colour(out, bits, n);
        first = false;
    }
    if (y0 + ROWS < height) /* a line feed below the last would scroll a window that is full */
        text_buf_add_text(out, "-");
}

void screen_sixel_draw(const uint8_t *rgb, int width, int height, struct text_buf *out)
{
    text_buf_printf(out, "\x1bP7;1q\"1;1;%d;%d", width, height);
    for (int c = 0; c < COLOURS; c++)
        text_buf_printf(out, "#%d;2;%d;%d;%d", c, c / (LEVELS * LEVELS) * 20,
                        c / LEVELS % LEVELS * 20, c % LEVELS * 20);
    for (int y = 0; y < height; y += ROWS)
        add_band(out, rgb, width, height, y);
    text_buf_add_text(out, "\x1b\\");
}
