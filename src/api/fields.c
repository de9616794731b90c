/* fields.c - see fields.h. SPDX-License-Identifier: MIT */
#include "api/fields.h"

#include <math.h>
#include <string.h>

enum { MOST_MODELS = 64 };

const struct fields_row fields_rows[FIELD_IDS] = {
    [FIELD_MODEL] = {.name = {"model", "model"},
                     .type = FIELDS_WORD,
                     .required = true,
                     .about = "Which model makes the video. Its aliases work too."},
    [FIELD_PROMPT] = {.name = {"prompt", "prompt"},
                      .type = FIELDS_TEXT,
                      .required = true,
                      .max = 2000,
                      .about = "The text description of the scene, subject, or action to generate "
                               "in the video. Characters are Unicode code points. It may be empty "
                               "or blank only when a first frame is there."},
    [FIELD_IMAGE] = {.name = {"image_url", "first_frame_image"},
                     .type = FIELDS_IMAGE,
                     .about = "A direct link to an online image or a Base64-encoded local image "
                              "(a data URI or bare base64) that will serve as the first frame for "
                              "the video. Image specifications: format must be JPG, JPEG, or PNG; "
                              "aspect ratio should be greater than 2:5 and less than 5:2; the "
                              "shorter side must exceed 300 pixels; file size must not exceed "
                              "20MB."},
    [FIELD_ENHANCE] = {.name = {"enhance_prompt", "prompt_optimizer"},
                       .type = FIELDS_BOOL,
                       .standard = "true",
                       .about = "If True, the incoming prompt will be automatically optimized to "
                                "improve generation quality when needed. For more precise "
                                "control, set it to False: the model will then follow the "
                                "instructions more strictly."},
    [FIELD_SEED] = {.name = {"seed", "seed"},
                    .type = FIELDS_INT,
                    .min = 0,
                    .max = (1LL << 53) - 1, /* beyond it a number of JSON has neighbours */
                    .about = "The same seed, prompt and image give the same video. Drawn at "
                             "random when it is absent."},
};

/* One reading of one body. */
struct reading {
    const json_t *body;
    enum fields_form form;
    const struct model_catalogue *catalogue;
    struct fields_request *out;
    struct issue_list *issues;
};

/* The field's value and the name it came under, the route's own first; NULL when it is absent. */
static const json_t *find(const struct reading *r, enum fields_id id, const char **out_name)
{
    const struct fields_row *row = &fields_rows[id];
    for (int i = 0; i < FIELDS_FORMS; i++) {
        *out_name = row->name[((int)r->form + i) % FIELDS_FORMS];
        const json_t *v = json_object_get(r->body, *out_name);
        if (v && !json_is_null(v))
            return v;
    }
    *out_name = row->name[r->form];
    return NULL;
}

static bool read_string(const struct reading *r, enum fields_id id, bool required,
                        const char **out_name, struct text *out)
{
    const json_t *v = find(r, id, out_name);
    if (!v && required)
        issue_required(r->issues, *out_name, "string");
    if (v && !json_is_string(v))
        issue_json(r->issues, *out_name, "string", v);
    if (!json_is_string(v))
        return false;
    *out = (struct text){json_string_value(v), json_string_length(v)};
    return true;
}

static void read_model(const struct reading *r)
{
    const char *options[MOST_MODELS];
    const char *name;
    struct text word;
    int n = 0;
    if (!read_string(r, FIELD_MODEL, true, &name, &word))
        return;
    r->out->model = model_find(r->catalogue, word);
    for (; n < r->catalogue->n_rows && n < MOST_MODELS; n++)
        options[n] = r->catalogue->rows[n].id;
    const struct model *open = r->out->model ? NULL : model_open_find(word);
    if (open)
        issue_custom(
            r->issues, name,
            "The weights of %s are not on this server: \"zoetrope model pull %s\" brings them",
            open->id, open->id);
    else if (!r->out->model)
        issue_enum(r->issues, name, options, n, word);
}

static void read_image(const struct reading *r)
{
    struct fields_request *out = r->out;
    bool required = out->model && out->model->image_required;
    struct text value;
    if (read_string(r, FIELD_IMAGE, required, &out->frame_name, &value))
        first_frame_read(value, out->frame_name, &out->frame, r->issues);
}

