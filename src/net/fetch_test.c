/* fetch_test.c - what strangers' servers do to a fetch, on loopback. SPDX-License-Identifier: MIT
 */
#include "net/fetch.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "unit.h"

/* ---- a server that misbehaves on demand ---------------------------------------------------- */

struct server {
    int fd;
    int port;
    pthread_t thread;
    atomic_int requests, tokens; /* asked with "Bearer hf_token" */
};

static void say(int fd, const char *bytes)
{
    size_t len = strlen(bytes);
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void wait_for_end(int fd)
{
    char sink[256];
    while (recv(fd, sink, sizeof sink, 0) > 0)
        ;
}

/* Say bytes again and again until nobody listens. */
static void repeat(int fd, const char *bytes)
{
    while (send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) > 0)
        ;
}

struct page {
    const char *path;
    const char *answer;
    const char *repeated; /* for ever, behind the answer */
    bool silent;          /* then say nothing more, but stay */
};

#define OK "HTTP/1.1 200 OK\r\n"
static const struct page pages[] = {
    {"/png", OK "Content-Type: image/png\r\nContent-Length: 5\r\n\r\nhello", NULL, false},
    {"/untyped", OK "Content-Length: 5\r\n\r\nhello", NULL, false},
    {"/chunked", OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n",
     NULL, false},
    {"/early",
     "HTTP/1.1 103 Early Hints\r\nLocation: /png\r\n\r\n" OK "Content-Length: 5\r\n\r\nhello", NULL,
     false},
    {"/closed", OK "Content-Type: IMAGE/JPEG; q=1\r\n\r\nhello", NULL, false},
    {"/html", OK "Content-Type: text/html\r\nContent-Length: 5\r\n\r\nhello", NULL, false},
    {"/missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 99999999\r\n\r\n", NULL, true},
    {"/empty", "HTTP/1.1 204 No Content\r\n\r\n", NULL, false},
    {"/partial", "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n\r\nhello", NULL, false},
    {"/short", OK "Content-Length: 50\r\n\r\nhello", NULL, false},
    {"/announced", OK "Content-Length: 1001\r\n\r\n", NULL, true},
    {"/endless", OK "\r\n", "hello hello hello", false},
    {"/hints", "", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", false},
    {"/headers", OK, "X-Again: hello hello hello\r\n", false},
    {"/nothing", "", NULL, true},
    {"/slow-header", OK "Content-Type: ima", NULL, true},
    {"/slow-body", OK "Content-Length: 50\r\n\r\nhello", NULL, true},
    {"/garbage", "SSH-2.0-OpenSSH_9.2\r\n", NULL, false},
    {"/loop", "HTTP/1.1 302 Found\r\nLocation: /loop\r\n\r\n", NULL, false},
    {"/endless-redirect", "HTTP/1.1 302 Found\r\nLocation: /png\r\n\r\n", "hello", false},
    {"/no-location", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", NULL, false},
    {"/to-file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", NULL, false},
    {"/to-gopher", "HTTP/1.1 302 Found\r\nLocation: gopher://127.0.0.1:25/\r\n\r\n", NULL, false},
    {"/to-user", "HTTP/1.1 302 Found\r\nLocation: http://a:b@127.0.0.1/\r\n\r\n", NULL, false},
};

/* "/hops/3" redirects to "/hops/2", "/hops/0" is the end; "/to/HOST" redirects to http://HOST/. */
static void answer_path(int fd, const char *path)
{
    char out[512];
    if (strncmp(path, "/hops/", 6) == 0 && path[6] > '0') {
        snprintf(out, sizeof out, "HTTP/1.1 30%c X\r\nLocation: %c\r\n\r\n", "12378"[path[6] % 5],
                 path[6] - 1);
        say(fd, out);
        return;
    }
    if (strncmp(path, "/hops/", 6) == 0)
        path = "/png";
    if (strncmp(path, "/to/", 4) == 0) {
        snprintf(out, sizeof out, "HTTP/1.1 302 X\r\nLocation: http://%.400s/\r\n\r\n", path + 4);
        say(fd, out);
        return;
    }
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (strcmp(pages[i].path, path) != 0)
            continue;
        say(fd, pages[i].answer);
        if (pages[i].repeated)
            repeat(fd, pages[i].repeated);
        if (pages[i].silent)
            wait_for_end(fd);
        return;
    }
    say(fd, "HTTP/1.1 500 no such page\r\nContent-Length: 0\r\n\r\n");
}

static void *serve(void *arg)
{
    struct server *s = arg;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        char request[4096] = "";
        char path[512] = "";
        size_t len = 0;
        while (len < sizeof request - 1 && !strstr(request, "\r\n\r\n")) {
            ssize_t n = recv(fd, request + len, sizeof request - 1 - len, 0);
            if (n <= 0)
                break;
            len += (size_t)n;
            request[len] = 0;
        }
        if (sscanf(request, "GET %511s HTTP/1.1\r\n", path) == 1) {
            atomic_fetch_add(&s->requests, 1);
            atomic_fetch_add(&s->tokens, strstr(request, "Bearer hf_token") != NULL);
            answer_path(fd, path);
        }
        close(fd);
    }
}

