/* route.h - which row of the route table a request belongs to. The first row that fits wins.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "http/http.h"
#include "http/target.h"

#define ROUTE_CAPTURES 4

struct route_table;

struct route_capture {
    struct text name;
    const char *value; /* decoded */
};

enum route_verdict { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

struct route_match {
    const struct http_route *row; /* NULL unless found */
    struct route_capture captures[ROUTE_CAPTURES];
    int n_captures;
};

/* ERR_INVALID a path that does not start with '/', or has more captures than there is room. */
int route_table_new(struct route_table **out, const struct http_route *rows,
                    struct error *err) MUST_CHECK;
void route_table_free(struct route_table *t); /* NULL is fine */

/* HEAD finds the row of GET. Captures lie in a. */
enum route_verdict route_find(const struct route_table *t, const char *method,
                              const struct target *target, struct arena *a,
                              struct route_match *out);

/* What the Allow header of this path says: "GET, HEAD, OPTIONS". In a. */
const char *route_allow(const struct route_table *t, const struct target *target, struct arena *a);
