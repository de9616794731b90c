/* names.c - see names.h. SPDX-License-Identifier: MIT */
#include "model/wan/names.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* official[at..] begins with the row's fragment, as whole parts? Its length, or 0. */
static size_t row_length(const struct names_row *row, const char *official, size_t at)
{
    const char *fragment = row->official;
    if (*fragment == '^') {
        if (at > 0)
            return 0;
        fragment++;
    }
    size_t len = strlen(fragment);
    if (strncmp(official + at, fragment, len) != 0)
        return 0;
    char after = official[at + len];
    return after == '.' || after == '\0' ? len : 0;
}

static const struct names_row *row_at(const struct names_layout *layout, const char *official,
                                      size_t at)
{
    for (const struct names_row *row = layout->rows; row && row->official; row++)
        if (row_length(row, official, at) > 0)
            return row;
    return NULL;
}

bool names_spell(const struct names_layout *layout, const char *prefix, const char *official,
                 char out[NAMES_MOST])
{
    size_t used = 0, at = 0;
    int n = snprintf(out, NAMES_MOST, "%s", prefix);
    while (n >= 0 && (used += (size_t)n) < NAMES_MOST && official[at]) {
        const char *dot = at > 0 ? "." : "";
        at += official[at] == '.';
        const struct names_row *row = row_at(layout, official, at);
        size_t len = row ? row_length(row, official, at) : strcspn(official + at, ".");
        if (row)
            n = snprintf(out + used, NAMES_MOST - used, "%s%s", dot, row->here);
        else
            n = snprintf(out + used, NAMES_MOST - used, "%s%.*s", dot, (int)len, official + at);
        at += len;
    }
    return used < NAMES_MOST && !official[at];
}

int names_open(struct names *out, const struct weights *file, const struct names_component *c,
               struct error *err)
{
    for (const struct names_layout *layout = c->layouts; layout->name; layout++)
        for (const char *const *prefix = c->prefixes; *prefix; prefix++) {
            char name[NAMES_MOST];
            struct tensor t;
            if (names_spell(layout, *prefix, c->witness, name) && weights_find(file, name, &t)) {
                *out = (struct names){.file = file,
                                      .component = c,
                                      .layout = layout,
                                      .prefix = *prefix,
                                      .config = weights_meta(file, "config")};
                return 0;
            }
        }
    return error_set(err, ERR_CORRUPT, "not a %s: there is no tensor %s, in any known spelling",
                     c->name, c->witness);
}

int names_end(const struct names *n, struct error *err)
{
    if (n->failed)
        *err = n->error;
    return n->failed ? (int)n->error.code : 0;
}

void names_fail(struct names *n, const char *fmt, ...)
{
    if (n->failed)
        return;
    char text[sizeof n->error.text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    n->failed = true;
    error_set(&n->error, ERR_CORRUPT, "%s", text);
}

static bool find(struct names *n, const char *official, struct tensor *out)
{
    char name[NAMES_MOST];
    return !n->failed && names_spell(n->layout, n->prefix, official, name) &&
           weights_find(n->file, name, out);
}

#define FORMAT(name, official)                                                                     \
    char name[NAMES_MOST];                                                                         \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, official);                                                                  \
        vsnprintf(name, sizeof name, official, args);                                              \
        va_end(args);                                                                              \
    } while (0)

bool names_has(const struct names *n, const char *official, ...)
{
    FORMAT(name, official);
    char here[NAMES_MOST];
    struct tensor t;
    return names_spell(n->layout, n->prefix, name, here) && weights_find(n->file, here, &t);
}

bool names_find(struct names *n, struct tensor *out, const char *official, ...)
{
    FORMAT(name, official);
    return find(n, name, out);
}

/* What the networks multiply: everything but whole numbers. */
static bool is_of_numbers(enum dtype t)
{
    return t != DTYPE_F64 && t != DTYPE_U8 && t != DTYPE_I32 && t != DTYPE_I64 && t != DTYPE_BOOL;
}

