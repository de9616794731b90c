/* manual.c - zoetrope man and zoetrope completion: the page and the shells' rules, made of the
 * tables of commands and options that the program itself reads. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"

enum { PAGE_MAX = 1 << 18 };

/* Call each(arg, option) for a command's own options, then for the settings that it takes. */
static void each_option(const struct command *c, void (*each)(void *arg, const struct option *o),
                        void *arg)
{
    for (const struct option *o = c->options; o && o->name; o++)
        each(arg, o);
    for (const struct option *o = config_options; o->name; o++)
        if (!c->uses || (o->uses & c->uses)) /* 0: all */
            each(arg, o);
}

static int print(struct text_buf *out)
{
    const bool whole = !out->failed && fwrite(out->at, 1, out->len, stdout) == out->len;
    text_buf_fini(out);
    return whole ? COMMAND_OK : COMMAND_FAILED;
}

/* ---- the page ---------------------------------------------------------------------------- */

/* A line of text for troff: its escape is doubled, a leading dot or quote is none. */
static void add_troff(struct text_buf *out, const char *s)
{
    bool at_start = true;
    for (; *s; s++) {
        if (at_start && (*s == '.' || *s == '\''))
            text_buf_add_text(out, "\\&");
        if (*s == '\\')
            text_buf_add_text(out, "\\e");
        else if (*s == '-')
            text_buf_add_text(out, "\\-");
        else
            text_buf_add(out, s, 1);
        at_start = *s == '\n';
    }
}

static void add_option_page(void *arg, const struct option *o)
{
    struct text_buf *out = arg;
    text_buf_add_text(out, ".TP\n\\fB");
    if (o->letter)
        text_buf_printf(out, "\\-%c\\fR, \\fB", o->letter);
    text_buf_add_text(out, "\\-\\-");
    add_troff(out, o->name);
    text_buf_add_text(out, "\\fR");
    if (o->type != OPTION_FLAG && o->value) {
        text_buf_add_text(out, " \\fI");
        add_troff(out, o->value);
        text_buf_add_text(out, "\\fR");
    }
    text_buf_add_text(out, "\n");
    add_troff(out, o->help ? o->help : "");
    if (o->standard && *o->standard && o->type != OPTION_FLAG) {
        text_buf_add_text(out, " Default: ");
        add_troff(out, o->standard);
        text_buf_add_text(out, ".");
    }
    text_buf_add_text(out, "\n");
}

static void add_command_page(struct text_buf *out, const struct command *c)
{
    text_buf_printf(out, ".SS \"zoetrope %s\"\n.B zoetrope %s\n[\\fIOPTIONS\\fR] ", c->name,
                    c->name);
    add_troff(out, c->words);
    text_buf_add_text(out, "\n.PP\n");
    add_troff(out, c->summary);
    text_buf_add_text(out, "\n");
    if (*c->details)
        add_troff(out, c->details);
    each_option(c, add_option_page, out);
}

static int run_man(const struct config *config, const struct arguments *args)
{
    struct text_buf out;
    (void)config;
    if (args->n_words)
        return command_misused("man", "it takes no words");
    text_buf_init(&out, PAGE_MAX);
    text_buf_add_text(&out,
                      ".TH ZOETROPE 1 \"\" \"zoetrope " ZOETROPE_VERSION "\" \"User Commands\"\n"
                      ".SH NAME\nzoetrope \\- text or an image in, a video out, behind the "
                      "AI/ML API's endpoints\n.SH SYNOPSIS\n.B zoetrope\n\\fICOMMAND\\fR "
                      "[\\fIOPTIONS\\fR]\n.SH COMMANDS\n");
    for (int i = 0; command_table[i]; i++)
        add_command_page(&out, command_table[i]);
    text_buf_add_text(&out, ".SH SETTINGS\nA setting may also stand in the environment "
                            "(\\fB\\-\\-log\\-level\\fR is \\fBZOETROPE_LOG_LEVEL\\fR) and in the "
                            "config file (\\fBlog\\-level: debug\\fR); flags beat the environment, "
                            "which beats the file. \\fBzoetrope doctor\\fR shows each value and "
                            "where it came from.\n.SH EXIT STATUS\n0: done; 1: it failed; 2: the "
                            "command line is wrong.\n");
    return print(&out);
}

const struct command command_man = {
    .name = "man",
    .words = "",
    .summary = "Print the manual page: zoetrope man | man -l -",
    .details = "",
    .uses = COMMAND_PLAIN,
    .run = run_man,
};

/* ---- completion -------------------------------------------------------------------------- */

/* The words that a command begins with: "create | list | revoke PREFIX" gives create list revoke.
 */
static void add_verbs(struct text_buf *out, const struct command *c)
{
    struct text rest = text_of(c->words);
    if (!strchr(c->words, '|'))
        return;
    while (rest.len) {
        struct text part = text_trim(text_cut(&rest, '|'));
        const struct text word = text_cut(&part, ' ');
        text_buf_add_text(out, " ");
        text_buf_add(out, word.at, word.len);
    }
}

