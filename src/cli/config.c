/* config.c - see config.h. SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/config_impl.h"
#include "cli/listener.h"
#include "net/address.h"

#define AT(member) offsetof(struct config, member)
#define SECONDS(n) ((n)*CLOCK_SECOND_US)
#define DAYS(n)    SECONDS((n)*24 * 3600LL)

/* A film is published, and an image written, up to a whole wait for the other writers (20 s)
 * before the store names it; a worker may wait as long to say how far it is. The crash tests are in
 * more of a hurry, and nobody else writes there. */
#ifdef ZOETROPE_CHECKS
#define SAFE_LEAST SECONDS(1)
#else
#define SAFE_LEAST SECONDS(60)
#endif

enum { FILE_BYTES_MAX = 1 << 20 };

static bool check_listen(const char *value, const char **rule)
{
    struct text host;
    int port;
    *rule = "must be ADDRESS:PORT like 127.0.0.1:8080 or [::1]:8080";
    return listener_split(value, &host, &port);
}

static bool check_url(const char *value, const char **rule)
{
    struct text url = text_of(value);
    const char *host = strstr(value, "://");
    *rule = "must be http:// or https:// with a host, without a query, not ending in /";
    return (text_starts(url, TEXT("http://")) || text_starts(url, TEXT("https://"))) && host[3] &&
           host[3] != '/' && value[url.len - 1] != '/' && !strpbrk(value, "?# \t\r\n\"<>\\");
}

static bool check_ranges(const char *value, const char **rule)
{
    const char *bad;
    *rule = "must be ranges like 10.0.0.0/8 or ::1 with spaces between";
    return address_ranges_valid(value, &bad);
}

static bool check_filled(const char *value, const char **rule)
{
    *rule = "must not be empty";
    return *value;
}

/* The one list of settings. --help, the environment, the config file's keys, doctor's listing and
 * every error about a value read it. */
