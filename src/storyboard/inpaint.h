/* inpaint.h - what may lie behind: the parts of a picture that something hides, made up from what
 * is seen beside them.
 *
 * Large forms are drawn in from all sides, coarse before fine; on them lies the grain of the known
 * part, mirrored at its border, so that nothing has a seam.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "media/frame.h"

/* What is known of a pixel. KNOWN: the picture's own. WANTED: to be made up. */
enum inpaint_state { INPAINT_IDLE, INPAINT_KNOWN, INPAINT_WANTED };

struct inpaint {
    struct frame *picture; /* read where KNOWN, written where WANTED */
    const uint8_t *state;  /* [height, width] */
    const int16_t *near_x; /* [height, width] the closest KNOWN pixel, for WANTED ones */
    const int16_t *near_y;
};

/* ERR_MEMORY. Nothing is changed when nothing is known. */
int inpaint_run(const struct inpaint *p, struct error *err) MUST_CHECK;
