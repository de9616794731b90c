/* plan.c - zoetrope plan: what the storyboard reads in a prompt. SPDX-License-Identifier: MIT */
#include "storyboard/plan.h"

#include <stdio.h>

#include "base/memory.h"
#include "cli/command.h"

struct plan_options {
    int64_t seed;
    bool with_image;
};

#define AT(member) offsetof(struct plan_options, member)

static const struct option options[] = {
    {.name = "seed",
     .type = OPTION_LONG,
     .offset = AT(seed),
     .value = "N",
     .standard = "0",
     .min = 0,
     .max = INT64_MAX,
     .help = "Decides what the prompt leaves open."},
    {.name = "with-image",
     .type = OPTION_FLAG,
     .offset = AT(with_image),
     .help = "As for a film that begins with an image."},
    {0},
};

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct plan_options o = {0};
    struct plan plan;
    (void)config;
    if (option_apply(options, &o, args, &err) < 0)
        return command_misused("plan", "%s", err.text);
    if (args->n_words != 1)
        return command_misused("plan", "one prompt is needed, in quotes");
    if (!text_utf8_valid(text_of(args->words[0])))
        return command_misused("plan", "the prompt is not UTF-8");
    plan_read(&plan, text_of(args->words[0]), (uint64_t)o.seed);
    SCOPED(mem) char *json = plan_json(&plan, PLAN_SECONDS, o.with_image);
    return puts(json) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_plan = {
    .name = "plan",
    .words = "\"PROMPT\"",
    .summary = "Show what the storyboard reads in a prompt, as JSON.",
    .details =
        "place, time, weather and mood; the cast: each actor's noun, picture, count, color, size,\n"
        "at (where, and the target's index), what it holds, and its moves with from and to in\n"
        "seconds and the target's index; the camera's moves; without: what must not be there.\n"
        "Words of the prompt that change nothing are listed as unread.\n",
    .options = options,
    .uses = COMMAND_PLAIN,
    .run = run,
};
