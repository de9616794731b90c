/* serve.c - zoetrope serve: the HTTP server, and the processes and the thread around it.
 *
 * The main thread starts everything and then waits for signals: a dead child's job is handed on
 * and the child replaced; SIGTERM or SIGINT drains: no new requests, waiting ones answered,
 * workers told to finish or give back what they have; a second one ends it at once.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "account/key.h"
#include "api/api.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "blob/sign.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/janitor.h"
#include "cli/listener.h"
#include "cli/supervise.h"
#include "http/http.h"

enum {
    REPLY_GRACE_MS = 5000,      /* for replies under way when the server ends         */
    WORKER_ARGUMENTS = 32,      /* at most                                            */
    SLACK_US = 5 * 1000 * 1000, /* for a worker to end after its drain time, then -9  */
    OWN_FILES = 256,            /* not for connections: the store, blobs, videos sent */
    CONNECTIONS_LEAST = 16,
};

static const char copied_config[] = "/proc/self/fd/3";
_Static_assert(SUPERVISE_FILE == 3, "as the name above says");

struct serve {
    const struct config *config;
    struct data data;
    uint8_t secret[HASH_SIZE];
    struct api *api;
    struct http_server *http;
    struct janitor *janitor;
    struct supervisor *supervisor;
    struct supervise_options workers;
    char *worker_argv[WORKER_ARGUMENTS + 1];
    int n_worker_argv;
    sigset_t signals; /* those that the main thread waits for */
};

/* ---- workers ------------------------------------------------------------------------------- */

static void on_death(void *arg, const char *name, int status)
{
    struct serve *s = arg;
    struct error err;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM) /* that was us, early in its life */
        log_warn("worker %s was ended by signal %d", name, WTERMSIG(status));
    else if (WIFEXITED(status) && WEXITSTATUS(status))
        log_warn("worker %s ended with status %d", name, WEXITSTATUS(status));
    int n = store_hand_on(s->data.store, name, s->config->attempts, &err);
    if (n < 0)
        log_error("hand on the job of worker %s: %s", name, err.text);
    else if (n > 0)
        log_warn("the job of worker %s is handed on", name);
}

/* The config file as this server read it: a worker that is started after it was changed must know
 * the models that the server accepts jobs for. 0: there is none, or only the file as it is. */
static int copy_config(const struct config *c)
{
    struct error err = {.text = "no file in memory"};
    if (!c->file)
        return 0;
    const int fd = memfd_create("config", MFD_CLOEXEC);
    if (fd > 0 && file_write_fd(fd, text_of(c->file), &err) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    log_warn("workers read %s anew: %s", c->config, err.text);
    return 0;
}

static const char *value_for_worker(const struct serve *s, int i)
{
    const bool is_config = config_options[i].offset == offsetof(struct config, config);
    return is_config && s->workers.file ? copied_config : s->config->text[i];
}

/* Every setting that a worker reads travels as a flag, so that it has the server's own values; the
 * models are in the config file. */
static void make_worker_argv(struct serve *s)
{
    s->worker_argv[s->n_worker_argv++] = mem_dup("zoetrope");
    s->worker_argv[s->n_worker_argv++] = mem_dup("work");
    s->worker_argv[s->n_worker_argv++] = mem_printf("--supervised=%d", (int)getpid());
    for (int i = 0; config_options[i].name && s->n_worker_argv < WORKER_ARGUMENTS; i++)
        if ((config_options[i].uses & COMMAND_WORK) && *s->config->text[i])
            s->worker_argv[s->n_worker_argv++] =
                mem_printf("--%s=%s", config_options[i].name, value_for_worker(s, i));
}

static void prepare_workers(struct serve *s)
{
    s->workers = (struct supervise_options){
        .n_workers = s->config->workers,
        .file = copy_config(s->config),
        .program = "/proc/self/exe",
        .argv = (const char *const *)s->worker_argv,
        .died = on_death,
        .arg = s,
    };
    make_worker_argv(s);
    s->supervisor = supervise_new(&s->workers);
}

static int on_count_workers(void *arg)
{
    const struct serve *s = arg;
    return supervise_alive(s->supervisor);
}

/* ---- the server ---------------------------------------------------------------------------- */

/* What a client on this machine would type; "any address" is not one to connect to. */
static void print_url(const struct serve *s, char *out, size_t size)
{
    struct text host = {0};
    int port;
    listener_split(s->config->listen, &host, &port);
    if (text_equal(host, TEXT("0.0.0.0")))
        host = TEXT("127.0.0.1");
    if (text_equal(host, TEXT("::")))
        host = TEXT("::1");
    bool six = host.len && memchr(host.at, ':', host.len);
    snprintf(out, size, "%s://%s%.*s%s:%d", s->config->tls_certificate ? "https" : "http",
             six ? "[" : "", (int)host.len, host.at, six ? "]" : "", http_port(s->http));
}

/* As many connections as the system lets us have: one that could be taken but not served, for want
 * of a file, would be worse than one that is refused. */
static int connections_for(int wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return wanted;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= (rlim_t)wanted + OWN_FILES)
        return wanted;
    int most = (int)files.rlim_cur - OWN_FILES;
    most = most > CONNECTIONS_LEAST ? most : CONNECTIONS_LEAST;
    log_warn("%d open files are allowed: %d connections at once", (int)files.rlim_cur, most);
    return most;
}

