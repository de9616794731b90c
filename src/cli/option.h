/* option.h - one row per thing that can be set, wherever it is set: flag, environment, file.
 *
 * Flags, names in the environment, keys of the config file, their help and their errors all come
 * from such rows. A value is text first; option_set gives it its type, checks it against the row
 * and writes it into the struct that the row's offset is of.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum option_type {              /* what offset points at */
                   OPTION_FLAG, /* bool; as a flag it has no value, elsewhere "true" or "false" */
                   OPTION_TEXT, /* char *, mem_free by the owner                                */
                   OPTION_INT,  /* int                                                          */
                   OPTION_LONG, /* int64_t                                                      */
                   OPTION_DURATION, /* int64_t, microseconds; "30s", "10m", "24h", "7d", "0" */
                   OPTION_BYTES,  /* int64_t; "256MB", "1GiB", "1000"                             */
                   OPTION_CHOICE, /* int, which word of choices                                   */
                   OPTION_TYPES
};

struct option {
    const char *name; /* "fetch-allow"; a row without a name ends a table */
    char letter;      /* of "-o"; 0 for none */
    enum option_type type;
    size_t offset;
    const char *value;    /* in help: "ADDR:PORT"            */
    const char *standard; /* the default as text; NULL: none */
    int64_t min;          /* numbers; both 0: no limits. OPTION_TEXT: max bytes, 0: no limit */
    int64_t max;
    int step;            /* a number must be a multiple of it; 0: any */
    const char *choices; /* words with spaces between                 */
    const char *help;
    unsigned uses; /* the commands that take it as a flag (command.h) */

    /* More rules: says what must be in *rule ("must be ..."), false when value breaks it. */
    bool (*check)(const char *value, const char **rule);
};

/* Write value, as subject ("--workers", "ZOETROPE_WORKERS", "workers in zoetrope.yaml") gave it,
 * into the struct at into. ERR_INVALID "SUBJECT is VALUE, must be RULE". */
int option_set(const struct option *o, void *into, const char *value, const char *subject,
               struct error *err) MUST_CHECK;

/* "ZOETROPE_FETCH_ALLOW" for "fetch-allow". */
#define OPTION_ENV_SIZE 64
void option_env_name(const struct option *o, char out[OPTION_ENV_SIZE]);

/* The lines of --help for the rows whose uses have one of these bits (0: all rows). */
void option_help(const struct option *table, unsigned uses, struct text_buf *out);

/* ---- the command line ---------------------------------------------------------------------- */

enum { OPTION_MOST_ARGUMENTS = 64 };

struct arguments {
    struct {
        const struct option *option;
        const char *value;
    } set[OPTION_MOST_ARGUMENTS];
    int n_set;
    const char *words[OPTION_MOST_ARGUMENTS]; /* what is no option */
    int n_words;
    bool help;
};

/* Sort argv (without the program and the command) into options of the tables and words. Two
 * tables: a's rows count all, b's only with one of uses. ERR_INVALID an unknown option, one
 * without its value. */
int option_parse(struct arguments *out, const struct option *a, const struct option *b,
                 unsigned uses, const char *const argv[], struct error *err) MUST_CHECK;

/* Set the defaults of table into into, then what args say of its rows. */
int option_apply(const struct option *table, void *into, const struct arguments *args,
                 struct error *err) MUST_CHECK;

/* Free the texts of into. */
void option_fini(const struct option *table, void *into);
