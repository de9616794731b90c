/* data_uri.c - fuzz target: the value of an image field: address, data URI or bare base64, then
 * the structure of the file inside.
 *
 * SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <assert.h>

#include "api/first_frame.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(issue_list) struct issue_list issues;
    struct first_frame f;
    size_t len = 0;
    issue_list_init(&issues);
    bool good = first_frame_read((struct text){(const char *)data, size}, "image_url", &f, &issues);
    assert(good == (issues.n == 0) && good == (f.kind != FIRST_FRAME_NONE));
    if (f.kind != FIRST_FRAME_DATA)
        return 0;
    SCOPED(mem) char *bytes = first_frame_decode(&f, "image_url", &len, &issues);
    assert((bytes != NULL) == (issues.n == 0));
    return 0;
}
