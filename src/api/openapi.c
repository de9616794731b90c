/* openapi.c - see openapi.h: the document for programs. SPDX-License-Identifier: MIT */
#include "api/openapi.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/openapi_impl.h"
#include "api/problem.h"
#include "base/memory.h"

static const char about[] =
    "Text or an image in, a video out: the video endpoints of the AI/ML API for video-01, answered "
    "by your own machine. Create a generation, then poll it by its id until its status is "
    "completed or error.";

/* ---- request ------------------------------------------------------------------------------- */

static json_t *model_names(const struct model_catalogue *c)
{
    json_t *names = json_array();
    for (int i = 0; i < c->n_rows; i++)
        json_array_append_new(names, json_string(c->rows[i].id));
    for (int i = 0; i < c->n_rows; i++) {
        struct text rest = text_of(c->rows[i].aliases);
        while (rest.len) {
            struct text alias = text_cut(&rest, ' ');
            if (alias.len)
                json_array_append_new(names, json_stringn(alias.at, alias.len));
        }
    }
    return names;
}

static json_t *field_schema(const struct fields_row *row, const struct model_catalogue *c)
{
    static const char *const types[] = {
        [FIELDS_WORD] = "string",  [FIELDS_TEXT] = "string", [FIELDS_IMAGE] = "string",
        [FIELDS_BOOL] = "boolean", [FIELDS_INT] = "integer",
    };
    json_t *s = json_pack("{s:s, s:s}", "type", types[row->type], "description", row->about);
    if (row->type == FIELDS_WORD)
        json_object_set_new(s, "enum", model_names(c));
    if (row->type == FIELDS_TEXT)
        json_object_set_new(s, "maxLength", json_integer(row->max));
    if (row->type == FIELDS_IMAGE)
        json_object_set_new(s, "format", json_string("uri"));
    if (row->type == FIELDS_INT) {
        json_object_set_new(s, "minimum", json_integer(row->min));
        json_object_set_new(s, "maximum", json_integer(row->max));
    }
    if (row->standard)
        json_object_set_new(s, "default", openapi_literal(row->standard));
    if (!row->required)
        json_object_set_new(s, "nullable", json_true());
    return s;
}

static json_t *request_schema(enum fields_form form, const struct model_catalogue *c)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    for (int i = 0; i < FIELD_IDS; i++) {
        const struct fields_row *row = &fields_rows[i];
        json_object_set_new(properties, row->name[form], field_schema(row, c));
        if (row->required)
            json_array_append_new(required, json_string(row->name[form]));
    }
    return json_pack("{s:s, s:o, s:o}", "type", "object", "required", required, "properties",
                     properties);
}

static const char *request_name(enum fields_form form)
{
    return form == FIELDS_LEGACY ? "CreateLegacy" : "Create";
}

static json_t *reference(const char *kind, const char *name)
{
    char path[96];
    snprintf(path, sizeof path, "#/components/%s/%s", kind, name);
    return json_pack("{s:s}", "$ref", path);
}

static json_t *content(const char *type, json_t *schema)
{
    return json_pack("{s:{s:o}}", type, "schema", schema);
}

static json_t *request_body(enum fields_form form)
{
    return json_pack("{s:b, s:o}", "required", 1, "content",
                     content("application/json", reference("schemas", request_name(form))));
}

static json_t *other_body(const char *schema)
{
    return json_pack("{s:b, s:o}", "required", 0, "content",
                     content("application/json", reference("schemas", schema)));
}

/* ---- parameters ---------------------------------------------------------------------------- */

void openapi_path(const struct http_route *route, char *out)
{
    const char *dots = strstr(route->path, "...}");
    snprintf(out, OPENAPI_PATH_SIZE, "%.*s%s",
             (int)(dots ? dots - route->path : (ptrdiff_t)strlen(route->path)), route->path,
             dots ? "}" : "");
}

void openapi_param_limits(const struct param_field *f, char *out)
{
    out[0] = 0;
    if (f->type == PARAM_INT || f->type == PARAM_SECONDS)
        snprintf(out, OPENAPI_LIMITS_SIZE, "%" PRId64 " to %" PRId64, f->min, f->max);
    for (int i = 0; f->type == PARAM_WORD && f->word(i); i++) {
        size_t n = strlen(out);
        snprintf(out + n, OPENAPI_LIMITS_SIZE - n, "%s%s", i ? ", " : "", f->word(i));
    }
}

