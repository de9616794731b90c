/* worker_test.c - jobs of a real store, small films. SPDX-License-Identifier: MIT */
#include "worker/worker.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "unit.h"
#include "worker/turn.h"

static const struct model rows[] = {
    {.id = "small",
     .aliases = "",
     .engine = "storyboard",
     .prompt_max = 2000,
     .width = 320,
     .height = 180,
     .fps = 25,
     .n_frames = 5},
    {.id = "endless",
     .aliases = "",
     .engine = "storyboard",
     .prompt_max = 2000,
     .width = 320,
     .height = 180,
     .fps = 25,
     .n_frames = 100000},
    {.id = "alone",
     .aliases = "alone-before",
     .engine = "storyboard",
     .alone = true,
     .prompt_max = 2000,
     .width = 320,
     .height = 180,
     .fps = 25,
     .n_frames = 5},
    {.id = "absent",
     .aliases = "",
     .engine = "wan",
     .path = "/nowhere/models/absent",
     .pull = "absent",
     .prompt_max = 2000,
     .width = 320,
     .height = 180,
     .fps = 16,
     .n_frames = 5},
    {.id = "damaged", /* a program is no weights */
     .aliases = "",
     .engine = "wan",
     .path = "/proc/self/exe",
     .prompt_max = 2000,
     .width = 320,
     .height = 180,
     .fps = 16,
     .n_frames = 5},
};
static const struct model_catalogue catalogue = {.rows = rows,
                                                 .n_rows = sizeof rows / sizeof *rows};

/* A store, its blobs, a key, a worker. */
struct place {
    struct store *store;
    struct blob_store *blobs;
    int64_t key_id;
    struct worker *worker;
    char *turn;
};

static void place_open(struct place *p, const char *name)
{
    struct store_key key = {.prefix = "testtest", .name = "test"};
    struct error err;
    log_set_level(LOG_ERROR);
    SCOPED(mem) char *db = mem_printf("%s/%s.db", unit_folder(), name);
    SCOPED(mem) char *blobs = mem_printf("%s/%s.blobs", unit_folder(), name);
    CHECK_OK(store_open(&p->store, db, &err), err);
    CHECK_OK(blob_open(&p->blobs, blobs, &err), err);
    hash_random(key.hash, sizeof key.hash);
    CHECK_OK(store_key_add(p->store, &key, 0, &err), err);
    CHECK_OK(store_key_by_prefix(p->store, "testtest", &key, &err), err);
    p->key_id = key.id;
    p->turn = mem_printf("%s/%s.turn", unit_folder(), name);
    CHECK_OK(file_make_folders(p->turn, 0700, &err), err);
    const struct worker_options worker_options = {
        .store = p->store,
        .turn = p->turn,
        .blobs = p->blobs,
        .catalogue = &catalogue,
        .name = name,
        .lease_us = 60 * CLOCK_SECOND_US,
        .attempts_max = 3,
        .drain_us = 0,
    };
    p->worker = worker_new(&worker_options);
}

static void place_close(struct place *p)
{
    worker_free(p->worker);
    mem_free(p->turn);
    blob_close(p->blobs);
    store_close(p->store);
}

/* Admit a job; id gets its id. */
static void admit(struct place *p, const char *model, enum store_image kind, const char *image,
                  char id[HASH_ID_SIZE])
{
    struct store_admission a = {
        .key_id = p->key_id,
        .input = {.model = (char *)model,
                  .prompt = (char *)"a red fox",
                  .seed = 1,
                  .image_kind = kind,
                  .image = (char *)image,
                  .credits = 100},
    };
    hash_random_id(a.id);
    memcpy(id, a.id, HASH_ID_SIZE);
    CHECK_OK(store_admit_wait(p->store, &a), a.err);
}

static void get(struct place *p, const char *id, struct store_job *job)
{
    struct error err;
    CHECK_OK(store_get(p->store, id, job, &err), err);
}

