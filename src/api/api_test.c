/* api_test.c - the api over a socket: a server of its own in this process for each test, with a
 * store and a folder of blobs; what a worker does is done by hand.
 *
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/key.h"
#include "api/api.h"
#include "api/sample.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/loopback.h"

#define UNIVERSAL "/v2/video/generations"
#define LEGACY    "/v2/generate/video/minimax/generation"
#define FOX       "{\"model\":\"video-01\",\"prompt\":\"a fox\"}"

enum { N_WAITERS = 50 };

static const char *const routes[] = {UNIVERSAL, LEGACY, "/v1/video/generations",
                                     "/video/generations"};

static int one_worker(void *arg)
{
    (void)arg;
    return 1;
}

/* ---- a house of its own --------------------------------------------------------------------- */

struct house {
    struct store *store;
    struct blob_store *blobs;
    struct api *api;
    struct http_server *server;
    int port;
    uint8_t secret[HASH_SIZE];
    char key[KEY_SIZE];
};

static char *fresh_folder(void)
{
    char *path = mem_printf("%s/house-XXXXXX", unit_folder());
    assert_non_null(mkdtemp(path));
    return path;
}

static void make_key(struct house *h, const struct key_options *options, char out[KEY_SIZE])
{
    struct error err;
    CHECK_OK(key_create(h->store, options, out, &err), err);
}

static void house_open(struct house *h, int64_t queued_max)
{
    struct error err;
    SCOPED(mem) char *folder = fresh_folder();
    SCOPED(mem) char *database = mem_printf("%s/jobs.db", folder);
    SCOPED(mem) char *url = NULL;
    *h = (struct house){.secret = {7}};
    CHECK_OK(store_open(&h->store, database, &err), err);
    CHECK_OK(blob_open(&h->blobs, folder, &err), err);
    make_key(h, &(struct key_options){.name = "test"}, h->key);
    struct api_options options = {.store = h->store,
                                  .blobs = h->blobs,
                                  .catalogue = &sample_catalogue,
                                  .url_secret = h->secret,
                                  .url_lifetime_s = 3600,
                                  .queued_max = queued_max,
                                  .workers = one_worker};
    struct http_options http = http_options_default();
    CHECK_OK(api_new(&h->api, &options, &err), err);
    api_fill(h->api, &http);
    http.listen = "127.0.0.1:0";
    http.n_threads = 2;
    CHECK_OK(http_start(&h->server, &http, &err), err);
    h->port = http_port(h->server);
    url = mem_printf("http://127.0.0.1:%d", h->port);
    api_listening(h->api, url, h->server);
}

static void house_close(struct house *h)
{
    api_drain(h->api);
    http_stop(h->server, 10000);
    api_free(h->api);
    store_close(h->store);
    blob_close(h->blobs);
}

/* ---- a client ------------------------------------------------------------------------------- */

static void say(int fd, const char *key, const char *line, const char *headers, const char *body)
{
    SCOPED(mem)
    char *request =
        mem_printf("%s HTTP/1.1\r\nHost: here.example:81\r\n%s%s%s%sContent-Length: %zu\r\n\r\n",
                   line, key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "",
                   headers ? headers : "", body ? strlen(body) : 0);
    loopback_say(fd, request);
    if (body)
        loopback_say(fd, body);
}

static void ask_as(struct house *h, struct answer *a, const char *key, const char *line,
                   const char *headers, const char *body)
{
    int fd = loopback_connect(h->port);
    say(fd, key, line, headers, body);
    loopback_read(fd, a);
    close(fd);
}

static void ask(struct house *h, struct answer *a, const char *line, const char *body)
{
    ask_as(h, a, h->key, line, NULL, body);
}

/* The body's JSON, which the caller gives back with json_decref. */
static json_t *json_of(const struct answer *a)
{
    json_t *v = json_loadb(a->body, a->len, 0, NULL);
    if (!v)
        fail_msg("not JSON: %.*s", (int)a->len, a->body);
    return v;
}

/* A string of the body by its path "error/name"; "" when it is not there. Static. */
static const char *string_at(const struct answer *a, const char *path)
{
    static char out[1024];
    json_t *root = json_of(a);
    json_t *v = root;
    struct text rest = text_of(path);
    while (rest.len && v) {
        char key[64];
        struct text part = text_cut(&rest, '/');
        snprintf(key, sizeof key, "%.*s", (int)part.len, part.at);
        v = json_object_get(v, key);
    }
    snprintf(out, sizeof out, "%s", json_is_string(v) ? json_string_value(v) : "");
    json_decref(root);
    return out;
}

