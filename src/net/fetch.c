/* fetch.c - see fetch.h. SPDX-License-Identifier: MIT
 *
 * Three locks on the door, each enough by itself: the addresses of a host are judged when they
 * were looked up; libcurl is told them (CURLOPT_RESOLVE), so that it does not look up again; and
 * each address is judged once more, and must be one of those, when a socket for it is opened.
 *
 * libcurl is loaded on first use: of all processes only a worker with an image to get needs it. */
#include "net/fetch.h"

#define CURL_DISABLE_TYPECHECK /* its macros cannot be called through a pointer */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/memory.h"
#include "net/address.h"
#include "net/resolve.h"

enum {
    ASK_MS = 200,                 /* how often cancelled and the clock are asked     */
    HEADER_BYTES_MAX = 64 * 1024, /* of one answer, interim answers and trailers too */
};

#define CALLS(X)                                                                                   \
    X(curl_global_init)                                                                            \
    X(curl_easy_init)                                                                              \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_strerror)                                                                          \
    X(curl_easy_cleanup)                                                                           \
    X(curl_multi_init)                                                                             \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_info_read)                                                                        \
    X(curl_multi_cleanup)                                                                          \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)                                                                         \
    X(curl_url)                                                                                    \
    X(curl_url_set)                                                                                \
    X(curl_url_get)                                                                                \
    X(curl_url_cleanup)                                                                            \
    X(curl_free)

static struct {
    CALLS(LAZY_POINTER)
} lib;

#define ROW(function) {#function, (void **)&lib.function},
static const struct lazy_call calls[] = {CALLS(ROW)};

static struct error load_error; /* code 0: loaded */

static void load(void)
{
    if (lazy_load("libcurl.so.4", calls, sizeof calls / sizeof *calls, &load_error) < 0)
        return;
    if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        error_set(&load_error, ERR_IO, "libcurl does not start");
}

int fetch_ready(struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (load_error.code)
        *err = load_error;
    return load_error.code;
}

/* Why we told libcurl to stop. */
enum stop {
    STOP_NOT,
    STOP_ANSWERED, /* a status other than 200: its body does not matter */
    STOP_HEADER,
    STOP_LARGE,
    STOP_TYPE,
    STOP_MEMORY,
};

/* One fetch, and what of it is of the hop under way. */
struct fetch {
    const struct fetch_limits *limits;
    int64_t deadline_us;
    CURLU *url;
    char *host;  /* without brackets */
    char *first; /* scheme, host and port of the first hop: who may see the token */
    struct resolved addresses;
    CURL *easy;
    struct text_buf *body;
    size_t header_bytes;
    bool in_body;
    enum stop stop;
    const char *forbidden; /* what the socket's address was */
    char *location;        /* NULL without */
    char *type;
};

struct fetch_limits fetch_limits_default(void)
{
    return (struct fetch_limits){
        .bytes = 20 * 1000 * 1000,
        .connect_ms = 10 * 1000,
        .total_ms = 30 * 1000,
        .redirects = 5,
    };
}

/* ---- the url ------------------------------------------------------------------------------- */

static const char *url_fault(CURLUcode code)
{
    switch (code) {
    case CURLUE_USER_NOT_ALLOWED:
        return "the url must not have a user name or password";
    case CURLUE_NO_HOST:
    case CURLUE_BAD_HOSTNAME:
        return "the url has no valid host";
    case CURLUE_BAD_PORT_NUMBER:
        return "the url's port is not a number from 0 to 65535";
    case CURLUE_OUT_OF_MEMORY:
        return "no memory for the url";
    default:
        return "the url is not a valid absolute url";
    }
}

/* A part of the url; mem_free by the caller; NULL when it has none. */
static char *url_part(CURLU *url, CURLUPart part, unsigned flags)
{
    char *s = NULL;
    if (lib.curl_url_get(url, part, &s, flags) != CURLUE_OK || !s)
        return NULL;
    char *copy = mem_dup(s);
    lib.curl_free(s);
    return copy;
}

