/* grade.h - the last look of a film: what its mood does to every frame's colours.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/kernel.h"
#include "storyboard/plan.h"
#include "storyboard/rows.h"

struct grade {
    struct kernel_grade colours; /* contrast about the middle and saturation, 256: as it is; lift,
                                    add and warm in samples of rows.h; warm grows with luma */
    float vignette;              /* how dark the corners are, 0..1 */
};

void grade_init(struct grade *g, enum mood mood);
void grade_rows(const struct grade *g, struct rows *r);
