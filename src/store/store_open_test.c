/* store_open_test.c - opening, versions, damage. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/fixture.h"
#include "unit.h"

TEST(what_was_written_is_there_after_opening_again)
{
    struct store *s = fixture_open("again");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    fixture_admit(s, key, id);
    store_close(s);
    s = fixture_open("again");
    SCOPED(store_job) struct store_job job = fixture_get(s, id);
    assert_int_equal(job.state, JOB_QUEUED);
    store_close(s);
}

TEST(only_its_owner_may_read_the_files_of_a_store)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-door"};
    struct store *s = fixture_open("modes");
    fixture_key(s, "aaaaaaaa", NULL, 0);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[256];
        struct stat st;
        snprintf(path, sizeof path, "%s%s", fixture_path("modes"), ends[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    store_close(s);
}

TEST(a_store_of_a_newer_program_is_left_alone)
{
    struct error err;
    struct store *s = fixture_open("newer");
    store_close(s);
    fixture_change("newer", "PRAGMA user_version = 99");
    CHECK_ERR(store_open(&s, fixture_path("newer"), &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "newer program (schema 99"));
}

TEST(another_programs_database_is_left_alone)
{
    struct error err;
    struct store *s;
    fixture_change("foreign", "CREATE TABLE theirs (x)");
    CHECK_ERR(store_open(&s, fixture_path("foreign"), &err), ERR_CORRUPT);
    fixture_change("foreign-id", "PRAGMA application_id = 77");
    CHECK_ERR(store_open(&s, fixture_path("foreign-id"), &err), ERR_CORRUPT);
}

TEST(a_file_that_is_no_database_and_a_folder_that_is_not_there_are_told)
{
    struct error err;
    struct store *s;
    const char *path = fixture_path("text");
    char line[] = "This file is a text, long enough to be read as the head of a database: "
                  "it has more than a hundred bytes in it, but none of those that matter.";
    CHECK_OK(file_write(path, text_of(line), 0600, &err), err);
    CHECK_ERR(store_open(&s, path, &err), ERR_CORRUPT);
    assert_int_not_equal(store_open(&s, "/nonexistent/store.db", &err), 0);
}

TEST(closing_nothing_is_fine)
{
    store_close(NULL);
}

/* ---- the checker finds what is broken ------------------------------------------------------ */

TEST(the_checker_says_what_is_not_true_and_of_what)
{
    static const struct {
        const char *sql;
        const char *says;
    } cases[] = {
        {"UPDATE keys SET n_queued = n_queued + 1", "key aaaaaaaa"},
        {"UPDATE keys SET reserved = reserved + 1", "has reserved"},
        {"UPDATE keys SET balance = balance + 1", "sum of its ledger"},
        {"UPDATE totals SET completed = completed + 1", "totals"},
        {"UPDATE totals SET last_seq = 1", "seq was given"},
        {"UPDATE jobs SET worker = 'w' WHERE state = 0", "only a generating job"},
        {"UPDATE jobs SET worker = '' WHERE state = 1", "has a worker, a lease"},
        {"UPDATE jobs SET token = 0 WHERE state = 1", "a token"},
        {"UPDATE jobs SET ended_us = 0 WHERE state = 2", "an end"},
        {"UPDATE jobs SET ended_us = 5 WHERE state = 0", "an end"},
        {"UPDATE jobs SET error_name = '' WHERE state = 3", "has a name"},
        {"UPDATE jobs SET video = '' WHERE state = 2", "has a video"},
        {"UPDATE jobs SET video = 'v' WHERE state = 3", "has a video"},
        {"UPDATE entries SET credits = -1 WHERE reference <> ''", "charged once"},
        {"UPDATE entries SET reference = '' WHERE reference <> ''", "charged once"},
        {"UPDATE entries SET reference = (SELECT id FROM jobs WHERE state = 3)"
         " WHERE type = 6",
         "only a completed job"},
        {"UPDATE entries SET created_us = 1 WHERE type = 4", "order of time"},
        {"DELETE FROM replays", "the answer to it"},
        {"UPDATE replays SET id = 'x'", "names a job or a tombstone"},
        {"INSERT INTO tombstones SELECT id, key_id, 2, 1, 'retired', 1 FROM jobs WHERE state = 2",
         "there or gone"},
    };
    struct error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        char ids[4][HASH_ID_SIZE];
        snprintf(name, sizeof name, "broken-%zu", i);
        struct store *s = fixture_open(name);
        int64_t key = fixture_key(s, "aaaaaaaa", NULL, 1000);
        for (int j = 0; j < 3; j++)
            fixture_admit(s, key, ids[j]);
        struct store_admission a = fixture_admission(key);
        a.idempotency_key = "k";
        CHECK_OK(store_admit_wait(s, &a), a.err);
        SCOPED(store_job) struct store_job held = {0};
        fixture_claim(s, "w", &held);
        fixture_finish(s, &held);
        SCOPED(store_job) struct store_job second = {0};
        fixture_claim(s, "w", &second);
        CHECK_OK(store_cancel(s, key, ids[2], &err), err);
        fixture_check(s);
        fixture_change(name, cases[i].sql);
        CHECK_ERR(store_check(s, &err), ERR_CORRUPT);
        if (!strstr(err.text, cases[i].says))
            fail_msg("\"%s\" after %s", err.text, cases[i].sql);
        store_close(s);
    }
}

TEST(processes_that_open_a_new_store_together_all_succeed)
{
    enum { N = 6 };
    pid_t pids[N];
    const char *path = fixture_path("together");
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct error err;
            struct store *s = NULL;
            int rc = store_open(&s, path, &err);
            if (rc < 0)
                fprintf(stderr, "# %s\n", err.text);
            store_close(s);
            _exit(rc < 0);
        }
    }
    for (int i = 0; i < N; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
}
