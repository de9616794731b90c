/* progress.c - see progress.h. SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { CELLS = 30, REDRAW_US = 50 * 1000 };

/* Before these nothing is known of what is left. */
#define LEAST_DONE    0.02
#define LEAST_SECONDS 0.5

void progress_init(struct progress *p, bool terminal)
{
    *p = (struct progress){.terminal = terminal, .begun_us = clock_mono_us(), .tenth = -1};
}

double progress_seconds(const struct progress *p)
{
    return (double)(clock_mono_us() - p->begun_us) / CLOCK_SECOND_US;
}

void progress_line(const char *stage, double done, double seconds, char *out, int size)
{
    char bar[CELLS + 1];
    int full = done <= 0 ? 0 : done >= 1 ? CELLS : (int)(done * CELLS);
    memset(bar, '#', (size_t)full);
    memset(bar + full, '-', (size_t)(CELLS - full));
    bar[CELLS] = 0;
    const int n = snprintf(out, (size_t)size, "[%s] %3d %%  %-10s %5.1f s", bar, (int)(done * 100),
                           stage, seconds);
    if (n < size && done >= LEAST_DONE && done < 1 && seconds >= LEAST_SECONDS)
        snprintf(out + n, (size_t)(size - n), ", %.0f s left", ceil(seconds * (1 - done) / done));
}

void progress_show(struct progress *p, const char *stage, double done)
{
    char line[120];
    int64_t now = clock_mono_us();
    bool new_stage = strncmp(p->stage, stage, sizeof p->stage - 1) != 0;
    if (p->terminal && !new_stage && done < 1 && now - p->drawn_us < REDRAW_US)
        return;
    if (!p->terminal && !new_stage && (int)(done * 10) == p->tenth)
        return;
    snprintf(p->stage, sizeof p->stage, "%s", stage);
    p->drawn_us = now;
    p->tenth = (int)(done * 10);
    if (p->terminal) {
        progress_line(stage, done, progress_seconds(p), line, sizeof line);
        fprintf(stderr, "\r%s\033[K", line);
    } else {
        fprintf(stderr, "%s %d %% %.1f s\n", stage, (int)(done * 100), progress_seconds(p));
    }
}

void progress_clear(const struct progress *p)
{
    if (p->terminal)
        fputs("\r\033[K", stderr);
}
