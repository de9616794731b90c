/* option_test.c - values of every type, and command lines. SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <string.h>

#include "base/memory.h"
#include "unit.h"

struct values {
    bool flag;
    char *text;
    int number;
    int64_t large;
    int64_t time;
    int64_t size;
    int choice;
};

#define AT(member) offsetof(struct values, member)

static const struct option rows[] = {
    {.name = "flag", .letter = 'f', .type = OPTION_FLAG, .offset = AT(flag), .help = "A flag."},
    {.name = "text",
     .letter = 't',
     .type = OPTION_TEXT,
     .offset = AT(text),
     .value = "WORDS",
     .max = 5,
     .help = "A text.",
     .uses = 1},
    {.name = "number",
     .type = OPTION_INT,
     .offset = AT(number),
     .value = "N",
     .standard = "4",
     .min = 2,
     .max = 8,
     .step = 2,
     .help = "A number.",
     .uses = 3},
    {.name = "large",
     .type = OPTION_LONG,
     .offset = AT(large),
     .value = "N",
     .help = "Any number."},
    {.name = "time",
     .type = OPTION_DURATION,
     .offset = AT(time),
     .value = "TIME",
     .min = 0,
     .max = 7 * 24 * 3600 * 1000000LL,
     .help = "A duration."},
    {.name = "size",
     .type = OPTION_BYTES,
     .offset = AT(size),
     .value = "SIZE",
     .min = 1000,
     .max = 1LL << 40,
     .help = "A size."},
    {.name = "choice",
     .type = OPTION_CHOICE,
     .offset = AT(choice),
     .value = "WORD",
     .choices = "red green blue",
     .help = "A choice."},
    {0},
};

static const struct option *row(const char *name)
{
    const struct option *o = rows;
    while (strcmp(o->name, name) != 0)
        o++;
    return o;
}

static int64_t number_of(const struct option *o, const struct values *v)
{
    const char *at = (const char *)v + o->offset;
    int n;
    int64_t large;
    if (o->type == OPTION_FLAG)
        return *at;
    if (o->type == OPTION_INT || o->type == OPTION_CHOICE) {
        memcpy(&n, at, sizeof n);
        return n;
    }
    memcpy(&large, at, sizeof large);
    return large;
}

TEST(a_value_is_read_by_its_rows_type)
{
    static const struct {
        const char *name;
        const char *value;
        int64_t number;
    } good[] = {
        {"flag", "true", 1},
        {"flag", "false", 0},
        {"number", "2", 2},
        {"number", "8", 8},
        {"large", "-9223372036854775808", INT64_MIN},
        {"time", "0", 0},
        {"time", "250ms", 250000},
        {"time", "30s", 30000000},
        {"time", "10m", 600000000},
        {"time", "24h", 86400000000},
        {"time", "7d", 604800000000},
        {"size", "1000", 1000},
        {"size", "1000B", 1000},
        {"size", "256MB", 256000000},
        {"size", "256 mb", 256000000},
        {"size", "1GiB", 1 << 30},
        {"size", "1TiB", 1LL << 40},
        {"choice", "red", 0},
        {"choice", "blue", 2},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct values v = {0};
        struct error err;
        CHECK_OK(option_set(row(good[i].name), &v, good[i].value, "it", &err), err);
        assert_int_equal(number_of(row(good[i].name), &v), good[i].number);
    }
}

TEST(a_bad_value_is_named_with_its_rule_and_changes_nothing)
{
    static const struct {
        const char *name;
        const char *value;
        const char *text;
    } bad[] = {
        {"flag", "yes", "it is yes, must be true or false"},
        {"number", "3", "it is 3, must be 2 to 8, a multiple of 2"},
        {"number", "10", "it is 10, must be 2 to 8, a multiple of 2"},
        {"number", "", "it is , must be 2 to 8, a multiple of 2"},
        {"number", "4x", "it is 4x, must be 2 to 8, a multiple of 2"},
        {"large", "9223372036854775808", "it is 9223372036854775808, must be a whole number"},
        {"time", "8d", "it is 8d, must be a duration from 0 to 7d (like 30s, 10m, 24h, 7d)"},
        {"time", "30", "it is 30, must be a duration from 0 to 7d (like 30s, 10m, 24h, 7d)"},
        {"time", "-1s", "it is -1s, must be a duration from 0 to 7d (like 30s, 10m, 24h, 7d)"},
        {"time", "1.5h", "it is 1.5h, must be a duration from 0 to 7d (like 30s, 10m, 24h, 7d)"},
        {"time", "9999999999999999d",
         "it is 9999999999999999d, must be a duration from 0 to 7d (like 30s, 10m, 24h, 7d)"},
        {"size", "1", "it is 1, must be a size from 1kB to 1TiB (like 256MB, 1GiB)"},
        {"size", "many", "it is many, must be a size from 1kB to 1TiB (like 256MB, 1GiB)"},
        {"choice", "Red", "it is Red, must be one of: red green blue"},
        {"choice", "", "it is , must be one of: red green blue"},
        {"text", "123456", "it has 6 bytes, must have at most 5"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct values v = {0};
        const struct values before = v;
        struct error err;
        CHECK_ERR(option_set(row(bad[i].name), &v, bad[i].value, "it", &err), ERR_INVALID);
        assert_string_equal(err.text, bad[i].text);
        assert_memory_equal(&v, &before, sizeof v);
    }
}

static int parse(struct values *v, struct arguments *args, const char *const argv[],
                 struct error *err)
{
    *v = (struct values){0};
    int rc = option_parse(args, rows, NULL, 0, argv, err);
    return rc < 0 ? rc : option_apply(rows, v, args, err);
}

TEST(a_command_line_is_sorted_into_options_and_words)
{
    const char *const argv[] = {"one", "--number=6", "--flag", "--time", "5s", "-t",
                                "abc", "two",        "-",      "--",     "-f", NULL};
    struct values v;
    struct arguments args;
    struct error err;
    CHECK_OK(parse(&v, &args, argv, &err), err);
    assert_int_equal(v.number, 6);
    assert_true(v.flag);
    assert_int_equal(v.time, 5000000);
    assert_string_equal(v.text, "abc");
    assert_int_equal(args.n_words, 4);
    assert_string_equal(args.words[0], "one");
    assert_string_equal(args.words[1], "two");
    assert_string_equal(args.words[2], "-");
    assert_string_equal(args.words[3], "-f");
    option_fini(rows, &v);
    assert_null(v.text);
}

TEST(what_is_not_given_has_its_default_and_the_last_of_two_wins)
{
    const char *const none[] = {NULL};
    const char *const twice[] = {"--number", "2", "-tab", "--number=8", "-t", "cd", NULL};
    struct values v;
    struct arguments args;
    struct error err;
    CHECK_OK(parse(&v, &args, none, &err), err);
    assert_int_equal(v.number, 4);
    assert_null(v.text);
    CHECK_OK(parse(&v, &args, twice, &err), err);
    assert_int_equal(v.number, 8);
    assert_string_equal(v.text, "cd");
    option_fini(rows, &v);
}

TEST(a_bad_command_line_is_refused_with_the_word_at_fault)
{
    static const struct {
        const char *argv[4];
        const char *text;
    } bad[] = {
        {{"--nothing", NULL}, "there is no option --nothing"},
        {{"-x", NULL}, "there is no option -x"},
        {{"--number", NULL}, "--number needs a value: N"},
        {{"-t", NULL}, "--text needs a value: WORDS"},
        {{"--flag=maybe", NULL}, "--flag is maybe, must be true or false"},
        {{"-fx", NULL}, "-f takes no value"},
        {{"--number", "7", NULL}, "--number is 7, must be 2 to 8, a multiple of 2"},
        {{"--numbe=4", NULL}, "there is no option --numbe=4"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct values v;
        struct arguments args;
        struct error err;
        CHECK_ERR(parse(&v, &args, bad[i].argv, &err), ERR_INVALID);
        assert_string_equal(err.text, bad[i].text);
        option_fini(rows, &v);
    }
}

TEST(a_second_tables_rows_count_only_for_their_commands)
{
    static const struct option none[] = {{0}};
    const char *const number[] = {"--number=4", NULL};
    const char *const text[] = {"--text=a", NULL};
    struct arguments args;
    struct error err;
    CHECK_OK(option_parse(&args, none, rows, 2, number, &err), err);
    assert_int_equal(args.n_set, 1);
    CHECK_ERR(option_parse(&args, none, rows, 2, text, &err), ERR_INVALID);
    CHECK_OK(option_parse(&args, NULL, rows, 0, text, &err), err);
}

TEST(more_arguments_than_fit_are_refused)
{
    const char *argv[OPTION_MOST_ARGUMENTS + 2];
    for (int i = 0; i <= OPTION_MOST_ARGUMENTS; i++)
        argv[i] = "-f";
    argv[OPTION_MOST_ARGUMENTS] = NULL;
    struct arguments args;
    struct error err;
    CHECK_OK(option_parse(&args, rows, NULL, 0, argv, &err), err);
    argv[OPTION_MOST_ARGUMENTS] = "-f";
    argv[OPTION_MOST_ARGUMENTS + 1] = NULL;
    CHECK_ERR(option_parse(&args, rows, NULL, 0, argv, &err), ERR_INVALID);
}

TEST(help_shows_each_row_with_its_default)
{
    struct text_buf out;
    text_buf_init(&out, 4096);
    option_help(rows, 0, &out);
    assert_non_null(strstr(out.at, "  -f, --flag                   A flag.\n"));
    assert_non_null(strstr(out.at, "  --number N                   A number. [4]\n"));
    assert_non_null(strstr(out.at, "A choice. One of: red green blue.\n"));
    text_buf_fini(&out);
    option_help(rows, 2, &out);
    assert_null(strstr(out.at, "--text"));
    assert_non_null(strstr(out.at, "--number"));
    text_buf_fini(&out);
}

TEST(the_environment_has_a_name_for_each_row)
{
    static const struct option o = {.name = "fetch-allow"};
    char name[OPTION_ENV_SIZE];
    option_env_name(&o, name);
    assert_string_equal(name, "ZOETROPE_FETCH_ALLOW");
}
