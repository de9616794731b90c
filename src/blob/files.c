/* files.c - objects as files of a folder.
 *
 *     WHERE/drafts/ID     what is being written
 *     WHERE/NAME          what is published: synced, then renamed to here, then the folders synced
 *
 * Files have mode 0600, folders 0700. Several processes may use one folder.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "blob/blob.h"

#define DRAFTS "drafts"

struct files {
    struct blob_store store; /* first */
    char *root;              /* absolute */
};

static struct files *files_of(struct blob_store *b)
{
    return (struct files *)b;
}

static int64_t modified_us(const struct stat *st)
{
    return st->st_mtim.tv_sec * CLOCK_SECOND_US + st->st_mtim.tv_nsec / 1000;
}

static int open_folder(struct blob_store **out, const char *where, struct error *err)
{
    SCOPED(mem) char *drafts = mem_printf("%s/" DRAFTS, where);
    char root[PATH_MAX];
    struct blob_draft longest;
    if (file_make_folders(drafts, 0700, err) < 0)
        return err->code;
    if (!realpath(where, root))
        return error_errno(err, errno, "find %s", where);
    if (strlen(root) + sizeof DRAFTS + HASH_ID_SIZE + 2 > sizeof longest.path)
        return error_set(err, ERR_INVALID, "the path %.100s... is too long", root);
    if (file_sync_folder_of(root, err) < 0)
        return err->code;
    struct files *f = mem_alloc(sizeof *f);
    f->store.driver = &blob_files;
    f->root = mem_dup(root);
    *out = &f->store;
    return 0;
}

static void close_folder(struct blob_store *b)
{
    struct files *f = files_of(b);
    mem_free(f->root);
    mem_free(f);
}

/* The path of an object, NULL for the drafts, which are none; mem_free by the caller. */
static char *locate(struct blob_store *b, const char *name, struct error *err)
{
    struct text rest = text_of(name);
    if (!text_equal(text_cut(&rest, '/'), TEXT(DRAFTS)))
        return mem_printf("%s/%s", files_of(b)->root, name);
    error_set(err, ERR_INVALID, "\"%.100s\" is where drafts lie", name);
    return NULL;
}

/* A lock of the open file: it goes with the process, and closing another descriptor of the file,
 * as an encoder does, leaves it. */
static bool hold(int fd)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &all) == 0;
}

static int begin(struct blob_store *b, struct blob_draft *draft, struct error *err)
{
    char id[HASH_ID_SIZE];
    hash_random_id(id);
    snprintf(draft->path, sizeof draft->path, "%s/" DRAFTS "/%s", files_of(b)->root, id);
    draft->fd = open(draft->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (draft->fd >= 0 && hold(draft->fd))
        return 0;
    error_errno(err, errno, "create %s", draft->path);
    if (draft->fd >= 0) {
        unlink(draft->path);
        close(draft->fd);
    }
    draft->path[0] = 0;
    return err->code;
}

/* Make the folders between root and path, and sync each: another process may have made one a
 * moment ago and not have synced it yet. */
static int make_parents(const char *root, char *path, struct error *err)
{
    char *slash = strchr(path + strlen(root) + 1, '/');
    for (; slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        bool bad = mkdir(path, 0700) < 0 && errno != EEXIST;
        int why = errno;
        int rc = bad ? error_errno(err, why, "make folder %s", path)
                     : file_sync_folder_of(path, err);
        *slash = '/';
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void let_go(struct blob_draft *draft)
{
    close(draft->fd);
    draft->path[0] = 0;
}

static int publish(struct blob_store *b, struct blob_draft *draft, const char *name,
                   struct error *err)
{
    SCOPED(mem) char *path = locate(b, name, err);
    if (!path)
        return err->code;
    if (fsync(draft->fd) < 0)
        return error_errno(err, errno, "sync %s", draft->path);
    if (make_parents(files_of(b)->root, path, err) < 0 || file_publish(draft->path, path, err) < 0)
        return err->code;
    let_go(draft);
    return 0;
}

static void abandon(struct blob_store *b, struct blob_draft *draft)
{
    (void)b;
    if (!draft->path[0])
        return;
    unlink(draft->path);
    let_go(draft);
}

static int no_object(const char *name, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "there is no object %s", name);
}

/* Without waiting, should somebody have put a pipe there. */
static int get(struct blob_store *b, const char *name, struct blob_object *out, struct error *err)
{
    SCOPED(mem) char *path = locate(b, name, err);
    struct stat st;
    if (!path)
        return err->code;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO))
        return no_object(name, err);
    if (fd < 0)
        return error_errno(err, errno, "open %s", path);
    int rc = fstat(fd, &st) < 0     ? error_errno(err, errno, "open %s", path)
             : !S_ISREG(st.st_mode) ? no_object(name, err)
                                    : 0;
    if (rc < 0)
        close(fd);
    else
        *out = (struct blob_object){.fd = fd, .size = st.st_size, .modified_us = modified_us(&st)};
    return rc;
}

