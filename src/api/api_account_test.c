/* api_account_test.c - unit tests of the api over a socket: refusals, credits, what stands
 * around the jobs. SPDX-License-Identifier: MIT */
#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/house.h"
#include "api/sample.h"
#include "base/memory.h"

/* ---- refusals -------------------------------------------------------------------------------- */

TEST(without_a_valid_key_nothing_opens)
{
    static const char *const lines[] = {"GET " HOUSE_UNIVERSAL "?generation_id=a",
                                        "POST " HOUSE_UNIVERSAL,
                                        "DELETE " HOUSE_UNIVERSAL "?generation_id=a",
                                        "GET " HOUSE_UNIVERSAL "/list",
                                        "GET /v2/billing",
                                        "GET /v1/billing/balance",
                                        "GET /v2/billing/transactions",
                                        "GET /v2/usage?period=1h"};
    struct house h;
    struct answer a;
    house_open(&h, 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        house_ask_as(&h, &a, NULL, lines[i], NULL, NULL);
        house_check_problem(&a, 401, "UnauthorizedException");
        assert_string_equal(house_string(&a, "message"),
                            "This request requires a valid API key. You can create a new API key "
                            "on the Billing page: http://here.example:81/docs/api#keys");
        house_ask_as(&h, &a, NULL, lines[i], "Authorization: Bearer \r\n", NULL);
        house_check_problem(&a, 401, "UnauthorizedException");
        assert_non_null(strstr(a.body, "You provided an empty string instead of valid API key."));
        house_ask_as(&h, &a, "0123456789abcdef", lines[i], NULL, NULL);
        house_check_problem(&a, 401, "UnauthorizedException");
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
    house_key(&h, &(struct key_options){.name = ""}, other);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    SCOPED(mem) char *get = mem_printf("GET %s/%s", HOUSE_UNIVERSAL, id);
    SCOPED(mem) char *del = mem_printf("DELETE %s/%s", HOUSE_UNIVERSAL, id);
    house_ask_as(&h, &a, other, get, NULL, NULL);
    house_check_problem(&a, 404, "NotFoundException");
    assert_string_equal(house_string(&a, "message"), "Inference not found");
    assert_string_equal(loopback_field(&a, "x-inference-id"), id);
    house_ask_as(&h, &a, other, del, NULL, NULL);
    house_check_problem(&a, 404, "NotFoundException");
    house_check_state(&h, id, "queued");
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
        {"PUT " HOUSE_UNIVERSAL, NULL, NULL, 405, "MethodNotAllowedException"},
        {"POST /v2/billing", NULL, NULL, 405, "MethodNotAllowedException"},
        {"GET " HOUSE_UNIVERSAL, NULL, NULL, 400, "BadRequestException"},
        {"GET " HOUSE_UNIVERSAL "?generation_id=x&wait=61", NULL, NULL, 400, "BadRequestException"},
        {"GET " HOUSE_UNIVERSAL "?generation_id=234:minimax%2Fhailuo", NULL, NULL, 404,
         "NotFoundException"},
        {"POST " HOUSE_UNIVERSAL, NULL, NULL, 400, "BadRequestException"},
        {"POST " HOUSE_UNIVERSAL, NULL, "{", 400, "BadRequestException"},
        {"POST " HOUSE_UNIVERSAL, "Content-Type: text/plain\r\n", HOUSE_FOX, 415,
         "UnsupportedMediaTypeException"},
        {"POST " HOUSE_UNIVERSAL, "Content-Encoding: gzip\r\n", HOUSE_FOX, 415,
         "UnsupportedMediaTypeException"},
        {"POST " HOUSE_UNIVERSAL, "Idempotency-Key: \xc3\xa9\r\n", HOUSE_FOX, 400,
         "BadRequestException"},
        {"GET " HOUSE_UNIVERSAL "/list?limit=0", NULL, NULL, 400, "BadRequestException"},
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
        house_ask_as(&h, &a, h.key, rows[i].line, rows[i].headers, rows[i].body);
        if (a.status != rows[i].status)
            fail_msg("%s: %d, %.*s", rows[i].line, a.status, (int)a.len, a.body);
        house_check_problem(&a, rows[i].status, rows[i].name);
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
    house_key(&h, &(struct key_options){.name = "", .jobs_at_once = 1}, key);
    house_ask_as(&h, &a, key, "POST " HOUSE_UNIVERSAL, NULL, HOUSE_FOX);
    assert_int_equal(a.status, 200);
    house_ask_as(&h, &a, key, "POST " HOUSE_UNIVERSAL, NULL, HOUSE_FOX);
    house_check_problem(&a, 429, "TooManyRequestsException");
    assert_string_equal(loopback_field(&a, "Retry-After"), "5");
    assert_string_equal(loopback_field(&a, "RateLimit-Limit"), "1");
    assert_string_equal(loopback_field(&a, "RateLimit-Remaining"), "0");
    assert_string_equal(loopback_field(&a, "RateLimit-Reset"), "5");
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_ask(&h, &a, "POST " HOUSE_UNIVERSAL, HOUSE_FOX);
    house_check_problem(&a, 503, "ServiceUnavailableException");
    assert_string_equal(loopback_field(&a, "Retry-After"), "5");
    house_close(&h);
}

TEST(a_refusal_by_http_says_once_when_to_come_back)
{
    struct house h;
    struct answer a;
    int fds[10];
    house_open(&h, 0);
    SCOPED(mem)
    char *head = mem_printf("POST " HOUSE_UNIVERSAL " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                            "%s\r\nContent-Length: 28000000\r\nExpect: 100-continue\r\n\r\n",
                            h.key);
    for (int i = 0; i < 10; i++) {
        fds[i] = loopback_connect(h.port);
        loopback_say(fds[i], head);
        if (i < 9)
            loopback_read_head(fds[i], &a);
        else
            loopback_read(fds[i], &a);
        assert_int_equal(a.status, i < 9 ? 100 : 503);
    }
    house_check_problem(&a, 503, "ServiceUnavailableException");
    assert_string_equal(loopback_field(&a, "Retry-After"), "5");
    assert_null(strcasestr(strcasestr(a.head, "\nRetry-After:") + 1, "\nRetry-After:"));
    for (int i = 0; i < 10; i++)
        close(fds[i]);
    house_close(&h);
}

TEST(requests_of_a_minute_run_out)
{
    struct house h;
    struct answer a;
    char key[KEY_SIZE];
    house_open(&h, 0);
    house_key(&h, &(struct key_options){.name = "", .requests_per_minute = 2}, key);
    for (int i = 0; i < 2; i++) {
        house_ask_as(&h, &a, key, "GET /v2/billing", NULL, NULL);
        assert_int_equal(a.status, 200);
        assert_string_equal(loopback_field(&a, "RateLimit-Limit"), "2");
    }
    house_ask_as(&h, &a, key, "GET /v2/billing", NULL, NULL);
    house_check_problem(&a, 429, "TooManyRequestsException");
    assert_true(strtol(loopback_field(&a, "Retry-After"), NULL, 10) >= 1);
    assert_string_equal(loopback_field(&a, "RateLimit-Remaining"), "0");
    house_close(&h);
}

TEST(a_large_body_without_a_key_is_refused_before_it_is_read)
{
    static const struct {
        const char *headers;
        int status;
        const char *name;
    } rows[] = {
        {"", 401, "UnauthorizedException"},
        {"Authorization: Bearer 0123456789abcdef\r\n", 401, "UnauthorizedException"},
        {"Content-Type: text/plain\r\n", 415, "UnsupportedMediaTypeException"},
        {"Content-Encoding: gzip\r\n", 415, "UnsupportedMediaTypeException"},
        {"Idempotency-Key: \t\r\n", 400, "BadRequestException"},
    };
    struct house h;
    struct answer a;
    house_open(&h, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = loopback_connect(h.port);
        SCOPED(mem)
        char *head =
            mem_printf("POST " HOUSE_UNIVERSAL " HTTP/1.1\r\nHost: here.example:81\r\n%s%s\r\n%s"
                       "Content-Length: 28000000\r\n\r\n",
                       i < 2 ? "X-Nothing: " : "Authorization: Bearer ", h.key, rows[i].headers);
        loopback_say(fd, head);
        loopback_read(fd, &a);
        house_check_problem(&a, rows[i].status, rows[i].name);
        assert_true(loopback_ended(fd));
        close(fd);
    }
    house_close(&h);
}

TEST(a_create_counts_once_among_the_requests_of_a_minute)
{
    struct house h;
    struct answer a;
    char key[KEY_SIZE];
    house_open(&h, 0);
    house_key(&h, &(struct key_options){.name = "", .requests_per_minute = 5}, key);
    for (int i = 0; i < 2; i++) {
        house_ask_as(&h, &a, key, "POST " HOUSE_UNIVERSAL, NULL, i ? "{" : HOUSE_FOX);
        assert_int_equal(a.status, i ? 400 : 200);
        assert_int_equal(strtol(loopback_field(&a, "RateLimit-Remaining"), NULL, 10), 4 - i);
    }
    house_close(&h);
}

/* ---- credits --------------------------------------------------------------------------------- */

TEST(a_limited_key_spends_what_it_has)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    house_key(&h, &(struct key_options){.name = "", .limited = true, .credits = 120000}, h.key);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_ask(&h, &a, "POST " HOUSE_UNIVERSAL, HOUSE_FOX);
    house_check_problem(&a, 403, "ForbiddenException");
    assert_string_equal(house_string(&a, "error/data/kind"), "err_insufficent_credits");
    house_finish(&h, id, "generations/whale/1-a.mp4");
    house_ask(&h, &a, "GET /v2/billing", NULL);
    sample_same_json(a.body, "{'current_balance':0,'currency':'USD'}");
    house_ask(&h, &a, "GET /v2/billing/transactions?limit=1", NULL);
    json_t *page = house_json(&a);
    json_t *row = json_array_get(json_object_get(page, "data"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "direction")), "CHARGE");
    assert_string_equal(json_string_value(json_object_get(row, "reference_id")), id);
    assert_true(json_is_true(json_object_get(json_object_get(page, "pagination"), "has_more")));
    json_decref(page);
    house_ask(&h, &a, "GET /v2/usage?period=1h", NULL);
    json_t *usage = house_json(&a);
    assert_int_equal(json_integer_value(json_object_get(usage, "requests")), 1);
    assert_true(json_real_value(json_object_get(usage, "spend")) == 0.06);
    json_decref(usage);
    house_close(&h);
}

