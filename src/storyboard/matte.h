/* matte.h - the planes of a picture to the pixel: the borders found between cells are moved to
 * where the colours change, and smoothed.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/crew.h"
#include "storyboard/depth.h"

/* *out: [height, width] of the picture, which plane each pixel is of; mem_free by the caller.
 * ERR_MEMORY. */
int matte_new(uint8_t **out, const struct frame *picture, const struct region_map *map,
              const struct depth *depth, struct crew *crew, struct error *err) MUST_CHECK;
