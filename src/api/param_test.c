/* param_test.c - unit tests of query parameters and of the window of a usage query.
 *
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "api/billing.h"
#include "api/cursor.h"
#include "api/list.h"
#include "api/poll.h"
#include "api/sample.h"
#include "base/clock.h"
#include "base/memory.h"

/* "name=value&…", cut without decoding. */
struct given {
    char text[512];
};

static bool read_given(struct param_set *q, const struct param_field *fields, bool strict,
                       struct given *g, const char *query)
{
    snprintf(g->text, sizeof g->text, "%s", query);
    param_set_init(q, fields, strict);
    char *rest = g->text;
    while (rest && *rest) {
        char *name = rest;
        rest = strchr(rest, '&');
        if (rest)
            *rest++ = 0;
        char *value = strchr(name, '=');
        if (value)
            *value++ = 0;
        param_set_add(q, name, value ? value : "");
    }
    return param_set_end(q);
}

static void check_refused(const struct param_field *fields, bool strict, const char *query,
                          const char *expected)
{
    struct param_set q;
    struct given g;
    assert_false(read_given(&q, fields, strict, &g, query));
    sample_same_issues(&q.issues, expected);
}

TEST(a_missing_id_is_named)
{
    check_refused(poll_query, false, "",
                  "[{'code':'invalid_type','expected':'string','received':'undefined',"
                  "'path':['generation_id'],'message':'Required'}]");
    check_refused(poll_query, false, "generation_id=",
                  "[{'code':'too_small','minimum':1,'type':'string','inclusive':true,"
                  "'exact':false,'path':['generation_id'],"
                  "'message':'String must contain at least 1 character(s)'}]");
}

TEST(what_a_poll_does_not_know_is_ignored)
{
    SCOPED(param_set) struct param_set q;
    struct given g;
    assert_true(read_given(&q, poll_query, false, &g, "x=1&generation_id=a&generation_id=b&y"));
    assert_string_equal(q.values[0].text, "a");
}

TEST(seconds_to_wait_are_decimals_up_to_sixty)
{
    static const struct {
        const char *query;
        int64_t us;
    } good[] = {{"wait=0", 0},          {"wait=60", 60000000}, {"wait=5.5", 5500000},
                {"wait=0.000001", 1},   {"wait=0.0000001", 0}, {"wait=60.0", 60000000},
                {"wait=00007", 7000000}};
    static const char *const bad[] = {"wait=61",
                                      "wait=60.000001",
                                      "wait=-1",
                                      "wait=",
                                      "wait=x",
                                      "wait=1e1",
                                      "wait=5.",
                                      "wait=.5",
                                      "wait=+5",
                                      "wait=1.2.3",
                                      "wait=99999999999999999999",
                                      "wait= 5",
                                      "wait=-0.5",
                                      "wait"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        SCOPED(param_set) struct param_set q;
        struct given g;
        assert_true(read_given(&q, poll_query + 1, false, &g, good[i].query));
        assert_int_equal(q.values[0].number, good[i].us);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        SCOPED(param_set) struct param_set q;
        struct given g;
        if (read_given(&q, poll_query + 1, false, &g, bad[i]) || q.issues.n != 1)
            fail_msg("%s was taken", bad[i]);
    }
}

TEST(a_list_has_its_defaults)
{
    SCOPED(param_set) struct param_set q;
    struct given g;
    assert_true(read_given(&q, list_query, false, &g, ""));
    assert_int_equal(q.values[0].number, 20);
    assert_int_equal(q.values[1].number, 0);
    assert_int_equal(q.values[2].number, -1);
}

TEST(the_words_for_a_status_are_those_of_the_store)
{
    for (int i = 0; i < JOB_STATES; i++) {
        SCOPED(param_set) struct param_set q;
        struct given g;
        char query[64];
        snprintf(query, sizeof query, "status=%s", job_state_name((enum job_state)i));
        assert_true(read_given(&q, list_query, false, &g, query));
        assert_int_equal(q.values[2].number, i);
    }
    check_refused(
        list_query, false, "status=done",
        "[{'received':'done','code':'invalid_enum_value','options':['queued',"
        "'generating','completed','error'],'path':['status'],'message':"
        "'Invalid enum value. Expected \\u0027queued\\u0027 | \\u0027generating\\u0027 "
        "| \\u0027completed\\u0027 | \\u0027error\\u0027, received \\u0027done\\u0027'}]");
}