TEST(a_video_that_costs_nothing_is_a_charge)
{
    struct house h;
    struct answer a;
    struct error err;
    struct store_key key;
    char prefix[STORE_PREFIX_SIZE];
    char model[] = "video-01";
    char none[] = "";
    house_open(&h, 0);
    snprintf(prefix, sizeof prefix, "%.8s", h.key);
    CHECK_OK(store_key_by_prefix(h.store, prefix, &key, &err), err);
    struct store_admission free_of_charge = {
        .key_id = key.id, .input = {.model = model, .prompt = none, .image = none}};
    hash_random_id(free_of_charge.id);
    assert_int_equal(store_admit_wait(h.store, &free_of_charge), 0);
    house_finish(&h, free_of_charge.id, "generations/whale/1-a.mp4");
    house_ask(&h, &a, "GET /v2/billing/transactions?direction=CHARGE&type=MODEL_USAGE", NULL);
    json_t *page = house_json(&a);
    json_t *row = json_array_get(json_object_get(page, "data"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "direction")), "CHARGE");
    json_decref(page);
    house_ask(&h, &a, "GET /v2/billing/transactions?direction=TOPUP&type=MODEL_USAGE", NULL);
    page = house_json(&a);
    assert_int_equal(json_array_size(json_object_get(page, "data")), 0);
    json_decref(page);
    house_close(&h);
}

