/* api_test.c - unit tests of the api over a socket: the way of a job, waiting, images.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/eta.h"
#include "api/house.h"
#include "api/sample.h"
#include "base/clock.h"
#include "base/memory.h"

enum { N_WAITERS = 50 };

static const char *const routes[] = {HOUSE_UNIVERSAL, HOUSE_LEGACY, "/v1/video/generations",
                                     "/video/generations"};

/* ---- the way of a job ------------------------------------------------------------------------ */

TEST(an_id_made_on_one_route_is_read_on_every_other)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    for (size_t i = 0; i < 4; i++) {
        house_create(&h, routes[i], HOUSE_FOX, id);
        for (size_t k = 0; k < 4; k++) {
            SCOPED(mem) char *query = mem_printf("GET %s?generation_id=%s", routes[k], id);
            SCOPED(mem) char *path = mem_printf("GET %s/%s", routes[k], id);
            house_ask(&h, &a, query, NULL);
            assert_string_equal(house_string(&a, "id"), id);
            house_ask(&h, &a, path, NULL);
            assert_string_equal(house_string(&a, "id"), id);
        }
    }
    house_close(&h);
}

TEST(a_job_is_queued_then_generating_then_completed)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    house_create(&h, HOUSE_LEGACY, HOUSE_FOX, id);
    house_check_state(&h, id, "queued");
    house_finish(&h, id, "generations/whale/1-a.mp4");
    house_poll(&h, &a, id, "");
    assert_string_equal(house_string(&a, "status"), "completed");
    assert_string_equal(house_string(&a, "meta/prompt"), "a fox, richer");
    assert_string_equal(loopback_field(&a, "x-aimlapi-credits-used"), "120000");
    assert_string_equal(loopback_field(&a, "x-aimlapi-usd-spent"), "0.060000000");
    assert_string_equal(loopback_field(&a, "Cache-Control"), "no-store");
    house_close(&h);
}

/* "GET /generations/..." of a job that this makes and finishes. */
static char *make_video(struct house *h, char id[HASH_ID_SIZE])
{
    const char *origin = "http://here.example:81";
    struct answer a;
    house_create(h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_finish(h, id, "generations/whale/1-a.mp4");
    house_poll(h, &a, id, "");
    const char *url = house_string(&a, "video/url");
    assert_int_equal(strncmp(url, origin, strlen(origin)), 0);
    return mem_printf("GET %s", url + strlen(origin));
}

TEST(the_url_of_a_video_is_its_own_permission)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    SCOPED(mem) char *line = make_video(&h, id);
    house_ask_as(&h, &a, NULL, line, NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_memory_equal(a.body, "0123456789", 10);
    assert_string_equal(loopback_field(&a, "Content-Type"), "video/mp4");
    house_ask_as(&h, &a, NULL, line, "Range: bytes=2-4\r\n", NULL);
    assert_int_equal(a.status, 206);
    assert_memory_equal(a.body, "234", 3);
    line[strlen(line) - 1] ^= 1;
    house_ask_as(&h, &a, NULL, line, NULL, NULL);
    house_check_problem(&a, 403, "ForbiddenException");
    house_ask_as(&h, &a, NULL, "GET /generations/whale/1-a.mp4", NULL, NULL);
    house_check_problem(&a, 403, "ForbiddenException");
    line[strlen(line) - 1] ^= 1;
    house_delete(&h, &a, id);
    house_ask_as(&h, &a, NULL, line, NULL, NULL);
    house_check_problem(&a, 410, "GoneException");
    house_close(&h);
}

TEST(a_range_behind_the_end_is_416_without_the_headers_of_the_video)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    SCOPED(mem) char *line = make_video(&h, id);
    house_ask_as(&h, &a, NULL, line, "Range: bytes=10-\r\n", NULL);
    house_check_problem(&a, 416, "RangeNotSatisfiableException");
    assert_string_equal(loopback_field(&a, "Content-Range"), "bytes */10");
    assert_string_equal(loopback_field(&a, "Cache-Control"), "no-store");
    assert_string_equal(loopback_field(&a, "Content-Disposition"), "");
    assert_string_equal(loopback_field(&a, "ETag"), "");
    assert_null(strstr(a.head, "immutable"));
    house_close(&h);
}

