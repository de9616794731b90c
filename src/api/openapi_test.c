/* openapi_test.c - unit tests of the document and the pages made from the tables.
 *
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "api/openapi.h"
#include "api/openapi_impl.h"
#include "api/sample.h"
#include "base/memory.h"

static json_t *document(void)
{
    SCOPED(mem) char *text = openapi_json(&sample_catalogue, "http://here");
    json_t *d = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(d);
    return d;
}

/* The node at "#/a/b". */
static json_t *resolve(json_t *root, const char *reference)
{
    struct text rest = text_of(reference);
    json_t *node = root;
    assert_true(text_equal(text_cut(&rest, '/'), TEXT("#")));
    while (rest.len && node) {
        struct text part = text_cut(&rest, '/');
        char key[128];
        snprintf(key, sizeof key, "%.*s", (int)part.len, part.at);
        node = json_object_get(node, key);
    }
    return node;
}

static void check_references(json_t *root, json_t *node)
{
    const char *key;
    json_t *child;
    json_object_foreach(node, key, child)
    {
        if (strcmp(key, "$ref") == 0 && !resolve(root, json_string_value(child)))
            fail_msg("%s leads nowhere", json_string_value(child));
        check_references(root, child);
    }
    for (size_t i = 0; i < json_array_size(node); i++)
        check_references(root, json_array_get(node, i));
}

TEST(every_reference_of_the_document_leads_somewhere)
{
    json_t *d = document();
    check_references(d, d);
    assert_string_equal(json_string_value(json_object_get(d, "openapi")), "3.0.3");
    json_decref(d);
}

static json_t *operation_of(json_t *d, const struct aiml_operation *op)
{
    char path[OPENAPI_PATH_SIZE];
    char method[8] = {0};
    openapi_path(&op->route, path);
    for (int i = 0; i < 7 && op->route.method[i]; i++)
        method[i] = (char)(op->route.method[i] | 0x20);
    json_t *found = json_object_get(json_object_get(json_object_get(d, "paths"), path), method);
    if (!found)
        fail_msg("%s %s is not in the document", op->route.method, path);
    return found;
}

TEST(every_route_is_in_the_document_once)
{
    json_t *d = document();
    json_t *ids = json_object();
    for (int i = 0; i < aiml_n_operations; i++) {
        json_t *op = operation_of(d, &aiml_operations[i]);
        const char *id = json_string_value(json_object_get(op, "operationId"));
        assert_non_null(id);
        assert_null(json_object_get(ids, id));
        json_object_set_new(ids, id, json_true());
        assert_non_null(json_object_get(json_object_get(op, "responses"), "default"));
    }
    assert_int_equal(json_object_size(ids), aiml_n_operations);
    json_decref(ids);
    json_decref(d);
}

TEST(every_query_parameter_is_in_the_document)
{
    json_t *d = document();
    for (int i = 0; i < aiml_n_operations; i++) {
        json_t *params = json_object_get(operation_of(d, &aiml_operations[i]), "parameters");
        const struct param_field *f = aiml_operations[i].query;
        for (; f && f->name; f++) {
            bool found = false;
            for (size_t k = 0; k < json_array_size(params); k++) {
                const json_t *name = json_object_get(json_array_get(params, k), "name");
                found |= strcmp(json_string_value(name), f->name) == 0;
            }
            assert_true(found);
            assert_non_null(f->about);
        }
    }
    json_decref(d);
}

TEST(both_request_bodies_have_all_fields_under_their_names)
{
    json_t *d = document();
    const char *const names[] = {"#/components/schemas/Create",
                                 "#/components/schemas/CreateLegacy"};
    for (int form = 0; form < FIELDS_FORMS; form++) {
        json_t *schema = resolve(d, names[form]);
        json_t *properties = json_object_get(schema, "properties");
        assert_int_equal(json_object_size(properties), FIELD_IDS);
        for (int i = 0; i < FIELD_IDS; i++)
            assert_non_null(json_object_get(properties, fields_rows[i].name[form]));
        assert_int_equal(json_array_size(json_object_get(schema, "required")), 2);
    }
    json_t *models = resolve(d, "#/components/schemas/Create/properties/model/enum");
    assert_int_equal(json_array_size(models), 4); /* two ids, two aliases */
    json_decref(d);
}

TEST(the_markdown_names_every_route_field_and_parameter)
{
    SCOPED(mem) char *text = openapi_markdown(&sample_catalogue);
    for (int i = 0; i < aiml_n_operations; i++) {
        char path[OPENAPI_PATH_SIZE];
        openapi_path(&aiml_operations[i].route, path);
        assert_non_null(strstr(text, path));
        for (const struct param_field *f = aiml_operations[i].query; f && f->name; f++)
            assert_non_null(strstr(text, f->name));
    }
    for (int i = 0; i < FIELD_IDS; i++)
        assert_non_null(strstr(text, fields_rows[i].name[FIELDS_LEGACY]));
}

TEST(the_page_has_the_anchors_that_messages_name)
{
    SCOPED(mem) char *html = openapi_html(&sample_catalogue, "http://here");
    assert_non_null(strstr(html, "id=\"keys\""));
    assert_non_null(strstr(html, "id=\"credits\""));
    assert_non_null(strstr(html, "id=\"video-01-live2d\""));
    assert_non_null(strstr(html, "http://here/v2/video/generations"));
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "http://127.0.0.1:8080"));
}

TEST(markdown_becomes_html_and_nothing_gets_through)
{
    SCOPED(text_buf) struct text_buf b;
    text_buf_init(&b, 65536);
    openapi_page(&b, TEXT("# A <b> & `c`\n\none *two* `<x>` a*b\nthree\n\n| a | b |\n|---|---|\n"
                          "| `1` | x \\| y |\n\n- <i>\n- j\n\n```\n<pre> *k* `l`\n# m\n```\n"));
    const char *body = strstr(b.at, "<body>\n") + 7;
    assert_string_equal(body, "<h1 id=\"a-b--c\">A &lt;b&gt; &amp; <code>c</code></h1>\n"
                              "<p>one <em>two</em> <code>&lt;x&gt;</code> a*b\nthree\n</p>\n"
                              "<table>\n<tr><th>a</th><th>b</th></tr>\n"
                              "<tr><td><code>1</code></td><td>x | y</td></tr>\n</table>\n"
                              "<ul>\n<li>&lt;i&gt;</li>\n<li>j</li>\n</ul>\n"
                              "<pre><code>&lt;pre&gt; *k* `l`\n# m\n</code></pre>\n"
                              "</body></html>\n");
}