/* -1: more than can be counted. */
static int64_t count_of(int n_dims, const int64_t *shape)
{
    int64_t count = 1;
    for (int i = 0; i < n_dims; i++)
        if (__builtin_mul_overflow(count, shape[i], &count))
            return -1;
    return count;
}

static struct tensor take(struct names *n, int n_dims, const int64_t *shape, const char *name)
{
    const struct tensor none = {0};
    struct tensor t;
    char text[96];
    if (!find(n, name, &t)) {
        names_fail(n, "the %s has no tensor %s", n->component->name, name);
        return none;
    }
    struct tensor wanted = {.data = t.data, .dtype = t.dtype, .n_dims = n_dims, .scale = 1};
    memcpy(wanted.shape, shape, (size_t)n_dims * sizeof *shape);
    if (!is_of_numbers(t.dtype)) {
        names_fail(n, "tensor %s is %s, not of a type that can be multiplied", name,
                   dtype_name(t.dtype));
        return none;
    }
    if (tensor_count(&t) != count_of(n_dims, shape) ||
        shape[n_dims - 1] % dtype_block(t.dtype) != 0) {
        char want[96];
        names_fail(n, "tensor %s is %s where %s is needed", name,
                   tensor_text(&t, text, sizeof text), tensor_text(&wanted, want, sizeof want));
        return none;
    }
    n->n_taken++;
    t = tensor_view(&t, n_dims, shape);
    if (n->patch && n->patch(n->patch_arg, name, &t, &n->error) < 0) {
        n->failed = true;
        return none;
    }
    return t;
}

struct tensor names_take(struct names *n, int n_dims, const int64_t *shape, const char *official,
                         ...)
{
    FORMAT(name, official);
    return take(n, n_dims, shape, name);
}

int64_t names_size(struct names *n, int64_t by, const char *official, ...)
{
    FORMAT(name, official);
    struct tensor t;
    if (!find(n, name, &t)) {
        names_fail(n, "the %s has no tensor %s", n->component->name, name);
        return 0;
    }
    int64_t count = tensor_count(&t);
    if (by < 1 || count % by != 0) {
        names_fail(n, "tensor %s has %lld numbers, not a multiple of %lld", name, (long long)count,
                   (long long)by);
        return 0;
    }
    return count / by;
}

struct tensor names_vector(struct names *n, int64_t d, const char *official, ...)
{
    FORMAT(name, official);
    return take(n, 1, &d, name);
}

static struct tensor take_part(struct names *n, int n_dims, const int64_t *shape, const char *stem,
                               const char *part)
{
    char name[NAMES_MOST + 8];
    snprintf(name, sizeof name, "%s.%s", stem, part);
    return take(n, n_dims, shape, name);
}

struct linear names_linear(struct names *n, int64_t o, int64_t i, const char *official, ...)
{
    FORMAT(stem, official);
    const int64_t shape[] = {o, i};
    struct linear l = {.w = take_part(n, 2, shape, stem, "weight")};
    l.b = take_part(n, 1, shape, stem, "bias");
    return l;
}

struct linear names_matrix(struct names *n, int64_t o, int64_t i, const char *official, ...)
{
    FORMAT(stem, official);
    const int64_t shape[] = {o, i};
    return (struct linear){.w = take_part(n, 2, shape, stem, "weight")};
}

int names_layers(const struct names *n, const char *pattern)
{
    enum { MOST_LAYERS = 1024 };
    int layers = 0;
    for (int i = 0; i < MOST_LAYERS; i++)
        if (names_has(n, pattern, i))
            layers = i + 1;
    return layers;
}

int64_t names_config(const struct names *n, const char *key, int64_t otherwise)
{
    json_t *config = n->config ? json_loads(n->config, 0, NULL) : NULL;
    const json_t *value = json_object_get(config, key);
    int64_t number = json_is_integer(value) ? json_integer_value(value) : otherwise;
    json_decref(config);
    return number;
}
