/* sheet.c - see sheet.h. SPDX-License-Identifier: MIT */
#include "storyboard/sheet.h"

#include <stdlib.h>
#include "base/memory.h"
#include "storyboard/inpaint.h"
#include "storyboard/rows.h"

/* Distances are counted in thirds of a px, along rows, columns and diagonals. */
enum {
    STRAIGHT = 3,
    SLANTED = 4,
    FARTHEST = 60,
    MIXED = 15, /* so far beyond an outline the lens has mixed both sides */
    FADED = 26, /* and here a sheet ends                                  */
    TIGHT = 3,  /* the same two where the edges end at once               */
    TIGHT_FADED = 8,
    SPREAD = 2, /* px, half of the softening of what is hidden            */
};

/* A sheet under work; all arrays are [height, width]. */
struct cut {
    const struct sheet_source *source;
    struct sheet *sheet;
    int k, width, height;
    uint8_t *to_own;    /* distance to this plane              */
    uint8_t *to_nearer; /* distance to what stands before it   */
    uint8_t *state;     /* of inpaint.h                        */
    int16_t *near_x, *near_y;
};

/* The columns of a row on both sides of a hidden pixel that are not hidden; -1: none. */
struct beside {
    int left, right;
};

static void cut_fini(struct cut *c)
{
    mem_free(c->to_own);
    mem_free(c->to_nearer);
    mem_free(c->state);
    mem_free(c->near_x);
    mem_free(c->near_y);
}
SCOPED_FINI(cut)

static int cut_init(struct cut *c, struct error *err)
{
    const size_t size = (size_t)c->width * (size_t)c->height;
    c->to_own = mem_try(size);
    c->to_nearer = mem_try(size);
    c->state = mem_try(size);
    c->near_x = mem_try(size * sizeof *c->near_x);
    c->near_y = mem_try(size * sizeof *c->near_y);
    if (!c->to_own || !c->to_nearer || !c->state || !c->near_x || !c->near_y)
        return error_set(err, ERR_MEMORY, "no memory for a sheet of %d x %d", c->width, c->height);
    return 0;
}

static uint8_t least(uint8_t a, int b)
{
    return b < a ? (uint8_t)b : a;
}

/* How far each pixel is from those of the planes low..high; two passes, down and back up. */
static void measure(const struct cut *c, uint8_t *out, int low, int high)
{
    const int width = c->width, n = width * c->height;
    for (int i = 0; i < n; i++) {
        const int k = c->source->plane_of[i];
        out[i] = k >= low && k <= high ? 0 : FARTHEST;
    }
    for (int y = 0; y < c->height; y++) {
        uint8_t *row = out + (int64_t)y * width, *above = row - width;
        for (int x = 0; x < width && y > 0; x++) {
            uint8_t d = least(row[x], above[x] + STRAIGHT);
            d = x > 0 ? least(d, above[x - 1] + SLANTED) : d;
            row[x] = x + 1 < width ? least(d, above[x + 1] + SLANTED) : d;
        }
        for (int x = 1; x < width; x++)
            row[x] = least(row[x], row[x - 1] + STRAIGHT);
    }
    for (int y = c->height - 1; y >= 0; y--) {
        uint8_t *row = out + (int64_t)y * width, *below = row + width;
        for (int x = 0; x < width && y + 1 < c->height; x++) {
            uint8_t d = least(row[x], below[x] + STRAIGHT);
            d = x > 0 ? least(d, below[x - 1] + SLANTED) : d;
            row[x] = x + 1 < width ? least(d, below[x + 1] + SLANTED) : d;
        }
        for (int x = width - 2; x >= 0; x--)
            row[x] = least(row[x], row[x + 1] + STRAIGHT);
    }
}

/* Would the closest pixel of a neighbour be closer to x, y than what is there? */
static void borrow(const struct cut *c, int x, int y, int nx, int ny)
{
    if (nx < 0 || ny < 0 || nx >= c->width || ny >= c->height)
        return;
    const int64_t at = (int64_t)y * c->width + x, from = (int64_t)ny * c->width + nx;
    const int qx = c->near_x[from], qy = c->near_y[from];
    if (qx < 0)
        return;
    const int dx = qx - x, dy = qy - y;
    const int ox = c->near_x[at] - x, oy = c->near_y[at] - y;
    if (c->near_x[at] >= 0 && ox * ox + oy * oy <= dx * dx + dy * dy)
        return;
    c->near_x[at] = (int16_t)qx;
    c->near_y[at] = (int16_t)qy;
}

/* For each hidden pixel the closest one that is not: no nearer plane's and not mixed with it. */
static void find_nearest(const struct cut *c)
{
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++) {
            const int64_t at = (int64_t)y * c->width + x;
            const bool hidden = c->to_nearer[at] <= MIXED;
            c->near_x[at] = (int16_t)(hidden ? -1 : x);
            c->near_y[at] = (int16_t)(hidden ? -1 : y);
            if (!hidden)
                continue;
            borrow(c, x, y, x - 1, y);
            for (int i = -1; i <= 1; i++)
                borrow(c, x, y, x + i, y - 1);
        }
    for (int y = c->height - 1; y >= 0; y--)
        for (int x = c->width - 1; x >= 0; x--) {
            if (c->to_nearer[(int64_t)y * c->width + x] > MIXED)
                continue;
            borrow(c, x, y, x + 1, y);
            for (int i = -1; i <= 1; i++)
                borrow(c, x, y, x + i, y + 1);
        }
}

/* What nobody hides is this plane's or fades out beyond its outline. What is hidden belongs to what
 * is seen closest in its row, or, where nothing is, closest at all. */
