/* wan.c - the open models Wan 2.1 and 2.2, from weights on this machine's disk.
 *
 * The network makes frames of its own size and rate, near the film's shape and length; retime.h
 * makes the film of them.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/wan.h"

#include <string.h>
#include <unistd.h>

#include "base/machine.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "engine/pulse.h"
#include "engine/retime.h"
#include "engine/wan_settings.h"

struct engine {
    const struct engine_options *options;
    struct wan_settings settings;
    struct parts parts;
    struct nn *nn;
    struct wan *wan;
};

static void close_wan(struct engine *e)
{
    if (!e)
        return;
    wan_close(e->wan);
    parts_fini(&e->parts);
    nn_close(e->nn);
    wan_settings_fini(&e->settings);
    mem_free(e);
}
#define engine_close close_wan
SCOPED_CLOSE(engine)

static int check_wan(const struct engine_options *o, struct error *err)
{
    SCOPED(wan_settings) struct wan_settings settings;
    return wan_settings_read(&settings, o->settings ? o->settings : "", err);
}

static bool names_file(const struct error *why)
{
    return strchr(why->text, '/') != NULL;
}

/* ERR_INVALID, not ERR_NOT_FOUND: the owner of the job shall read what to do. Which part is missing
 * is for him, which file is not. */
static int without_weights(const struct engine_options *o, const struct error *why,
                           struct error *err)
{
    if (names_file(why) && !(o->path && strstr(why->text, o->path)))
        return error_set(err, ERR_INVALID,
                         "a file that the settings of %s name is not on this machine", o->model);
    error_set(err, ERR_INVALID, "the weights of %s are not on this machine", o->model);
    struct error said = *err;
    if (!names_file(why))
        error_set(&said, ERR_INVALID, "%s (%.80s)", err->text, why->text);
    if (o->pull)
        return error_set(err, ERR_INVALID, "%s; \"zoetrope model pull %s\" brings them", said.text,
                         o->pull);
    return error_set(err, ERR_INVALID, "%s; the row of the config file says where they are to be",
                     said.text);
}

/* What was not there, or what is wrong with what was. */
static int explain(const struct engine_options *o, int code, const struct error *why,
                   struct error *err)
{
    const bool told = o->warn && names_file(why);
    if (told)
        o->warn(o->warn_arg, why);
    if (code == ERR_NOT_FOUND)
        return without_weights(o, why, err);
    if (told && code == ERR_INVALID)
        return error_set(err, ERR_INVALID,
                         "the weights of %s do not fit each other or the settings of its row",
                         o->model);
    *err = *why;
    return error_prefix(err, "model %s", o->model);
}

static int open_wan(struct engine **out, const struct engine_options *o, struct error *err)
{
    SCOPED(engine) struct engine *e = mem_alloc(sizeof *e);
    struct error why;
    int code = wan_settings_read(&e->settings, o->settings ? o->settings : "", err);
    if (code < 0)
        return error_prefix(err, "settings of model %s", o->model);
    struct parts_places places = e->settings.places;
    /* A model whose parts are all named needs no folder. */
    if (o->path && (access(o->path, F_OK) == 0 || !places.given[PART_DIT]))
        places.folder = o->path;
    code = parts_open(&e->parts, &places, &why);
    if (code == 0)
        code = nn_open(&e->nn, &e->settings.nn, &why);
    if (code < 0)
        return explain(o, code, &why, err);
    e->options = o;
    *out = TAKE(e);
    return 0;
}

/* ---- a film ------------------------------------------------------------------------------ */

struct film {
    const struct engine_run *run;
    struct pulse pulse;
    struct retime retime;
};

static void on_progress(void *arg, const char *stage, double done)
{
    struct film *f = arg;
    pulse_say(&f->pulse, stage, done);
}

static bool on_cancelled(void *arg)
{
    const struct film *f = arg;
    return f->run->cancelled(f->run->arg);
}

static void on_warn(void *arg, const struct error *why)
{
    const struct film *f = arg;
    f->run->warn(f->run->arg, why);
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct film *f = arg;
    return retime_add(&f->retime, rgb, err);
}

