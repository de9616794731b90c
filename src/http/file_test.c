/* file_test.c - files and parts of files as answers. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "http/http.h"
#include "http/loopback.h"
#include "unit.h"

enum { SIZE = 50000 };

#define ETAG     "\"v1\""
#define MODIFIED "Sun, 06 Nov 1994 08:49:37 GMT"

static char content[SIZE];

static void serve(struct http_exchange *x)
{
    http_reply_header(x, "Cache-Control", "immutable");
    char path[256];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", unit_folder(), http_capture(x, "name"));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        http_reply(x, 404, NULL, TEXT(""));
        return;
    }
    struct http_file file = {.fd = fd,
                             .size = st.st_size,
                             .content_type = "video/mp4",
                             .etag = ETAG,
                             .modified_us = 784111777LL * CLOCK_SECOND_US};
    http_reply_file(x, &file);
}

static void serve_elsewhere(struct http_exchange *x)
{
    http_offload(x, serve);
}

static const struct http_route routes[] = {
    {"GET", "/{name}", serve, "file"},
    {"GET", "/slow/{name}", serve_elsewhere, "file"},
    {NULL, NULL, NULL, NULL},
};

static int n_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void start(struct loopback *l)
{
    char path[256];
    struct error err;
    struct http_options o = loopback_options(l, routes);
    for (size_t i = 0; i < SIZE; i++)
        content[i] = (char)(i * 7 + i / 256);
    snprintf(path, sizeof path, "%s/film", unit_folder());
    CHECK_OK(file_write(path, (struct text){content, SIZE}, 0600, &err), err);
    snprintf(path, sizeof path, "%s/empty", unit_folder());
    CHECK_OK(file_write(path, TEXT(""), 0600, &err), err);
    loopback_start(l, &o);
}

static void ask(int fd, const char *method, const char *path, const char *fields, struct answer *a)
{
    char request[512];
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, path, fields);
    loopback_say(fd, request);
    if (strcmp(method, "HEAD") == 0)
        loopback_read_head(fd, a);
    else
        loopback_read(fd, a);
}

struct file_case {
    const char *method;
    const char *fields;
    int status;
    size_t first;
    size_t len;
    const char *content_range;
};

static void check_one(int fd, const struct file_case *c)
{
    static const char *const paths[] = {"/film", "/slow/film"};
    struct answer a;
    for (size_t i = 0; i < 2; i++) {
        ask(fd, c->method, paths[i], c->fields, &a);
        if (a.status != c->status)
            fail_msg("%s with %s: %d", c->method, c->fields, a.status);
        assert_string_equal(loopback_field(&a, "Content-Range"), c->content_range);
        bool refused = a.status == 416;
        assert_string_equal(loopback_field(&a, "ETag"), refused ? "" : ETAG);
        assert_string_equal(loopback_field(&a, "Last-Modified"), refused ? "" : MODIFIED);
        assert_string_equal(loopback_field(&a, "Cache-Control"), refused ? "" : "immutable");
        assert_string_equal(loopback_field(&a, "Accept-Ranges"), "bytes");
        assert_int_equal(a.len, c->len);
        if (!refused)
            assert_memory_equal(a.body, content + c->first, c->len);
    }
}

TEST(a_file_is_served_whole_and_in_parts)
{
    static const struct file_case cases[] = {
        {"GET", "", 200, 0, SIZE, ""},
        {"GET", "Range: bytes=0-0\r\n", 206, 0, 1, "bytes 0-0/50000"},
        {"GET", "Range: bytes=0-\r\n", 206, 0, SIZE, "bytes 0-49999/50000"},
        {"GET", "Range: bytes=100-299\r\n", 206, 100, 200, "bytes 100-299/50000"},
        {"GET", "Range: bytes=49999-\r\n", 206, 49999, 1, "bytes 49999-49999/50000"},
        {"GET", "Range: bytes=-10\r\n", 206, 49990, 10, "bytes 49990-49999/50000"},
        {"GET", "Range: bytes=40000-99999\r\n", 206, 40000, 10000, "bytes 40000-49999/50000"},
        {"GET", "Range: bytes=50000-\r\n", 416, 0, 0, "bytes */50000"},
        {"GET", "Range: bytes=0-1,5-6\r\n", 200, 0, SIZE, ""},
        {"GET", "Range: lines=0-1\r\n", 200, 0, SIZE, ""},
        {"GET", "Range: bytes=0-9\r\nIf-Range: " ETAG "\r\n", 206, 0, 10, "bytes 0-9/50000"},
        {"GET", "Range: bytes=0-9\r\nIf-Range: \"v0\"\r\n", 200, 0, SIZE, ""},
        {"GET", "Range: bytes=0-9\r\nIf-Range: W/" ETAG "\r\n", 200, 0, SIZE, ""},
        {"GET", "Range: bytes=0-9\r\nIf-Range: " MODIFIED "\r\n", 206, 0, 10, "bytes 0-9/50000"},
        {"GET", "Range: bytes=0-9\r\nIf-Range: Sun, 06 Nov 1994 08:49:38 GMT\r\n", 200, 0, SIZE,
         ""},
        {"GET", "If-None-Match: " ETAG "\r\n", 304, 0, 0, ""},
        {"GET", "If-None-Match: W/" ETAG "\r\n", 304, 0, 0, ""},
        {"GET", "If-None-Match: \"v0\", " ETAG "\r\n", 304, 0, 0, ""},
        {"GET", "If-None-Match: *\r\n", 304, 0, 0, ""},
        {"GET", "If-None-Match: \"v0\"\r\n", 200, 0, SIZE, ""},
        {"GET", "If-None-Match: \r\n", 200, 0, SIZE, ""},
        {"GET", "If-None-Match: " ETAG "\r\nRange: bytes=0-9\r\n", 304, 0, 0, ""},
        {"HEAD", "", 200, 0, 0, ""},
        {"HEAD", "Range: bytes=0-9\r\n", 200, 0, 0, ""},
        {"HEAD", "If-None-Match: " ETAG "\r\n", 304, 0, 0, ""},
    };
    struct loopback l;
    start(&l);
    int before = n_descriptors();
    int fd = loopback_connect(l.port);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_one(fd, &cases[i]);
    close(fd);
    loopback_await_connections(&l, 0);
    assert_int_equal(n_descriptors(), before);
    loopback_stop(&l);
}