static void check_problem(const struct answer *a, int status, const char *name)
{
    assert_int_equal(a->status, status);
    assert_string_equal(string_at(a, "error/name"), name);
    assert_string_equal(string_at(a, "requestId"), loopback_field(a, "x-request-id"));
    assert_string_equal(loopback_field(a, "Content-Type"),
                        "application/problem+json; charset=utf-8");
    assert_string_equal(loopback_field(a, "Access-Control-Allow-Origin"), "*");
}

static void create(struct house *h, const char *route, const char *body, char id[HASH_ID_SIZE])
{
    struct answer a;
    SCOPED(mem) char *line = mem_printf("POST %s", route);
    ask(h, &a, line, body);
    if (a.status != 200)
        fail_msg("%.*s", (int)a.len, a.body);
    snprintf(id, HASH_ID_SIZE, "%s", string_at(&a, "id"));
    assert_string_equal(string_at(&a, "generation_id"), id);
    assert_string_equal(string_at(&a, "status"), "queued");
    assert_string_equal(loopback_field(&a, "x-inference-id"), id);
}

static void poll_job(struct house *h, struct answer *a, const char *id, const char *more)
{
    SCOPED(mem) char *line = mem_printf("GET %s?generation_id=%s%s", UNIVERSAL, id, more);
    ask(h, a, line, NULL);
}

static void check_state(struct house *h, const char *id, const char *state)
{
    struct answer a;
    poll_job(h, &a, id, "");
    assert_int_equal(a.status, 200);
    assert_string_equal(string_at(&a, "status"), state);
}

static void delete_job(struct house *h, struct answer *a, const char *id)
{
    SCOPED(mem) char *line = mem_printf("DELETE %s?generation_id=%s", UNIVERSAL, id);
    ask(h, a, line, NULL);
}

/* ---- a worker by hand ----------------------------------------------------------------------- */

static int64_t claim(struct house *h, const char *id)
{
    SCOPED(store_job) struct store_job job = {.seq = 0};
    struct error err;
    CHECK_OK(store_claim(h->store, "w", 60 * CLOCK_SECOND_US, &job, &err), err);
    assert_string_equal(job.id, id);
    return job.token;
}

static void finish(struct house *h, const char *id, const char *video)
{
    struct error err;
    char empty[] = "";
    char engine[] = "storyboard";
    char prompt[] = "a fox, richer";
    SCOPED(mem) char *name = mem_dup(video);
    struct store_result result = {.video = name,
                                  .video_bytes = 10,
                                  .duration_us = 5640000,
                                  .width = 1280,
                                  .height = 720,
                                  .engine = engine,
                                  .prompt = prompt,
                                  .meta = empty};
    int64_t token = claim(h, id);
    CHECK_OK(blob_write(h->blobs, video, TEXT("0123456789"), &err), err);
    CHECK_OK(store_finish(h->store, id, token, &result, &err), err);
}

/* ---- the way of a job ------------------------------------------------------------------------ */

