/* region.h - a picture cut into regions of one colour or one texture.
 *
 * The picture is first made small. Neighbouring cells are joined from the most alike to the least,
 * as long as the step between two regions is not larger than the steps within them: a smooth sky,
 * a meadow's grain and a wall's bricks each become one region, a clear outline stays.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "media/frame.h"

enum { REGION_MOST = 200, REGION_SIDE = 256 };

struct region_map {
    int cell;           /* px of the frame along one side of a cell */
    int width, height;  /* cells; the longer side at most REGION_SIDE */
    uint8_t *colour[3]; /* [height, width] mean luma and chroma      */
    int n;              /* regions, 1..REGION_MOST                   */
    uint8_t *region;    /* [height, width] 0..n - 1                  */
};

/* ERR_MEMORY. */
int region_open(struct region_map **out, const struct frame *picture, struct error *err) MUST_CHECK;
void region_close(struct region_map *m); /* NULL is fine */

/* How far apart two cells are, 0..255; chroma counts twice. */
int region_step(const struct region_map *m, int a, int b);
