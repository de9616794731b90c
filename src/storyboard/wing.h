/* wing.h - the wings of a bird whose picture in flight has none: where they are joined to it.
 *
 * The packer makes NAME-flying and NAME-wing of the birds of assets/flight.txt.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

/* In sizes of the picture in flight, 0..1. */
struct wing {
    int picture; /* of pack.h; -1: it has none */
    float x, y;  /* the shoulder */
    float size;
};

/* Where the shoulder lies in the picture of a wing. */
#define WING_ROOT_X 0.43F
#define WING_ROOT_Y 0.92F

struct wing wing_of(int picture);