static int count_blob(void *arg, const char *name, int64_t modified_us)
{
    (void)name;
    (void)modified_us;
    ++*(int *)arg;
    return 0;
}

static int count_blobs(struct place *p)
{
    int n = 0;
    struct error err;
    CHECK_OK(blob_list(p->blobs, "", INT64_MAX, count_blob, &n, &err), err);
    return n;
}

/* The poster and the preview lie beside the video, and the store names them. */
static void check_beside(struct place *p, const struct store_job *job)
{
    const char *const names[] = {job->result.poster, job->result.preview};
    size_t stem = strlen(job->result.video) - strlen(".mp4");
    struct error err;
    assert_string_equal(job->result.poster + stem, ".jpg");
    assert_string_equal(job->result.preview + stem, "-preview.mp4");
    for (size_t i = 0; i < 2; i++) {
        struct blob_object blob;
        bool named = false;
        assert_memory_equal(names[i], job->result.video, stem);
        CHECK_OK(blob_get(p->blobs, names[i], &blob, &err), err);
        SCOPED(fd) int fd = blob.fd;
        assert_true(fd >= 0 && blob.size > 100);
        CHECK_OK(store_names_blob(p->store, names[i], &named, &err), err);
        assert_true(named);
    }
}

TEST(a_job_is_claimed_made_published_and_finished)
{
    struct place p;
    struct error err;
    char id[HASH_ID_SIZE];
    place_open(&p, "whole");
    admit(&p, "small", STORE_IMAGE_NONE, "", id);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, id, &job);
    assert_int_equal(job.state, JOB_COMPLETED);
    assert_int_equal(job.result.width, 320);
    assert_int_equal(job.result.duration_us, 200000);
    assert_string_equal(job.result.engine, "storyboard");
    assert_string_equal(job.result.prompt, "a red fox");
    struct blob_object blob;
    CHECK_OK(blob_get(p.blobs, job.result.video, &blob, &err), err);
    assert_int_equal(blob.size, job.result.video_bytes);
    assert_int_equal(count_blobs(&p), 3);
    check_beside(&p, &job);
    assert_non_null(strstr(job.result.timings, "{\"stage\":\"drawing\",\"seconds\":"));
    SCOPED(fd) int fd = blob.fd;
    assert_true(fd >= 0);
    assert_int_equal(worker_run_one(p.worker, &err), 0);
    CHECK_OK(store_check(p.store, &err), err);
    place_close(&p);
}

TEST(a_job_that_cannot_be_made_ends_as_an_error_its_owner_understands)
{
    static const struct {
        const char *model;
        enum store_image kind;
        const char *image;
        const char *name;
        const char *words;
    } table[] = {
        {"small", STORE_IMAGE_URL, "http://10.0.0.1/x.png", "ImageFetchException",
         "10.0.0.1 is a private address"},
        {"small", STORE_IMAGE_BLOB, "images/bad.png", "InvalidImageException", ""},
        {"small", STORE_IMAGE_BLOB, "images/gone.png", "GenerationException", "server's log"},
        {"absent", STORE_IMAGE_NONE, "", "GenerationException", "zoetrope model pull absent"},
        {"damaged", STORE_IMAGE_NONE, "", "GenerationException", "server's log"},
    };
    struct place p;
    struct error err;
    place_open(&p, "failing");
    CHECK_OK(blob_write(p.blobs, "images/bad.png", TEXT("no image"), &err), err);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char id[HASH_ID_SIZE];
        admit(&p, table[i].model, table[i].kind, table[i].image, id);
        assert_int_equal(worker_run_one(p.worker, &err), 1);
        SCOPED(store_job) struct store_job job = {0};
        get(&p, id, &job);
        assert_int_equal(job.state, JOB_ERROR);
        assert_string_equal(job.error_name, table[i].name);
        if (!strstr(job.error_message, table[i].words))
            fail_msg("\"%s\" must have \"%s\"", job.error_message, table[i].words);
        if (strstr(job.error_message, "/nowhere") || strstr(job.error_message, "/proc"))
            fail_msg("\"%s\" tells of this machine's disk", job.error_message);
    }
    assert_int_equal(count_blobs(&p), 1);
    CHECK_OK(store_check(p.store, &err), err);
    place_close(&p);
}

