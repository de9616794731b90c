/* range.h - the Range header of RFC 9110, one range of bytes. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/text.h"

enum range_kind {
    RANGE_WHOLE, /* no header, another unit, several ranges or malformed: ignore it */
    RANGE_PART,
    RANGE_UNSATISFIABLE, /* 416 */
    RANGE_KINDS
};

/* What header asks of a file of size bytes. For RANGE_PART first and last are inclusive offsets
 * within the file. */
enum range_kind range_parse(struct text header, int64_t size, int64_t *first, int64_t *last);
