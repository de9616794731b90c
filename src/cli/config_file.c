/* config_file.c - the config file: YAML, read by libcyaml with a schema made of the same tables
 * as the flags.
 *
 *     listen: 0.0.0.0:8080
 *     keep: 30d
 *     models:
 *       - id: video-01           a built-in row: only what is written here changes
 *         credits: 60000
 *       - id: my-film            a new one: what is not written is as in video-01
 *         engine: storyboard
 *
 * All values are read as text, so that a value means the same in every place it may stand.
 *
 * SPDX-License-Identifier: MIT */
#include <cyaml/cyaml.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/config_impl.h"
#include "engine/engine.h"
#include "model/wan/parts.h"

#define AT(member) offsetof(struct model, member)

static bool check_engine(const char *value, const char **rule)
{
    *rule = "must be an engine that this program has";
    return engine_find(value) != NULL;
}

static bool check_id(const char *value, const char **rule)
{
    *rule = "must be 1 to 63 letters, digits, '-', '_', '.', '/' and ':'";
    size_t len = strlen(value);
    return len >= 1 && len <= 63 &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") ==
               len;
}

/* The one list of what a model's row in the file may say; offsets are of struct model. */
static const struct option model_options[] = {
    {.name = "id", .type = OPTION_TEXT, .offset = AT(id), .check = check_id},
    {.name = "aliases", .type = OPTION_TEXT, .offset = AT(aliases), .max = 500},
    {.name = "name", .type = OPTION_TEXT, .offset = AT(name), .max = 200},
    {.name = "developer", .type = OPTION_TEXT, .offset = AT(developer), .max = 200},
    {.name = "description", .type = OPTION_TEXT, .offset = AT(description), .max = 2000},
    {.name = "engine", .type = OPTION_TEXT, .offset = AT(engine), .check = check_engine},
    {.name = "path", .type = OPTION_TEXT, .offset = AT(path), .max = 4000},
    {.name = "settings", .type = OPTION_TEXT, .offset = AT(settings), .max = 4000},
    {.name = "released", .type = OPTION_TEXT, .offset = AT(released), .max = 10},
    {.name = "credits", .type = OPTION_LONG, .offset = AT(credits), .max = 1000000000000},
    {.name = "prompt-max", .type = OPTION_INT, .offset = AT(prompt_max), .min = 1, .max = 100000},
    {.name = "image-required", .type = OPTION_FLAG, .offset = AT(image_required)},
    {.name = "text-only", .type = OPTION_FLAG, .offset = AT(text_only)},
    {.name = "width", .type = OPTION_INT, .offset = AT(width), .min = 64, .max = 4096, .step = 2},
    {.name = "height", .type = OPTION_INT, .offset = AT(height), .min = 64, .max = 4096, .step = 2},
    {.name = "fps", .type = OPTION_INT, .offset = AT(fps), .min = 1, .max = 120},
    {.name = "frames", .type = OPTION_INT, .offset = AT(n_frames), .min = 1, .max = 100000},
    {0},
};

enum {
    N_MODEL_OPTIONS = sizeof model_options / sizeof *model_options - 1,
    MODELS_MAX = 64,
};

/* The file as libcyaml leaves it: a text beside each row, NULL where the file says nothing. */
struct model_row {
    char *text[N_MODEL_OPTIONS];
};

struct document {
    char *text[CONFIG_MOST_OPTIONS];
    struct model_row *models;
    uint32_t n_models;
};

/* ---- models -------------------------------------------------------------------------------- */

/* A copy that owns its strings. */
static struct model model_copy(const struct model *m)
{
    struct model copy = *m;
    for (const struct option *o = model_options; o->name; o++) {
        char **at = (char **)(void *)((char *)&copy + o->offset);
        if (o->type == OPTION_TEXT && *at)
            *at = mem_dup(*at);
    }
    return copy;
}

static struct model *rows_of(const struct config *c)
{
    return (struct model *)c->catalogue.rows; /* made below, writable */
}

void config_file_standard_models(struct config *c)
{
    struct model *rows = mem_alloc((size_t)n_model_builtin * sizeof *rows);
    for (int i = 0; i < n_model_builtin; i++)
        rows[i] = model_copy(&model_builtin[i]);
    c->catalogue = (struct model_catalogue){.rows = rows, .n_rows = n_model_builtin};
}

void config_file_free_models(struct config *c)
{
    for (int i = 0; i < c->catalogue.n_rows; i++)
        option_fini(model_options, &rows_of(c)[i]);
    mem_free(rows_of(c));
    c->catalogue = (struct model_catalogue){0};
}

