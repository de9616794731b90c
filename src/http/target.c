/* target.c - see target.h. SPDX-License-Identifier: MIT */
#include "http/target.h"

#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decode s to at most s.len bytes at out; returns how many. */
static size_t decode(struct text s, bool plus_is_space, char *out)
{
    char *o = out;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        int high = c == '%' && i + 2 < s.len ? hex(s.at[i + 1]) : -1;
        int low = high >= 0 ? hex(s.at[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *o++ = c;
    }
    return (size_t)(o - out);
}

static size_t count(struct text s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == c;
    return n;
}

/* The absolute form, which proxies send, without its scheme and authority. */
static struct text without_authority(struct text s)
{
    const struct text schemes[] = {TEXT("http://"), TEXT("https://")};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (!text_starts_nocase(s, schemes[i]))
            continue;
        size_t skip = schemes[i].len;
        while (skip < s.len && s.at[skip] != '/' && s.at[skip] != '?')
            skip++;
        return (struct text){s.at + skip, s.len - skip};
    }
    return s;
}

static void read_path(struct target *t, struct arena *a, struct text path)
{
    char *out = arena_alloc(a, path.len + 1);
    t->path = out;
    t->segments = arena_alloc(a, count(path, '/') * sizeof *t->segments);
    while (path.len) {
        path.at++;
        path.len--;
        *out++ = '/';
        const char *slash = memchr(path.at, '/', path.len);
        size_t len = slash ? (size_t)(slash - path.at) : path.len;
        size_t n = decode((struct text){path.at, len}, false, out);
        t->segments[t->n_segments++] = (struct text){out, n};
        out += n;
        path.at += len;
        path.len -= len;
    }
}

static char *read_part(struct arena *a, struct text s, bool *has_nul)
{
    char *out = arena_alloc(a, s.len + 1);
    size_t n = decode(s, true, out);
    *has_nul = *has_nul || memchr(out, 0, n);
    return out;
}

static void read_query(struct target *t, struct arena *a, struct text query, bool *has_nul)
{
    t->params = arena_alloc(a, (count(query, '&') + 1) * sizeof *t->params);
    while (query.len) {
        struct text value = text_cut(&query, '&');
        if (value.len == 0)
            continue;
        struct text name = text_cut(&value, '=');
        struct target_param *p = &t->params[t->n_params++];
        p->name = read_part(a, name, has_nul);
        p->value = read_part(a, value, has_nul);
    }
}

int target_parse(struct target *out, struct arena *a, const char *raw, struct error *err)
{
    struct target t = {0};
    bool has_nul = false;
    struct text query = without_authority(text_of(raw));
    struct text path = text_cut(&query, '?');
    if (path.len == 0 && path.at != raw)
        path = TEXT("/");
    if (path.len == 0 || path.at[0] != '/')
        return error_set(err, ERR_INVALID, "the request target must start with a slash");
    read_path(&t, a, path);
    for (size_t i = 0; i < t.n_segments; i++)
        has_nul = has_nul || memchr(t.segments[i].at, 0, t.segments[i].len);
    if (query.len)
        read_query(&t, a, query, &has_nul);
    if (has_nul)
        return error_set(err, ERR_INVALID, "the request target has a zero byte");
    *out = t;
    return 0;
}
