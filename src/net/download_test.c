/* download_test.c - what becomes of a large file when server and line fail, on loopback.
 *
 * SPDX-License-Identifier: MIT */
#include "net/download.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "unit.h"

enum { SIZE = 300000 };

/* ---- a server with one file -------------------------------------------------------------- */

struct server {
    int fd;
    int port;
    pthread_t thread;
    char *file; /* SIZE bytes */
    char sha256[2 * HASH_SIZE + 1];
    atomic_int requests;
    atomic_int bytes_sent;
    atomic_bool got_token;
    atomic_int other;   /* port of another server, to which /away leads */
    atomic_bool spoilt; /* one byte of what is sent is wrong */
    char last[2048];    /* request; the thread's own */
};

static void send_all(struct server *s, int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        atomic_fetch_add(&s->bytes_sent, (int)sent);
        bytes += sent;
        n -= (size_t)sent;
    }
}

/* The file from first on, of which only most bytes are really sent. */
static void send_file(struct server *s, int fd, size_t first, size_t most)
{
    char head[256];
    const size_t n = SIZE - first;
    if (first)
        snprintf(head, sizeof head,
                 "HTTP/1.1 206 Partial Content\r\nContent-Length: %zu\r\n"
                 "Content-Range: bytes %zu-%d/%d\r\n\r\n",
                 n, first, SIZE - 1, SIZE);
    else
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
    send_all(s, fd, head, strlen(head));
    SCOPED(mem) char *bytes = mem_dup_n(s->file + first, n);
    if (atomic_load(&s->spoilt))
        bytes[n / 2] ^= 1;
    send_all(s, fd, bytes, n < most ? n : most);
}

/* /file goes on where it is asked to; /whole does not; /cut breaks off after a third. */
static void answer(struct server *s, int fd)
{
    static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone";
    static const char gated[] = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    static const char moved[] =
        "HTTP/1.1 302 Found\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n";
    char away[160];
    snprintf(away, sizeof away,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/file\r\n"
             "Content-Length: 0\r\n\r\n",
             atomic_load(&s->other));
    char path[64] = "";
    size_t first = 0;
    const char *range = strstr(s->last, "Range: bytes=");
    if (range)
        sscanf(range, "Range: bytes=%zu-", &first);
    sscanf(s->last, "GET %63s ", path);
    if (strcmp(path, "/file") == 0)
        send_file(s, fd, first, SIZE);
    else if (strcmp(path, "/whole") == 0)
        send_file(s, fd, 0, SIZE);
    else if (strcmp(path, "/cut") == 0)
        send_file(s, fd, first, SIZE / 3);
    else if (strcmp(path, "/gated") == 0)
        send_all(s, fd, gated, sizeof gated - 1);
    else if (strcmp(path, "/moved") == 0)
        send_all(s, fd, moved, sizeof moved - 1);
    else if (strcmp(path, "/away") == 0)
        send_all(s, fd, away, strlen(away));
    else
        send_all(s, fd, missing, sizeof missing - 1);
}

static void *serve(void *arg)
{
    struct server *s = arg;
    for (;;) {
        const int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        size_t len = 0;
        s->last[0] = 0;
        while (len < sizeof s->last - 1 && !strstr(s->last, "\r\n\r\n")) {
            const ssize_t n = recv(fd, s->last + len, sizeof s->last - 1 - len, 0);
            if (n <= 0)
                break;
            len += (size_t)n;
            s->last[len] = 0;
        }
        atomic_fetch_add(&s->requests, 1);
        atomic_store(&s->got_token, strstr(s->last, "Bearer hf_token") != NULL);
        answer(s, fd);
        close(fd);
    }
}

static struct server *server_start(void)
{
    struct server *s = mem_alloc(sizeof *s);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    uint8_t digest[HASH_SIZE];
    signal(SIGPIPE, SIG_IGN);
    s->file = mem_alloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        s->file[i] = (char)(i * 2654435761U >> 13);
    hash_sha256((struct text){s->file, SIZE}, digest);
    text_hex_encode(digest, sizeof digest, s->sha256);
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
    mem_free(s->file);
    mem_free(s);
}
SCOPED_FREE(server)

/* ---- what a test asks -------------------------------------------------------------------- */

struct asked {
    int64_t last_done;
    int calls;
    bool stop;
};

static void on_progress(void *arg, int64_t done, int64_t size)
{
    struct asked *a = arg;
    (void)size;
    a->last_done = done;
    a->calls++;
}

static bool on_cancelled(void *arg)
{
    const struct asked *a = arg;
    return a->stop;
}

static char *target(const char *name)
{
    char *path = mem_printf("%s/%s", unit_folder(), name);
    SCOPED(mem) char *part = mem_printf("%s.part", path);
    unlink(path);
    unlink(part);
    return path;
}

static int get(const struct server *s, const char *at, const char *path, struct asked *a,
               struct error *err)
{
    SCOPED(mem) char *url = mem_printf("http://127.0.0.1:%d%s", s->port, at);
    const struct download d = {
        .url = url,
        .path = path,
        .sha256 = s->sha256,
        .size = SIZE,
        .token = "hf_token",
        .arg = a,
        .progress = on_progress,
        .cancelled = on_cancelled,
    };
    return download_file(&d, err);
}

