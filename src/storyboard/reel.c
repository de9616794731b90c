/* reel.c - see reel.h. SPDX-License-Identifier: MIT */
#include "storyboard/reel.h"

#include "base/memory.h"
#include "storyboard/crew.h"
#include "storyboard/parallax.h"
#include "storyboard/scene.h"

struct reel {
    struct plan plan;
    struct reel_request request;
    struct crew *crew;
    struct scene *scene; /* one of the two */
    struct parallax *parallax;
};

static bool good_side(int px)
{
    return px >= REEL_LEAST_SIDE && px <= REEL_MOST_SIDE && px % 2 == 0;
}

static int check(const struct reel_request *q, struct error *err)
{
    if (!good_side(q->width) || !good_side(q->height))
        return error_set(err, ERR_INVALID, "a film of %d x %d cannot be drawn", q->width,
                         q->height);
    if (q->n_frames < 1 || q->fps < 1)
        return error_set(err, ERR_INVALID, "a film needs a frame and a rate");
    if (q->image && (q->image->width != q->width || q->image->height != q->height))
        return error_set(err, ERR_INVALID, "the image is not of the film's size");
    return 0;
}

int reel_open(struct reel **out, const struct reel_request *q, reel_step *step, void *arg,
              struct error *err)
{
    int code = check(q, err);
    if (code < 0)
        return code;
    SCOPED(reel) struct reel *r = mem_alloc(sizeof *r);
    const struct scene_options options = {
        .width = q->width, .height = q->height, .fps = q->fps, .n_frames = q->n_frames};
    const struct parallax_options shot = {
        .plan = &r->plan, .seconds = (float)q->n_frames / (float)q->fps, .n_frames = q->n_frames};
    r->request = *q;
    r->crew = crew_new(q->n_threads);
    plan_read(&r->plan, q->prompt, q->seed);
    if (q->image)
        code = parallax_open(&r->parallax, q->image, &shot, r->crew, err);
    else
        code = scene_open(&r->scene, &r->plan, &options, r->crew, step, arg, err);
    if (code < 0)
        return code;
    *out = TAKE(r);
    return 0;
}

void reel_close(struct reel *r)
{
    if (!r)
        return;
    scene_close(r->scene);
    parallax_close(r->parallax);
    crew_free(r->crew);
    mem_free(r);
}

const struct plan *reel_plan(const struct reel *r)
{
    return &r->plan;
}

char *reel_plan_json(const struct reel *r)
{
    return plan_json(&r->plan, (double)r->request.n_frames / r->request.fps, r->parallax != NULL);
}

void reel_frame(struct reel *r, int i, struct frame *out)
{
    const int last = r->request.n_frames - 1;
    if (r->parallax)
        parallax_draw(r->parallax, last > 0 ? (float)i / (float)last : 0, out);
    else
        scene_draw(r->scene, i, out);
}

int64_t reel_bytes(int width, int height, bool with_image)
{
    const int64_t pixels = (int64_t)width * height;
    /* A dozen sheets of a few frames each, three bytes and a half a pixel; pictures beside. With an
     * image as many sheets as it has planes, and what two threads cut them out with. */
    return with_image ? 36 * pixels + (24LL << 20) : 64 * pixels + (24LL << 20);
}
