/* config_test.c - settings from four places, and what is wrong with them.
 *
 * SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/hub.h"
#include "model/wan/parts.h"
#include "unit.h"

static enum config_source source_of(const struct config *c, const char *name)
{
    int i = 0;
    while (strcmp(config_options[i].name, name) != 0)
        i++;
    return c->source[i];
}

static const char *text_of_option(const struct config *c, const char *name)
{
    int i = 0;
    while (strcmp(config_options[i].name, name) != 0)
        i++;
    return c->text[i];
}

/* The path of a config file with these words; static. */
static const char *write_file(const char *yaml)
{
    static char path[120];
    struct error err;
    snprintf(path, sizeof path, "%s/zoetrope.yaml", unit_folder());
    CHECK_OK(file_write(path, text_of(yaml), 0600, &err), err);
    return path;
}

static int load(struct config *c, const char *const argv[], struct error *err)
{
    struct arguments args;
    CHECK_OK(option_parse(&args, NULL, config_options, 0, argv, err), *err);
    return config_load(c, &args, err);
}

TEST(flags_beat_the_environment_which_beats_the_file_which_beats_defaults)
{
    char flag[160];
    snprintf(flag, sizeof flag, "--config=%s",
             write_file("keep: 1d\nattempts: 5\nqueue-max: 7\nlisten: \"[::1]:1\"\n"));
    const char *const argv[] = {flag, "--attempts=9", "--data=/nowhere", NULL};
    struct config c;
    struct error err;
    setenv("ZOETROPE_ATTEMPTS", "8", 1);
    setenv("ZOETROPE_QUEUE_MAX", "6", 1);
    int rc = load(&c, argv, &err);
    unsetenv("ZOETROPE_ATTEMPTS");
    unsetenv("ZOETROPE_QUEUE_MAX");
    CHECK_OK(rc, err);
    assert_int_equal(c.attempts, 9);
    assert_int_equal(source_of(&c, "attempts"), CONFIG_FLAG);
    assert_int_equal(c.queue_max, 6);
    assert_int_equal(source_of(&c, "queue-max"), CONFIG_ENVIRONMENT);
    assert_int_equal(c.keep, 86400 * CLOCK_SECOND_US);
    assert_int_equal(source_of(&c, "keep"), CONFIG_FILE);
    assert_string_equal(c.listen, "[::1]:1");
    assert_int_equal(c.lease, 15 * CLOCK_SECOND_US);
    assert_int_equal(source_of(&c, "lease"), CONFIG_DEFAULT);
    assert_string_equal(text_of_option(&c, "lease"), "15s");
    assert_string_equal(text_of_option(&c, "public-url"), "");
    config_fini(&c);
}

TEST(times_that_a_slow_commit_could_outlast_are_refused)
{
#ifdef ZOETROPE_CHECKS
    static const char *const bad[] = {"--hang=0s", "--stray-grace=0s"};
#else
    static const char *const bad[] = {"--hang=59s", "--stray-grace=59s"};
#endif
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const argv[] = {bad[i], "--data=/nowhere", NULL};
        struct config c;
        struct error err;
        CHECK_ERR(load(&c, argv, &err), ERR_INVALID);
        config_fini(&c);
    }
}

