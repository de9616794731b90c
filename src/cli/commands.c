/* commands.c - the subcommand table, in the order of the help. SPDX-License-Identifier: MIT */
#include "cli/command.h"

const struct command *const command_table[] = {
    &command_serve,      &command_work,  &command_generate, &command_plan,
    &command_key,        &command_model, &command_bench,    &command_doctor,
    &command_completion, &command_man,   &command_openapi,  NULL,
};
