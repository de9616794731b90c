/* events.h - GET .../events: what becomes of jobs, told as it happens (server-sent events).
 *
 *     event: generation    id: CURSOR    data: the generation as its poll shows it
 *     event: removed       id: CURSOR    data: {"id":"..."}
 *
 * One thread watches the store for all listeners. The cursor is the number of a change
 * (store_changes): who comes back with Last-Event-ID gets each job that changed since, as it is
 * now, and then goes on. Without one the present state is told first, and a line with the cursor
 * alone ends it.
 *
 * A listener that takes its events too slowly is left behind, not buffered for: what it missed is
 * read from the store when it has room again. So nobody's memory grows, and nothing is lost.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "api/param.h"

struct api;
struct events;

extern const struct param_field events_query[];
void events_get(struct http_exchange *x);

struct events *events_new(struct api *a);
/* End all streams now, and whatever begins from now on at once. */
void events_drain(struct events *e);
void events_free(struct events *e); /* drains; NULL is fine */
