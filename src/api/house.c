/* house.c - see house.h. SPDX-License-Identifier: MIT */
#include "unit.h"

#include "api/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/sample.h"
#include "base/clock.h"
#include "base/memory.h"

static int one_worker(void *arg)
{
    (void)arg;
    return 1;
}

static void make_folder(struct house *h)
{
    snprintf(h->folder, sizeof h->folder, "%s/house-XXXXXX", unit_folder());
    assert_non_null(mkdtemp(h->folder));
}

void house_key(struct house *h, const struct key_options *options, char out[KEY_SIZE])
{
    struct error err;
    CHECK_OK(key_create(h->store, options, out, &err), err);
}

void house_open(struct house *h, int64_t queued_max)
{
    struct error err;
    SCOPED(mem) char *database = NULL;
    SCOPED(mem) char *url = NULL;
    *h = (struct house){.secret = {7}};
    make_folder(h);
    database = mem_printf("%s/jobs.db", h->folder);
    CHECK_OK(store_open(&h->store, database, &err), err);
    CHECK_OK(blob_open(&h->blobs, h->folder, &err), err);
    house_key(h, &(struct key_options){.name = "test"}, h->key);
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

void house_close(struct house *h)
{
    api_drain(h->api);
    http_stop(h->server, 10000);
    api_free(h->api);
    store_close(h->store);
    blob_close(h->blobs);
}

void house_say(int fd, const char *key, const char *line, const char *headers, const char *body)
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

void house_ask_as(struct house *h, struct answer *a, const char *key, const char *line,
                  const char *headers, const char *body)
{
    int fd = loopback_connect(h->port);
    house_say(fd, key, line, headers, body);
    loopback_read(fd, a);
    close(fd);
}

void house_ask(struct house *h, struct answer *a, const char *line, const char *body)
{
    house_ask_as(h, a, h->key, line, NULL, body);
}

/* The body's JSON, which the caller gives back with json_decref. */
json_t *house_json(const struct answer *a)
{
    json_t *v = json_loadb(a->body, a->len, 0, NULL);
    if (!v)
        fail_msg("not JSON: %.*s", (int)a->len, a->body);
    return v;
}

/* A string of the body by its path "error/name"; "" when it is not there. Static. */
const char *house_string(const struct answer *a, const char *path)
{
    static char out[1024];
    json_t *root = house_json(a);
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

void house_check_problem(const struct answer *a, int status, const char *name)
{
    assert_int_equal(a->status, status);
    assert_string_equal(house_string(a, "error/name"), name);
    assert_string_equal(house_string(a, "requestId"), loopback_field(a, "x-request-id"));
    assert_string_equal(loopback_field(a, "Content-Type"),
                        "application/problem+json; charset=utf-8");
    assert_string_equal(loopback_field(a, "Access-Control-Allow-Origin"), "*");
}

void house_create(struct house *h, const char *route, const char *body, char id[HASH_ID_SIZE])
{
    struct answer a;
    SCOPED(mem) char *line = mem_printf("POST %s", route);
    house_ask(h, &a, line, body);
    if (a.status != 200)
        fail_msg("%.*s", (int)a.len, a.body);
    snprintf(id, HASH_ID_SIZE, "%s", house_string(&a, "id"));
    assert_string_equal(house_string(&a, "generation_id"), id);
    assert_string_equal(house_string(&a, "status"), "queued");
    assert_string_equal(loopback_field(&a, "x-inference-id"), id);
}

void house_poll(struct house *h, struct answer *a, const char *id, const char *more)
{
    SCOPED(mem) char *line = mem_printf("GET %s?generation_id=%s%s", HOUSE_UNIVERSAL, id, more);
    house_ask(h, a, line, NULL);
}

void house_check_state(struct house *h, const char *id, const char *state)
{
    struct answer a;
    house_poll(h, &a, id, "");
    assert_int_equal(a.status, 200);
    assert_string_equal(house_string(&a, "status"), state);
}

void house_delete(struct house *h, struct answer *a, const char *id)
{
    SCOPED(mem) char *line = mem_printf("DELETE %s?generation_id=%s", HOUSE_UNIVERSAL, id);
    house_ask(h, a, line, NULL);
}

int64_t house_claim(struct house *h, const char *id)
{
    SCOPED(store_job) struct store_job job = {.seq = 0};
    const struct store_claim wish = {.worker = "w", .lease_us = 60 * CLOCK_SECOND_US};
    struct error err;
    CHECK_OK(store_claim(h->store, &wish, &job, &err), err);
    assert_string_equal(job.id, id);
    return job.token;
}

void house_finish(struct house *h, const char *id, const char *video)
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
    int64_t token = house_claim(h, id);
    CHECK_OK(blob_write(h->blobs, video, TEXT("0123456789"), &err), err);
    CHECK_OK(store_finish(h->store, id, token, &result, &err), err);
}
