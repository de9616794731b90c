/* resolve.h - the addresses of a host, asked once, given up when the time is over.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/fetch.h"

enum { RESOLVE_MOST = 16 };

struct resolved {
    struct sockaddr_storage at[RESOLVE_MOST]; /* without a port */
    int n;
};

/* Ask limits->resolver, else the system's (on a thread of its own, which is left behind when it
 * outlasts deadline_us, of clock_mono_us, or limits->cancelled says stop). ERR_NOT_FOUND the host
 * has no address, ERR_TIMEOUT, ERR_CANCELLED. */
int resolve_host(const char *host, const struct fetch_limits *limits, int64_t deadline_us,
                 struct resolved *out, struct error *err) MUST_CHECK;
