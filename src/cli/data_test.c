/* data_test.c - the data directory and its first key. SPDX-License-Identifier: MIT */
#include "cli/data.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

static int count_key(void *arg, const struct store_key *key)
{
    assert_true(key->admin);
    assert_false(key->limited);
    ++*(int *)arg;
    return 0;
}

TEST(an_empty_folder_gets_one_first_key_that_is_kept_for_its_owner)
{
    struct data d;
    struct error err;
    char key[KEY_SIZE];
    char again[KEY_SIZE];
    SCOPED(mem) char *folder = mem_printf("%s/first/data", unit_folder());
    CHECK_OK(data_open(&d, folder, &err), err);
    CHECK_OK(data_first_key(&d, folder, key, &err), err);
    assert_int_equal(strlen(key), 64);
    CHECK_OK(data_first_key(&d, folder, again, &err), err);
    assert_string_equal(again, "");

    struct stat st;
    SCOPED(mem) char *path = data_path(folder, "key");
    SCOPED(text_buf) struct text_buf kept;
    CHECK_OK(file_read(path, 100, &kept, &err), err);
    assert_memory_equal(kept.at, key, 64);
    assert_string_equal(kept.at + 64, "\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    data_close(&d);
    data_close(&d); /* twice is fine */
}

/* The folder with this in its file "key", and no key in its store. */
static void open_with_key_file(struct data *d, const char *folder, const char *words)
{
    struct error err;
    SCOPED(mem) char *path = data_path(folder, "key");
    CHECK_OK(data_open(d, folder, &err), err);
    CHECK_OK(file_write(path, text_of(words), 0600, &err), err);
}

TEST(a_server_killed_between_the_key_file_and_the_store_has_its_key_at_the_next_start)
{
    static const char kept[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct data d;
    struct error err;
    struct store_key found;
    enum key_verdict verdict;
    char key[KEY_SIZE];
    SCOPED(mem) char *folder = mem_printf("%s/killed", unit_folder());
    SCOPED(mem) char *line = mem_printf("%s\n", kept);
    SCOPED(mem) char *header = mem_printf("Bearer %s", kept);
    open_with_key_file(&d, folder, line);
    CHECK_OK(data_first_key(&d, folder, key, &err), err);
    assert_string_equal(key, kept);
    CHECK_OK(key_check(d.store, header, &found, &verdict, &err), err);
    assert_int_equal(verdict, KEY_GOOD);
    assert_true(found.admin);
    CHECK_OK(data_first_key(&d, folder, key, &err), err);
    assert_string_equal(key, "");
    data_close(&d);
}

TEST(a_key_file_without_a_key_is_named_and_kept)
{
    static const char *const bad[] = {
        "", "hello\n", "0123456789abcdef\n",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};
    struct data d;
    struct error err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char key[KEY_SIZE];
        SCOPED(mem) char *folder = mem_printf("%s/bad-%zu", unit_folder(), i);
        SCOPED(mem) char *path = data_path(folder, "key");
        SCOPED(text_buf) struct text_buf kept = {0};
        open_with_key_file(&d, folder, bad[i]);
        CHECK_ERR(data_first_key(&d, folder, key, &err), ERR_INVALID);
        assert_string_equal(key, "");
        assert_non_null(strstr(err.text, path));
        CHECK_OK(file_read(path, 100, &kept, &err), err);
        assert_int_equal(kept.len, strlen(bad[i]));
        data_close(&d);
    }
}

struct start {
    const char *folder;
    char key[KEY_SIZE];
};

static void *start_server(void *arg)
{
    struct start *s = arg;
    struct data d;
    struct error err;
    CHECK_OK(data_open(&d, s->folder, &err), err);
    CHECK_OK(data_first_key(&d, s->folder, s->key, &err), err);
    data_close(&d);
    return NULL;
}

TEST(servers_that_start_at_once_make_one_key)
{
    enum { N = 4 };
    struct start starts[N];
    pthread_t threads[N];
    SCOPED(mem) char *folder = mem_printf("%s/together", unit_folder());
    for (int i = 0; i < N; i++) {
        starts[i] = (struct start){.folder = folder};
        assert_int_equal(pthread_create(&threads[i], NULL, start_server, &starts[i]), 0);
    }
    int made = 0;
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        made += starts[i].key[0] != 0;
    }
    assert_int_equal(made, 1);

    struct data d;
    struct error err;
    int n = 0;
    CHECK_OK(data_open(&d, folder, &err), err);
    CHECK_OK(store_key_list(d.store, count_key, &n, &err), err);
    assert_int_equal(n, 1);
    data_close(&d);
}

TEST(a_folder_that_cannot_be_made_is_named)
{
    struct data d;
    struct error err;
    assert_true(data_open(&d, "/proc/nothing/data", &err) < 0);
    assert_non_null(strstr(err.text, "/proc/nothing"));
}
