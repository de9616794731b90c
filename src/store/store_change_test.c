/* store_change_test.c - the order of changes, and a store of the first version brought up to it.
 * SPDX-License-Identifier: MIT */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sqlite_schema.h"
#include "store/fixture.h"
#include "unit.h"

enum { MOST = 64 };

struct seen {
    int n;
    int64_t number[MOST];
    char id[MOST][HASH_ID_SIZE];
    int state[MOST]; /* -1: gone */
};

static int add(void *arg, const struct store_change *c)
{
    struct seen *s = arg;
    assert_true(s->n < MOST);
    s->number[s->n] = c->number;
    s->state[s->n] = c->job ? (int)c->job->state : -1;
    snprintf(s->id[s->n], HASH_ID_SIZE, "%s", c->id);
    if (c->job)
        assert_int_equal(c->job->changed, c->number);
    s->n++;
    return 0;
}

static struct seen changes(struct store *s, int64_t key, int64_t after)
{
    struct seen seen = {0};
    struct error err;
    const struct store_change_filter filter = {.after = after, .key_id = key, .limit = MOST};
    CHECK_OK(store_changes(s, &filter, add, &seen, &err), err);
    for (int i = 1; i < seen.n; i++)
        assert_true(seen.number[i] > seen.number[i - 1]);
    return seen;
}

static int64_t last(struct store *s)
{
    int64_t n = 0;
    struct error err;
    CHECK_OK(store_last_change(s, &n, &err), err);
    return n;
}

TEST(a_change_of_each_kind_takes_the_next_number)
{
    struct error err;
    struct store *s = fixture_open("kinds");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    struct store_job out;
    fixture_admit(s, key, id);
    assert_int_equal(last(s), 1);
    fixture_claim(s, "w", &held);
    assert_int_equal(last(s), 2);
    CHECK_OK(store_progress(s, id, held.token, "drawing", 0.10, &err), err);
    assert_int_equal(last(s), 3);
    CHECK_OK(store_progress(s, id, held.token, "drawing", 0.11, &err), err);
    assert_int_equal(last(s), 4);
    fixture_finish(s, &held);
    assert_int_equal(last(s), 5);
    struct seen seen = changes(s, key, 0);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.number[0], 5);
    assert_int_equal(seen.state[0], JOB_COMPLETED);
    CHECK_OK(store_remove(s, key, id, &out, &err), err);
    store_job_fini(&out);
    seen = changes(s, key, 5);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.state[0], -1);
    assert_string_equal(seen.id[0], id);
    assert_int_equal(changes(s, key, 6).n, 0);
    fixture_check(s);
    store_close(s);
}

TEST(the_same_again_and_less_than_a_per_cent_are_no_changes)
{
    struct error err;
    struct store *s = fixture_open("same");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    CHECK_OK(store_progress(s, id, held.token, "drawing", 0.102, &err), err);
    int64_t before = last(s);
    CHECK_OK(store_progress(s, id, held.token, "drawing", 0.102, &err), err);
    CHECK_OK(store_progress(s, id, held.token, "drawing", 0.108, &err), err);
    CHECK_OK(store_beat(s, id, held.token, 1000000, &err), err);
    assert_int_equal(last(s), before);
    CHECK_OK(store_progress(s, id, held.token, "finishing", 0.108, &err), err);
    assert_int_equal(last(s), before + 1);
    store_close(s);
}

TEST(changes_are_told_by_key_in_order_and_up_to_a_bound)
{
    struct error err;
    struct store *s = fixture_open("keys");
    int64_t one = fixture_key(s, "aaaaaaaa", NULL, 0);
    int64_t two = fixture_key(s, "bbbbbbbb", NULL, 0);
    char id[6][HASH_ID_SIZE];
    for (int i = 0; i < 6; i++)
        fixture_admit(s, i % 2 ? two : one, id[i]);
    CHECK_OK(store_cancel(s, one, id[0], &err), err);
    struct seen seen = changes(s, one, 0);
    assert_int_equal(seen.n, 3);
    assert_string_equal(seen.id[2], id[0]);
    assert_int_equal(changes(s, two, 0).n, 3);
    assert_int_equal(changes(s, 0, 0).n, 6);

    struct seen open = {0};
    const struct store_change_filter filter = {
        .after = 1, .until = 5, .key_id = one, .unfinished = true, .limit = MOST};
    CHECK_OK(store_changes(s, &filter, add, &open, &err), err);
    assert_int_equal(open.n, 2);
    assert_string_equal(open.id[0], id[2]);
    assert_string_equal(open.id[1], id[4]);
    store_close(s);
}

