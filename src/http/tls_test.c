/* tls_test.c - the same over TLS, with a certificate that the test makes. SPDX-License-Identifier:
 * MIT */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/thread.h"
#include "http/http.h"
#include "http/loopback.h"
#include "unit.h"

static char certificate[256];
static char key[256];

/* Ends the test as skipped where there is no openssl program. */
static void make_certificate(void)
{
    char command[1024];
    snprintf(certificate, sizeof certificate, "%s/cert.pem", unit_folder());
    snprintf(key, sizeof key, "%s/key.pem", unit_folder());
    if (system("openssl version >/dev/null 2>&1") != 0) {
        print_message("skipped: the openssl program is not there to make a certificate\n");
        skip();
    }
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
             "-subj /CN=localhost -days 2 -keyout %s -out %s >/dev/null 2>&1",
             key, certificate);
    assert_int_equal(system(command), 0);
}

static void facts(struct http_exchange *x)
{
    char text[64];
    snprintf(text, sizeof text, "%s %s %zu", http_is_tls(x) ? "tls" : "plain", http_peer(x),
             http_body(x).len);
    http_reply(x, 200, "text/plain", text_of(text));
}

static void large(struct http_exchange *x)
{
    static char bytes[60000];
    memset(bytes, 'z', sizeof bytes);
    http_reply(x, 200, "text/plain", (struct text){bytes, sizeof bytes});
}

static const struct http_route routes[] = {
    {"GET", "/", facts, "facts"},
    {"POST", "/", facts, "facts"},
    {"GET", "/large", large, "large"},
    {NULL, NULL, NULL, NULL},
};

static size_t keep(char *bytes, size_t size, size_t n, void *arg)
{
    text_buf_add(arg, bytes, size * n);
    return size * n;
}

/* The status; body is what came. */
static long ask(CURL *curl, int port, const char *path, const char *post, struct text_buf *body)
{
    char url[64];
    long status = 0;
    snprintf(url, sizeof url, "https://127.0.0.1:%d%s", port, path);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (post)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
    text_buf_init(body, 1 << 20);
    CURLcode rc = curl_easy_perform(curl);
    if (rc != CURLE_OK)
        fail_msg("%s: %s", url, curl_easy_strerror(rc));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

TEST(requests_are_answered_over_tls)
{
    struct loopback l;
    struct text_buf body;
    make_certificate();
    struct http_options o = loopback_options(&l, routes);
    o.tls_certificate = certificate;
    o.tls_key = key;
    loopback_start(&l, &o);
    CURL *curl = curl_easy_init();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(curl, l.port, "/", NULL, &body), 200);
        assert_string_equal(body.at, "tls 127.0.0.1 0");
        text_buf_fini(&body);
        assert_int_equal(ask(curl, l.port, "/", "hello", &body), 200);
        assert_string_equal(body.at, "tls 127.0.0.1 5");
        text_buf_fini(&body);
        assert_int_equal(ask(curl, l.port, "/large", NULL, &body), 200);
        assert_int_equal(body.len, 60000);
        text_buf_fini(&body);
    }
    curl_easy_cleanup(curl);
    loopback_stop(&l);
}

static void *write_slowly(void *arg)
{
    struct http_stream *st = arg;
    for (int i = 0; i < 100; i++) {
        char word[16];
        snprintf(word, sizeof word, "%d,", i);
        assert_true(http_stream_write(st, text_of(word)));
        if (i % 10 == 0)
            poll(NULL, 0, 2); /* so that the connection sleeps in between */
    }
    http_stream_end(st);
    return NULL;
}

static pthread_t writer;

static void stream(struct http_exchange *x)
{
    struct error err;
    struct http_stream *st = http_reply_stream(x, 200, "text/event-stream");
    CHECK_OK(thread_start(&writer, write_slowly, st, "write", &err), err);
}

TEST(a_reply_that_goes_on_is_sent_over_tls)
{
    static const struct http_route streams[] = {{"GET", "/stream", stream, "stream"},
                                                {NULL, NULL, NULL, NULL}};
    struct loopback l;
    struct text_buf body;
    make_certificate();
    struct http_options o = loopback_options(&l, streams);
    o.tls_certificate = certificate;
    o.tls_key = key;
    loopback_start(&l, &o);
    CURL *curl = curl_easy_init();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(curl, l.port, "/stream", NULL, &body), 200);
        pthread_join(writer, NULL);
        assert_int_equal(body.len, 290);
        assert_true(text_ends((struct text){body.at, body.len}, TEXT("97,98,99,")));
        text_buf_fini(&body);
    }
    curl_easy_cleanup(curl);
    loopback_stop(&l);
}

TEST(a_plain_request_to_a_tls_port_does_not_harm)
{
    struct loopback l;
    struct text_buf body;
    make_certificate();
    struct http_options o = loopback_options(&l, routes);
    o.tls_certificate = certificate;
    o.tls_key = key;
    loopback_start(&l, &o);
    int fd = loopback_connect(l.port);
    loopback_say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(loopback_ended(fd));
    CURL *curl = curl_easy_init();
    assert_int_equal(ask(curl, l.port, "/", NULL, &body), 200);
    text_buf_fini(&body);
    curl_easy_cleanup(curl);
    loopback_stop(&l);
}

TEST(files_that_are_no_certificate_and_key_are_refused_at_start)
{
    char nonsense[256];
    struct loopback l;
    struct error err;
    make_certificate();
    snprintf(nonsense, sizeof nonsense, "%s/nonsense.pem", unit_folder());
    CHECK_OK(file_write(nonsense, TEXT("nonsense"), 0600, &err), err);
    const struct {
        const char *certificate, *key;
    } cases[] = {
        {nonsense, key},
        {certificate, nonsense},
        {key, certificate},
        {certificate, NULL},
        {NULL, key},
        {"/nowhere/cert.pem", key},
        {certificate, "/nowhere/key.pem"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_options o = loopback_options(&l, routes);
        o.tls_certificate = cases[i].certificate;
        o.tls_key = cases[i].key;
        CHECK_ERR(http_start(&l.server, &o, &err), ERR_INVALID);
    }
}