TEST(an_id_made_on_one_route_is_read_on_every_other)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    for (size_t i = 0; i < 4; i++) {
        create(&h, routes[i], FOX, id);
        for (size_t k = 0; k < 4; k++) {
            SCOPED(mem) char *query = mem_printf("GET %s?generation_id=%s", routes[k], id);
            SCOPED(mem) char *path = mem_printf("GET %s/%s", routes[k], id);
            ask(&h, &a, query, NULL);
            assert_string_equal(string_at(&a, "id"), id);
            ask(&h, &a, path, NULL);
            assert_string_equal(string_at(&a, "id"), id);
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
    create(&h, LEGACY, FOX, id);
    check_state(&h, id, "queued");
    finish(&h, id, "generations/whale/1-a.mp4");
    poll_job(&h, &a, id, "");
    assert_string_equal(string_at(&a, "status"), "completed");
    assert_string_equal(string_at(&a, "meta/prompt"), "a fox, richer");
    assert_string_equal(loopback_field(&a, "x-aimlapi-credits-used"), "120000");
    assert_string_equal(loopback_field(&a, "x-aimlapi-usd-spent"), "0.060000000");
    assert_string_equal(loopback_field(&a, "Cache-Control"), "no-store");
    house_close(&h);
}

TEST(the_url_of_a_video_is_its_own_permission)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    create(&h, UNIVERSAL, FOX, id);
    finish(&h, id, "generations/whale/1-a.mp4");
    poll_job(&h, &a, id, "");
    SCOPED(mem) char *url = mem_dup(string_at(&a, "video/url"));
    const char *origin = "http://here.example:81";
    assert_int_equal(strncmp(url, origin, strlen(origin)), 0);
    SCOPED(mem) char *line = mem_printf("GET %s", url + strlen(origin));
    ask_as(&h, &a, NULL, line, NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_memory_equal(a.body, "0123456789", 10);
    assert_string_equal(loopback_field(&a, "Content-Type"), "video/mp4");
    ask_as(&h, &a, NULL, line, "Range: bytes=2-4\r\n", NULL);
    assert_int_equal(a.status, 206);
    assert_memory_equal(a.body, "234", 3);
    line[strlen(line) - 1] ^= 1;
    ask_as(&h, &a, NULL, line, NULL, NULL);
    check_problem(&a, 403, "ForbiddenException");
    ask_as(&h, &a, NULL, "GET /generations/whale/1-a.mp4", NULL, NULL);
    check_problem(&a, 403, "ForbiddenException");
    line[strlen(line) - 1] ^= 1;
    delete_job(&h, &a, id);
    ask_as(&h, &a, NULL, line, NULL, NULL);
    check_problem(&a, 410, "GoneException");
    house_close(&h);
}

TEST(a_job_under_way_is_cancelled_again_and_again)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    create(&h, UNIVERSAL, FOX, id);
    claim(&h, id);
    for (int i = 0; i < 3; i++) {
        delete_job(&h, &a, id);
        assert_int_equal(a.status, 200);
        assert_string_equal(string_at(&a, "action"), "cancelled");
        assert_string_equal(string_at(&a, "status"), "error");
    }
    poll_job(&h, &a, id, "");
    assert_string_equal(string_at(&a, "error/name"), "CancelledException");
    house_close(&h);
}

TEST(a_finished_job_is_removed_and_gone)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    create(&h, UNIVERSAL, FOX, id);
    finish(&h, id, "generations/whale/1-a.mp4");
    delete_job(&h, &a, id);
    assert_string_equal(string_at(&a, "action"), "deleted");
    assert_string_equal(string_at(&a, "status"), "completed");
    poll_job(&h, &a, id, "");
    check_problem(&a, 410, "GoneException");
    delete_job(&h, &a, id);
    check_problem(&a, 410, "GoneException");
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
        create(&h, UNIVERSAL, FOX, ids[i]);
    do {
        SCOPED(mem)
        char *line =
            mem_printf("GET %s/list?limit=2%s%s", UNIVERSAL, *cursor ? "&cursor=" : "", cursor);
        ask(&h, &a, line, NULL);
        json_t *page = json_of(&a);
        size_t i;
        json_t *job;
        json_array_foreach(json_object_get(page, "data"), i, job)
            assert_string_equal(json_string_value(json_object_get(job, "id")), ids[4 - n++]);
        json_decref(page);
        snprintf(cursor, sizeof cursor, "%s", string_at(&a, "pagination/next_cursor"));
    } while (*cursor);
    assert_int_equal(n, 5);
    ask(&h, &a, "GET " UNIVERSAL "/list?status=completed", NULL);
    sample_same_json(a.body, "{'data':[],'pagination':{'next_cursor':null,'has_more':false}}");
    house_close(&h);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void start_waiters(struct house *h, const char *id, const char *wait, int fds[N_WAITERS])
{
    SCOPED(mem) char *line = mem_printf("GET %s?generation_id=%s&wait=%s", UNIVERSAL, id, wait);
    for (int i = 0; i < N_WAITERS; i++) {
        fds[i] = loopback_connect(h->port);
        say(fds[i], h->key, line, NULL, NULL);
    }
}

