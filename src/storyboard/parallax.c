/* parallax.c - a picture taken apart; see parallax.h. SPDX-License-Identifier: MIT */
#include "storyboard/parallax.h"

#include "base/memory.h"
#include "storyboard/matte.h"
#include "storyboard/parallax_impl.h"

/* One sheet each, on any of the threads. */
struct cutting {
    struct parallax *parallax;
    struct sheet_source source;
    int code[DEPTH_MOST];
    struct error err[DEPTH_MOST];
};

static void cut_sheet(void *arg, int k)
{
    struct cutting *c = arg;
    struct parallax *p = c->parallax;
    c->code[k] = sheet_open(&p->sheet[k], &c->source, p->depth->plane[k], k, &c->err[k]);
}

static int cut_sheets(struct parallax *p, const uint8_t *plane_of, struct error *err)
{
    struct cutting c = {.parallax = p, .source = {.picture = p->picture, .plane_of = plane_of}};
    p->n_sheets = p->depth->n_planes;
    crew_run(p->crew, cut_sheet, &c, p->n_sheets);
    for (int k = 0; k < p->n_sheets; k++)
        if (c.code[k] < 0) {
            *err = c.err[k];
            return c.code[k];
        }
    return 0;
}

static int take_apart(struct parallax *p, struct error *err)
{
    struct region_map *map = NULL;
    int code = region_open(&map, p->picture, err);
    if (code < 0)
        return code;
    SCOPED(mem) uint8_t *plane_of = NULL;
    code = depth_open(&p->depth, map, err);
    if (code == 0)
        code = matte_new(&plane_of, p->picture, map, p->depth, p->crew, err);
    region_close(map);
    return code < 0 ? code : cut_sheets(p, plane_of, err);
}

/* Who comes in stands on the ground, and so in front of it; a little before what is as near. */
static void order_guests(struct parallax *p)
{
    int ground = -1;
    for (int k = 0; k < p->n_sheets; k++)
        if (p->sheet[k]->plane.slope > 0)
            ground = k;
    for (int k = 0; k < p->n_sheets; k++)
        p->before[k] = k < ground             ? -NOWHERE
                       : k + 1 == p->n_sheets ? NOWHERE
                                              : p->sheet[k + 1]->plane.at - 0.08F;
}

int parallax_open(struct parallax **out, const struct image *image,
                  const struct parallax_options *options, struct crew *crew, struct error *err)
{
    SCOPED(parallax) struct parallax *p = mem_alloc(sizeof *p);
    p->options = *options;
    p->crew = crew;
    p->picture = frame_new(image->width, image->height);
    if (!p->picture)
        return error_set(err, ERR_MEMORY, "no memory for an image of %d x %d", image->width,
                         image->height);
    frame_from_rgb(p->picture, image->rgb, 3 * image->width);
    taps_make(p->across, TAPS_BITS);
    taps_make(p->down, TAPS_DOWN_BITS);
    int code = take_apart(p, err);
    if (code < 0)
        return code;
    const struct added_options more = {.plan = options->plan,
                                       .depth = p->depth,
                                       .seconds = options->seconds,
                                       .n_frames = options->n_frames};
    code = added_open(&p->added, p->picture, &more, err);
    if (code < 0)
        return code;
    order_guests(p);
    *out = TAKE(p);
    return 0;
}

void parallax_close(struct parallax *p)
{
    if (!p)
        return;
    for (int k = 0; k < p->n_sheets; k++)
        sheet_close(p->sheet[k]);
    added_close(p->added);
    depth_close(p->depth);
    frame_free(p->picture);
    mem_free(p);
}
