/* download.c - see download.h. SPDX-License-Identifier: MIT */
#include "net/download.h"

#define CURL_DISABLE_TYPECHECK /* its macros cannot be called through a pointer */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/lazy.h"
#include "base/memory.h"
#include "net/fetch.h"

enum {
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60, /* without a byte */
    REDIRECTS_MAX = 5,
    CHUNK = 1 << 16,
};

#define CALLS(X)                                                                                   \
    X(curl_easy_init)                                                                              \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_perform)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_strerror)                                                                          \
    X(curl_easy_cleanup)

static struct {
    CALLS(LAZY_POINTER)
} lib;

#define ROW(function) {#function, (void **)&lib.function},
static const struct lazy_call calls[] = {CALLS(ROW)};

/* One download under way. */
struct run {
    const struct download *d;
    CURL *easy;
    int fd; /* of PATH.part */
    int64_t done;
    bool answered;  /* the first byte of the answer is in */
    char range[32]; /* asked for: "1024-" */
    struct hash_sha256_run hash;
    struct error why; /* code 0: nothing of ours went wrong */
};

static int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
}

/* ---- what is there ----------------------------------------------------------------------- */

/* Hash what an earlier run left and stand behind it. */
static int take_part(struct run *r, struct error *err)
{
    SCOPED(mem) char *chunk = mem_alloc(CHUNK);
    hash_sha256_begin(&r->hash);
    for (;;) {
        const ssize_t n = read(r->fd, chunk, CHUNK);
        if (n < 0)
            return error_errno(err, errno, "read what is there of %s", r->d->path);
        if (n == 0)
            return 0;
        hash_sha256_add(&r->hash, (struct text){chunk, (size_t)n});
        r->done += n;
        if (r->d->cancelled(r->d->arg))
            return error_set(err, ERR_CANCELLED, "cancelled");
    }
}

static int begin_anew(struct run *r, struct error *err)
{
    hash_sha256_begin(&r->hash);
    r->done = 0;
    if (ftruncate(r->fd, 0) < 0 || lseek(r->fd, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "empty the part of %s", r->d->path);
    return 0;
}

/* ---- what comes -------------------------------------------------------------------------- */

static long status_of(const struct run *r)
{
    long status = 0;
    lib.curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct run *r = arg;
    const size_t len = size * n;
    const long status = status_of(r);
    if (status != 200 && status != 206)
        return len; /* the words of an error; the status says enough */
    /* A server that does not go on where we stopped begins at the start. */
    if (status == 200 && !r->answered && r->done > 0 && begin_anew(r, &r->why) < 0)
        return 0;
    r->answered = true;
    if (r->d->size >= 0 && r->done + (int64_t)len > r->d->size) {
        error_set(&r->why, ERR_CORRUPT, "%s is longer than the %lld bytes it must have", r->d->url,
                  (long long)r->d->size);
        return 0;
    }
    const struct text part = {bytes, len};
    if (file_write_fd(r->fd, part, &r->why) < 0)
        return 0;
    hash_sha256_add(&r->hash, part);
    r->done += (int64_t)len;
    return len;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    struct run *r = arg;
    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    r->d->progress(r->d->arg, r->done, r->d->size);
    if (!r->d->cancelled(r->d->arg))
        return 0;
    error_set(&r->why, ERR_CANCELLED, "cancelled");
    return 1;
}

static bool is_loopback(const char *url)
{
    return text_starts_nocase(text_of(url), TEXT("http://127.0.0.1:")) ||
           text_starts_nocase(text_of(url), TEXT("http://[::1]:")) ||
           text_starts_nocase(text_of(url), TEXT("http://localhost:"));
}

bool download_takes(const char *url)
{
    return is_loopback(url) || text_starts_nocase(text_of(url), TEXT("https://"));
}

static void set_options(struct run *r)
{
    CURL *c = r->easy;
    const char *schemes = is_loopback(r->d->url) ? "http,https" : "https";
    lib.curl_easy_setopt(c, CURLOPT_URL, r->d->url);
    lib.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, schemes);
    lib.curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
    lib.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    lib.curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    lib.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    lib.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    lib.curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    lib.curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    lib.curl_easy_setopt(c, CURLOPT_USERAGENT, "zoetrope/" ZOETROPE_VERSION);
    if (r->done > 0) {
        snprintf(r->range, sizeof r->range, "%lld-", (long long)r->done);
        lib.curl_easy_setopt(c, CURLOPT_RANGE, r->range);
    }
    lib.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    lib.curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
    lib.curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    lib.curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    lib.curl_easy_setopt(c, CURLOPT_XFERINFODATA, r);
    if (r->d->token) {
        lib.curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        lib.curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, r->d->token);
    }
}

