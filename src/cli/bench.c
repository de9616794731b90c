/* bench.c - zoetrope bench model: how fast this machine runs a neural model, stage by stage.
 *
 * A real run, with few steps and a prompt of its own; the frames are thrown away. Work and bytes
 * of weights are those that the preflight counts, so that the rates are of what the network asks
 * for and not of what a kernel happens to do.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/check.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

enum { STATUS_BYTES = 16 * 1024, MOST_SIDE = 8192, MOST_FRAMES = 100001 };

/* About 64 pieces of the text encoder's. */
static const char prompt[] =
    "A small red fox walks slowly through a quiet snowy forest at dusk while the last warm light "
    "falls between tall dark pines, its breath hanging in the cold air; the camera follows low "
    "over the ground, the snow glitters, far away a mountain lake reflects a pale violet sky.";

struct bench_options {
    char *model;
    char *size;
    char *settings;
    int steps;
};

#define AT(member) offsetof(struct bench_options, member)

static const struct option options[] = {
    {.name = "model",
     .type = OPTION_TEXT,
     .offset = AT(model),
     .value = "PATH",
     .standard = "",
     .help = "Folder or file of the weights."},
    {.name = "size",
     .type = OPTION_TEXT,
     .offset = AT(size),
     .value = "WxHxT",
     .standard = "256x256x17",
     .help = "Width and height in px, and frames."},
    {.name = "settings",
     .type = OPTION_TEXT,
     .offset = AT(settings),
     .value = "TEXT",
     .standard = "",
     .help = "As in a model's row of the config file."},
    {.name = "steps",
     .type = OPTION_INT,
     .offset = AT(steps),
     .value = "N",
     .standard = "1",
     .min = 1,
     .max = 1000,
     .help = "Steps of the sampler."},
    {0},
};

/* ---- the run ----------------------------------------------------------------------------- */

struct bench {
    struct progress progress;
    int64_t entered;    /* us */
    double cpu_entered; /* s */
    enum wan_stage stage;
    struct spent {
        double seconds, cpu; /* on the wall; of all processors together */
    } spent[WAN_STAGES];
    int64_t before, most; /* bytes of the process's own, before the run and at most */
};

/* "RssAnon:     1234 kB" of /proc/self/status, in bytes; 0 when it cannot be read. */
static int64_t memory_line(const char *name)
{
    SCOPED(text_buf) struct text_buf all;
    struct error ignored;
    int64_t kib = 0;
    text_buf_init(&all, STATUS_BYTES);
    if (file_read("/proc/self/status", STATUS_BYTES, &all, &ignored) < 0 || !all.at)
        return 0;
    const char *line = strstr(all.at, name);
    if (!line)
        return 0;
    struct text rest = text_of(line + strlen(name));
    struct text value = text_trim(text_cut(&rest, '\n'));
    return text_int(text_cut(&value, ' '), 0, INT64_MAX / 1024, &kib) ? kib * 1024 : 0;
}

