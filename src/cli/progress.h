/* progress.h - how far a film is, for a person: a bar on a terminal, plain lines elsewhere.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool terminal;
    int64_t begun_us; /* of clock_mono_us  */
    int64_t drawn_us; /* of the last line  */
    char stage[32];
    int tenth; /* of the last plain line */
};

void progress_init(struct progress *p, bool terminal);

/* Write to standard error when there is something new to see. One thread. */
void progress_show(struct progress *p, const char *stage, double done);

void progress_clear(const struct progress *p); /* take the bar away */
double progress_seconds(const struct progress *p);

/* The line itself, without its end: "[#####-----]  50 %  drawing  1.2 s, 1.2 s left". What is left
 * is told from what is done, once that says something. */
void progress_line(const char *stage, double done, double seconds, char *out, int size);
