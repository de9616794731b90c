/* store_key_test.c - keys, credits, the ledger. SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

TEST(a_key_is_found_by_its_hash_and_by_its_prefix)
{
    struct error err;
    struct store *s = fixture_open("found");
    struct store_key limits = {
        .admin = true, .limited = true, .requests_per_minute = 60, .jobs_at_once = 4};
    fixture_key(s, "aaaaaaaa", &limits, 500);
    fixture_key(s, "bbbbbbbb", NULL, 0);

    struct store_key a;
    uint8_t hash[HASH_SIZE];
    hash_sha256(TEXT("aaaaaaaa"), hash);
    CHECK_OK(store_key_by_hash(s, hash, &a, &err), err);
    assert_string_equal(a.prefix, "aaaaaaaa");
    assert_string_equal(a.name, "key of the tests");
    assert_memory_equal(a.hash, hash, HASH_SIZE);
    assert_true(a.admin && a.limited);
    assert_int_equal(a.balance, 500);
    assert_int_equal(a.requests_per_minute, 60);
    assert_int_equal(a.jobs_at_once, 4);
    assert_true(a.created_us > 0);
    assert_int_equal(a.revoked_us, 0);

    struct store_key b = fixture_key_now(s, "bbbbbbbb");
    assert_false(b.admin || b.limited);
    assert_int_equal(b.balance, 0);
    fixture_check(s);
    store_close(s);
}

TEST(an_unknown_key_is_not_found)
{
    struct error err;
    struct store *s = fixture_open("unknown");
    struct store_key key;
    uint8_t hash[HASH_SIZE] = {1};
    CHECK_ERR(store_key_by_hash(s, hash, &key, &err), ERR_NOT_FOUND);
    CHECK_ERR(store_key_by_prefix(s, "none", &key, &err), ERR_NOT_FOUND);
    CHECK_ERR(store_key_revoke(s, "none", &err), ERR_NOT_FOUND);
    CHECK_ERR(store_key_credit(s, "none", 5, STORE_PAYMENT, &err), ERR_NOT_FOUND);
    store_close(s);
}

TEST(a_prefix_or_a_hash_that_is_there_cannot_be_added_again)
{
    struct error err;
    struct store *s = fixture_open("twice");
    fixture_key(s, "aaaaaaaa", NULL, 0);
    struct store_key same_prefix = {.prefix = "aaaaaaaa", .hash = {7}};
    CHECK_ERR(store_key_add(s, &same_prefix, 9, &err), ERR_CONFLICT);
    struct store_key same_hash = fixture_key_now(s, "aaaaaaaa");
    strcpy(same_hash.prefix, "bbbbbbbb");
    CHECK_ERR(store_key_add(s, &same_hash, 9, &err), ERR_CONFLICT);
    fixture_check(s);
    store_close(s);
}

TEST(a_revoked_key_stays_found_and_remembers_its_first_revocation)
{
    struct error err;
    struct store *s = fixture_open("revoked");
    fixture_key(s, "aaaaaaaa", NULL, 0);
    CHECK_OK(store_key_revoke(s, "aaaaaaaa", &err), err);
    int64_t first_us = fixture_key_now(s, "aaaaaaaa").revoked_us;
    assert_true(first_us > 0);
    CHECK_OK(store_key_revoke(s, "aaaaaaaa", &err), err);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").revoked_us, first_us);
    store_close(s);
}

static int count_key(void *arg, const struct store_key *key)
{
    int *n = arg;
    assert_string_equal(key->prefix, *n == 0 ? "aaaaaaaa" : "bbbbbbbb");
    return ++*n == 2;
}

TEST(keys_are_listed_until_the_caller_has_enough)
{
    struct error err;
    struct store *s = fixture_open("listed");
    int n = 0;
    fixture_key(s, "aaaaaaaa", NULL, 0);
    fixture_key(s, "bbbbbbbb", NULL, 0);
    fixture_key(s, "cccccccc", NULL, 0);
    CHECK_OK(store_key_list(s, count_key, &n, &err), err);
    assert_int_equal(n, 2);
    store_close(s);
}

TEST(the_first_credit_limits_a_key)
{
    struct error err;
    struct store *s = fixture_open("credit");
    fixture_key(s, "aaaaaaaa", NULL, 0);
    CHECK_OK(store_key_credit(s, "aaaaaaaa", 700, STORE_PAYMENT, &err), err);
    CHECK_OK(store_key_credit(s, "aaaaaaaa", -200, STORE_ADJUSTMENT, &err), err);
    struct store_key key = fixture_key_now(s, "aaaaaaaa");
    assert_true(key.limited);
    assert_int_equal(key.balance, 500);
    fixture_check(s);
    store_close(s);
}

TEST(a_balance_never_leaves_the_range_of_its_number)
{
    struct error err;
    struct store *s = fixture_open("range");
    fixture_key(s, "aaaaaaaa", NULL, 0);
    fixture_key(s, "bbbbbbbb", NULL, 0);
    CHECK_OK(store_key_credit(s, "aaaaaaaa", INT64_MAX, STORE_PAYMENT, &err), err);
    CHECK_ERR(store_key_credit(s, "aaaaaaaa", 1, STORE_PAYMENT, &err), ERR_INVALID);
    CHECK_ERR(store_key_credit(s, "bbbbbbbb", INT64_MIN, STORE_ADJUSTMENT, &err), ERR_INVALID);
    CHECK_OK(store_key_credit(s, "bbbbbbbb", INT64_MIN + 1, STORE_ADJUSTMENT, &err), err);
    CHECK_ERR(store_key_credit(s, "bbbbbbbb", -2, STORE_ADJUSTMENT, &err), ERR_INVALID);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").balance, INT64_MAX);
    fixture_check(s);
    store_close(s);
}

TEST(what_is_reserved_can_always_be_charged)
{
    struct error err;
    struct store *s = fixture_open("chargeable");
    int64_t metered = fixture_key(s, "aaaaaaaa", NULL, 0);
    struct store_admission a = fixture_admission(metered);
    a.input.credits = INT64_MAX;
    CHECK_OK(store_admit_wait(s, &a), a.err);
    struct store_admission more = fixture_admission(metered);
    more.input.credits = 2;
    CHECK_ERR(store_admit_wait(s, &more), ERR_INVALID);
    CHECK_ERR(store_key_credit(s, "aaaaaaaa", -2, STORE_ADJUSTMENT, &err), ERR_INVALID);
    struct store_job job;
    fixture_claim(s, "w", &job);
    fixture_finish(s, &job);
    store_job_fini(&job);
    assert_int_equal(fixture_key_now(s, "aaaaaaaa").balance, -INT64_MAX);
    fixture_check(s);
    store_close(s);
}

/* ---- the ledger ---------------------------------------------------------------------------- */

