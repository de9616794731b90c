/* listener.c - see listener.h. SPDX-License-Identifier: MIT */
#include "cli/listener.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

enum { INODE_SIZE = 24 };

bool listener_split(const char *listen, struct text *host, int *port)
{
    const char *colon = strrchr(listen, ':');
    int64_t number;
    if (!colon || colon[1] == '-' || !text_int(text_of(colon + 1), 0, 65535, &number))
        return false;
    struct text h = {listen, (size_t)(colon - listen)};
    if (h.len > 2 && h.at[0] == '[' && h.at[h.len - 1] == ']')
        h = (struct text){h.at + 1, h.len - 2};
    else if (!h.len || memchr(h.at, ':', h.len) || h.at[0] == '[')
        return false;
    *host = h;
    *port = (int)number;
    return true;
}

static struct text next_field(struct text *line)
{
    *line = text_trim(*line);
    return text_cut(line, ' ');
}

/* Is the row one of a socket that listens on port? Then inode is its. The columns: sl local:port
 * remote:port state queues timer retransmits uid timeout inode. */
static bool read_row(struct text line, int port, char inode[INODE_SIZE])
{
    struct text fields[10];
    char wanted[8];
    snprintf(wanted, sizeof wanted, "%04X", (unsigned)port);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        fields[i] = next_field(&line);
    text_cut(&fields[1], ':');
    if (!text_equal(fields[1], text_of(wanted)) || !text_equal(fields[3], TEXT("0A")))
        return false;
    snprintf(inode, INODE_SIZE, "%.*s", (int)fields[9].len, fields[9].at);
    return *inode;
}

/* The inode of the socket that listens on port, as a row of /proc/net/tcp or tcp6 names it. */
static bool find_inode(const char *table, int port, char inode[INODE_SIZE])
{
    FILE *f = fopen(table, "re");
    char line[512];
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f))
        found = read_row(text_of(line), port, inode);
    if (f)
        fclose(f);
    return found;
}

static bool holds(const char *pid, const char *inode)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, "socket:[%s]", inode);
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
    char inode[INODE_SIZE];
    bool known = find_inode("/proc/net/tcp", port, inode) ||
                 find_inode("/proc/net/tcp6", port, inode);
    DIR *d = known ? opendir("/proc") : NULL;
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
    struct text host;
    char service[8];
    int port;
    owner[0] = 0;
    if (!listener_split(listen, &host, &port))
        return error_set(err, ERR_INVALID, "%s is not ADDRESS:PORT", listen);
    if (text_equal(host, TEXT("localhost")))
        host = TEXT("127.0.0.1");
    SCOPED(mem) char *node = mem_dup_n(host.at, host.len);
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(node, service, &hints, &list) != 0)
        return error_set(err, ERR_INVALID, "%s is not an address of a network card", node);
    int rc = try_bind(list, listen, port, owner, err);
    freeaddrinfo(list);
    return rc;
}
