/* door.c - see door.h. SPDX-License-Identifier: MIT */
#include "store/door.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

enum { TURN = 0, ROOM = 1, BELL = 2 }; /* offsets in the file */
enum { FIRST_PAUSE_US = 32, LONGEST_PAUSE_US = 1024 };

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
static int lock(const struct door *d, short type, off_t at)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    return fcntl(d->fd, F_OFD_SETLK, &l);
}

static void wait_us(int64_t us)
{
    const struct timespec t = {.tv_nsec = us * 1000};
    nanosleep(&t, NULL);
}

/* The kernel's own wait has no end. Asked again after ever longer pauses: who is in the room is
 * out again after one sync. */
static int wait_for(const struct door *d, off_t at, int64_t until_us, struct error *err)
{
    int64_t pause_us = FIRST_PAUSE_US;
    while (lock(d, F_WRLCK, at) < 0) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return error_errno(err, errno, "lock %s", d->path);
        if (clock_mono_us() >= until_us)
            return error_set(err, ERR_BUSY, "the store is busy: somebody does not leave %s",
                             d->path);
        wait_us(pause_us);
        pause_us = pause_us < LONGEST_PAUSE_US ? pause_us * 2 : pause_us;
    }
    return 0;
}

int door_enter(struct door *d, int64_t wait_most_us, struct error *err)
{
    int64_t until_us = clock_mono_us() + wait_most_us;
    int rc = wait_for(d, TURN, until_us, err);
    if (rc < 0)
        return rc;
    rc = wait_for(d, ROOM, until_us, err);
    lock(d, F_UNLCK, TURN);
    return rc;
}

void door_leave(struct door *d, bool ring)
{
    lock(d, F_UNLCK, ROOM);
    if (ring) {
        /* A disk so full that one byte has no room loses a wake-up, not a job. */
        ssize_t ignored = pwrite(d->fd, "!", 1, BELL);
        (void)ignored;
    }
}