struct page {
    struct store_entry rows[16];
    int n;
};

static int add_row(void *arg, const struct store_entry *entry)
{
    struct page *p = arg;
    assert_in_range(p->n, 0, 15);
    p->rows[p->n++] = *entry;
    return 0;
}

static struct page read_page(struct store *s, struct store_entry_filter f)
{
    struct error err;
    struct page p = {.n = 0};
    if (f.limit == 0)
        f.limit = 16;
    CHECK_OK(store_entries(s, &f, add_row, &p, &err), err);
    return p;
}

static int64_t make_ledger(struct store *s, char charged[HASH_ID_SIZE])
{
    struct error err;
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 1000);
    int64_t other = fixture_key(s, "bbbbbbbb", NULL, 77);
    struct store_job job;
    char id[HASH_ID_SIZE];
    CHECK_OK(store_key_credit(s, "aaaaaaaa", 300, STORE_PAYMENT, &err), err);
    fixture_admit(s, key, charged);
    fixture_claim(s, "w", &job);
    fixture_finish(s, &job);
    store_job_fini(&job);
    CHECK_OK(store_key_credit(s, "aaaaaaaa", -50, STORE_ADJUSTMENT, &err), err);
    fixture_admit(s, other, id);
    return key;
}

TEST(the_ledger_is_read_newest_first_and_page_by_page)
{
    struct store *s = fixture_open("ledger");
    char id[HASH_ID_SIZE];
    int64_t key = make_ledger(s, id);
    struct page all = read_page(s, (struct store_entry_filter){.key_id = key, .type = -1});
    static const int64_t credits[] = {-50, -100, 300, 1000};
    static const enum store_entry_type types[] = {STORE_ADJUSTMENT, STORE_MODEL_USAGE,
                                                  STORE_PAYMENT, STORE_INIT};
    assert_int_equal(all.n, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(all.rows[i].credits, credits[i]);
        assert_int_equal(all.rows[i].type, types[i]);
    }
    assert_string_equal(all.rows[1].reference, id);
    assert_string_equal(all.rows[1].model, "video-01");
    assert_string_equal(all.rows[0].model, "");

    struct page rest =
        read_page(s, (struct store_entry_filter){
                         .key_id = key, .type = -1, .before_seq = all.rows[1].seq, .limit = 1});
    assert_int_equal(rest.n, 1);
    assert_int_equal(rest.rows[0].seq, all.rows[2].seq);
    store_close(s);
}

TEST(the_ledger_is_filtered_by_direction_type_and_time)
{
    struct store *s = fixture_open("filtered");
    char id[HASH_ID_SIZE];
    int64_t key = make_ledger(s, id);
    struct store_entry_filter f = {.key_id = key, .type = -1};
    struct page all = read_page(s, f);

    f.direction = -1;
    assert_int_equal(read_page(s, f).n, 2);
    f.direction = 1;
    assert_int_equal(read_page(s, f).n, 2);
    f.type = STORE_PAYMENT;
    assert_int_equal(read_page(s, f).n, 1);
    f.direction = -1;
    assert_int_equal(read_page(s, f).n, 0);

    f = (struct store_entry_filter){.key_id = key, .type = -1};
    f.from_us = all.rows[1].created_us;
    f.to_us = all.rows[1].created_us + 1;
    struct page at = read_page(s, f);
    assert_in_range(at.n, 1, 3);
    f.from_us = clock_now_us() + CLOCK_SECOND_US;
    f.to_us = 0;
    assert_int_equal(read_page(s, f).n, 0);
    store_close(s);
}

TEST(usage_counts_what_was_charged)
{
    struct error err;
    struct store *s = fixture_open("usage");
    char id[HASH_ID_SIZE];
    int64_t key = make_ledger(s, id);
    struct store_usage usage;
    int64_t now_us = clock_now_us() + 1;
    CHECK_OK(store_usage(s, key, 0, now_us, &usage, &err), err);
    assert_int_equal(usage.credits, 100);
    assert_int_equal(usage.requests, 1);
    CHECK_OK(store_usage(s, key, now_us, now_us + 5, &usage, &err), err);
    assert_int_equal(usage.credits, 0);
    assert_int_equal(usage.requests, 0);
    store_close(s);
}

TEST(the_types_of_the_ledger_have_the_words_of_the_wire)
{
    assert_string_equal(store_entry_type_name(STORE_MODEL_USAGE), "MODEL_USAGE");
    assert_string_equal(store_entry_type_name(STORE_INIT), "INIT");
    for (unsigned i = 0; i < STORE_ENTRY_TYPES; i++)
        assert_non_null(store_entry_type_name((enum store_entry_type)i));
}
