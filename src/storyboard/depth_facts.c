/* depth_facts.c - the regions of a picture measured; see depth_impl.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "storyboard/depth_impl.h"

enum { STRONG = 10 }; /* of a step in luma that makes an outline */

static void measure_cells(struct depth_facts *f)
{
    const struct region_map *m = f->map;
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++) {
            struct depth_region *r = &f->region[m->region[y * m->width + x]];
            if (r->area == 0)
                *r = (struct depth_region){.left = x, .right = x, .top = y, .bottom = y};
            r->area++;
            r->left = x < r->left ? x : r->left;
            r->right = x > r->right ? x : r->right;
            r->bottom = y;
            r->middle_y += (float)y;
            r->edge[DEPTH_TOP] += y == 0;
            r->edge[DEPTH_BOTTOM] += y == m->height - 1;
            r->edge[DEPTH_LEFT] += x == 0;
            r->edge[DEPTH_RIGHT] += x == m->width - 1;
        }
    for (int i = 0; i < f->n; i++) {
        struct depth_region *r = &f->region[i];
        r->middle_y /= (float)r->area;
        for (int k = 0; k < DEPTH_EDGES; k++)
            r->outline += r->edge[k];
    }
}

static void touch(struct depth_facts *f, int a, int b, bool below)
{
    const int i = f->map->region[a], k = f->map->region[b];
    const int step = region_step(f->map, a, b);
    if (i == k) {
        f->region[i].roughness += (float)step;
        return;
    }
    struct depth_contact *there = &f->contact[i * f->n + k], *back = &f->contact[k * f->n + i];
    there->length++;
    back->length++;
    there->steps += step;
    back->steps += step;
    there->above += below;
    f->region[i].outline++;
    f->region[k].outline++;
}

static void measure_contacts(struct depth_facts *f)
{
    const struct region_map *m = f->map;
    for (int y = 0; y < m->height; y++)
        for (int x = 0; x < m->width; x++) {
            const int at = y * m->width + x;
            if (x + 1 < m->width)
                touch(f, at, at + 1, false);
            if (y + 1 < m->height)
                touch(f, at, at + m->width, true);
        }
    for (int i = 0; i < f->n; i++)
        f->region[i].roughness /= (float)(2 * f->region[i].area);
}

/* The row that half of the columns begin above, and how many begin within a few rows of it. */
static void level_of(struct depth_region *r, const uint8_t *begins, int height)
{
    const int columns = r->right - r->left + 1, close = height / 24 + 1;
    int seen = 0, middle = 0, near = 0;
    while (middle < height - 1 && 2 * (seen + begins[middle]) < columns)
        seen += begins[middle++];
    for (int y = middle - close; y <= middle + close; y++)
        near += y >= 0 && y < height ? begins[y] : 0;
    r->crest = (float)middle;
    r->level = (float)near / (float)columns;
}

/* Where the columns of each region begin, from above. */
static int measure_crests(struct depth_facts *f)
{
    const struct region_map *m = f->map;
    SCOPED(mem) int *seen = mem_try((size_t)f->n * sizeof *seen);
    SCOPED(mem) uint8_t *begins = mem_try((size_t)f->n * (size_t)m->height);
    if (!seen || !begins)
        return ERR_MEMORY;
    for (int x = 0; x < m->width; x++)
        for (int y = 0; y < m->height; y++) {
            const int i = m->region[y * m->width + x];
            uint8_t *at = &begins[i * m->height + y];
            if (seen[i] != x + 1)
                *at = (uint8_t)(*at < 255 ? *at + 1 : 255);
            seen[i] = x + 1;
        }
    for (int i = 0; i < f->n; i++)
        level_of(&f->region[i], begins + (size_t)i * (size_t)m->height, m->height);
    return 0;
}

static void measure_upright(struct depth_facts *f)
{
    const struct region_map *m = f->map;
    const uint8_t *luma = m->colour[0];
    int level = 0, plumb = 0, all = 0;
    for (int y = 1; y + 1 < m->height; y++)
        for (int x = 1; x + 1 < m->width; x++) {
            const int at = y * m->width + x;
            const int across = luma[at + 1] - luma[at - 1];
            const int down = luma[at + m->width] - luma[at - m->width];
            const int a = across < 0 ? -across : across, b = down < 0 ? -down : down;
            if (a + b < STRONG)
                continue;
            all++;
            plumb += a > 8 * b;
            level += b > 8 * a;
        }
    const int fewer = level < plumb ? level : plumb;
    f->upright = all > 0 ? 2 * (float)fewer / (float)all : 0;
}

int depth_facts_init(struct depth_facts *f, const struct region_map *map, struct error *err)
{
    const size_t n = (size_t)map->n;
    *f = (struct depth_facts){.map = map, .n = map->n};
    f->region = mem_try(n * sizeof *f->region);
    f->contact = mem_try(n * n * sizeof *f->contact);
    if (!f->region || !f->contact)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    measure_cells(f);
    measure_contacts(f);
    measure_upright(f);
    if (measure_crests(f) < 0)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    return 0;
}

void depth_facts_fini(struct depth_facts *f)
{
    mem_free(f->region);
    mem_free(f->contact);
}