/* A file where the folder of drafts was: no draft can be begun. */
static void break_disk(const char *name)
{
    struct error err;
    SCOPED(mem) char *drafts = mem_printf("%s/%s.blobs/drafts", unit_folder(), name);
    assert_int_equal(rmdir(drafts), 0);
    CHECK_OK(file_write(drafts, TEXT(""), 0600, &err), err);
}

TEST(a_fault_of_the_machine_gives_the_job_back_and_ends_the_worker)
{
    struct place p;
    struct error err;
    char id[HASH_ID_SIZE];
    char next[HASH_ID_SIZE];
    place_open(&p, "broken");
    admit(&p, "small", STORE_IMAGE_NONE, "", id);
    admit(&p, "small", STORE_IMAGE_NONE, "", next);
    break_disk("broken");
    CHECK_ERR(worker_run(p.worker, &err), ERR_IO);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, id, &job);
    assert_int_equal(job.state, JOB_QUEUED);
    assert_int_equal(job.attempts, 1);
    SCOPED(store_job) struct store_job waiting = {0};
    get(&p, next, &waiting);
    assert_int_equal(waiting.state, JOB_QUEUED);
    assert_int_equal(waiting.attempts, 0);
    CHECK_OK(store_check(p.store, &err), err);
    place_close(&p);
}

TEST(a_job_that_no_attempt_could_make_ends_in_words_for_its_owner)
{
    struct place p;
    struct error err;
    char id[HASH_ID_SIZE];
    place_open(&p, "exhausted");
    admit(&p, "small", STORE_IMAGE_NONE, "", id);
    break_disk("exhausted");
    for (int i = 0; i < 3; i++)
        CHECK_ERR(worker_run_one(p.worker, &err), ERR_IO);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, id, &job);
    assert_int_equal(job.state, JOB_ERROR);
    assert_int_equal(job.attempts, 3);
    assert_string_equal(job.error_name, "GenerationException");
    assert_non_null(strstr(job.error_message, "server's log"));
    assert_null(strstr(job.error_message, unit_folder()));
    assert_int_equal(worker_run_one(p.worker, &err), 0);
    CHECK_OK(store_check(p.store, &err), err);
    place_close(&p);
}

static void *run_worker(void *arg)
{
    struct place *p = arg;
    struct error err;
    CHECK_OK(worker_run(p->worker, &err), err);
    return NULL;
}

/* Let a thread work on the job until it has come that far. */
static pthread_t start_endless(struct place *p, char id[HASH_ID_SIZE])
{
    pthread_t thread;
    int64_t seen = 0;
    struct error err;
    admit(p, "endless", STORE_IMAGE_NONE, "", id);
    assert_int_equal(pthread_create(&thread, NULL, run_worker, p), 0);
    for (;;) {
        SCOPED(store_job) struct store_job job = {0};
        get(p, id, &job);
        if (job.state == JOB_GENERATING && job.stage[0])
            return thread;
        assert_true(store_watch(p->store, &seen, 1000, &err) >= 0);
    }
}

static void drain(struct place *p, pthread_t thread)
{
    worker_drain(p->worker, false);
    pthread_join(thread, NULL);
}