static void check_waiters(const int fds[N_WAITERS], const char *state)
{
    struct answer a;
    for (int i = 0; i < N_WAITERS; i++) {
        loopback_read(fds[i], &a);
        assert_int_equal(a.status, 200);
        assert_string_equal(string_at(&a, "status"), state);
        close(fds[i]);
    }
}

TEST(all_who_wait_hear_of_the_change)
{
    struct house h;
    char id[HASH_ID_SIZE];
    int fds[N_WAITERS];
    house_open(&h, 0);
    create(&h, UNIVERSAL, FOX, id);
    start_waiters(&h, id, "60", fds);
    usleep(50000);
    claim(&h, id);
    check_waiters(fds, "generating");
    house_close(&h);
}

TEST(a_wait_ends_with_its_time)
{
    struct house h;
    char id[HASH_ID_SIZE];
    int fds[N_WAITERS];
    house_open(&h, 0);
    create(&h, UNIVERSAL, FOX, id);
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
    create(&h, UNIVERSAL, FOX, id);
    start_waiters(&h, id, "60", fds);
    usleep(50000);
    ask_as(&h, &a, NULL, "GET /readyz", NULL, NULL);
    assert_int_equal(a.status, 200);
    api_drain(h.api);
    check_waiters(fds, "queued");
    poll_job(&h, &a, id, "&wait=60");
    assert_string_equal(string_at(&a, "status"), "queued");
    ask_as(&h, &a, NULL, "GET /readyz", NULL, NULL);
    check_problem(&a, 503, "ServiceUnavailableException");
    house_close(&h);
}

/* ---- refusals -------------------------------------------------------------------------------- */

TEST(without_a_valid_key_nothing_opens)
{
    static const char *const lines[] = {"GET " UNIVERSAL "?generation_id=a",
                                        "POST " UNIVERSAL,
                                        "DELETE " UNIVERSAL "?generation_id=a",
                                        "GET " UNIVERSAL "/list",
                                        "GET /v2/billing",
                                        "GET /v1/billing/balance",
                                        "GET /v2/billing/transactions",
                                        "GET /v2/usage?period=1h"};
    struct house h;
    struct answer a;
    house_open(&h, 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ask_as(&h, &a, NULL, lines[i], NULL, NULL);
        check_problem(&a, 401, "UnauthorizedException");
        assert_string_equal(string_at(&a, "message"),
                            "This request requires a valid API key. You can create a new API key "
                            "on the Billing page: http://here.example:81/docs#keys");
        ask_as(&h, &a, NULL, lines[i], "Authorization: Bearer \r\n", NULL);
        check_problem(&a, 401, "UnauthorizedException");
        assert_non_null(strstr(a.body, "You provided an empty string instead of valid API key."));
        ask_as(&h, &a, "0123456789abcdef", lines[i], NULL, NULL);
        check_problem(&a, 401, "UnauthorizedException");
    }
    house_close(&h);
}

TEST(another_keys_job_is_not_found)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    char other[KEY_SIZE];
    house_open(&h, 0);
    make_key(&h, &(struct key_options){.name = ""}, other);
    create(&h, UNIVERSAL, FOX, id);
    SCOPED(mem) char *get = mem_printf("GET %s/%s", UNIVERSAL, id);
    SCOPED(mem) char *del = mem_printf("DELETE %s/%s", UNIVERSAL, id);
    ask_as(&h, &a, other, get, NULL, NULL);
    check_problem(&a, 404, "NotFoundException");
    assert_string_equal(string_at(&a, "message"), "Inference not found");
    assert_string_equal(loopback_field(&a, "x-inference-id"), id);
    ask_as(&h, &a, other, del, NULL, NULL);
    check_problem(&a, 404, "NotFoundException");
    check_state(&h, id, "queued");
    house_close(&h);
}