TEST(a_job_under_way_is_cancelled_again_and_again)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_claim(&h, id);
    for (int i = 0; i < 3; i++) {
        house_delete(&h, &a, id);
        assert_int_equal(a.status, 200);
        assert_string_equal(house_string(&a, "action"), "cancelled");
        assert_string_equal(house_string(&a, "status"), "error");
    }
    house_poll(&h, &a, id, "");
    assert_string_equal(house_string(&a, "error/name"), "CancelledException");
    house_close(&h);
}

TEST(a_finished_job_is_removed_and_gone_however_often_it_is_deleted)
{
    struct house h;
    struct answer first;
    struct answer again;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_finish(&h, id, "generations/whale/1-a.mp4");
    house_delete(&h, &first, id);
    assert_string_equal(house_string(&first, "action"), "deleted");
    house_poll(&h, &a, id, "");
    house_check_problem(&a, 410, "GoneException");
    house_delete(&h, &again, id);
    assert_int_equal(again.status, 200);
    assert_string_equal(first.body, again.body);
    house_close(&h);
}

TEST(a_failed_job_is_removed)
{
    struct house h;
    struct answer a;
    struct error err;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    int64_t token = house_claim(&h, id);
    CHECK_OK(store_fail(h.store, id, token, "EngineException", "it broke", &err), err);
    house_delete(&h, &a, id);
    assert_string_equal(house_string(&a, "action"), "deleted");
    house_poll(&h, &a, id, "");
    house_check_problem(&a, 410, "GoneException");
    house_close(&h);
}

TEST(the_list_has_a_keys_own_jobs_newest_first)
{
    struct house h;
    struct answer a;
    char ids[5][HASH_ID_SIZE];
    char cursor[64] = "";
    int n = 0;
    house_open(&h, 0);
    for (int i = 0; i < 5; i++)
        house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, ids[i]);
    do {
        SCOPED(mem)
        char *line = mem_printf("GET %s/list?limit=2%s%s", HOUSE_UNIVERSAL,
                                *cursor ? "&cursor=" : "", cursor);
        house_ask(&h, &a, line, NULL);
        json_t *page = house_json(&a);
        const json_t *jobs = json_object_get(page, "data");
        for (size_t i = 0; i < json_array_size(jobs); i++)
            assert_string_equal(json_string_value(json_object_get(json_array_get(jobs, i), "id")),
                                ids[4 - n++]);
        json_decref(page);
        snprintf(cursor, sizeof cursor, "%s", house_string(&a, "pagination/next_cursor"));
    } while (*cursor);
    assert_int_equal(n, 5);
    house_ask(&h, &a, "GET " HOUSE_UNIVERSAL "/list?status=completed", NULL);
    sample_same_json(a.body, "{'data':[],'pagination':{'next_cursor':null,'has_more':false}}");
    house_close(&h);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void start_waiters(struct house *h, const char *id, const char *wait, int fds[N_WAITERS])
{
    SCOPED(mem)
    char *line = mem_printf("GET %s?generation_id=%s&wait=%s", HOUSE_UNIVERSAL, id, wait);
    for (int i = 0; i < N_WAITERS; i++) {
        fds[i] = loopback_connect(h->port);
        house_say(fds[i], h->key, line, NULL, NULL);
    }
}

static void check_waiters(const int fds[N_WAITERS], const char *state)
{
    struct answer a;
    for (int i = 0; i < N_WAITERS; i++) {
        loopback_read(fds[i], &a);
        assert_int_equal(a.status, 200);
        assert_string_equal(house_string(&a, "status"), state);
        close(fds[i]);
    }
}

