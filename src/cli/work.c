/* work.c - zoetrope work: a worker alone, or a child of zoetrope serve. SPDX-License-Identifier:
 * MIT */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/janitor.h"
#include "worker/worker.h"

enum {
    ABANDON_US = 5 * 1000 * 1000,
    REMIND_NS = 50 * 1000 * 1000, /* between two calls of worker_drain */
};

struct work_options {
    char *name;
    int supervised; /* process id of the server; 0: alone */
};

#define AT(member) offsetof(struct work_options, member)

static const struct option options[] = {
    {.name = "name",
     .type = OPTION_TEXT,
     .offset = AT(name),
     .value = "NAME",
     .max = 120,
     .help = "Of this process, unique among all workers. Default: made up."},
    {.name = "supervised",
     .type = OPTION_INT,
     .offset = AT(supervised),
     .value = "PID",
     .min = 1,
     .max = INT32_MAX,
     .help = "Process id of the parent that started it: drain when that ends."},
    {0},
};

/* The thread that turns signals into worker_drain. */
struct listener {
    struct worker *worker;
    const sigset_t *signals;
    pthread_t thread;
    atomic_bool ended;
};

static void *listen_for_signals(void *arg)
{
    struct listener *l = arg;
    const struct timespec remind = {.tv_nsec = REMIND_NS};
    int asked = 0;
    while (!atomic_load(&l->ended)) {
        int got = asked ? sigtimedwait(l->signals, NULL, &remind) : sigwaitinfo(l->signals, NULL);
        if (got == SIGTERM || got == SIGINT)
            asked++;
        if (got == SIGUSR2 && !asked)
            asked = 1;
        if (asked)
            worker_drain(l->worker, asked > 1);
    }
    return NULL;
}

/* Blocked before any thread is made, so that the listener alone gets them. */
static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGUSR1); /* wakes the listener at the end                                */
    sigaddset(set, SIGUSR2); /* the parent is dead: one for each of its threads, so that a second
                                one does not mean more haste */
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

static void stop_listener(struct listener *l)
{
    atomic_store(&l->ended, true);
    pthread_kill(l->thread, SIGUSR1);
    pthread_join(l->thread, NULL);
}

/* A worker handles what strangers sent: no memory of it on disk, no way to more rights; and it
 * does not outlive its server. False: the server is gone already. */
static bool settle_in(int supervised)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!supervised)
        return true;
    prctl(PR_SET_PDEATHSIG, SIGUSR2);
    return getppid() == supervised;
}

/* What a worker process is made of. */
struct work {
    const struct config *config;
    const char *name;
    bool supervised;
    sigset_t signals;
    struct data data;
};

static int work(const struct work *w, struct error *err)
{
    SCOPED(mem) char *kept = data_path(w->config->data, DATA_KEPT);
    int rc = file_make_folders(kept, 0700, err);
    if (rc < 0)
        return rc;
    const struct worker_options worker_options = {
        .store = w->data.store,
        .blobs = w->data.blobs,
        .catalogue = &w->config->catalogue,
        .name = w->name,
        .fetch_allow = w->config->fetch_allow,
        .kept = kept,
        .turn = w->config->data,
        .lease_us = w->config->lease,
        .abandon_us = ABANDON_US,
        .attempts_max = w->config->attempts,
        .drain_us = w->config->drain,
    };
    struct worker *worker = worker_new(&worker_options);
    struct listener listener = {.worker = worker, .signals = &w->signals};
    rc = thread_start(&listener.thread, listen_for_signals, &listener, "listen for signals", err);
    if (rc == 0) {
        rc = worker_run(worker, err);
        stop_listener(&listener);
    }
    worker_free(worker);
    return rc;
}

/* With nobody else at the store, it must itself take back what a dead worker left. */
static int work_with_janitor(const struct work *w, struct error *err)
{
    struct janitor *janitor = NULL;
    int rc = janitor_start(&janitor, w->data.store, NULL, w->config, err);
    if (rc == 0)
        rc = work(w, err);
    janitor_stop(janitor);
    return rc;
}

static int open_and_work(struct work *w, struct error *err)
{
    block_signals(&w->signals);
    int rc = data_open(&w->data, w->config->data, err);
    if (rc < 0)
        return rc;
    log_debug("works on %s as %s", w->config->data, w->name);
    rc = w->supervised ? work(w, err) : work_with_janitor(w, err);
    data_close(&w->data);
    return rc;
}

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct work_options o = {0};
    if (args->n_words)
        return command_misused("work", "there is no use for %s", args->words[0]);
    if (option_apply(options, &o, args, &err) < 0)
        return command_misused("work", "%s", err.text);
    char log_name[32];
    snprintf(log_name, sizeof log_name, "worker[%d]", (int)getpid());
    log_set_name(log_name);
    char made_up[WORKER_PROCESS_SIZE];
    worker_process_name(made_up);
    struct work w = {
        .config = config, .name = o.name ? o.name : made_up, .supervised = o.supervised != 0};
    int rc = settle_in(o.supervised) ? open_and_work(&w, &err) : 0;
    option_fini(options, &o);
    return rc < 0 ? command_failed(&err) : COMMAND_OK;
}

const struct command command_work = {
    .name = "work",
    .words = "",
    .summary = "Make the videos of a data directory's jobs, without a server.",
    .details = "Any number of workers and servers may use one data directory. SIGTERM and SIGINT\n"
               "end it when the running job is done; after the drain time, or at a second one,\n"
               "the job goes back to the queue.\n",
    .options = options,
    .uses = COMMAND_WORK,
    .run = run,
};
