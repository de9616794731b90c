/* store_watch_test.c - waiting for changes, within a process and across. SPDX-License-Identifier:
 * MIT */
#include <signal.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

/* Far longer than any wake takes: whoever waits that long was not woken. */
enum { LONG_MS = 30000 };

TEST(the_first_look_returns_at_once_and_the_next_waits)
{
    struct error err;
    struct store *s = fixture_open("first");
    int64_t seen = 0;
    assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 1);
    assert_int_equal(store_watch(s, &seen, 0, &err), 0);
    assert_int_equal(store_watch(s, &seen, 5, &err), 0);
    store_close(s);
}

TEST(a_change_between_two_looks_is_not_lost)
{
    struct error err;
    struct store *s = fixture_open("between");
    int64_t seen = 0;
    CHECK_OK(store_watch(s, &seen, 0, &err), err);
    for (int i = 0; i < 50; i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "k%07d", i);
        fixture_key(s, prefix, NULL, 0);
        assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 1);
    }
    store_close(s);
}

TEST(what_writes_nothing_changes_nothing)
{
    struct error err;
    struct store *s = fixture_open("nothing");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    struct store_job held;
    fixture_admit(s, key, id);
    fixture_claim(s, "w", &held);
    int64_t seen = 0;
    CHECK_OK(store_watch(s, &seen, 0, &err), err);
    while (store_watch(s, &seen, 50, &err) > 0)
        ; /* the bells of what was written above */
    CHECK_OK(store_beat(s, id, held.token, FIXTURE_LEASE_US, &err), err);
    CHECK_ERR(store_cancel(s, key, "none", &err), ERR_NOT_FOUND);
    assert_int_equal(store_hand_on(s, "nobody", 3, &err), 0);
    assert_int_equal(store_watch(s, &seen, 50, &err), 0);
    store_job_fini(&held);
    store_close(s);
}

struct watcher {
    struct store *s;
    pthread_t thread;
    int64_t seen;
    int rc;
    atomic_int *n_ready;
};

static void *watch_once(void *arg)
{
    struct error err;
    struct watcher *w = arg;
    atomic_fetch_add(w->n_ready, 1);
    w->rc = store_watch(w->s, &w->seen, LONG_MS, &err);
    return NULL;
}

enum { WATCHERS = 8 };

static void start_watchers(struct store *s, struct watcher *w, atomic_int *n_ready)
{
    struct error err;
    int64_t seen = 0;
    while (store_watch(s, &seen, 50, &err) > 0)
        ;
    for (int i = 0; i < WATCHERS; i++) {
        w[i] = (struct watcher){.s = s, .seen = seen, .n_ready = n_ready};
        assert_int_equal(pthread_create(&w[i].thread, NULL, watch_once, &w[i]), 0);
    }
    while (atomic_load(n_ready) < WATCHERS)
        ;
}

TEST(every_watcher_is_woken_by_one_change)
{
    struct store *s = fixture_open("every");
    struct watcher w[WATCHERS];
    atomic_int n_ready = 0;
    start_watchers(s, w, &n_ready);
    fixture_key(s, "aaaaaaaa", NULL, 0);
    for (int i = 0; i < WATCHERS; i++) {
        pthread_join(w[i].thread, NULL);
        assert_int_equal(w[i].rc, 1);
    }
    store_close(s);
}

TEST(a_wake_ends_every_wait_without_a_change)
{
    struct store *s = fixture_open("wake");
    struct watcher w[WATCHERS];
    atomic_int n_ready = 0;
    start_watchers(s, w, &n_ready);
    store_wake(s);
    for (int i = 0; i < WATCHERS; i++) {
        pthread_join(w[i].thread, NULL);
        assert_int_equal(w[i].rc, 0);
    }
    store_close(s);
}

TEST(a_wake_just_before_a_wait_ends_it_too)
{
    struct error err;
    struct store *s = fixture_open("early-wake");
    int64_t seen = 0;
    CHECK_OK(store_watch(s, &seen, 0, &err), err);
    store_wake(s);
    assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 0);
    assert_int_equal(store_watch(s, &seen, 5, &err), 0);
    store_close(s);
}

