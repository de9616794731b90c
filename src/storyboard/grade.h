/* grade.h - the light of a picture, and how it changes: dusk falls, a mood takes the colour away.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "media/frame.h"
#include "storyboard/palette.h"
#include "storyboard/rows.h"

/* What a grade does to samples: luma is multiplied; chroma too, and drawn to one tint in the dark
 * and to another in the light. All zero with gain and colour 1: nothing. */
struct grade {
    float gain, colour;
    float shade_u, shade_v; /* bytes of a frame */
    float light_u, light_v;
};

#define GRADE_NONE ((struct grade){.gain = 1, .colour = 1})

/* The light that the prompt asks for, against that of the picture. */
struct grade grade_make(const struct plan *plan, const struct palette *picture);

/* By k, 0..1, of the grade. */
void grade_rows(const struct grade *g, float k, struct rows *r);

/* The light of a picture: its sky above the horizon (of the height, from above), its haze there,
 * the mean of all as the lamp. */
void grade_measure(struct palette *out, const struct frame *picture, float horizon);