TEST(a_cancelled_job_is_left_alone_and_leaves_no_file)
{
    struct place p;
    struct error err;
    char id[HASH_ID_SIZE];
    char second[HASH_ID_SIZE];
    int64_t seen = 0;
    place_open(&p, "cancelled");
    pthread_t thread = start_endless(&p, id);
    CHECK_OK(store_cancel(p.store, p.key_id, id, &err), err);
    admit(&p, "small", STORE_IMAGE_NONE, "", second);
    for (bool done = false; !done;) { /* it goes on with the next */
        SCOPED(store_job) struct store_job job = {0};
        get(&p, second, &job);
        done = job.state == JOB_COMPLETED;
        if (!done)
            assert_true(store_watch(p.store, &seen, 1000, &err) >= 0);
    }
    worker_drain(p.worker, true);
    store_wake(p.store);
    admit(&p, "small", STORE_IMAGE_NONE, "", second); /* a write wakes it for certain */
    pthread_join(thread, NULL);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, id, &job);
    assert_int_equal(job.state, JOB_ERROR);
    assert_string_equal(job.error_name, "CancelledException");
    assert_true(count_blobs(&p) >= 1);
    place_close(&p);
}

TEST(a_draining_worker_gives_its_job_back)
{
    struct place p;
    struct error err;
    char id[HASH_ID_SIZE];
    place_open(&p, "draining");
    pthread_t thread = start_endless(&p, id);
    drain(&p, thread);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, id, &job);
    assert_int_equal(job.state, JOB_QUEUED);
    assert_int_equal(job.attempts, 0);
    assert_int_equal(count_blobs(&p), 0);
    CHECK_OK(store_check(p.store, &err), err);
    place_close(&p);
}

TEST(a_worker_that_drains_claims_nothing)
{
    struct place p;
    struct error err;
    char id[HASH_ID_SIZE];
    place_open(&p, "idle");
    admit(&p, "small", STORE_IMAGE_NONE, "", id);
    worker_drain(p.worker, false);
    CHECK_OK(worker_run(p.worker, &err), err);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, id, &job);
    assert_int_equal(job.state, JOB_QUEUED);
    place_close(&p);
}

/* One started with a config file, one without it: the second took the first's jobs and ended them.
 */
TEST(a_job_of_a_model_that_only_another_worker_has_is_left_to_it)
{
    struct place p;
    struct error err;
    char foreign[HASH_ID_SIZE];
    char small[HASH_ID_SIZE];
    place_open(&p, "foreign");
    admit(&p, "foreign", STORE_IMAGE_NONE, "", foreign);
    admit(&p, "small", STORE_IMAGE_NONE, "", small);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(worker_run_one(p.worker, &err), 0);
    SCOPED(store_job) struct store_job job = {0};
    get(&p, small, &job);
    assert_int_equal(job.state, JOB_COMPLETED);
    SCOPED(store_job) struct store_job left = {0};
    get(&p, foreign, &left);
    assert_int_equal(left.state, JOB_QUEUED);
    assert_int_equal(left.attempts, 0);
    place_close(&p);
}

static enum job_state state_of(struct place *p, const char *id)
{
    SCOPED(store_job) struct store_job job = {0};
    get(p, id, &job);
    return job.state;
}

TEST(a_film_that_is_made_alone_waits_for_the_turn_and_lets_others_pass)
{
    struct place p;
    struct error err;
    struct turn other;
    char first[HASH_ID_SIZE];
    char alone[HASH_ID_SIZE];
    char small[HASH_ID_SIZE];
    place_open(&p, "turns");
    admit(&p, "small", STORE_IMAGE_NONE, "", first);
    admit(&p, "alone", STORE_IMAGE_NONE, "", alone);
    admit(&p, "small", STORE_IMAGE_NONE, "", small);
    turn_init(&other, p.turn);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(state_of(&p, first), JOB_COMPLETED);
    assert_int_equal(turn_try(&other, &err), 1); /* not kept for a film that needs none */
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(worker_run_one(p.worker, &err), 0);
    assert_int_equal(state_of(&p, alone), JOB_QUEUED);
    assert_int_equal(state_of(&p, small), JOB_COMPLETED);
    turn_give(&other);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(state_of(&p, alone), JOB_COMPLETED);
    assert_int_equal(turn_try(&other, &err), 1); /* given back behind it */
    turn_fini(&other);
    place_close(&p);
}

