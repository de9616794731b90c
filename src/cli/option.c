/* option.c - see option.h. SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

struct unit {
    const char *name;
    int64_t size;
};

static const struct unit durations[] = {
    {"d", 24 * 3600 * CLOCK_SECOND_US},
    {"h", 3600 * CLOCK_SECOND_US},
    {"m", 60 * CLOCK_SECOND_US},
    {"s", CLOCK_SECOND_US},
    {"ms", 1000},
    {NULL, 0},
};

static const struct unit sizes[] = {
    {"TB", 1000000000000},
    {"TiB", 1LL << 40},
    {"GB", 1000000000},
    {"GiB", 1LL << 30},
    {"MB", 1000000},
    {"MiB", 1LL << 20},
    {"kB", 1000},
    {"KiB", 1LL << 10},
    {"B", 1},
    {"", 1},
    {NULL, 0},
};

/* A number with a unit of the table behind it; 0 needs none. */
static bool parse_unit(const struct unit *units, const char *s, int64_t *out)
{
    size_t digits = strspn(s, "0123456789");
    int64_t n;
    if (!text_int((struct text){s, digits}, 0, INT64_MAX, &n))
        return false;
    const char *unit = s + digits;
    unit += *unit == ' ';
    if (n == 0 && !*unit) {
        *out = 0;
        return true;
    }
    for (; units->name; units++)
        if (text_equal_nocase(text_of(units->name), text_of(unit)))
            return !__builtin_mul_overflow(n, units->size, out);
    return false;
}

static void print_unit(const struct unit *units, int64_t n, char *out, size_t size)
{
    while (units[1].name && (n == 0 || n % units->size))
        units++;
    snprintf(out, size, "%lld%s", (long long)(n / units->size), n ? units->name : "");
}

static const struct unit *units_of(const struct option *o)
{
    return o->type == OPTION_DURATION ? durations : o->type == OPTION_BYTES ? sizes : NULL;
}

/* "must be 1 to 8", with units where the row has them. */
static int refuse(const struct option *o, const char *value, const char *subject, struct error *err)
{
    char low[32];
    char high[32];
    const struct unit *units = units_of(o);
    if (o->type == OPTION_FLAG)
        return error_set(err, ERR_INVALID, "%s is %.60s, must be true or false", subject, value);
    if (o->type == OPTION_CHOICE)
        return error_set(err, ERR_INVALID, "%s is %.60s, must be one of: %s", subject, value,
                         o->choices);
    if (units) {
        print_unit(units, o->min, low, sizeof low);
        print_unit(units, o->max, high, sizeof high);
        return error_set(err, ERR_INVALID, "%s is %.60s, must be %s from %s to %s (like %s)",
                         subject, value, o->type == OPTION_DURATION ? "a duration" : "a size", low,
                         high, o->type == OPTION_DURATION ? "30s, 10m, 24h, 7d" : "256MB, 1GiB");
    }
    if (!o->min && !o->max)
        return error_set(err, ERR_INVALID, "%s is %.60s, must be a whole number", subject, value);
    if (o->step > 1)
        return error_set(err, ERR_INVALID, "%s is %.60s, must be %lld to %lld, a multiple of %d",
                         subject, value, (long long)o->min, (long long)o->max, o->step);
    return error_set(err, ERR_INVALID, "%s is %.60s, must be %lld to %lld", subject, value,
                     (long long)o->min, (long long)o->max);
}

static bool parse_number(const struct option *o, const char *value, int64_t *out)
{
    const struct unit *units = units_of(o);
    bool limited = o->min || o->max;
    int64_t min = limited ? o->min : o->type == OPTION_INT ? INT32_MIN : INT64_MIN;
    int64_t max = limited ? o->max : o->type == OPTION_INT ? INT32_MAX : INT64_MAX;
    if (units)
        return parse_unit(units, value, out) && *out >= min && *out <= max;
    return text_int(text_of(value), min, max, out) && (o->step <= 1 || *out % o->step == 0);
}

static bool parse_choice(const char *choices, const char *value, int *out)
{
    int i = 0;
    for (struct text rest = text_of(choices); rest.len; i++)
        if (text_equal(text_cut(&rest, ' '), text_of(value))) {
            *out = i;
            return true;
        }
    return false;
}

static int set_text(const struct option *o, char **at, const char *value, const char *subject,
                    struct error *err)
{
    size_t len = strlen(value);
    if (o->max && len > (size_t)o->max)
        return error_set(err, ERR_INVALID, "%s has %zu bytes, must have at most %lld", subject, len,
                         (long long)o->max);
    mem_free(*at);
    *at = mem_dup(value);
    return 0;
}

