/* screen.c - see screen.h. SPDX-License-Identifier: MIT */
#include "cli/screen.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "media/image.h"

enum {
    ANSWER_MS = 200,
    CHUNK = 4096,        /* of base64, in one command of Kitty's */
    PIXELS_WIDE = 480,   /* of what is drawn in pixels           */
    CELL_HEIGHT = 12,    /* px, of a terminal that does not say  */
    ROWS_LEFT = 2,       /* for the line below the film          */
    BYTES_MAX = 8 << 20, /* of one frame as the terminal gets it */
    KEPT_MAX = 192 << 20,
    JPEG_QUALITY = 80,
};

struct screen {
    enum screen_kind kind;
    struct screen_size window;
    int fps;
    int n;
    int width, height; /* of the kept frames, px */
    struct image **kept;
    int64_t bytes;
};

static const char *const names[SCREENS] = {[SCREEN_BLOCKS] = "blocks",
                                           [SCREEN_SIXEL] = "sixel",
                                           [SCREEN_ITERM] = "iterm",
                                           [SCREEN_KITTY] = "kitty"};

const char *screen_name(enum screen_kind kind)
{
    return names[kind];
}

int screen_find(const char *name)
{
    for (int i = 0; i < SCREENS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* ---- which kind -------------------------------------------------------------------------- */

static bool environment_has(const char *name, const char *part)
{
    const char *value = getenv(name);
    return value && strstr(value, part);
}

/* "ESC [ ? 62 ; 4 ; 22 c": 4 among the numbers says sixel. */
static bool says_sixel(const char *answer)
{
    struct text rest = text_of(strchr(answer, '?') ? strchr(answer, '?') + 1 : "");
    while (rest.len) {
        const struct text number = text_cut(&rest, ';');
        if (text_equal(number, TEXT("4")) || text_equal(number, TEXT("4c")))
            return true;
    }
    return false;
}

/* Ask without echo and without waiting for a line; what was typed meanwhile is lost. */
static void ask(int fd, char *answer, size_t size)
{
    struct termios before, quiet;
    size_t n = 0;
    if (tcgetattr(fd, &before) < 0)
        return;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    tcsetattr(fd, TCSANOW, &quiet);
    struct error ignored;
    if (file_write_fd(fd, TEXT("\x1b[c"), &ignored) == 0)
        while (n < size - 1 && !strchr(answer, 'c')) {
            struct pollfd p = {.fd = fd, .events = POLLIN};
            if (poll(&p, 1, ANSWER_MS) <= 0 || read(fd, answer + n, 1) != 1)
                break;
            answer[++n] = '\0';
        }
    tcsetattr(fd, TCSANOW, &before);
}

/* A shell may put us into the background meanwhile: with these blocked a terminal that is not ours
 * refuses instead of stopping us. */
static bool ask_for_sixel(int fd)
{
    char answer[64] = "";
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTTIN);
    sigaddset(&stops, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops, &before);
    ask(fd, answer, sizeof answer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return says_sixel(answer);
}

/* A terminal that does not control us has no foreground to be in. */
bool screen_is_ours(int fd)
{
    const pid_t front = tcgetpgrp(fd);
    return front < 0 || front == getpgrp();
}

enum screen_kind screen_detect(int fd)
{
    if (getenv("KITTY_WINDOW_ID") || environment_has("TERM", "kitty") ||
        environment_has("TERM_PROGRAM", "ghostty"))
        return SCREEN_KITTY;
    if (environment_has("TERM_PROGRAM", "iTerm") || environment_has("TERM_PROGRAM", "WezTerm") ||
        environment_has("LC_TERMINAL", "iTerm"))
        return SCREEN_ITERM;
    return isatty(fd) && screen_is_ours(fd) && ask_for_sixel(fd) ? SCREEN_SIXEL : SCREEN_BLOCKS;
}

struct screen_size screen_size(int fd)
{
    struct winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col < 4 || w.ws_row < 4)
        return (struct screen_size){.columns = 80, .rows = 24, .cell_height = CELL_HEIGHT};
    const int height = w.ws_ypixel / w.ws_row;
    return (struct screen_size){
        .columns = w.ws_col, .rows = w.ws_row, .cell_height = height > 0 ? height : CELL_HEIGHT};
}

/* ---- keeping ----------------------------------------------------------------------------- */

struct screen *screen_new(enum screen_kind kind, struct screen_size window, int fps)
{
    struct screen *s = mem_alloc(sizeof *s);
    *s = (struct screen){.kind = kind, .window = window, .fps = fps};
    return s;
}

void screen_free(struct screen *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n; i++)
        image_free(s->kept[i]);
    mem_free(s->kept);
    mem_free(s);
}