TEST(all_who_wait_hear_of_the_change)
{
    struct house h;
    char id[HASH_ID_SIZE];
    int fds[N_WAITERS];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    start_waiters(&h, id, "60", fds);
    poll(NULL, 0, 50);
    house_claim(&h, id);
    check_waiters(fds, "generating");
    house_close(&h);
}

TEST(a_wait_ends_with_its_time)
{
    struct house h;
    char id[HASH_ID_SIZE];
    int fds[N_WAITERS];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    int64_t began = clock_mono_us();
    start_waiters(&h, id, "0.3", fds);
    check_waiters(fds, "queued");
    assert_true(clock_mono_us() - began >= 300000);
    house_close(&h);
}

TEST(a_drain_answers_all_who_wait_and_lets_none_wait)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    int fds[N_WAITERS];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    start_waiters(&h, id, "60", fds);
    poll(NULL, 0, 50);
    house_ask_as(&h, &a, NULL, "GET /readyz", NULL, NULL);
    assert_int_equal(a.status, 200);
    api_drain(h.api);
    check_waiters(fds, "queued");
    house_poll(&h, &a, id, "&wait=60");
    assert_string_equal(house_string(&a, "status"), "queued");
    house_ask_as(&h, &a, NULL, "GET /readyz", NULL, NULL);
    house_check_problem(&a, 503, "ServiceUnavailableException");
    house_close(&h);
}

/* ---- images ---------------------------------------------------------------------------------- */

TEST(an_image_in_the_body_is_kept_for_the_worker)
{
    struct house h;
    struct error err;
    char id[HASH_ID_SIZE];
    SCOPED(mem) char *png = sample_png(400, 320);
    SCOPED(mem)
    char *body = mem_printf("{\"model\":\"video-01-live2d\",\"prompt\":\"\","
                            "\"first_frame_image\":\"data:image/png;base64,%s\"}",
                            png);
    SCOPED(store_job) struct store_job job = {.seq = 0};
    SCOPED(text_buf) struct text_buf bytes;
    house_open(&h, 0);
    house_create(&h, HOUSE_LEGACY, body, id);
    CHECK_OK(store_get(h.store, id, &job, &err), err);
    assert_int_equal(job.input.image_kind, STORE_IMAGE_BLOB);
    assert_int_equal(job.input.credits, 240000);
    text_buf_init(&bytes, 0);
    CHECK_OK(blob_read(h.blobs, job.input.image, 1 << 20, &bytes, &err), err);
    assert_memory_equal(bytes.at, "\x89PNG", 4);
    house_close(&h);
}

TEST(the_image_of_a_cancelled_job_is_removed_with_the_cancel)
{
    struct house h;
    struct answer a;
    struct error err;
    struct blob_object object;
    char id[HASH_ID_SIZE];
    SCOPED(mem) char *png = sample_png(400, 320);
    SCOPED(mem)
    char *body = mem_printf("{\"model\":\"video-01\",\"prompt\":\"\",\"image_url\":\"%s\"}", png);
    SCOPED(store_job) struct store_job job = {.seq = 0};
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, body, id);
    CHECK_OK(store_get(h.store, id, &job, &err), err);
    house_delete(&h, &a, id);
    assert_string_equal(house_string(&a, "action"), "cancelled");
    CHECK_ERR(blob_get(h.blobs, job.input.image, &object, &err), ERR_NOT_FOUND);
    house_close(&h);
}

TEST(a_large_body_is_read_beside_the_event_threads)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    SCOPED(mem) char *png = sample_png(1200, 1100);
    SCOPED(mem) char *padding = mem_alloc(300001);
    memset(padding, 'x', 300000);
    SCOPED(mem)
    char *body = mem_printf("{\"model\":\"video-01\",\"prompt\":\"a fox\",\"padding\":\"%s\","
                            "\"image_url\":\"%s\"}",
                            padding, png);
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, body, id);
    strstr(body, "video-01")[7] = '2';
    house_ask(&h, &a, "POST " HOUSE_UNIVERSAL, body);
    house_check_problem(&a, 400, "BadRequestException");
    house_close(&h);
}

