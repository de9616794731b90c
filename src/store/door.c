/* door.c - see door.h. SPDX-License-Identifier: MIT */
#include "store/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

enum { TURN = 0, ROOM = 1, BELL = 2, VISITS = 8, SIZE = 16 }; /* offsets in the file */
enum { FIRST_PAUSE_US = 32, LONGEST_PAUSE_US = 1024 };

struct door {
    int fd;
    char *path;
    void *shared; /* the file, from the first visit on */
};

/* Written by whoever is in the room: odd while he is. */
static _Atomic uint64_t *visits_of(const struct door *d)
{
    return (_Atomic uint64_t *)((char *)d->shared + VISITS);
}

/* In the room, on the first visit. The bytes are written, not only made room for: a full disk
 * fails here and not in the memory. */
static int map(struct door *d, struct error *err)
{
    static const char none[SIZE];
    struct stat st;
    if (d->shared)
        return 0;
    if (fstat(d->fd, &st) < 0)
        return error_errno(err, errno, "read %s", d->path);
    const ssize_t missing = st.st_size < SIZE ? SIZE - st.st_size : 0;
    if (missing && pwrite(d->fd, none, (size_t)missing, st.st_size) != missing)
        return error_errno(err, errno, "write %s", d->path);
    void *shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
    if (shared == MAP_FAILED)
        return error_errno(err, errno, "map %s", d->path);
    d->shared = shared;
    return 0;
}

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
    if (d->shared)
        munmap(d->shared, SIZE);
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
    if (rc < 0)
        return rc;
    if (map(d, err) < 0) {
        lock(d, F_UNLCK, ROOM);
        return err->code;
    }
    atomic_fetch_or(visits_of(d), 1); /* odd already after one who died here */
    return 0;
}

void door_leave(struct door *d, bool ring)
{
    atomic_fetch_add(visits_of(d), 1);
    lock(d, F_UNLCK, ROOM);
    if (ring) {
        /* A disk so full that one byte has no room loses a wake-up, not a job. */
        ssize_t ignored = pwrite(d->fd, "!", 1, BELL);
        (void)ignored;
    }
}

uint64_t door_visits(const struct door *d)
{
    const uint64_t n = atomic_load(visits_of(d));
    return n & 1 ? 0 : n;
}
