/* image_probe.c - the structure of a picture from strangers. SPDX-License-Identifier: MIT */
#include "media/image.h"

#include <stdlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    struct image_info info;
    struct image_issue issues[IMAGE_MOST_ISSUES];
    int code = image_probe((struct text){.at = (const char *)data, .len = size}, &info, &err);
    if (code == 0 && (info.width <= 0 || info.height <= 0 || info.orientation < 1 ||
                      info.orientation > 8 || info.format == IMAGE_UNKNOWN))
        abort();
    if (code < 0 && code != ERR_INVALID && code != ERR_CORRUPT)
        abort();
    if (image_issues(&info, size, issues) > IMAGE_MOST_ISSUES)
        abort();
    return 0;
}
