/* film.c - see film.h. SPDX-License-Identifier: MIT */
#include "worker/film.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "media/glance.h"
#include "media/image.h"
#include "prompt/enhance.h"
#include "worker/crash.h"

/* Where each stretch of a film ends on its way from 0 to 1; measured on the storyboard, whose
 * encoder keeps up with it. */
#define DONE_FETCHED  0.03
#define DONE_DECODED  0.05
#define DONE_DRAWN    0.97
#define DONE_FINISHED 1.0

enum { TIMINGS_MAX = 64 * 1024, FILM_SHORT_SIDE = 720 };

static const char *const image_types[] = {"image/", "application/octet-stream",
                                          "binary/octet-stream", NULL};

/* A film under way. */
struct film {
    const struct film_request *request;
    const struct film_hooks *hooks;
    struct film_result *out;
    struct image *image; /* of the film's size; NULL without one */
    int width;
    int height;
    struct mp4 *mp4;
    bool encoder_failed;
    int n_frames;          /* pushed             */
    double started;        /* done at its start  */
    struct glance *glance; /* NULL: not wanted */
    struct frame *drawn;   /* lent to the engine */

    char stage[32];   /* that it is in; "" before the first */
    int64_t stage_us; /* of clock_mono_us, since when          */
    struct text_buf timings;
};

/* ---- the first frame ----------------------------------------------------------------------- */

/* The stage that it was in is over. */
static void end_stage(struct film *f)
{
    int64_t now_us = clock_mono_us();
    if (*f->stage)
        text_buf_printf(&f->timings, "%s{\"stage\":\"%s\",\"seconds\":%.3f}",
                        f->timings.len ? "," : "[", f->stage,
                        (double)(now_us - f->stage_us) / CLOCK_SECOND_US);
    f->stage_us = now_us;
}

static void say(struct film *f, const char *stage, double done)
{
    /* "step 3 of 50" and "step 4 of 50" are one stage. */
    const int word = (int)strcspn(stage, " ");
    if (strlen(f->stage) != (size_t)word || strncmp(f->stage, stage, (size_t)word) != 0) {
        end_stage(f);
        snprintf(f->stage, sizeof f->stage, "%.*s", word, stage);
    }
    f->hooks->progress(f->hooks->arg, stage, done);
}

/* The failure has this name; cancelling has none. */
static int name_error(struct film *f, const char *name, int rc)
{
    if (rc < 0)
        f->out->error_name = name;
    return rc;
}

static int get_image(struct film *f, struct text_buf *out, struct error *err)
{
    struct fetch_limits limits = f->request->fetch;
    limits.bytes = limits.bytes < IMAGE_MOST_BYTES ? limits.bytes : IMAGE_MOST_BYTES;
    limits.types = image_types;
    limits.cancelled = f->hooks->cancelled;
    limits.cancelled_arg = f->hooks->arg;
    say(f, "fetching", 0);
    int rc = fetch_get(f->request->image_url, &limits, out, err);
    if (rc < 0 && rc != ERR_CANCELLED)
        error_prefix(err, "the image could not be fetched");
    crash_at("fetched");
    return rc;
}

/* All broken rules in one sentence. */
static int check_image(struct text bytes, struct error *err)
{
    struct image_info info = {0};
    struct image_issue issues[IMAGE_MOST_ISSUES];
    int rc = image_probe(bytes, &info, err);
    if (rc < 0)
        return rc;
    int n = image_issues(&info, bytes.len, issues);
    if (n == 0)
        return 0;
    SCOPED(text_buf) struct text_buf all;
    text_buf_init(&all, 4096);
    for (int i = 0; i < n; i++)
        text_buf_printf(&all, "%s%s", i ? "; " : "", issues[i].text);
    return error_set(err, ERR_INVALID, "image: %s", all.at);
}

/* Of a film that begins with an image: 720 px by the contract; a network has a size of its own. */
static int short_side(const struct model *m)
{
    const struct engine_driver *driver = engine_find(m->engine);
    if (!driver || !driver->needs_path)
        return FILM_SHORT_SIDE;
    return m->width < m->height ? m->width : m->height;
}

static int decode_image(struct film *f, struct text bytes, struct error *err)
{
    SCOPED(image) struct image *decoded = NULL;
    int rc = check_image(bytes, err);
    if (rc < 0)
        return rc;
    say(f, "decoding", DONE_FETCHED);
    rc = image_decode(bytes, &decoded, err);
    if (rc < 0)
        return rc;
    image_video_size(decoded->width, decoded->height, short_side(f->request->model), &f->width,
                     &f->height);
    f->image = image_scale(decoded, f->width, f->height);
    if (!f->image)
        return error_set(err, ERR_MEMORY, "no memory for an image of %dx%d px", decoded->width,
                         decoded->height);
    crash_at("decoded");
    return 0;
}

static int prepare_image(struct film *f, struct error *err)
{
    SCOPED(text_buf) struct text_buf fetched = {0};
    struct text bytes = f->request->image_bytes;
    if (f->request->image_url) {
        int rc = name_error(f, "ImageFetchException", get_image(f, &fetched, err));
        if (rc < 0)
            return rc;
        bytes = (struct text){fetched.at, fetched.len};
    } else if (!bytes.len) {
        return 0;
    }
    int rc = decode_image(f, bytes, err);
    return name_error(f, rc == ERR_MEMORY ? "GenerationException" : "InvalidImageException", rc);
}

/* ---- the frames ---------------------------------------------------------------------------- */

static void on_progress(void *arg, const char *stage, double done)
{
    struct film *f = arg;
    if (strchr(stage, ' ')) /* "step 3 of 4": a point of its own */
        crash_at(stage);
    say(f, stage, f->started + (DONE_DRAWN - f->started) * done);
}