TEST(each_refusal_has_its_status)
{
    static const struct {
        const char *line;
        const char *headers;
        const char *body;
        int status;
        const char *name;
    } rows[] = {
        {"GET /nowhere", NULL, NULL, 404, "NotFoundException"},
        {"PUT " UNIVERSAL, NULL, NULL, 405, "MethodNotAllowedException"},
        {"POST /v2/billing", NULL, NULL, 405, "MethodNotAllowedException"},
        {"GET " UNIVERSAL, NULL, NULL, 400, "BadRequestException"},
        {"GET " UNIVERSAL "?generation_id=x&wait=61", NULL, NULL, 400, "BadRequestException"},
        {"GET " UNIVERSAL "?generation_id=234:minimax%2Fhailuo", NULL, NULL, 404,
         "NotFoundException"},
        {"POST " UNIVERSAL, NULL, NULL, 400, "BadRequestException"},
        {"POST " UNIVERSAL, NULL, "{", 400, "BadRequestException"},
        {"POST " UNIVERSAL, "Content-Type: text/plain\r\n", FOX, 415,
         "UnsupportedMediaTypeException"},
        {"POST " UNIVERSAL, "Content-Encoding: gzip\r\n", FOX, 415,
         "UnsupportedMediaTypeException"},
        {"POST " UNIVERSAL, "Idempotency-Key: \xc3\xa9\r\n", FOX, 400, "BadRequestException"},
        {"GET " UNIVERSAL "/list?limit=0", NULL, NULL, 400, "BadRequestException"},
        {"GET /v2/usage?period=1d&tz=UTC", NULL, NULL, 400, "BadRequestException"},
        {"GET /v2/usage?period=1d&key_prefix=zzzzzzzz", NULL, NULL, 404, "NotFoundException"},
        {"GET /v2/billing/transactions?x=1", NULL, NULL, 400, "BadRequestException"},
        {"GET /v2/billing/transactions?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", NULL,
         NULL, 400, "BadRequestException"},
        {"GET /model/nothing", NULL, NULL, 404, "NotFoundException"},
    };
    struct house h;
    struct answer a;
    house_open(&h, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask_as(&h, &a, h.key, rows[i].line, rows[i].headers, rows[i].body);
        if (a.status != rows[i].status)
            fail_msg("%s: %d, %.*s", rows[i].line, a.status, (int)a.len, a.body);
        check_problem(&a, rows[i].status, rows[i].name);
    }
    house_close(&h);
}

TEST(a_full_queue_and_a_full_key_are_told_to_come_back)
{
    struct house h;
    struct answer a;
    char key[KEY_SIZE];
    char id[HASH_ID_SIZE];
    house_open(&h, 2);
    make_key(&h, &(struct key_options){.name = "", .jobs_at_once = 1}, key);
    ask_as(&h, &a, key, "POST " UNIVERSAL, NULL, FOX);
    assert_int_equal(a.status, 200);
    ask_as(&h, &a, key, "POST " UNIVERSAL, NULL, FOX);
    check_problem(&a, 429, "TooManyRequestsException");
    assert_string_equal(loopback_field(&a, "Retry-After"), "5");
    create(&h, UNIVERSAL, FOX, id);
    ask(&h, &a, "POST " UNIVERSAL, FOX);
    check_problem(&a, 503, "ServiceUnavailableException");
    assert_string_equal(loopback_field(&a, "Retry-After"), "5");
    house_close(&h);
}

TEST(requests_of_a_minute_run_out)
{
    struct house h;
    struct answer a;
    char key[KEY_SIZE];
    house_open(&h, 0);
    make_key(&h, &(struct key_options){.name = "", .requests_per_minute = 2}, key);
    for (int i = 0; i < 2; i++) {
        ask_as(&h, &a, key, "GET /v2/billing", NULL, NULL);
        assert_int_equal(a.status, 200);
        assert_string_equal(loopback_field(&a, "RateLimit-Limit"), "2");
    }
    ask_as(&h, &a, key, "GET /v2/billing", NULL, NULL);
    check_problem(&a, 429, "TooManyRequestsException");
    assert_true(strtol(loopback_field(&a, "Retry-After"), NULL, 10) >= 1);
    assert_string_equal(loopback_field(&a, "RateLimit-Remaining"), "0");
    house_close(&h);
}

/* ---- credits --------------------------------------------------------------------------------- */

