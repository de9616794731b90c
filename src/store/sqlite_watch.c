/* sqlite_watch.c - waiting until somebody, in any process, wrote.
 *
 * One thread per store, started by the first that waits, hears the bell of the door (inotify)
 * and counts; those who wait compare the count with what they saw last. Where there is no
 * inotify the thread asks SQLite for the version of the data, a few times a second, and the own
 * commits count at once.
 *
 * A count is the number of changes and, in its low bits, of wakes: a wake that comes just before
 * a wait ends it, too.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "store/sqlite_impl.h"

enum { POLL_MS = 200, WAKE_BITS = 16, WAKE_MASK = (1 << WAKE_BITS) - 1 };

void sqlite_watch_init(struct sqlite_store *s)
{
    struct sqlite_watch *w = &s->watch;
    thread_cond_init(&w->changed);
    pthread_mutex_init(&w->lock, NULL);
    w->inotify_fd = -1;
    w->stop_fd = -1;
    w->n_changes = 1; /* whoever has seen nothing returns at once */
}

static void count_change(struct sqlite_watch *w)
{
    pthread_mutex_lock(&w->lock);
    w->n_changes++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* The bell tells own commits as well as others'. */
void sqlite_watch_committed(struct sqlite_store *s)
{
    struct sqlite_watch *w = &s->watch;
    pthread_mutex_lock(&w->lock);
    bool polls = w->running && w->inotify_fd < 0;
    pthread_mutex_unlock(&w->lock);
    if (polls)
        count_change(w);
}

static bool bell_rang(struct sqlite_watch *w)
{
    char events[4096] __attribute__((aligned(8)));
    bool rang = false;
    while (read(w->inotify_fd, events, sizeof events) > 0)
        rang = true;
    return rang;
}

/* A version that cannot be read counts as a change: whoever waits then meets the error itself. */
static bool data_changed(struct sqlite_watch *w)
{
    struct error err;
    SCOPED(query) struct query q = query_begin(w->conn, "PRAGMA data_version");
    int64_t now = query_row(&q, &err) > 0 ? query_column(&q, 0) : w->version + 1;
    bool changed = now != w->version;
    w->version = now;
    return changed;
}

static void *watch(void *arg)
{
    struct sqlite_watch *w = arg;
    bool polls = w->inotify_fd < 0;
    struct pollfd fds[] = {{.fd = w->stop_fd, .events = POLLIN},
                           {.fd = w->inotify_fd, .events = POLLIN}};
    for (;;) {
        poll(fds, 2, polls ? POLL_MS : -1);
        if (fds[0].revents)
            return NULL;
        if (polls ? data_changed(w) : bell_rang(w))
            count_change(w);
    }
}

static void listen_to_bell(struct sqlite_store *s)
{
    struct sqlite_watch *w = &s->watch;
    w->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->inotify_fd < 0)
        return;
    if (inotify_add_watch(w->inotify_fd, door_path(s->door), IN_MODIFY | IN_CLOSE_WRITE) < 0) {
        close(w->inotify_fd);
        w->inotify_fd = -1;
    }
}

/* What is written from now on counts, also while the thread is only about to run. */
static int ask_for_versions(struct sqlite_store *s, struct error *err)
{
    struct sqlite_watch *w = &s->watch;
    if (!w->conn && conn_open(&w->conn, s->path, CONN_READ, err) < 0)
        return err->code;
    data_changed(w);
    return 0;
}

/* Under the lock. */
static int start(struct sqlite_store *s, struct error *err)
{
    struct sqlite_watch *w = &s->watch;
    if (w->running)
        return 0;
    if (w->stop_fd < 0)
        w->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (w->stop_fd < 0)
        return error_errno(err, errno, "watch the store");
    if (w->inotify_fd < 0)
        listen_to_bell(s);
    if (w->inotify_fd < 0 && ask_for_versions(s, err) < 0)
        return err->code;
    int rc = thread_start(&w->thread, watch, w, "watch the store", err);
    w->running = rc == 0;
    return rc;
}

void sqlite_watch_stop(struct sqlite_store *s)
{
    struct sqlite_watch *w = &s->watch;
    if (w->running) {
        eventfd_write(w->stop_fd, 1);
        pthread_join(w->thread, NULL);
    }
    conn_close(w->conn);
    if (w->inotify_fd >= 0)
        close(w->inotify_fd);
    if (w->stop_fd >= 0)
        close(w->stop_fd);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
}

static int64_t count_now(const struct sqlite_watch *w)
{
    return w->n_changes << WAKE_BITS | (w->n_wakes & WAKE_MASK);
}

int sqlite_watch_wait(struct store *base, int64_t *seen, int timeout_ms, struct error *err)
{
    struct sqlite_store *s = sqlite_of(base);
    struct sqlite_watch *w = &s->watch;
    int64_t deadline_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
    pthread_mutex_lock(&w->lock);
    int rc = start(s, err);
    while (rc == 0 && count_now(w) == *seen)
        if (timeout_ms < 0)
            pthread_cond_wait(&w->changed, &w->lock);
        else if (!thread_wait_until(&w->changed, &w->lock, deadline_us))
            break;
    if (rc == 0) {
        rc = w->n_changes != *seen >> WAKE_BITS;
        *seen = count_now(w);
    }
    pthread_mutex_unlock(&w->lock);
    return rc;
}

void sqlite_watch_wake(struct store *base)
{
    struct sqlite_watch *w = &sqlite_of(base)->watch;
    pthread_mutex_lock(&w->lock);
    w->n_wakes++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}
