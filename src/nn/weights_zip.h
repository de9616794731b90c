/* weights_zip.h - the entries of a zip archive that are stored as they are, with zip64.
 *
 * Strict: one disk, nothing deflated or encrypted, nothing overlaps, no name twice, and what the
 * central directory says must agree with what stands before each entry's bytes.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "base/text.h"

struct weights_zip_entry {
    struct text name;
    struct text bytes;
};

struct weights_zip {
    struct weights_zip_entry *entries; /* sorted by name; views of the file */
    size_t n;
};

/* ERR_CORRUPT with the entry's name; ERR_MEMORY. */
int weights_zip_read(struct weights_zip *out, struct text file, struct error *err) MUST_CHECK;
void weights_zip_fini(struct weights_zip *z);
SCOPED_FINI(weights_zip)

/* NULL when there is none. */
const struct weights_zip_entry *weights_zip_find(const struct weights_zip *z, struct text name);
