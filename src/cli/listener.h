/* listener.h - who listens on a TCP port of this machine. SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"

/* Can listen ("127.0.0.1:8080") be bound? ERR_BUSY when somebody has it, then owner names the
 * process ("nginx (process 812)") or is "another process" when we may not look; ERR_INVALID,
 * ERR_IO. */
#define LISTENER_OWNER_SIZE 80
int listener_probe(const char *listen, char owner[LISTENER_OWNER_SIZE],
                   struct error *err) MUST_CHECK;
