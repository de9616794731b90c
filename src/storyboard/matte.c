/* matte.c - see matte.h. SPDX-License-Identifier: MIT */
#include "storyboard/matte.h"

#include <string.h>

#include "base/memory.h"

enum {
    NEAR = 2,          /* cells by which a border may be wrong                    */
    REACH = 3,         /* cells around a border whose colours stand for the sides */
    MOST_STEP = 120,   /* a difference in colour counts no more than this          */
    PLACE_WEIGHT = 40, /* what it costs to be a whole cell on the wrong side       */
    SMOOTH = 2,        /* px of the window whose majority decides                  */
    ROUNDS = 2,
};

struct work {
    const struct frame *picture;
    const struct region_map *map;
    const struct depth *depth;
    const uint8_t *in;
    uint8_t *out;
};

/* The planes seen around a cell, with their mean colours there. */
struct sides {
    bool seen[DEPTH_MOST];
    int n;
    float colour[DEPTH_MOST][3];
};

static int plane_at(const struct work *w, int x, int y)
{
    const struct region_map *m = w->map;
    x = x < 0 ? 0 : x >= m->width ? m->width - 1 : x;
    y = y < 0 ? 0 : y >= m->height ? m->height - 1 : y;
    return w->depth->plane_of[y * m->width + x];
}

static bool on_border(const struct work *w, int x, int y, int reach)
{
    const int own = plane_at(w, x, y);
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++)
            if (plane_at(w, x + dx, y + dy) != own)
                return true;
    return false;
}

/* A cell within one plane has its colour pure; one on the border has some of both. */
static void look_around(const struct work *w, int x, int y, struct sides *s)
{
    const struct region_map *m = w->map;
    float weight[DEPTH_MOST] = {0};
    *s = (struct sides){0};
    for (int j = y - REACH; j <= y + REACH; j++)
        for (int i = x - REACH; i <= x + REACH; i++) {
            if (i < 0 || j < 0 || i >= m->width || j >= m->height)
                continue;
            const int k = plane_at(w, i, j), at = j * m->width + i;
            const float pure = on_border(w, i, j, 1) ? 0.1F : 1;
            if (i >= x - NEAR && i <= x + NEAR && j >= y - NEAR && j <= y + NEAR)
                s->seen[k] = true;
            weight[k] += pure;
            for (int p = 0; p < 3; p++)
                s->colour[k][p] += pure * (float)m->colour[p][at];
        }
    for (int k = 0; k < DEPTH_MOST; k++) {
        s->n += s->seen[k];
        for (int p = 0; p < 3 && weight[k] > 0; p++)
            s->colour[k][p] /= weight[k];
    }
}

static float away(float a, float b)
{
    return a > b ? a - b : b - a;
}

/* How much of a plane the cells have at a point of the cells' grid. */
static float presence(const struct work *w, int k, float x, float y)
{
    const int ix = (int)(x + 1) - 1, iy = (int)(y + 1) - 1;
    const float fx = x - (float)ix, fy = y - (float)iy;
    const float top = (plane_at(w, ix, iy) == k ? 1 - fx : 0) +
                      (plane_at(w, ix + 1, iy) == k ? fx : 0);
    const float low = (plane_at(w, ix, iy + 1) == k ? 1 - fx : 0) +
                      (plane_at(w, ix + 1, iy + 1) == k ? fx : 0);
    return top * (1 - fy) + low * fy;
}

static int choose(const struct work *w, const struct sides *s, int x, int y)
{
    const struct frame *f = w->picture;
    const float cell = (float)w->map->cell;
    const float cx = ((float)x + 0.5F) / cell - 0.5F, cy = ((float)y + 0.5F) / cell - 0.5F;
    const float luma = f->plane[0][(int64_t)y * f->stride[0] + x];
    const int half_x = x / 2, half_y = y / 2;
    const float u = f->plane[1][(int64_t)half_y * f->stride[1] + half_x];
    const float v = f->plane[2][(int64_t)half_y * f->stride[2] + half_x];
    float least = 1e9F;
    int best = 0;
    for (int k = 0; k < w->depth->n_planes; k++) {
        if (!s->seen[k])
            continue;
        float cost = away(luma, s->colour[k][0]) + 2 * away(u, s->colour[k][1]) +
                     2 * away(v, s->colour[k][2]);
        cost = cost < MOST_STEP ? cost : MOST_STEP;
        cost += PLACE_WEIGHT * (1 - presence(w, k, cx, cy));
        if (cost < least) {
            least = cost;
            best = k;
        }
    }
    return best;
}

static void draw_cell(const struct work *w, int x, int y)
{
    const int cell = w->map->cell, width = w->picture->width, height = w->picture->height;
    const int x1 = (x + 1) * cell < width ? (x + 1) * cell : width;
    const int y1 = (y + 1) * cell < height ? (y + 1) * cell : height;
    const bool border = on_border(w, x, y, NEAR);
    struct sides sides;
    if (border)
        look_around(w, x, y, &sides);
    for (int j = y * cell; j < y1; j++)
        for (int i = x * cell; i < x1; i++)
            w->out[(int64_t)j * width + i] =
                (uint8_t)(border ? choose(w, &sides, i, j) : plane_at(w, x, y));
}

static void draw_cells(void *arg, int y)
{
    const struct work *w = arg;
    for (int x = 0; x < w->map->width; x++)
        draw_cell(w, x, y);
}

static uint8_t majority(const struct work *w, int x, int y)
{
    const int width = w->picture->width, height = w->picture->height;
    int count[DEPTH_MOST] = {0}, best = w->in[(int64_t)y * width + x];
    for (int j = y - SMOOTH; j <= y + SMOOTH; j++)
        for (int i = x - SMOOTH; i <= x + SMOOTH; i++)
            if (i >= 0 && j >= 0 && i < width && j < height)
                count[w->in[(int64_t)j * width + i]]++;
    for (int k = 0; k < DEPTH_MOST; k++)
        best = count[k] > count[best] ? k : best;
    return (uint8_t)best;
}

static void smooth_row(void *arg, int y)
{
    const struct work *w = arg;
    const int width = w->picture->width, cell = w->map->cell;
    const int64_t row = (int64_t)y * width;
    memcpy(w->out + row, w->in + row, (size_t)width);
    for (int cx = 0; cx < w->map->width; cx++) {
        if (!on_border(w, cx, y / cell, NEAR))
            continue;
        const int end = (cx + 1) * cell < width ? (cx + 1) * cell : width;
        for (int x = cx * cell; x < end; x++)
            w->out[row + x] = majority(w, x, y);
    }
}

int matte_new(uint8_t **out, const struct frame *picture, const struct region_map *map,
              const struct depth *depth, struct crew *crew, struct error *err)
{
    const size_t size = (size_t)picture->width * (size_t)picture->height;
    SCOPED(mem) uint8_t *a = mem_try(size);
    SCOPED(mem) uint8_t *b = mem_try(size);
    if (!a || !b)
        return error_set(err, ERR_MEMORY, "no memory for the mattes of a picture");
    struct work w = {.picture = picture, .map = map, .depth = depth, .out = a};
    crew_run(crew, draw_cells, &w, map->height);
    for (int i = 0; i < ROUNDS; i++) {
        w.in = i % 2 == 0 ? a : b;
        w.out = i % 2 == 0 ? b : a;
        crew_run(crew, smooth_row, &w, picture->height);
    }
    *out = TAKE(a);
    return 0;
}
