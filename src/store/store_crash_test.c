/* store_crash_test.c - a process is killed at any instant; nothing that was told is lost.
 *
 * A child works on a store in a loop and says over a pipe what it was told. It is killed; what
 * it had heard of must be there, and the invariants must hold.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/fixture.h"
#include "unit.h"

enum { ROUNDS = 30, IN_FLIGHT = 16, MOST_TOLD = 200000 };

/* What the child says, whole in one write. */
struct told {
    char what; /* 'a' admitted, 'f' finished, 'c' cancelled */
    char id[HASH_ID_SIZE];
};

static void say(int fd, char what, const char *id)
{
    struct told t = {.what = what};
    memcpy(t.id, id, HASH_ID_SIZE);
    if (write(fd, &t, sizeof t) != sizeof t)
        _exit(1);
}

struct creator {
    struct store_admission a;
    struct store *s;
    int64_t key;
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
};

static void hear(struct store_admission *a)
{
    struct creator *c = a->arg;
    if (a->rc == 0)
        say(c->fd, 'a', a->id);
    pthread_mutex_lock(&c->lock);
    c->done = true;
    pthread_cond_signal(&c->told);
    pthread_mutex_unlock(&c->lock);
}

static void *create_for_ever(void *arg)
{
    struct creator *c = arg;
    for (;;) {
        c->a = fixture_admission(c->key);
        c->a.queued_max = 20000;
        c->a.done = hear;
        c->a.arg = c;
        c->done = false;
        store_admit(c->s, &c->a);
        pthread_mutex_lock(&c->lock);
        while (!c->done)
            pthread_cond_wait(&c->told, &c->lock);
        pthread_mutex_unlock(&c->lock);
        if (c->a.rc < 0 && c->a.rc != ERR_BUSY)
            abort();
    }
    return NULL;
}

static void end_one(struct store *s, int64_t key, int fd, int turn)
{
    struct error err;
    SCOPED(store_job) struct store_job job = {0};
    const struct store_claim wish = {.worker = "worker", .lease_us = FIXTURE_LEASE_US};
    if (store_claim(s, &wish, &job, &err) < 0)
        return;
    if (store_progress(s, job.id, job.token, "render", 0.5, &err) < 0)
        abort();
    if (turn % 4 == 3) {
        if (store_cancel(s, key, job.id, &err) == 0)
            say(fd, 'c', job.id);
    } else if (turn % 4 == 2) {
        if (store_release(s, job.id, job.token, &err) < 0)
            abort();
    } else {
        fixture_finish(s, &job);
        say(fd, 'f', job.id);
    }
}

static void work_until_killed(int fd)
{
    static struct creator creators[IN_FLIGHT];
    struct store *s = fixture_open("crash");
    int64_t key = fixture_key_now(s, "aaaaaaaa").id;
    pthread_t thread;
    for (int i = 0; i < IN_FLIGHT; i++) {
        creators[i] = (struct creator){.s = s, .key = key, .fd = fd};
        pthread_mutex_init(&creators[i].lock, NULL);
        pthread_cond_init(&creators[i].told, NULL);
        if (pthread_create(&thread, NULL, create_for_ever, &creators[i]) != 0)
            abort();
    }
    for (int turn = 0;; turn++)
        end_one(s, key, fd, turn);
}

/* Until it said enough and a random moment more, then to its death. */
static size_t read_and_kill(pid_t pid, int fd, struct told *out)
{
    size_t n = 0;
    unsigned short us;
    hash_random(&us, sizeof us);
    struct timespec moment = {.tv_nsec = us * 1000L};
    if (read(fd, &out[n], sizeof *out) == sizeof *out)
        n++;
    nanosleep(&moment, NULL);
    kill(pid, SIGKILL);
    while (n < MOST_TOLD && read(fd, &out[n], sizeof *out) == sizeof *out)
        n++;
    waitpid(pid, NULL, 0);
    return n;
}

static void check_told(struct store *s, const struct told *told, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        SCOPED(store_job) struct store_job job = fixture_get(s, told[i].id);
        if (told[i].what == 'f')
            assert_int_equal(job.state, JOB_COMPLETED);
        if (told[i].what == 'c')
            assert_int_equal(job.state, JOB_ERROR);
    }
}

/* The next round starts with what a supervisor does. */
static void hand_on(struct store *s)
{
    struct error err;
    CHECK_OK(store_hand_on(s, "worker", 1000, &err), err);
}

TEST(nothing_that_was_told_is_lost_when_a_process_is_killed)
{
    struct told *told = calloc(MOST_TOLD, sizeof *told);
    size_t n_all = 0;
    struct store *s = fixture_open("crash");
    fixture_key(s, "aaaaaaaa", NULL, 0);
    store_close(s);
    for (int round = 0; round < ROUNDS; round++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork(); /* no thread is running here */
        if (pid == 0) {
            close(fds[0]);
            work_until_killed(fds[1]);
        }
        close(fds[1]);
        size_t n = read_and_kill(pid, fds[0], told);
        close(fds[0]);
        s = fixture_open("crash");
        fixture_check(s);
        check_told(s, told, n);
        hand_on(s);
        fixture_check(s);
        store_close(s);
        n_all += n;
    }
    print_message("# %zu told in %d rounds\n", n_all, ROUNDS);
    assert_true(n_all >= ROUNDS);
    free(told);
}

/* ---- a disk that takes no more ------------------------------------------------------------- */

/* The limit of a file's size stands for the disk: writes past it fail as on a full one. */
static void set_room(rlim_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
}

static void fill_and_go_on(void)
{
    struct store *s = fixture_open("full");
    int64_t key = fixture_key(s, "aaaaaaaa", NULL, 0);
    char id[HASH_ID_SIZE];
    int n_refused = 0;
    signal(SIGXFSZ, SIG_IGN);
    fixture_admit(s, key, id);
    set_room(65536);
    for (int i = 0; i < 50; i++) {
        struct error err;
        struct store_job job;
        struct store_admission a = fixture_admission(key);
        if (store_admit_wait(s, &a) == 0)
            continue;
        n_refused++;
        if (a.rc != ERR_IO || store_get(s, a.id, &job, &err) != ERR_NOT_FOUND)
            abort();
    }
    if (n_refused < 10)
        abort();
    set_room(RLIM_INFINITY);
    fixture_admit(s, key, id);
    fixture_check(s);
    store_close(s);
    _exit(0);
}

TEST(a_full_disk_refuses_and_the_store_goes_on_when_there_is_room)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        fill_and_go_on();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}
