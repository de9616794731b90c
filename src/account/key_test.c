/* key_test.c - API keys. SPDX-License-Identifier: MIT */
#include "account/key.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static struct store *open_store(const char *name)
{
    struct error err;
    struct store *s = NULL;
    char path[256];
    snprintf(path, sizeof path, "%s/%s.db", unit_folder(), name);
    CHECK_OK(store_open(&s, path, &err), err);
    return s;
}

TEST(a_key_is_shown_once_and_found_again)
{
    struct error err;
    struct store *s = open_store("found");
    struct key_options options = {.name = "laptop", .admin = true, .requests_per_minute = 30};
    char text[KEY_SIZE];
    char header[KEY_SIZE + 16];
    struct store_key key;
    enum key_verdict verdict;
    CHECK_OK(key_create(s, &options, text, &err), err);
    assert_int_equal(strlen(text), 64);
    assert_int_equal(strspn(text, "0123456789abcdef"), 64);
    snprintf(header, sizeof header, "Bearer %s", text);
    CHECK_OK(key_check(s, header, &key, &verdict, &err), err);
    assert_int_equal(verdict, KEY_GOOD);
    assert_string_equal(key.name, "laptop");
    assert_memory_equal(key.prefix, text, 8);
    assert_true(key.admin);
    assert_false(key.limited);
    assert_int_equal(key.requests_per_minute, 30);
    assert_memory_not_equal(key.hash, text, HASH_SIZE);
    store_close(s);
}

TEST(an_authorization_header_is_read_as_the_rules_of_http_say)
{
    struct error err;
    struct store *s = open_store("header");
    struct key_options options = {.name = NULL};
    char k[KEY_SIZE];
    CHECK_OK(key_create(s, &options, k, &err), err);
    /* What stands before the key, how much of it, what stands behind it. */
    const struct {
        const char *before;
        int n;
        const char *behind;
        enum key_verdict verdict;
    } cases[] = {
        {"Bearer ", 64, "", KEY_GOOD},
        {"bearer ", 64, "", KEY_GOOD},
        {"BEARER    ", 64, "", KEY_GOOD},
        {"  Bearer\t", 64, "  ", KEY_GOOD},
        {"Bearer", 0, "", KEY_EMPTY},
        {"Bearer ", 0, "", KEY_EMPTY},
        {"bearer   \t ", 0, "", KEY_EMPTY},
        {"", 0, "", KEY_MISSING},
        {"", 64, "", KEY_MISSING},
        {"Basic ", 64, "", KEY_MISSING},
        {"Bearer", 64, "", KEY_MISSING},
        {"Token ", 64, "", KEY_MISSING},
        {"Bearer ", 64, "a", KEY_WRONG},
        {"Bearer a", 64, "", KEY_WRONG},
        {"Bearer ", 63, "", KEY_WRONG},
        {"Bearer ", 8, "", KEY_WRONG},
        {"Bearer \"", 64, "\"", KEY_WRONG},
        {"Bearer ", 64, " Bearer", KEY_WRONG},
        {"Bearer sk-whatever", 0, "", KEY_WRONG},
        {"Bearer Bearer ", 64, "", KEY_WRONG},
        {"Bearer \xff\xfe", 62, "", KEY_WRONG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[256];
        struct store_key key;
        enum key_verdict verdict = KEY_VERDICTS;
        snprintf(header, sizeof header, "%s%.*s%s", cases[i].before, cases[i].n, k,
                 cases[i].behind);
        CHECK_OK(key_check(s, header, &key, &verdict, &err), err);
        if (verdict != cases[i].verdict)
            fail_msg("\"%s\" is %d, not %d", header, verdict, cases[i].verdict);
    }
    struct store_key key;
    enum key_verdict verdict;
    CHECK_OK(key_check(s, NULL, &key, &verdict, &err), err);
    assert_int_equal(verdict, KEY_MISSING);
    store_close(s);
}

TEST(an_unknown_and_a_revoked_key_are_wrong)
{
    struct error err;
    struct store *s = open_store("revoked");
    struct key_options options = {.name = ""};
    char text[KEY_SIZE];
    char header[KEY_SIZE + 16] = "Bearer ";
    char prefix[STORE_PREFIX_SIZE] = "";
    struct store_key key;
    enum key_verdict verdict;
    memset(header + 7, 'a', 64);
    CHECK_OK(key_check(s, header, &key, &verdict, &err), err);
    assert_int_equal(verdict, KEY_WRONG);
    CHECK_OK(key_create(s, &options, text, &err), err);
    memcpy(prefix, text, 8);
    CHECK_OK(store_key_revoke(s, prefix, &err), err);
    snprintf(header, sizeof header, "Bearer %s", text);
    CHECK_OK(key_check(s, header, &key, &verdict, &err), err);
    assert_int_equal(verdict, KEY_WRONG);
    store_close(s);
}

TEST(options_out_of_range_make_no_key)
{
    struct error err;
    struct store *s = open_store("options");
    char text[KEY_SIZE] = "untouched";
    static const struct key_options bad[] = {
        {.name = "0123456789012345678901234567890123456789012345678901234567890123"},
        {.name = "two\nlines"},
        {.name = "\xff"},
        {.credits = -1},
        {.requests_per_minute = -1},
        {.requests_per_minute = 1000001},
        {.jobs_at_once = -1},
        {.jobs_at_once = 1000001},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_ERR(key_create(s, &bad[i], text, &err), ERR_INVALID);
    assert_string_equal(text, "untouched");
    struct key_options longest = {
        .name = "012345678901234567890123456789012345678901234567890123456789012"};
    CHECK_OK(key_create(s, &longest, text, &err), err);
    store_close(s);
}

TEST(a_key_made_with_credits_is_limited_to_them)
{
    struct error err;
    struct store *s = open_store("credits");
    struct key_options options = {.credits = 5};
    struct store_key key;
    char text[KEY_SIZE];
    char prefix[STORE_PREFIX_SIZE] = "";
    CHECK_OK(key_create(s, &options, text, &err), err);
    memcpy(prefix, text, 8);
    CHECK_OK(store_key_by_prefix(s, prefix, &key, &err), err);
    assert_true(key.limited);
    assert_int_equal(key.balance, 5);
    store_close(s);
}
