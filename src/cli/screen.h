/* screen.h - a film drawn in the terminal that asked for it.
 *
 * Frames are kept small while they are made, and played when the film is done, at its own pace.
 * Which way a terminal can draw is told from its environment and from what it answers to the
 * question for its attributes (DA1); all that show colours can do half blocks: two pixels a cell,
 * one above the other.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/scope.h"
#include "base/text.h"
#include "media/frame.h"

enum screen_kind {
    SCREEN_BLOCKS, /* U+2580 with two colours */
    SCREEN_SIXEL,
    SCREEN_ITERM, /* inline images of iTerm2: a JPEG a frame */
    SCREEN_KITTY, /* Kitty's graphics: raw pixels             */
    SCREENS
};

const char *screen_name(enum screen_kind kind); /* "sixel"; static */

/* The kind of this name; -1: none. */
int screen_find(const char *name);

/* Is fd no terminal, or one whose foreground we are in? Who draws from the background spoils what
 * another program shows there. */
bool screen_is_ours(int fd);

/* What the terminal behind fd can do best. Asks it, if it is one and ours, and waits at most 200 ms
 * for the answer. */
enum screen_kind screen_detect(int fd);

struct screen_size {
    int columns, rows; /* cells */
    int cell_height;   /* px    */
};
/* 80 x 24 when it does not say, and cells of a height that hardly any font is below. */
struct screen_size screen_size(int fd);

struct screen;

/* For a film of this rate. Frames are kept so that they fit into the window. */
struct screen *screen_new(enum screen_kind kind, struct screen_size window, int fps);
void screen_free(struct screen *s); /* NULL is fine */
SCOPED_FREE(screen)

/* Keep a frame of the film: any number of the same size. */
void screen_add(struct screen *s, const struct frame *f);

/* Play what was kept into fd, until its end or until stop says so. ERR_IO the terminal is gone;
 * ERR_MEMORY no frame could be kept. */
int screen_play(struct screen *s, int fd, bool (*stop)(void *arg), void *arg,
                struct error *err) MUST_CHECK;

/* One picture [height, width, 3] of bytes as this kind of terminal wants it, at the cursor; blocks
 * end each row but the last in a line feed. */
void screen_draw(enum screen_kind kind, const uint8_t *rgb, int width, int height,
                 struct text_buf *out);

/* The same as sixels, of six levels a colour; see screen_sixel.c. */
void screen_sixel_draw(const uint8_t *rgb, int width, int height, struct text_buf *out);