static void check_file(const struct server *s, const char *path)
{
    struct error err;
    SCOPED(text_buf) struct text_buf got;
    text_buf_init(&got, SIZE + 1);
    CHECK_OK(file_read(path, SIZE + 1, &got, &err), err);
    assert_int_equal(got.len, SIZE);
    assert_memory_equal(got.at, s->file, SIZE);
}

static bool part_is_there(const char *path)
{
    SCOPED(mem) char *part = mem_printf("%s.part", path);
    return access(part, F_OK) == 0;
}

TEST(a_file_comes_whole_and_is_not_asked_for_again)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("whole");
    struct asked a = {0};
    struct error err;
    CHECK_OK(get(s, "/moved", path, &a, &err), err);
    check_file(s, path);
    assert_int_equal(a.last_done, SIZE);
    assert_true(atomic_load(&s->got_token));
    assert_false(part_is_there(path));
    const int before = atomic_load(&s->requests);
    CHECK_OK(get(s, "/file", path, &a, &err), err);
    assert_int_equal(atomic_load(&s->requests), before);
}

TEST(a_token_is_not_shown_to_whom_the_first_host_redirects_to)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(server) struct server *other = server_start();
    SCOPED(mem) char *path = target("away");
    struct asked a = {0};
    struct error err;
    atomic_store(&s->other, other->port);
    CHECK_OK(get(s, "/away", path, &a, &err), err);
    check_file(other, path);
    assert_true(atomic_load(&s->got_token));
    assert_int_equal(atomic_load(&other->requests), 1);
    assert_false(atomic_load(&other->got_token));
}

TEST(a_broken_line_is_gone_on_from)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("broken");
    struct asked a = {0};
    struct error err;
    assert_int_equal(get(s, "/cut", path, &a, &err), ERR_IO);
    assert_true(part_is_there(path));
    assert_int_not_equal(access(path, F_OK), 0);
    atomic_store(&s->bytes_sent, 0);
    CHECK_OK(get(s, "/file", path, &a, &err), err);
    check_file(s, path);
    assert_true(atomic_load(&s->bytes_sent) <
                SIZE * 3 / 4); /* the first third was not sent again */
}

TEST(a_server_that_cannot_go_on_starts_anew)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("anew");
    struct asked a = {0};
    struct error err;
    assert_int_equal(get(s, "/cut", path, &a, &err), ERR_IO);
    CHECK_OK(get(s, "/whole", path, &a, &err), err);
    check_file(s, path);
}

TEST(other_bytes_than_promised_are_thrown_away)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("other");
    struct asked a = {0};
    struct error err;
    atomic_store(&s->spoilt, true);
    assert_int_equal(get(s, "/file", path, &a, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "SHA-256"));
    assert_false(part_is_there(path));
    assert_int_not_equal(access(path, F_OK), 0);
}

TEST(a_part_that_is_whole_is_put_in_place_without_asking)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("ready");
    SCOPED(mem) char *part = mem_printf("%s.part", path);
    struct asked a = {0};
    struct error err;
    CHECK_OK(file_write(part, (struct text){s->file, SIZE}, 0644, &err), err);
    CHECK_OK(get(s, "/file", path, &a, &err), err);
    check_file(s, path);
    assert_int_equal(atomic_load(&s->requests), 0);
}

TEST(a_part_is_not_gone_on_from_where_nothing_tells_that_it_belongs_to_the_rest)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("parted");
    SCOPED(mem) char *part = mem_printf("%s.part", path);
    SCOPED(mem) char *url = mem_printf("http://127.0.0.1:%d/file", s->port);
    static const size_t lengths[] = {SIZE / 3, SIZE};
    static char other[SIZE];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct asked a = {0};
        struct error err;
        const struct download d = {.url = url,
                                   .path = path,
                                   .size = SIZE,
                                   .arg = &a,
                                   .progress = on_progress,
                                   .cancelled = on_cancelled};
        unlink(path);
        CHECK_OK(file_write(part, (struct text){other, lengths[i]}, 0644, &err), err);
        CHECK_OK(download_file(&d, &err), err);
        check_file(s, path);
    }
}

TEST(a_refusal_names_the_status)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("refused");
    struct asked a = {0};
    struct error err;
    assert_int_equal(get(s, "/none", path, &a, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "404"));
    assert_int_equal(get(s, "/gated", path, &a, &err), ERR_DENIED);
    assert_non_null(strstr(err.text, "token"));
    assert_int_not_equal(access(path, F_OK), 0);
}

TEST(cancelling_keeps_what_came)
{
    SCOPED(server) struct server *s = server_start();
    SCOPED(mem) char *path = target("cancelled");
    struct asked a = {.stop = true};
    struct error err;
    assert_int_equal(get(s, "/file", path, &a, &err), ERR_CANCELLED);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_true(part_is_there(path));
}

TEST(plain_http_beyond_this_machine_is_refused)
{
    struct asked a = {0};
    struct error err;
    SCOPED(mem) char *path = target("plain");
    const struct download d = {.url = "http://192.0.2.1/file",
                               .path = path,
                               .size = -1,
                               .arg = &a,
                               .progress = on_progress,
                               .cancelled = on_cancelled};
    assert_int_equal(download_file(&d, &err), ERR_INVALID);
}
