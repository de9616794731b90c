/* unit_threads.h - whether a test did anything that ThreadSanitizer could find a fault in.
 *
 * That is: it started a thread or a process, handled a signal, held two locks at once, gave back a
 * lock that it had not, or kept one. A test that did none of it has one thread and a plain order
 * of its accesses: run under ThreadSanitizer it shows what it shows without. A program without a
 * sanitizer notices it by itself, so that no list has to be kept; one with a sanitizer, whose own
 * calls these are, does not look, and says yes to all.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* Forget what was noticed. */
void unit_threads_begin(void);

/* Since unit_threads_begin; also when there is another thread now. */
bool unit_threads_seen(void);