/* The row called id, made like the first one when there is none. */
static struct model *model_for(struct config *c, const char *id)
{
    struct model *rows = rows_of(c);
    int n = c->catalogue.n_rows;
    for (int i = 0; i < n; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    const struct model *open = model_open_find(text_of(id));
    rows = mem_grow(rows, (size_t)(n + 1) * sizeof *rows);
    struct model like = open ? *open : rows[0];
    if (!open) {
        like.name = id;
        like.aliases = "";
    }
    like.id = id;
    rows[n] = model_copy(&like);
    c->catalogue = (struct model_catalogue){.rows = rows, .n_rows = n + 1};
    return &rows[n];
}

/* Where the weights of a model are when its row says nothing: an open model's under its own name,
 * whatever the row calls it. */
static void find_weights(const struct config *c, struct model *m)
{
    const struct model *open = model_open_find(text_of(m->id));
    if (!m->path) {
        m->path = mem_printf("%s/models/%s", c->data, open ? open->id : m->id);
        m->pull = open ? open->id : NULL;
    }
}

/* Open models whose weights have come to the data directory as a whole; others that an engine needs
 * weights for are looked for there, too. */
int config_file_finish_models(struct config *c, struct error *err)
{
    for (int i = 0; i < n_model_open; i++) {
        SCOPED(mem) char *folder = mem_printf("%s/models/%s", c->data, model_open[i].id);
        if (access(folder, R_OK) == 0 && parts_are_whole(folder))
            model_for(c, model_open[i].id);
    }
    for (int i = 0; i < c->catalogue.n_rows; i++) {
        struct model *m = &rows_of(c)[i];
        const struct engine_driver *driver = engine_find(m->engine);
        const struct engine_options o = {.model = m->id, .path = m->path, .settings = m->settings};
        if (driver && driver->needs_path)
            find_weights(c, m);
        m->alone = driver && driver->alone;
        if (m->settings && driver && !driver->check)
            return error_set(err, ERR_INVALID, "model %s: engine %s has no settings", m->id,
                             m->engine);
        if (driver && driver->check && driver->check(&o, err) < 0)
            return error_prefix(err, "settings of model %s", m->id);
    }
    return 0;
}

static int apply_model(struct config *c, const struct model_row *row, const char *name,
                       struct error *err)
{
    const char *id = row->text[0] ? row->text[0] : "";
    struct model *m = model_for(c, id);
    for (int i = 0; i < N_MODEL_OPTIONS; i++) {
        if (!row->text[i])
            continue;
        char subject[120];
        snprintf(subject, sizeof subject, "%s of model %.40s in %.40s", model_options[i].name, id,
                 name);
        int rc = option_set(&model_options[i], m, row->text[i], subject, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- YAML ---------------------------------------------------------------------------------- */

struct complaint {
    char what[120]; /* the first error's words */
    char where[16]; /* its line                */
};

static void on_log(cyaml_log_t level, void *arg, const char *fmt, va_list args)
{
    struct complaint *c = arg;
    char line[160];
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, fmt, args);
    const char *text = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
    const char *at = strstr(text, "(line: ");
    if (!c->what[0])
        snprintf(c->what, sizeof c->what, "%.*s", (int)strcspn(text, "\n"), text);
    else if (at && !c->where[0])
        snprintf(c->where, sizeof c->where, "%.*s", (int)strspn(at + 7, "0123456789"), at + 7);
}

static struct cyaml_schema_field text_field(const char *key, size_t offset)
{
    return (struct cyaml_schema_field){
        .key = key,
        .data_offset = (uint32_t)offset,
        .value = {.type = CYAML_STRING,
                  .flags = (enum cyaml_flag)(CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL),
                  .data_size = sizeof(char),
                  .string = {.min = 0, .max = CYAML_UNLIMITED}},
    };
}

static void fill_fields(struct cyaml_schema_field *fields, const struct option *table,
                        size_t offset)
{
    for (size_t i = 0; table[i].name; i++)
        fields[i] = text_field(table[i].name, offset + i * sizeof(char *));
}

static int apply_document(struct config *c, const struct document *d, const char *name,
                          struct error *err)
{
    int rc = 0;
    for (int i = 0; config_options[i].name && rc == 0; i++) {
        char subject[120];
        const char *key = config_options[i].name;
        if (!d->text[i])
            continue;
        snprintf(subject, sizeof subject, "%s in %.80s", key, name);
        if (config_options[i].offset == offsetof(struct config, config))
            rc = error_set(err, ERR_INVALID, "%s: a config file cannot name another", subject);
        else
            rc = config_set(c, i, d->text[i], subject, CONFIG_FILE, err);
    }
    for (uint32_t i = 0; i < d->n_models && rc == 0; i++)
        rc = apply_model(c, &d->models[i], name, err);
    return rc;
}

int config_file_apply(struct config *c, const char *name, struct text yaml, struct error *err)
{
    struct cyaml_schema_field model_fields[N_MODEL_OPTIONS + 1] = {0};
    struct cyaml_schema_field fields[CONFIG_MOST_OPTIONS + 2] = {0};
    fill_fields(model_fields, model_options, offsetof(struct model_row, text));
    model_fields[0].value.flags = CYAML_FLAG_POINTER; /* id: required */
    const struct cyaml_schema_value model = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct model_row, model_fields)};
    fill_fields(fields, config_options, offsetof(struct document, text));
    size_t n = 0;
    while (fields[n].key)
        n++;
    fields[n] = (struct cyaml_schema_field)CYAML_FIELD_SEQUENCE_COUNT(
        "models", CYAML_FLAG_POINTER_NULL | CYAML_FLAG_OPTIONAL, struct document, models, n_models,
        &model, 0, MODELS_MAX);
    const struct cyaml_schema_value top = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct document, fields)};

    struct complaint complaint = {"", ""};
    const struct cyaml_config how = {.log_fn = on_log,
                                     .log_ctx = &complaint,
                                     .mem_fn = cyaml_mem,
                                     .log_level = CYAML_LOG_ERROR,
                                     .flags = CYAML_CFG_NO_ALIAS};
    void *loaded = NULL;
    cyaml_err_t rc = cyaml_load_data((const uint8_t *)(yaml.at ? yaml.at : ""), yaml.len, &how,
                                     &top, &loaded, NULL);
    if (rc != CYAML_OK)
        return error_set(err, ERR_INVALID, "%s: %s%s%s", name,
                         complaint.what[0] ? complaint.what : cyaml_strerror(rc),
                         complaint.where[0] ? ", near line " : "", complaint.where);
    int applied = loaded ? apply_document(c, loaded, name, err) : 0;
    cyaml_free(&how, &top, loaded, 0);
    return applied;
}
