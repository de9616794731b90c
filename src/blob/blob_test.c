/* blob_test.c - objects in a folder. SPDX-License-Identifier: MIT */
#include "blob/blob.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "unit.h"

static char where[256];

/* A fresh store for each test. */
static struct blob_store *fresh(void)
{
    static int n;
    struct blob_store *b = NULL;
    struct error err;
    snprintf(where, sizeof where, "%s/%d/blobs", unit_folder(), n++);
    CHECK_OK(blob_open(&b, where, &err), err);
    return b;
}

static const char *below(const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", where, name);
    return path;
}

static int mode_of(const char *name)
{
    struct stat st;
    return lstat(below(name), &st) == 0 ? (int)(st.st_mode & 0777) : -1;
}

static int add_one(void *arg, const char *name, int64_t modified_us)
{
    (void)name;
    (void)modified_us;
    ++*(int *)arg;
    return 0;
}

static int count(struct blob_store *b, const char *prefix, int64_t before_us)
{
    int n = 0;
    struct error err;
    CHECK_OK(blob_list(b, prefix, before_us, add_one, &n, &err), err);
    return n;
}

TEST(what_is_written_is_read_again)
{
    struct blob_store *b = fresh();
    struct text_buf out;
    struct error err;
    CHECK_OK(blob_write(b, "a/b/c.bin", TEXT("one\0two"), &err), err);
    CHECK_OK(blob_read(b, "a/b/c.bin", 7, &out, &err), err);
    assert_int_equal(out.len, 7);
    assert_memory_equal(out.at, "one\0two", 7);
    text_buf_fini(&out);
    CHECK_ERR(blob_read(b, "a/b/c.bin", 6, &out, &err), ERR_INVALID);
    CHECK_OK(blob_write(b, "a/b/c.bin", TEXT(""), &err), err);
    CHECK_OK(blob_read(b, "a/b/c.bin", 0, &out, &err), err);
    assert_int_equal(out.len, 0);
    text_buf_fini(&out);
    blob_close(b);
}

/* What the end of its process does to a draft. */
static void forget(struct blob_draft *draft)
{
    close(draft->fd);
}