static json_t *words_of(const struct param_field *f)
{
    json_t *words = json_array();
    for (int i = 0; f->word(i); i++)
        json_array_append_new(words, json_string(f->word(i)));
    return words;
}

static json_t *param_schema(const struct param_field *f)
{
    bool number = f->type == PARAM_INT || f->type == PARAM_SECONDS;
    const char *type = f->type == PARAM_INT ? "integer" : number ? "number" : "string";
    json_t *s = json_pack("{s:s}", "type", type);
    if (number) {
        json_object_set_new(s, "minimum", json_integer(f->min));
        json_object_set_new(s, "maximum", json_integer(f->max));
    }
    if (f->type == PARAM_INT)
        json_object_set_new(s, "default", json_integer(f->standard));
    if (f->type == PARAM_WORD)
        json_object_set_new(s, "enum", words_of(f));
    if (f->type == PARAM_TEXT && f->min)
        json_object_set_new(s, "minLength", json_integer(f->min));
    if (f->type == PARAM_TEXT && f->max)
        json_object_set_new(s, "maxLength", json_integer(f->max));
    if (f->type == PARAM_PERIOD)
        json_object_set_new(s, "pattern", json_string("^[1-9][0-9]*[hd]$"));
    return s;
}

static json_t *query_param(const struct param_field *f)
{
    return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", f->name, "in", "query", "required",
                     f->required, "description", f->about, "schema", param_schema(f));
}

static json_t *parameters(const struct aiml_operation *op)
{
    json_t *all = json_array();
    const char *open = strchr(op->route.path, '{');
    if (open) {
        size_t len = strcspn(open + 1, ".}");
        json_array_append_new(all,
                              json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", open + 1, len, "in",
                                        "path", "required", 1, "schema", "type", "string"));
    }
    for (const struct param_field *f = op->query; f && f->name; f++)
        json_array_append_new(all, query_param(f));
    return all;
}

/* ---- responses ----------------------------------------------------------------------------- */

static const char *const trace_headers[] = {"x-request-id",        "x-inference-id",
                                            "x-client-request-id", "x-aimlapi-credits-used",
                                            "x-aimlapi-usd-spent", NULL};

static json_t *header_refs(bool inference)
{
    json_t *all = json_object();
    for (int i = 0; trace_headers[i] && (inference || i < 1); i++)
        json_object_set_new(all, trace_headers[i], reference("headers", trace_headers[i]));
    return all;
}

static json_t *headers(void)
{
    return openapi_literal(
        "{'x-request-id':{'description':'Names this request.','schema':{'type':'string'}},"
        "'x-inference-id':{'description':'The id of the generation.','schema':{'type':'string'}},"
        "'x-client-request-id':{'description':'X-Client-Request-Id of the request, when it has 1 "
        "to 128 of A-Z a-z 0-9 . _ : -','schema':{'type':'string'}},"
        "'x-aimlapi-credits-used':{'description':'Credits of the generation.',"
        "'schema':{'type':'integer'}},"
        "'x-aimlapi-usd-spent':{'description':'The same in US dollars, nine places.',"
        "'schema':{'type':'string'}}}");
}

/* Of each content type that is named. */
static json_t *media(const char *types)
{
    json_t *all = json_object();
    struct text rest = text_of(types);
    while (rest.len) {
        struct text type = text_cut(&rest, ' ');
        json_t *schema = json_pack("{s:s}", "type", "string");
        if (!text_starts(type, TEXT("text/")))
            json_object_set_new(schema, "format", json_string("binary"));
        SCOPED(mem) char *name = mem_dup_n(type.at, type.len);
        json_object_set_new(all, name, json_pack("{s:o}", "schema", schema));
    }
    return all;
}

static json_t *success(const struct aiml_operation *op)
{
    bool is_media = strchr(op->reply, '/') != NULL;
    bool traced = strcmp(op->group, "Generations") == 0 && !is_media;
    json_t *body = is_media ? media(op->reply)
                            : content("application/json", reference("schemas", op->reply));
    return json_pack("{s:s, s:o, s:o}", "description", op->summary, "headers", header_refs(traced),
                     "content", body);
}

static json_t *problem_response(const char *description)
{
    return json_pack("{s:s, s:o, s:o}", "description", description, "headers", header_refs(false),
                     "content",
                     content("application/problem+json", reference("schemas", "Problem")));
}

