/* image_exif.c - the orientation in a block of EXIF.
 *
 * SPDX-License-Identifier: MIT
 *
 *   0  2  "II" little-endian, "MM" big-endian
 *   2  2  42
 *   4  4  offset of the first directory, from the block's start
 *
 * A directory is a count of two bytes, then entries of twelve: tag, type, count, value. */
#include "media/image_impl.h"

#include <stdbool.h>

enum { ENTRY = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

/* Asked only inside the block: the callers have measured. */
static uint32_t number(struct text t, size_t at, int n_bytes, bool big)
{
    uint32_t v = 0;
    for (int i = 0; i < n_bytes; i++)
        v = v << 8 | (uint8_t)t.at[at + (size_t)(big ? i : n_bytes - 1 - i)];
    return v;
}

int image_exif_orientation(struct text tiff)
{
    bool big = text_starts(tiff, TEXT("MM"));
    if (tiff.len < 8 || (!big && !text_starts(tiff, TEXT("II"))))
        return 1;
    if (number(tiff, 2, 2, big) != 42)
        return 1;
    size_t at = number(tiff, 4, 4, big);
    if (at > tiff.len - 2)
        return 1;
    size_t n = number(tiff, at, 2, big);
    for (at += 2; n > 0 && tiff.len - at >= ENTRY; n--, at += ENTRY) {
        if (number(tiff, at, 2, big) != TAG_ORIENTATION)
            continue;
        uint32_t value = number(tiff, at + 8, 2, big);
        bool good = number(tiff, at + 2, 2, big) == TYPE_SHORT && value >= 1 && value <= 8;
        return good ? (int)value : 1;
    }
    return 1;
}