/* Is a first frame there that may stand for a prompt? What is wrong with it, read_image tells. */
static bool has_image(const struct reading *r)
{
    const char *name;
    struct first_frame frame;
    SCOPED(issue_list) struct issue_list ignored;
    const json_t *v = find(r, FIELD_IMAGE, &name);
    issue_list_init(&ignored);
    return json_is_string(v) &&
           first_frame_read((struct text){json_string_value(v), json_string_length(v)}, name,
                            &frame, &ignored);
}

static void read_prompt(const struct reading *r)
{
    const struct model *model = r->out->model;
    int64_t most = model ? model->prompt_max : fields_rows[FIELD_PROMPT].max;
    const char *name;
    struct text prompt;
    if (!read_string(r, FIELD_PROMPT, true, &name, &prompt))
        return;
    if (memchr(prompt.at, 0, prompt.len))
        issue_custom(r->issues, name, "String must not contain the character U+0000");
    if ((int64_t)text_utf8_length(prompt) > most)
        issue_long(r->issues, name, most);
    else if (text_is_blank(prompt) && !has_image(r))
        issue_short(r->issues, name, 1);
    r->out->prompt = prompt;
}

static void read_enhance(const struct reading *r)
{
    const char *name;
    const json_t *v = find(r, FIELD_ENHANCE, &name);
    r->out->enhance = !v || json_is_true(v);
    if (v && !json_is_boolean(v))
        issue_json(r->issues, name, "boolean", v);
}

static void read_seed(const struct reading *r)
{
    const struct fields_row *row = &fields_rows[FIELD_SEED];
    const char *name;
    const json_t *v = find(r, FIELD_SEED, &name);
    if (!v)
        return;
    double number = json_number_value(v);
    if (!json_is_number(v))
        issue_json(r->issues, name, "number", v);
    else if (number != floor(number))
        issue_type(r->issues, name, "integer", "float");
    else if (number < (double)row->min)
        issue_below(r->issues, name, row->min);
    else if (number > (double)row->max)
        issue_above(r->issues, name, row->max);
    else {
        r->out->has_seed = true;
        r->out->seed = (uint64_t)number;
    }
}

/* Why the parser stopped, in words of ours: its own repeat bytes of the body. */
static const char *syntax_word(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
        return "it is not well-formed UTF-8";
    case json_error_premature_end_of_input:
        return "it ends too early";
    case json_error_end_of_input_expected:
        return "something follows its end";
    case json_error_stack_overflow:
        return "it is nested too deeply";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_null_byte_in_key:
    case json_error_null_character:
    case json_error_null_value:
        return "a key has the character U+0000";
    default:
        return "invalid syntax";
    }
}

static json_t *parse(struct text body, struct issue_list *issues)
{
    /* 1 and 1.0 are one number, and of a key that stands twice the last counts: as in JavaScript.
     */
    const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    const struct text mark = TEXT("\xef\xbb\xbf");
    json_error_t why;
    if (text_starts(body, mark)) {
        body.at += mark.len;
        body.len -= mark.len;
    }
    json_t *root = json_loadb(body.at, body.len, flags, &why);
    if (!root)
        issue_custom(issues, NULL, "The body is not valid JSON: %s (line %d, column %d)",
                     syntax_word(json_error_code(&why)), why.line, why.column);
    return root;
}

bool fields_read(struct text body, enum fields_form form, const struct model_catalogue *catalogue,
                 struct fields_request *out, struct issue_list *issues)
{
    *out = (struct fields_request){.root = parse(body, issues)};
    if (!out->root)
        return false;
    if (!json_is_object(out->root)) {
        issue_json(issues, NULL, "object", out->root);
        return false;
    }
    struct reading r = {
        .body = out->root, .form = form, .catalogue = catalogue, .out = out, .issues = issues};
    read_model(&r);
    read_prompt(&r);
    read_image(&r);
    read_enhance(&r);
    read_seed(&r);
    return issues->n == 0;
}

void fields_request_fini(struct fields_request *r)
{
    json_decref(r->root);
    *r = (struct fields_request){.root = NULL};
}
