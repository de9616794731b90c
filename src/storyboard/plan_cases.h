/* plan_cases.h - prompts and what must be read from them, for plan_test: NULL is "whatever".
 *
 * Lists are joined by commas. The cast is written one actor after another, "|" between:
 *
 *     3 tiny red robot+violin @on:1 (walk,chase:1)
 *
 * count, size, colour, picture, what it holds, where (and whereto), moves (and their targets);
 * what is as usual is left out; without moves in parentheses they may be any. The camera's moves
 * that run together are joined by "+", those that follow by ", ".
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

struct plan_case {
    const char *prompt;
    const char *place, *time, *weather, *mood, *without, *cast, *camera, *unread;
};

extern const struct plan_case plan_cases[];
extern const size_t plan_cases_count;
