/* log.c - see log.h. SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static enum log_level threshold = LOG_INFO;
static char process_name[32] = "zoetrope";

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_set_name(const char *name)
{
    snprintf(process_name, sizeof process_name, "%s", name);
}

const char *log_level_name(enum log_level level)
{
    static const char *const names[LOG_LEVELS] = {
        [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
    return names[level];
}

void log_line(enum log_level level, const char *fmt, ...)
{
    if (level > threshold)
        return;
    char line[1024];
    char when[CLOCK_ISO_SIZE];
    clock_iso(clock_now_us(), when);
    int n = snprintf(line, sizeof line, "%s %-5s %s: ", when, log_level_name(level), process_name);
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    line[len++] = '\n';
    /* One write, so that the lines of several processes on one pipe do not mix. */
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}