/* As large as the window has room for above the line below; a cell is about twice as high as wide,
 * which a half block makes square. A picture that is higher than the window would scroll it with
 * each frame. */
static void choose_size(struct screen *s, const struct frame *f)
{
    const bool blocks = s->kind == SCREEN_BLOCKS;
    const int most_wide = blocks ? s->window.columns : PIXELS_WIDE;
    const int most_high = (s->window.rows - ROWS_LEFT) * (blocks ? 2 : s->window.cell_height);
    s->width = f->width < most_wide ? f->width : most_wide;
    s->height = (int)((int64_t)f->height * s->width / f->width);
    if (s->height > most_high) {
        s->height = most_high;
        s->width = (int)((int64_t)f->width * s->height / f->height);
    }
    s->width = s->width < 2 ? 2 : s->width;
    s->height = s->height < 2 ? 2 : s->height / 2 * 2;
}

void screen_add(struct screen *s, const struct frame *f)
{
    if (s->n == 0)
        choose_size(s, f);
    SCOPED(image) struct image *whole = image_new(f->width, f->height);
    if (!whole || s->bytes > KEPT_MAX)
        return;
    frame_to_rgb(f, whole->rgb);
    struct image *small = image_scale(whole, s->width, s->height);
    if (!small)
        return;
    s->kept = mem_grow(s->kept, (size_t)(s->n + 1) * sizeof(struct image *));
    s->kept[s->n++] = small;
    s->bytes += (int64_t)s->width * s->height * 3;
}

/* ---- drawing ----------------------------------------------------------------------------- */

static void draw_blocks(const uint8_t *rgb, int width, int height, struct text_buf *out)
{
    for (int y = 0; y + 1 < height; y += 2) {
        const uint8_t *a = rgb + (size_t)y * (size_t)width * 3, *b = a + (size_t)width * 3;
        for (int x = 0; x < width; x++, a += 3, b += 3)
            text_buf_printf(out, "\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm\xe2\x96\x80", a[0], a[1], a[2],
                            b[0], b[1], b[2]);
        text_buf_add_text(out, y + 3 < height ? "\x1b[0m\n" : "\x1b[0m");
    }
}

static char *base64(const void *bytes, size_t n, size_t *out_len)
{
    char *text = mem_alloc((n + 2) / 3 * 4 + 1);
    *out_len = text_base64_encode(bytes, n, text);
    return text;
}

/* In chunks; the picture takes the place of the one before (i=1) and leaves the cursor (C=1). */
static void draw_kitty(const uint8_t *rgb, int width, int height, struct text_buf *out)
{
    size_t n;
    SCOPED(mem) char *text = base64(rgb, (size_t)width * (size_t)height * 3, &n);
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t part = n - at < CHUNK ? n - at : CHUNK;
        text_buf_add_text(out, "\x1b_G");
        if (at == 0)
            text_buf_printf(out, "a=T,f=24,s=%d,v=%d,i=1,p=1,C=1,q=2,", width, height);
        text_buf_printf(out, "m=%d;", at + part < n);
        text_buf_add(out, text + at, part);
        text_buf_add_text(out, "\x1b\\");
    }
}

