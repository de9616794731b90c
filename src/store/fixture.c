/* fixture.c - see fixture.h. SPDX-License-Identifier: MIT */
#include "store/fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* Works in a child process as well, where cmocka cannot report. */
static void must(int rc, const struct error *err, const char *what)
{
    if (rc < 0) {
        fprintf(stderr, "# %s: %s\n", what, err->text);
        abort();
    }
}

const char *fixture_path(const char *name)
{
    static _Thread_local char path[128];
    snprintf(path, sizeof path, "%s/%s.db", unit_folder(), name);
    return path;
}

struct store *fixture_open(const char *name)
{
    struct error err;
    struct store *s = NULL;
    must(store_open(&s, fixture_path(name), &err), &err, "open");
    return s;
}

void fixture_change(const char *name, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(fixture_path(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

int64_t fixture_key(struct store *s, const char *prefix, const struct store_key *limits,
                    int64_t credits)
{
    struct error err;
    struct store_key key = limits ? *limits : (struct store_key){0};
    snprintf(key.prefix, sizeof key.prefix, "%s", prefix);
    snprintf(key.name, sizeof key.name, "key of the tests");
    hash_sha256(text_of(prefix), key.hash);
    must(store_key_add(s, &key, credits, &err), &err, "add a key");
    return fixture_key_now(s, prefix).id;
}

struct store_key fixture_key_now(struct store *s, const char *prefix)
{
    struct error err;
    struct store_key key = {0};
    must(store_key_by_prefix(s, prefix, &key, &err), &err, "find a key");
    return key;
}

struct store_admission fixture_admission(int64_t key_id)
{
    static char model[] = "video-01";
    static char prompt[] = "A dragon over the sea.";
    static char none[] = "";
    struct store_admission a = {.key_id = key_id,
                                .input = {.model = model,
                                          .prompt = prompt,
                                          .enhance = true,
                                          .seed = UINT64_MAX - 5,
                                          .image = none,
                                          .credits = 100}};
    hash_random_id(a.id);
    return a;
}

void fixture_admit(struct store *s, int64_t key_id, char out[HASH_ID_SIZE])
{
    struct store_admission a = fixture_admission(key_id);
    must(store_admit_wait(s, &a), &a.err, "admit");
    memcpy(out, a.id, HASH_ID_SIZE);
}

void fixture_claim(struct store *s, const char *worker, struct store_job *out)
{
    const struct store_claim wish = {.worker = worker, .lease_us = FIXTURE_LEASE_US};
    struct error err;
    must(store_claim(s, &wish, out, &err), &err, "claim");
}

struct store_result fixture_result(void)
{
    static char video[] = "generations/whale/1.mp4";
    static char engine[] = "storyboard";
    static char prompt[] = "A dragon over the sea, at dusk.";
    static char meta[] = "{\"place\":\"sea\"}";
    return (struct store_result){.video = video,
                                 .video_bytes = 1234567,
                                 .duration_us = 5640000,
                                 .width = 1280,
                                 .height = 720,
                                 .engine = engine,
                                 .prompt = prompt,
                                 .meta = meta};
}

void fixture_finish(struct store *s, const struct store_job *job)
{
    struct error err;
    struct store_result result = fixture_result();
    must(store_finish(s, job->id, job->token, &result, &err), &err, "finish");
}

struct store_job fixture_get(struct store *s, const char *id)
{
    struct error err;
    struct store_job job = {0};
    must(store_get(s, id, &job, &err), &err, "get");
    return job;
}

void fixture_check(struct store *s)
{
    struct error err;
    must(store_check(s, &err), &err, "check");
}