TEST(numbers_go_on_after_opening_again)
{
    struct store *s = fixture_open("again");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    fixture_admit(s, key, id);
    store_close(s);
    s = fixture_open("again");
    fixture_admit(s, key, id);
    assert_int_equal(last(s), 2);
    assert_int_equal(changes(s, key, 1).n, 1);
    store_close(s);
}

static int count(void *arg, const struct store_job *job)
{
    (void)job;
    ++*(int *)arg;
    return 0;
}

static int found(struct store *s, int64_t key, int state, const char *model, const char *words)
{
    struct error err;
    int n = 0;
    const struct store_list_filter filter = {
        .key_id = key, .state = state, .limit = MOST, .model = model, .words = words};
    CHECK_OK(store_list(s, &filter, count, &n, &err), err);
    return n;
}

TEST(a_list_may_ask_for_a_model_and_for_words_of_the_prompt)
{
    static char prompts[][32] = {"A red Fox", "50% of a_fox", "whales"};
    static char model[] = "video-01";
    struct store *s = fixture_open("search");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    for (int i = 0; i < 3; i++) {
        struct store_admission a = fixture_admission(key);
        a.input.prompt = prompts[i];
        a.input.model = model;
        CHECK_OK(store_admit_wait(s, &a), a.err);
    }
    assert_int_equal(found(s, key, -1, NULL, "FOX"), 2);
    assert_int_equal(found(s, key, -1, NULL, "%"), 1);
    assert_int_equal(found(s, key, -1, NULL, "a_"), 1);
    assert_int_equal(found(s, key, JOB_QUEUED, "video-01", "whale"), 1);
    assert_int_equal(found(s, key, JOB_ERROR, "video-01", "whale"), 0);
    assert_int_equal(found(s, key, -1, "video-02", ""), 0);
    assert_int_equal(found(s, key, -1, "", ""), 3);
    store_close(s);
}

TEST(a_key_changes_in_what_is_named_and_keeps_the_rest)
{
    struct error err;
    struct store *s = fixture_open("change");
    const struct store_key limits = {.requests_per_minute = 5, .jobs_at_once = 6};
    fixture_key(s, "aaaaaaaa", &limits, 0);
    struct store_key_change to = STORE_KEY_UNCHANGED;
    to.name = "other";
    to.disabled = 1;
    CHECK_OK(store_key_change(s, "aaaaaaaa", &to, &err), err);
    struct store_key key = fixture_key_now(s, "aaaaaaaa");
    assert_string_equal(key.name, "other");
    assert_true(key.disabled);
    assert_int_equal(key.requests_per_minute, 5);
    assert_int_equal(key.jobs_at_once, 6);
    assert_true(key.updated_us >= key.created_us);
    struct store_admission a = fixture_admission(key.id);
    CHECK_ERR(store_admit_wait(s, &a), ERR_DENIED);
    CHECK_ERR(store_key_change(s, "bbbbbbbb", &to, &err), ERR_NOT_FOUND);
    store_close(s);
}

TEST(a_key_that_has_spent_what_it_may_is_refused_until_it_may_more)
{
    struct error err;
    struct store *s = fixture_open("spend");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    struct store_key_change to = STORE_KEY_UNCHANGED;
    char id[HASH_ID_SIZE];
    to.spend_max = 250;
    to.spend_window = STORE_DAY;
    CHECK_OK(store_key_change(s, "aaaaaaaa", &to, &err), err);
    for (int i = 0; i < 2; i++) {
        SCOPED(store_job) struct store_job held = {0};
        fixture_admit(s, key, id);
        fixture_claim(s, "w", &held);
        fixture_finish(s, &held);
    }
    struct store_admission a = fixture_admission(key);
    CHECK_ERR(store_admit_wait(s, &a), ERR_CREDITS);
    assert_int_equal(a.refusal, STORE_LIMIT_REACHED);
    to.spend_max = 300;
    CHECK_OK(store_key_change(s, "aaaaaaaa", &to, &err), err);
    fixture_admit(s, key, id);
    fixture_check(s);
    store_close(s);
}

