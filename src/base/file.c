/* file.c - see file.h. SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"

int file_read_fd(int fd, const char *name, size_t max, struct text_buf *out, struct error *err)
{
    struct text_buf bytes;
    text_buf_init(&bytes, max);
    for (;;) {
        char chunk[16384];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int why = errno;
            text_buf_fini(&bytes);
            return error_errno(err, why, "read %s", name);
        }
        text_buf_add(&bytes, chunk, (size_t)n);
        if (bytes.failed)
            return error_set(err, ERR_INVALID, "%s is larger than %zu bytes", name, max);
        if (n == 0)
            break;
    }
    *out = bytes;
    return 0;
}

int file_read(const char *path, size_t max, struct text_buf *out, struct error *err)
{
    SCOPED(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "open %s", path);
    return file_read_fd(fd, path, max, out, err);
}

int file_write_fd(int fd, struct text bytes, struct error *err)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, errno, "write");
        bytes.at += n;
        bytes.len -= (size_t)n;
    }
    return 0;
}

int file_sync_folder_of(const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    SCOPED(mem)
    char *folder = slash == path ? mem_dup("/")
                   : slash       ? mem_dup_n(path, (size_t)(slash - path))
                                 : mem_dup(".");
    SCOPED(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "open %s", folder);
    if (fsync(fd) < 0)
        return error_errno(err, errno, "sync %s", folder);
    return 0;
}

int file_publish(const char *from, const char *to, struct error *err)
{
    if (rename(from, to) < 0)
        return error_errno(err, errno, "rename %s to %s", from, to);
    return file_sync_folder_of(to, err);
}

static int write_aside(const char *aside, struct text bytes, mode_t mode, struct error *err)
{
    SCOPED(fd) int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return error_errno(err, errno, "create %s", aside);
    if (file_write_fd(fd, bytes, err) < 0)
        return error_prefix(err, "%s", aside);
    if (fsync(fd) < 0)
        return error_errno(err, errno, "sync %s", aside);
    return 0;
}

int file_write(const char *path, struct text bytes, mode_t mode, struct error *err)
{
    char id[HASH_ID_SIZE];
    hash_random_id(id);
    SCOPED(mem) char *aside = mem_printf("%s.%s.tmp", path, id);
    int rc = write_aside(aside, bytes, mode, err);
    if (rc == 0)
        rc = file_publish(aside, path, err);
    if (rc < 0)
        unlink(aside);
    return rc;
}

int file_make_folders(const char *path, mode_t mode, struct error *err)
{
    SCOPED(mem) char *part = mem_dup(path);
    for (char *slash = part; slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = 0;
        if (mkdir(part, mode) == 0) {
            if (file_sync_folder_of(part, err) < 0)
                return err->code;
        } else if (errno != EEXIST) {
            return error_errno(err, errno, "make folder %s", part);
        }
        if (slash)
            *slash = '/';
    }
    struct stat st;
    if (stat(path, &st) < 0)
        return error_errno(err, errno, "make folder %s", path);
    if (!S_ISDIR(st.st_mode))
        return error_set(err, ERR_IO, "%s is not a folder", path);
    return 0;
}

int64_t file_free_bytes(const char *path, struct error *err)
{
    struct statvfs v;
    if (statvfs(path, &v) < 0)
        return error_errno(err, errno, "ask for the free space of %s", path);
    return (int64_t)v.f_bavail * (int64_t)v.f_frsize;
}
