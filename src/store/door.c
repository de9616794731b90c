/* door.c - see door.h. SPDX-License-Identifier: MIT */
#include "store/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { TURN = 0, ROOM = 1, BELL = 2, VISITS = 8, SIZE = 16 }; /* offsets in the file */

struct door {
    int fd;
    char *path;
    void *shared; /* the file, from the first visit on; NULL where it cannot be mapped */
};

/* Written by whoever is in the room: odd while he is. */
static _Atomic uint64_t *visits_of(const struct door *d)
{
    return (_Atomic uint64_t *)((char *)d->shared + VISITS);
}

/* In the room. Nothing depends on it but the time that a read takes. The bytes are written, not
 * only made room for: a full disk fails here and not in the memory. */
static void map(struct door *d)
{
    static const char none[SIZE];
    struct stat st;
    if (fstat(d->fd, &st) < 0)
        return;
    const ssize_t missing = st.st_size < SIZE ? SIZE - st.st_size : 0;
    if (missing && pwrite(d->fd, none, (size_t)missing, st.st_size) != missing)
        return;
    void *shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
    d->shared = shared == MAP_FAILED ? NULL : shared;
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
    if (rc < 0)
        return error_errno(err, errno, "lock %s", d->path);
    if (!d->shared)
        map(d);
    if (d->shared)
        atomic_fetch_or(visits_of(d), 1); /* odd already after one who died here */
    return 0;
}

void door_leave(struct door *d, bool ring)
{
    if (d->shared)
        atomic_fetch_add(visits_of(d), 1);
    lock(d, F_OFD_SETLK, F_UNLCK, ROOM);
    if (ring) {
        /* A disk so full that one byte has no room loses a wake-up, not a job. */
        ssize_t ignored = pwrite(d->fd, "!", 1, BELL);
        (void)ignored;
    }
}

uint64_t door_visits(const struct door *d)
{
    uint64_t n = d->shared ? atomic_load(visits_of(d)) : 0;
    return n & 1 ? 0 : n;
}
