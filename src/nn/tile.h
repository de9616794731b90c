/* tile.h - how linear.c and conv.c cut a product: tiles of columns, whose weights are laid out
 * together, times tiles of rows. The sizes are fixed, so that the sums of a result do not depend
 * on the number of threads.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "nn/step_impl.h"

enum {
    TILE_COLS = 96, /* whole panels of every set: of 16, 32 and 48 */
};

/* One of the tiles along an axis. */
struct tile {
    int64_t first;
    int n;
};

static inline struct tile tile_at(int64_t length, int64_t each, int64_t i)
{
    const int64_t first = i * each;
    return (struct tile){first, (int)(length - first < each ? length - first : each)};
}

static inline int64_t tile_count(int64_t length, int64_t each)
{
    return (length + each - 1) / each;
}

/* k as the products of p take it: even where they multiply pairs. */
static inline int64_t tile_depth(const struct ops_products *p, int64_t k)
{
    return p->number == DTYPE_BF16 ? k + k % 2 : k;
}

/* x [rows, cols] in the numbers of p: itself, when it has them, or narrowed onto the stack to
 * [rows, depth of cols]. Does the work only when it is to be done. NULL after a failure. */
const char *tile_rows(struct step *s, const struct ops_products *p, const struct tensor *x);
