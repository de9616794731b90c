/* disk.c - how long this disk takes to keep 4 KB: append and fdatasync, one after another.
 *
 *     disk FOLDER SECONDS
 *
 * One JSON object on standard output; the file is removed.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scope.h"

enum { MOST = 1 << 20 };

static uint32_t took_us[MOST];

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: disk FOLDER SECONDS\n");
        return 2;
    }
    static const char page[4096] = {1};
    char path[4096];
    snprintf(path, sizeof path, "%s/disk-XXXXXX", argv[1]);
    SCOPED(fd) int fd = mkstemp(path);
    if (fd < 0 || unlink(path) < 0) {
        perror(path);
        return 1;
    }
    size_t n = 0;
    int64_t began_us = clock_mono_us();
    int64_t ends_us = began_us + (int64_t)(strtod(argv[2], NULL) * 1e6);
    for (int64_t at_us = began_us; at_us < ends_us && n < MOST; n++) {
        if (write(fd, page, sizeof page) != sizeof page || fdatasync(fd) < 0) {
            perror("disk");
            return 1;
        }
        int64_t now_us = clock_mono_us();
        took_us[n] = (uint32_t)(now_us - at_us);
        at_us = now_us;
    }
    double mean_us = (double)(clock_mono_us() - began_us) / (double)n;
    qsort(took_us, n, sizeof *took_us, compare);
    printf("{\"syncs\": %zu, \"mean_us\": %.1f, \"p50_us\": %u, \"p99_us\": %u}\n", n, mean_us,
           took_us[n / 2], took_us[(n - 1) * 99 / 100]);
    return 0;
}