static void draw_iterm(const uint8_t *rgb, int width, int height, struct text_buf *out)
{
    const struct image im = {.width = width, .height = height, .rgb = (uint8_t *)rgb};
    SCOPED(text_buf) struct text_buf jpeg = {0};
    struct error ignored;
    size_t n;
    if (image_jpeg_write(&im, JPEG_QUALITY, &jpeg, &ignored) < 0)
        return;
    SCOPED(mem) char *text = base64(jpeg.at, jpeg.len, &n);
    text_buf_printf(out, "\x1b]1337;File=inline=1;size=%zu;width=%dpx;height=%dpx:", jpeg.len,
                    width, height);
    text_buf_add(out, text, n);
    text_buf_add_text(out, "\a");
}

void screen_draw(enum screen_kind kind, const uint8_t *rgb, int width, int height,
                 struct text_buf *out)
{
    static void (*const draw[SCREENS])(const uint8_t *, int, int, struct text_buf *) = {
        [SCREEN_BLOCKS] = draw_blocks,
        [SCREEN_SIXEL] = screen_sixel_draw,
        [SCREEN_ITERM] = draw_iterm,
        [SCREEN_KITTY] = draw_kitty,
    };
    draw[kind](rgb, width, height, out);
}

/* ---- playing ----------------------------------------------------------------------------- */

static void sleep_until(int64_t mono_us)
{
    const int64_t left_us = mono_us - clock_mono_us();
    const struct timespec t = {.tv_sec = left_us / CLOCK_SECOND_US,
                               .tv_nsec = left_us % CLOCK_SECOND_US * 1000};
    if (left_us > 0)
        nanosleep(&t, NULL);
}

/* Lines that the picture takes: room is made for them once, so that nothing scrolls later. */
static int lines_of(const struct screen *s)
{
    const int line = s->kind == SCREEN_BLOCKS ? 2 : s->window.cell_height;
    return (s->height + line - 1) / line;
}

static int play_frame(const struct screen *s, int i, int fd, struct error *err)
{
    SCOPED(text_buf) struct text_buf out;
    text_buf_init(&out, BYTES_MAX);
    text_buf_add_text(&out, "\x1b"
                            "8"); /* back to the saved place */
    screen_draw(s->kind, s->kept[i]->rgb, s->width, s->height, &out);
    if (out.failed)
        return error_set(err, ERR_MEMORY, "no memory for a frame of the terminal");
    return file_write_fd(fd, (struct text){out.at, out.len}, err);
}

int screen_play(struct screen *s, int fd, bool (*stop)(void *arg), void *arg, struct error *err)
{
    const int64_t begun_us = clock_mono_us();
    const int lines = lines_of(s);
    int code = 0;
    if (s->n == 0)
        return error_set(err, ERR_MEMORY, "no frame was kept for the terminal");
    SCOPED(text_buf) struct text_buf room;
    text_buf_init(&room, 64 * 1024);
    for (int i = 1; i < lines; i++)
        text_buf_add_text(&room, "\n");
    if (lines > 1)
        text_buf_printf(&room, "\x1b[%dA", lines - 1);
    text_buf_add_text(&room, "\x1b"
                             "7\x1b[?25l"); /* save the place, hide the cursor */
    code = file_write_fd(fd, (struct text){room.at, room.len}, err);
    for (int i = 0; i < s->n && code == 0 && !stop(arg); i++) {
        const int64_t due_us = begun_us + (int64_t)i * CLOCK_SECOND_US / s->fps;
        const int64_t next_us = due_us + CLOCK_SECOND_US / s->fps;
        if (clock_mono_us() > next_us && i + 1 < s->n)
            continue; /* the terminal is slower than the film */
        sleep_until(due_us);
        code = play_frame(s, i, fd, err);
    }
    struct error ignored;
    SCOPED(mem)
    char *end = mem_printf("\x1b"
                           "8\x1b[%dB\n\x1b[?25h",
                           lines > 1 ? lines - 1 : 1);
    const int shown = file_write_fd(fd, text_of(end), code < 0 ? &ignored : err);
    return code < 0 ? code : shown;
}