TEST(the_file_may_be_named_by_the_environment)
{
    const char *const argv[] = {"--data=/nowhere", NULL};
    struct config c;
    struct error err;
    setenv("ZOETROPE_CONFIG", write_file("workers: 0\n"), 1);
    CHECK_OK(load(&c, argv, &err), err);
    assert_int_equal(c.workers, 0);
    config_fini(&c);
    setenv("ZOETROPE_CONFIG", "/nonexistent.yaml", 1);
    CHECK_ERR(load(&c, argv, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nonexistent.yaml"));
    config_fini(&c);
    unsetenv("ZOETROPE_CONFIG");
}

TEST(data_lies_where_the_user_keeps_data)
{
    static const struct {
        const char *xdg;
        const char *home;
        const char *data;
    } rows[] = {
        {"/x", "/h", "/x/zoetrope"},
        {NULL, "/h", "/h/.local/share/zoetrope"},
        {"relative", "/h", "/h/.local/share/zoetrope"},
        {"", "/h", "/h/.local/share/zoetrope"},
    };
    const char *const argv[] = {NULL};
    SCOPED(mem) char *home = mem_dup(getenv("HOME"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        struct error err;
        if (rows[i].xdg)
            setenv("XDG_DATA_HOME", rows[i].xdg, 1);
        else
            unsetenv("XDG_DATA_HOME");
        setenv("HOME", rows[i].home, 1);
        CHECK_OK(load(&c, argv, &err), err);
        assert_string_equal(c.data, rows[i].data);
        config_fini(&c);
    }
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", home, 1);
}

TEST(every_bad_value_is_named_with_its_place_and_its_rule)
{
    static const struct {
        const char *yaml;
        const char *text; /* all of it, or where it ends in "..." the beginning */
    } rows[] = {
        {"workers: 300\n", "workers in f.yaml is 300, must be 0 to 256"},
        {"workers: many\n", "workers in f.yaml is many, must be 0 to 256"},
        {"keep: 3 weeks\n",
         "keep in f.yaml is 3 weeks, must be a duration from 0 to 36500d (like 30s, 10m, 24h, 7d)"},
        {"log-level: loud\n", "log-level in f.yaml is loud, must be one of: error warn info debug"},
        {"listen: 8080\n",
         "listen in f.yaml is 8080, must be ADDRESS:PORT like 127.0.0.1:8080 or [::1]:8080"},
        {"listen: ::1:8080\n", "listen in f.yaml is ::1:8080, must be ADDRESS:PORT..."},
        {"listen: a:65536\n", "listen in f.yaml is a:65536, must be ADDRESS:PORT..."},
        {"public-url: video.example\n", "public-url in f.yaml is video.example, must be http..."},
        {"public-url: https://video.example/\n",
         "public-url in f.yaml is https://video.example/..."},
        {"public-url: https://\n", "public-url in f.yaml is https://..."},
        {"fetch-allow: localhost\n", "fetch-allow in f.yaml is localhost, must be ranges..."},
        {"body-total-max: 1MB\n",
         "body-total-max in f.yaml is 1MB, must be a size from 30MB to 1TB (like 256MB, 1GiB)"},
        {"tls-key: k.pem\n", "tls-certificate and tls-key must be set together"},
        {"config: other.yaml\n", "config in f.yaml: a config file cannot name another"},
        {"worker: 3\n", "f.yaml: Unexpected key: worker, near line 1"},
        {"workers: 3\nworkers: 4\n", "f.yaml: Mapping field already seen: workers, near line 1"},
        {"workers: [3]\n", "f.yaml: Expecting STRING, got event: SEQUENCE_START, near line 1"},
        {"- workers\n", "f.yaml: Expecting MAPPING..."},
        {"workers\n", "f.yaml: Expecting MAPPING..."},
        {"workers: 'x\n", "f.yaml: libyaml: ..."},
        {"listen: &a x:1\ndata: *a\n", "f.yaml: ..."},
        {"models:\n  - credits: 3\n", "f.yaml: Missing required mapping field: id..."},
        {"models:\n  - id: x\n    price: 3\n", "f.yaml: Unexpected key: price..."},
        {"models:\n  - id: a b\n", "id of model a b in f.yaml is a b, must be 1 to 63 letters..."},
        {"models:\n  - id: x\n    engine: none\n",
         "engine of model x in f.yaml is none, must be an engine that this program has"},
        {"models:\n  - id: x\n    width: 1281\n",
         "width of model x in f.yaml is 1281, must be 64 to 4096, a multiple of 2"},
        {"models:\n  - id: x\n    image-required: 1\n",
         "image-required of model x in f.yaml is 1, must be true or false"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config c;
        struct error err = {0};
        int rc = config_parse(&c, "f.yaml", text_of(rows[i].yaml), &err);
        size_t len = strlen(rows[i].text);
        bool whole = strcmp(rows[i].text + len - 3, "...") != 0;
        if (rc != ERR_INVALID || (whole ? strcmp(err.text, rows[i].text) != 0
                                        : strncmp(err.text, rows[i].text, len - 3) != 0))
            fail_msg("%s-> %d \"%s\", must be \"%s\"", rows[i].yaml, rc, err.text, rows[i].text);
        config_fini(&c);
    }
}

TEST(an_empty_file_and_an_empty_value_change_nothing)
{
    static const char *const files[] = {"", "# nothing\n", "keep:\nmodels:\n", "models: []\n"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct config c;
        struct error err;
        CHECK_OK(config_parse(&c, "f.yaml", text_of(files[i]), &err), err);
        assert_int_equal(c.keep, 7 * 86400 * CLOCK_SECOND_US);
        assert_int_equal(source_of(&c, "keep"), CONFIG_DEFAULT);
        assert_int_equal(c.catalogue.n_rows, n_model_builtin);
        config_fini(&c);
    }
}

TEST(a_files_models_change_the_built_in_rows_and_follow_them)
{
    static const char yaml[] = "models:\n"
                               "  - id: video-01\n"
                               "    credits: 60000\n"
                               "  - id: my-film\n"
                               "    aliases: mine\n"
                               "    width: 640\n"
                               "    height: 360\n"
                               "    frames: 25\n"
                               "    image-required: true\n";
    struct config c;
    struct error err;
    CHECK_OK(config_parse(&c, "f.yaml", text_of(yaml), &err), err);
    const struct model *first = model_find(&c.catalogue, TEXT("video-01"));
    const struct model *mine = model_find(&c.catalogue, TEXT("mine"));
    assert_int_equal(c.catalogue.n_rows, n_model_builtin + 1);
    assert_int_equal(first->credits, 60000);
    assert_string_equal(first->name, model_builtin[0].name);
    assert_string_equal(mine->id, "my-film");
    assert_string_equal(mine->name, "my-film");
    assert_string_equal(mine->engine, first->engine);
    assert_int_equal(mine->width, 640);
    assert_int_equal(mine->n_frames, 25);
    assert_int_equal(mine->fps, first->fps);
    assert_true(mine->image_required);
    config_fini(&c);
    config_fini(&c); /* twice is fine */
}

/* The catalogue of a fresh data folder with this config file. */
static void load_catalogue(struct config *c, const char *data, const char *yaml)
{
    struct error err;
    SCOPED(mem) char *file = mem_printf("--config=%s", write_file(yaml));
    SCOPED(mem) char *folder = mem_printf("--data=%s", data);
    const char *const argv[] = {file, folder, NULL};
    CHECK_OK(load(c, argv, &err), err);
}

static void check_weights(const struct config *c, const char *id, const char *path,
                          const char *pull)
{
    const struct model *m = model_find(&c->catalogue, text_of(id));
    assert_non_null(m);
    assert_string_equal(m->path, path);
    if (pull)
        assert_string_equal(m->pull, pull);
    else
        assert_null(m->pull);
}

TEST(each_row_knows_where_its_weights_are_to_be_and_what_brings_them)
{
    SCOPED(mem) char *data = mem_printf("%s/weights", unit_folder());
    SCOPED(mem) char *small = mem_printf("%s/models/wan2.1-t2v-1.3b", data);
    SCOPED(mem) char *mine = mem_printf("%s/models/mine", data);
    struct config c;
    load_catalogue(&c, data,
                   "models:\n"
                   "  - id: wan2.1-t2v-1.3b\n"
                   "  - id: wan/v2.1/1.3b/text-to-video\n"
                   "  - {id: mine, engine: wan}\n"
                   "  - {id: wan2.2-ti2v-5b, path: /elsewhere}\n");
    check_weights(&c, "wan2.1-t2v-1.3b", small, "wan2.1-t2v-1.3b");
    check_weights(&c, "wan/v2.1/1.3b/text-to-video", small, "wan2.1-t2v-1.3b");
    check_weights(&c, "mine", mine, NULL);
    assert_true(model_find(&c.catalogue, TEXT("mine"))->alone); /* as its engine says */
    assert_false(model_find(&c.catalogue, TEXT("video-01"))->alone);
    check_weights(&c, "wan2.2-ti2v-5b", "/elsewhere", NULL);
    config_fini(&c);
}

TEST(a_folder_whose_weights_have_not_all_come_is_no_model)
{
    SCOPED(mem) char *data = mem_printf("%s/half", unit_folder());
    SCOPED(mem) char *folder = mem_printf("%s/models/wan2.2-ti2v-5b", data);
    SCOPED(mem) char *mark = mem_printf("%s/" PARTS_UNFINISHED, folder);
    struct config c;
    struct error err;
    CHECK_OK(file_make_folders(folder, 0700, &err), err);
    CHECK_OK(file_write(mark, TEXT("more\n"), 0600, &err), err);
    load_catalogue(&c, data, "");
    assert_null(model_find(&c.catalogue, TEXT("wan2.2-ti2v-5b")));
    config_fini(&c);
    assert_int_equal(unlink(mark), 0);
    load_catalogue(&c, data, "");
    check_weights(&c, "wan2.2-ti2v-5b", folder, "wan2.2-ti2v-5b");
    config_fini(&c);
}

TEST(every_open_model_can_be_pulled_by_its_name)
{
    for (int i = 0; i < n_model_open; i++)
        if (!hub_find(model_open[i].id))
            fail_msg("there is no set %s", model_open[i].id);
}

TEST(every_default_keeps_its_own_rule)
{
    struct config c;
    struct error err;
    CHECK_OK(config_parse(&c, "f.yaml", TEXT(""), &err), err);
    assert_int_equal(c.log_level, LOG_INFO);
    assert_true(c.workers >= 1);
    assert_int_equal(c.body_total_max, 256000000);
    config_fini(&c);
}
