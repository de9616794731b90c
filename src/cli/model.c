/* model.c - zoetrope model: list, check, pull. SPDX-License-Identifier: MIT */
#include "job/model.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/check.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/hub.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "model/wan/parts.h"

struct model_options {
    char *to;
    char *hub;
    char *revision;
    char *settings;
};

#define AT(member) offsetof(struct model_options, member)

static const struct option options[] = {
    {.name = "to",
     .type = OPTION_TEXT,
     .offset = AT(to),
     .value = "FOLDER",
     .help = "pull: where the weights go. Default: DATA/models/NAME."},
    {.name = "hub",
     .type = OPTION_TEXT,
     .offset = AT(hub),
     .value = "URL",
     .standard = "https://huggingface.co",
     .help = "pull: the model hub, or a mirror of it."},
    {.name = "settings",
     .type = OPTION_TEXT,
     .offset = AT(settings),
     .value = "TEXT",
     .standard = "",
     .help = "check: as in a model's row of the config file."},
    {.name = "revision",
     .type = OPTION_TEXT,
     .offset = AT(revision),
     .value = "NAME",
     .standard = "main",
     .help = "pull: a branch, tag or commit of the repository."},
    {0},
};

/* What a verb works on. */
struct call {
    const struct config *config;
    const struct model_options *options;
    const char *word; /* NULL: none */
};

/* ---- list -------------------------------------------------------------------------------- */

static char *folder_of(const struct config *config, const char *name)
{
    SCOPED(mem) char *models = data_path(config->data, "models");
    return mem_printf("%s/%s", models, name);
}

static int list(const struct call *c, struct error *err)
{
    const struct model_catalogue *catalogue = &c->config->catalogue;
    (void)err;
    printf("%-28s  %-10s  %s\n", "MODEL", "ENGINE", "WEIGHTS");
    for (int i = 0; i < catalogue->n_rows; i++) {
        const struct model *m = &catalogue->rows[i];
        const char *weights = !m->path                     ? "needs none"
                              : access(m->path, R_OK) != 0 ? "missing"
                              : !parts_are_whole(m->path)  ? "begun, not whole"
                                                           : m->path;
        printf("%-28s  %-10s  %s\n", m->id, m->engine, weights);
    }
    printf("\n%-28s  %s\n", "CAN BE PULLED", "WHAT IT IS");
    for (const struct hub_set *s = hub_sets; s->name; s++) {
        SCOPED(mem) char *folder = folder_of(c->config, s->name);
        const char *here = access(folder, R_OK) != 0 ? ""
                           : parts_are_whole(folder) ? " (here)"
                                                     : " (begun: pull it again)";
        printf("%-28s  %s%s\n", s->name, s->summary, here);
    }
    return 0;
}

/* ---- pull -------------------------------------------------------------------------------- */

struct pulling {
    struct progress progress;
    int n_files;
};

static void on_plan(void *arg, int n_files, int64_t bytes)
{
    struct pulling *p = arg;
    p->n_files = n_files;
    fprintf(stderr, "%d files, %.2f GB to come\n", n_files, (double)bytes / 1e9);
}

static void on_progress(void *arg, const char *path, int64_t done, int64_t size)
{
    struct pulling *p = arg;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    progress_show(&p->progress, name, size > 0 ? (double)done / (double)size : 0);
}

/* "NAME" of hub_sets, or "OWNER/REPOSITORY" with ":PATTERN" behind it. */
static int read_name(const char *word, char **repository, char **pattern, char **name,
                     struct error *err)
{
    const struct hub_set *set = hub_find(word);
    const char *slash = strchr(word, '/'), *colon = strchr(word, ':');
    if (!set &&
        (!slash || slash == word || !slash[1] || strchr(slash + 1, '/') || strstr(word, "..")))
        return error_set(err, ERR_NOT_FOUND,
                         "there is no set %.80s (zoetrope model list shows them), and it is no "
                         "OWNER/REPOSITORY[:PATTERN]",
                         word);
    *repository = set ? mem_dup(set->repository)
                      : mem_dup_n(word, colon ? (size_t)(colon - word) : strlen(word));
    *pattern = !set && colon ? mem_dup(colon + 1) : NULL;
    *name = set ? mem_dup(set->name) : mem_dup(strchr(*repository, '/') + 1);
    return 0;
}

static int pull(const struct call *c, struct error *err)
{
    SCOPED(mem) char *repository = NULL;
    SCOPED(mem) char *pattern = NULL;
    SCOPED(mem) char *name = NULL;
    int code = read_name(c->word, &repository, &pattern, &name, err);
    if (code < 0)
        return code;
    SCOPED(mem)
    char *folder = c->options->to ? mem_dup(c->options->to) : folder_of(c->config, name);
    struct pulling p;
    const struct hub_pull request = {
        .address = c->options->hub,
        .repository = repository,
        .revision = c->options->revision,
        .pattern = pattern,
        .folder = folder,
        .token = getenv("HF_TOKEN"),
        .arg = &p,
        .plan = on_plan,
        .progress = on_progress,
        .cancelled = interrupt_waits,
    };
    p = (struct pulling){0};
    progress_init(&p.progress, isatty(STDERR_FILENO));
    /* Looked for between two pieces, so that what came is kept in good order. */
    interrupt_block();
    signal(SIGPIPE, SIG_IGN);
    code = hub_pull(&request, err);
    progress_clear(&p.progress);
    if (code == 0)
        printf("%s  %d files  %.1f s\n", folder, p.n_files, progress_seconds(&p.progress));
    return code;
}

static int check(const struct call *c, struct error *err)
{
    const struct check_request q = {.path = c->word, .settings = c->options->settings};
    return check_model(&q, stdout, err);
}

static const struct verb {
    const char *name;
    int n_words; /* behind it */
    const char *words;
    int (*run)(const struct call *c, struct error *err);
} verbs[] = {
    {"list", 0, "", list},
    {"check", 1, "PATH", check},
    {"pull", 1, "NAME", pull},
};

static int run_with(const struct config *config, const struct model_options *o,
                    const struct arguments *args)
{
    struct error err;
    const struct call c = {
        .config = config, .options = o, .word = args->n_words > 1 ? args->words[1] : NULL};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const struct verb *v = &verbs[i];
        if (args->n_words == 0 || strcmp(v->name, args->words[0]) != 0)
            continue;
        if (args->n_words != 1 + v->n_words)
            return command_misused("model", "%s takes %d words: model %s %s", v->name, v->n_words,
                                   v->name, v->words);
        return v->run(&c, &err) < 0 ? command_failed(&err) : COMMAND_OK;
    }
    return command_misused("model", "the first word must be list, check or pull");
}

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct model_options o = {0};
    const int status = option_apply(options, &o, args, &err) < 0
                           ? command_misused("model", "%s", err.text)
                           : run_with(config, &o, args);
    option_fini(options, &o);
    return status;
}

const struct command command_model = {
    .name = "model",
    .words = "list | check PATH | pull NAME",
    .summary = "Show the models; check and bring the weights of neural ones.",
    .details = "check tells what PATH, a folder or a file, holds, and what a run of it would need. "
               "NAME is one of the list, or OWNER/REPOSITORY[:PATTERN] of a model hub, whose files "
               "that fit\nthe pattern come. What was begun is gone on with; each file is checked "
               "against the hub's\nsize and SHA-256. An access token is taken from HF_TOKEN.\n",
    .options = options,
    .uses = COMMAND_DATA,
    .run = run,
};
