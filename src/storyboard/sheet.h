/* sheet.h - one plane of a picture as a sheet that can be moved: what is seen of it, a soft edge,
 * and what it goes on with behind the sheets before it.
 *
 * All sheets laid one upon the other, unmoved, are the picture again, byte for byte: an edge fades
 * out where both sheets still have the picture's own pixels, and what was mixed by the lens lies
 * under full cover.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/depth.h"

/* What a stretch of SHEET_BLOCK columns of one row holds. */
enum { SHEET_BLOCK = 32, SHEET_SOME = 1, SHEET_HOLES = 2 }; /* not all clear; not all opaque */

struct sheet {
    struct depth_plane plane;
    struct frame *picture;
    uint8_t *cover; /* [height, width] */
    int n_blocks;   /* of a row */
    uint8_t *block; /* [height, n_blocks] */
};

/* Sheet k of the picture; plane_of says to the pixel which plane is where. Planes count from far
 * to near; the farthest goes on everywhere. ERR_MEMORY. */
struct sheet_source {
    const struct frame *picture;
    const uint8_t *plane_of; /* [height, width] */
};
int sheet_open(struct sheet **out, const struct sheet_source *source, struct depth_plane plane,
               int k, struct error *err) MUST_CHECK;
void sheet_close(struct sheet *s); /* NULL is fine */
SCOPED_CLOSE(sheet)