TEST(the_use_of_another_key_is_for_administrators)
{
    struct house h;
    struct answer a;
    char plain[KEY_SIZE];
    char admin[KEY_SIZE];
    house_open(&h, 0);
    house_key(&h, &(struct key_options){.name = ""}, plain);
    house_key(&h, &(struct key_options){.name = "", .admin = true}, admin);
    SCOPED(mem) char *own = mem_printf("GET /v2/usage?period=1h&key_prefix=%.8s", plain);
    SCOPED(mem) char *other = mem_printf("GET /v2/usage?period=1h&key_prefix=%.8s", h.key);
    house_ask_as(&h, &a, plain, own, NULL, NULL);
    assert_int_equal(a.status, 200);
    house_ask_as(&h, &a, plain, other, NULL, NULL);
    house_check_problem(&a, 403, "ForbiddenException");
    house_ask_as(&h, &a, admin, other, NULL, NULL);
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
    house_ask_as(&h, &first, h.key, "POST " HOUSE_UNIVERSAL, headers, HOUSE_FOX);
    snprintf(id, sizeof id, "%s", house_string(&first, "id"));
    house_claim(&h, id);
    house_ask_as(&h, &again, h.key, "POST " HOUSE_UNIVERSAL, headers, HOUSE_FOX);
    assert_int_equal(again.status, 200);
    assert_int_equal(first.len, again.len);
    assert_memory_equal(first.body, again.body, first.len);
    assert_string_equal(loopback_field(&first, "Idempotency-Replayed"), "");
    assert_string_equal(loopback_field(&again, "Idempotency-Replayed"), "true");
    house_ask_as(&h, &again, h.key, "POST " HOUSE_UNIVERSAL, headers,
                 "{\"model\":\"video-01\",\"prompt\":\"another\"}");
    house_check_problem(&again, 409, "ConflictException");
    house_close(&h);
}

/* ---- around the jobs ------------------------------------------------------------------------- */

