/* openapi_text.c - the API for people: docs/api.md and the page at /docs/api, from the same tables.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "api/emit.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/openapi_impl.h"
#include "api/problem.h"

enum { TEXT_MAX = 4 * 1024 * 1024 };

static const char introduction[] =
    "# The HTTP API\n\n"
    "Text or an image in, a video out: the video endpoints of the AI/ML API for `video-01`. A "
    "client written for that API works after changing the host; nothing else. Create a generation "
    "with a POST, then poll it by its id until its status is `completed` or `error`.\n\n"
    "This page is made from the program's own tables; `/openapi.json` says the same to programs.\n";

static const char keys[] =
    "\n## Keys\n\n"
    "Every request but those marked *no key* carries `Authorization: Bearer KEY`. A key is 64 "
    "hexadecimal characters; its first 8 are its prefix. The server shows a key once, when it is "
    "made, and keeps only its hash:\n\n"
    "```\nzoetrope key create --name NAME\nzoetrope key list\nzoetrope key revoke PREFIX\n```\n\n"
    "An administrator's key (the first one, or one made with `--admin`) may do the same over "
    "`/v1/keys`, and more: disable a key, give it credits, a limit of spending "
    "(`{\"retention\":\"month\",\"threshold\":25}`, in US dollars) or scopes. It makes videos as "
    "any "
    "other key.\n\n"
    "A key may have a limit of requests per minute (429 with `Retry-After`, and `RateLimit-Limit`, "
    "`RateLimit-Remaining`, `RateLimit-Reset` on every reply) and of jobs at once (429).\n";

static const char credits[] =
    "\n## Credits\n\n"
    "2,000,000 credits are one US dollar. The credits of a video are reserved when it is created, "
    "charged when it is completed, given back when it fails or is cancelled. Reading is free. A "
    "key is metered, and limited only when it was made so or was ever given credits:\n\n"
    "```\nzoetrope key credit PREFIX CREDITS\n```\n\n"
    "A limited key without enough credits is answered 403 with `error.data.kind` "
    "`err_insufficent_credits`.\n";

static const char create_notes[] =
    "The body is a JSON object in UTF-8, `Content-Type: application/json` or none. Each route "
    "takes its own names and the other's too; when both are there its own wins. Types are strict, "
    "`null` counts as absent, unknown fields are ignored; of a field that stands twice the last "
    "counts.\n\n"
    "`Idempotency-Key` (1 to 255 printable ASCII characters) makes a repeat safe: the same key "
    "with the same body gives the first answer again, with `Idempotency-Replayed: true`; with "
    "another body 409.\n\n"
    "```\ncurl -X POST http://127.0.0.1:8080/v2/video/generations \\\n"
    "  -H \"Authorization: Bearer $KEY\" -H \"Content-Type: application/json\" \\\n"
    "  -d '{\"model\":\"video-01\",\"prompt\":\"A fox runs over a snowy hill.\"}'\n```\n\n"
    "```\n{\"id\":\"V1StGXR8Z5jdHi6BmyT8k\",\"generation_id\":\"V1StGXR8Z5jdHi6BmyT8k\","
    "\"status\":\"queued\",\n \"meta\":{\"usage\":{\"credits_used\":120000,"
    "\"tokens_used\":120000}}}\n```\n";

static const char poll_notes[] =
    "\n## Polling\n\n"
    "An id made on one route can be read on every other, as `?generation_id=ID` or `/ID`. With "
    "`wait=SECONDS` the answer is held until the status changes or the time is over.\n\n"
    "`queued` and `generating`:\n\n"
    "```\n{\"id\":\"…\",\"status\":\"generating\",\n"
    " \"meta\":{\"progress\":0.42,\"stage\":\"drawing\",\"eta_seconds\":4,\"usage\":{…}}}\n```\n\n"
    "`position` (queued jobs before this one, counted to 1000) is there only while queued, "
    "`eta_seconds` only when such work was measured.\n\n"
    "`completed`:\n\n"
    "```\n{\"id\":\"…\",\"status\":\"completed\",\n"
    " \"video\":{\"url\":\"http://…/generations/….mp4?Expires=…&Signature=…\","
    "\"duration\":5.64},\n"
    " \"duration\":5.64,\"error\":null,\n"
    " \"meta\":{\"usage\":{…},\"engine\":\"storyboard\",\"prompt\":\"as the engine got it\","
    "\"seed\":7,\n  \"width\":1280,\"height\":720,\"fps\":25,\"bytes\":2378313,"
    "\"poster_url\":\"…\",\"preview_url\":\"…\",\n  "
    "\"plan\":{…},\"timings\":[{\"stage\":\"drawing\","
    "\"seconds\":1.234}],\"ended_at\":\"…\"}}\n```\n\n"
    "In every state `meta` has `model`, `created_at`, `prompt_original`, `enhance` and "
    "`has_image`. `plan` is what the storyboard read in the prompt; a video of a neural model has "
    "`network` instead: its `name`, `sampler`, `steps`, `shift` and `guidance`, and the size, "
    "number and rate of the frames that it made itself.\n\n"
    "`error` has `\"video\":null` and `\"error\":{\"name\":\"…\",\"message\":\"…\"}`; it costs "
    "nothing.\n\n"
    "The url needs no key: its signature is the permission. It stays the same within the hour, "
    "expires (403), and a poll after that gives a fresh one. It answers `Range`, `HEAD` and "
    "`If-None-Match`.\n\n"
    "## Events\n\n"
    "`GET /v2/video/generations/events` tells what becomes of the key's jobs as server-sent "
    "events, `generation_id=` of some alone. First the present state, then each new state, stage "
    "and per cent; `removed` when a record leaves. Come back with `Last-Event-ID` and you get what "
    "changed since, each job as it is now, nothing lost and nothing twice, also after a restart of "
    "the server. A comment every 15 s keeps it alive.\n\n"
    "Events of the present state carry no id: a line `id:` alone ends it, and who is cut off "
    "before that line gets the present state again. So does who comes with a cursor that this "
    "server has not given (another store, a store from a backup): jobs that ended meanwhile are "
    "not among it unless `generation_id=` asks for them.\n\n"
    "```\nid: AWMAAAAAAAAALA\nevent: generation\ndata: {\"id\":\"…\",\"status\":\"generating\","
    "\"meta\":{…}}\n\n"
    "id: AWMAAAAAAAAALQ\nevent: removed\ndata: {\"id\":\"…\"}\n```\n\n"
    "## Ending\n\n"
    "`DELETE` cancels a generation under way: its status becomes `error` (`CancelledException`), "
    "its first frame is removed, its credits are given back. One that has come to its end by "
    "itself is removed with its video, and a poll of it answers 410. The same `DELETE` again gives "
    "the same answer, so that it may be sent twice; `forget=true` removes the record of a "
    "cancelled one as well, and of one under way after cancelling it.\n\n"
    "```\n{\"id\":\"…\",\"generation_id\":\"…\",\"action\":\"cancelled\",\"status\":\"error\"}\n"
    "{\"id\":\"…\",\"generation_id\":\"…\",\"action\":\"deleted\"}\n```\n";

static const char headers[] =
    "\n## Headers\n\n"
    "| header | rule |\n|---|---|\n"
    "| `x-request-id` | on every reply; `requestId` of an error |\n"
    "| `x-inference-id` | the id of the generation, on its POST, GET and DELETE |\n"
    "| `x-client-request-id` | echoes `X-Client-Request-Id` of 1 to 128 of `A-Z a-z 0-9 . _ : -` "
    "|\n"
    "| `x-aimlapi-credits-used` | credits of the generation |\n"
    "| `x-aimlapi-usd-spent` | the same in US dollars, nine places |\n"
    "| `RateLimit-*`, `Retry-After` | of a key with a limit; `Retry-After` on 429 and 503 |\n\n"
    "Any origin may call (CORS, without credentials) and read these headers.\n";

/* A cell of a table: a bar inside it would end it. */
static void add_cell(struct text_buf *b, const char *s)
{
    text_buf_add_text(b, " ");
    for (; *s; s++)
        text_buf_add_text(b, *s == '|' ? "\\|" : (char[]){*s, 0});
    text_buf_add_text(b, " |");
}

