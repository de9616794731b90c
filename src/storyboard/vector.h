/* vector.h - vector pictures to pixels, by librsvg and cairo, loaded when first used.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* Load the libraries, for those who want to know early (zoetrope doctor). */
int vector_start(struct error *err) MUST_CHECK;

/* Draw an SVG document into a square of size pixels. pixels [size, size] u32, zeroed by the
 * caller, become alpha << 24 | red << 16 | green << 8 | blue, colours multiplied by alpha.
 * ERR_IO, ERR_CORRUPT. */
int vector_draw(uint32_t *pixels, struct text svg, int size, struct error *err) MUST_CHECK;