const struct option config_options[] = {
    {.name = "config",
     .type = OPTION_TEXT,
     .offset = AT(config),
     .value = "FILE",
     .help = "Settings as YAML: these names as keys, and models.",
     .check = check_filled,
     .uses = COMMAND_ALL},
    {.name = "data",
     .type = OPTION_TEXT,
     .offset = AT(data),
     .value = "DIR",
     .help = "Folder of the store, the videos, the secrets.",
     .check = check_filled,
     .uses = COMMAND_SERVE | COMMAND_WORK | COMMAND_GENERATE | COMMAND_DATA},
    {.name = "log-level",
     .type = OPTION_CHOICE,
     .offset = AT(log_level),
     .value = "LEVEL",
     .standard = "info",
     .choices = "error warn info debug",
     .help = "What is logged on standard error.",
     .uses = COMMAND_ALL},
    {.name = "listen",
     .type = OPTION_TEXT,
     .offset = AT(listen),
     .value = "ADDRESS:PORT",
     .standard = "127.0.0.1:8080",
     .help = "Where to serve; port 0 takes a free one.",
     .check = check_listen,
     .uses = COMMAND_SERVE},
    {.name = "public-url",
     .type = OPTION_TEXT,
     .offset = AT(public_url),
     .value = "URL",
     .help = "How clients reach the server; in the urls of videos. Default: as the request came.",
     .check = check_url,
     .uses = COMMAND_SERVE},
    {.name = "tls-certificate",
     .type = OPTION_TEXT,
     .offset = AT(tls_certificate),
     .value = "FILE",
     .help = "Serve https with this certificate chain (PEM).",
     .check = check_filled,
     .uses = COMMAND_SERVE},
    {.name = "tls-key",
     .type = OPTION_TEXT,
     .offset = AT(tls_key),
     .value = "FILE",
     .help = "The certificate's private key (PEM).",
     .check = check_filled,
     .uses = COMMAND_SERVE},
    {.name = "workers",
     .type = OPTION_INT,
     .offset = AT(workers),
     .value = "N",
     .min = 0,
     .max = 256,
     .help = "Worker processes to run. Default: half the cores, at least 1; 0: none here.",
     .uses = COMMAND_SERVE},
    {.name = "fetch-allow",
     .type = OPTION_TEXT,
     .offset = AT(fetch_allow),
     .value = "RANGES",
     .standard = "",
     .help = "Addresses that image urls may lead to although they are not public.",
     .check = check_ranges,
     .uses = COMMAND_SERVE | COMMAND_WORK | COMMAND_GENERATE},
    {.name = "keep",
     .type = OPTION_DURATION,
     .offset = AT(keep),
     .value = "TIME",
     .standard = "7d",
     .min = 0,
     .max = DAYS(36500),
     .help = "How long a finished job and its video are kept; 0: for ever.",
     .uses = COMMAND_SERVE},
    {.name = "url-lifetime",
     .type = OPTION_DURATION,
     .offset = AT(url_lifetime),
     .value = "TIME",
     .standard = "8h",
     .min = SECONDS(60),
     .max = DAYS(365),
     .help = "How long the url of a video works.",
     .uses = COMMAND_SERVE},
    {.name = "queue-max",
     .type = OPTION_LONG,
     .offset = AT(queue_max),
     .value = "N",
     .standard = "10000",
     .min = 0,
     .max = 1000000000,
     .help = "Unfinished jobs that the queue takes; 0: no limit.",
     .uses = COMMAND_SERVE},
    {.name = "attempts",
     .type = OPTION_INT,
     .offset = AT(attempts),
     .value = "N",
     .standard = "3",
     .min = 1,
     .max = 100,
     .help = "How often a job is begun before it is given up.",
     .uses = COMMAND_SERVE | COMMAND_WORK},
    {.name = "lease",
     .type = OPTION_DURATION,
     .offset = AT(lease),
     .value = "TIME",
     .standard = "15s",
     .min = SECONDS(1),
     .max = SECONDS(3600),
     .help = "After how long without a heartbeat a worker's job is handed on.",
     .uses = COMMAND_SERVE | COMMAND_WORK},
    {.name = "hang",
     .type = OPTION_DURATION,
     .offset = AT(hang),
     .value = "TIME",
     .standard = "2m",
     .min = SAFE_LEAST,
     .max = DAYS(1),
     .help = "After how long without progress a worker's job is handed on.",
     .uses = COMMAND_SERVE | COMMAND_WORK},
    {.name = "drain",
     .type = OPTION_DURATION,
     .offset = AT(drain),
     .value = "TIME",
     .standard = "10s",
     .min = 0,
     .max = SECONDS(3600),
     .help = "How long running jobs may go on after SIGTERM before they go back to the queue.",
     .uses = COMMAND_SERVE | COMMAND_WORK},
    {.name = "stray-grace",
     .type = OPTION_DURATION,
     .offset = AT(stray_grace),
     .value = "TIME",
     .standard = "1h",
     .min = SAFE_LEAST,
     .max = DAYS(30),
     .help = "Age at which files that belong to no job are removed.",
     .uses = COMMAND_SERVE},
    {.name = "body-total-max",
     .type = OPTION_BYTES,
     .offset = AT(body_total_max),
     .value = "SIZE",
     .standard = "256MB",
     .min = 30 * 1000 * 1000,
     .max = 1000LL * 1000 * 1000 * 1000,
     .help = "Memory for the bodies of all requests under way.",
     .uses = COMMAND_SERVE},
    {.name = "header-timeout",
     .type = OPTION_DURATION,
     .offset = AT(header_timeout),
     .value = "TIME",
     .standard = "30s",
     .min = SECONDS(1),
     .max = SECONDS(3600),
     .help = "For a client to send a request's header.",
     .uses = COMMAND_SERVE},
    {.name = "body-timeout",
     .type = OPTION_DURATION,
     .offset = AT(body_timeout),
     .value = "TIME",
     .standard = "2m",
     .min = SECONDS(1),
     .max = SECONDS(3600),
     .help = "For a client to send a request's body.",
     .uses = COMMAND_SERVE},
    {.name = "idle-timeout",
     .type = OPTION_DURATION,
     .offset = AT(idle_timeout),
     .value = "TIME",
     .standard = "60s",
     .min = SECONDS(1),
     .max = SECONDS(3600),
     .help = "For a client to take a reply or send its next request.",
     .uses = COMMAND_SERVE},
    {0},
};

enum { N_OPTIONS = sizeof config_options / sizeof *config_options - 1 };
_Static_assert((int)N_OPTIONS <= (int)CONFIG_MOST_OPTIONS, "struct config has a text for each");

const char *config_source_name(enum config_source source)
{
    static const char *const names[CONFIG_SOURCES] = {
        [CONFIG_DEFAULT] = "default",
        [CONFIG_FILE] = "file",
        [CONFIG_ENVIRONMENT] = "environment",
        [CONFIG_FLAG] = "flag",
    };
    return names[source];
}

