/* supervise.c - see supervise.h. SPDX-License-Identifier: MIT */
#include "cli/supervise.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "worker/worker.h"

#define YOUNG_US        (5 * CLOCK_SECOND_US)   /* who dies before was not well started */
#define CALM_US         (300 * CLOCK_SECOND_US) /* who fails after is the first to fail */
#define FIRST_BACKOFF   (CLOCK_SECOND_US / 4)
#define LONGEST_BACKOFF (30 * CLOCK_SECOND_US)

extern char **environ;

struct child {
    pid_t pid; /* 0: none */
    char name[WORKER_PROCESS_SIZE];
    int64_t started_us; /* of clock_mono_us, as all here */
    int64_t due_us;     /* when to start the next        */
    int64_t backoff_us; /* 0: the last one did well      */
};

struct supervisor {
    const struct supervise_options *options;
    struct child *children;
    bool stopping;
    atomic_int n_alive;
};

struct supervisor *supervise_new(const struct supervise_options *options)
{
    struct supervisor *s = mem_alloc(sizeof *s);
    s->options = options;
    s->children = mem_alloc((size_t)options->n_workers * sizeof *s->children);
    return s;
}

void supervise_free(struct supervisor *s)
{
    if (!s)
        return;
    mem_free(s->children);
    mem_free(s);
}

int supervise_alive(const struct supervisor *s)
{
    return atomic_load(&s->n_alive);
}

static int spawn(const struct supervisor *s, struct child *c)
{
    const char *argv[64];
    char name_argument[sizeof c->name + 8];
    int n = 0;
    while (n < 62 && s->options->argv[n]) {
        argv[n] = s->options->argv[n];
        n++;
    }
    snprintf(name_argument, sizeof name_argument, "--name=%s", c->name);
    argv[n] = name_argument;
    argv[n + 1] = NULL;

    sigset_t none;
    sigset_t all;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                        POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawn_file_actions_init(&files);
    if (s->options->file)
        posix_spawn_file_actions_adddup2(&files, s->options->file, SUPERVISE_FILE);
    posix_spawn_file_actions_addclosefrom_np(&files, s->options->file ? SUPERVISE_FILE + 1
                                                                      : STDERR_FILENO + 1);
    int rc = posix_spawn(&c->pid, s->options->program, &files, &attr, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return rc;
}

static void set_back(struct child *c, int64_t now_us)
{
    c->backoff_us = c->backoff_us ? c->backoff_us * 2 : FIRST_BACKOFF;
    if (c->backoff_us > LONGEST_BACKOFF)
        c->backoff_us = LONGEST_BACKOFF;
    c->due_us = now_us + c->backoff_us;
}

static void start(struct supervisor *s, struct child *c, int64_t now_us)
{
    worker_process_name(c->name);
    c->started_us = now_us;
    int rc = spawn(s, c);
    if (rc == 0) {
        atomic_fetch_add(&s->n_alive, 1);
        log_debug("worker %s started as process %d", c->name, (int)c->pid);
        return;
    }
    c->pid = 0;
    set_back(c, now_us);
    log_error("start a worker: %s", strerror(rc));
}

/* A worker that says itself that it failed will fail again soon, however long its last film took:
 * the disk is full, the store broken. */
static void plan_next(struct child *c, int status, int64_t now_us)
{
    int64_t age_us = now_us - c->started_us;
    bool failed = WIFEXITED(status) && WEXITSTATUS(status) != 0;
    if (age_us >= (failed ? CALM_US : YOUNG_US))
        c->backoff_us = 0;
    c->due_us = now_us;
    if (failed || age_us < YOUNG_US)
        set_back(c, now_us);
}

static void reap(struct supervisor *s, struct child *c, int64_t now_us)
{
    int status = 0;
    pid_t pid = waitpid(c->pid, &status, WNOHANG);
    if (pid == 0 || (pid < 0 && errno != ECHILD))
        return;
    c->pid = 0;
    atomic_fetch_sub(&s->n_alive, 1);
    plan_next(c, status, now_us);
    s->options->died(s->options->arg, c->name, status);
}

int64_t supervise_step(struct supervisor *s)
{
    int64_t now = clock_mono_us();
    int64_t next = -1;
    for (int i = 0; i < s->options->n_workers; i++) {
        struct child *c = &s->children[i];
        if (c->pid)
            reap(s, c, now);
        if (!c->pid && !s->stopping && c->due_us <= now)
            start(s, c, now);
        if (!c->pid && !s->stopping && (next < 0 || c->due_us - now < next))
            next = c->due_us - now;
    }
    return next;
}

void supervise_stop(struct supervisor *s, int signal)
{
    s->stopping = true;
    for (int i = 0; i < s->options->n_workers; i++)
        if (s->children[i].pid)
            kill(s->children[i].pid, signal);
}
