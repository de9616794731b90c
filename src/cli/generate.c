/* generate.c - zoetrope generate: one film in this process, without a server.
 *
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/screen.h"
#include "media/image.h"
#include "worker/film.h"

enum { NAME_WORDS = 5, NAME_BYTES = 48 };

struct generate_options {
    char *image;
    char *model;
    char *output;
    char *terminal;
    bool no_enhance;
    bool json;
    bool open;
    bool show;
    int64_t seed; /* -1: drawn */
};

#define AT(member) offsetof(struct generate_options, member)

static bool check_terminal(const char *value, const char **rule)
{
    *rule = "must be kitty, iterm, sixel or blocks";
    return screen_find(value) >= 0;
}

static const struct option options[] = {
    {.name = "output",
     .letter = 'o',
     .type = OPTION_TEXT,
     .offset = AT(output),
     .value = "FILE",
     .help = "The MP4 to write. Default: the prompt's first words, in this folder."},
    {.name = "image",
     .type = OPTION_TEXT,
     .offset = AT(image),
     .value = "FILE|URL",
     .help = "The first frame: a JPEG or PNG, or an http(s) address of one."},
    {.name = "model",
     .type = OPTION_TEXT,
     .offset = AT(model),
     .value = "ID",
     .standard = "video-01",
     .help = "Which model makes it."},
    {.name = "seed",
     .type = OPTION_LONG,
     .offset = AT(seed),
     .value = "N",
     .standard = "-1",
     .min = -1,
     .max = INT64_MAX,
     .help = "The same seed makes the same film; -1: a new one."},
    {.name = "no-enhance",
     .type = OPTION_FLAG,
     .offset = AT(no_enhance),
     .help = "Take the prompt literally."},
    {.name = "json",
     .type = OPTION_FLAG,
     .offset = AT(json),
     .help = "Print one JSON object, of the film or of what went wrong."},
    {.name = "open",
     .type = OPTION_FLAG,
     .offset = AT(open),
     .help = "Open the film with the desktop's player."},
    {.name = "show",
     .type = OPTION_FLAG,
     .offset = AT(show),
     .help = "Play the film in the terminal."},
    {.name = "terminal",
     .type = OPTION_TEXT,
     .offset = AT(terminal),
     .value = "KIND",
     .check = check_terminal,
     .help = "For --show: kitty, iterm, sixel or blocks. Default: what the terminal can."},
    {0},
};

/* What the hooks of a film see. */
struct watching {
    struct progress progress;
    struct screen *screen; /* NULL: not shown */
    bool quiet;            /* no line of progress */
};

static void on_progress(void *arg, const char *stage, double done)
{
    struct watching *w = arg;
    if (!w->quiet)
        progress_show(&w->progress, stage, done);
}

static void on_frame(void *arg, const struct frame *f)
{
    struct watching *w = arg;
    if (w->screen)
        screen_add(w->screen, f);
}

static void on_warn(void *arg, const struct error *why)
{
    const struct watching *w = arg;
    progress_clear(&w->progress);
    fprintf(stderr, "zoetrope: %s\n", why->text);
}

/* "A Menacing, evil dragon" becomes "a-menacing-evil-dragon.mp4"; one that is there already is
 * not overwritten. mem_free by the caller. */
static char *name_film(const char *prompt)
{
    char stem[NAME_BYTES + 1];
    size_t len = 0;
    int words = 0;
    for (const char *c = prompt; *c && len < NAME_BYTES && words < NAME_WORDS; c++) {
        if (isalnum((unsigned char)*c))
            stem[len++] = (char)tolower((unsigned char)*c);
        else if (len && stem[len - 1] != '-' && ++words < NAME_WORDS)
            stem[len++] = '-';
    }
    while (len && stem[len - 1] == '-')
        len--;
    stem[len] = 0;
    char *name = mem_printf("%s.mp4", len ? stem : "film");
    for (int n = 2; access(name, F_OK) == 0; n++) {
        mem_free(name);
        name = mem_printf("%s-%d.mp4", len ? stem : "film", n);
    }
    return name;
}

