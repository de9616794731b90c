/* interrupt.h - Ctrl-C as a question, so that what a command makes ends in good order.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* From now on SIGINT and SIGTERM wait. Threads that the caller starts later inherit it. */
void interrupt_block(void);

/* Does one of them wait? For the cancelled of whoever does long work; arg is not looked at. */
bool interrupt_waits(void *arg);
