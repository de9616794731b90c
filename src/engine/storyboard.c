/* storyboard.c - the engine that is always there: no weights, a drawn film in seconds.
 *
 * SPDX-License-Identifier: MIT */
#include "engine/engine.h"

#include "base/memory.h"
#include "storyboard/reel.h"

/* It keeps nothing between films. */
struct engine {
    const struct engine_driver *driver;
};

/* How much of the work is done before the first frame. */
#define PAINTED 0.10

static int open_storyboard(struct engine **out, const struct engine_options *options,
                           struct error *err)
{
    (void)options;
    (void)err;
    struct engine *e = mem_alloc(sizeof *e);
    e->driver = &engine_storyboard;
    *out = e;
    return 0;
}

static void close_storyboard(struct engine *e)
{
    mem_free(e);
}

static int painted(void *arg, float done)
{
    const struct engine_run *run = arg;
    run->progress(run->arg, "painting", 0.01 + (PAINTED - 0.01) * (double)done);
    return run->cancelled(run->arg);
}

static int draw(struct reel *reel, const struct engine_request *q, const struct engine_run *run,
                struct error *err)
{
    for (int i = 0; i < q->n_frames; i++) {
        if (run->cancelled(run->arg))
            return error_set(err, ERR_CANCELLED, "cancelled");
        struct frame *f = run->frame_next(run->arg);
        if (!f)
            return error_set(err, ERR_IO, "the encoder stopped");
        reel_frame(reel, i, f);
        run->frame_push(run->arg);
        run->progress(run->arg, "drawing", PAINTED + (1 - PAINTED) * (i + 1) / q->n_frames);
    }
    return 0;
}

static char *meta_of(const struct reel *reel)
{
    SCOPED(mem) char *plan = reel_plan_json(reel);
    return mem_printf("{\"plan\":%s}", plan);
}

static int generate(struct engine *e, const struct engine_request *q, const struct engine_run *run,
                    char **out_meta, struct error *err)
{
    (void)e;
    const struct reel_request request = {
        .prompt = text_of(q->prompt),
        .image = q->image,
        .seed = q->seed,
        .width = q->width,
        .height = q->height,
        .fps = q->fps,
        .n_frames = q->n_frames,
    };
    SCOPED(reel) struct reel *reel = NULL;
    run->progress(run->arg, "reading", 0);
    if (run->cancelled(run->arg))
        return error_set(err, ERR_CANCELLED, "cancelled");
    int code = reel_open(&reel, &request, painted, (void *)run, err);
    if (code < 0)
        return code;
    code = draw(reel, q, run, err);
    if (code < 0)
        return code;
    *out_meta = meta_of(reel);
    return 0;
}

static void estimate(const struct engine_request *q, int64_t *bytes, double *seconds)
{
    *bytes = reel_bytes(q->width, q->height, q->image != NULL);
    *seconds = 0;
}

const struct engine_driver engine_storyboard = {
    .name = "storyboard",
    .summary = "draws a picture-book film from the words of the prompt; needs no weights",
    .version = 1,
    .open = open_storyboard,
    .generate = generate,
    .close = close_storyboard,
    .estimate = estimate,
};