static bool is_url(const char *s)
{
    return text_starts_nocase(text_of(s), TEXT("http://")) ||
           text_starts_nocase(text_of(s), TEXT("https://"));
}

/* The same rules as the API has for these fields. */
static int check(const struct model *model, const char *prompt, const char *image,
                 struct error *err)
{
    struct text text = text_of(prompt);
    if (!text_utf8_valid(text))
        return error_set(err, ERR_INVALID, "the prompt is not UTF-8");
    if (text_utf8_length(text) > (size_t)model->prompt_max)
        return error_set(err, ERR_INVALID, "the prompt has %zu characters, must have at most %d",
                         text_utf8_length(text), model->prompt_max);
    if (!image && model->image_required)
        return error_set(err, ERR_INVALID, "model %s needs --image", model->id);
    if (image && model->text_only)
        return error_set(err, ERR_INVALID, "model %s takes no --image", model->id);
    if (!image && text_is_blank(text))
        return error_set(err, ERR_INVALID, "the prompt is empty");
    return 0;
}

/* ---- what became of it ------------------------------------------------------------------- */

static void print_line(const struct film_request *r, const char *path,
                       const struct film_result *film, double seconds)
{
    printf("%s  %.1f MB  %dx%d  %.2f s long  seed %llu  made in %.1f s\n", path,
           (double)film->mp4.bytes / 1e6, film->width, film->height,
           (double)film->mp4.duration_us / CLOCK_SECOND_US, (unsigned long long)r->seed, seconds);
}

static void print_object(json_t *object)
{
    SCOPED(mem) char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));
    puts(text);
    json_decref(object);
}

static void print_json(const struct film_request *r, const char *path,
                       const struct film_result *film, double seconds)
{
    SCOPED(mem) char *name = text_utf8_repair(text_of(path));
    json_t *o = json_pack("{s:s, s:s, s:I, s:i, s:i, s:i, s:f, s:I, s:s, s:s, s:f}", "path", name,
                          "model", r->model->id, "bytes", (json_int_t)film->mp4.bytes, "width",
                          film->width, "height", film->height, "fps", film->fps, "duration",
                          (double)film->mp4.duration_us / CLOCK_SECOND_US, "seed",
                          (json_int_t)r->seed, "engine", film->engine, "prompt", film->prompt,
                          "seconds", seconds);
    json_object_set_new(o, "timings", json_loads(film->timings, 0, NULL));
    json_object_set_new(o, "meta", film->meta ? json_loads(film->meta, 0, NULL) : json_null());
    print_object(o);
}

static int failed(const struct generate_options *o, const char *name, const struct error *err)
{
    if (!o->json)
        return command_failed(err);
    SCOPED(mem) char *message = text_utf8_repair(text_of(err->text));
    print_object(json_pack("{s:{s:s, s:s}}", "error", "name", name, "message", message));
    return COMMAND_FAILED;
}

/* The player goes its own way; whether there is one is not our business. */
static void open_film(const char *path)
{
    const pid_t child = fork();
    if (child != 0)
        return;
    setsid();
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    execlp("xdg-open", "xdg-open", path, (char *)NULL);
    _exit(127);
}

static void play_film(const struct watching *w)
{
    struct error err;
    if (w->screen && !screen_is_ours(STDERR_FILENO))
        fprintf(stderr, "zoetrope: the film is not shown in the background\n");
    else if (w->screen && screen_play(w->screen, STDERR_FILENO, interrupt_waits, NULL, &err) < 0)
        fprintf(stderr, "zoetrope: %s\n", err.text);
}

