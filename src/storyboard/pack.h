/* pack.h - the pictures that stand in the program itself, read in place.
 *
 * tools/pack-assets makes the pack from npm packages at build time. All numbers are
 * little-endian:
 *
 *     0   "ZTPACK2\0"
 *     8   u32 n_pictures, pictures_at, size
 *     pictures_at  [n_pictures] u32 name_at, data_at, packed_size, size    sorted by name
 *     strings end in NUL; data is zlib's, an SVG document of 128 units square
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

int pack_count(void);
const char *pack_name(int picture); /* "dragon-face"; static */
int pack_find(const char *name);    /* -1: no such picture */

/* The picture as an SVG document; *out is mem_free'd by the caller. ERR_CORRUPT, ERR_MEMORY. */
int pack_svg(int picture, char **out, size_t *out_len, struct error *err) MUST_CHECK;

/* Are the embedded bytes a whole pack? For zoetrope doctor and the tests. */
int pack_check(struct error *err) MUST_CHECK;
