/* blob.c - the front of the object stores: names, kinds, and what every kind shares; see blob.h.
 *
 * SPDX-License-Identifier: MIT */
#include "blob/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { SEGMENT_MAX = 128 };

/* In order of preference; the first is what a plain path opens. */
static const struct blob_driver *const drivers[] = {&blob_files};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

static bool is_segment(struct text s)
{
    if (s.len == 0 || s.len > SEGMENT_MAX || text_equal(s, TEXT(".")) || text_equal(s, TEXT("..")))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_name_char(s.at[i]))
            return false;
    return true;
}

bool blob_name_valid(const char *name)
{
    size_t len = strlen(name);
    struct text rest = {name, len};
    if (len == 0 || len > BLOB_NAME_MAX || name[len - 1] == '/')
        return false;
    while (rest.len)
        if (!is_segment(text_cut(&rest, '/')))
            return false;
    return true;
}

static int check_name(const char *name, struct error *err)
{
    if (blob_name_valid(name))
        return 0;
    return error_set(err, ERR_INVALID, "\"%.100s\" is no name of an object", name);
}

int blob_open(struct blob_store **out, const char *where, struct error *err)
{
    const char *scheme = strstr(where, "://");
    if (scheme)
        return error_set(err, ERR_INVALID, "there is no store of the kind \"%.*s\"",
                         (int)(scheme - where), where);
    if (!*where)
        return error_set(err, ERR_INVALID, "the place of the objects is empty");
    return drivers[0]->open(out, where, err);
}

void blob_close(struct blob_store *b)
{
    if (b)
        b->driver->close(b);
}

int blob_begin(struct blob_store *b, struct blob_draft *draft, struct error *err)
{
    return b->driver->begin(b, draft, err);
}

int blob_publish(struct blob_store *b, struct blob_draft *draft, const char *name,
                 struct error *err)
{
    if (check_name(name, err) < 0)
        return err->code;
    return b->driver->publish(b, draft, name, err);
}

void blob_abandon(struct blob_store *b, struct blob_draft *draft)
{
    b->driver->abandon(b, draft);
}

int blob_get(struct blob_store *b, const char *name, struct blob_object *out, struct error *err)
{
    if (check_name(name, err) < 0)
        return err->code;
    return b->driver->get(b, name, out, err);
}

int blob_remove(struct blob_store *b, const char *name, struct error *err)
{
    if (check_name(name, err) < 0)
        return err->code;
    return b->driver->remove(b, name, err);
}

int blob_list(struct blob_store *b, const char *prefix, int64_t before_us, blob_each *each,
              void *arg, struct error *err)
{
    if (*prefix && check_name(prefix, err) < 0)
        return err->code;
    return b->driver->list(b, prefix, before_us, each, arg, err);
}

int blob_sweep_drafts(struct blob_store *b, int64_t before_us, struct error *err)
{
    return b->driver->sweep_drafts(b, before_us, err);
}

static int fill(const struct blob_draft *draft, struct text bytes, struct error *err)
{
    SCOPED(fd) int fd = open(draft->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "open %s", draft->path);
    return file_write_fd(fd, bytes, err);
}

int blob_write(struct blob_store *b, const char *name, struct text bytes, struct error *err)
{
    struct blob_draft draft;
    if (check_name(name, err) < 0 || blob_begin(b, &draft, err) < 0)
        return err->code;
    int rc = fill(&draft, bytes, err);
    if (rc == 0)
        rc = blob_publish(b, &draft, name, err);
    if (rc < 0)
        blob_abandon(b, &draft);
    return rc;
}

int blob_read(struct blob_store *b, const char *name, size_t max, struct text_buf *out,
              struct error *err)
{
    struct blob_object object = {.fd = -1};
    if (blob_get(b, name, &object, err) < 0)
        return err->code;
    SCOPED(fd) int fd = object.fd;
    if (object.size > (int64_t)max)
        return error_set(err, ERR_INVALID, "%s is larger than %zu bytes", name, max);
    return file_read_fd(fd, name, max, out, err);
}
