/* weights_write_impl.h - the file that the writers share. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct weights_write_file {
    const char *path;
    FILE *file;
    uint64_t at; /* bytes written */
    bool failed;
};

int weights_write_begin(struct weights_write_file *f, const char *path,
                        struct error *err) MUST_CHECK;
void weights_write_bytes(struct weights_write_file *f, const void *bytes, size_t n);
int weights_write_end(struct weights_write_file *f, struct error *err) MUST_CHECK; /* closes it */
