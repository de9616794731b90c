/* models.c - see models.h. SPDX-License-Identifier: MIT */
#include "api/models.h"

#include <stdio.h>

#include "api/call.h"
#include "api/emit.h"
#include "api/problem.h"
#include "media/image.h"

enum { REPLY_MAX = 4 * 1024 * 1024, ETAG_SIZE = 80 };

static const char model_type[] = "internal/video-generations/submit";

enum { INCLUDE, DETAILS, ID, TYPE, TAGS, MODALITIES, INPUTS, OUTPUTS, CAPABILITIES };

const struct param_field models_query[] = {
    [INCLUDE] = {.name = "include",
                 .repeats = true,
                 .about = "What more to tell: pricing, modalities, capabilities, or all."},
    [DETAILS] = {.name = "details", .about = "true or 1: include=all."},
    [ID] = {.name = "id", .repeats = true, .about = "Only models with this id or alias."},
    [TYPE] = {.name = "type", .repeats = true, .about = "Only models of this type."},
    [TAGS] = {.name = "tags", .repeats = true, .about = "Only models with one of these tags."},
    [MODALITIES] = {.name = "modalities",
                    .repeats = true,
                    .about = "Only models that take or make one of these."},
    [INPUTS] = {.name = "input_modalities",
                .repeats = true,
                .about = "Only models that take one of these: text, image."},
    [OUTPUTS] = {.name = "output_modalities",
                 .repeats = true,
                 .about = "Only models that make one of these: video."},
    [CAPABILITIES] = {.name = "capabilities",
                      .repeats = true,
                      .about = "Only models with one of these: text_to_video, image_to_video."},
    {.name = NULL},
};

static const char *capabilities_of(const struct model *m)
{
    return m->image_required ? "image_to_video"
           : m->text_only    ? "text_to_video"
                             : "text_to_video image_to_video";
}

static struct text inputs_of(const struct model *m)
{
    return m->text_only ? TEXT("text") : TEXT("text image");
}

/* ---- what is asked for --------------------------------------------------------------------- */

/* Is word one of the words, which sep stands between? */
static bool has_word(struct text words, char sep, struct text word)
{
    while (words.len) {
        struct text w = text_trim(text_cut(&words, sep));
        if (w.len && text_equal_nocase(w, word))
            return true;
    }
    return false;
}

static void include(struct models_wish *w, struct text words)
{
    bool all = has_word(words, ',', TEXT("all"));
    w->pricing |= all || has_word(words, ',', TEXT("pricing"));
    w->modalities |= all || has_word(words, ',', TEXT("modalities"));
    w->limits |= all;
    w->capabilities |= all || has_word(words, ',', TEXT("capabilities"));
}

static int row_of(const char *name)
{
    int row = 0;
    while (models_query[row].name && !text_equal(text_of(models_query[row].name), text_of(name)))
        row++;
    return row;
}

void models_wish_add(struct models_wish *w, const char *name, const char *value)
{
    const int most = sizeof w->filters / sizeof *w->filters;
    struct text words = text_of(value);
    int row = row_of(name);
    if (row == INCLUDE)
        include(w, words);
    else if (row == DETAILS) {
        if (text_equal_nocase(words, TEXT("true")) || text_equal(words, TEXT("1")))
            include(w, TEXT("all"));
    } else if (models_query[row].name && text_trim(words).len && w->n_filters < most)
        w->filters[w->n_filters++] = (struct models_filter){.row = row, .words = words};
}

static bool fits(const struct model *m, int row, struct text word)
{
    const struct text inputs = inputs_of(m);
    const struct text outputs = TEXT("video");
    switch (row) {
    case ID:
        return text_equal_nocase(text_of(m->id), word) || has_word(text_of(m->aliases), ' ', word);
    case TYPE:
        return text_equal_nocase(text_of(model_type), word);
    case TAGS:
        return text_equal_nocase(TEXT("playground:video"), word);
    case INPUTS:
        return has_word(inputs, ' ', word);
    case OUTPUTS:
        return has_word(outputs, ' ', word);
    case MODALITIES:
        return has_word(inputs, ' ', word) || has_word(outputs, ' ', word);
    default:
        return has_word(text_of(capabilities_of(m)), ' ', word);
    }
}

static bool fits_any(const struct models_wish *w, const struct model *m, int row)
{
    bool asked = false;
    for (int i = 0; i < w->n_filters; i++) {
        struct text words = w->filters[i].words;
        if (w->filters[i].row != row)
            continue;
        asked = true;
        while (words.len)
            if (fits(m, row, text_trim(text_cut(&words, ','))))
                return true;
    }
    return !asked;
}

bool models_match(const struct models_wish *w, const struct model *m)
{
    for (int row = ID; row <= CAPABILITIES; row++)
        if (!fits_any(w, m, row))
            return false;
    return true;
}

/* ---- one model ----------------------------------------------------------------------------- */

static void add_words(struct text_buf *b, struct text words)
{
    bool first = true;
    text_buf_add_text(b, "[");
    while (words.len) {
        struct text w = text_cut(&words, ' ');
        if (!w.len)
            continue;
        text_buf_add_text(b, first ? "" : ",");
        emit_text(b, w);
        first = false;
    }
    text_buf_add_text(b, "]");
}