static struct server *server_start(void)
{
    struct server *s = mem_alloc(sizeof *s);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    signal(SIGPIPE, SIG_IGN);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&in, &len), 0);
    s->port = ntohs(in.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return s;
}

static void server_free(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    mem_free(s);
}

SCOPED_FREE(server)

/* ---- what a test asks ---------------------------------------------------------------------- */

static struct fetch_limits limits_for_loopback(void)
{
    struct fetch_limits limits = fetch_limits_default();
    limits.bytes = 1000;
    limits.allow = "127.0.0.1/32";
    return limits;
}

static int get(const struct server *s, const char *host, const char *path,
               const struct fetch_limits *limits, struct error *err)
{
    char url[600];
    struct text_buf body;
    snprintf(url, sizeof url, "http://%s:%d%s", host, s->port, path);
    *err = (struct error){0};
    int rc = fetch_get(url, limits, &body, err);
    if (rc == 0) {
        assert_int_equal(body.len, 5);
        assert_string_equal(body.at, "hello");
        text_buf_fini(&body);
    }
    return rc;
}

static void expect(const struct server *s, const char *path, const struct fetch_limits *limits,
                   int rc, const char *words)
{
    struct error err;
    int got = get(s, "127.0.0.1", path, limits, &err);
    if (got != rc || (rc < 0 && !strstr(err.text, words)))
        fail_msg("%s: %d \"%s\", must be %d \"%s\"", path, got, err.text, rc, words);
}

TEST(each_kind_of_answer_is_told_apart)
{
    static const struct {
        const char *path;
        int rc;
        const char *words;
    } rows[] = {
        {"/png", 0, ""},
        {"/untyped", 0, ""},
        {"/chunked", 0, ""},
        {"/early", 0, ""},
        {"/closed", 0, ""},
        {"/endless-redirect", 0, ""},
        {"/html", ERR_CORRUPT, "127.0.0.1 sends text/html"},
        {"/missing", ERR_NOT_FOUND, "status 404"},
        {"/empty", ERR_NOT_FOUND, "status 204"},
        {"/partial", ERR_NOT_FOUND, "status 206"},
        {"/no-location", ERR_NOT_FOUND, "status 302"},
        {"/short", ERR_IO, "less than it announced"},
        {"/announced", ERR_BUSY, "more than 1000 bytes"},
        {"/endless", ERR_BUSY, "more than 1000 bytes"},
        {"/headers", ERR_IO, "header of more than"},
        {"/hints", ERR_IO, "header of more than"},
        {"/garbage", ERR_IO, "127.0.0.1: "},
        {"/loop", ERR_DENIED, "redirects more than 5 times"},
        {"/to-file", ERR_INVALID, "scheme is file"},
        {"/to-gopher", ERR_INVALID, "scheme is gopher"},
        {"/to-user", ERR_INVALID, "user name"},
    };
    static const char *const types[] = {"image/", "application/octet-stream", NULL};
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    limits.types = types;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(s, rows[i].path, &limits, rows[i].rc, rows[i].words);
}

TEST(five_redirects_are_followed_and_a_sixth_is_not)
{
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    expect(s, "/hops/5", &limits, 0, "");
    assert_int_equal(s->requests, 6);
    expect(s, "/hops/6", &limits, ERR_DENIED, "more than 5 times");
    assert_int_equal(s->requests, 12);
}

TEST(a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not)
{
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    static const char *const paths[] = {"/png", "/chunked", "/closed"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        limits.bytes = 5;
        expect(s, paths[i], &limits, 0, "");
        limits.bytes = 4;
        expect(s, paths[i], &limits, ERR_BUSY, "more than 4 bytes");
    }
}

TEST(a_server_that_stops_talking_is_left_when_the_time_is_over)
{
    static const char *const paths[] = {"/nothing", "/slow-header", "/slow-body"};
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    limits.total_ms = 100;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        expect(s, paths[i], &limits, ERR_TIMEOUT, "takes longer than 100 ms");
}

static bool third_time(void *arg)
{
    int *asked = arg;
    return ++*asked >= 3;
}

TEST(a_fetch_that_waits_is_cancelled)
{
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    int asked = 0;
    limits.cancelled = third_time;
    limits.cancelled_arg = &asked;
    limits.total_ms = 1000 * 1000;
    expect(s, "/slow-body", &limits, ERR_CANCELLED, "cancelled");
    assert_int_equal(asked, 3);
}