TEST(a_limited_key_spends_what_it_has)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    make_key(&h, &(struct key_options){.name = "", .limited = true, .credits = 120000}, h.key);
    create(&h, UNIVERSAL, FOX, id);
    ask(&h, &a, "POST " UNIVERSAL, FOX);
    check_problem(&a, 403, "ForbiddenException");
    assert_string_equal(string_at(&a, "error/data/kind"), "err_insufficent_credits");
    finish(&h, id, "generations/whale/1-a.mp4");
    ask(&h, &a, "GET /v2/billing", NULL);
    sample_same_json(a.body, "{'current_balance':0,'currency':'USD'}");
    ask(&h, &a, "GET /v2/billing/transactions?limit=1", NULL);
    json_t *page = json_of(&a);
    json_t *row = json_array_get(json_object_get(page, "data"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "direction")), "CHARGE");
    assert_string_equal(json_string_value(json_object_get(row, "reference_id")), id);
    assert_true(json_is_true(json_object_get(json_object_get(page, "pagination"), "has_more")));
    json_decref(page);
    ask(&h, &a, "GET /v2/usage?period=1h", NULL);
    json_t *usage = json_of(&a);
    assert_int_equal(json_integer_value(json_object_get(usage, "requests")), 1);
    assert_true(json_real_value(json_object_get(usage, "spend")) == 0.06);
    json_decref(usage);
    house_close(&h);
}

TEST(the_use_of_another_key_is_for_administrators)
{
    struct house h;
    struct answer a;
    char plain[KEY_SIZE];
    char admin[KEY_SIZE];
    house_open(&h, 0);
    make_key(&h, &(struct key_options){.name = ""}, plain);
    make_key(&h, &(struct key_options){.name = "", .admin = true}, admin);
    SCOPED(mem) char *own = mem_printf("GET /v2/usage?period=1h&key_prefix=%.8s", plain);
    SCOPED(mem) char *other = mem_printf("GET /v2/usage?period=1h&key_prefix=%.8s", h.key);
    ask_as(&h, &a, plain, own, NULL, NULL);
    assert_int_equal(a.status, 200);
    ask_as(&h, &a, plain, other, NULL, NULL);
    check_problem(&a, 403, "ForbiddenException");
    ask_as(&h, &a, admin, other, NULL, NULL);
    assert_int_equal(a.status, 200);
    house_close(&h);
}

TEST(an_idempotency_key_makes_one_job)
{
    struct house h;
    struct answer first;
    struct answer again;
    char id[HASH_ID_SIZE];
    const char *headers = "Idempotency-Key: order 42\r\n";
    house_open(&h, 0);
    ask_as(&h, &first, h.key, "POST " UNIVERSAL, headers, FOX);
    snprintf(id, sizeof id, "%s", string_at(&first, "id"));
    claim(&h, id);
    ask_as(&h, &again, h.key, "POST " UNIVERSAL, headers, FOX);
    assert_int_equal(again.status, 200);
    assert_int_equal(first.len, again.len);
    assert_memory_equal(first.body, again.body, first.len);
    assert_string_equal(loopback_field(&first, "Idempotency-Replayed"), "");
    assert_string_equal(loopback_field(&again, "Idempotency-Replayed"), "true");
    ask_as(&h, &again, h.key, "POST " UNIVERSAL, headers,
           "{\"model\":\"video-01\",\"prompt\":\"another\"}");
    check_problem(&again, 409, "ConflictException");
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
    create(&h, LEGACY, body, id);
    CHECK_OK(store_get(h.store, id, &job, &err), err);
    assert_int_equal(job.input.image_kind, STORE_IMAGE_BLOB);
    assert_int_equal(job.input.credits, 240000);
    text_buf_init(&bytes, 0);
    CHECK_OK(blob_read(h.blobs, job.input.image, 1 << 20, &bytes, &err), err);
    assert_memory_equal(bytes.at, "\x89PNG", 4);
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
    create(&h, UNIVERSAL, body, id);
    memcpy(strstr(body, "video-01"), "video-02", 8);
    ask(&h, &a, "POST " UNIVERSAL, body);
    check_problem(&a, 400, "BadRequestException");
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
    ask(&h, &a, "POST " UNIVERSAL, body);
    check_problem(&a, 400, "BadRequestException");
    assert_non_null(strstr(a.body, "shorter side is 200 px, must exceed 300"));
    assert_non_null(strstr(a.body, "Expected string, received number"));
    ask(&h, &a, "GET " UNIVERSAL "/list", NULL);
    sample_same_json(a.body, "{'data':[],'pagination':{'next_cursor':null,'has_more':false}}");
    house_close(&h);
}

/* ---- around the jobs ------------------------------------------------------------------------- */