static void add_operations(struct text_buf *b)
{
    const char *group = "";
    text_buf_add_text(b, "\n## Routes\n");
    for (int i = 0; i < aiml_n_operations; i++) {
        const struct aiml_operation *op = &aiml_operations[i];
        char path[OPENAPI_PATH_SIZE];
        openapi_path(&op->route, path);
        if (strcmp(group, op->group) != 0)
            text_buf_printf(b, "\n### %s\n\n| method | path | what it does |\n|---|---|---|\n",
                            op->group);
        group = op->group;
        text_buf_printf(b, "| %s | `%s` | %s%s |\n", op->route.method, path, op->summary,
                        op->open ? " (*no key*)" : "");
    }
}

static void add_limits(struct text_buf *b, const struct fields_row *row)
{
    static const char *const types[] = {
        [FIELDS_WORD] = "string",  [FIELDS_TEXT] = "string", [FIELDS_IMAGE] = "string, uri",
        [FIELDS_BOOL] = "boolean", [FIELDS_INT] = "integer",
    };
    text_buf_printf(b, " %s", types[row->type]);
    if (row->type == FIELDS_TEXT)
        text_buf_printf(b, ", at most %" PRId64 " characters", row->max);
    if (row->type == FIELDS_INT)
        text_buf_printf(b, ", %" PRId64 " to %" PRId64, row->min, row->max);
    text_buf_printf(b, " | %s | %s%s%s |", row->required ? "yes" : "no", row->standard ? "`" : "",
                    row->standard ? row->standard : "-", row->standard ? "`" : "");
}