/* "BadRequest": the exception's name without its end. */
static void problem_name(const struct problem_row *row, char out[64])
{
    const char *end = strstr(row->name, "Exception");
    snprintf(out, 64, "%.*s", (int)(end - row->name), row->name);
}

static json_t *problem_responses(void)
{
    json_t *all = json_object();
    for (const struct problem_row *row = problem_rows; row->status; row++) {
        char name[64];
        problem_name(row, name);
        json_object_set_new(all, name, problem_response(row->title));
    }
    json_object_set_new(all, "Refused", problem_response("Any other refusal"));
    return all;
}

/* Statuses below 400 have no problem body. */
static json_t *other_response(int status)
{
    char name[64];
    const char *words = status == 206   ? "A part of the file"
                        : status == 302 ? "Elsewhere"
                        : status == 304 ? "Unchanged"
                                        : NULL;
    if (words)
        return json_pack("{s:s}", "description", words);
    problem_name(problem_row_of(status), name);
    return reference("responses", name);
}

static json_t *responses(const struct aiml_operation *op)
{
    json_t *all = json_object();
    struct text rest = text_of(op->statuses);
    if (op->reply)
        json_object_set_new(all, "200", success(op));
    while (rest.len) {
        struct text word = text_cut(&rest, ' ');
        int64_t status = 0;
        char key[8];
        text_int(word, 200, 599, &status);
        snprintf(key, sizeof key, "%d", (int)status);
        json_object_set_new(all, key, other_response((int)status));
    }
    json_object_set_new(all, "default", reference("responses", "Refused"));
    return all;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* "create_v2_video_generations", unique: a name and a path. */
static json_t *operation_id(const struct aiml_operation *op)
{
    char id[160];
    snprintf(id, sizeof id, "%s%s", op->route.name, op->route.path);
    for (char *c = id; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    return json_string(id);
}

static json_t *idempotency_header(void)
{
    return openapi_literal("{'name':'Idempotency-Key','in':'header','required':false,"
                           "'description':'A repeated key gives the same answer, with another "
                           "body 409.','schema':{'type':'string','minLength':1,'maxLength':255}}");
}

static json_t *operation(const struct aiml_operation *op)
{
    json_t *params = parameters(op);
    if (op->has_body)
        json_array_append_new(params, idempotency_header());
    json_t *o = json_pack("{s:o, s:[s], s:s, s:o, s:o}", "operationId", operation_id(op), "tags",
                          op->group, "summary", op->summary, "parameters", params, "responses",
                          responses(op));
    if (op->has_body)
        json_object_set_new(o, "requestBody", request_body(op->form));
    if (op->body)
        json_object_set_new(o, "requestBody", other_body(op->body));
    if (op->open)
        json_object_set_new(o, "security", json_array());
    return o;
}

static json_t *paths(void)
{
    json_t *all = json_object();
    for (int i = 0; i < aiml_n_operations; i++) {
        const struct aiml_operation *op = &aiml_operations[i];
        char path[OPENAPI_PATH_SIZE];
        char method[8] = {0};
        openapi_path(&op->route, path);
        for (int k = 0; k < 7 && op->route.method[k]; k++)
            method[k] = (char)(op->route.method[k] | 0x20);
        json_t *item = json_object_get(all, path);
        if (!item) {
            item = json_object();
            json_object_set_new(all, path, item);
        }
        json_object_set_new(item, method, operation(op));
    }
    return all;
}

static json_t *components(const struct model_catalogue *catalogue)
{
    json_t *schemas = openapi_schemas();
    for (int form = 0; form < FIELDS_FORMS; form++)
        json_object_set_new(schemas, request_name((enum fields_form)form),
                            request_schema((enum fields_form)form, catalogue));
    return json_pack("{s:o, s:o, s:o, s:{s:{s:s, s:s}}}", "schemas", schemas, "headers", headers(),
                     "responses", problem_responses(), "securitySchemes", "key", "type", "http",
                     "scheme", "bearer");
}

char *openapi_json(const struct model_catalogue *catalogue, const char *server_url)
{
    json_t *document = json_pack(
        "{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:[{s:[]}], s:o, s:o}", "openapi", "3.0.3", "info",
        "title", "Zoetrope", "version", ZOETROPE_VERSION, "description", about, "servers", "url",
        server_url, "security", "key", "paths", paths(), "components", components(catalogue));
    char *text = json_dumps(document, JSON_INDENT(2));
    json_decref(document);
    /* jansson's memory is the C library's, as mem_free's is. */
    return text;
}