TEST(limits_have_two_ends)
{
    check_refused(list_query, false, "limit=0",
                  "[{'code':'too_small','minimum':1,'type':'number','inclusive':true,"
                  "'exact':false,'path':['limit'],"
                  "'message':'Number must be greater than or equal to 1'}]");
    check_refused(list_query, false, "limit=101",
                  "[{'code':'too_big','maximum':100,'type':'number','inclusive':true,"
                  "'exact':false,'path':['limit'],"
                  "'message':'Number must be less than or equal to 100'}]");
    check_refused(list_query, false, "limit=ten",
                  "[{'code':'invalid_type','expected':'number','received':'nan','path':['limit'],"
                  "'message':'Expected number, received nan'}]");
}

TEST(the_ledger_refuses_what_it_does_not_know)
{
    check_refused(billing_entries_query, true, "x=1",
                  "[{'code':'unrecognized_keys','keys':['x'],'path':[],"
                  "'message':'Unrecognized key(s) in object: \\u0027x\\u0027'}]");
    check_refused(billing_entries_query, true, "limit=1&limit=2",
                  "[{'code':'custom','path':['limit'],'message':'Given more than once'}]");
    check_refused(billing_entries_query, true, "from=2026-01-01T00:00:00",
                  "[{'validation':'datetime','code':'invalid_string','path':['from'],"
                  "'message':'Invalid datetime'}]");
    check_refused(billing_entries_query, true, "cursor=AAAA",
                  "[{'code':'custom','path':['cursor'],'message':'Invalid cursor'}]");
}

TEST(a_cursor_of_another_list_is_refused)
{
    char query[64];
    char word[CURSOR_SIZE];
    cursor_write(CURSOR_JOBS, 5, word);
    snprintf(query, sizeof query, "cursor=%s", word);
    check_refused(billing_entries_query, true, query,
                  "[{'code':'custom','path':['cursor'],'message':'Invalid cursor'}]");
}

/* Now is 2026-08-17T12:00:00Z. Seconds from and to now; refused: both 0. */
TEST(a_window_of_use_is_a_period_or_two_ends)
{
    static const struct {
        const char *query;
        int64_t from_s;
        int64_t to_s;
    } rows[] = {
        {"period=24h", -86400, 0},
        {"period=7d", -7 * 86400, 0},
        {"period=92d", -92 * 86400, 0},
        {"start=2026-08-17T11:00:00&end=2026-08-17T12:00:00", -3600, 0},
        {"start=2026-08-17T11:00:00Z&end=2026-08-17T14:00:00+02:00", -3600, 0},
        {"start=2026-08-16&end=2026-08-17", -36 * 3600, -12 * 3600},
        {"start=2026-08-17T12:00:00Z&end=2026-08-17T12:00:01Z", 0, 1},
        {"", 0, 0},
        {"period=", 0, 0},
        {"period=0h", 0, 0},
        {"period=-1d", 0, 0},
        {"period=1.5h", 0, 0},
        {"period=1w", 0, 0},
        {"period=h", 0, 0},
        {"period=24H", 0, 0},
        {"period=93d", 0, 0},
        {"period=2209h", 0, 0},
        {"period=9999999999999999999h", 0, 0},
        {"period=1000000d", 0, 0},
        {"period=1d&start=2026-01-01&end=2026-01-02", 0, 0},
        {"period=1d&end=2026-01-02", 0, 0},
        {"start=2026-01-01", 0, 0},
        {"end=2026-01-01", 0, 0},
        {"start=2026-01-02&end=2026-01-01", 0, 0},
        {"start=2026-01-01&end=2026-06-01", 0, 0},
        {"start=x&end=y", 0, 0},
        {"period=1d&group_by=day", 0, 0},
        {"period=1d&tz=UTC", 0, 0},
    };
    int64_t now;
    assert_true(clock_iso_parse(TEXT("2026-08-17T12:00:00Z"), true, &now));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED(param_set) struct param_set q;
        struct given g;
        int64_t from = now;
        int64_t to = now;
        bool good = read_given(&q, billing_usage_query, true, &g, rows[i].query) &&
                    billing_window(&q, now, &from, &to);
        bool wanted = rows[i].from_s != 0 || rows[i].to_s != 0;
        if (good != wanted)
            fail_msg("%s: %s", rows[i].query, good ? "taken" : "refused");
        if (!good)
            continue;
        assert_int_equal(from - now, rows[i].from_s * CLOCK_SECOND_US);
        assert_int_equal(to - now, rows[i].to_s * CLOCK_SECOND_US);
    }
}

TEST(a_thousand_unknown_names_make_a_bounded_answer)
{
    struct param_set q;
    param_set_init(&q, billing_usage_query, true);
    for (int i = 0; i < 5000; i++)
        param_set_add(&q, "a name that nobody knows \xff", "");
    assert_false(param_set_end(&q));
    char *text = issue_list_take(&q.issues);
    assert_non_null(text);
    assert_true(strlen(text) < 64 * 1024);
    mem_free(text);
}