int option_set(const struct option *o, void *into, const char *value, const char *subject,
               struct error *err)
{
    void *at = (char *)into + o->offset;
    const char *rule = NULL;
    int64_t n = 0;
    if (o->check && !o->check(value, &rule))
        return error_set(err, ERR_INVALID, "%s is %.80s, %s", subject, value, rule);
    switch (o->type) {
    case OPTION_TEXT:
        return set_text(o, at, value, subject, err);
    case OPTION_FLAG:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return refuse(o, value, subject, err);
        *(bool *)at = value[0] == 't';
        return 0;
    case OPTION_CHOICE:
        return parse_choice(o->choices, value, at) ? 0 : refuse(o, value, subject, err);
    case OPTION_INT:
        if (!parse_number(o, value, &n))
            return refuse(o, value, subject, err);
        *(int *)at = (int)n;
        return 0;
    case OPTION_LONG:
    case OPTION_DURATION:
    case OPTION_BYTES:
        if (!parse_number(o, value, &n))
            return refuse(o, value, subject, err);
        *(int64_t *)at = n;
        return 0;
    case OPTION_TYPES:
        break;
    }
    return error_set(err, ERR_INVALID, "%s has no type", subject);
}

void option_env_name(const struct option *o, char out[OPTION_ENV_SIZE])
{
    snprintf(out, OPTION_ENV_SIZE, "ZOETROPE_%s", o->name);
    for (char *c = out; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

void option_help(const struct option *table, unsigned uses, struct text_buf *out)
{
    for (const struct option *o = table; o->name; o++) {
        char left[64];
        if (uses && !(o->uses & uses))
            continue;
        char letter[] = {'-', o->letter, ',', ' ', 0};
        snprintf(left, sizeof left, "%s--%s%s%s", o->letter ? letter : "", o->name,
                 o->value ? " " : "", o->value ? o->value : "");
        text_buf_printf(out, "  %-28s %s", left, o->help);
        if (o->type == OPTION_CHOICE)
            text_buf_printf(out, " One of: %s.", o->choices);
        if (o->standard && *o->standard && o->type != OPTION_FLAG)
            text_buf_printf(out, " [%s]", o->standard);
        text_buf_add_text(out, "\n");
    }
}

/* ---- the command line ---------------------------------------------------------------------- */

static const struct option *find(const struct option *table, unsigned uses, struct text name,
                                 char letter)
{
    for (const struct option *o = table; o && o->name; o++)
        if ((!uses || (o->uses & uses)) &&
            (letter ? o->letter == letter : text_equal(text_of(o->name), name)))
            return o;
    return NULL;
}

/* One option at argv[*i]; moves *i on when its value is the next argument. */
static int take_option(struct arguments *out, const struct option *const tables[2], unsigned uses,
                       const char *const argv[], int *i, struct error *err)
{
    struct text rest = text_of(argv[*i] + 2);
    char letter = argv[*i][1] == '-' ? 0 : argv[*i][1];
    struct text name = text_cut(&rest, '=');
    const char *value = letter ? argv[*i] + 2 : rest.at;
    bool has_value = letter ? *value : name.at[name.len] == '=';
    const struct option *o = find(tables[0], 0, name, letter);
    if (!o)
        o = find(tables[1], uses, name, letter);
    if (!o)
        return error_set(err, ERR_INVALID, "there is no option %.60s", argv[*i]);
    if (o->type == OPTION_FLAG && has_value && letter)
        return error_set(err, ERR_INVALID, "-%c takes no value", letter);
    if (o->type != OPTION_FLAG && !has_value) {
        if (!argv[*i + 1])
            return error_set(err, ERR_INVALID, "--%s needs a value: %s", o->name, o->value);
        value = argv[++*i];
    } else if (!has_value) {
        value = "true";
    }
    out->set[out->n_set].option = o;
    out->set[out->n_set++].value = value;
    return 0;
}

int option_parse(struct arguments *out, const struct option *a, const struct option *b,
                 unsigned uses, const char *const argv[], struct error *err)
{
    const struct option *const tables[2] = {a, b};
    bool only_words = false;
    *out = (struct arguments){0};
    for (int i = 0; argv[i]; i++) {
        if (i >= OPTION_MOST_ARGUMENTS)
            return error_set(err, ERR_INVALID, "more than %d arguments", OPTION_MOST_ARGUMENTS);
        if (only_words || argv[i][0] != '-' || !argv[i][1]) {
            out->words[out->n_words++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            out->help = true;
        } else {
            int rc = take_option(out, tables, uses, argv, &i, err);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

int option_apply(const struct option *table, void *into, const struct arguments *args,
                 struct error *err)
{
    int rc = 0;
    for (const struct option *o = table; o->name && rc == 0; o++)
        if (o->standard)
            rc = option_set(o, into, o->standard, o->name, err);
    for (int i = 0; i < args->n_set && rc == 0; i++) {
        char subject[64];
        const struct option *o = find(table, 0, text_of(args->set[i].option->name), 0);
        if (o != args->set[i].option)
            continue;
        snprintf(subject, sizeof subject, "--%s", o->name);
        rc = option_set(o, into, args->set[i].value, subject, err);
    }
    return rc;
}

void option_fini(const struct option *table, void *into)
{
    for (const struct option *o = table; o->name; o++)
        if (o->type == OPTION_TEXT) {
            char **at = (char **)(void *)((char *)into + o->offset);
            mem_free(TAKE(*at));
        }
}
