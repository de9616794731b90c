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
            for (int k = 0; k < 3; k++)
                r->colour[k] += m->colour[k][y * m->width + x];
            r->edge[DEPTH_TOP] += y == 0;
            r->edge[DEPTH_BOTTOM] += y == m->height - 1;
            r->edge[DEPTH_LEFT] += x == 0;
            r->edge[DEPTH_RIGHT] += x == m->width - 1;
        }
    for (int i = 0; i < f->n; i++) {
        struct depth_region *r = &f->region[i];
        r->middle_y /= (float)r->area;
        for (int k = 0; k < 3; k++)
            r->colour[k] /= (float)r->area;
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

/* Rows above which a region has next to nothing: a leak through a gap is no crest. */
static int measure_heights(struct depth_facts *f)
{
    const struct region_map *m = f->map;
    SCOPED(mem) uint16_t *rows = mem_try((size_t)f->n * (size_t)m->height * sizeof *rows);
    if (!rows)
        return ERR_MEMORY;
    for (int i = 0; i < m->width * m->height; i++)
        rows[m->region[i] * m->height + i / m->width]++;
    for (int i = 0; i < f->n; i++) {
        struct depth_region *r = &f->region[i];
        int y = 0, above = 0;
        for (; y < m->height - 1; y++) {
            above += rows[i * m->height + y];
            if (50 * above > r->area)
                break;
        }
        r->high = (float)y;
    }
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
    if (measure_heights(f) < 0)
        return error_set(err, ERR_MEMORY, "no memory for the depth of a picture");
    return 0;
}

void depth_facts_fini(struct depth_facts *f)
{
    mem_free(f->region);
    mem_free(f->contact);
}