static void add_flag(void *arg, const struct option *o)
{
    text_buf_printf(arg, " --%s", o->name);
}

static void add_names(struct text_buf *out)
{
    for (int i = 0; command_table[i]; i++)
        text_buf_printf(out, "%s%s", i ? " " : "", command_table[i]->name);
}

static void add_bash(struct text_buf *out)
{
    text_buf_add_text(out,
                      "# Completion of zoetrope for bash: eval \"$(zoetrope completion bash)\"\n"
                      "_zoetrope() {\n"
                      "    local word=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\"\n"
                      "    COMPREPLY=()\n"
                      "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                      "        COMPREPLY=($(compgen -W \"");
    add_names(out);
    text_buf_add_text(out, " version help\" -- \"$word\"))\n        return\n    fi\n"
                           "    case \"${COMP_WORDS[1]}\" in\n");
    for (int i = 0; command_table[i]; i++) {
        text_buf_printf(out, "    %s) words=\"", command_table[i]->name);
        each_option(command_table[i], add_flag, out);
        text_buf_add_text(out, " --help");
        add_verbs(out, command_table[i]);
        text_buf_add_text(out, "\" ;;\n");
    }
    text_buf_add_text(out, "    esac\n"
                           "    case \"$word\" in\n"
                           "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
                           "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$word\") "
                           "$(compgen -f -- \"$word\")) ;;\n"
                           "    esac\n"
                           "}\n"
                           "complete -o filenames -F _zoetrope zoetrope\n");
}

/* In the words of _arguments; what would end a group or a quotation is left out. */
static void add_zsh_text(struct text_buf *out, const char *s)
{
    for (; *s; s++)
        if (!strchr("[]:'\"\\`$", *s))
            text_buf_add(out, s, 1);
}

static void add_zsh_option(void *arg, const struct option *o)
{
    struct text_buf *out = arg;
    text_buf_printf(out, " \\\n            '--%s%s[", o->name, o->type == OPTION_FLAG ? "" : "=");
    add_zsh_text(out, o->help ? o->help : "");
    text_buf_add_text(out, "]");
    if (o->type != OPTION_FLAG)
        text_buf_printf(out, ":%s:%s", o->name, o->choices ? "" : "_files");
    if (o->type != OPTION_FLAG && o->choices)
        text_buf_printf(out, "(%s)", o->choices);
    text_buf_add_text(out, "'");
}

static void add_zsh(struct text_buf *out)
{
    text_buf_add_text(out, "#compdef zoetrope\n"
                           "# Completion of zoetrope for zsh: zoetrope completion zsh > "
                           "DIR_IN_FPATH/_zoetrope\n"
                           "_zoetrope() {\n"
                           "    local -a commands\n    commands=(\n");
    for (int i = 0; command_table[i]; i++) {
        text_buf_printf(out, "        '%s:", command_table[i]->name);
        add_zsh_text(out, command_table[i]->summary);
        text_buf_add_text(out, "'\n");
    }
    text_buf_add_text(out, "    )\n"
                           "    if (( CURRENT == 2 )); then\n"
                           "        _describe command commands\n        return\n    fi\n"
                           "    local command=$words[2]\n"
                           "    shift words\n    (( CURRENT-- ))\n"
                           "    case $command in\n");
    for (int i = 0; command_table[i]; i++) {
        text_buf_printf(out, "        %s)\n        _arguments", command_table[i]->name);
        each_option(command_table[i], add_zsh_option, out);
        text_buf_add_text(out, " \\\n            '1:word:(");
        add_verbs(out, command_table[i]);
        text_buf_add_text(out, ")' '*:file:_files' ;;\n");
    }
    text_buf_add_text(out, "    esac\n}\n"
                           "if [ \"$funcstack[1]\" = _zoetrope ]; then _zoetrope \"$@\"; else "
                           "compdef _zoetrope zoetrope; fi\n");
}

static int run_completion(const struct config *config, const struct arguments *args)
{
    struct text_buf out;
    const char *shell = args->n_words == 1 ? args->words[0] : "";
    (void)config;
    if (strcmp(shell, "bash") != 0 && strcmp(shell, "zsh") != 0)
        return command_misused("completion", "the word must be bash or zsh");
    text_buf_init(&out, PAGE_MAX);
    if (strcmp(shell, "bash") == 0)
        add_bash(&out);
    else
        add_zsh(&out);
    return print(&out);
}

const struct command command_completion = {
    .name = "completion",
    .words = "bash | zsh",
    .summary = "Print the rules by which a shell completes this program's words.",
    .details = "For this shell: eval \"$(zoetrope completion bash)\". make install puts both where "
               "shells look.\n",
    .uses = COMMAND_PLAIN,
    .run = run_completion,
};