/* The job was accepted under an id that is an alias now, and was made without the turn. */
TEST(a_film_whose_model_was_renamed_waits_for_the_turn_as_well)
{
    struct place p;
    struct error err;
    struct turn other;
    char before[HASH_ID_SIZE];
    place_open(&p, "renamed");
    admit(&p, "alone-before", STORE_IMAGE_NONE, "", before);
    turn_init(&other, p.turn);
    assert_int_equal(turn_try(&other, &err), 1);
    assert_int_equal(worker_run_one(p.worker, &err), 0);
    assert_int_equal(state_of(&p, before), JOB_QUEUED);
    turn_fini(&other);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(state_of(&p, before), JOB_COMPLETED);
    place_close(&p);
}

TEST(films_that_need_no_turn_are_made_where_it_cannot_be_asked_for)
{
    struct place p;
    struct error err;
    char alone[HASH_ID_SIZE];
    char small[HASH_ID_SIZE];
    place_open(&p, "no-turn");
    admit(&p, "alone", STORE_IMAGE_NONE, "", alone);
    admit(&p, "small", STORE_IMAGE_NONE, "", small);
    assert_int_equal(rmdir(p.turn), 0);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(worker_run_one(p.worker, &err), 0);
    assert_int_equal(state_of(&p, small), JOB_COMPLETED);
    assert_int_equal(state_of(&p, alone), JOB_QUEUED);
    CHECK_OK(file_make_folders(p.turn, 0700, &err), err);
    assert_int_equal(worker_run_one(p.worker, &err), 1);
    assert_int_equal(state_of(&p, alone), JOB_COMPLETED);
    place_close(&p);
}

TEST(a_turn_that_is_given_back_is_noticed_without_a_change_of_the_store)
{
    struct place p;
    struct error err;
    struct turn other;
    pthread_t thread;
    char alone[HASH_ID_SIZE];
    place_open(&p, "noticed");
    admit(&p, "alone", STORE_IMAGE_NONE, "", alone);
    turn_init(&other, p.turn);
    assert_int_equal(turn_try(&other, &err), 1);
    pthread_create(&thread, NULL, run_worker, &p);
    usleep(300 * 1000); /* it looks, and waits */
    assert_int_equal(state_of(&p, alone), JOB_QUEUED);
    turn_fini(&other);
    int64_t began_us = clock_mono_us();
    while (state_of(&p, alone) != JOB_COMPLETED &&
           clock_mono_us() - began_us < 40 * CLOCK_SECOND_US)
        usleep(20 * 1000);
    assert_int_equal(state_of(&p, alone), JOB_COMPLETED);
    do /* one that is just about to wait may miss a call */
        worker_drain(p.worker, false);
    while (usleep(10 * 1000) == 0 && pthread_tryjoin_np(thread, NULL) != 0);
    place_close(&p);
}

TEST(a_turn_that_cannot_be_asked_for_is_a_fault_of_the_machine)
{
    struct error err;
    struct turn t;
    turn_init(&t, "/proc/self/turn");
    assert_true(turn_try(&t, &err) < 0);
    assert_non_null(strstr(err.text, "/proc/self/turn"));
    turn_fini(&t);
}

TEST(a_videos_name_has_a_folder_a_time_and_a_uuid)
{
    char name[WORKER_NAME_SIZE];
    worker_video_name(1759866285599123, name);
    struct text rest = text_of(name);
    assert_true(text_equal(text_cut(&rest, '/'), TEXT("generations")));
    struct text animal = text_cut(&rest, '/');
    assert_true(animal.len > 2);
    assert_true(text_equal(text_cut(&rest, '-'), TEXT("1759866285599")));
    struct text uuid = text_cut(&rest, '.');
    assert_int_equal(uuid.len, 36);
    assert_int_equal(strspn(uuid.at, "0123456789abcdef-"), 36);
    assert_true(text_equal(rest, TEXT("mp4")));
}
