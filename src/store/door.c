/* door.c - see door.h. SPDX-License-Identifier: MIT */
#include "store/door.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"

enum { TURN = 0, ROOM = 1, BELL = 2 }; /* offsets in the file */

struct door {
    int fd;
    char *path;
};

int door_open(struct door **out, const char *database, struct error *err)
{
    SCOPED(door) struct door *d = mem_alloc(sizeof *d);
    d->path = mem_printf("%s-door", database);
    d->fd = open(d->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->fd < 0)
        return error_errno(err, errno, "open %s", d->path);
    *out = TAKE(d);
    return 0;
}

void door_close(struct door *d)
{
    if (!d)
        return;
    if (d->fd >= 0)
        close(d->fd);
    mem_free(d->path);
    mem_free(d);
}

const char *door_path(const struct door *d)
{
    return d->path;
}

/* Locks of the open file, not of the process: two stores of one process queue as well. */
static int lock(const struct door *d, int command, short type, off_t at)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    int rc;
    do
        rc = fcntl(d->fd, command, &l);
    while (rc < 0 && errno == EINTR);
    return rc;
}

int door_enter(struct door *d, struct error *err)
{
    int rc = lock(d, F_OFD_SETLKW, F_WRLCK, TURN);
    if (rc == 0) {
        rc = lock(d, F_OFD_SETLKW, F_WRLCK, ROOM);
        int why = errno;
        lock(d, F_OFD_SETLK, F_UNLCK, TURN);
        errno = why;
    }
    return rc == 0 ? 0 : error_errno(err, errno, "lock %s", d->path);
}

void door_leave(struct door *d, bool ring)
{
    lock(d, F_OFD_SETLK, F_UNLCK, ROOM);
    if (ring) {
        /* A disk so full that one byte has no room loses a wake-up, not a job. */
        ssize_t ignored = pwrite(d->fd, "!", 1, BELL);
        (void)ignored;
    }
}