TEST(head_tells_the_length_of_the_file)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    ask(fd, "HEAD", "/film", "", &a);
    assert_string_equal(loopback_field(&a, "Content-Length"), "50000");
    assert_string_equal(loopback_field(&a, "Content-Type"), "video/mp4");
    close(fd);
    loopback_stop(&l);
}

TEST(an_empty_file_is_served)
{
    struct loopback l;
    struct answer a;
    start(&l);
    int fd = loopback_connect(l.port);
    ask(fd, "GET", "/empty", "", &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.len, 0);
    ask(fd, "GET", "/empty", "Range: bytes=0-\r\n", &a);
    assert_int_equal(a.status, 416);
    close(fd);
    loopback_stop(&l);
}

static void *read_parts(void *arg)
{
    struct loopback *l = arg;
    struct answer a;
    int fd = loopback_connect(l->port);
    for (size_t i = 0; i < 100; i++) {
        char range[64];
        size_t first = i * 331 % SIZE;
        snprintf(range, sizeof range, "Range: bytes=%zu-%zu\r\n", first, first + 99);
        ask(fd, "GET", i % 2 ? "/film" : "/slow/film", range, &a);
        size_t len = first + 100 < SIZE ? 100 : SIZE - first;
        if (a.status != 206 || a.len != len || memcmp(a.body, content + first, len) != 0)
            abort();
    }
    close(fd);
    return NULL;
}

TEST(two_clients_read_one_file_at_a_time)
{
    struct loopback l;
    pthread_t second;
    start(&l);
    assert_int_equal(pthread_create(&second, NULL, read_parts, &l), 0);
    read_parts(&l);
    pthread_join(second, NULL);
    loopback_stop(&l);
}

TEST(an_entity_tag_is_compared_weakly)
{
    assert_true(http_unchanged("W/\"a-b\"", "W/\"a-b\""));
    assert_true(http_unchanged("\"a-b\"", "W/\"a-b\""));
    assert_true(http_unchanged("\"x\", W/\"a-b\"", "W/\"a-b\""));
    assert_true(http_unchanged("*", "W/\"a-b\""));
    assert_true(http_unchanged("\"y\",\"a-b\"", "\"a-b\""));
    assert_false(http_unchanged(NULL, "W/\"a-b\""));
    assert_false(http_unchanged("", "W/\"a-b\""));
    assert_false(http_unchanged("\"a-c\"", "W/\"a-b\""));
}