/* Not in open_wan: merging adaptations into the weights takes minutes, and there nobody hears that
 * it goes on, nor can stop it. */
static int load(struct engine *e, struct film *f, struct error *err)
{
    struct error why;
    nn_watch(e->nn, on_cancelled, f);
    const int code = wan_open(&e->wan, &e->parts, &e->settings.options, e->nn, &why);
    nn_watch(e->nn, NULL, NULL);
    return code < 0 ? explain(e->options, code, &why, err) : 0;
}

/* As many frames as the film lasts at the network's rate, 4 * k + 1 of them. */
static int count_frames(const struct engine *e, const struct engine_request *q)
{
    const int fps = wan_settings(e->wan)->fps;
    if (e->settings.n_frames)
        return e->settings.n_frames;
    const double seconds = (double)q->n_frames / q->fps;
    const int k = (int)((seconds * fps - 1) / 4 + 0.5);
    return 4 * (k < 1 ? 1 : k) + 1;
}

static char *meta_of(const struct engine *e, const struct wan_request *w)
{
    const struct wan_options *s = wan_settings(e->wan);
    return mem_printf("{\"network\":{\"name\":\"%s\",\"sampler\":\"%s\",\"steps\":%d,\"shift\":%g,"
                      "\"guidance\":%g,\"width\":%d,\"height\":%d,\"frames\":%d,\"fps\":%d}}",
                      wan_info(e->wan)->name, sampler_name((enum sampler_kind)(s->sampler - 1)),
                      s->n_steps, s->shift, s->guidance, w->width, w->height, w->n_frames, s->fps);
}

/* What other programs have may be free later; what the machine has not will never be. */
static int judge_memory(const struct engine *e, const struct wan_request *w, struct error *err)
{
    struct wan_needs needs;
    struct error ignored;
    if (err->code == ERR_BUSY && wan_needs(e->wan, w, &needs, &ignored) == 0 &&
        needs.arena + needs.beside > machine_memory_total())
        err->code = ERR_INVALID;
    return err->code;
}

static int make(struct engine *e, const struct engine_request *q, struct film *f, char **out_meta,
                struct error *err)
{
    int code = load(e, f, err);
    if (code < 0)
        return code;
    struct wan_request w = {
        .prompt = text_of(q->prompt),
        .seed = q->seed,
        .n_frames = count_frames(e, q),
        .keep = q->keep,
    };
    if (q->image)
        w.image = (struct tensor){.data = q->image->rgb,
                                  .dtype = DTYPE_U8,
                                  .n_dims = 3,
                                  .shape = {q->image->height, q->image->width, 3},
                                  .scale = 1};
    wan_size(e->wan, q->width, q->height, &w.width, &w.height);
    retime_init(&f->retime, q, f->run, w.n_frames);
    const struct wan_run how = {
        .arg = f,
        .progress = on_progress,
        .cancelled = on_cancelled,
        .frames = on_frames,
        .warn = on_warn,
    };
    code = wan_generate(e->wan, &w, &how, err);
    retime_fini(&f->retime);
    if (code == 0)
        *out_meta = meta_of(e, &w);
    return code < 0 ? judge_memory(e, &w, err) : 0;
}

static int generate(struct engine *e, const struct engine_request *q, const struct engine_run *run,
                    char **out_meta, struct error *err)
{
    struct film f = {.run = run};
    int code = pulse_begin(&f.pulse, run, "loading", PULSE_EVERY_US, err);
    if (code < 0)
        return code;
    code = make(e, q, &f, out_meta, err);
    pulse_end(&f.pulse);
    return code;
}

const struct engine_driver engine_wan = {
    .name = "wan",
    .summary = "runs the open models Wan 2.1 and 2.2 on this machine's processors",
    .needs_path = true,
    .alone = true,
    .version = 1,
    .check = check_wan,
    .open = open_wan,
    .generate = generate,
    .close = close_wan,
};