static void add_fields(struct text_buf *b)
{
    text_buf_add_text(b, "\n## Creating\n\n");
    text_buf_add_text(b, create_notes);
    text_buf_add_text(b, "\n| universal route | legacy route | type | required | default | "
                         "meaning |\n|---|---|---|---|---|---|\n");
    for (int i = 0; i < FIELD_IDS; i++) {
        const struct fields_row *row = &fields_rows[i];
        text_buf_printf(b, "| `%s` | `%s` |", row->name[FIELDS_UNIVERSAL],
                        row->name[FIELDS_LEGACY]);
        add_limits(b, row);
        add_cell(b, row->about);
        text_buf_add_text(b, "\n");
    }
}

static void add_query(struct text_buf *b, const struct aiml_operation *op)
{
    text_buf_printf(b,
                    "\n### %s %s\n\n| parameter | required | limits | meaning |\n"
                    "|---|---|---|---|\n",
                    op->route.method, op->route.path);
    for (const struct param_field *f = op->query; f->name; f++) {
        char limits[OPENAPI_LIMITS_SIZE];
        openapi_param_limits(f, limits);
        text_buf_printf(b, "| `%s` | %s |", f->name, f->required ? "yes" : "no");
        add_cell(b, limits[0] ? limits : "-");
        add_cell(b, f->about);
        text_buf_add_text(b, "\n");
    }
}

/* Each table once, under the first route that has it. */
static void add_queries(struct text_buf *b)
{
    text_buf_add_text(b, "\n## Query parameters\n");
    for (int i = 0; i < aiml_n_operations; i++) {
        const struct aiml_operation *op = &aiml_operations[i];
        bool told = !op->query || strchr(op->route.path, '{');
        for (int k = 0; k < i && !told; k++)
            told = aiml_operations[k].query == op->query;
        if (!told)
            add_query(b, op);
    }
}

