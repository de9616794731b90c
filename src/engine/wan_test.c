/* wan_test.c - what the owner of a job reads when weights are not there. SPDX-License-Identifier:
 * MIT */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "model/wan/parts.h"
#include "unit.h"

/* Opening must fail with these words, and tell of no file. */
static void refused(const struct engine_options *o, const char *words, const char *never)
{
    struct engine *e = NULL;
    struct error err;
    CHECK_ERR(engine_wan.open(&e, o, &err), ERR_INVALID);
    if (!strstr(err.text, words) || (never && strstr(err.text, never)))
        fail_msg("\"%s\" must have \"%s\" and not \"%s\"", err.text, words, never ? never : "");
}

TEST(a_command_is_named_where_it_brings_what_is_missing_and_only_there)
{
    const struct engine_options pulled = {
        .model = "m", .path = "/nowhere/models/m", .pull = "wan2.1-t2v-1.3b"};
    refused(&pulled, "\"zoetrope model pull wan2.1-t2v-1.3b\" brings them", "/nowhere");
    const struct engine_options own = {.model = "m", .path = "/nowhere/m"};
    refused(&own, "the row of the config file says where they are to be", "pull");
    const struct engine_options named = {.model = "m",
                                         .path = "/nowhere/models/m",
                                         .pull = "wan2.1-t2v-1.3b",
                                         .settings = "transformer = /nowhere/else.gguf"};
    refused(&named, "a file that the settings of m name is not on this machine", "pull");
}

static void on_warn(void *arg, const struct error *why)
{
    *(struct error *)arg = *why;
}

TEST(who_runs_the_machine_is_told_which_file_is_missing_and_nobody_else)
{
    struct error told = {0};
    const struct engine_options o = {.model = "m",
                                     .settings = "transformer = /nowhere/else.gguf",
                                     .warn = on_warn,
                                     .warn_arg = &told};
    refused(&o, "a file that the settings of m name is not on this machine", "else.gguf");
    assert_non_null(strstr(told.text, "/nowhere/else.gguf"));
}

TEST(the_owner_of_a_job_reads_no_path_of_files_that_do_not_fit)
{
    struct error told = {0};
    const struct engine_options o = {.model = "m",
                                     .settings = "vae = " GOLDEN "/umt5.safetensors",
                                     .warn = on_warn,
                                     .warn_arg = &told};
    refused(&o, "the weights of m do not fit", "/");
    assert_non_null(strstr(told.text, GOLDEN "/umt5.safetensors is given as the VAE"));
}

TEST(a_folder_whose_weights_have_not_all_come_names_the_command_that_brings_the_rest)
{
    SCOPED(mem) char *folder = mem_printf("%s/half", unit_folder());
    SCOPED(mem) char *mark = mem_printf("%s/" PARTS_UNFINISHED, folder);
    struct error err;
    const struct engine_options o = {.model = "m", .path = folder, .pull = "wan2.2-ti2v-5b"};
    CHECK_OK(file_make_folders(folder, 0700, &err), err);
    CHECK_OK(file_write(mark, TEXT("more"), 0600, &err), err);
    refused(&o, "(more files are to come); \"zoetrope model pull wan2.2-ti2v-5b\"", "half");
}