TEST(a_token_is_shown_to_the_first_host_and_port_alone)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(server) struct server *other = server_start();
    struct fetch_limits limits = limits_for_loopback();
    char path[80];
    expect(s, "/png", &limits, 0, "");
    assert_int_equal(atomic_load(&s->tokens), 0);
    limits.token = "hf_token";
    expect(s, "/hops/2", &limits, 0, "");
    assert_int_equal(atomic_load(&s->tokens), 3);
    snprintf(path, sizeof path, "/to/127.0.0.1:%d", other->port);
    expect(s, path, &limits, ERR_NOT_FOUND, "500");
    assert_int_equal(atomic_load(&s->tokens), 4);
    assert_int_equal(atomic_load(&other->requests), 1);
    assert_int_equal(atomic_load(&other->tokens), 0);
    snprintf(path, sizeof path, "/to/localhost:%d", s->port);
    struct error err;
    limits.allow = "127.0.0.0/8 ::1/128";
    const int code = get(s, "127.0.0.1", path, &limits, &err); /* by another name */
    assert_true(code < 0);
    assert_int_equal(atomic_load(&s->tokens), 5);
}

TEST(a_redirect_to_a_forbidden_address_is_not_followed)
{
    static const struct {
        const char *path;
        const char *words;
    } rows[] = {
        {"/to/127.0.0.2", "127.0.0.2 is a loopback address"},
        {"/to/10.0.0.7", "10.0.0.7 is a private address"},
        {"/to/172.16.0.1", "172.16.0.1 is a private address"},
        {"/to/192.168.0.1", "192.168.0.1 is a private address"},
        {"/to/169.254.1.1", "169.254.1.1 is a link-local address"},
        {"/to/169.254.169.254/latest/meta-data", "169.254.169.254 is a metadata service address"},
        {"/to/100.64.0.1", "100.64.0.1 is a carrier NAT address"},
        {"/to/0.0.0.0", "0.0.0.0 is an unspecified address"},
        {"/to/224.0.0.1", "224.0.0.1 is a multicast address"},
        {"/to/255.255.255.255", "is a broadcast address"},
        {"/to/127.2", "127.0.0.2 is a loopback address"},
        {"/to/0x7f.2", "127.0.0.2 is a loopback address"},
        {"/to/0177.0.0.2", "127.0.0.2 is a loopback address"},
        {"/to/2130706434", "127.0.0.2 is a loopback address"},
        {"/to/0x7f000002", "127.0.0.2 is a loopback address"},
        {"/to/127.0.0.2.", "127.0.0.2 is a loopback address"},
        {"/to/%31%32%37.0.0.2", "127.0.0.2 is a loopback address"},
        {"/to/[::1]", "::1 is a loopback address"},
        {"/to/[::]", ":: is an unspecified address"},
        {"/to/[::ffff:127.0.0.2]", "is a loopback address"},
        {"/to/[::127.0.0.2]", "is a loopback address"},
        {"/to/[64:ff9b::10.0.0.1]", "is a private address"},
        {"/to/[2002:7f00:2::]", "is a loopback address"},
        {"/to/[fd00:ec2::254]", "is a metadata service address"},
        {"/to/[fe80::1]", "is a link-local address"},
        {"/to/[fc00::1]", "is a private address"},
        {"/to/[ff02::1]", "is a multicast address"},
    };
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(s, rows[i].path, &limits, ERR_DENIED, rows[i].words);
}

TEST(nothing_is_fetched_from_loopback_unless_it_is_allowed)
{
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = fetch_limits_default();
    expect(s, "/png", &limits, ERR_DENIED, "127.0.0.1 is a loopback address");
    assert_int_equal(s->requests, 0);
}

TEST(a_url_that_is_not_one_is_refused_before_any_connection)
{
    static const struct {
        const char *url;
        const char *words;
    } rows[] = {
        {"", "not a valid absolute url"},
        {"image.png", "not a valid absolute url"},
        {"/etc/passwd", "not a valid absolute url"},
        {"//127.0.0.1/", "not a valid absolute url"},
        {"file:///etc/passwd", "scheme is file"},
        {"gopher://127.0.0.1/", "scheme is gopher"},
        {"ftp://127.0.0.1/", "scheme is ftp"},
        {"dict://127.0.0.1:11211/", "scheme is dict"},
        {"http://", "host"},
        {"http://:80/", "host"},
        {"http://user:pass@127.0.0.1/", "user name"},
        {"http://user@127.0.0.1/", "user name"},
        {"http://127.0.0.1:65536/", "port"},
        {"http://127.0.0.1:x/", "port"},
        {"http://127.0.0.1/\r\nX: y", "not a valid absolute url"},
        {"http://a b/", ""},
    };
    struct fetch_limits limits = limits_for_loopback();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_buf body;
        struct error err = {0};
        int rc = fetch_get(rows[i].url, &limits, &body, &err);
        if (rc != ERR_INVALID || !strstr(err.text, rows[i].words))
            fail_msg("%s: %d \"%s\", must be \"%s\"", rows[i].url, rc, err.text, rows[i].words);
    }
    struct error err;
    struct text_buf body;
    SCOPED(mem) char *url = mem_printf("http://127.0.0.1/%0*d", FETCH_URL_MAX, 1);
    assert_int_equal(fetch_get(url, &limits, &body, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "longer than 8192 bytes"));
}