static void on_warn(void *arg, const struct error *why)
{
    const struct film *f = arg;
    if (f->hooks->warn)
        f->hooks->warn(f->hooks->arg, why);
}

static bool on_cancelled(void *arg)
{
    const struct film *f = arg;
    return f->hooks->cancelled(f->hooks->arg);
}

static struct frame *on_frame_next(void *arg)
{
    struct film *f = arg;
    struct frame *frame = mp4_next(f->mp4);
    f->encoder_failed = !frame;
    f->drawn = frame;
    return frame;
}

static void on_frame_push(void *arg)
{
    struct film *f = arg;
    if (f->glance)
        glance_see(f->glance, f->drawn);
    if (f->hooks->frame)
        f->hooks->frame(f->hooks->arg, f->drawn);
    mp4_push(f->mp4);
    f->n_frames++;
    if (f->n_frames == f->request->model->n_frames / 2)
        crash_at("drawing");
}

static int generate(struct film *f, const struct engine_driver *driver, struct engine *engine,
                    struct error *err)
{
    const struct model *model = f->request->model;
    const struct engine_request request = {
        .prompt = f->out->prompt,
        .image = f->image,
        .seed = f->request->seed,
        .width = f->width,
        .height = f->height,
        .fps = model->fps,
        .n_frames = model->n_frames,
        .keep = f->request->keep,
    };
    const struct engine_run run = {
        .arg = f,
        .progress = on_progress,
        .warn = on_warn,
        .cancelled = on_cancelled,
        .frame_next = on_frame_next,
        .frame_push = on_frame_push,
    };
    f->started = f->image ? DONE_DECODED : 0;
    int rc = driver->generate(engine, &request, &run, &f->out->meta, err);
    if (rc < 0 && f->encoder_failed) /* only the encoder knows why */
        return mp4_finish(f->mp4, &f->out->mp4, err) < 0 ? (int)err->code : rc;
    if (rc == 0 && f->n_frames != model->n_frames)
        return error_set(err, ERR_IO, "engine %s made %d frames of %d", driver->name, f->n_frames,
                         model->n_frames);
    return rc;
}

static int open_glance(struct film *f, struct glance **out, struct error *err)
{
    const struct film_request *r = f->request;
    if (!r->poster_path || !r->preview_path)
        return 0;
    const struct glance_options options = {.width = f->width,
                                           .height = f->height,
                                           .fps = r->model->fps,
                                           .n_frames = r->model->n_frames,
                                           .poster_path = r->poster_path,
                                           .preview_path = r->preview_path};
    return glance_open(out, &options, err);
}

static int encode(struct film *f, const struct engine_driver *driver, struct engine *engine,
                  struct error *err)
{
    const struct mp4_options options = {
        .width = f->width, .height = f->height, .fps = f->request->model->fps};
    SCOPED(mp4) struct mp4 *mp4 = NULL;
    SCOPED(glance) struct glance *glance = NULL;
    int rc = mp4_open(&mp4, f->request->path, &options, err);
    if (rc == 0)
        rc = open_glance(f, &glance, err);
    if (rc < 0)
        return rc;
    f->mp4 = mp4;
    f->glance = glance;
    rc = generate(f, driver, engine, err);
    if (rc < 0)
        return rc;
    say(f, "finishing", DONE_DRAWN);
    rc = mp4_finish(mp4, &f->out->mp4, err);
    if (rc == 0 && glance)
        rc = glance_finish(glance, err);
    if (rc == 0) {
        crash_at("encoded");
        say(f, "finishing", DONE_FINISHED);
    }
    return rc;
}

static int run_engine(struct film *f, struct error *err)
{
    const struct film_request *r = f->request;
    const struct engine_driver *driver = engine_find(r->model->engine);
    struct engine *engine = NULL;
    if (!driver)
        return error_set(err, ERR_NOT_FOUND, "this program has no engine %s", r->model->engine);
    f->out->engine = driver->name;
    f->out->prompt = r->enhance ? enhance_prompt(r->prompt, f->image != NULL, r->seed)
                                : mem_dup_n(r->prompt.at, r->prompt.len);
    const struct engine_options options = {.model = r->model->id,
                                           .path = r->model->path,
                                           .pull = r->model->pull,
                                           .settings = r->model->settings,
                                           .warn = on_warn,
                                           .warn_arg = f};
    int rc = driver->open(&engine, &options, err);
    if (rc < 0)
        return rc;
    rc = encode(f, driver, engine, err);
    driver->close(engine);
    return rc;
}

int film_make(const struct film_request *request, const struct film_hooks *hooks,
              struct film_result *out, struct error *err)
{
    struct film f = {
        .request = request,
        .hooks = hooks,
        .out = out,
        .width = request->model->width,
        .height = request->model->height,
    };
    *out = (struct film_result){0};
    text_buf_init(&f.timings, TIMINGS_MAX);
    int rc = prepare_image(&f, err);
    if (rc == 0)
        rc = name_error(&f, "GenerationException", run_engine(&f, err));
    image_free(f.image);
    end_stage(&f);
    text_buf_add_text(&f.timings, f.timings.len ? "]" : "[]");
    out->timings = text_buf_take(&f.timings);
    out->width = f.width;
    out->height = f.height;
    out->fps = request->model->fps;
    if (rc < 0) {
        const char *name = out->error_name;
        film_result_fini(out);
        out->error_name = name;
    }
    return rc;
}

void film_result_fini(struct film_result *r)
{
    mem_free(r->prompt);
    mem_free(r->meta);
    mem_free(r->timings);
    *r = (struct film_result){0};
}
