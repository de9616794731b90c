/* body.c - fuzz target: the body of a create, read on both routes. What is taken must be as the
 * contract has it; what is refused must say why, in JSON.
 *
 * SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <assert.h>

#include "api/fields.h"
#include "base/memory.h"

static void check_issues(struct issue_list *issues)
{
    SCOPED(mem) char *text = issue_list_take(issues);
    json_t *list = text ? json_loads(text, JSON_ALLOW_NUL, NULL) : NULL;
    assert(json_array_size(list) > 0);
    json_decref(list);
}

static void check_taken(const struct fields_request *r)
{
    assert(r->model && text_utf8_valid(r->prompt));
    assert(text_utf8_length(r->prompt) <= (size_t)r->model->prompt_max);
    assert(r->frame.kind != FIRST_FRAME_NONE || !text_is_blank(r->prompt));
    assert(r->frame.kind != FIRST_FRAME_NONE || !r->model->image_required);
}

static void read_form(struct text body, enum fields_form form)
{
    const struct model_catalogue catalogue = {model_builtin, n_model_builtin};
    SCOPED(fields_request) struct fields_request r;
    struct issue_list issues;
    size_t len;
    issue_list_init(&issues);
    bool good = fields_read(body, form, &catalogue, &r, &issues);
    assert(good == (issues.n == 0));
    if (good)
        check_taken(&r);
    if (r.frame.kind == FIRST_FRAME_DATA)
        mem_free(first_frame_decode(&r.frame, r.frame_name, &len, &issues));
    if (issues.n)
        check_issues(&issues);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text body = {(const char *)data, size};
    for (int form = 0; form < FIELDS_FORMS; form++)
        read_form(body, (enum fields_form)form);
    return 0;
}
