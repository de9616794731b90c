/* parallax_impl.h - what parallax.c builds and parallax_draw.c draws. SPDX-License-Identifier: MIT
 */
#pragma once

#include "storyboard/added.h"
#include "storyboard/parallax.h"
#include "storyboard/sheet.h"
#include "storyboard/taps.h"

struct parallax {
    struct parallax_options options;
    struct crew *crew;
    struct frame *picture;
    struct depth *depth;
    int n_sheets;
    struct sheet *sheet[DEPTH_MOST]; /* from far to near */
    struct added *added;
    int guest_at; /* who crosses is drawn over this sheet; -1: nobody */
    struct taps across[TAPS_PHASES];
    struct taps down[TAPS_PHASES];
};
