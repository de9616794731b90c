/* turn.c - see turn.h. SPDX-License-Identifier: MIT */
#include "worker/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

void turn_init(struct turn *t, const char *folder)
{
    *t = (struct turn){.folder = folder, .fd = -1};
}

void turn_fini(struct turn *t)
{
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    t->mine = false;
}

int turn_try(struct turn *t, struct error *err)
{
    if (t->fd < 0)
        t->fd = open(t->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->fd < 0)
        return error_errno(err, errno, "open %s", t->folder);
    t->mine = flock(t->fd, LOCK_EX | LOCK_NB) == 0;
    if (!t->mine && errno != EWOULDBLOCK && errno != EINTR)
        return error_errno(err, errno, "lock %s", t->folder);
    return t->mine;
}

void turn_give(struct turn *t)
{
    if (t->mine)
        flock(t->fd, LOCK_UN);
    t->mine = false;
}
