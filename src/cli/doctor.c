/* doctor.c - zoetrope doctor: what is wrong with this machine's setup, and how to mend it.
 *
 * SPDX-License-Identifier: MIT */
#include <cairo.h>
#include <errno.h>
#include <librsvg/rsvg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/lazy.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/listener.h"
#include "net/fetch.h"
#include "storyboard/lexicon.h"
#include "storyboard/pack.h"
#include "worker/film.h"

enum { LEAST_FREE_MB = 100, GOOD_FREE_MB = 1000, FILM_FRAMES = 6 };

#define FIRST_SENSIBLE_DAY "2025-01-01" /* before that no release of the program existed */

extern char **environ;

struct doctor {
    const struct config *config;
    int n_warned;
    int n_broken;
};

enum verdict { GOOD, WARNING, BROKEN, VERDICTS };

/* One line: what was looked at and what it is; then how to mend it, "" when nothing is. */
static void say(struct doctor *d, enum verdict v, const char *what, const char *mend,
                const char *fmt, ...) PRINTF(5, 6);

static void say(struct doctor *d, enum verdict v, const char *what, const char *mend,
                const char *fmt, ...)
{
    static const char *const words[VERDICTS] = {
        [GOOD] = "ok", [WARNING] = "warning", [BROKEN] = "BROKEN"};
    d->n_warned += v == WARNING;
    d->n_broken += v == BROKEN;
    printf("%-8s %-16s ", words[v], what);
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    if (v != GOOD && *mend)
        printf("%-8s %-16s mend: %s\n", "", "", mend);
}

/* ---- settings ------------------------------------------------------------------------------ */

static bool is_setting(struct text name)
{
    static const char *const others[] = {"ZOETROPE_CRASH_AT", "ZOETROPE_CRASH_MARK"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_equal(name, text_of(others[i])))
            return true;
    for (int i = 0; config_options[i].name; i++) {
        char known[OPTION_ENV_SIZE];
        option_env_name(&config_options[i], known);
        if (text_equal(name, text_of(known)))
            return true;
    }
    return false;
}

static void check_environment(struct doctor *d)
{
    for (char **e = environ; *e; e++) {
        struct text rest = text_of(*e);
        struct text name = text_cut(&rest, '=');
        if (text_starts(name, TEXT("ZOETROPE_")) && !is_setting(name))
            say(d, WARNING, "environment", "zoetrope serve --help lists the settings",
                "%.*s is not a setting", (int)name.len, name.at);
    }
}

static void show_settings(const struct doctor *d)
{
    printf("settings\n");
    for (int i = 0; config_options[i].name; i++)
        printf("  %-18s %-30s %s\n", config_options[i].name,
               *d->config->text[i] ? d->config->text[i] : "-",
               config_source_name(d->config->source[i]));
    printf("models\n");
    for (int i = 0; i < d->config->catalogue.n_rows; i++) {
        const struct model *m = &d->config->catalogue.rows[i];
        printf("  %-18s engine %s, %lld credits, %dx%d, %d frames at %d fps\n", m->id, m->engine,
               (long long)m->credits, m->width, m->height, m->n_frames, m->fps);
    }
    printf("\n");
}

/* ---- the data directory -------------------------------------------------------------------- */

/* The folder itself, or the nearest one above it that is there; mem_free by the caller. */
static char *nearest_folder(const char *path)
{
    char *p = mem_dup(path);
    while (access(p, F_OK) != 0) {
        char *slash = strrchr(p, '/');
        if (!slash || slash == p) {
            mem_free(p);
            return mem_dup(slash ? "/" : ".");
        }
        *slash = 0;
    }
    return p;
}

static void check_folder(struct doctor *d)
{
    const char *path = d->config->data;
    struct stat st;
    SCOPED(mem) char *above = nearest_folder(path);
    if (strcmp(above, path) != 0) {
        bool can = access(above, W_OK | X_OK) == 0;
        say(d, can ? GOOD : BROKEN, "data directory", "give --data a folder that you may make",
            "%s is not there; serve %s make it", path, can ? "will" : "cannot");
        return;
    }
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        say(d, BROKEN, "data directory", "give --data a folder", "%s is not a folder", path);
    else if (access(path, R_OK | W_OK | X_OK) != 0)
        say(d, BROKEN, "data directory", "run as its owner, or chown it", "%s is not writable",
            path);
    else if (st.st_uid != geteuid())
        say(d, WARNING, "data directory", "run as its owner, or chown it",
            "%s belongs to user %u, this is user %u", path, st.st_uid, geteuid());
    else if (st.st_mode & 077)
        say(d, WARNING, "data directory", "chmod 700 it: keys and videos lie there",
            "%s is open to others (mode %03o)", path, st.st_mode & 0777);
    else
        say(d, GOOD, "data directory", "", "%s", path);
}

static void check_disk(struct doctor *d)
{
    struct error err;
    SCOPED(mem) char *above = nearest_folder(d->config->data);
    int64_t bytes = file_free_bytes(above, &err);
    int64_t mb = bytes / 1000000;
    if (bytes < 0)
        say(d, BROKEN, "disk", "", "%s", err.text);
    else
        say(d,
            mb < LEAST_FREE_MB  ? BROKEN
            : mb < GOOD_FREE_MB ? WARNING
                                : GOOD,
            "disk", "make room, or keep finished videos for a shorter time (--keep)",
            "%lld MB free", (long long)mb);
}