static void add_address(struct text_buf *b, const char *name, const char *public_url,
                        const char *place, const char *id)
{
    SCOPED(text_buf) struct text_buf url;
    text_buf_init(&url, REPLY_MAX);
    text_buf_printf(&url, "%s%s%s", public_url, place, id);
    emit_member(b, name, url.at);
}

static void add_info(struct text_buf *b, const struct model *m, const char *public_url)
{
    emit_member(b, ",\"info\":{\"releasedAt\":", m->released);
    emit_member(b, ",\"name\":", m->name);
    emit_member(b, ",\"developer\":", m->developer);
    emit_member(b, ",\"description\":", m->description);
    add_address(b, ",\"url\":", public_url, "/docs/api#", m->id);
    add_address(b, ",\"docsUrl\":", public_url, "/docs/api#", m->id);
    add_address(b, ",\"docsJson\":", public_url, "/openapi.json", "");
    text_buf_add_text(b, "}");
}

/* Of the image as image_issues has them. */
static void add_limits(struct text_buf *b, const struct model *m)
{
    text_buf_printf(b,
                    ",\"limits\":{\"prompt_max\":%d,\"image\":{\"required\":%s,"
                    "\"types\":[\"image/jpeg\",\"image/png\"],\"bytes_max\":%d,"
                    "\"short_side_over\":%d,\"ratio_over\":0.4,\"ratio_under\":2.5},"
                    "\"credits\":",
                    m->prompt_max, m->image_required ? "true" : "false", IMAGE_MOST_BYTES,
                    IMAGE_LEAST_SIDE);
    emit_int(b, m->credits);
    text_buf_add_text(b, "}");
}

void models_write(struct text_buf *b, const struct models_wish *w, const struct model *m,
                  const char *public_url)
{
    emit_member(b, "{\"id\":", m->id);
    add_info(b, m, public_url);
    emit_member(b, ",\"type\":", model_type);
    text_buf_add_text(b, ",\"aliases\":");
    add_words(b, text_of(m->aliases));
    text_buf_add_text(b, ",\"tags\":[\"playground:video\"]");
    if (w->modalities) {
        text_buf_add_text(b, ",\"modalities\":{\"input\":");
        add_words(b, inputs_of(m));
        text_buf_add_text(b, ",\"output\":[\"video\"]}");
    }
    if (w->capabilities) {
        text_buf_add_text(b, ",\"capabilities\":");
        add_words(b, text_of(capabilities_of(m)));
    }
    if (w->pricing) {
        text_buf_add_text(b, ",\"pricing\":{\"kind\":\"fixed\",\"currency\":\"USD\",\"units\":["
                             "{\"name\":\"video\",\"measure\":\"output\",\"price\":");
        emit_usd(b, m->credits);
        text_buf_add_text(b, ",\"per\":1}]}");
    }
    if (w->limits)
        add_limits(b, m);
    text_buf_add_text(b, "}");
}

/* ---- the answers --------------------------------------------------------------------------- */

static void add_each(void *arg, const char *name, const char *value)
{
    models_wish_add(arg, name, value);
}

static void write_etag(struct text body, char out[ETAG_SIZE])
{
    uint8_t hash[HASH_SIZE];
    char word[48];
    hash_sha256(body, hash);
    text_base64url_encode(hash, 20, word);
    snprintf(out, ETAG_SIZE, "W/\"%zx-%s\"", body.len, word);
}

static void reply(struct http_exchange *x, struct text_buf *b)
{
    char etag[ETAG_SIZE];
    if (b->failed) {
        problem_reply(x, 500, NULL);
        return;
    }
    write_etag((struct text){b->at, b->len}, etag);
    http_reply_header(x, "ETag", etag);
    http_reply_header(x, "Cache-Control", "max-age=60");
    if (http_unchanged(http_header(x, "If-None-Match"), etag))
        http_reply(x, 304, NULL, TEXT(""));
    else
        http_reply(x, 200, "application/json; charset=utf-8", (struct text){b->at, b->len});
}

void models_list(struct http_exchange *x)
{
    const struct model_catalogue *c = call_api(x)->options.catalogue;
    struct models_wish wish = {.n_filters = 0};
    SCOPED(text_buf) struct text_buf b;
    bool first = true;
    http_query_each(x, add_each, &wish);
    text_buf_init(&b, REPLY_MAX);
    text_buf_add_text(&b, "{\"object\":\"list\",\"data\":[");
    for (int i = 0; i < c->n_rows; i++) {
        if (!models_match(&wish, &c->rows[i]))
            continue;
        text_buf_add_text(&b, first ? "" : ",");
        models_write(&b, &wish, &c->rows[i], call_public_url(x));
        first = false;
    }
    text_buf_add_text(&b, "]}");
    reply(x, &b);
}

void models_get(struct http_exchange *x)
{
    const struct model_catalogue *c = call_api(x)->options.catalogue;
    struct models_wish wish = {.n_filters = 0};
    SCOPED(text_buf) struct text_buf b;
    struct text id = text_of(http_capture(x, "id"));
    int i = 0;
    http_query_each(x, add_each, &wish);
    text_buf_init(&b, REPLY_MAX);
    while (i < c->n_rows && !fits(&c->rows[i], ID, id))
        i++;
    if (i == c->n_rows) {
        problem_reply(x, 404, "Model not found");
        return;
    }
    text_buf_add_text(&b, "{\"object\":\"model\",\"data\":");
    models_write(&b, &wish, &c->rows[i], call_public_url(x));
    text_buf_add_text(&b, "}");
    reply(x, &b);
}