static void add_models(struct text_buf *b, const struct model_catalogue *c)
{
    text_buf_add_text(b, "\n## Models\n");
    for (int i = 0; i < c->n_rows; i++) {
        const struct model *m = &c->rows[i];
        text_buf_printf(b, "\n### %s\n\n%s\n\n", m->id, m->description);
        text_buf_printf(b, "- made by: %s\n- aliases: %s\n- first frame: %s\n", m->developer,
                        m->aliases[0] ? m->aliases : "none",
                        m->image_required ? "required" : "optional");
        text_buf_printf(b, "- video: %d x %d, %d frames a second, %d frames\n", m->width, m->height,
                        m->fps, m->n_frames);
        text_buf_printf(b, "- price: %" PRId64 " credits (", m->credits);
        emit_usd(b, m->credits);
        text_buf_add_text(b, " US dollars)\n");
    }
}

static void add_problems(struct text_buf *b)
{
    text_buf_add_text(
        b, "\n## Errors\n\nAll errors are `application/problem+json`:\n\n"
           "```\n{\"title\":\"Bad Request\",\"status\":400,\"message\":\"Invalid payload "
           "provided\",\n \"instance\":\"/v2/video/generations\",\"requestId\":\"…\","
           "\"timestamp\":\"…\",\n \"error\":{\"name\":\"BadRequestException\","
           "\"message\":\"Invalid payload provided\",\n  \"data\":[{\"code\":\"invalid_type\","
           "\"expected\":\"string\",\"received\":\"undefined\",\n   \"path\":[\"prompt\"],"
           "\"message\":\"Required\"}]}}\n```\n\n"
           "`error.data` of a 400 lists every fault at once. A message may be more precise than "
           "the one below.\n\n| status | title | error.name | message |\n|---|---|---|---|\n");
    for (const struct problem_row *r = problem_rows; r->status; r++)
        text_buf_printf(b, "| %d | %s | `%s` | %s |\n", r->status, r->title, r->name, r->message);
}

static void add_metrics(struct text_buf *b)
{
    text_buf_add_text(b, "\n## Metrics\n\n| name | kind | meaning |\n|---|---|---|\n");
    for (const struct metrics_row *r = metrics_rows; r->name; r++)
        text_buf_printf(b, "| `%s` | %s | %s |\n", r->name, r->kind, r->about);
}

static void write_page(struct text_buf *b, const struct model_catalogue *catalogue)
{
    text_buf_add_text(b, introduction);
    text_buf_add_text(b, keys);
    text_buf_add_text(b, credits);
    add_fields(b);
    text_buf_add_text(b, poll_notes);
    add_operations(b);
    add_queries(b);
    add_problems(b);
    text_buf_add_text(b, headers);
    add_models(b, catalogue);
    add_metrics(b);
}

char *openapi_markdown(const struct model_catalogue *catalogue)
{
    struct text_buf b;
    text_buf_init(&b, TEXT_MAX);
    write_page(&b, catalogue);
    return text_buf_take(&b);
}

/* Copy text, with the address of the example replaced by the server's own. */
static void add_here(struct text_buf *out, struct text text, const char *server_url)
{
    const struct text there = TEXT("http://127.0.0.1:8080");
    const char *hit;
    while ((hit = memmem(text.at, text.len, there.at, there.len))) {
        size_t n = (size_t)(hit - text.at);
        text_buf_add(out, text.at, n);
        text_buf_add_text(out, server_url);
        text.at += n + there.len;
        text.len -= n + there.len;
    }
    text_buf_add(out, text.at, text.len);
}

char *openapi_html(const struct model_catalogue *catalogue, const char *server_url)
{
    SCOPED(text_buf) struct text_buf markdown;
    SCOPED(text_buf) struct text_buf here;
    struct text_buf html;
    text_buf_init(&markdown, TEXT_MAX);
    text_buf_init(&here, TEXT_MAX);
    text_buf_init(&html, TEXT_MAX);
    write_page(&markdown, catalogue);
    add_here(&here, (struct text){markdown.at, markdown.len}, server_url);
    openapi_page(&html, (struct text){here.at, here.len});
    return text_buf_take(&html);
}
