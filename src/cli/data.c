/* data.c - see data.h. SPDX-License-Identifier: MIT */
#include "cli/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { KEY_FILE_MAX = 4096 };

char *data_path(const char *folder, const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

int data_open(struct data *out, const char *folder, struct error *err)
{
    SCOPED(mem) char *db = data_path(folder, "zoetrope.db");
    SCOPED(mem) char *blobs = data_path(folder, "blobs");
    *out = (struct data){0};
    umask(077);
    int rc = file_make_folders(folder, 0700, err);
    if (rc == 0)
        rc = store_open(&out->store, db, err);
    if (rc == 0)
        rc = blob_open(&out->blobs, blobs, err);
    if (rc < 0)
        data_close(out);
    return rc;
}

void data_close(struct data *d)
{
    blob_close(d->blobs);
    store_close(d->store);
    *d = (struct data){0};
}

static int on_key(void *arg, const struct store_key *key)
{
    bool *any = arg;
    (void)key;
    *any = true;
    return 1;
}

/* The text in DATA/key: what is there, "" when that is no key; without one a fresh one, written. */
static int keep_key(const char *path, char out[KEY_SIZE], struct error *err)
{
    SCOPED(text_buf) struct text_buf kept = {0};
    int rc = file_read(path, KEY_FILE_MAX, &kept, err);
    memset(out, 0, KEY_SIZE);
    if (rc == ERR_NOT_FOUND) {
        key_generate(out);
        SCOPED(mem) char *line = mem_printf("%s\n", out);
        return file_write(path, text_of(line), 0600, err);
    }
    struct text text = text_trim((struct text){kept.at, kept.len});
    if (rc == 0 && text.len == KEY_SIZE - 1)
        memcpy(out, text.at, text.len);
    return rc;
}

/* The file comes first: a crash between leaves a file whose key the next start adds, never a key
 * that nobody has. */
static int make_first_key(struct data *d, const char *path, char out[KEY_SIZE], struct error *err)
{
    bool any = false;
    char text[KEY_SIZE];
    const struct key_options options = {.name = "first key", .admin = true};
    int rc = store_key_list(d->store, on_key, &any, err);
    if (rc < 0 || any)
        return rc < 0 ? rc : 0;
    rc = keep_key(path, text, err);
    if (rc == 0)
        rc = key_add(d->store, &options, text_of(text), err);
    if (rc == ERR_INVALID)
        return error_set(err, ERR_INVALID, "%s has no key in it: remove it for a new one", path);
    if (rc == 0)
        memcpy(out, text, sizeof text);
    return rc;
}

int data_first_key(struct data *d, const char *folder, char out[KEY_SIZE], struct error *err)
{
    SCOPED(mem) char *lock_path = data_path(folder, "lock");
    SCOPED(mem) char *path = data_path(folder, "key");
    out[0] = 0;
    SCOPED(fd) int lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) < 0)
        return error_errno(err, errno, "lock %s", lock_path);
    return make_first_key(d, path, out, err);
}