int config_set(struct config *c, int i_option, const char *value, const char *subject,
               enum config_source source, struct error *err)
{
    int rc = option_set(&config_options[i_option], c, value, subject, err);
    if (rc < 0)
        return rc;
    mem_free(c->text[i_option]);
    c->text[i_option] = mem_dup(value);
    c->source[i_option] = source;
    return 0;
}

/* Where a user's data belongs; the system's place for root without a home. NULL: nowhere. */
static char *standard_data(void)
{
    const char *base = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (base && base[0] == '/')
        return mem_printf("%s/zoetrope", base);
    if (home && home[0] == '/')
        return mem_printf("%s/.local/share/zoetrope", home);
    return geteuid() == 0 ? mem_dup("/var/lib/zoetrope") : NULL;
}

static char *standard_workers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return mem_printf("%ld", cores < 4 ? 1 : cores > 16 ? 8 : cores / 2);
}

static char *standard_value(const struct option *o)
{
    if (o->offset == AT(data))
        return standard_data();
    if (o->offset == AT(workers))
        return standard_workers();
    return o->standard ? mem_dup(o->standard) : NULL;
}

static int set_defaults(struct config *c, struct error *err)
{
    int rc = 0;
    *c = (struct config){0};
    config_file_standard_models(c);
    for (int i = 0; i < N_OPTIONS && rc == 0; i++) {
        SCOPED(mem) char *value = standard_value(&config_options[i]);
        if (value)
            rc = config_set(c, i, value, config_options[i].name, CONFIG_DEFAULT, err);
        else
            c->text[i] = mem_dup("");
    }
    return rc;
}

static int apply_flags(struct config *c, const struct arguments *args, const char *only,
                       struct error *err)
{
    for (int i = 0; i < args->n_set; i++) {
        const struct option *o = args->set[i].option;
        if (o < config_options || o >= config_options + N_OPTIONS ||
            (only && strcmp(o->name, only) != 0))
            continue;
        char subject[64];
        snprintf(subject, sizeof subject, "--%s", o->name);
        int rc =
            config_set(c, (int)(o - config_options), args->set[i].value, subject, CONFIG_FLAG, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int apply_environment(struct config *c, const char *only, struct error *err)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        char name[OPTION_ENV_SIZE];
        option_env_name(&config_options[i], name);
        const char *value = getenv(name);
        if (!value || (only && strcmp(config_options[i].name, only) != 0))
            continue;
        int rc = config_set(c, i, value, name, CONFIG_ENVIRONMENT, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int apply_file(struct config *c, struct error *err)
{
    if (!c->config)
        return 0;
    SCOPED(text_buf) struct text_buf yaml = {0};
    int rc = file_read(c->config, FILE_BYTES_MAX, &yaml, err);
    if (rc < 0)
        return rc;
    c->file = yaml.len ? mem_dup_n(yaml.at, yaml.len) : mem_dup("");
    return config_file_apply(c, c->config, (struct text){yaml.at, yaml.len}, err);
}

/* Rules between settings. */
static int check_together(const struct config *c, struct error *err)
{
    if (!c->data)
        return error_set(err, ERR_INVALID, "there is no HOME to put data in: give --data");
    if (!c->tls_certificate != !c->tls_key)
        return error_set(err, ERR_INVALID, "tls-certificate and tls-key must be set together");
    return 0;
}

int config_load(struct config *out, const struct arguments *args, struct error *err)
{
    int rc = set_defaults(out, err);
    if (rc == 0)
        rc = apply_environment(out, "config", err);
    if (rc == 0)
        rc = apply_flags(out, args, "config", err);
    if (rc == 0)
        rc = apply_file(out, err);
    if (rc == 0)
        rc = apply_environment(out, NULL, err);
    if (rc == 0)
        rc = apply_flags(out, args, NULL, err);
    if (rc == 0)
        rc = check_together(out, err);
    if (rc == 0)
        rc = config_file_finish_models(out, err);
    return rc;
}

int config_parse(struct config *out, const char *name, struct text yaml, struct error *err)
{
    int rc = set_defaults(out, err);
    if (rc == 0)
        rc = config_file_apply(out, name, yaml, err);
    if (rc == 0)
        rc = check_together(out, err);
    if (rc == 0)
        rc = config_file_finish_models(out, err);
    return rc;
}

void config_fini(struct config *c)
{
    option_fini(config_options, c);
    for (int i = 0; i < CONFIG_MOST_OPTIONS; i++)
        mem_free(TAKE(c->text[i]));
    mem_free(TAKE(c->file));
    config_file_free_models(c);
}
