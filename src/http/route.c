/* route.c - see route.h. SPDX-License-Identifier: MIT */
#include "http/route.h"

#include <string.h>

#include "base/memory.h"

enum { MOST_SEGMENTS = 16 };

struct segment {
    struct text text; /* the literal, or the capture's name */
    bool captures;
    bool rest; /* takes all that is left */
};

struct row {
    const struct http_route *route;
    struct segment segments[MOST_SEGMENTS];
    size_t n_segments;
};

struct route_table {
    size_t n_rows;
    struct row rows[];
};

static struct segment segment_of(struct text s)
{
    struct segment out = {.text = s};
    if (s.len < 3 || s.at[0] != '{' || s.at[s.len - 1] != '}')
        return out;
    out.captures = true;
    out.text = (struct text){s.at + 1, s.len - 2};
    if (out.text.len > 3 && memcmp(out.text.at + out.text.len - 3, "...", 3) == 0) {
        out.rest = true;
        out.text.len -= 3;
    }
    return out;
}

static int read_row(struct row *row, const struct http_route *route, struct error *err)
{
    struct text path = text_of(route->path);
    int n_captures = 0;
    row->route = route;
    if (path.len == 0 || path.at[0] != '/')
        return error_set(err, ERR_INVALID, "route %s must start with a slash", route->path);
    path.at++;
    path.len--;
    do {
        bool last = path.len == 0 || !memchr(path.at, '/', path.len);
        if (row->n_segments == MOST_SEGMENTS)
            return error_set(err, ERR_INVALID, "route %s has too many segments", route->path);
        struct segment s = segment_of(text_cut(&path, '/'));
        n_captures += s.captures;
        if (n_captures > ROUTE_CAPTURES || (s.rest && !last))
            return error_set(err, ERR_INVALID, "route %s captures too much", route->path);
        row->segments[row->n_segments++] = s;
        if (last)
            return 0;
    } while (true);
}

int route_table_new(struct route_table **out, const struct http_route *rows, struct error *err)
{
    size_t n = 0;
    while (rows[n].path)
        n++;
    struct route_table *t = mem_alloc(sizeof *t + n * sizeof *t->rows);
    for (; t->n_rows < n; t->n_rows++) {
        if (read_row(&t->rows[t->n_rows], &rows[t->n_rows], err) < 0) {
            route_table_free(t);
            return err->code;
        }
    }
    *out = t;
    return 0;
}

void route_table_free(struct route_table *t)
{
    mem_free(t);
}

static bool fits(const struct row *row, const struct target *target)
{
    size_t n = row->n_segments;
    bool rest = row->segments[n - 1].rest;
    if (rest ? target->n_segments < n : target->n_segments != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct segment *s = &row->segments[i];
        if (s->captures ? target->segments[i].len == 0 : !text_equal(s->text, target->segments[i]))
            return false;
    }
    return true;
}

static bool serves(const struct http_route *route, const char *method)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static void capture(const struct row *row, const struct target *target, struct arena *a,
                    struct route_match *out)
{
    for (size_t i = 0; i < row->n_segments; i++) {
        const struct segment *s = &row->segments[i];
        struct text value = target->segments[i];
        if (!s->captures)
            continue;
        if (s->rest)
            value = text_of(value.at);
        out->captures[out->n_captures++] =
            (struct route_capture){.name = s->text, .value = arena_copy(a, value)};
    }
}

enum route_verdict route_find(const struct route_table *t, const char *method,
                              const struct target *target, struct arena *a, struct route_match *out)
{
    enum route_verdict verdict = ROUTE_NO_PATH;
    *out = (struct route_match){.row = NULL};
    for (size_t i = 0; i < t->n_rows; i++) {
        const struct row *row = &t->rows[i];
        if (!fits(row, target))
            continue;
        if (serves(row->route, method)) {
            out->row = row->route;
            capture(row, target, a, out);
            return ROUTE_FOUND;
        }
        verdict = ROUTE_NO_METHOD;
    }
    return verdict;
}

/* Add method to the list unless it is there. */
static void allow(struct text_buf *list, const char *method)
{
    struct text rest = {list->at, list->len};
    while (rest.len)
        if (text_equal(text_trim(text_cut(&rest, ',')), text_of(method)))
            return;
    text_buf_printf(list, "%s%s", list->len ? ", " : "", method);
}

const char *route_allow(const struct route_table *t, const struct target *target, struct arena *a)
{
    SCOPED(text_buf) struct text_buf list;
    text_buf_init(&list, 256);
    for (size_t i = 0; i < t->n_rows; i++) {
        if (!fits(&t->rows[i], target))
            continue;
        allow(&list, t->rows[i].route->method);
        if (strcmp(t->rows[i].route->method, "GET") == 0)
            allow(&list, "HEAD");
    }
    allow(&list, "OPTIONS");
    return arena_copy(a, (struct text){list.at, list.len});
}
