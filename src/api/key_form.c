/* key_form.c - see key_form.h. SPDX-License-Identifier: MIT */
#include "api/key_form.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "job/model.h"

enum { MOST_LIMIT = 1000000, NAME_MAX = 63 };

#define MOST_CREDITS (INT64_C(1) << 53) /* what every reader of JSON counts exactly */

const char *key_form_scope(int i)
{
    static const char *const words[] = {"model:video",  "model:chat",  "model:responses",
                                        "model:image",  "model:audio", "model:embeddings",
                                        "model:speech", "model:ocr",   NULL};
    return words[i];
}

const char *key_form_retention(int i)
{
    static const char *const words[] = {"no_reset", "day", "week", "month", NULL};
    return words[i];
}

typedef const char *word_of(int i);

/* Its index; -1 with an issue when it is none of them. */
static int index_of(word_of *word, const char *path, const json_t *v, struct issue_list *issues)
{
    const char *words[16];
    int n = 0;
    if (!json_is_string(v)) {
        issue_json(issues, path, "string", v);
        return -1;
    }
    for (; word(n); n++) {
        words[n] = word(n);
        if (strcmp(words[n], json_string_value(v)) == 0)
            return n;
    }
    issue_enum(issues, path, words, n, text_of(json_string_value(v)));
    return -1;
}

static void read_name(struct key_form *f, const char *path, const json_t *v,
                      struct issue_list *issues)
{
    if (json_is_null(v))
        return;
    if (!json_is_string(v))
        issue_json(issues, path, "string", v);
    else if (json_string_length(v) > NAME_MAX)
        issue_custom(issues, path, "String must have at most %d bytes of UTF-8, has %zu", NAME_MAX,
                     json_string_length(v));
    else {
        snprintf(f->name, sizeof f->name, "%s", json_string_value(v));
        f->has_name = true;
        for (const char *c = f->name; *c; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7f) {
                issue_custom(issues, path, "String must not contain control characters");
                return;
            }
    }
}

static void read_disabled(struct key_form *f, const char *path, const json_t *v,
                          struct issue_list *issues)
{
    if (!json_is_boolean(v))
        issue_json(issues, path, "boolean", v);
    else
        f->change.disabled = json_is_true(v);
}

/* False: an issue was added. */
static bool read_number(const char *path, const json_t *v, int64_t min, int64_t max, int64_t *out,
                        struct issue_list *issues)
{
    double n = json_number_value(v);
    if (!json_is_number(v))
        issue_json(issues, path, "number", v);
    else if (n != floor(n))
        issue_type(issues, path, "integer", "float");
    else if (n < (double)min)
        issue_below(issues, path, min);
    else if (n > (double)max)
        issue_above(issues, path, max);
    else {
        *out = (int64_t)n;
        return true;
    }
    return false;
}

static void read_per_minute(struct key_form *f, const char *path, const json_t *v,
                            struct issue_list *issues)
{
    int64_t n;
    if (read_number(path, v, 0, MOST_LIMIT, &n, issues))
        f->change.requests_per_minute = (int)n;
}

static void read_at_once(struct key_form *f, const char *path, const json_t *v,
                         struct issue_list *issues)
{
    int64_t n;
    if (read_number(path, v, 0, MOST_LIMIT, &n, issues))
        f->change.jobs_at_once = (int)n;
}

static void read_credits(struct key_form *f, const char *path, const json_t *v,
                         struct issue_list *issues)
{
    f->has_credits = read_number(path, v, 0, MOST_CREDITS, &f->credits, issues);
}

static void read_more_credits(struct key_form *f, const char *path, const json_t *v,
                              struct issue_list *issues)
{
    (void)!read_number(path, v, -MOST_CREDITS, MOST_CREDITS, &f->change.credits_add, issues);
}

/* {"retention":"month","threshold":25} in US dollars; null is no limit. */
static void read_limit(struct key_form *f, const char *path, const json_t *v,
                       struct issue_list *issues)
{
    const json_t *threshold = json_object_get(v, "threshold");
    double usd = json_number_value(threshold);
    if (json_is_null(v)) {
        f->change.spend_max = 0;
        return;
    }
    if (!json_is_object(v)) {
        issue_json(issues, path, "object", v);
        return;
    }
    int window =
        index_of(key_form_retention, "limit.retention", json_object_get(v, "retention"), issues);
    if (!json_is_number(threshold))
        issue_json(issues, "limit.threshold", "number", threshold);
    else if (!(usd > 0) || usd > 1e9)
        issue_custom(issues, "limit.threshold",
                     "Must be more than 0 and at most 1000000000 US dollars");
    else if (window >= 0) {
        double spend = round(usd * MODEL_CREDITS_PER_USD);
        f->change.spend_max = spend < 1 ? 1 : (int64_t)spend;
        f->change.spend_window = window;
    }
}

static void read_scopes(struct key_form *f, const char *path, const json_t *v,
                        struct issue_list *issues)
{
    int scopes = 0;
    if (!json_is_null(v) && !json_is_array(v)) {
        issue_json(issues, path, "array", v);
        return;
    }
    for (size_t i = 0; i < json_array_size(v); i++) {
        int k = index_of(key_form_scope, path, json_array_get(v, i), issues);
        if (k < 0)
            return;
        scopes |= 1 << k;
    }
    if (json_is_array(v) && !scopes)
        issue_custom(issues, path, "At least one scope; null for all");
    f->change.scopes = scopes;
}

static const struct field {
    const char *name;
    int kinds; /* bits of enum key_form_kind */
    void (*read)(struct key_form *f, const char *path, const json_t *v, struct issue_list *issues);
} fields[] = {
    {"name", KEY_FORM_CREATE | KEY_FORM_CHANGE, read_name},
    {"limit", KEY_FORM_CREATE | KEY_FORM_CHANGE, read_limit},
    {"scopes", KEY_FORM_CREATE | KEY_FORM_CHANGE, read_scopes},
    {"requests_per_minute", KEY_FORM_CREATE | KEY_FORM_CHANGE, read_per_minute},
    {"jobs_at_once", KEY_FORM_CREATE | KEY_FORM_CHANGE, read_at_once},
    {"credits", KEY_FORM_CREATE, read_credits},
    {"disabled", KEY_FORM_CHANGE, read_disabled},
    {"credits_add", KEY_FORM_CHANGE, read_more_credits},
};

static void read_member(struct key_form *f, enum key_form_kind kind, const char *name,
                        const json_t *v, struct issue_list *issues)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, name) == 0 && (fields[i].kinds & (int)kind)) {
            fields[i].read(f, fields[i].name, v, issues);
            return;
        }
    issue_unknown(issues, name);
}

bool key_form_read(struct text body, enum key_form_kind kind, struct key_form *out,
                   struct issue_list *issues)
{
    json_t *root = text_trim(body).len ? json_loadb(body.at, body.len, JSON_DECODE_ANY, NULL)
                                       : json_object();
    *out = (struct key_form){.change = STORE_KEY_UNCHANGED};
    if (!root)
        issue_custom(issues, NULL, "The body is not valid JSON");
    else if (!json_is_object(root))
        issue_json(issues, NULL, "object", root);
    for (void *i = json_object_iter(root); i; i = json_object_iter_next(root, i))
        read_member(out, kind, json_object_iter_key(i), json_object_iter_value(i), issues);
    json_decref(root);
    if (out->has_name)
        out->change.name = out->name;
    return issues->n == 0;
}
