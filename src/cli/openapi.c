/* openapi.c - zoetrope openapi: the API described by its own tables. SPDX-License-Identifier: MIT
 */
#include "api/openapi.h"

#include <stdio.h>

#include "base/memory.h"
#include "cli/command.h"

struct openapi_options {
    char *server;
    bool markdown;
};

#define AT(member) offsetof(struct openapi_options, member)

static const struct option options[] = {
    {.name = "server",
     .type = OPTION_TEXT,
     .offset = AT(server),
     .value = "URL",
     .standard = "http://127.0.0.1:8080",
     .help = "The address that the document names."},
    {.name = "markdown",
     .type = OPTION_FLAG,
     .offset = AT(markdown),
     .help = "The same facts as Markdown: docs/api.md."},
    {0},
};

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct openapi_options o = {0};
    int status = COMMAND_OK;
    if (args->n_words) {
        status = command_misused("openapi", "there is no use for %s", args->words[0]);
    } else if (option_apply(options, &o, args, &err) < 0) {
        status = command_misused("openapi", "%s", err.text);
    } else {
        SCOPED(mem)
        char *text = o.markdown ? openapi_markdown(&config->catalogue)
                                : openapi_json(&config->catalogue, o.server);
        size_t len = text_of(text).len;
        bool ends = len && text[len - 1] == '\n';
        if (printf("%s%s", text, ends ? "" : "\n") < 0)
            status = COMMAND_FAILED;
    }
    option_fini(options, &o);
    return status;
}

const struct command command_openapi = {
    .name = "openapi",
    .words = "",
    .summary = "Print the OpenAPI document of the server.",
    .details = "",
    .options = options,
    .uses = COMMAND_PLAIN,
    .run = run,
};
