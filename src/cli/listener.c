/* listener.c - see listener.h. SPDX-License-Identifier: MIT */
#include "cli/listener.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* The socket's inode of the row of /proc/net/tcp or tcp6 that listens on port; 0: none. */
static unsigned long find_inode(const char *table, int port)
{
    FILE *f = fopen(table, "re");
    char line[512];
    unsigned long found = 0;
    while (f && !found && fgets(line, sizeof line, f)) {
        unsigned local;
        unsigned state;
        unsigned long inode;
        /* sl local:port remote:port state queues timer retransmits uid timeout inode */
        if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %*d %*d %lu", &local,
                   &state, &inode) == 3 &&
            state == 0x0a && (int)local == port)
            found = inode;
    }
    if (f)
        fclose(f);
    return found;
}

static bool holds(const char *pid, unsigned long inode)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    SCOPED(mem) char *folder = mem_printf("/proc/%s/fd", pid);
    DIR *d = opendir(folder);
    bool found = false;
    for (struct dirent *e = d ? readdir(d) : NULL; e && !found; e = readdir(d)) {
        char target[64];
        SCOPED(mem) char *link = mem_printf("%s/%s", folder, e->d_name);
        ssize_t n = readlink(link, target, sizeof target - 1);
        target[n > 0 ? n : 0] = 0;
        found = strcmp(target, wanted) == 0;
    }
    if (d)
        closedir(d);
    return found;
}

static void name_process(const char *pid, char *owner)
{
    char name[32] = "a process";
    SCOPED(mem) char *path = mem_printf("/proc/%s/comm", pid);
    FILE *f = fopen(path, "re");
    if (f && fgets(name, sizeof name, f))
        name[strcspn(name, "\n")] = 0;
    if (f)
        fclose(f);
    snprintf(owner, LISTENER_OWNER_SIZE, "%s (process %.20s)", name, pid);
}

static void find_owner(int port, char *owner)
{
    snprintf(owner, LISTENER_OWNER_SIZE, "another process");
    unsigned long inode = find_inode("/proc/net/tcp", port);
    if (!inode)
        inode = find_inode("/proc/net/tcp6", port);
    DIR *d = inode ? opendir("/proc") : NULL;
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (!isdigit((unsigned char)e->d_name[0]) || !holds(e->d_name, inode))
            continue;
        name_process(e->d_name, owner);
        break;
    }
    if (d)
        closedir(d);
}

static int try_bind(const struct addrinfo *a, const char *listen, int port, char *owner,
                    struct error *err)
{
    const int on = 1;
    SCOPED(fd) int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_errno(err, errno, "make a socket for %s", listen);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0)
        return 0;
    if (errno != EADDRINUSE)
        return error_errno(err, errno, "bind to %s", listen);
    find_owner(port, owner);
    return error_set(err, ERR_BUSY, "%s listens on %s", owner, listen);
}

int listener_probe(const char *listen, char owner[LISTENER_OWNER_SIZE], struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *list = NULL;
    const char *colon = strrchr(listen, ':');
    int64_t port = 0;
    owner[0] = 0;
    if (!colon || !text_int(text_of(colon + 1), 0, 65535, &port))
        return error_set(err, ERR_INVALID, "%s is not ADDRESS:PORT", listen);
    bool bracketed = *listen == '[' && colon[-1] == ']';
    const char *from = listen + bracketed;
    SCOPED(mem) char *host = mem_dup_n(from, (size_t)(colon - from - bracketed));
    if (getaddrinfo(host, colon + 1, &hints, &list) != 0)
        return error_set(err, ERR_INVALID, "%s is not an address of a network card", host);
    int rc = try_bind(list, listen, (int)port, owner, err);
    freeaddrinfo(list);
    return rc;
}