TEST(a_clock_that_was_set_back_gives_a_key_no_more_to_spend)
{
    struct error err;
    struct store *s = fixture_open("back");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    struct store_key_change to = STORE_KEY_UNCHANGED;
    char id[HASH_ID_SIZE];
    sqlite3 *db;
    to.spend_max = 100;
    to.spend_window = STORE_EVER;
    CHECK_OK(store_key_change(s, "aaaaaaaa", &to, &err), err);
    assert_int_equal(sqlite3_open(fixture_path("back"), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE keys SET created_us = created_us + 3600000000", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    SCOPED(store_job) struct store_job held = {0};
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    fixture_finish(s, &held);
    struct store_admission a = fixture_admission(key);
    CHECK_ERR(store_admit_wait(s, &a), ERR_CREDITS);
    store_close(s);
}

TEST(a_window_begins_at_midnight_on_a_monday_and_with_a_month)
{
    static const struct {
        enum store_window window;
        const char *now;
        const char *begin;
    } rows[] = {
        {STORE_DAY, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"},
        {STORE_DAY, "2026-03-01T23:59:59Z", "2026-03-01T00:00:00Z"},
        {STORE_WEEK, "2026-03-01T23:59:59Z", "2026-02-23T00:00:00Z"}, /* a Sunday */
        {STORE_WEEK, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"},
        {STORE_MONTH, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z"},
        {STORE_EVER, "2028-02-29T12:00:00Z", "1970-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t now_us;
        int64_t begin_us;
        assert_true(clock_iso_parse(text_of(rows[i].now), true, &now_us));
        assert_true(clock_iso_parse(text_of(rows[i].begin), true, &begin_us));
        assert_int_equal(store_window_begin(rows[i].window, now_us), begin_us);
    }
}

/* ---- an older store ------------------------------------------------------------------------ */

static const char old_rows[] =
    "PRAGMA application_id = 1515475536; PRAGMA user_version = 1;"
    "INSERT INTO keys (id, prefix, hash, name, admin, limited, n_queued, reserved,"
    " requests_per_minute, jobs_at_once, created_us)"
    " VALUES (1, 'aaaaaaaa', zeroblob(32), 'old', 0, 0, 1, 100, 0, 0, 7);"
    "INSERT INTO jobs (seq, id, key_id, state, credits, created_us, model, enhance, seed,"
    " image_kind, image, prompt)"
    " VALUES (1, 'queued-before-------1', 1, 0, 100, 7, 'video-01', 1, 3, 0, '', 'a fox');"
    "UPDATE totals SET last_seq = 1, queued = 1;";

TEST(a_store_of_the_first_version_is_upgraded_in_place)
{
    sqlite3 *db;
    struct error err;
    assert_int_equal(sqlite3_open(fixture_path("old"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sqlite_schema, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, old_rows, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    for (int i = 0; i < 2; i++) { /* the second time there is nothing to do */
        struct store *s = fixture_open("old");
        fixture_check(s);
        struct seen seen = changes(s, 1, 0);
        assert_int_equal(seen.n, 1 + i);
        assert_string_equal(seen.id[0], "queued-before-------1");
        SCOPED(store_job) struct store_job job = fixture_get(s, "queued-before-------1");
        assert_string_equal(job.input.prompt, "a fox");
        assert_string_equal(job.result.poster, "");
        assert_int_equal(fixture_key_now(s, "aaaaaaaa").updated_us, 7);
        char id[HASH_ID_SIZE];
        fixture_admit(s, 1, id);
        store_close(s);
    }
    struct store *s = fixture_open("old");
    CHECK_OK(store_cancel(s, 1, "queued-before-------1", &err), err);
    fixture_check(s);
    store_close(s);
}