TEST(models_need_no_key_and_are_cached)
{
    struct house h;
    struct answer a;
    char headers[160];
    house_open(&h, 0);
    house_ask_as(&h, &a, NULL, "GET /v1/models?details=1", NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_string_equal(loopback_field(&a, "Cache-Control"), "max-age=60");
    snprintf(headers, sizeof headers, "If-None-Match: %s\r\n", loopback_field(&a, "ETag"));
    house_ask_as(&h, &a, NULL, "GET /api/v1/models?details=true", headers, NULL);
    assert_int_equal(a.status, 304);
    house_ask_as(&h, &a, NULL, "GET /models", headers, NULL);
    assert_int_equal(a.status, 200);
    house_ask_as(&h, &a, NULL, "GET /model/minimax/VIDEO-01", NULL, NULL);
    assert_string_equal(house_string(&a, "data/id"), "video-01");
    house_close(&h);
}

TEST(requests_are_traced_and_may_come_from_any_origin)
{
    struct house h;
    struct answer a;
    house_open(&h, 0);
    house_ask_as(&h, &a, h.key, "GET /v2/billing", "X-Client-Request-Id: order-7:a_b.C\r\n", NULL);
    assert_string_equal(loopback_field(&a, "x-client-request-id"), "order-7:a_b.C");
    house_ask_as(&h, &a, h.key, "GET /v2/billing", "X-Client-Request-Id: a b\r\n", NULL);
    assert_string_equal(loopback_field(&a, "x-client-request-id"), "");
    house_ask_as(&h, &a, NULL, "OPTIONS " HOUSE_UNIVERSAL,
                 "Origin: https://a.example\r\nAccess-Control-Request-Headers: x-title\r\n", NULL);
    assert_int_equal(a.status, 204);
    assert_non_null(strstr(loopback_field(&a, "Access-Control-Allow-Headers"), "Authorization"));
    assert_non_null(strstr(loopback_field(&a, "Access-Control-Allow-Headers"), "x-title"));
    assert_string_equal(loopback_field(&a, "Access-Control-Allow-Origin"), "*");
    house_close(&h);
}

TEST(scripts_may_read_all_that_tells_them_something)
{
    static const char *const names[] = {"Content-Range",
                                        "Accept-Ranges",
                                        "ETag",
                                        "Allow",
                                        "Location",
                                        "Retry-After",
                                        "RateLimit-Reset",
                                        "x-request-id",
                                        "x-inference-id",
                                        "Content-Length",
                                        "Idempotency-Replayed"};
    struct house h;
    struct answer a;
    house_open(&h, 0);
    house_ask(&h, &a, "GET /v2/billing", NULL);
    SCOPED(mem)
    char *exposed = mem_printf(", %s,", loopback_field(&a, "Access-Control-Expose-Headers"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SCOPED(mem) char *one = mem_printf(" %s,", names[i]);
        if (!strstr(exposed, one))
            fail_msg("%s is not exposed", names[i]);
    }
    house_close(&h);
}

TEST(what_happens_is_counted)
{
    struct house h;
    struct answer a;
    char id[HASH_ID_SIZE];
    house_open(&h, 0);
    house_create(&h, HOUSE_UNIVERSAL, HOUSE_FOX, id);
    house_ask_as(&h, &a, NULL, "GET /nowhere", NULL, NULL);
    for (int i = 0; i < 200; i++) { /* a request is counted a moment after its answer */
        house_ask_as(&h, &a, NULL, "GET /metrics", NULL, NULL);
        if (strstr(a.body, "{route=\"none\",status=\"404\"} 1\n"))
            break;
        poll(NULL, 0, 10);
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
    house_say(fd, NULL, "HEAD /openapi.json", NULL, NULL);
    loopback_read_head(fd, &a);
    assert_int_equal(a.status, 200);
    assert_true(strtol(loopback_field(&a, "Content-Length"), NULL, 10) > 10000);
    close(fd);
    house_ask_as(&h, &a, NULL, "GET /docs/api", NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(loopback_field(&a, "Content-Security-Policy"), "default-src 'none'"));
    house_ask_as(&h, &a, NULL, "GET /", NULL, NULL);
    assert_int_equal(a.status, 200);
    assert_string_equal(loopback_field(&a, "Content-Type"), "text/html; charset=utf-8");
    house_ask_as(&h, &a, NULL, "GET /app/nothing.js", NULL, NULL);
    house_check_problem(&a, 404, "NotFoundException");
    house_ask_as(&h, &a, NULL, "GET /healthz", NULL, NULL);
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
    o.public_url = "https://a.example/\"x";
    CHECK_ERR(api_new(&a, &o, &err), ERR_INVALID);
    o.public_url = "https://";
    CHECK_ERR(api_new(&a, &o, &err), ERR_INVALID);
    o.public_url = NULL;
    o.url_lifetime_s = 0;
    CHECK_ERR(api_new(&a, &o, &err), ERR_INVALID);
}
