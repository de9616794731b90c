/* log.h - one line per event on standard error: time, level, words. An error is logged once,
 * where it stops flowing. Any thread. Called from http/'s callers, api/, worker/, cli/ only.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVELS };

void log_set_level(enum log_level level); /* at start, before other threads; default LOG_INFO */
void log_set_name(const char *name);      /* the process, as every line shows it; copied      */
const char *log_level_name(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