/* ---- names --------------------------------------------------------------------------------- */

struct names {
    int asked;
    const char *answers[4]; /* of the first look-up, the second, ...; several with ' ' between */
};

static int answer_name(void *arg, const char *host, struct sockaddr_storage *out, int max)
{
    struct names *names = arg;
    (void)host;
    int n = 0;
    assert_true(names->asked < 4);
    for (struct text rest = text_of(names->answers[names->asked++]); rest.len && n < max;) {
        char address[64];
        struct text word = text_cut(&rest, ' ');
        snprintf(address, sizeof address, "%.*s", (int)word.len, word.at);
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
            memcpy(&out[n++], &in, sizeof in);
        else if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1)
            memcpy(&out[n++], &in6, sizeof in6);
    }
    return n;
}

TEST(a_host_is_looked_up_once_and_the_connection_goes_to_what_was_judged)
{
    /* The second answer would be forbidden; nobody may ask for it. localhost has an entry in
     * every system's own table, so that a look-up behind our back would also be noticed. */
    static const char *const hosts[] = {"images.example", "IMAGES.example", "images.example.",
                                        "localhost", "127.0.0.1.nip.example"};
    SCOPED(server) struct server *s = server_start();
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct names names = {.answers = {"127.0.0.1", "127.0.0.2"}};
        struct fetch_limits limits = limits_for_loopback();
        limits.resolver = answer_name;
        limits.resolver_arg = &names;
        struct error err;
        CHECK_OK(get(s, hosts[i], "/png", &limits, &err), err);
        assert_int_equal(names.asked, 1);
    }
}

TEST(a_name_that_changes_its_answer_is_judged_again_at_each_redirect)
{
    SCOPED(server) struct server *s = server_start();
    struct names names = {.answers = {"127.0.0.1", "127.0.0.1", "10.0.0.1"}};
    struct fetch_limits limits = limits_for_loopback();
    limits.resolver = answer_name;
    limits.resolver_arg = &names;
    struct error err;
    assert_int_equal(get(s, "images.example", "/loop", &limits, &err), ERR_DENIED);
    assert_string_equal(err.text, "images.example has a private address");
    assert_int_equal(names.asked, 3);
    assert_int_equal(s->requests, 2);
}

TEST(one_forbidden_address_among_good_ones_is_enough)
{
    SCOPED(server) struct server *s = server_start();
    static const char *const answers[] = {"127.0.0.1 10.0.0.1", "10.0.0.1 127.0.0.1",
                                          "127.0.0.1 ::1", "127.0.0.1 fd00:ec2::254"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct names names = {.answers = {answers[i]}};
        struct fetch_limits limits = limits_for_loopback();
        limits.resolver = answer_name;
        limits.resolver_arg = &names;
        struct error err;
        assert_int_equal(get(s, "images.example", "/png", &limits, &err), ERR_DENIED);
    }
    assert_int_equal(s->requests, 0);
}

TEST(a_second_address_is_tried_when_the_first_refuses)
{
    SCOPED(server) struct server *s = server_start();
    struct names names = {.answers = {"127.0.0.9 127.0.0.1"}};
    struct fetch_limits limits = limits_for_loopback();
    limits.allow = "127.0.0.0/8";
    limits.resolver = answer_name;
    limits.resolver_arg = &names;
    struct error err;
    CHECK_OK(get(s, "images.example", "/png", &limits, &err), err);
}

TEST(a_name_without_an_address_is_not_found)
{
    SCOPED(server) struct server *s = server_start();
    struct names names = {.answers = {""}};
    struct fetch_limits limits = limits_for_loopback();
    limits.resolver = answer_name;
    limits.resolver_arg = &names;
    struct error err;
    assert_int_equal(get(s, "images.example", "/png", &limits, &err), ERR_NOT_FOUND);
    assert_string_equal(err.text, "images.example has no address");
}

TEST(a_proxy_of_the_environment_is_not_used)
{
    SCOPED(server) struct server *s = server_start();
    struct fetch_limits limits = limits_for_loopback();
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("all_proxy", "http://127.0.0.1:1/", 1);
    expect(s, "/png", &limits, 0, "");
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}
