/* load.c - a small HTTP client that sends one request over and over, and says how fast and how
 * late.
 *
 *     load [-c CONNECTIONS] [-d SECONDS] ADDRESS PORT FILE
 *
 * FILE holds the whole request, head and body, as it shall go over the wire. Every connection has
 * one request under way at any time, on one thread with epoll. The answers must be HTTP/1.1 with
 * Content-Length; anything but status 200 counts as an error. One JSON object on standard output.
 *
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

enum { HEAD_MAX = 16384, EVENTS = 256, REQUEST_MAX = 64 << 20 };

struct connection {
    int fd;
    int64_t began_us;
    size_t sent;
    size_t n_head;       /* bytes of the answer kept so far, at most HEAD_MAX */
    int64_t n_body_left; /* -1 while the head is not complete */
    int status;
    char head[HEAD_MAX];
};

struct load {
    struct sockaddr_in to;
    struct text request;
    int epoll;
    int64_t ends_us;
    int64_t n_errors;
    int n_open;
    uint32_t *took_us;
    size_t n_took;
    size_t cap_took;
};

static void took(struct load *l, int64_t us)
{
    if (l->n_took == l->cap_took) {
        l->cap_took = l->cap_took ? l->cap_took * 2 : 1 << 16;
        l->took_us = mem_grow(l->took_us, l->cap_took * sizeof *l->took_us);
    }
    l->took_us[l->n_took++] = (uint32_t)us;
}

static void watch(struct load *l, struct connection *c, int op, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = c};
    if (epoll_ctl(l->epoll, op, c->fd, &e) < 0) {
        perror("load: epoll_ctl");
        exit(1);
    }
}

static void hang_up(struct load *l, struct connection *c)
{
    close(c->fd);
    c->fd = -1;
    l->n_open--;
}

/* False: the connection is broken. What does not fit now is sent when the socket has room. */
static bool send_more(struct load *l, struct connection *c)
{
    while (c->sent < l->request.len) {
        ssize_t n = send(c->fd, l->request.at + c->sent, l->request.len - c->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            watch(l, c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return true;
        }
        if (n < 0)
            return false;
        c->sent += (size_t)n;
    }
    return true;
}

static bool send_next(struct load *l, struct connection *c)
{
    c->sent = c->n_head = 0;
    c->n_body_left = -1;
    c->began_us = clock_mono_us();
    return send_more(l, c);
}

static bool open_one(struct load *l, struct connection *c)
{
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&l->to, sizeof l->to) < 0)
        return false;
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(l, c, EPOLL_CTL_ADD, EPOLLIN);
    l->n_open++;
    return send_next(l, c);
}

/* Read status and Content-Length once the head is whole. False: it is no answer. */
static bool parse_head(struct connection *c)
{
    char *end = memmem(c->head, c->n_head, "\r\n\r\n", 4);
    if (!end)
        return c->n_head < HEAD_MAX;
    *end = '\0';
    if (strncmp(c->head, "HTTP/1.1 ", 9) != 0)
        return false;
    c->status = (int)strtol(c->head + 9, NULL, 10);
    char *length = strcasestr(c->head, "\r\nContent-Length:");
    if (!length)
        return false;
    c->n_body_left = strtoll(length + 17, NULL, 10) -
                     (int64_t)(c->n_head - (size_t)(end + 4 - c->head));
    return true;
}

/* False: the connection is broken or not needed any more. */
static bool receive(struct load *l, struct connection *c)
{
    char body[HEAD_MAX];
    bool in_head = c->n_body_left < 0;
    ssize_t n = recv(c->fd, in_head ? c->head + c->n_head : body,
                     in_head ? HEAD_MAX - c->n_head : sizeof body, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0)
        return false;
    if (in_head) {
        c->n_head += (size_t)n;
        if (!parse_head(c))
            return false;
    } else {
        c->n_body_left -= n;
    }
    if (c->n_body_left != 0)
        return c->n_body_left > 0 || c->n_head < HEAD_MAX;
    int64_t now_us = clock_mono_us();
    took(l, now_us - c->began_us);
    l->n_errors += c->status != 200;
    return now_us < l->ends_us ? send_next(l, c) : (hang_up(l, c), true);
}

static void handle(struct load *l, const struct epoll_event *e)
{
    struct connection *c = e->data.ptr;
    bool good = true;
    if (e->events & EPOLLOUT) {
        watch(l, c, EPOLL_CTL_MOD, EPOLLIN);
        good = send_more(l, c);
    }
    if (good && e->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        good = receive(l, c);
    if (good)
        return;
    l->n_errors++;
    hang_up(l, c);
    if (clock_mono_us() < l->ends_us && !open_one(l, c) && c->fd >= 0)
        hang_up(l, c);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t quantile(const struct load *l, double q)
{
    return l->n_took ? l->took_us[(size_t)((double)(l->n_took - 1) * q)] : 0;
}

static void run(struct load *l, int n_connections, double seconds)
{
    struct connection *all = mem_alloc((size_t)n_connections * sizeof *all);
    int64_t began_us = clock_mono_us();
    l->ends_us = began_us + (int64_t)(seconds * 1e6);
    for (int i = 0; i < n_connections; i++)
        if (!open_one(l, &all[i])) {
            perror("load: connect");
            exit(1);
        }
    while (l->n_open > 0 && clock_mono_us() < l->ends_us + 10 * CLOCK_SECOND_US) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(l->epoll, events, EVENTS, 1000);
        for (int i = 0; i < n; i++)
            handle(l, &events[i]);
    }
    l->n_errors += l->n_open; /* never answered */
    double took_s = (double)(clock_mono_us() - began_us) / 1e6;
    qsort(l->took_us, l->n_took, sizeof *l->took_us, compare);
    printf("{\"requests\": %zu, \"seconds\": %.3f, \"rate\": %.1f, \"p50_us\": %u, \"p99_us\": %u, "
           "\"max_us\": %u, \"errors\": %lld}\n",
           l->n_took, took_s, (double)l->n_took / took_s, quantile(l, 0.5), quantile(l, 0.99),
           quantile(l, 1), (long long)l->n_errors);
    mem_free(all);
    mem_free(l->took_us);
}

int main(int argc, char **argv)
{
    int n_connections = 64;
    double seconds = 5;
    for (int option; (option = getopt(argc, argv, "c:d:")) != -1;) {
        if (option == 'c')
            n_connections = (int)strtol(optarg, NULL, 10);
        else if (option == 'd')
            seconds = strtod(optarg, NULL);
        else
            return 2;
    }
    struct error err;
    struct text_buf request;
    struct load l = {.to.sin_family = AF_INET, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (argc - optind != 3 || inet_pton(AF_INET, argv[optind], &l.to.sin_addr) != 1) {
        fprintf(stderr, "usage: load [-c CONNECTIONS] [-d SECONDS] ADDRESS PORT FILE\n");
        return 2;
    }
    l.to.sin_port = htons((uint16_t)strtol(argv[optind + 1], NULL, 10));
    if (file_read(argv[optind + 2], REQUEST_MAX, &request, &err) < 0) {
        fprintf(stderr, "load: %s\n", err.text);
        return 1;
    }
    l.request = (struct text){request.at, request.len};
    run(&l, n_connections, seconds);
    text_buf_fini(&request);
    return 0;
}
