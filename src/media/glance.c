/* glance.c - see glance.h. SPDX-License-Identifier: MIT */
#include "media/glance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "media/image.h"
#include "media/mp4.h"

enum {
    CANDIDATES = 8,   /* frames that may become the poster, evenly over the film */
    DARK = 32,        /* mean luma below which a frame tells nothing             */
    PREVIEW_CRF = 28, /* small pictures that move: coarse is enough              */
    LEAST_SIDE = 16,
};

struct glance {
    struct glance_options options;
    char *poster_path;
    struct mp4 *preview; /* NULL when all of it is there */
    bool encoder_failed;
    int n_seen;
    struct frame *best; /* of the poster's size */
    struct frame *next;
    int64_t best_score;
};

static int even(int v)
{
    v &= ~1;
    return v < LEAST_SIDE ? LEAST_SIDE : v;
}

/* The size with that long side; the film's own when it is smaller. */
static void fit(const struct glance_options *o, int long_side, int *width, int *height)
{
    int now = o->width > o->height ? o->width : o->height;
    *width = now <= long_side ? o->width : even(o->width * long_side / now);
    *height = now <= long_side ? o->height : even(o->height * long_side / now);
}

/* ---- smaller ------------------------------------------------------------------------------- */

struct plane {
    uint8_t *at;
    int stride;
    int width;
    int height;
};

static struct plane plane_of(const struct frame *f, int i)
{
    return (struct plane){.at = f->plane[i],
                          .stride = f->stride[i],
                          .width = i ? f->width / 2 : f->width,
                          .height = i ? f->height / 2 : f->height};
}

static void add_row(uint32_t *restrict sums, const uint8_t *restrict row, int n)
{
    for (int x = 0; x < n; x++)
        sums[x] += row[x];
}

/* Each pixel the mean of those that fall on it. sums has the width of from. */
static void average(const struct plane *to, const struct plane *from, uint32_t *sums)
{
    for (int y = 0; y < to->height; y++) {
        int y0 = y * from->height / to->height;
        int y1 = (y + 1) * from->height / to->height;
        uint8_t *out = to->at + (ptrdiff_t)y * to->stride;
        for (int x = 0; x < from->width; x++)
            sums[x] = 0;
        for (int i = y0; i < y1; i++)
            add_row(sums, from->at + (ptrdiff_t)i * from->stride, from->width);
        for (int x = 0; x < to->width; x++) {
            int x0 = x * from->width / to->width;
            int x1 = (x + 1) * from->width / to->width;
            uint32_t n = (uint32_t)((x1 - x0) * (y1 - y0));
            uint32_t sum = n / 2;
            for (int i = x0; i < x1; i++)
                sum += sums[i];
            out[x] = (uint8_t)(sum / n);
        }
    }
}

static void shrink(struct frame *to, const struct frame *from)
{
    uint32_t sums[4096] = {0}; /* no film is wider */
    for (int i = 0; i < 3; i++) {
        struct plane out = plane_of(to, i);
        struct plane in = plane_of(from, i);
        average(&out, &in, sums);
    }
}

/* ---- the poster ---------------------------------------------------------------------------- */

/* How much there is to see: the steps between neighbours of luma; of a dark frame none. */
static int64_t score(const struct frame *f)
{
    int64_t steps = 0;
    int64_t light = 0;
    for (int y = 0; y + 1 < f->height; y++) {
        const uint8_t *row = f->plane[0] + (ptrdiff_t)y * f->stride[0];
        const uint8_t *below = row + f->stride[0];
        int row_steps = 0;
        int row_light = 0;
        for (int x = 0; x + 1 < f->width; x++) {
            row_steps += abs(row[x + 1] - row[x]) + abs(below[x] - row[x]);
            row_light += row[x];
        }
        steps += row_steps;
        light += row_light;
    }
    int64_t n = (int64_t)f->width * f->height;
    return light < n * DARK ? light / n : DARK + steps;
}

static bool is_candidate(const struct glance *g)
{
    int n = g->options.n_frames;
    if (n <= CANDIDATES)
        return true;
    for (int i = 0; i < CANDIDATES; i++)
        if (g->n_seen == (2 * i + 1) * n / (2 * CANDIDATES))
            return true;
    return false;
}

static void consider(struct glance *g, const struct frame *f)
{
    shrink(g->next, f);
    int64_t s = score(g->next);
    if (s <= g->best_score)
        return;
    struct frame *better = g->next;
    g->next = g->best;
    g->best = better;
    g->best_score = s;
}

static int write_poster(struct glance *g, struct error *err)
{
    SCOPED(image) struct image *im = image_new(g->best->width, g->best->height);
    SCOPED(text_buf) struct text_buf file = {0};
    if (!im)
        return error_set(err, ERR_MEMORY, "no memory for a poster");
    frame_to_rgb(g->best, im->rgb);
    int rc = image_jpeg_write(im, GLANCE_QUALITY, &file, err);
    if (rc < 0)
        return rc;
    SCOPED(fd) int fd = open(g->poster_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "open %s", g->poster_path);
    rc = file_write_fd(fd, (struct text){file.at, file.len}, err);
    return rc < 0 ? error_prefix(err, "%s", g->poster_path) : 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void preview_frame(struct glance *g, const struct frame *f)
{
    if (g->n_seen >= GLANCE_SECONDS * g->options.fps || g->encoder_failed)
        return;
    struct frame *small = mp4_next(g->preview);
    g->encoder_failed = !small;
    if (!small)
        return;
    shrink(small, f);
    mp4_push(g->preview);
}

int glance_open(struct glance **out, const struct glance_options *options, struct error *err)
{
    SCOPED(glance) struct glance *g = mem_alloc(sizeof *g);
    struct mp4_options preview = {.fps = options->fps, .crf = PREVIEW_CRF};
    int width;
    int height;
    g->options = *options;
    g->poster_path = mem_dup(options->poster_path);
    g->best_score = -1;
    fit(options, GLANCE_POSTER, &width, &height);
    g->best = frame_new(width, height);
    g->next = frame_new(width, height);
    if (!g->best || !g->next)
        return error_set(err, ERR_MEMORY, "no memory for a poster of %dx%d px", width, height);
    fit(options, GLANCE_PREVIEW, &preview.width, &preview.height);
    int rc = mp4_open(&g->preview, options->preview_path, &preview, err);
    if (rc < 0)
        return rc;
    *out = TAKE(g);
    return 0;
}

void glance_see(struct glance *g, const struct frame *f)
{
    preview_frame(g, f);
    if (is_candidate(g))
        consider(g, f);
    g->n_seen++;
}

int glance_finish(struct glance *g, struct error *err)
{
    struct mp4_result result;
    int rc = mp4_finish(g->preview, &result, err);
    return rc < 0 ? rc : write_poster(g, err);
}

void glance_close(struct glance *g)
{
    if (!g)
        return;
    mp4_close(g->preview);
    frame_free(g->best);
    frame_free(g->next);
    mem_free(g->poster_path);
    mem_free(g);
}