/* ---- what became of it ------------------------------------------------------------------- */

static int refused(const struct run *r, long status, struct error *err)
{
    const enum err code = status == 401 || status == 403 ? ERR_DENIED
                          : status == 416 ? ERR_CORRUPT /* what is there is longer than the file */
                          : status >= 500 || status == 429 ? ERR_BUSY
                                                           : ERR_NOT_FOUND;
    return error_set(err, code, "%s was answered with status %ld%s", r->d->url, status,
                     code == ERR_DENIED ? ": it may need an access token" : "");
}

/* Whole already: a part that an earlier run could not put in place. Nothing is left to ask for. */
static bool is_whole(const struct run *r)
{
    return r->d->size >= 0 && r->done == r->d->size;
}

static int receive(struct run *r, struct error *err)
{
    if (is_whole(r))
        return 0;
    set_options(r);
    const CURLcode rc = lib.curl_easy_perform(r->easy);
    const long status = status_of(r);
    if (r->why.code) {
        *err = r->why;
        return (int)err->code;
    }
    if (rc == CURLE_OK && status != 200 && status != 206)
        return refused(r, status, err);
    if (rc != CURLE_OK)
        return error_set(err, rc == CURLE_UNSUPPORTED_PROTOCOL ? ERR_INVALID : ERR_IO, "%s: %s",
                         r->d->url, lib.curl_easy_strerror(rc));
    return 0;
}

static int verify(struct run *r, struct error *err)
{
    uint8_t digest[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    hash_sha256_end(&r->hash, digest);
    text_hex_encode(digest, sizeof digest, hex);
    if (r->d->size >= 0 && r->done != r->d->size)
        return error_set(err, ERR_CORRUPT, "%s has %lld bytes, must have %lld", r->d->url,
                         (long long)r->done, (long long)r->d->size);
    if (r->d->sha256 && !text_equal_nocase(text_of(hex), text_of(r->d->sha256)))
        return error_set(err, ERR_CORRUPT, "%s has SHA-256 %s, must have %s", r->d->url, hex,
                         r->d->sha256);
    return 0;
}

static int run_download(struct run *r, const char *part, struct error *err)
{
    int code = take_part(r, err);
    /* Without a digest nobody would notice that the two halves are of different files. */
    const bool of_no_use = !r->d->sha256 || (r->d->size >= 0 && r->done > r->d->size);
    if (code == 0 && of_no_use)
        code = begin_anew(r, err);
    if (code == 0)
        code = receive(r, err);
    if (code == 0)
        code = verify(r, err);
    if (code == ERR_CORRUPT)
        unlink(part);
    if (code < 0)
        return code;
    if (fsync(r->fd) < 0)
        return error_errno(err, errno, "sync %s", part);
    r->d->progress(r->d->arg, r->done, r->done);
    return file_publish(part, r->d->path, err);
}

int download_file(const struct download *d, struct error *err)
{
    if (d->size >= 0 && size_of(d->path) == d->size)
        return 0;
    int code = fetch_ready(err);
    if (code == 0)
        code = lazy_load("libcurl.so.4", calls, sizeof calls / sizeof *calls, err);
    if (code < 0)
        return code;
    SCOPED(mem) char *part = mem_printf("%s.part", d->path);
    SCOPED(fd) int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_errno(err, errno, "create %s", part);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return error_set(err, ERR_BUSY, "%s is being downloaded by another process", d->path);
    struct run r = {.d = d, .fd = fd, .easy = lib.curl_easy_init()};
    if (!r.easy)
        return error_set(err, ERR_IO, "libcurl does not start");
    code = run_download(&r, part, err);
    lib.curl_easy_cleanup(r.easy);
    return code;
}
