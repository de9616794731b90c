/* param.c - see param.h. SPDX-License-Identifier: MIT */
#include "api/param.h"

#include <string.h>

#include "api/cursor.h"
#include "api/problem.h"
#include "base/clock.h"

void param_set_init(struct param_set *q, const struct param_field *fields, bool strict)
{
    *q = (struct param_set){.fields = fields, .strict = strict};
    issue_list_init(&q->issues);
    for (int i = 0; fields[i].name; i++)
        q->values[i].number = fields[i].standard;
}

void param_set_fini(struct param_set *q)
{
    issue_list_fini(&q->issues);
}

static void read_int(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    if (!text_int(text_of(v->text), INT64_MIN, INT64_MAX, &v->number))
        issue_type(&q->issues, f->name, "number", "nan");
    else if (v->number < f->min)
        issue_below(&q->issues, f->name, f->min);
    else if (v->number > f->max)
        issue_above(&q->issues, f->name, f->max);
}

/* Digits with an optional fraction, at most nine before and any number behind the point. */
static bool parse_seconds(struct text s, int64_t *out_us)
{
    int64_t whole;
    int64_t unit = CLOCK_SECOND_US / 10;
    bool has_point = s.len && memchr(s.at, '.', s.len);
    struct text head = text_cut(&s, '.');
    if (head.len > 9 || !text_int(head, 0, INT32_MAX, &whole) || (has_point && !s.len))
        return false;
    *out_us = whole * CLOCK_SECOND_US;
    for (size_t i = 0; i < s.len; i++, unit /= 10) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        *out_us += unit * (s.at[i] - '0');
    }
    return true;
}

static void read_seconds(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    struct text s = text_of(v->text);
    bool negative = s.len > 1 && s.at[0] == '-';
    if (negative)
        s = (struct text){s.at + 1, s.len - 1};
    if (!parse_seconds(s, &v->number))
        issue_type(&q->issues, f->name, "number", "nan");
    else if (negative || v->number < f->min * CLOCK_SECOND_US)
        issue_below(&q->issues, f->name, f->min);
    else if (v->number > f->max * CLOCK_SECOND_US)
        issue_above(&q->issues, f->name, f->max);
}

static void read_word(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    const char *words[PARAM_MOST_WORDS];
    int n = 0;
    for (; n < PARAM_MOST_WORDS && f->word(n); n++) {
        words[n] = f->word(n);
        if (text_equal(text_of(words[n]), text_of(v->text))) {
            v->number = n;
            return;
        }
    }
    issue_enum(&q->issues, f->name, words, n, text_of(v->text));
}

static void read_time(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    if (!clock_iso_parse(text_of(v->text), f->type == PARAM_INSTANT, &v->number))
        issue_format(&q->issues, f->name, "datetime");
}

static void read_period(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    const int64_t hour = 3600 * CLOCK_SECOND_US;
    struct text s = text_of(v->text);
    int64_t unit = 0;
    int64_t n;
    if (s.len)
        unit = s.at[s.len - 1] == 'h' ? hour : s.at[s.len - 1] == 'd' ? 24 * hour : 0;
    if (!unit || s.at[0] == '0' || !text_int((struct text){s.at, s.len - 1}, 1, 1000000, &n))
        issue_custom(&q->issues, f->name,
                     "Invalid period: expected a positive integer followed by h or d");
    else
        v->number = n * unit;
}

static void read_cursor(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    if (!cursor_read(text_of(v->text), (enum cursor_kind)f->min, &v->number))
        issue_custom(&q->issues, f->name, "Invalid cursor");
}

static void read_text(struct param_set *q, const struct param_field *f, struct param_value *v)
{
    struct text s = text_of(v->text);
    if ((int64_t)s.len < f->min)
        issue_short(&q->issues, f->name, f->min);
    else if (f->max && (int64_t)text_utf8_length(s) > f->max)
        issue_long(&q->issues, f->name, f->max);
}

typedef void read_value(struct param_set *q, const struct param_field *f, struct param_value *v);

static read_value *const readers[] = {
    [PARAM_TEXT] = read_text,     [PARAM_INT] = read_int,       [PARAM_SECONDS] = read_seconds,
    [PARAM_WORD] = read_word,     [PARAM_TIME] = read_time,     [PARAM_INSTANT] = read_time,
    [PARAM_PERIOD] = read_period, [PARAM_CURSOR] = read_cursor,
};

void param_set_add(struct param_set *q, const char *name, const char *value)
{
    for (int i = 0; q->fields[i].name; i++) {
        const struct param_field *f = &q->fields[i];
        struct param_value *v = &q->values[i];
        if (!text_equal(text_of(f->name), text_of(name)))
            continue;
        if (v->text && !f->repeats && q->strict)
            issue_custom(&q->issues, f->name, "Given more than once");
        if (v->text)
            return;
        v->text = value;
        readers[f->type](q, f, v);
        return;
    }
    if (q->strict)
        issue_unknown(&q->issues, name);
}

bool param_set_end(struct param_set *q)
{
    for (int i = 0; q->fields[i].name; i++)
        if (q->fields[i].required && !q->values[i].text)
            issue_required(&q->issues, q->fields[i].name, "string");
    return q->issues.n == 0;
}

static void add_each(void *arg, const char *name, const char *value)
{
    param_set_add(arg, name, value);
}

bool param_set_read(struct param_set *q, struct http_exchange *x, const struct param_field *fields,
                    bool strict)
{
    param_set_init(q, fields, strict);
    http_query_each(x, add_each, q);
    if (param_set_end(q))
        return true;
    problem_issues(x, &q->issues);
    return false;
}
