/* resolve.c - see resolve.h. SPDX-License-Identifier: MIT */
#include "net/resolve.h"

#include <netdb.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

enum { ASK_US = 200 * 1000 }; /* how often cancelled is asked */

/* Shared by the thread that waits and the one that asks; the last to leave frees it. */
struct lookup {
    char *host;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock: */
    int holders;
    bool done;
    struct resolved found;
};

static void leave(struct lookup *l)
{
    pthread_mutex_lock(&l->lock);
    bool last = --l->holders == 0;
    pthread_mutex_unlock(&l->lock);
    if (!last)
        return;
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    mem_free(l->host);
    mem_free(l);
}

static void ask_system(const char *host, struct resolved *out)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    out->n = 0;
    if (getaddrinfo(host, NULL, &hints, &list) != 0)
        return;
    for (const struct addrinfo *a = list; a && out->n < RESOLVE_MOST; a = a->ai_next)
        memcpy(&out->at[out->n++], a->ai_addr, a->ai_addrlen);
    freeaddrinfo(list);
}

static void *run_lookup(void *arg)
{
    struct lookup *l = arg;
    struct resolved found;
    ask_system(l->host, &found);
    pthread_mutex_lock(&l->lock);
    l->found = found;
    l->done = true;
    pthread_cond_signal(&l->changed);
    pthread_mutex_unlock(&l->lock);
    leave(l);
    return NULL;
}

static struct lookup *lookup_new(const char *host)
{
    struct lookup *l = mem_alloc(sizeof *l);
    l->host = mem_dup(host);
    l->holders = 2;
    thread_cond_init(&l->changed);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

/* True when the answer is there; false when deadline or cancelled came first. */
static bool wait_for(struct lookup *l, const struct fetch_limits *limits, int64_t deadline_us)
{
    pthread_mutex_lock(&l->lock);
    while (!l->done) {
        int64_t until = clock_mono_us();
        if (until >= deadline_us || (limits->cancelled && limits->cancelled(limits->cancelled_arg)))
            break;
        until = until + ASK_US < deadline_us ? until + ASK_US : deadline_us;
        thread_wait_until(&l->changed, &l->lock, until);
    }
    bool done = l->done;
    pthread_mutex_unlock(&l->lock);
    return done;
}

static int resolve_by_system(const char *host, const struct fetch_limits *limits,
                             int64_t deadline_us, struct resolved *out, struct error *err)
{
    struct lookup *l = lookup_new(host);
    pthread_t thread;
    if (thread_start(&thread, run_lookup, l, "look up a host", err) < 0) {
        l->holders = 1;
        leave(l);
        return err->code;
    }
    pthread_detach(thread);
    bool done = wait_for(l, limits, deadline_us);
    if (done)
        *out = l->found;
    leave(l);
    if (done)
        return 0;
    if (clock_mono_us() >= deadline_us)
        return error_set(err, ERR_TIMEOUT, "looking up %s took too long", host);
    return error_set(err, ERR_CANCELLED, "cancelled while looking up %s", host);
}

int resolve_host(const char *host, const struct fetch_limits *limits, int64_t deadline_us,
                 struct resolved *out, struct error *err)
{
    int rc = 0;
    struct resolved found = {.n = 0};
    if (limits->resolver)
        found.n = limits->resolver(limits->resolver_arg, host, found.at, RESOLVE_MOST);
    else
        rc = resolve_by_system(host, limits, deadline_us, &found, err);
    if (rc < 0)
        return rc;
    if (found.n <= 0)
        return error_set(err, ERR_NOT_FOUND, "%s has no address", host);
    *out = found;
    return 0;
}