static int remove_object(struct blob_store *b, const char *name, struct error *err)
{
    SCOPED(mem) char *path = locate(b, name, err);
    if (!path)
        return err->code;
    if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
        return error_errno(err, errno, "remove %s", path);
    return 0;
}

struct walk {
    const char *root;
    int64_t before_us;
    blob_each *each;
    void *arg;
    bool stopped;
};

static int walk_folder(struct walk *w, const char *name, struct error *err);

static int visit(struct walk *w, const char *name, struct error *err)
{
    SCOPED(mem) char *path = mem_printf("%s/%s", w->root, name);
    struct stat st;
    if (!blob_name_valid(name) || strcmp(name, DRAFTS) == 0 || lstat(path, &st) < 0)
        return 0; /* not ours, or gone meanwhile */
    if (S_ISDIR(st.st_mode))
        return walk_folder(w, name, err);
    if (S_ISREG(st.st_mode) && modified_us(&st) < w->before_us)
        w->stopped = w->each(w->arg, name, modified_us(&st)) != 0;
    return 0;
}

static int walk_folder(struct walk *w, const char *name, struct error *err)
{
    SCOPED(mem) char *path = mem_printf("%s/%s", w->root, name);
    int rc = 0;
    DIR *dir = opendir(path);
    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (!dir)
        return error_errno(err, errno, "list %s", path);
    while (rc == 0 && !w->stopped) {
        const struct dirent *entry = readdir(dir);
        if (!entry)
            break;
        SCOPED(mem) char *below = mem_printf("%s%s%s", name, *name ? "/" : "", entry->d_name);
        rc = visit(w, below, err);
    }
    closedir(dir);
    return rc;
}

static int list(struct blob_store *b, const char *prefix, int64_t before_us, blob_each *each,
                void *arg, struct error *err)
{
    struct walk w = {.root = files_of(b)->root, .before_us = before_us, .each = each, .arg = arg};
    SCOPED(mem) char *path = locate(b, prefix, err);
    if (!path)
        return err->code;
    return walk_folder(&w, prefix, err);
}

/* Old, and nobody's? Removed while this process holds it, so that nobody can have begun to. */
static bool sweep_draft(int folder, const char *name, int64_t before_us)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
        modified_us(&st) >= before_us)
        return false;
    SCOPED(fd) int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && hold(fd) && unlinkat(folder, name, 0) == 0;
}

static int sweep_drafts(struct blob_store *b, int64_t before_us, struct error *err)
{
    SCOPED(mem) char *path = mem_printf("%s/" DRAFTS, files_of(b)->root);
    int n = 0;
    DIR *dir = opendir(path);
    if (!dir)
        return error_errno(err, errno, "list %s", path);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        n += sweep_draft(dirfd(dir), entry->d_name, before_us);
    closedir(dir);
    return n;
}

const struct blob_driver blob_files = {
    .name = "files",
    .open = open_folder,
    .close = close_folder,
    .begin = begin,
    .publish = publish,
    .abandon = abandon,
    .get = get,
    .remove = remove_object,
    .list = list,
    .sweep_drafts = sweep_drafts,
};
