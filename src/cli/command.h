/* command.h - one row per subcommand; commands.c has the table.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cli/config.h"
#include "cli/option.h"

/* Which settings a command takes as flags (option.uses). */
enum {
    COMMAND_SERVE = 1,
    COMMAND_WORK = 2,
    COMMAND_GENERATE = 4,
    COMMAND_DATA = 8, /* works on the data directory */
    COMMAND_PLAIN = 16,
    COMMAND_ALL = 31,
};

/* Exit statuses. */
enum { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

struct command {
    const char *name;
    const char *words;            /* in the usage line, behind the options; may be "" */
    const char *summary;          /* one line                                         */
    const char *details;          /* below it in --help; ends with a newline; or ""   */
    const struct option *options; /* its own; NULL for none                           */
    unsigned uses;

    /* Do it; returns the exit status. config is complete and checked. */
    int (*run)(const struct config *config, const struct arguments *args);
};

/* All commands, in the order of the help; ends with NULL. */
extern const struct command *const command_table[];

extern const struct command command_bench;
extern const struct command command_completion;
extern const struct command command_doctor;
extern const struct command command_generate;
extern const struct command command_key;
extern const struct command command_man;
extern const struct command command_model;
extern const struct command command_openapi;
extern const struct command command_plan;
extern const struct command command_serve;
extern const struct command command_work;

/* Read argv (behind the command's name), run the command. Returns the exit status. */
int command_main(const struct command *c, const char *const argv[]);

/* Its page of --help to standard output. Returns COMMAND_OK. */
int command_help(const struct command *c);

/* Say on standard error what is wrong and return COMMAND_USAGE or COMMAND_FAILED. */
int command_misused(const char *command, const char *fmt, ...) PRINTF(2, 3);
int command_failed(const struct error *err);
