/* region.c - see region.h. SPDX-License-Identifier: MIT */
#include "storyboard/region.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

enum {
    STEPS = 256,     /* of the difference between two cells   */
    SMOOTH = 4,      /* a step that is never an outline       */
    LOOSENESS = 420, /* how much a small region may step over */
};

/* A joint between two neighbouring cells. */
struct joint {
    int a, b;
};

/* Cells on their way to regions: a forest, each tree's root with what is known of it. */
struct forest {
    int *parent;
    int *size;
    int *within; /* the largest step inside */
    int n_trees;
};

static void shrink(const struct region_map *m, const struct frame *f, int plane)
{
    const int shift = plane > 0, width = f->width >> shift, height = f->height >> shift;
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++) {
            const int x0 = x * m->cell >> shift, y0 = y * m->cell >> shift;
            int x1 = (x + 1) * m->cell >> shift, y1 = (y + 1) * m->cell >> shift, sum = 0;
            x1 = x1 > width ? width : x1 > x0 ? x1 : x0 + 1;
            y1 = y1 > height ? height : y1 > y0 ? y1 : y0 + 1;
            for (int j = y0; j < y1; j++)
                for (int i = x0; i < x1; i++)
                    sum += f->plane[plane][(int64_t)j * f->stride[plane] + i];
            const int n = (x1 - x0) * (y1 - y0);
            assert(n > 0);
            m->colour[plane][y * m->width + x] = (uint8_t)((sum + n / 2) / n);
        }
}

static int apart(int a, int b)
{
    return a > b ? a - b : b - a;
}

int region_step(const struct region_map *m, int a, int b)
{
    const int step = apart(m->colour[0][a], m->colour[0][b]) +
                     2 * apart(m->colour[1][a], m->colour[1][b]) +
                     2 * apart(m->colour[2][a], m->colour[2][b]);
    return step < STEPS ? step : STEPS - 1;
}

static int find(struct forest *t, int i)
{
    while (t->parent[i] != i) {
        t->parent[i] = t->parent[t->parent[i]];
        i = t->parent[i];
    }
    return i;
}

static void join(struct forest *t, int a, int b, int step)
{
    if (t->size[a] < t->size[b]) {
        const int swap = a;
        a = b;
        b = swap;
    }
    t->parent[b] = a;
    t->size[a] += t->size[b];
    t->within[a] = step;
    t->n_trees--;
}

/* All joints between neighbours, sorted by their step; equal steps stay in reading order. */
static int sort_joints(const struct region_map *m, struct joint *out, uint8_t *steps)
{
    static const int ways[4][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
    int count[STEPS + 1] = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < m->height; y++)
            for (int x = 0; x < m->width; x++)
                for (int k = 0; k < 4; k++) {
                    const int nx = x + ways[k][0], ny = y + ways[k][1];
                    if (nx < 0 || nx >= m->width || ny >= m->height)
                        continue;
                    const int a = y * m->width + x, b = ny * m->width + nx;
                    const int step = region_step(m, a, b);
                    if (pass == 0) {
                        count[step + 1]++;
                        continue;
                    }
                    steps[count[step]] = (uint8_t)step;
                    out[count[step]++] = (struct joint){a, b};
                }
        for (int i = 0; pass == 0 && i < STEPS; i++)
            count[i + 1] += count[i];
    }
    return count[STEPS - 1];
}

static void grow(struct forest *t, const struct joint *joints, const uint8_t *steps, int n)
{
    for (int i = 0; i < n; i++) {
        const int a = find(t, joints[i].a), b = find(t, joints[i].b), step = steps[i];
        if (a != b && (step <= SMOOTH || (step <= t->within[a] + LOOSENESS / t->size[a] &&
                                          step <= t->within[b] + LOOSENESS / t->size[b])))
            join(t, a, b, step);
    }
}

/* The mean colours of trees, by their roots. */
static void blend(const struct region_map *m, struct forest *t, int (*sum)[3])
{
    const int cells = m->width * m->height;
    memset(sum, 0, (size_t)cells * sizeof *sum);
    for (int i = 0; i < cells; i++)
        for (int p = 0, root = find(t, i); p < 3; p++)
            sum[root][p] += m->colour[p][i];
}

static int colour_apart(const struct forest *t, int (*sum)[3], int a, int b)
{
    int step = 0;
    for (int p = 0; p < 3; p++)
        step += (p > 0 ? 2 : 1) * apart(sum[a][p] / t->size[a], sum[b][p] / t->size[b]);
    return step;
}

/* Whom a crumb touches, and along how many joints. */
enum { MOST_NEIGHBOURS = 6 };
struct neighbours {
    int of[MOST_NEIGHBOURS], joints[MOST_NEIGHBOURS];
};