TEST(models_need_no_key_and_are_cached)
{
    struct house h;
    struct answer a;
    char headers[160];
    house_open(&h, 0);
    ask_as(&h, &a, NULL, "GET /v1/models?details=1", NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_string_equal(loopback_field(&a, "Cache-Control"), "max-age=60");
    snprintf(headers, sizeof headers, "If-None-Match: %s\r\n", loopback_field(&a, "ETag"));
    ask_as(&h, &a, NULL, "GET /api/v1/models?details=true", headers, NULL);
    assert_int_equal(a.status, 304);
    ask_as(&h, &a, NULL, "GET /models", headers, NULL);
    assert_int_equal(a.status, 200);
    ask_as(&h, &a, NULL, "GET /model/minimax/VIDEO-01", NULL, NULL);
    assert_string_equal(string_at(&a, "data/id"), "video-01");
    house_close(&h);
}

TEST(requests_are_traced_and_may_come_from_any_origin)
{
    struct house h;
    struct answer a;
    house_open(&h, 0);
    ask_as(&h, &a, h.key, "GET /v2/billing", "X-Client-Request-Id: order-7:a_b.C\r\n", NULL);
    assert_string_equal(loopback_field(&a, "x-client-request-id"), "order-7:a_b.C");
    ask_as(&h, &a, h.key, "GET /v2/billing", "X-Client-Request-Id: a b\r\n", NULL);
    assert_string_equal(loopback_field(&a, "x-client-request-id"), "");
    ask_as(&h, &a, NULL, "OPTIONS " UNIVERSAL,
           "Origin: https://a.example\r\nAccess-Control-Request-Headers: x-title\r\n", NULL);
    assert_int_equal(a.status, 204);
    assert_non_null(strstr(loopback_field(&a, "Access-Control-Allow-Headers"), "Authorization"));
    assert_non_null(strstr(loopback_field(&a, "Access-Control-Allow-Headers"), "x-title"));
    assert_string_equal(loopback_field(&a, "Access-Control-Allow-Origin"), "*");
    house_close(&h);
}

TEST(what_happens_is_counted)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    create(&h, UNIVERSAL, FOX, id);
    ask_as(&h, &a, NULL, "GET /nowhere", NULL, NULL);
    for (int i = 0; i < 200; i++) { /* a request is counted a moment after its answer */
        ask_as(&h, &a, NULL, "GET /metrics", NULL, NULL);
        if (strstr(a.body, "{route=\"none\",status=\"404\"} 1\n"))
            break;
        usleep(10000);
    }
    assert_non_null(strstr(a.body, "{route=\"create\",status=\"200\"} 1\n"));
    assert_non_null(strstr(a.body, "{route=\"none\",status=\"404\"} 1\n"));
    assert_non_null(strstr(a.body, "zoetrope_jobs{status=\"queued\"} 1\n"));
    assert_non_null(strstr(a.body, "zoetrope_workers 1\n"));
    house_close(&h);
}

TEST(the_documents_are_served)
{
    struct house h;
    struct answer a;
    house_open(&h, 0);
    int fd = loopback_connect(h.port);
    say(fd, NULL, "HEAD /openapi.json", NULL, NULL);
    loopback_read_head(fd, &a);
    assert_int_equal(a.status, 200);
    assert_true(strtol(loopback_field(&a, "Content-Length"), NULL, 10) > 10000);
    close(fd);
    ask_as(&h, &a, NULL, "GET /docs", NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(loopback_field(&a, "Content-Security-Policy"), "default-src 'none'"));
    ask_as(&h, &a, NULL, "GET /", NULL, NULL);
    assert_int_equal(a.status, 302);
    ask_as(&h, &a, NULL, "GET /healthz", NULL, NULL);
    assert_int_equal(a.status, 200);
    house_close(&h);
}

TEST(options_that_make_no_sense_are_refused)
{
    struct api *a;
    struct error err;
    struct api_options o = {.catalogue = &sample_catalogue, .url_lifetime_s = 3600};
    o.public_url = "ftp://a.example";
    CHECK_ERR(api_new(&a, &o, &err), ERR_INVALID);
    o.public_url = "https://a.example/";
    CHECK_ERR(api_new(&a, &o, &err), ERR_INVALID);
    o.public_url = NULL;
    o.url_lifetime_s = 0;
    CHECK_ERR(api_new(&a, &o, &err), ERR_INVALID);
}
