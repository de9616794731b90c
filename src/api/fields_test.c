/* fields_test.c - unit tests of the request body: bodies and the issues they give.
 *
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "api/sample.h"
#include "base/memory.h"

#define MODELS                                                                                     \
    "'code':'invalid_enum_value','options':['video-01','video-01-live2d'],'path':['model'],"       \
    "'message':'Invalid enum value. Expected ~video-01~ | ~video-01-live2d~, received "
#define MISSING(field)                                                                             \
    "{'code':'invalid_type','expected':'string','received':'undefined','path':['" field            \
    "'],'message':'Required'}"
#define WRONG(field, expected, received)                                                           \
    "{'code':'invalid_type','expected':'" expected "','received':'" received "','path':['" field   \
    "'],'message':'Expected " expected ", received " received "'}"
#define BAD_URL(field)                                                                             \
    "{'validation':'url','code':'invalid_string','message':'Invalid url','path':['" field "']}"
#define EMPTY                                                                                      \
    "{'code':'too_small','minimum':1,'type':'string','inclusive':true,'exact':false,"              \
    "'message':'String must contain at least 1 character(s)','path':['prompt']}"
#define NUMBER(code, member, limit, words)                                                         \
    "{'code':'" code "','" member "':" limit ",'type':'number','inclusive':true,'exact':false,"    \
    "'message':'Number must be " words " than or equal to " limit "','path':['seed']}"

/* Both quotes are needed inside: ~ in an expectation stands for ', see unescape. */
struct row {
    enum fields_form form;
    const char *body;
    const char *issues;
};

static const struct row rows[] = {
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'a fox'}", "[]"},
    {FIELDS_LEGACY, "{'model':'video-01','prompt':'a fox'}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'v1','prompt':'a fox'}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'minimax/video-01','prompt':'a fox'}", "[]"},
    {FIELDS_UNIVERSAL, "{}", "[" MISSING("model") "," MISSING("prompt") "]"},
    {FIELDS_UNIVERSAL, "{'model':null,'prompt':null}",
     "[" MISSING("model") "," MISSING("prompt") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01'}", "[" MISSING("prompt") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','image_url':'http://a.example/b'}",
     "[" MISSING("prompt") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-02','prompt':'x'}",
     "[{'received':'video-02'," MODELS "~video-02~'}]"},
    {FIELDS_UNIVERSAL, "{'model':'Video-01','prompt':'x'}",
     "[{'received':'Video-01'," MODELS "~Video-01~'}]"},
    {FIELDS_UNIVERSAL, "{'model':7,'prompt':'x'}", "[" WRONG("model", "string", "number") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':['x']}",
     "[" WRONG("prompt", "string", "array") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':{}}",
     "[" WRONG("prompt", "string", "object") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':true}",
     "[" WRONG("prompt", "string", "boolean") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':''}", "[" EMPTY "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':' \\n\\u3000\\u00a0'}", "[" EMPTY "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'','image_url':'https://a.example/b.png'}",
     "[]"},
    {FIELDS_LEGACY, "{'model':'video-01','prompt':' ','image_url':'https://a.example/b.png'}",
     "[]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'','image_url':null}", "[" EMPTY "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'a\\u0000b'}",
     "[{'code':'custom','path':['prompt'],"
     "'message':'String must not contain the character U+0000'}]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','enhance_prompt':'true'}",
     "[" WRONG("enhance_prompt", "boolean", "string") "]"},
    {FIELDS_LEGACY, "{'model':'video-01','prompt':'x','prompt_optimizer':0}",
     "[" WRONG("prompt_optimizer", "boolean", "number") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','prompt_optimizer':1}",
     "[" WRONG("prompt_optimizer", "boolean", "number") "]"},
    {FIELDS_UNIVERSAL,
     "{'model':'video-01','prompt':'x','enhance_prompt':false,'prompt_optimizer':1}", "[]"},
    {FIELDS_LEGACY, "{'model':'video-01','prompt':'x','enhance_prompt':1,'prompt_optimizer':true}",
     "[]"},
    {FIELDS_UNIVERSAL,
     "{'model':'video-01','prompt':'x','enhance_prompt':null,'prompt_optimizer':1}",
     "[" WRONG("prompt_optimizer", "boolean", "number") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','image_url':5}",
     "[" WRONG("image_url", "string", "number") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','image_url':''}",
     "[" BAD_URL("image_url") "]"},
    {FIELDS_LEGACY, "{'model':'video-01','prompt':'x','first_frame_image':'ftp://a/b.png'}",
     "[" BAD_URL("first_frame_image") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','first_frame_image':'nothing'}",
     "[" BAD_URL("first_frame_image") "]"},
    {FIELDS_UNIVERSAL,
     "{'model':'video-01','prompt':'x','image_url':'http://a','first_frame_image':5}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01-live2d','prompt':'x'}", "[" MISSING("image_url") "]"},
    {FIELDS_LEGACY, "{'model':'video-01-live2d','prompt':'x'}",
     "[" MISSING("first_frame_image") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':0}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':9007199254740991}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':7.0}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':null}", "[]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':-1}",
     "[" NUMBER("too_small", "minimum", "0", "greater") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':1e30}",
     "[" NUMBER("too_big", "maximum", "9007199254740991", "less") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':1.5}",
     "[" WRONG("seed", "integer", "float") "]"},
    {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'x','seed':'1'}",
     "[" WRONG("seed", "number", "string") "]"},
    {FIELDS_UNIVERSAL,
     "{'model':'video-01','prompt':'x','duration':99999999999999999999,'n':{'a':[1,'\\u0000']}}",
     "[]"},
    {FIELDS_UNIVERSAL, "{'model':'?','prompt':1,'image_url':[],'enhance_prompt':{},'seed':'z'}",
     "[{'received':'?'," MODELS "~?~'}," WRONG("prompt", "string", "number") "," WRONG(
         "image_url", "string", "array") "," WRONG("enhance_prompt", "boolean",
                                                   "object") "," WRONG("seed", "number",
                                                                       "string") "]"},
    {FIELDS_UNIVERSAL, "[]",
     "[{'code':'invalid_type','expected':'object','received':'array','path':[],"
     "'message':'Expected object, received array'}]"},
    {FIELDS_UNIVERSAL, "null",
     "[{'code':'invalid_type','expected':'object','received':'null','path':[],"
     "'message':'Expected object, received null'}]"},
    {FIELDS_UNIVERSAL, "'text'",
     "[{'code':'invalid_type','expected':'object','received':'string','path':[],"
     "'message':'Expected object, received string'}]"},
    {FIELDS_UNIVERSAL, "\xef\xbb\xbf{'model':'video-01','prompt':'a fox'}", "[]"},
};