TEST(a_draft_is_invisible_until_it_is_published)
{
    struct blob_store *b = fresh();
    struct blob_draft draft;
    struct blob_object object;
    struct error err;
    char bytes[16];
    int64_t before_us = clock_now_us() - CLOCK_SECOND_US;
    CHECK_OK(blob_begin(b, &draft, &err), err);
    char path[sizeof draft.path];
    memcpy(path, draft.path, sizeof path);
    assert_non_null(strstr(path, "/blobs/drafts/"));
    int fd = open(draft.path, O_RDWR);
    CHECK_OK(file_write_fd(fd, TEXT("film"), &err), err);
    close(fd);
    assert_int_equal(count(b, "", INT64_MAX), 0);
    CHECK_ERR(blob_get(b, "x/film", &object, &err), ERR_NOT_FOUND);

    CHECK_OK(blob_publish(b, &draft, "x/film", &err), err);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(count(b, "", INT64_MAX), 1);
    CHECK_OK(blob_get(b, "x/film", &object, &err), err);
    assert_int_equal(object.size, 4);
    assert_true(object.modified_us > before_us);
    assert_int_equal(read(object.fd, bytes, sizeof bytes), 4);
    assert_int_equal(fcntl(object.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(object.fd);
    blob_abandon(b, &draft);
    assert_int_equal(count(b, "", INT64_MAX), 1);
    blob_close(b);
}

TEST(an_abandoned_draft_is_gone)
{
    struct blob_store *b = fresh();
    struct blob_draft draft;
    struct error err;
    CHECK_OK(blob_begin(b, &draft, &err), err);
    char path[sizeof draft.path];
    memcpy(path, draft.path, sizeof path);
    assert_int_equal(access(path, F_OK), 0);
    blob_abandon(b, &draft);
    assert_int_equal(access(path, F_OK), -1);
    blob_abandon(b, &draft);
    blob_close(b);
}

TEST(a_draft_that_cannot_be_published_stays)
{
    struct blob_store *b = fresh();
    struct blob_draft draft;
    struct error err;
    CHECK_OK(blob_write(b, "a", TEXT("file"), &err), err);
    CHECK_OK(blob_begin(b, &draft, &err), err);
    assert_true(blob_publish(b, &draft, "a/b", &err) < 0);
    assert_int_equal(access(draft.path, F_OK), 0);
    CHECK_ERR(blob_publish(b, &draft, "../b", &err), ERR_INVALID);
    assert_int_equal(access(draft.path, F_OK), 0);
    CHECK_OK(blob_publish(b, &draft, "b", &err), err);
    blob_close(b);
}

TEST(only_the_owner_may_look)
{
    struct blob_store *b = fresh();
    struct error err;
    CHECK_OK(blob_write(b, "a/b/c", TEXT("x"), &err), err);
    assert_int_equal(mode_of("drafts"), 0700);
    assert_int_equal(mode_of("a"), 0700);
    assert_int_equal(mode_of("a/b"), 0700);
    assert_int_equal(mode_of("a/b/c"), 0600);
    blob_close(b);
}

TEST(names_are_checked_before_anything_is_done)
{
    static char long_name[400];
    static char long_segment[200];
    static const char *const bad[] = {
        "",     "/",      "/a",       "a/",     "a//b",     ".",     "..",      "../a",
        "a/..", "a/../b", "./a",      "a/.",    "a b",      "a\nb",  "a\\b",    "a%2fb",
        "a:b",  "a*",     "\xc3\xa9", "drafts", "drafts/x", "a\x7f", long_name, long_segment,
    };
    struct blob_store *b = fresh();
    struct blob_object object;
    struct text_buf bytes;
    struct error err;
    int n = 0;
    for (size_t i = 0; i < sizeof long_name - 1; i++)
        long_name[i] = i % 10 ? 'a' : 'b';
    for (size_t i = 9; i < sizeof long_name - 1; i += 10)
        long_name[i] = '/';
    memset(long_segment, 'a', sizeof long_segment - 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_ERR(blob_get(b, bad[i], &object, &err), ERR_INVALID);
        CHECK_ERR(blob_read(b, bad[i], 10, &bytes, &err), ERR_INVALID);
        CHECK_ERR(blob_remove(b, bad[i], &err), ERR_INVALID);
        CHECK_ERR(blob_write(b, bad[i], TEXT("x"), &err), ERR_INVALID);
        if (*bad[i])
            CHECK_ERR(blob_list(b, bad[i], INT64_MAX, add_one, &n, &err), ERR_INVALID);
    }
    assert_int_equal(count(b, "", INT64_MAX), 0);
    CHECK_OK(blob_sweep_drafts(b, INT64_MAX, &err), err);
    static const char *const good[] = {"one", "a.b",       "..a",   "a..",     "-",
                                       "_",   "A-9_z.mp4", "x/y/z", "draftsx", "a/drafts/b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_OK(blob_write(b, good[i], TEXT("x"), &err), err);
    assert_int_equal(count(b, "", INT64_MAX), sizeof good / sizeof *good);
    blob_close(b);
}

TEST(a_name_of_the_greatest_length_works)
{
    char name[BLOB_NAME_MAX + 2];
    struct blob_store *b = fresh();
    struct error err;
    memset(name, 'a', sizeof name);
    name[127] = '/';
    name[BLOB_NAME_MAX] = 0;
    CHECK_OK(blob_write(b, name, TEXT("x"), &err), err);
    assert_int_equal(count(b, "", INT64_MAX), 1);
    name[BLOB_NAME_MAX] = 'a';
    name[BLOB_NAME_MAX + 1] = 0;
    CHECK_ERR(blob_write(b, name, TEXT("x"), &err), ERR_INVALID);
    blob_close(b);
}

TEST(what_is_no_regular_file_is_no_object)
{
    struct blob_store *b = fresh();
    struct blob_object object;
    struct error err;
    CHECK_OK(blob_write(b, "real", TEXT("x"), &err), err);
    assert_int_equal(symlink("real", below("link")), 0);
    assert_int_equal(symlink("/etc/passwd", below("outside")), 0);
    assert_int_equal(mkdir(below("folder"), 0700), 0);
    assert_int_equal(mkfifo(below("pipe"), 0600), 0);
    static const char *const names[] = {"link", "outside", "folder", "pipe", "real/x", "none"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_ERR(blob_get(b, names[i], &object, &err), ERR_NOT_FOUND);
    assert_int_equal(count(b, "", INT64_MAX), 1);
    blob_close(b);
}

TEST(removing_what_is_gone_is_fine)
{
    struct blob_store *b = fresh();
    struct blob_object object;
    struct error err;
    CHECK_OK(blob_write(b, "a/b", TEXT("x"), &err), err);
    CHECK_OK(blob_remove(b, "a/b", &err), err);
    CHECK_ERR(blob_get(b, "a/b", &object, &err), ERR_NOT_FOUND);
    CHECK_OK(blob_remove(b, "a/b", &err), err);
    CHECK_OK(blob_remove(b, "never/there", &err), err);
    blob_close(b);
}

static int stop_at_second(void *arg, const char *name, int64_t modified_us)
{
    (void)name;
    (void)modified_us;
    return ++*(int *)arg == 2;
}

static int remove_each(void *arg, const char *name, int64_t modified_us)
{
    struct error err;
    (void)modified_us;
    return blob_remove(arg, name, &err);
}

static void age(const char *name, int64_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, below(name), times, 0), 0);
}

TEST(a_listing_finds_what_is_below_and_older)
{
    struct blob_store *b = fresh();
    struct error err;
    int n = 0;
    static const char *const names[] = {"a/1", "a/b/2", "a/b/c/3", "d/4", "5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK_OK(blob_write(b, names[i], TEXT("x"), &err), err);
        age(names[i], 1000 + (int64_t)i);
    }
    struct blob_draft draft;
    CHECK_OK(blob_begin(b, &draft, &err), err);
    forget(&draft);
    assert_int_equal(count(b, "", INT64_MAX), 5);
    assert_int_equal(count(b, "a", INT64_MAX), 3);
    assert_int_equal(count(b, "a/b", INT64_MAX), 2);
    assert_int_equal(count(b, "a/b/c", INT64_MAX), 1);
    assert_int_equal(count(b, "none", INT64_MAX), 0);
    assert_int_equal(count(b, "5", INT64_MAX), 0);
    assert_int_equal(count(b, "", 1000 * CLOCK_SECOND_US), 0);
    assert_int_equal(count(b, "", 1000 * CLOCK_SECOND_US + 1), 1);
    assert_int_equal(count(b, "", 1003 * CLOCK_SECOND_US), 3);
    CHECK_OK(blob_list(b, "", INT64_MAX, stop_at_second, &n, &err), err);
    assert_int_equal(n, 2);
    CHECK_OK(blob_list(b, "a", INT64_MAX, remove_each, b, &err), err);
    assert_int_equal(count(b, "", INT64_MAX), 2);
    blob_close(b);
}

TEST(a_draft_is_not_swept_while_it_is_being_written_however_old_it_is)
{
    struct blob_store *b = fresh();
    struct blob_draft draft;
    struct error err;
    CHECK_OK(blob_begin(b, &draft, &err), err);
    close(open(draft.path, O_RDWR)); /* an encoder comes and goes */
    age(strstr(draft.path, "drafts/"), 1000);
    assert_int_equal(blob_sweep_drafts(b, INT64_MAX, &err), 0);
    CHECK_OK(blob_publish(b, &draft, "film", &err), err);
    assert_int_equal(count(b, "", INT64_MAX), 1);
    blob_close(b);
}

TEST(old_drafts_are_swept)
{
    struct blob_store *b = fresh();
    struct blob_draft old;
    struct blob_draft young;
    struct error err;
    CHECK_OK(blob_begin(b, &old, &err), err);
    CHECK_OK(blob_begin(b, &young, &err), err);
    forget(&old);
    age(strstr(old.path, "drafts/"), 1000);
    assert_int_equal(blob_sweep_drafts(b, 1000 * CLOCK_SECOND_US, &err), 0);
    assert_int_equal(blob_sweep_drafts(b, 1001 * CLOCK_SECOND_US, &err), 1);
    assert_int_equal(access(old.path, F_OK), -1);
    assert_int_equal(access(young.path, F_OK), 0);
    blob_abandon(b, &young);
    blob_close(b);
}

TEST(places_that_cannot_be_opened_are_named)
{
    struct blob_store *b = NULL;
    struct error err;
    char path[700];
    CHECK_ERR(blob_open(&b, "s3://bucket/x", &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "s3"));
    CHECK_ERR(blob_open(&b, "", &err), ERR_INVALID);
    snprintf(path, sizeof path, "%s/file", unit_folder());
    CHECK_OK(file_write(path, TEXT("x"), 0600, &err), err);
    assert_true(blob_open(&b, path, &err) < 0);
    snprintf(path, sizeof path, "%s/%0150d/%0150d/%0150d/%0150d", unit_folder(), 1, 2, 3, 4);
    CHECK_ERR(blob_open(&b, path, &err), ERR_INVALID);
    assert_null(b);
    blob_close(NULL);
}

struct writer {
    pthread_t thread;
    struct blob_store *store;
    int number;
    int n_written;
};

static void *write_many(void *arg)
{
    struct writer *w = arg;
    struct error err;
    for (int i = 0; i < 20; i++) {
        char name[64];
        snprintf(name, sizeof name, "shared%d/w%d", i, w->number);
        if (blob_write(w->store, name, TEXT("x"), &err) == 0)
            w->n_written++;
    }
    return NULL;
}

TEST(several_write_at_a_time)
{
    struct writer writers[4];
    struct blob_store *b = fresh();
    for (int i = 0; i < 4; i++) {
        writers[i] = (struct writer){.store = b, .number = i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].n_written, 20);
    }
    assert_int_equal(count(b, "", INT64_MAX), 80);
    blob_close(b);
}
