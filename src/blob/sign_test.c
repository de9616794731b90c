/* sign_test.c - signed urls, and what must not pass for one. SPDX-License-Identifier: MIT */
#include "blob/sign.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "unit.h"

#define PATH "/generations/hedgehog/1759866285599-0cdfb138-c03a-49d4-a601-4f6413e27b15.mp4"

enum { HOUR = 3600 };

static const uint8_t secret[HASH_SIZE] = "0123456789abcdef0123456789abcde";

static int64_t us(int64_t s)
{
    return s * CLOCK_SECOND_US;
}

/* The two parts of sign_query's answer. */
static void split(const char *query, char expires[32], char signature[64])
{
    assert_int_equal(sscanf(query, "Expires=%31[^&]&Signature=%63s", expires, signature), 2);
}

static int64_t expires_of(int64_t now_us, int64_t lifetime_s)
{
    char query[SIGN_QUERY_SIZE];
    char expires[32];
    char signature[64];
    sign_query(secret, PATH, now_us, lifetime_s, query);
    split(query, expires, signature);
    return strtoll(expires, NULL, 10);
}

TEST(a_signature_is_the_keyed_digest_that_the_header_says)
{
    static const char message[] = "GET\n1759867200\n" PATH;
    uint8_t mac[HASH_SIZE];
    char want[SIGN_QUERY_SIZE];
    char query[SIGN_QUERY_SIZE];
    int n = snprintf(want, sizeof want, "Expires=1759867200&Signature=");
    hash_keyed(secret, TEXT(message), mac);
    text_base64url_encode(mac, sizeof mac, want + n);
    sign_query(secret, PATH, us(1759863600), HOUR, query);
    assert_string_equal(query, want);
    assert_int_equal(strlen(query), strlen("Expires=1759867200&Signature=") + 43);
}

TEST(an_end_is_rounded_up_to_the_hour)
{
    const int64_t ten = 1759863600; /* a full hour */
    static const struct {
        int64_t past_us, lifetime_s, end_s;
    } cases[] = {
        {0, 0, 0},
        {1, 0, HOUR},
        {0, HOUR, HOUR},
        {1, HOUR, 2 * HOUR},
        {1000000, HOUR, 2 * HOUR},
        {3600LL * 1000000 - 1, HOUR, 2 * HOUR},
        {3600LL * 1000000, HOUR, 2 * HOUR},
        {3600LL * 1000000 + 1, HOUR, 3 * HOUR},
        {0, HOUR + 1, 2 * HOUR},
        {0, HOUR - 1, HOUR},
        {999999, 1, HOUR},
        {0, 24 * HOUR, 24 * HOUR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t now_us = us(ten) + cases[i].past_us;
        int64_t end_s = expires_of(now_us, cases[i].lifetime_s);
        assert_int_equal(end_s, ten + cases[i].end_s);
        assert_true(us(end_s) - now_us >= us(cases[i].lifetime_s));
        assert_true(us(end_s) - now_us < us(cases[i].lifetime_s + HOUR));
    }
}

TEST(a_signature_is_good_until_its_end)
{
    char query[SIGN_QUERY_SIZE];
    char e[32];
    char s[64];
    int64_t end_s = expires_of(us(1759863601), HOUR);
    sign_query(secret, PATH, us(1759863601), HOUR, query);
    split(query, e, s);
    assert_int_equal(sign_check(secret, PATH, us(1759863601), e, s), SIGN_GOOD);
    assert_int_equal(sign_check(secret, PATH, us(end_s), e, s), SIGN_GOOD);
    assert_int_equal(sign_check(secret, PATH, us(end_s) + 1, e, s), SIGN_EXPIRED);
    assert_int_equal(sign_check(secret, PATH, us(end_s + 1), e, s), SIGN_EXPIRED);
}

TEST(a_part_that_is_missing_or_of_another_shape_is_wrong)
{
    static const char *const bad[] = {
        "",
        "0",
        "01759867200",
        "+1759867200",
        "-1759867200",
        " 1759867200",
        "1759867200 ",
        "1759867200.",
        "0x68e57180",
        "1759867200\n",
        "1759867201",
        "175986720",
        "17598672000",
        "9223372036854775808",
        "1e9",
    };
    char query[SIGN_QUERY_SIZE];
    char e[32];
    char s[64];
    sign_query(secret, PATH, us(1759863600), HOUR, query);
    split(query, e, s);
    assert_string_equal(e, "1759867200");
    assert_int_equal(sign_check(secret, PATH, 0, e, s), SIGN_GOOD);
    assert_int_equal(sign_check(secret, PATH, 0, NULL, s), SIGN_WRONG);
    assert_int_equal(sign_check(secret, PATH, 0, e, NULL), SIGN_WRONG);
    assert_int_equal(sign_check(secret, PATH, 0, NULL, NULL), SIGN_WRONG);
    assert_int_equal(sign_check(secret, PATH, 0, e, ""), SIGN_WRONG);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (sign_check(secret, PATH, 0, bad[i], s) != SIGN_WRONG)
            fail_msg("\"%s\" passed", bad[i]);
    strcat(s, "A");
    assert_int_equal(sign_check(secret, PATH, 0, e, s), SIGN_WRONG);
    s[42] = 0;
    assert_int_equal(sign_check(secret, PATH, 0, e, s), SIGN_WRONG);
}

/* Each character replaced by each other one of the alphabet; the last has bits that a decoder
 * would ignore. */
TEST(a_change_of_any_character_is_noticed)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=";
    char query[SIGN_QUERY_SIZE];
    char e[32];
    char s[64];
    sign_query(secret, PATH, us(1759863600), HOUR, query);
    split(query, e, s);
    for (size_t i = 0; s[i]; i++) {
        char was = s[i];
        for (const char *c = alphabet; *c; c++) {
            s[i] = *c;
            assert_int_equal(sign_check(secret, PATH, 0, e, s), *c == was ? SIGN_GOOD : SIGN_WRONG);
        }
        s[i] = was;
    }
    char path[] = PATH;
    for (size_t i = 0; path[i]; i++) {
        path[i] ^= 1;
        assert_int_equal(sign_check(secret, path, 0, e, s), SIGN_WRONG);
        path[i] ^= 1;
    }
    for (size_t i = 0; e[i]; i++) {
        e[i] = e[i] == '9' ? '8' : (char)(e[i] + 1);
        assert_int_equal(sign_check(secret, PATH, 0, e, s), SIGN_WRONG);
        e[i] = "1759867200"[i];
    }
    uint8_t other[HASH_SIZE];
    memcpy(other, secret, sizeof other);
    other[31] ^= 1;
    assert_int_equal(sign_check(other, PATH, 0, e, s), SIGN_WRONG);
    assert_int_equal(sign_check(secret, PATH, 0, e, s), SIGN_GOOD);
}

