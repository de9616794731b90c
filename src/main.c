/* main.c - which command it is. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "cli/command.h"

static const struct command *find(const char *name)
{
    for (int i = 0; command_table[i]; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

static int help(FILE *to, int status)
{
    fprintf(to, "zoetrope - text or an image in, a video out, behind the AI/ML API's endpoints\n\n"
                "  zoetrope COMMAND [OPTIONS]\n\n");
    for (int i = 0; command_table[i]; i++)
        fprintf(to, "  %-10s %s\n", command_table[i]->name, command_table[i]->summary);
    fprintf(to, "  %-10s %s\n  %-10s %s\n\nzoetrope COMMAND --help says more.\n", "version",
            "Print the version.", "help", "Print this page, or a command's.");
    return status;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ,
           SIG_IGN); /* a limit on the size of files is a failed write, as a full disk is */
    hash_start();
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0)
        return printf("zoetrope %s\n", ZOETROPE_VERSION) < 0;
    if (strcmp(name, "help") == 0 && argc > 2 && find(argv[2]))
        return command_help(find(argv[2]));
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(stdout, COMMAND_OK);
    const struct command *c = find(name);
    if (c)
        return command_main(c, (const char *const *)argv + 2);
    if (*name)
        fprintf(stderr, "zoetrope: there is no command %.60s\n\n", name);
    return help(stderr, COMMAND_USAGE);
}
