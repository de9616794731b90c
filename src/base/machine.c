/* machine.c - see machine.h. SPDX-License-Identifier: MIT */
#include "base/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { FILE_MAX = 64 * 1024 };

static bool read_small(const char *path, struct text_buf *out)
{
    struct error ignored;
    text_buf_init(out, FILE_MAX);
    return file_read(path, FILE_MAX, out, &ignored) == 0 && out->len > 0;
}

/* "MemAvailable:   24000000 kB" */
static int64_t meminfo(const char *name)
{
    SCOPED(text_buf) struct text_buf all;
    int64_t kib = 0;
    if (!read_small("/proc/meminfo", &all))
        return INT64_MAX;
    const char *line = strstr(all.at, name);
    if (!line)
        return INT64_MAX;
    struct text rest = text_of(line + strlen(name));
    struct text value = text_trim(text_cut(&rest, '\n'));
    struct text number = text_cut(&value, ' ');
    return text_int(number, 0, INT64_MAX / 1024, &kib) ? kib * 1024 : INT64_MAX;
}

static int64_t group_number(const char *folder, const char *name)
{
    SCOPED(text_buf) struct text_buf all;
    SCOPED(mem) char *path = mem_printf("%s/%s", folder, name);
    int64_t n = 0;
    if (!read_small(path, &all))
        return -1;
    return text_int(text_trim((struct text){all.at, all.len}), 0, INT64_MAX, &n) ? n : -1;
}

/* The page cache of a group can be given back: it is no use of memory that counts. What lies in
 * files of memory (tmpfs) is counted with it and cannot. */
static int64_t group_cache(const char *folder)
{
    SCOPED(text_buf) struct text_buf all;
    SCOPED(mem) char *path = mem_printf("%s/memory.stat", folder);
    int64_t files = 0, shared = 0;
    if (!read_small(path, &all))
        return 0;
    struct text rest = {all.at, all.len};
    while (rest.len > 0) {
        struct text line = text_cut(&rest, '\n');
        const struct text name = text_cut(&line, ' ');
        int64_t n = 0;
        if (!text_int(line, 0, INT64_MAX, &n))
            continue;
        files = text_equal(name, TEXT("file")) ? n : files;
        shared = text_equal(name, TEXT("shmem")) ? n : shared;
    }
    return files > shared ? files - shared : 0;
}

struct room {
    int64_t most; /* bytes; INT64_MAX: nothing says */
    int64_t left;
};

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* "0::/user.slice/x" names the group of version 2; its limit, and those above it, count. */
static struct room group_room(void)
{
    SCOPED(text_buf) struct text_buf all;
    struct room room = {INT64_MAX, INT64_MAX};
    if (!read_small("/proc/self/cgroup", &all))
        return room;
    const char *at = strstr(all.at, "0::");
    struct text rest = text_of(at ? at + 3 : "");
    const struct text line = text_cut(&rest, '\n');
    SCOPED(mem) char *name = mem_dup_n(line.len ? line.at : "", line.len);
    for (;;) {
        SCOPED(mem) char *folder = mem_printf("/sys/fs/cgroup%s", name);
        const int64_t most = group_number(folder, "memory.max");
        const int64_t used = group_number(folder, "memory.current");
        if (most >= 0)
            room.most = lesser(room.most, most);
        if (most >= 0 && used >= 0)
            room.left = lesser(room.left, most - used + group_cache(folder));
        char *slash = strrchr(name, '/');
        if (!slash)
            return room;
        *slash = 0;
    }
}

/* Where invariants are checked a test may say how much other programs have left. */
static int64_t left_by_test(void)
{
    int64_t bytes = INT64_MAX;
#ifdef ZOETROPE_CHECKS
    SCOPED(text_buf) struct text_buf all = {0};
    const char *path = getenv("ZOETROPE_MEMORY_FILE");
    if (path && read_small(path, &all) &&
        !text_int((struct text){all.at, all.len}, 0, INT64_MAX, &bytes))
        bytes = INT64_MAX;
#endif
    return bytes;
}

int64_t machine_memory(void)
{
    const int64_t left =
        lesser(lesser(meminfo("MemAvailable:"), group_room().left), left_by_test());
    return left < 0 ? 0 : left;
}

int64_t machine_memory_total(void)
{
    return lesser(meminfo("MemTotal:"), group_room().most);
}