static uint8_t cover_of(const struct cut *c, int64_t at, int x, const struct beside *b)
{
    const int plane = c->source->plane_of[at], reach = (c->width + c->height) / 16;
    if (c->k == 0 || plane == c->k)
        return 255;
    if (c->to_nearer[at] > MIXED) {
        const int d = c->to_own[at], full = c->source->tight ? TIGHT : MIXED;
        const int none = c->source->tight ? TIGHT_FADED : FADED;
        return (uint8_t)(d <= full ? 255 : d >= none ? 0 : 255 * (none - d) / (none - full));
    }
    const int64_t row = at - x;
    const int left = b->left < 0 ? 1 << 20 : x - b->left;
    const int right = b->right < 0 ? 1 << 20 : b->right - x;
    const int qx = c->near_x[at], qy = c->near_y[at];
    int64_t from = left <= right ? row + b->left : row + b->right;
    int away = left <= right ? left : right;
    if (b->left < 0 && b->right < 0) {
        if (qx < 0)
            return 0;
        from = (int64_t)qy * c->width + qx;
        away = abs(qx - x) + abs(qy - (int)(at / c->width));
    }
    return c->source->plane_of[from] == c->k && away < 2 * reach ? 255 : 0;
}

/* From here to the right end of a row: the next column that is not hidden, or -1. */
static void find_right(const struct cut *c, int y, int16_t *right)
{
    int next = -1;
    for (int x = c->width - 1; x >= 0; x--) {
        next = c->to_nearer[(int64_t)y * c->width + x] > MIXED ? x : next;
        right[x] = (int16_t)next;
    }
}

static void set_cover(const struct cut *c)
{
    int16_t right[ROWS_MOST_WIDTH];
    for (int y = 0; y < c->height; y++) {
        struct beside b = {.left = -1};
        find_right(c, y, right);
        for (int x = 0; x < c->width; x++) {
            const int64_t at = (int64_t)y * c->width + x;
            const bool own = c->source->plane_of[at] == c->k;
            const bool hidden = c->to_nearer[at] <= MIXED;
            b.left = hidden ? b.left : x;
            b.right = right[x];
            const uint8_t cover = cover_of(c, at, x, &b);
            c->sheet->cover[at] = cover;
            c->state[at] = (uint8_t)(own && !hidden        ? INPAINT_KNOWN
                                     : hidden && cover > 0 ? INPAINT_WANTED
                                                           : INPAINT_IDLE);
        }
    }
}

/* Where one hidden sheet gives way to another, both are hard-edged guesses: soften them. */
static void soften(const struct cut *c)
{
    const int width = c->width;
    for (int y = SPREAD; y + SPREAD < c->height; y++)
        for (int x = SPREAD; x + SPREAD < width; x++) {
            const int64_t at = (int64_t)y * width + x;
            if (c->source->plane_of[at] <= c->k)
                continue;
            const uint8_t *p = c->sheet->cover + at;
            const int64_t down = (int64_t)SPREAD * width;
            const int sum = p[-SPREAD] + p[SPREAD] + p[-down] + p[down];
            if (sum != 4 * p[0])
                c->sheet->cover[at] = (uint8_t)((sum + 4 * p[0]) / 8);
        }
}

static void mark_blocks(struct sheet *s, int width, int height)
{
    for (int y = 0; y < height; y++)
        for (int b = 0; b < s->n_blocks; b++) {
            const uint8_t *row = s->cover + (int64_t)y * width;
            const int from = b * SHEET_BLOCK;
            const int to = from + SHEET_BLOCK < width ? from + SHEET_BLOCK : width;
            int flags = 0;
            for (int x = from; x < to; x++)
                flags |= (row[x] > 0 ? SHEET_SOME : 0) | (row[x] < 255 ? SHEET_HOLES : 0);
            s->block[(int64_t)y * s->n_blocks + b] = (uint8_t)flags;
        }
}

static int cut_out(struct sheet *s, const struct sheet_source *source, int k, struct error *err)
{
    SCOPED(cut)
    struct cut c = {.source = source,
                    .sheet = s,
                    .k = k,
                    .width = source->picture->width,
                    .height = source->picture->height};
    int code = cut_init(&c, err);
    if (code < 0)
        return code;
    if (k > 0)
        measure(&c, c.to_own, k, k);
    measure(&c, c.to_nearer, k + 1, DEPTH_MOST);
    find_nearest(&c);
    set_cover(&c);
    if (k > 0)
        soften(&c);
    const struct inpaint fill = {
        .picture = s->picture, .state = c.state, .near_x = c.near_x, .near_y = c.near_y};
    code = inpaint_run(&fill, err);
    mark_blocks(s, c.width, c.height);
    return code;
}

int sheet_open(struct sheet **out, const struct sheet_source *source, struct depth_plane plane,
               int k, struct error *err)
{
    const struct frame *in = source->picture;
    SCOPED(sheet) struct sheet *s = mem_alloc(sizeof *s);
    s->plane = plane;
    s->n_blocks = (in->width + SHEET_BLOCK - 1) / SHEET_BLOCK;
    s->picture = frame_new(in->width, in->height);
    s->cover = mem_try((size_t)in->width * (size_t)in->height);
    s->block = mem_try((size_t)s->n_blocks * (size_t)in->height);
    if (!s->picture || !s->cover || !s->block)
        return error_set(err, ERR_MEMORY, "no memory for a sheet of %d x %d", in->width,
                         in->height);
    frame_copy(s->picture, in);
    int code = cut_out(s, source, k, err);
    if (code < 0)
        return code;
    *out = TAKE(s);
    return 0;
}

void sheet_close(struct sheet *s)
{
    if (!s)
        return;
    frame_free(s->picture);
    mem_free(s->cover);
    mem_free(s->block);
    mem_free(s);
}
