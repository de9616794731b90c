/* fetch.h - one guarded GET of something a stranger named.
 *
 * Only http and https. Every hop's host is resolved once, every address that came back is judged
 * (net/address.h), and the connection is pinned to the judged addresses, so a second look-up can
 * not change them. Redirects are followed by us, at most fetch_limits.redirects, each judged
 * anew; one from https down to http is refused. No proxy of the environment, no cookies, no
 * credentials but the caller's token, no other protocols, no more than 64 KiB of header. libcurl
 * stays inside, loaded on first use. The process must ignore SIGPIPE.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/text.h"

/* Answer a host name with addresses, as getaddrinfo would: at most max of them into out, returns
 * how many, 0 for none. For tests; NULL means the system's. */
typedef int fetch_resolver(void *arg, const char *host, struct sockaddr_storage *out, int max);

enum { FETCH_URL_MAX = 8192 }; /* bytes */

struct fetch_limits {
    size_t bytes; /* of the body */
    int connect_ms;
    int total_ms; /* over all hops */
    int redirects;
    const char *allow; /* space-separated CIDR ranges ("127.0.0.0/8 ::1/128") that are allowed
                          although forbidden by default; NULL or "" for none */
    const char *const *types; /* NULL-terminated media types of the answer that are accepted, a
                                 trailing slash for a whole family ("image/"); NULL for any; an
                                 answer that names no type is accepted */
    const char
        *token; /* sent as a bearer, to the scheme, host and port of the url alone; NULL: none */
    fetch_resolver *resolver;
    void *resolver_arg;
    bool (*cancelled)(void *arg); /* asked every 200 ms at the latest; may be NULL */
    void *cancelled_arg;
};

/* 20 MB, 10 s, 30 s, 5 redirects, nothing forbidden allowed, any type. */
struct fetch_limits fetch_limits_default(void);

/* Is libcurl there? ERR_IO says what is missing. */
int fetch_ready(struct error *err) MUST_CHECK;

/* Get url into *out (text_buf_fini by the caller). Blocks.
 * ERR_INVALID the url, its scheme, a user name in it; ERR_DENIED an address, with the host and the
 * kind of address ("10.0.0.7 is a private address"), or the redirects; ERR_NOT_FOUND the host has
 * no address or the answer is not 200, with the status; ERR_TIMEOUT; ERR_CANCELLED; ERR_IO the
 * connection, the length, the TLS; ERR_BUSY too large, with the limit; ERR_CORRUPT the type, with
 * the type. */
int fetch_get(const char *url, const struct fetch_limits *limits, struct text_buf *out,
              struct error *err) MUST_CHECK;
