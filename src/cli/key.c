/* key.c - zoetrope key: create, list, revoke, credit. SPDX-License-Identifier: MIT */
#include "account/key.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/data.h"

struct key_command_options {
    char *name;
    char *balance;
    bool limited;
    bool admin;
    int requests_per_minute;
    int jobs_at_once;
};

#define AT(member) offsetof(struct key_command_options, member)

static const struct option options[] = {
    {.name = "name",
     .type = OPTION_TEXT,
     .offset = AT(name),
     .value = "NAME",
     .standard = "",
     .max = 63,
     .help = "create: what the key is called in lists."},
    {.name = "credits",
     .type = OPTION_TEXT,
     .offset = AT(balance),
     .value = "N",
     .help = "create: the first balance, which limits the key (2,000,000 are 1 USD)."},
    {.name = "limited",
     .type = OPTION_FLAG,
     .offset = AT(limited),
     .help = "create: limit the key to its balance, even without --credits."},
    {.name = "admin",
     .type = OPTION_FLAG,
     .offset = AT(admin),
     .help = "create: may see what belongs to no single key."},
    {.name = "rpm",
     .type = OPTION_INT,
     .offset = AT(requests_per_minute),
     .value = "N",
     .standard = "0",
     .min = 0,
     .max = 1000000,
     .help = "create: requests per minute; 0: no limit."},
    {.name = "jobs",
     .type = OPTION_INT,
     .offset = AT(jobs_at_once),
     .value = "N",
     .standard = "0",
     .min = 0,
     .max = 1000000,
     .help = "create: unfinished jobs at once; 0: no limit."},
    {0},
};

/* What a verb works on. */
struct call {
    struct store *store;
    const struct key_command_options *options;
    const struct arguments *args;
    int64_t credits; /* of create and credit */
};

static int create(struct call *c, struct error *err)
{
    char key[KEY_SIZE];
    const struct key_options o = {
        .name = c->options->name,
        .admin = c->options->admin,
        .limited = c->options->limited || c->options->balance,
        .credits = c->credits,
        .requests_per_minute = c->options->requests_per_minute,
        .jobs_at_once = c->options->jobs_at_once,
    };
    int rc = key_create(c->store, &o, key, err);
    if (rc == 0)
        puts(key);
    return rc;
}

static int print_row(void *arg, const struct store_key *k)
{
    char created[CLOCK_ISO_SIZE];
    char balance[32] = "unlimited";
    int *n = arg;
    clock_iso(k->created_us, created);
    created[10] = 0; /* the day is enough */
    if (k->limited)
        snprintf(balance, sizeof balance, "%lld", (long long)k->balance);
    if ((*n)++ == 0)
        printf("%-8s  %-10s  %-8s  %14s  %12s  %6s  %7s  %7s  %7s  %s\n", "PREFIX", "CREATED",
               "STATE", "BALANCE", "RESERVED", "QUEUED", "RUNNING", "RPM", "JOBS", "NAME");
    printf("%-8s  %-10s  %-8s  %14s  %12lld  %6d  %7d  %7d  %7d  %s%s\n", k->prefix, created,
           k->revoked_us ? "revoked"
           : k->disabled ? "disabled"
                         : "valid",
           balance, (long long)k->reserved, k->n_queued, k->n_running, k->requests_per_minute,
           k->jobs_at_once, k->name, k->admin ? " (admin)" : "");
    return 0;
}

static int list(struct call *c, struct error *err)
{
    int n = 0;
    int rc = store_key_list(c->store, print_row, &n, err);
    if (rc == 0 && n == 0)
        puts("no keys: zoetrope key create makes one");
    return rc;
}

static int revoke(struct call *c, struct error *err)
{
    const char *prefix = c->args->words[1];
    int rc = store_key_revoke(c->store, prefix, err);
    if (rc == 0)
        printf("%s is revoked\n", prefix);
    return rc;
}

static int credit(struct call *c, struct error *err)
{
    const char *prefix = c->args->words[1];
    struct store_key key;
    enum store_entry_type type = c->credits < 0 ? STORE_ADJUSTMENT : STORE_PAYMENT;
    int rc = store_key_credit(c->store, prefix, c->credits, type, err);
    if (rc == 0)
        rc = store_key_by_prefix(c->store, prefix, &key, err);
    if (rc == 0)
        printf("%s has %lld credits\n", prefix, (long long)key.balance);
    return rc;
}

static const struct verb {
    const char *name;
    int n_words; /* behind it */
    const char *words;
    int (*run)(struct call *c, struct error *err);
} verbs[] = {
    {"create", 0, "", create},
    {"list", 0, "", list},
    {"revoke", 1, "PREFIX", revoke},
    {"credit", 2, "PREFIX CREDITS", credit},
};

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* The balance of create, or what credit gives or takes. */
static int read_credits(struct call *c, const struct verb *v, struct error *err)
{
    const char *given = v->n_words == 2 ? c->args->words[2] : c->options->balance;
    bool may_owe = v->n_words == 2;
    if (given && !text_int(text_of(given), may_owe ? INT64_MIN : 0, INT64_MAX, &c->credits))
        return error_set(err, ERR_INVALID, "credits is %.40s, must be a whole number%s", given,
                         may_owe ? "" : " from 0");
    return 0;
}

static int run_verb(const struct config *config, const struct verb *v, struct call *c)
{
    struct error err;
    struct data data;
    int rc = data_open(&data, config->data, &err);
    if (rc == 0) {
        c->store = data.store;
        rc = v->run(c, &err);
        data_close(&data);
    }
    return rc < 0 ? command_failed(&err) : COMMAND_OK;
}

static int run_with(const struct config *config, const struct key_command_options *o,
                    const struct arguments *args)
{
    struct error err;
    struct call c = {.options = o, .args = args};
    const struct verb *v = args->n_words ? find(args->words[0]) : NULL;
    if (!v)
        return command_misused("key", "the first word must be create, list, revoke or credit");
    if (args->n_words != 1 + v->n_words)
        return command_misused("key", "%s takes %d words: key %s %s", v->name, v->n_words, v->name,
                               v->words);
    if (read_credits(&c, v, &err) < 0)
        return command_misused("key", "%s", err.text);
    return run_verb(config, v, &c);
}

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct key_command_options o = {0};
    int status = option_apply(options, &o, args, &err) < 0 ? command_misused("key", "%s", err.text)
                                                           : run_with(config, &o, args);
    option_fini(options, &o);
    return status;
}

const struct command command_key = {
    .name = "key",
    .words = "create | list | revoke PREFIX | credit PREFIX CREDITS",
    .summary = "Make, list, revoke API keys and give them credits.",
    .details =
        "create prints the key, once: it is stored hashed. PREFIX is its first 8 characters.\n"
        "credit limits the key to its balance; take credits away with: credit PREFIX -- -N\n",
    .options = options,
    .uses = COMMAND_DATA,
    .run = run,
};
