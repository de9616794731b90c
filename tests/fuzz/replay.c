/* replay.c - run a target on every file of its corpus, without libFuzzer.
 *
 *     replay FOLDER...     FOLDER may also be one file, as libFuzzer leaves it after a crash
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "fuzz.h"

enum { MOST_BYTES = 32 * 1024 * 1024 };

/* In memory of exactly the input's size, so that the sanitizer sees a read beyond it. */
static int replay_file(const char *path)
{
    struct error err;
    SCOPED(text_buf) struct text_buf file;
    text_buf_init(&file, MOST_BYTES);
    if (file_read(path, MOST_BYTES, &file, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    SCOPED(mem) uint8_t *exact = mem_alloc(file.len);
    if (file.len)
        memcpy(exact, file.at, file.len);
    LLVMFuzzerTestOneInput(exact, file.len);
    return 1;
}

/* How many inputs were run; negative when one could not be read. */
static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return replay_file(path);
    int n = 0;
    for (struct dirent *e = readdir(folder); e && n >= 0; e = readdir(folder)) {
        if (e->d_name[0] == '.')
            continue;
        SCOPED(mem) char *inside = mem_printf("%s/%s", path, e->d_name);
        n = replay_file(inside) < 0 ? -1 : n + 1;
    }
    closedir(folder);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        int more = replay_folder(argv[i]);
        if (more <= 0) {
            fprintf(stderr, "%s: no inputs\n", argv[i]);
            return 1;
        }
        n += more;
    }
    printf("%d inputs\n", n);
    return 0;
}
