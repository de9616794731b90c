/* listener.h - where a server listens, and who listens there. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/* "127.0.0.1:8080", "localhost:8080" or "[::1]:8080" into host (without brackets, a view) and port.
 * False: it is none of these. */
bool listener_split(const char *listen, struct text *host, int *port);

/* Can listen ("127.0.0.1:8080") be bound? ERR_BUSY when somebody has it, then owner names the
 * process ("nginx (process 812)") or is "another process" when we may not look; ERR_INVALID,
 * ERR_IO. */
#define LISTENER_OWNER_SIZE 80
int listener_probe(const char *listen, char owner[LISTENER_OWNER_SIZE],
                   struct error *err) MUST_CHECK;
