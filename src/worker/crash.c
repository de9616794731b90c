/* crash.c - see crash.h. SPDX-License-Identifier: MIT */
#include "worker/crash.h"

#ifdef ZOETROPE_CHECKS

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void crash_at(const char *step)
{
    const char *at = getenv("ZOETROPE_CRASH_AT");
    const char *mark = getenv("ZOETROPE_CRASH_MARK");
    if (!at || strcmp(at, step) != 0)
        return;
    if (mark) {
        int fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            return;
        close(fd);
    }
    raise(SIGKILL);
}

#endif
