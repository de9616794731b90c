/* parallax_impl.h - what parallax.c builds and parallax_draw.c draws. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/added.h"
#include "storyboard/parallax.h"
#include "storyboard/sheet.h"

/* A curve through four samples, in whole parts of 1 << PARALLAX_DOWN or PARALLAX_ACROSS. */
enum { PARALLAX_PHASES = 256, PARALLAX_DOWN = 6, PARALLAX_ACROSS = 10 };
struct parallax_taps {
    int16_t of[4];
};

struct parallax {
    struct parallax_options options;
    struct crew *crew;
    struct frame *picture;
    struct depth *depth;
    int n_sheets;
    struct sheet *sheet[DEPTH_MOST]; /* from far to near */
    struct added *added;
    int guest_at; /* who crosses is drawn over this sheet; -1: nobody */
    struct parallax_taps across[PARALLAX_PHASES];
    struct parallax_taps down[PARALLAX_PHASES];
};
