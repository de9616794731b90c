/* openapi_docs.c - writes docs/api.md, or with a path tells whether that file is current.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "api/openapi.h"
#include "base/file.h"
#include "base/memory.h"

int main(int argc, char **argv)
{
    struct model_catalogue catalogue = {model_builtin, n_model_builtin};
    SCOPED(mem) char *now = openapi_markdown(&catalogue);
    SCOPED(text_buf) struct text_buf kept;
    struct error err;
    text_buf_init(&kept, 0);
    if (argc < 2)
        return fputs(now, stdout) < 0;
    if (file_read(argv[1], 16 * 1024 * 1024, &kept, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (text_equal(text_of(now), (struct text){kept.at, kept.len}))
        return 0;
    fprintf(stderr, "%s is not what the tables say; make it again: %s > %s\n", argv[1], argv[0],
            argv[1]);
    return 1;
}