/* "https://host:443" of where the fetch is now; mem_free by the caller. */
static char *place_of(const struct fetch *f)
{
    SCOPED(mem) char *scheme = url_part(f->url, CURLUPART_SCHEME, 0);
    SCOPED(mem) char *port = url_part(f->url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    return mem_printf("%s://%s:%s", scheme ? scheme : "", f->host, port ? port : "");
}

/* Host names in ASCII and without the dot of the root, so that the name libcurl looks for among
 * the pinned ones is the name we pinned. */
static int normalise_host(struct fetch *f, struct error *err)
{
    SCOPED(mem) char *host = url_part(f->url, CURLUPART_HOST, CURLU_PUNYCODE);
    size_t len = host ? strlen(host) : 0;
    if (len > 1 && host[len - 1] == '.')
        host[--len] = 0;
    if (len == 0 || len > 253)
        return error_set(err, ERR_INVALID, "the url has no valid host");
    CURLUcode rc = lib.curl_url_set(f->url, CURLUPART_HOST, host, 0);
    if (rc != CURLUE_OK)
        return error_set(err, ERR_INVALID, "%s", url_fault(rc));
    mem_free(f->host);
    f->host = host[0] == '[' ? mem_dup_n(host + 1, len - 2) : mem_dup(host);
    return 0;
}

/* Go to url, absolute or, after the first, relative to the one before. */
static int set_url(struct fetch *f, const char *url, unsigned flags, struct error *err)
{
    SCOPED(mem) char *before = url_part(f->url, CURLUPART_SCHEME, 0);
    if (strlen(url) > FETCH_URL_MAX)
        return error_set(err, ERR_INVALID, "the url is longer than %d bytes", FETCH_URL_MAX);
    flags |= CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME;
    CURLUcode rc = lib.curl_url_set(f->url, CURLUPART_URL, url, flags);
    if (rc != CURLUE_OK)
        return error_set(err, ERR_INVALID, "%s", url_fault(rc));
    SCOPED(mem) char *scheme = url_part(f->url, CURLUPART_SCHEME, 0);
    if (!scheme || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        return error_set(err, ERR_INVALID, "the url's scheme is %.20s, must be http or https",
                         scheme ? scheme : "missing");
    if (before && strcmp(before, "https") == 0 && strcmp(scheme, "http") == 0)
        return error_set(err, ERR_DENIED, "%s redirects from https to http", f->host);
    return normalise_host(f, err);
}

/* ---- the addresses ------------------------------------------------------------------------- */

static bool is_numeric(const char *host)
{
    uint8_t at[16];
    return inet_pton(AF_INET, host, at) == 1 || inet_pton(AF_INET6, host, at) == 1;
}

static int deny(const struct fetch *f, const char *reason, struct error *err)
{
    return error_set(err, ERR_DENIED, "%s %s %s %s address", f->host,
                     is_numeric(f->host) ? "is" : "has", strchr("aeiou", reason[0]) ? "an" : "a",
                     reason);
}

static int judge(struct fetch *f, struct error *err)
{
    int rc = resolve_host(f->host, f->limits, f->deadline_us, &f->addresses, err);
    for (int i = 0; rc == 0 && i < f->addresses.n; i++) {
        const struct sockaddr *a = (const struct sockaddr *)&f->addresses.at[i];
        const char *reason = address_forbidden(a, f->limits->allow);
        if (reason)
            rc = deny(f, reason, err);
    }
    return rc;
}

static const void *address_bytes(const struct sockaddr *a, size_t *len)
{
    *len = a->sa_family == AF_INET6 ? 16 : 4;
    if (a->sa_family == AF_INET6)
        return &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    return &((const struct sockaddr_in *)(const void *)a)->sin_addr;
}

static bool was_judged(const struct fetch *f, const struct sockaddr *address)
{
    size_t len;
    const void *bytes = address_bytes(address, &len);
    for (int i = 0; i < f->addresses.n; i++) {
        size_t other;
        const struct sockaddr *a = (const struct sockaddr *)&f->addresses.at[i];
        if (a->sa_family == address->sa_family && memcmp(address_bytes(a, &other), bytes, len) == 0)
            return true;
    }
    return false;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetch *f = arg;
    const char *reason = address_forbidden(&address->addr, f->limits->allow);
    if (purpose != CURLSOCKTYPE_IPCXN || reason || !was_judged(f, &address->addr)) {
        f->forbidden = reason ? reason : "unexpected";
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* "HOST:PORT:ADDRESS,ADDRESS"; NULL for a host that is an address itself. */
static struct curl_slist *pin(const struct fetch *f)
{
    if (is_numeric(f->host))
        return NULL;
    SCOPED(mem) char *port = url_part(f->url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    SCOPED(text_buf) struct text_buf row;
    text_buf_init(&row, 4096);
    text_buf_printf(&row, "%s:%s:", f->host, port ? port : "80");
    for (int i = 0; i < f->addresses.n; i++) {
        char text[INET6_ADDRSTRLEN];
        size_t len;
        const struct sockaddr *a = (const struct sockaddr *)&f->addresses.at[i];
        inet_ntop(a->sa_family, address_bytes(a, &len), text, sizeof text);
        text_buf_printf(&row, a->sa_family == AF_INET6 ? "%s[%s]" : "%s%s", i ? "," : "", text);
    }
    return row.failed ? NULL : lib.curl_slist_append(NULL, row.at);
}

/* ---- the answer ---------------------------------------------------------------------------- */

static bool header_value(struct text line, struct text name, struct text *out)
{
    if (!text_starts_nocase(line, name))
        return false;
    *out = text_trim((struct text){line.at + name.len, line.len - name.len});
    return true;
}

static bool type_fits(const struct fetch *f)
{
    if (!f->limits->types || !f->type)
        return true; /* who names no type is judged by the bytes */
    struct text rest = text_of(f->type);
    struct text type = text_trim(text_cut(&rest, ';'));
    for (const char *const *t = f->limits->types; *t; t++) {
        struct text want = text_of(*t);
        bool family = want.len && want.at[want.len - 1] == '/';
        if (family ? text_starts_nocase(type, want) : text_equal_nocase(type, want))
            return true;
    }
    return false;
}

static void read_header(struct fetch *f, struct text line)
{
    struct text value;
    int64_t length;
    if (text_starts(line, TEXT("HTTP/"))) {
        mem_free(TAKE(f->location));
        mem_free(TAKE(f->type));
    } else if (header_value(line, TEXT("location:"), &value) && !f->location) {
        f->location = mem_dup_n(value.at, value.len);
    } else if (header_value(line, TEXT("content-type:"), &value) && !f->type) {
        f->type = mem_dup_n(value.at, value.len);
    } else if (header_value(line, TEXT("content-length:"), &value) &&
               text_int(value, 0, INT64_MAX, &length) && (uint64_t)length > f->limits->bytes) {
        f->stop = STOP_LARGE;
    }
}

/* The header is over. A status other than 200 is all we want to know. */
static void end_header(struct fetch *f)
{
    long status = 0;
    lib.curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) {
        f->stop = STOP_NOT;
        return;
    }
    f->in_body = true;
    if (status != 200)
        f->stop = STOP_ANSWERED;
    else if (!type_fits(f))
        f->stop = STOP_TYPE;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *f = arg;
    struct text line = text_trim((struct text){bytes, size * n});
    f->header_bytes += size * n;
    if (f->header_bytes > HEADER_BYTES_MAX) {
        f->stop = STOP_HEADER;
        return 0;
    }
    if (f->in_body) /* a trailer */
        return size * n;
    if (line.len) {
        read_header(f, line);
        return size * n;
    }
    end_header(f);
    return f->stop ? 0 : size * n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *f = arg;
    bool large = size * n > f->limits->bytes - f->body->len;
    if (!large)
        text_buf_add(f->body, bytes, size * n);
    if (large || f->body->failed) {
        f->stop = large ? STOP_LARGE : STOP_MEMORY;
        return 0;
    }
    return size * n;
}

/* ---- one hop ------------------------------------------------------------------------------- */

static int64_t left_ms(const struct fetch *f)
{
    int64_t left = (f->deadline_us - clock_mono_us()) / 1000;
    return left > 0 ? left : 0;
}

/* A redirect may lead to anybody. */
static void show_token(const struct fetch *f)
{
    SCOPED(mem) char *place = place_of(f);
    if (!f->limits->token || strcmp(place, f->first) != 0)
        return;
    lib.curl_easy_setopt(f->easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    lib.curl_easy_setopt(f->easy, CURLOPT_XOAUTH2_BEARER, f->limits->token);
}

static void set_options(struct fetch *f, struct curl_slist *pinned)
{
    CURL *c = f->easy;
    lib.curl_easy_setopt(c, CURLOPT_CURLU, f->url);
    lib.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    lib.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    lib.curl_easy_setopt(c, CURLOPT_RESOLVE, pinned);
    lib.curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    lib.curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
    lib.curl_easy_setopt(c, CURLOPT_PROXY, "");
    lib.curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    lib.curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    lib.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    lib.curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    lib.curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    lib.curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    lib.curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    lib.curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
    lib.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)f->limits->connect_ms);
    lib.curl_easy_setopt(c, CURLOPT_USERAGENT, "zoetrope/" ZOETROPE_VERSION);
    lib.curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    lib.curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
    lib.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    lib.curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    show_token(f);
}

static int stopped(const struct fetch *f, struct error *err)
{
    switch (f->stop) {
    case STOP_HEADER:
        return error_set(err, ERR_IO, "%s sends a header of more than %d bytes", f->host,
                         HEADER_BYTES_MAX);
    case STOP_LARGE:
        return error_set(err, ERR_BUSY, "%s sends more than %zu bytes", f->host, f->limits->bytes);
    case STOP_TYPE:
        return error_set(err, ERR_CORRUPT, "%s sends %.80s", f->host, f->type);
    case STOP_MEMORY:
        return error_set(err, ERR_MEMORY, "no memory for what %s sends", f->host);
    case STOP_NOT:
    case STOP_ANSWERED:
        break;
    }
    return 0;
}

/* What libcurl's verdict means. Its own sentences name no address, which is not the asker's to
 * know. */
static int verdict(const struct fetch *f, CURLcode code, struct error *err)
{
    if (f->stop)
        return stopped(f, err);
    if (f->forbidden)
        return deny(f, f->forbidden, err);
    switch (code) {
    case CURLE_OK:
        return 0;
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERR_TIMEOUT, "%s does not accept a connection in time", f->host);
    case CURLE_PARTIAL_FILE:
        return error_set(err, ERR_IO, "%s sends less than it announced", f->host);
    default:
        return error_set(err, ERR_IO, "%s: %s", f->host, lib.curl_easy_strerror(code));
    }
}

static int run(struct fetch *f, CURLM *multi, struct error *err)
{
    int running = 1;
    for (;;) {
        if (f->limits->cancelled && f->limits->cancelled(f->limits->cancelled_arg))
            return error_set(err, ERR_CANCELLED, "cancelled while fetching from %s", f->host);
        int64_t left = left_ms(f);
        if (left == 0)
            return error_set(err, ERR_TIMEOUT, "%s takes longer than %d ms", f->host,
                             f->limits->total_ms);
        if (lib.curl_multi_perform(multi, &running) != CURLM_OK)
            return error_set(err, ERR_IO, "libcurl fails");
        if (!running)
            break;
        lib.curl_multi_poll(multi, NULL, 0, left < ASK_MS ? (int)left : ASK_MS, NULL);
    }
    int queued;
    CURLMsg *message = lib.curl_multi_info_read(multi, &queued);
    if (!message || message->msg != CURLMSG_DONE)
        return error_set(err, ERR_IO, "libcurl fails");
    return verdict(f, message->data.result, err);
}

static int transfer(struct fetch *f, struct error *err)
{
    int rc = error_set(err, ERR_MEMORY, "no memory for a connection");
    struct curl_slist *pinned = pin(f);
    CURLM *multi = lib.curl_multi_init();
    f->easy = lib.curl_easy_init();
    if (multi && f->easy) {
        set_options(f, pinned);
        if (lib.curl_multi_add_handle(multi, f->easy) == CURLM_OK) {
            rc = run(f, multi, err);
            lib.curl_multi_remove_handle(multi, f->easy);
        }
    }
    if (f->easy && rc == 0) {
        long status = 0;
        lib.curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
        rc = (int)status;
    }
    lib.curl_easy_cleanup(f->easy);
    lib.curl_multi_cleanup(multi);
    lib.curl_slist_free_all(pinned);
    return rc;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* 0 the body is there, 1 go on at f->location. */
static int hop(struct fetch *f, struct error *err)
{
    int rc = judge(f, err);
    if (rc < 0)
        return rc;
    f->header_bytes = 0;
    f->in_body = false;
    f->stop = STOP_NOT;
    f->forbidden = NULL;
    int status = transfer(f, err);
    if (status < 0 || status == 200)
        return status < 0 ? status : 0;
    if (is_redirect(status) && f->location)
        return 1;
    return error_set(err, ERR_NOT_FOUND, "%s answers with status %d", f->host, status);
}

static int follow(struct fetch *f, const char *url, struct error *err)
{
    int rc = set_url(f, url, 0, err);
    if (rc == 0) {
        f->first = place_of(f);
        rc = hop(f, err);
    }
    for (int n = 0; rc == 1; n++) {
        if (n == f->limits->redirects)
            return error_set(err, ERR_DENIED, "%s redirects more than %d times", f->host,
                             f->limits->redirects);
        SCOPED(mem) char *location = TAKE(f->location);
        rc = set_url(f, location, CURLU_URLENCODE, err);
        if (rc == 0)
            rc = hop(f, err);
    }
    return rc;
}

int fetch_get(const char *url, const struct fetch_limits *limits, struct text_buf *out,
              struct error *err)
{
    int rc = fetch_ready(err);
    if (rc < 0)
        return rc;
    struct text_buf body;
    text_buf_init(&body, limits->bytes);
    struct fetch f = {
        .limits = limits,
        .deadline_us = clock_mono_us() + limits->total_ms * 1000LL,
        .url = lib.curl_url(),
        .body = &body,
    };
    rc = f.url ? follow(&f, url, err) : error_set(err, ERR_MEMORY, "no memory for a url");
    lib.curl_url_cleanup(f.url);
    mem_free(f.host);
    mem_free(f.first);
    mem_free(f.location);
    mem_free(f.type);
    if (rc < 0)
        text_buf_fini(&body);
    else
        *out = body;
    return rc;
}
