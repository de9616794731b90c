/* clean_test.c - prompts as the reference cleans them. SPDX-License-Identifier: MIT */
#include "model/wan/clean.h"

#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "unit.h"

TEST(prompts_are_cleaned_as_the_reference_cleans_them)
{
    json_error_t where;
    json_t *root = json_load_file(GOLDEN "/text_clean_cases.json", JSON_ALLOW_NUL, &where);
    assert_non_null(root);
    const json_t *list = json_object_get(root, "cases");
    assert_true(json_array_size(list) > 40);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i), *in = json_object_get(c, "in");
        const char *want = json_string_value(json_object_get(c, "out"));
        struct error err;
        SCOPED(mem) char *out = NULL;
        CHECK_OK(
            clean_prompt(&out, (struct text){json_string_value(in), json_string_length(in)}, &err),
            err);
        if (strcmp(out, want) != 0)
            fail_msg("\"%s\" became \"%s\", not \"%s\"", json_string_value(in), out, want);
    }
    json_decref(root);
}

TEST(numbers_that_name_no_character_are_left_out_or_replaced)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a&#0;b", "a\xef\xbf\xbd"
                   "b"},
        {"a&#xd800;b", "a\xef\xbf\xbd"
                       "b"},
        {"a&#99999999999;b", "a\xef\xbf\xbd"
                             "b"},
        {"a&#1;b", "ab"},
        {"a&#;b", "a&#;b"},
        {"a&#x;b", "a&#x;b"},
        {"&", "&"},
        {"&;", "&;"},
        {"&#128;", "\xe2\x82\xac"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err;
        SCOPED(mem) char *out = NULL;
        CHECK_OK(clean_prompt(&out, text_of(cases[i].in), &err), err);
        assert_string_equal(out, cases[i].out);
    }
}
