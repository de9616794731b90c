/* base_test.c - errors, time, digests, files. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "unit.h"

TEST(an_error_says_what_and_why_on_one_line)
{
    struct error e;
    assert_int_equal(error_set(&e, ERR_INVALID, "frames is %d\nbad", 500), ERR_INVALID);
    assert_string_equal(e.text, "frames is 500 bad");
    error_prefix(&e, "request");
    assert_string_equal(e.text, "request: frames is 500 bad");
    assert_int_equal(error_errno(&e, ENOENT, "open %s", "x"), ERR_NOT_FOUND);
    assert_non_null(strstr(e.text, "open x: "));
}

TEST(iso_time_reads_what_it_writes)
{
    char s[CLOCK_ISO_SIZE];
    int64_t us = 0;
    clock_iso(1771398399031000, s);
    assert_string_equal(s, "2026-02-18T07:06:39.031Z");
    assert_true(clock_iso_parse(text_of(s), true, &us));
    assert_int_equal(us, 1771398399031000);
    assert_true(clock_iso_parse(TEXT("2026-02-18T09:06:39.031+02:00"), true, &us));
    assert_int_equal(us, 1771398399031000);
    assert_true(clock_iso_parse(TEXT("2026-02-18"), false, &us));
    assert_false(clock_iso_parse(TEXT("2026-02-18T09:06:39"), true, &us));
    assert_false(clock_iso_parse(TEXT("2026-02-30"), false, &us));
    assert_false(clock_iso_parse(TEXT("2026-02-18T25:00:00Z"), false, &us));
    assert_false(clock_iso_parse(TEXT("yesterday"), false, &us));
}

TEST(digests_match_published_vectors)
{
    uint8_t out[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    hash_sha256(TEXT("abc"), out); /* FIPS 180-2, B.1 */
    text_hex_encode(out, sizeof out, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct hash_sha256_run run;
    uint8_t pieces[HASH_SIZE];
    hash_sha256_begin(&run);
    hash_sha256_add(&run, TEXT("a"));
    hash_sha256_add(&run, TEXT("bc"));
    hash_sha256_end(&run, pieces);
    assert_memory_equal(pieces, out, HASH_SIZE);
}

TEST(ids_are_distinct_and_in_the_alphabet)
{
    char a[HASH_ID_SIZE];
    char b[HASH_ID_SIZE];
    hash_random_id(a);
    hash_random_id(b);
    assert_int_equal(strlen(a), 21);
    assert_string_not_equal(a, b);
    assert_int_equal(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
                     21);
    char uuid[HASH_UUID_SIZE];
    hash_random_uuid(uuid);
    assert_int_equal(uuid[14], '4');
    assert_non_null(strchr("89ab", uuid[19]));
}

TEST(the_generator_gives_the_published_sequence)
{
    struct hash_rng r; /* pcg32_srandom(42, 54) of the PCG paper's demo */
    hash_rng_init(&r, 42, 54);
    const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(hash_rng_u32(&r), expected[i]);
}

TEST(a_file_is_replaced_whole)
{
    struct error err;
    SCOPED(mem) char *folder = mem_printf("%s/a/b", unit_folder());
    SCOPED(mem) char *path = mem_printf("%s/file", folder);
    CHECK_OK(file_make_folders(folder, 0700, &err), err);
    CHECK_OK(file_make_folders(folder, 0700, &err), err);
    CHECK_OK(file_write(path, TEXT("one"), 0600, &err), err);
    CHECK_OK(file_write(path, TEXT("second"), 0600, &err), err);
    SCOPED(text_buf) struct text_buf b;
    CHECK_OK(file_read(path, 6, &b, &err), err);
    assert_string_equal(b.at, "second");
    struct text_buf small;
    CHECK_ERR(file_read(path, 5, &small, &err), ERR_INVALID);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    CHECK_ERR(file_read("/nonexistent/x", 5, &small, &err), ERR_NOT_FOUND);
}
