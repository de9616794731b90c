/* parallax_impl.h - what parallax.c builds and parallax_draw.c draws. SPDX-License-Identifier: MIT
 */
#pragma once

#include "storyboard/added.h"
#include "storyboard/parallax.h"
#include "storyboard/sheet.h"
#include "storyboard/taps.h"

#define NOWHERE 1e9F /* nothing is as near */

struct parallax {
    struct parallax_options options;
    struct crew *crew;
    struct frame *picture;
    struct depth *depth;
    int n_sheets;
    struct sheet *sheet[DEPTH_MOST]; /* from far to near */
    struct added *added;
    float before[DEPTH_MOST]; /* who is no nearer than this is drawn before the next sheet */
    struct taps across[TAPS_PHASES];
    struct taps down[TAPS_PHASES];
};