static enum wan_stage stage_named(const char *name)
{
    static const char *const words[WAN_STAGES] = {"text", "image", "step", "decode"};
    enum wan_stage found = WAN_TEXT;
    for (enum wan_stage i = WAN_TEXT; i < WAN_STAGES; i++)
        if (text_starts(text_of(name), text_of(words[i])))
            found = i;
    return found;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void enter(struct bench *b, enum wan_stage stage)
{
    const int64_t now = clock_mono_us();
    const double cpu = cpu_seconds();
    b->spent[b->stage].seconds += (double)(now - b->entered) / CLOCK_SECOND_US;
    b->spent[b->stage].cpu += cpu - b->cpu_entered;
    b->entered = now;
    b->cpu_entered = cpu;
    b->stage = stage;
}

static void on_progress(void *arg, const char *stage, double done)
{
    struct bench *b = arg;
    const int64_t own = memory_line("RssAnon:");
    b->most = own > b->most ? own : b->most;
    enter(b, stage_named(stage));
    progress_show(&b->progress, stage, done);
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    (void)arg;
    (void)rgb;
    (void)err;
    return 0;
}

static int measure(struct wan *w, const struct wan_request *q, struct bench *b, struct error *err)
{
    const struct wan_run run = {
        .arg = b, .progress = on_progress, .cancelled = interrupt_waits, .frames = on_frames};
    interrupt_block();
    progress_init(&b->progress, isatty(STDERR_FILENO));
    b->before = b->most = memory_line("RssAnon:");
    b->entered = clock_mono_us();
    b->cpu_entered = cpu_seconds();
    const int code = wan_generate(w, q, &run, err);
    enter(b, b->stage);
    progress_clear(&b->progress);
    return code;
}

/* ---- what is printed --------------------------------------------------------------------- */

/* The shares of one of n like it. */
static void print_stage(const char *name, struct spent t, double flops, double read, int n)
{
    if (flops <= 0)
        printf("%-10s %9s %9s %10s %10s\n", name, "-", "-", "-", "-");
    else
        printf("%-10s %9.3f %9.3f %10.1f %10.2f\n", name, t.seconds / n, t.cpu / n,
               flops / t.seconds / 1e9, read / t.seconds / 1e9);
}

static void print_result(const struct bench *b, const struct wan_needs *needs, int steps)
{
    static const char *const names[WAN_STAGES] = {"text", "image", "one step", "decode"};
    struct spent whole = {0};
    double flops = 0, read = 0;
    printf("%-10s %9s %9s %10s %10s\n", "stage", "seconds", "cpu", "GFLOP/s", "GB/s");
    for (int i = 0; i < WAN_STAGES; i++) {
        whole.seconds += b->spent[i].seconds;
        whole.cpu += b->spent[i].cpu;
        flops += needs->flops[i];
        read += needs->read[i];
        print_stage(names[i], b->spent[i], needs->flops[i], needs->read[i],
                    i == WAN_STEPS ? steps : 1);
    }
    print_stage("whole", whole, flops, read, 1);
    const double mib = 1 << 20;
    printf("memory     %.0f MiB of its own at most, %.0f MiB foretold; %.0f MiB resident with the "
           "weights' pages\n",
           (double)(b->most - b->before) / mib, (double)(needs->arena + needs->beside) / mib,
           (double)memory_line("VmHWM:") / mib);
}

/* ---- the command ------------------------------------------------------------------------- */

/* "256x256x17" */
static bool read_size(const char *text, struct wan_request *q)
{
    struct text rest = text_of(text);
    const struct text width = text_cut(&rest, 'x'), height = text_cut(&rest, 'x');
    int64_t w, h, t;
    if (!text_int(width, 1, MOST_SIDE, &w) || !text_int(height, 1, MOST_SIDE, &h) ||
        !text_int(rest, 1, MOST_FRAMES, &t))
        return false;
    q->width = (int)w;
    q->height = (int)h;
    q->n_frames = (int)t;
    return true;
}

static int bench(const struct bench_options *o, struct wan_request *q, struct error *err)
{
    SCOPED(check_loaded) struct check_loaded l = {0};
    SCOPED(mem) uint8_t *grey = NULL;
    SCOPED(mem) char *settings = mem_printf("%s\nsteps = %d", o->settings, o->steps);
    const struct check_request from = {.path = o->model, .settings = settings};
    struct wan_needs needs;
    struct bench b = {0};
    int code = check_load(&l, &from, err);
    if (code < 0)
        return code;
    if (wan_info(l.wan)->needs_image) {
        const size_t bytes = (size_t)q->width * (size_t)q->height * 3;
        grey = mem_try(bytes);
        if (!grey)
            return error_set(err, ERR_MEMORY, "no memory for an image of %zu bytes", bytes);
        memset(grey, UINT8_MAX / 2, bytes);
        q->image = (struct tensor){.data = grey,
                                   .dtype = DTYPE_U8,
                                   .n_dims = 3,
                                   .shape = {q->height, q->width, 3},
                                   .scale = 1};
    }
    code = wan_needs(l.wan, q, &needs, err);
    if (code < 0)
        return code;
    printf("%s; %s; %dx%d, %d frames, guidance %g\n", wan_info(l.wan)->name, nn_summary(l.nn),
           q->width, q->height, q->n_frames, wan_settings(l.wan)->guidance);
    fflush(stdout);
    code = measure(l.wan, q, &b, err);
    if (code == 0)
        print_result(&b, &needs, o->steps);
    return code;
}

static int run_with(const struct bench_options *o, const struct arguments *args)
{
    struct error err;
    struct wan_request q = {.prompt = TEXT(prompt), .seed = 1};
    if (args->n_words != 1 || strcmp(args->words[0], "model") != 0)
        return command_misused("bench", "the one word must be model");
    if (!*o->model)
        return command_misused("bench", "--model is needed");
    if (!read_size(o->size, &q))
        return command_misused("bench", "--size is %.40s, must be WIDTHxHEIGHTxFRAMES", o->size);
    return bench(o, &q, &err) < 0 ? command_failed(&err) : COMMAND_OK;
}

static int run(const struct config *config, const struct arguments *args)
{
    struct error err;
    struct bench_options o = {0};
    (void)config;
    const int status = option_apply(options, &o, args, &err) < 0
                           ? command_misused("bench", "%s", err.text)
                           : run_with(&o, args);
    option_fini(options, &o);
    return status;
}

const struct command command_bench = {
    .name = "bench",
    .words = "model",
    .summary = "Time a neural model on this machine, stage by stage.",
    .details =
        "Seconds of each stage of a real run, the arithmetic that it asks for per second, the "
        "weights\nthat it goes through per second, and the memory that it took beside what "
        "was foretold.\n",
    .options = options,
    .uses = COMMAND_PLAIN,
    .run = run,
};
