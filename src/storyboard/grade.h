/* grade.h - the last look of a film: what its mood does to every frame's colours.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/plan.h"
#include "storyboard/rows.h"

struct grade {
    int contrast;         /* of luma about the middle, 256: as it is   */
    int lift;             /* added to luma, in samples of rows.h       */
    int saturation;       /* 256: as it is                             */
    int cb, cr;           /* added to chroma, in samples               */
    int warm_cb, warm_cr; /* the same, growing with luma: 0 in black, whole in white */
    float vignette;       /* how dark the corners are, 0..1            */
};

void grade_init(struct grade *g, enum mood mood);
void grade_rows(const struct grade *g, struct rows *r);
