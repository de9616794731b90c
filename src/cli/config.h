/* config.h - every setting of the program, from one table: flags beat the environment
 * (ZOETROPE_NAME), which beats the config file (YAML, the same names), which beats the defaults.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cli/option.h"
#include "job/model.h"

enum config_source { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_FLAG, CONFIG_SOURCES };

enum { CONFIG_MOST_OPTIONS = 32 };

/* Durations are microseconds. Strings may be NULL where the table has no default. */
struct config {
    char *config;
    char *listen;
    char *data;
    char *public_url;
    char *tls_certificate;
    char *tls_key;
    char *fetch_allow;
    int log_level; /* enum log_level */
    int workers;
    int attempts;
    int64_t url_lifetime;
    int64_t keep;
    int64_t queue_max;
    int64_t lease;
    int64_t hang;
    int64_t drain;
    int64_t stray_grace;
    int64_t body_total_max;
    int64_t header_timeout;
    int64_t body_timeout;
    int64_t idle_timeout;

    struct model_catalogue catalogue; /* the built-in rows, changed and followed by the file's */

    char *file; /* what the config file said when it was read; NULL: there is none */

    /* Beside each row of config_options: its value as text, "" without one, and whence. */
    char *text[CONFIG_MOST_OPTIONS];
    enum config_source source[CONFIG_MOST_OPTIONS];
};

extern const struct option config_options[];

/* Defaults, then the file that --config or ZOETROPE_CONFIG names, then the environment, then the
 * options of args that are rows of config_options. ERR_INVALID, ERR_NOT_FOUND (the file), ERR_IO.
 * config_fini by the caller in any case. */
int config_load(struct config *out, const struct arguments *args, struct error *err) MUST_CHECK;

/* Defaults and this text of a config file called name, nothing else. */
int config_parse(struct config *out, const char *name, struct text yaml,
                 struct error *err) MUST_CHECK;

void config_fini(struct config *c);

/* "default", "file", "environment", "flag". Static. */
const char *config_source_name(enum config_source source);
