/* depth.h - how far the parts of one still picture are, as a few planes.
 *
 * Nearness is 1 / distance: 0 at infinity, 1 at what stands closest. A plane has one nearness, or
 * one that changes with the row, as that of the ground does: seen by a camera that moves, both map
 * straight lines to straight lines. No model of the world is asked, only what pictures have in
 * common: the sky is smooth and reaches the top; the ground is wide and lies below a level line;
 * what stands on it is as near as the place where it stands; what is narrow and stands on
 * something narrow belongs to it; what is wide stands behind; what is enclosed belongs to what
 * encloses it, unless it is the one thing that stands out. Where an outline is weak, both sides
 * are drawn together; where all are, the whole picture becomes one plane.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "storyboard/region.h"

enum { DEPTH_MOST = 6 };

/* nearness = at + slope * (row - middle row), in px of the picture. */
struct depth_plane {
    float at, slope;
};

struct depth {
    int n_planes; /* 1..DEPTH_MOST, from far to near */
    struct depth_plane plane[DEPTH_MOST];
    uint8_t *plane_of;         /* [map->height, map->width] of each cell */
    bool has_sky;              /* plane 0 */
    float horizon;             /* of the height, from above; a guess when there is no ground */
    struct depth_plane ground; /* what would stand in the picture stands here; made up when there is
                                  none */
    float confidence;          /* 0..1: how much of the difference in nearness to believe      */
};

/* map is only read here. ERR_MEMORY. */
int depth_open(struct depth **out, const struct region_map *map, struct error *err) MUST_CHECK;
void depth_close(struct depth *d); /* NULL is fine */
SCOPED_CLOSE(depth)
