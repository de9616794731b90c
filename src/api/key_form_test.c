/* key_form_test.c - bodies that make and change keys. SPDX-License-Identifier: MIT */
#include "api/key_form.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

static bool read(const char *body, enum key_form_kind kind, struct key_form *out, char **issues)
{
    struct issue_list list;
    issue_list_init(&list);
    bool good = key_form_read(text_of(body), kind, out, &list);
    *issues = issue_list_take(&list);
    return good;
}

TEST(what_a_body_says_is_read_and_the_rest_stays)
{
    struct key_form f;
    SCOPED(mem) char *issues = NULL;
    assert_true(read("{\"name\":\"a\",\"limit\":{\"retention\":\"week\",\"threshold\":0.06},"
                     "\"scopes\":[\"model:image\",\"model:video\"],\"jobs_at_once\":3,"
                     "\"credits_add\":-5}",
                     KEY_FORM_CHANGE, &f, &issues));
    assert_string_equal(f.change.name, "a");
    assert_int_equal(f.change.spend_max, 120000);
    assert_int_equal(f.change.spend_window, STORE_WEEK);
    assert_int_equal(f.change.scopes, KEY_SCOPE_VIDEO | KEY_SCOPE_IMAGE);
    assert_int_equal(f.change.jobs_at_once, 3);
    assert_int_equal(f.change.requests_per_minute, -1);
    assert_int_equal(f.change.disabled, -1);
    assert_int_equal(f.change.credits_add, -5);
}

TEST(an_empty_body_and_null_are_no_wish)
{
    struct key_form f;
    SCOPED(mem) char *issues = NULL;
    SCOPED(mem) char *more = NULL;
    assert_true(read(" ", KEY_FORM_CREATE, &f, &issues));
    assert_null(f.change.name);
    assert_false(f.has_credits);
    assert_true(read("{\"name\":null,\"limit\":null,\"scopes\":null}", KEY_FORM_CREATE, &f, &more));
    assert_int_equal(f.change.spend_max, 0);
    assert_int_equal(f.change.scopes, 0);
}

TEST(every_fault_is_told_under_its_name)
{
    static const struct {
        const char *body;
        enum key_form_kind kind;
        const char *says;
    } rows[] = {
        {"{", KEY_FORM_CREATE, "not valid JSON"},
        {"[]", KEY_FORM_CREATE, "Expected object"},
        {"{\"x\":1}", KEY_FORM_CREATE, "unrecognized_keys"},
        {"{\"disabled\":true}", KEY_FORM_CREATE, "unrecognized_keys"},
        {"{\"credits\":1}", KEY_FORM_CHANGE, "unrecognized_keys"},
        {"{\"name\":7}", KEY_FORM_CREATE, "Expected string, received number"},
        {"{\"name\":\"ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ\"}", KEY_FORM_CREATE,
         "63 bytes of UTF-8, has 64"},
        {"{\"name\":\"a\\nb\"}", KEY_FORM_CREATE, "control characters"},
        {"{\"credits\":-1}", KEY_FORM_CREATE, "too_small"},
        {"{\"credits\":1.5}", KEY_FORM_CREATE, "Expected integer"},
        {"{\"jobs_at_once\":1000001}", KEY_FORM_CREATE, "too_big"},
        {"{\"jobs_at_once\":\"1\"}", KEY_FORM_CREATE, "Expected number"},
        {"{\"disabled\":1}", KEY_FORM_CHANGE, "Expected boolean"},
        {"{\"scopes\":[\"x\"]}", KEY_FORM_CREATE, "invalid_enum_value"},
        {"{\"scopes\":[]}", KEY_FORM_CREATE, "At least one"},
        {"{\"scopes\":\"model:video\"}", KEY_FORM_CREATE, "Expected array"},
        {"{\"limit\":{\"retention\":\"year\",\"threshold\":1}}", KEY_FORM_CREATE, "no_reset"},
        {"{\"limit\":{\"retention\":\"day\",\"threshold\":0}}", KEY_FORM_CREATE, "threshold"},
        {"{\"limit\":{\"retention\":\"day\"}}", KEY_FORM_CREATE,
         "\"path\":[\"limit\",\"threshold\"],\"message\":\"Required\""},
        {"{\"limit\":{\"threshold\":1}}", KEY_FORM_CREATE,
         "\"path\":[\"limit\",\"retention\"],\"message\":\"Required\""},
        {"{\"limit\":[1]}", KEY_FORM_CREATE, "Expected object, received array"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct key_form f;
        SCOPED(mem) char *issues = NULL;
        if (read(rows[i].body, rows[i].kind, &f, &issues) || !strstr(issues, rows[i].says))
            fail_msg("%s gave %s", rows[i].body, issues);
    }
}