/* ' becomes ", ~ becomes '. */
static char *unescape(const char *s)
{
    char *out = mem_dup(s);
    for (char *c = out; *c; c++)
        *c = *c == '\'' ? '"' : *c == '~' ? '\'' : *c;
    return out;
}

static void check_row(const struct row *row)
{
    SCOPED(mem) char *body = unescape(row->body);
    SCOPED(mem) char *expected = unescape(row->issues);
    SCOPED(fields_request) struct fields_request r;
    struct issue_list issues;
    issue_list_init(&issues);
    bool good = fields_read(text_of(body), row->form, &sample_catalogue, &r, &issues);
    assert_int_equal(good, strcmp(expected, "[]") == 0);
    SCOPED(mem) char *actual = issue_list_take(&issues);
    json_t *a = json_loads(actual, JSON_ALLOW_NUL, NULL);
    json_t *e = json_loads(expected, JSON_ALLOW_NUL, NULL);
    if (!e || !json_equal(a, e))
        fail_msg("%s\nexpected %s\n     got %s", body, expected, actual);
    json_decref(a);
    json_decref(e);
}

TEST(of_a_key_that_stands_twice_the_last_counts)
{
    SCOPED(fields_request) struct fields_request r;
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    assert_true(fields_read(TEXT("{\"model\":5,\"prompt\":\"a\",\"prompt\":\"b\","
                                 "\"model\":\"video-01\"}"),
                            FIELDS_UNIVERSAL, &sample_catalogue, &r, &issues));
    assert_true(text_equal(r.prompt, TEXT("b")));
}

TEST(a_wrong_image_does_not_stand_for_the_prompt)
{
    static const struct row cases[] = {
        {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'','image_url':5}",
         "[" EMPTY "," WRONG("image_url", "string", "number") "]"},
        {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':' ','image_url':'ftp://a.example/b'}",
         "[" EMPTY "," BAD_URL("image_url") "]"},
        {FIELDS_UNIVERSAL, "{'model':'video-01','prompt':'','image_url':''}",
         "[" EMPTY "," BAD_URL("image_url") "]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_row(&cases[i]);
}

TEST(each_body_gives_exactly_its_issues)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i]);
}

/* The one issue's message of a body that is not JSON. */
static void check_syntax(struct text body, const char *word)
{
    SCOPED(fields_request) struct fields_request r;
    struct issue_list issues;
    issue_list_init(&issues);
    assert_false(fields_read(body, FIELDS_UNIVERSAL, &sample_catalogue, &r, &issues));
    SCOPED(mem) char *actual = issue_list_take(&issues);
    if (!strstr(actual, word))
        fail_msg("expected \"%s\" in %s", word, actual);
    json_t *a = json_loads(actual, 0, NULL);
    assert_int_equal(json_array_size(a), 1);
    json_decref(a);
}