static void check_store(struct doctor *d)
{
    struct error err;
    struct data data;
    SCOPED(mem) char *db = data_path(d->config->data, "zoetrope.db");
    if (access(db, F_OK) != 0) {
        say(d, GOOD, "store", "", "not there yet");
        return;
    }
    int rc = data_open(&data, d->config->data, &err);
    if (rc == 0) {
        rc = store_check(data.store, &err);
        data_close(&data);
    }
    if (rc < 0)
        say(d, BROKEN, "store", "put back a backup of the data directory", "%s", err.text);
    else
        say(d, GOOD, "store", "", "jobs, keys and ledger agree");
}

/* ---- libraries and the engine -------------------------------------------------------------- */

/* What only workers load, by one function each. */
static void check_libraries(struct doctor *d)
{
    __typeof__(&cairo_version_string) cairo = NULL;
    __typeof__(&rsvg_handle_new_from_data) rsvg = NULL;
    const struct {
        const char *name;
        const char *package;
        struct lazy_call call;
    } rows[] = {
        {"libcairo.so.2", "apt install libcairo2", {"cairo_version_string", (void **)&cairo}},
        {"librsvg-2.so.2", "apt install librsvg2-2", {"rsvg_handle_new_from_data", (void **)&rsvg}},
    };
    struct error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int rc = lazy_load(rows[i].name, &rows[i].call, 1, &err);
        say(d, rc < 0 ? BROKEN : GOOD, "library", rows[i].package, "%s",
            rc < 0 ? err.text : rows[i].name);
    }
    int rc = fetch_ready(&err);
    say(d, rc < 0 ? BROKEN : GOOD, "library", "apt install libcurl4", "%s",
        rc < 0 ? err.text : "libcurl.so.4");
}

static void check_assets(struct doctor *d)
{
    struct error err;
    int rc = pack_check(&err);
    if (rc < 0)
        say(d, BROKEN, "pictures", "build or install the program again", "%s", err.text);
    else
        say(d, GOOD, "pictures", "", "%d are built in", pack_count());
    rc = lexicon_check(&err);
    if (rc < 0)
        say(d, BROKEN, "lexicon", "build or install the program again", "%s", err.text);
    else
        say(d, GOOD, "lexicon", "", "%d words are built in", lexicon_words());
}

static void ignore_progress(void *arg, const char *stage, double done)
{
    (void)arg;
    (void)stage;
    (void)done;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* The proof of all libraries together: a film of a few small frames. */
static void check_film(struct doctor *d)
{
    struct error err;
    char path[] = "/tmp/zoetrope-doctor-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) {
        say(d, BROKEN, "film", "make /tmp writable", "%s: %s", path, strerror(errno));
        return;
    }
    close(fd);
    struct model model = d->config->catalogue.rows[0];
    model.engine = "storyboard";
    model.path = NULL;
    model.width = 320;
    model.height = 180;
    model.n_frames = FILM_FRAMES;
    const struct film_request request = {
        .model = &model, .prompt = TEXT("a red fox runs in the snow"), .path = path};
    const struct film_hooks hooks = {.progress = ignore_progress, .cancelled = never};
    struct film_result film;
    int64_t begun = clock_mono_us();
    int rc = film_make(&request, &hooks, &film, &err);
    if (rc < 0)
        say(d, BROKEN, "film", "apt install libavformat59 libavcodec59 librsvg2-2", "%s", err.text);
    else
        say(d, GOOD, "film", "", "%d frames of %dx%d drawn and encoded in %.2f s",
            film.mp4.n_frames, film.width, film.height,
            (double)(clock_mono_us() - begun) / CLOCK_SECOND_US);
    film_result_fini(&film);
    unlink(path);
}

/* ---- the machine --------------------------------------------------------------------------- */

static void check_port(struct doctor *d)
{
    struct error err;
    char owner[LISTENER_OWNER_SIZE];
    int rc = listener_probe(d->config->listen, owner, &err);
    if (rc == 0)
        say(d, GOOD, "port", "", "%s is free", d->config->listen);
    else if (rc == ERR_BUSY && strncmp(owner, "zoetrope ", 9) == 0)
        say(d, GOOD, "port", "", "%s", err.text);
    else
        say(d, rc == ERR_BUSY ? WARNING : BROKEN, "port",
            "end that process, or give another --listen", "%s", err.text);
}

static void check_clock(struct doctor *d)
{
    char now[CLOCK_ISO_SIZE];
    int64_t first = 0;
    clock_iso(clock_now_us(), now);
    clock_iso_parse(TEXT(FIRST_SENSIBLE_DAY), false, &first);
    say(d, clock_now_us() < first ? BROKEN : GOOD, "clock",
        "set it: the urls of videos expire by it", "%s", now);
}

static int run(const struct config *config, const struct arguments *args)
{
    struct doctor d = {.config = config};
    if (args->n_words)
        return command_misused("doctor", "there is no use for %s", args->words[0]);
    printf("zoetrope %s\n\n", ZOETROPE_VERSION);
    show_settings(&d);
    check_environment(&d);
    check_folder(&d);
    check_disk(&d);
    check_store(&d);
    check_libraries(&d);
    check_assets(&d);
    check_film(&d);
    check_port(&d);
    check_clock(&d);
    printf("\n%d broken, %d warnings\n", d.n_broken, d.n_warned);
    return d.n_broken ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_doctor = {
    .name = "doctor",
    .words = "",
    .summary = "Say what is wrong with this setup and how to mend it.",
    .details = "Shows each setting with its source, then checks the data directory, the disk, the\n"
               "store, the libraries, the pictures, a short film, the port and the clock. Exit\n"
               "status 1 when something is broken.\n",
    .uses = 0, /* all */
    .run = run,
};