TEST(a_vanished_blob_folder_is_500_and_names_no_path)
{
    struct house h;
    struct answer a;
    SCOPED(mem) char *png = sample_png(400, 320);
    SCOPED(mem)
    char *body = mem_printf("{\"model\":\"video-01\",\"prompt\":\"\",\"image_url\":\"%s\"}", png);
    house_open(&h, 0);
    SCOPED(mem) char *drafts = mem_printf("%s/drafts", h.folder);
    assert_int_equal(rmdir(drafts), 0);
    house_ask(&h, &a, "POST " HOUSE_UNIVERSAL, body);
    house_check_problem(&a, 500, "InternalServerErrorException");
    assert_null(strstr(a.body, h.folder));
    assert_null(strstr(a.body, "create"));
    house_close(&h);
}

TEST(a_bad_image_is_told_with_all_other_issues)
{
    struct house h;
    struct answer a;
    SCOPED(mem) char *png = sample_png(200, 200);
    SCOPED(mem)
    char *body = mem_printf("{\"model\":\"video-01\",\"prompt\":5,\"image_url\":\"%s\"}", png);
    house_open(&h, 0);
    house_ask(&h, &a, "POST " HOUSE_UNIVERSAL, body);
    house_check_problem(&a, 400, "BadRequestException");
    assert_non_null(strstr(a.body, "shorter side is 200 px, must exceed 300"));
    assert_non_null(strstr(a.body, "Expected string, received number"));
    house_ask(&h, &a, "GET " HOUSE_UNIVERSAL "/list", NULL);
    sample_same_json(a.body, "{'data':[],'pagination':{'next_cursor':null,'has_more':false}}");
    house_close(&h);
}

/* A film that took most of a second, so that some of them can be told from one. */
static void finish_late(struct house *h, const char *id)
{
    struct error err;
    char video[] = "generations/whale/1-a.mp4";
    char empty[] = "";
    const struct store_result result = {
        .video = video, .engine = empty, .prompt = empty, .meta = empty};
    const int64_t token = house_claim(h, id);
    usleep(700 * 1000);
    CHECK_OK(store_finish(h->store, id, token, &result, &err), err);
}

TEST(a_job_whose_model_is_made_alone_waits_for_its_like_however_many_workers_there_are)
{
    struct house h;
    char id[4][HASH_ID_SIZE];
    struct error err;
    struct model row = sample_catalogue.rows[0];
    const struct model_catalogue c = {&row, 1};
    const int64_t second_us = CLOCK_SECOND_US;
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id[0]);
    finish_late(&h, id[0]);
    for (int i = 1; i < 4; i++)
        house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id[i]);
    SCOPED(store_job) struct store_job job = {.seq = 0};
    CHECK_OK(store_get(h.store, id[3], &job, &err), err);
    for (int alone = 0; alone < 2; alone++) {
        row.alone = alone;
        struct eta *e = eta_new(h.store, &c);
        const int64_t work_us = eta_work_us(e, job.input.model);
        assert_true(work_us >= 700 * 1000);
        assert_int_equal(eta_seconds(e, &job, 2, 4, clock_now_us()),
                         ((alone ? 3 : 1) * work_us + second_us - 1) / second_us);
        eta_free(e);
    }
    house_close(&h);
}

TEST(a_clock_that_was_set_back_promises_no_job_longer_than_its_work)
{
    struct house h;
    char id[HASH_ID_SIZE];
    char model[] = "video-01";
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_finish(&h, id, "generations/whale/1-a.mp4");
    struct eta *e = eta_new(h.store, &sample_catalogue);
    int64_t work_us = eta_work_us(e, model);
    int64_t now_us = clock_now_us();
    const struct store_job job = {.state = JOB_GENERATING,
                                  .input = {.model = model},
                                  .started_us = now_us + 3600 * CLOCK_SECOND_US};
    assert_true(work_us > 0);
    assert_true(eta_seconds(e, &job, 0, 1, now_us) <= work_us / CLOCK_SECOND_US + 1);
    eta_free(e);
    house_close(&h);
}
