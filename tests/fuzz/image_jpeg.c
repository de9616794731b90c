/* image_jpeg.c - the pixels of a JPEG from strangers. SPDX-License-Identifier: MIT */
#include "image_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_decode_try((struct text){.at = (const char *)data, .len = size}, IMAGE_JPEG);
    return 0;
}
