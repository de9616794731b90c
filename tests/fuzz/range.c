/* range.c - fuzz target: the Range header. The first two bytes choose the size of the file.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    int64_t file = data[0] == 255 ? INT64_MAX : data[0] << 8 | data[1];
    int64_t first = -1;
    int64_t last = -1;
    struct text header = {(const char *)data + 2, size - 2};
    enum range_kind kind = range_parse(header, file, &first, &last);
    if (kind == RANGE_PART && (first < 0 || first > last || last >= file))
        abort();
    if (kind != RANGE_PART && (first != -1 || last != -1))
        abort();
    return 0;
}
