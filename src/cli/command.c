/* command.c - see command.h. SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

int command_misused(const char *command, const char *fmt, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(stderr, "zoetrope %s: %s\nTry: zoetrope %s --help\n", command, text, command);
    return COMMAND_USAGE;
}

int command_failed(const struct error *err)
{
    fprintf(stderr, "zoetrope: %s\n", err->text);
    return COMMAND_FAILED;
}

int command_help(const struct command *c)
{
    SCOPED(text_buf) struct text_buf out;
    text_buf_init(&out, 1 << 16);
    text_buf_printf(&out, "zoetrope %s [OPTIONS]%s%s\n\n%s\n%s%s\n", c->name, *c->words ? " " : "",
                    c->words, c->summary, *c->details ? "\n" : "", c->details);
    if (c->options)
        option_help(c->options, 0, &out);
    option_help(config_options, c->uses, &out);
    text_buf_add_text(&out, "  -h, --help                   This page.\n");
    text_buf_add_text(&out, "\nA setting may also stand in the environment (--log-level is "
                            "ZOETROPE_LOG_LEVEL) and in\nthe config file (log-level: debug); flags "
                            "beat the environment, which beats the file.\n"
                            "zoetrope doctor shows each value and where it came from.\n");
    fwrite(out.at, 1, out.len, stdout);
    return COMMAND_OK;
}

int command_main(const struct command *c, const char *const argv[])
{
    struct error err;
    struct arguments args;
    struct config config;
    if (option_parse(&args, c->options, config_options, c->uses, argv, &err) < 0)
        return command_misused(c->name, "%s", err.text);
    if (args.help)
        return command_help(c);
    int status;
    if (config_load(&config, &args, &err) < 0) {
        status = command_misused(c->name, "%s", err.text);
    } else {
        log_set_level((enum log_level)config.log_level);
        status = c->run(&config, &args);
    }
    config_fini(&config);
    return status;
}