/* Make the film beside path, then put it there. */
static int make(const struct film_request *wanted, const struct generate_options *o,
                const char *path, struct watching *w)
{
    char id[HASH_ID_SIZE];
    struct error err;
    struct film_result film;
    hash_random_id(id);
    SCOPED(mem) char *aside = mem_printf("%s.%s.part", path, id);
    struct film_request request = *wanted;
    request.path = aside;
    const struct film_hooks hooks = {.arg = w,
                                     .progress = on_progress,
                                     .cancelled = interrupt_waits,
                                     .warn = on_warn,
                                     .frame = on_frame};
    int rc = film_make(&request, &hooks, &film, &err);
    const double seconds = progress_seconds(&w->progress);
    const char *name = film.error_name ? film.error_name : "GenerationException";
    progress_clear(&w->progress);
    if (rc == 0)
        rc = file_publish(aside, path, &err);
    if (rc < 0)
        unlink(aside);
    else if (o->json)
        print_json(&request, path, &film, seconds);
    else {
        play_film(w);
        print_line(&request, path, &film, seconds);
    }
    if (rc == 0 && o->open)
        open_film(path);
    film_result_fini(&film);
    return rc < 0 ? failed(o, name, &err) : COMMAND_OK;
}

static struct screen *new_screen(const struct generate_options *o, const struct model *model)
{
    if (!o->show || o->json)
        return NULL;
    const enum screen_kind kind = o->terminal ? (enum screen_kind)screen_find(o->terminal)
                                              : screen_detect(STDERR_FILENO);
    return screen_new(kind, screen_size(STDERR_FILENO), model->fps);
}

static int generate(const struct config *config, const struct generate_options *o,
                    const struct model *model, const char *prompt)
{
    struct error err;
    SCOPED(text_buf) struct text_buf image = {0};
    SCOPED(mem) char *path = o->output ? mem_dup(o->output) : name_film(prompt);
    struct film_request request = {
        .model = model,
        .prompt = text_of(prompt),
        .enhance = !o->no_enhance,
        .seed = (uint64_t)o->seed,
        .image_url = o->image && is_url(o->image) ? o->image : NULL,
        .fetch = fetch_limits_default(),
    };
    request.fetch.allow = config->fetch_allow;
    if (o->seed < 0) {
        hash_random(&request.seed, sizeof request.seed);
        request.seed >>= 33; /* short enough to type again */
    }
    int rc = 0;
    if (o->image && !request.image_url)
        rc = file_read(o->image, IMAGE_MOST_BYTES, &image, &err);
    request.image_bytes = (struct text){image.at, image.len};
    if (rc == 0 && o->image && !request.image_url && !image.len)
        rc = error_set(&err, ERR_INVALID, "%s is empty", o->image);
    if (rc < 0)
        return failed(o, "InvalidImageException", &err);
    SCOPED(screen) struct screen *screen = new_screen(o, model);
    struct watching w = {.screen = screen, .quiet = o->json && !isatty(STDERR_FILENO)};
    interrupt_block();
    progress_init(&w.progress, isatty(STDERR_FILENO));
    return make(&request, o, path, &w);
}

static int run_with(const struct config *config, const struct generate_options *o,
                    const struct arguments *args)
{
    struct error err;
    const char *prompt = args->n_words ? args->words[0] : "";
    const struct model *model = model_find(&config->catalogue, text_of(o->model));
    if (args->n_words > 1)
        return command_misused("generate", "one prompt is needed, in quotes");
    const struct model *open = model_open_find(text_of(o->model));
    if (!model && open)
        return command_misused(
            "generate",
            "the weights of %s are not on this machine: \"zoetrope model pull %s\" "
            "brings them",
            open->id, open->id);
    if (!model)
        return command_misused("generate", "there is no model %s", o->model);
    if (check(model, prompt, o->image, &err) < 0)
        return command_misused("generate", "%s", err.text);
    return generate(config, o, model, prompt);
}

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct generate_options o = {0};
    int status = option_apply(options, &o, args, &err) < 0
                     ? command_misused("generate", "%s", err.text)
                     : run_with(config, &o, args);
    option_fini(options, &o);
    return status;
}

const struct command command_generate = {
    .name = "generate",
    .words = "\"PROMPT\"",
    .summary = "Make one video here and now, without a server.",
    .details = "--json prints {path, model, bytes, width, height, fps, duration, seed, engine,\n"
               "prompt, seconds, timings, meta}, or {error: {name, message}} and ends with 1.\n",
    .options = options,
    .uses = COMMAND_GENERATE,
    .run = run,
};