static void meet(struct neighbours *n, int other)
{
    for (int i = 0; i < MOST_NEIGHBOURS; i++)
        if (n->joints[i] == 0 || n->of[i] == other) {
            n->of[i] = other;
            n->joints[i]++;
            return;
        }
}

/* The one that surrounds it and looks like it. */
static int choose_neighbour(const struct forest *t, int (*sum)[3], const struct neighbours *n,
                            int crumb)
{
    int best = -1, most = 0;
    for (int i = 0; i < MOST_NEIGHBOURS && n->joints[i] > 0; i++) {
        const int weight = 4096 * n->joints[i] / (24 + colour_apart(t, sum, crumb, n->of[i]));
        if (weight > most) {
            most = weight;
            best = n->of[i];
        }
    }
    return best;
}

/* Crumbs go to their neighbours, until none is left. False when there is no memory. */
static bool sweep(const struct region_map *m, struct forest *t, const struct joint *joints, int n,
                  int least)
{
    const int cells = m->width * m->height;
    SCOPED(mem) int(*sum)[3] = mem_try((size_t)cells * sizeof *sum);
    SCOPED(mem) struct neighbours *met = mem_try((size_t)cells * sizeof *met);
    if (!sum || !met)
        return false;
    for (int before = t->n_trees + 1; t->n_trees < before;) {
        before = t->n_trees;
        blend(m, t, sum);
        memset(met, 0, (size_t)cells * sizeof *met);
        for (int i = 0; i < n; i++) {
            const int a = find(t, joints[i].a), b = find(t, joints[i].b);
            if (a != b && t->size[a] < least)
                meet(&met[a], b);
            if (a != b && t->size[b] < least)
                meet(&met[b], a);
        }
        for (int i = 0; i < cells; i++) {
            const int to = met[i].joints[0] ? choose_neighbour(t, sum, &met[i], i) : -1;
            if (to >= 0 && find(t, i) == i && find(t, to) != i)
                join(t, i, find(t, to), 0);
        }
    }
    return true;
}

static void number(struct region_map *m, struct forest *t)
{
    const int cells = m->width * m->height;
    m->n = 0;
    for (int i = 0; i < cells; i++)
        if (find(t, i) == i)
            t->size[i] = m->n++;
    for (int i = 0; i < cells; i++)
        m->region[i] = (uint8_t)t->size[find(t, i)];
}

static int cut(struct region_map *m, struct error *err)
{
    const size_t cells = (size_t)m->width * (size_t)m->height;
    SCOPED(mem) struct joint *joints = mem_try(4 * cells * sizeof *joints);
    SCOPED(mem) uint8_t *steps = mem_try(4 * cells);
    SCOPED(mem) int *room = mem_try(3 * cells * sizeof *room);
    if (!joints || !steps || !room)
        return error_set(err, ERR_MEMORY, "no memory for the regions of a picture");
    struct forest t = {
        .parent = room, .size = room + cells, .within = room + 2 * cells, .n_trees = (int)cells};
    for (int i = 0; i < (int)cells; i++) {
        t.parent[i] = i;
        t.size[i] = 1;
    }
    const int n = sort_joints(m, joints, steps);
    grow(&t, joints, steps, n);
    int least = (int)cells / 900 + 4;
    do {
        if (!sweep(m, &t, joints, n, least))
            return error_set(err, ERR_MEMORY, "no memory for the regions of a picture");
        least += least / 2;
    } while (t.n_trees > REGION_MOST);
    number(m, &t);
    return 0;
}

int region_open(struct region_map **out, const struct frame *picture, struct error *err)
{
    const int side = picture->width > picture->height ? picture->width : picture->height;
    struct region_map *m = mem_alloc(sizeof *m);
    m->cell = (side + REGION_SIDE - 1) / REGION_SIDE;
    m->width = (picture->width + m->cell - 1) / m->cell;
    m->height = (picture->height + m->cell - 1) / m->cell;
    const size_t cells = (size_t)m->width * (size_t)m->height;
    m->region = mem_try(4 * cells);
    if (!m->region) {
        region_close(m);
        return error_set(err, ERR_MEMORY, "no memory for the regions of a picture");
    }
    for (int i = 0; i < 3; i++) {
        m->colour[i] = m->region + (size_t)(i + 1) * cells;
        shrink(m, picture, i);
    }
    const int code = cut(m, err);
    if (code < 0) {
        region_close(m);
        return code;
    }
    *out = m;
    return 0;
}

void region_close(struct region_map *m)
{
    if (!m)
        return;
    mem_free(m->region);
    mem_free(m);
}