/* ---- across processes ---------------------------------------------------------------------- */

/* A child with a store of its own that writes once per byte it is sent. */
struct writer {
    pid_t pid;
    int ask;
    int answer;
};

static void serve_writes(const char *name, int ask, int answer)
{
    struct store *s = fixture_open(name);
    char byte;
    int n = 0;
    while (read(ask, &byte, 1) == 1) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "w%07d", n++);
        fixture_key(s, prefix, NULL, 0);
        if (write(answer, &byte, 1) != 1)
            break;
    }
    store_close(s);
    _exit(0);
}

static struct writer start_writer(const char *name)
{
    int ask[2];
    int answer[2];
    struct writer w = {.pid = -1};
    assert_int_equal(pipe(ask), 0);
    assert_int_equal(pipe(answer), 0);
    w.pid = fork();
    if (w.pid == 0) {
        close(ask[1]);
        serve_writes(name, ask[0], answer[1]);
    }
    close(ask[0]);
    close(answer[1]);
    w.ask = ask[1];
    w.answer = answer[0];
    return w;
}

static void ask_write(const struct writer *w)
{
    assert_int_equal(write(w->ask, "x", 1), 1);
}

static void stop_writer(const struct writer *w)
{
    int status = -1;
    close(w->ask);
    close(w->answer);
    assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
    assert_int_equal(status, 0);
}

static void be_woken(const char *name, int n_times)
{
    struct error err;
    char byte;
    const struct writer w = start_writer(name); /* before this process has threads */
    struct store *s = fixture_open(name);
    int64_t seen = 0;
    CHECK_OK(store_watch(s, &seen, 0, &err), err);
    for (int i = 0; i < n_times; i++) {
        char prefix[16];
        struct store_key key;
        snprintf(prefix, sizeof prefix, "w%07d", i);
        ask_write(&w);
        /* Woken, the write is visible; a wake that comes for an earlier one is allowed. */
        while (store_key_by_prefix(s, prefix, &key, &err) == ERR_NOT_FOUND)
            assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 1);
        assert_int_equal(read(w.answer, &byte, 1), 1);
    }
    store_close(s);
    stop_writer(&w);
}

TEST(a_write_of_another_process_wakes_each_time)
{
    be_woken("across", 200);
}

TEST(a_process_that_is_killed_after_its_commit_wakes_as_well)
{
    struct error err;
    char byte;
    const struct writer w = start_writer("killed");
    struct store *s = fixture_open("killed");
    ask_write(&w);
    assert_int_equal(read(w.answer, &byte, 1), 1);
    int64_t seen = 0;
    while (store_watch(s, &seen, 50, &err) > 0)
        ;
    kill(w.pid, SIGKILL);
    assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 1);
    store_close(s);
    close(w.ask);
    close(w.answer);
    waitpid(w.pid, NULL, 0);
}

/* Without its door's name inotify cannot be asked; the store polls. */
TEST(without_inotify_changes_are_still_told)
{
    struct error err;
    char byte;
    const struct writer w = start_writer("polled");
    ask_write(&w);
    assert_int_equal(read(w.answer, &byte, 1), 1);
    struct store *s = fixture_open("polled");
    char door[160];
    snprintf(door, sizeof door, "%s-door", fixture_path("polled"));
    assert_int_equal(unlink(door), 0);
    int64_t seen = 0;
    CHECK_OK(store_watch(s, &seen, 0, &err), err);
    for (int i = 0; i < 3; i++) {
        ask_write(&w);
        assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 1);
        assert_int_equal(read(w.answer, &byte, 1), 1);
    }
    fixture_key(s, "aaaaaaaa", NULL, 0);
    assert_int_equal(store_watch(s, &seen, LONG_MS, &err), 1);
    store_close(s);
    stop_writer(&w);
}