TEST(a_path_too_long_to_be_ours_is_wrong)
{
    static char path[6000];
    char s[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    memset(path, '/', sizeof path - 1);
    assert_int_equal(sign_check(secret, path, 0, "1759867200", s), SIGN_WRONG);
}

TEST(a_secret_is_made_once_and_kept)
{
    char path[256];
    uint8_t first[HASH_SIZE];
    uint8_t second[HASH_SIZE];
    struct stat st;
    struct error err;
    snprintf(path, sizeof path, "%s/secret", unit_folder());
    CHECK_OK(sign_secret(path, first, &err), err);
    CHECK_OK(sign_secret(path, second, &err), err);
    assert_memory_equal(first, second, HASH_SIZE);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, HASH_SIZE);
}

TEST(a_secret_of_another_length_is_corrupt_and_a_folder_must_be_there)
{
    char path[256];
    uint8_t out[HASH_SIZE];
    struct error err;
    snprintf(path, sizeof path, "%s/short", unit_folder());
    CHECK_OK(file_write(path, TEXT("0123456789abcdef0123456789abcde"), 0600, &err), err);
    CHECK_ERR(sign_secret(path, out, &err), ERR_CORRUPT);
    CHECK_OK(file_write(path, TEXT("0123456789abcdef0123456789abcdef0"), 0600, &err), err);
    CHECK_ERR(sign_secret(path, out, &err), ERR_CORRUPT);
    CHECK_OK(file_write(path, TEXT(""), 0600, &err), err);
    CHECK_ERR(sign_secret(path, out, &err), ERR_CORRUPT);
    snprintf(path, sizeof path, "%s/nowhere/secret", unit_folder());
    CHECK_ERR(sign_secret(path, out, &err), ERR_IO);
}

struct maker {
    pthread_t thread;
    char path[256];
    uint8_t out[HASH_SIZE];
    int rc;
};

static void *make(void *arg)
{
    struct maker *m = arg;
    struct error err;
    m->rc = sign_secret(m->path, m->out, &err);
    return NULL;
}

TEST(servers_that_start_at_once_have_the_same_secret)
{
    struct maker makers[8];
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 8; i++) {
            snprintf(makers[i].path, sizeof makers[i].path, "%s/same%d", unit_folder(), round);
            assert_int_equal(pthread_create(&makers[i].thread, NULL, make, &makers[i]), 0);
        }
        for (int i = 0; i < 8; i++)
            pthread_join(makers[i].thread, NULL);
        for (int i = 0; i < 8; i++) {
            assert_int_equal(makers[i].rc, 0);
            assert_memory_equal(makers[i].out, makers[0].out, HASH_SIZE);
        }
    }
}
