/* issue.c - see issue.h. SPDX-License-Identifier: MIT */
#include "api/issue.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "api/emit.h"

enum {
    LIST_MAX = 256 * 1024,
    MOST_ISSUES = 100, /* a query of a thousand unknown names is told about the first hundred */
    SHOWN_MAX = 64,    /* code points of a value that are repeated to its sender              */
};

void issue_list_init(struct issue_list *l)
{
    l->n = 0;
    text_buf_init(&l->json, LIST_MAX);
}

void issue_list_fini(struct issue_list *l)
{
    text_buf_fini(&l->json);
}

char *issue_list_take(struct issue_list *l)
{
    text_buf_add_text(&l->json, l->n ? "]" : "[]");
    return text_buf_take(&l->json);
}

static bool begin(struct issue_list *l)
{
    l->n++;
    if (l->n > MOST_ISSUES)
        return false;
    text_buf_add_text(&l->json, l->n == 1 ? "[{" : ",{");
    return true;
}

static void add_member(struct issue_list *l, const char *name, const char *value)
{
    text_buf_printf(&l->json, "\"%s\":", name);
    emit_string(&l->json, value);
    text_buf_add_text(&l->json, ",");
}

/* "path" and "message", and the end of the entry. */
static void end(struct issue_list *l, const char *path, struct text message)
{
    text_buf_add_text(&l->json, "\"path\":[");
    struct text rest = text_of(path);
    for (bool first = true; rest.len; first = false) {
        text_buf_add_text(&l->json, first ? "" : ",");
        emit_text(&l->json, text_cut(&rest, '.'));
    }
    text_buf_add_text(&l->json, "],\"message\":");
    emit_text(&l->json, message);
    text_buf_add_text(&l->json, "}");
}

void issue_required(struct issue_list *l, const char *path, const char *expected)
{
    if (!begin(l))
        return;
    add_member(l, "code", "invalid_type");
    add_member(l, "expected", expected);
    add_member(l, "received", "undefined");
    end(l, path, TEXT("Required"));
}

void issue_type(struct issue_list *l, const char *path, const char *expected, const char *received)
{
    char message[96];
    if (!begin(l))
        return;
    snprintf(message, sizeof message, "Expected %s, received %s", expected, received);
    add_member(l, "code", "invalid_type");
    add_member(l, "expected", expected);
    add_member(l, "received", received);
    end(l, path, text_of(message));
}

void issue_json(struct issue_list *l, const char *path, const char *expected, const json_t *v)
{
    static const char *const words[] = {
        [JSON_OBJECT] = "object",  [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "number", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",  [JSON_NULL] = "null",
    };
    if (v)
        issue_type(l, path, expected, words[json_typeof(v)]);
    else
        issue_required(l, path, expected);
}

struct bound {
    const char *code;    /* "too_big"            */
    const char *member;  /* "maximum"            */
    const char *type;    /* "string"             */
    const char *message; /* around the number    */
    const char *unit;    /* behind it, "" for none */
};

static void add_bound(struct issue_list *l, const char *path, const struct bound *b, int64_t limit)
{
    char message[96];
    if (!begin(l))
        return;
    snprintf(message, sizeof message, "%s %" PRId64 "%s", b->message, limit, b->unit);
    add_member(l, "code", b->code);
    text_buf_printf(&l->json, "\"%s\":%" PRId64 ",", b->member, limit);
    add_member(l, "type", b->type);
    text_buf_add_text(&l->json, "\"inclusive\":true,\"exact\":false,");
    end(l, path, text_of(message));
}

void issue_long(struct issue_list *l, const char *path, int64_t most)
{
    static const struct bound b = {"too_big", "maximum", "string", "String must contain at most",
                                   " character(s)"};
    add_bound(l, path, &b, most);
}

void issue_short(struct issue_list *l, const char *path, int64_t least)
{
    static const struct bound b = {"too_small", "minimum", "string", "String must contain at least",
                                   " character(s)"};
    add_bound(l, path, &b, least);
}

void issue_above(struct issue_list *l, const char *path, int64_t most)
{
    static const struct bound b = {"too_big", "maximum", "number",
                                   "Number must be less than or equal to", ""};
    add_bound(l, path, &b, most);
}

void issue_below(struct issue_list *l, const char *path, int64_t least)
{
    static const struct bound b = {"too_small", "minimum", "number",
                                   "Number must be greater than or equal to", ""};
    add_bound(l, path, &b, least);
}

/* The beginning of s, in whole code points. */
static struct text shown(struct text s, bool *cut)
{
    struct text rest = s;
    for (int n = 0; rest.len && n < SHOWN_MAX; n++)
        text_utf8_next(&rest);
    *cut = rest.len > 0;
    return (struct text){s.at, s.len - rest.len};
}

void issue_enum(struct issue_list *l, const char *path, const char *const *options, int n,
                struct text received)
{
    bool cut;
    struct text part = shown(received, &cut);
    SCOPED(text_buf) struct text_buf message;
    text_buf_init(&message, LIST_MAX / 4);
    if (!begin(l))
        return;
    text_buf_add_text(&l->json, "\"received\":");
    emit_text(&l->json, part);
    text_buf_add_text(&l->json, ",\"code\":\"invalid_enum_value\",\"options\":[");
    text_buf_add_text(&message, "Invalid enum value. Expected ");
    for (int i = 0; i < n; i++) {
        text_buf_add_text(&l->json, i ? "," : "");
        emit_string(&l->json, options[i]);
        text_buf_printf(&message, "%s'%s'", i ? " | " : "", options[i]);
    }
    text_buf_add_text(&l->json, "],");
    text_buf_add_text(&message, ", received '");
    text_buf_add(&message, part.at, part.len);
    text_buf_add_text(&message, cut ? "\xe2\x80\xa6'" : "'");
    end(l, path, (struct text){message.at, message.len});
}

void issue_format(struct issue_list *l, const char *path, const char *validation)
{
    char message[64];
    if (!begin(l))
        return;
    snprintf(message, sizeof message, "Invalid %s", validation);
    add_member(l, "validation", validation);
    add_member(l, "code", "invalid_string");
    end(l, path, text_of(message));
}

void issue_custom(struct issue_list *l, const char *path, const char *fmt, ...)
{
    char message[320];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    if (!begin(l))
        return;
    add_member(l, "code", "custom");
    end(l, path, text_of(message));
}

void issue_unknown(struct issue_list *l, const char *name)
{
    bool cut;
    struct text part = shown(text_of(name), &cut);
    SCOPED(text_buf) struct text_buf message;
    text_buf_init(&message, 1024);
    if (!begin(l))
        return;
    text_buf_add_text(&message, "Unrecognized key(s) in object: '");
    text_buf_add(&message, part.at, part.len);
    text_buf_add_text(&message, cut ? "\xe2\x80\xa6'" : "'");
    text_buf_add_text(&l->json, "\"code\":\"unrecognized_keys\",\"keys\":[");
    emit_text(&l->json, part);
    text_buf_add_text(&l->json, "],");
    end(l, NULL, (struct text){message.at, message.len});
}