static int start_http(struct serve *s, struct error *err)
{
    struct http_options options = http_options_default();
    options.listen = s->config->listen;
    options.tls_certificate = s->config->tls_certificate;
    options.tls_key = s->config->tls_key;
    options.body_total_max = s->config->body_total_max;
    options.header_ms = (int)(s->config->header_timeout / 1000);
    options.body_ms = (int)(s->config->body_timeout / 1000);
    options.idle_ms = (int)(s->config->idle_timeout / 1000);
    options.connections_max = connections_for(options.connections_max);
    api_fill(s->api, &options);
    return http_start(&s->http, &options, err);
}

static int start_api(struct serve *s, struct error *err)
{
    const struct api_options options = {
        .store = s->data.store,
        .blobs = s->data.blobs,
        .catalogue = &s->config->catalogue,
        .url_secret = s->secret,
        .public_url = s->config->public_url,
        .url_lifetime_s = s->config->url_lifetime / CLOCK_SECOND_US,
        .queued_max = s->config->queue_max,
        .workers = on_count_workers,
        .workers_arg = s,
    };
    return api_new(&s->api, &options, err);
}

static int announce(struct serve *s, struct error *err)
{
    char key[KEY_SIZE];
    char url[200];
    int rc = data_first_key(&s->data, s->config->data, key, err);
    if (rc < 0)
        return rc;
    print_url(s, url, sizeof url);
    api_listening(s->api, url, s->http);
    if (*key)
        printf("first key: %s (kept in %s/key)\n"
               "playground, signed in: %s/#key=%s\n",
               key, s->config->data, url, key);
    printf("listening on %s\n", url);
    fflush(stdout);
    log_info("zoetrope %s listens on %s with %d workers, data in %s", ZOETROPE_VERSION, url,
             s->config->workers, s->config->data);
    return 0;
}

static int start(struct serve *s, struct error *err)
{
    SCOPED(mem) char *secret = data_path(s->config->data, "secret");
    int rc = data_open(&s->data, s->config->data, err);
    if (rc == 0)
        rc = sign_secret(secret, s->secret, err);
    if (rc == 0)
        rc = start_api(s, err);
    prepare_workers(s); /* before the threads that ask how many there are */
    if (rc == 0)
        rc = start_http(s, err);
    if (rc == 0)
        rc = announce(s, err);
    if (rc == 0)
        rc = janitor_start(&s->janitor, s->data.store, s->data.blobs, s->config, err);
    return rc;
}

/* ---- signals and the end ------------------------------------------------------------------- */

/* Look after the children until a signal asks for an end or until_us (of clock_mono_us, 0: no
 * bound) or, when draining, the last child is gone. Returns that signal, 0 without one. */
static int watch(struct serve *s, int64_t until_us)
{
    for (;;) {
        int64_t wait_us = supervise_step(s->supervisor);
        int64_t left_us = until_us - clock_mono_us();
        if (until_us && (left_us <= 0 || supervise_alive(s->supervisor) == 0))
            return 0;
        if (until_us && (wait_us < 0 || left_us < wait_us))
            wait_us = left_us;
        struct timespec t = {.tv_sec = wait_us / CLOCK_SECOND_US,
                             .tv_nsec = wait_us % CLOCK_SECOND_US * 1000};
        int got = wait_us < 0 ? sigwaitinfo(&s->signals, NULL)
                              : sigtimedwait(&s->signals, NULL, &t);
        if (got == SIGTERM || got == SIGINT)
            return got;
    }
}

/* Returns how long replies under way may still take. */
static int drain(struct serve *s)
{
    log_info("draining");
    http_quiesce(s->http);
    api_drain(s->api);
    supervise_stop(s->supervisor, SIGTERM);
    int64_t until_us = clock_mono_us() + s->config->drain + SLACK_US;
    bool at_once = watch(s, until_us) != 0;
    if (supervise_alive(s->supervisor) > 0) {
        supervise_stop(s->supervisor, SIGKILL);
        while (supervise_alive(s->supervisor) > 0)
            watch(s, clock_mono_us() + CLOCK_SECOND_US);
    }
    return at_once ? 0 : REPLY_GRACE_MS;
}

/* From here on nobody waits for a signal: the next ends the process, however long the rest takes.
 * The store takes that well. */
static void let_signals_end_it(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
}

static void stop(struct serve *s, int grace_ms)
{
    let_signals_end_it();
    if (s->api)
        api_drain(s->api); /* also when the start failed: http_stop waits for those who wait */
    http_stop(s->http, grace_ms);
    janitor_stop(s->janitor);
    api_free(s->api);
    data_close(&s->data);
    supervise_free(s->supervisor);
    if (s->workers.file)
        close(s->workers.file);
    for (int i = 0; i < s->n_worker_argv; i++)
        mem_free(s->worker_argv[i]);
}

/* Blocked before any thread is made, so that the main thread alone gets them. */
static void block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct serve s = {.config = config};
    if (args->n_words)
        return command_misused("serve", "there is no use for %s", args->words[0]);
    block_signals(&s.signals);
    int grace_ms = 0;
    int rc = start(&s, &err);
    if (rc == 0) {
        watch(&s, 0);
        grace_ms = drain(&s);
    }
    stop(&s, grace_ms);
    if (rc == 0)
        log_info("ended");
    return rc < 0 ? command_failed(&err) : COMMAND_OK;
}

const struct command command_serve = {
    .name = "serve",
    .words = "",
    .summary = "Answer the API and make the videos.",
    .details =
        "On an empty data directory it makes the first key, prints it once and keeps it in\n"
        "DATA/key, and the address at which the playground is signed in with it. It prints one\n"
        "line with its address when it is ready. SIGTERM and\n"
        "SIGINT end it in good order, a second one at once; no accepted job is lost.\n",
    .uses = COMMAND_SERVE,
    .run = run,
};
