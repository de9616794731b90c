/* image_png.c - the pixels of a PNG from strangers.
 *
 * Checksums are mended first: a fuzzer does not guess them, an attacker computes them.
 *
 * SPDX-License-Identifier: MIT */
#include "image_decode.h"

#include <string.h>

#include <zlib.h>

#include "base/memory.h"

static void mend_checksums(uint8_t *file, size_t size)
{
    for (size_t at = 8; at <= size && size - at >= 12;) {
        size_t len = (size_t)file[at] << 24 | (size_t)file[at + 1] << 16 |
                     (size_t)file[at + 2] << 8 | file[at + 3];
        if (len > size - at - 12)
            return;
        uLong crc = crc32_z(0, file + at + 4, len + 4);
        at += 8 + len;
        for (int i = 0; i < 4; i++)
            file[at++] = (uint8_t)(crc >> (24 - 8 * i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(mem) uint8_t *file = mem_alloc(size);
    if (size)
        memcpy(file, data, size);
    mend_checksums(file, size);
    image_decode_try((struct text){.at = (const char *)file, .len = size}, IMAGE_PNG);
    return 0;
}
