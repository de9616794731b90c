/* target.c - fuzz target: the request target, decoded and routed. SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http/route.h"
#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_route rows[] = {
    {"GET", "/", NULL, "root"},
    {"GET", "/v2/video/generations", NULL, "poll"},
    {"POST", "/v2/video/generations", NULL, "create"},
    {"GET", "/v2/video/generations/{id}", NULL, "path"},
    {"GET", "/generations/{name...}", NULL, "file"},
    {NULL, NULL, NULL, NULL},
};

/* All strings are within the target's length, and the segments make up the path. */
static void check(const struct target *t, size_t len)
{
    size_t sum = 0;
    if (t->path[0] != '/' || strlen(t->path) > len || t->n_segments == 0)
        abort();
    for (size_t i = 0; i < t->n_segments; i++)
        sum += 1 + t->segments[i].len;
    if (sum != strlen(t->path))
        abort();
    for (size_t i = 0; i < t->n_params; i++)
        if (strlen(t->params[i].name) + strlen(t->params[i].value) > len)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct route_table *table;
    struct route_match match;
    struct target target;
    struct error err;
    SCOPED(mem) char *raw = mem_dup_n((const char *)data, size);
    if (route_table_new(&table, rows, &err) < 0)
        abort();
    if (target_parse(&target, &arena, raw, &err) == 0) {
        check(&target, strlen(raw) + 1);
        route_find(table, "GET", &target, &arena, &match);
        for (int i = 0; i < match.n_captures; i++)
            if (!*match.captures[i].value)
                abort();
        route_allow(table, &target, &arena);
    }
    route_table_free(table);
    arena_reset(&arena);
    return 0;
}