TEST(hostile_json_is_refused_with_a_reason)
{
    check_syntax(TEXT(""), "not valid JSON");
    check_syntax(TEXT("{"), "ends too early");
    check_syntax(TEXT("{} {}"), "follows its end");
    check_syntax(TEXT("{'a':1}"), "invalid syntax");
    check_syntax(TEXT("{\"a\":NaN}"), "invalid syntax");
    check_syntax(TEXT("{\"a\":1,}"), "invalid syntax");
    check_syntax(TEXT("{\"a\":1e999}"), "too large");
    check_syntax(TEXT("{\"a\":\"\xff\"}"), "UTF-8");
    check_syntax(TEXT("{\"a\":\"\xed\xa0\x80\"}"), "UTF-8");
    check_syntax(TEXT("{\"a\":\"\\ud800\"}"), "invalid syntax");
    check_syntax(TEXT("{\"a\\u0000\":1}"), "U+0000");
    check_syntax(TEXT("\0"), "not valid JSON");
    check_syntax(TEXT("\xef\xbb\xbf\xef\xbb\xbf{}"), "not valid JSON");
}

TEST(deep_nesting_is_refused_without_harm)
{
    enum { DEPTH = 100000 };
    SCOPED(mem) char *deep = mem_alloc(DEPTH + 1);
    memset(deep, '[', DEPTH);
    check_syntax(text_of(deep), "too deeply");
    for (int i = 0; i < DEPTH; i++)
        deep[i] = "{\"a\":"[i % 5];
    check_syntax(text_of(deep), "too deeply");
}

static int read_prompt_of(const char *letter, int n)
{
    SCOPED(text_buf) struct text_buf b;
    SCOPED(fields_request) struct fields_request r;
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    text_buf_init(&b, 1 << 20);
    text_buf_add_text(&b, "{\"model\":\"video-01\",\"prompt\":\"");
    for (int i = 0; i < n; i++)
        text_buf_add_text(&b, letter);
    text_buf_add_text(&b, "\"}");
    fields_read((struct text){b.at, b.len}, FIELDS_UNIVERSAL, &sample_catalogue, &r, &issues);
    return issues.n;
}

TEST(a_prompt_has_two_thousand_code_points_and_not_one_more)
{
    const char *const letters[] = {
        "x", "\xc3\xa9", "\xe8\xaa\x9e", "\xf0\x9f\x90\x89", "\\ud83d\\udc09", "\\n"};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        assert_int_equal(read_prompt_of(letters[i], 2000), strcmp(letters[i], "\\n") == 0);
        assert_int_equal(read_prompt_of(letters[i], 2001), 1);
    }
}

TEST(what_was_read_is_what_was_sent)
{
    SCOPED(fields_request) struct fields_request r;
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    assert_true(
        fields_read(TEXT("{\"model\":\"v1\",\"prompt\":\"caf\\u00e9\",\"first_frame_image\":"
                         "\"https://a.example/b.png\",\"prompt_optimizer\":false,\"seed\":42}"),
                    FIELDS_UNIVERSAL, &sample_catalogue, &r, &issues));
    assert_string_equal(r.model->id, "video-01");
    assert_true(text_equal(r.prompt, TEXT("caf\xc3\xa9")));
    assert_int_equal(r.frame.kind, FIRST_FRAME_URL);
    assert_true(text_equal(r.frame.url, TEXT("https://a.example/b.png")));
    assert_string_equal(r.frame_name, "first_frame_image");
    assert_false(r.enhance);
    assert_true(r.has_seed);
    assert_int_equal(r.seed, 42);
}

TEST(absent_fields_have_their_defaults)
{
    SCOPED(fields_request) struct fields_request r;
    SCOPED(issue_list) struct issue_list issues;
    issue_list_init(&issues);
    assert_true(fields_read(TEXT("{\"model\":\"video-01\",\"prompt\":\"x\"}"), FIELDS_LEGACY,
                            &sample_catalogue, &r, &issues));
    assert_true(r.enhance);
    assert_false(r.has_seed);
    assert_int_equal(r.frame.kind, FIRST_FRAME_NONE);
}

TEST(a_long_wrong_model_is_repeated_in_part_only)
{
    SCOPED(text_buf) struct text_buf b;
    SCOPED(fields_request) struct fields_request r;
    struct issue_list issues;
    issue_list_init(&issues);
    text_buf_init(&b, 1 << 20);
    text_buf_add_text(&b, "{\"prompt\":\"x\",\"model\":\"");
    for (int i = 0; i < 100000; i++)
        text_buf_add_text(&b, "\xc3\xa9");
    text_buf_add_text(&b, "\"}");
    fields_read((struct text){b.at, b.len}, FIELDS_UNIVERSAL, &sample_catalogue, &r, &issues);
    SCOPED(mem) char *actual = issue_list_take(&issues);
    assert_true(strlen(actual) < 1000);
    json_t *a = json_loads(actual, 0, NULL);
    assert_non_null(a);
    json_decref(a);
}
