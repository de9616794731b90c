/* query.c - fuzz target: the query parameters of every route that has some, and the windows and
 * filters made of them. Input: "name=value&…", as if decoded.
 *
 * SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "api/aiml.h"
#include "api/billing.h"
#include "api/models.h"
#include "base/memory.h"

typedef void each_param(void *arg, const char *name, const char *value);

/* Cuts text, which it changes, into parameters. */
static void cut(char *text, each_param *each, void *arg)
{
    while (*text) {
        char *name = text;
        text = strchrnul(text, '&');
        if (*text)
            *text++ = 0;
        char *value = strchrnul(name, '=');
        if (*value)
            *value++ = 0;
        each(arg, name, value);
    }
}

static void add_param(void *arg, const char *name, const char *value)
{
    param_set_add(arg, name, value);
}

static void add_wish(void *arg, const char *name, const char *value)
{
    models_wish_add(arg, name, value);
}

static void check_issues(struct issue_list *issues)
{
    SCOPED(mem) char *text = issue_list_take(issues);
    json_t *list = text ? json_loads(text, JSON_ALLOW_NUL, NULL) : NULL;
    assert(json_array_size(list) > 0);
    json_decref(list);
}

static void read_table(const struct param_field *fields, bool strict, struct text query)
{
    SCOPED(mem) char *copy = mem_dup_n(query.at, query.len);
    SCOPED(param_set) struct param_set q;
    int64_t from;
    int64_t to;
    param_set_init(&q, fields, strict);
    cut(copy, add_param, &q);
    bool good = param_set_end(&q);
    if (good && fields == billing_usage_query) {
        good = billing_window(&q, 1800000000000000, &from, &to);
        assert(!good || (from <= to && to - from <= 92LL * 86400 * 1000000));
    }
    if (!good)
        check_issues(&q.issues);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text query = {(const char *)data, size};
    struct models_wish wish = {.n_filters = 0};
    SCOPED(mem) char *copy = mem_dup_n(query.at, query.len);
    for (int i = 0; i < aiml_n_operations; i++)
        if (aiml_operations[i].query)
            read_table(aiml_operations[i].query, i % 2 == 0, query);
    cut(copy, add_wish, &wish);
    for (int i = 0; i < n_model_builtin; i++)
        models_match(&wish, &model_builtin[i]);
    return 0;
}
