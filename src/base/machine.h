/* machine.h - what this process may use of the machine. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* Bytes of memory that could be taken now without swapping: what the kernel calls available, or
 * what the control group leaves when that is less. INT64_MAX when neither says. */
int64_t machine_memory(void);

/* Bytes of memory that could be taken if no other program ran: all that the machine has, or the
 * limit of the control group when that is less. INT64_MAX when neither says. */
int64_t machine_memory_total(void);
