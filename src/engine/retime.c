/* retime.c - see retime.h. SPDX-License-Identifier: MIT */
#include "engine/retime.h"

#include <assert.h>

void retime_init(struct retime *r, const struct engine_request *request,
                 const struct engine_run *run, int n_from)
{
    *r = (struct retime){.request = request, .run = run, .n_from = n_from};
}

void retime_fini(struct retime *r)
{
    image_free(r->before);
    image_free(r->now);
}

/* -1..1 to bytes, cut off as the reference does when it saves a video; no number is black. */
static uint8_t byte_of(float x)
{
    const float b = (x + 1) / 2 * 255;
    return b >= 255 ? 255 : b > 0 ? (uint8_t)b : 0;
}

static struct image *film_image(const struct retime *r, const float *rgb, int width, int height)
{
    SCOPED(image) struct image *own = image_new(width, height);
    if (!own)
        return NULL;
    for (size_t i = 0; i < (size_t)width * (size_t)height * 3; i++)
        own->rgb[i] = byte_of(rgb[i]);
    if (width == r->request->width && height == r->request->height)
        return TAKE(own);
    return image_scale(own, r->request->width, r->request->height);
}

/* Where a film frame stands among those of the network, in 1/256. */
static int64_t position(const struct retime *r, int i)
{
    const int last = r->request->n_frames - 1;
    return last > 0 ? ((int64_t)i * (r->n_from - 1) * 256 + last / 2) / last : 0;
}

/* The image at share 0..256 of the way from before to now. */
static void mix(const struct retime *r, int share, struct image *out)
{
    const uint8_t *a = r->before ? r->before->rgb : r->now->rgb, *b = r->now->rgb;
    const size_t n = (size_t)out->width * (size_t)out->height * 3;
    for (size_t i = 0; i < n; i++)
        out->rgb[i] = (uint8_t)((a[i] * (256 - share) + b[i] * share + 128) >> 8);
}

static int push(struct retime *r, const struct image *image, struct error *err)
{
    if (r->run->cancelled(r->run->arg))
        return error_set(err, ERR_CANCELLED, "cancelled");
    struct frame *frame = r->run->frame_next(r->run->arg);
    if (!frame)
        return error_set(err, ERR_IO, "the encoder stopped");
    frame_from_rgb(frame, image->rgb, image->width * 3);
    r->run->frame_push(r->run->arg);
    r->n_out++;
    return 0;
}

static int push_next(struct retime *r, int share, struct error *err)
{
    if (r->n_out == 0 && r->request->image)
        return push(r, r->request->image, err);
    if (share == 256)
        return push(r, r->now, err);
    SCOPED(image) struct image *mixed = image_new(r->now->width, r->now->height);
    if (!mixed)
        return error_set(err, ERR_MEMORY, "no memory for a frame");
    mix(r, share, mixed);
    return push(r, mixed, err);
}

/* One frame came: all film frames up to it can be made. */
static int add_one(struct retime *r, struct error *err)
{
    const int64_t at = (int64_t)r->n_in * 256;
    int code = 0;
    while (code == 0 && r->n_out < r->request->n_frames && position(r, r->n_out) <= at)
        code = push_next(r, (int)(position(r, r->n_out) - (at - 256)), err);
    r->n_in++;
    return code;
}

int retime_add(struct retime *r, const struct tensor *rgb, struct error *err)
{
    const int height = (int)rgb->shape[1], width = (int)rgb->shape[2];
    assert(rgb->n_dims == 4 && rgb->shape[3] == 3 && r->n_in + rgb->shape[0] <= r->n_from);
    int code = 0;
    for (int64_t i = 0; i < rgb->shape[0] && code == 0; i++) {
        image_free(r->before);
        r->before = r->now;
        r->now = film_image(r, tensor_f32(rgb) + i * height * width * 3, width, height);
        code = r->now ? add_one(r, err) : error_set(err, ERR_MEMORY, "no memory for a frame");
    }
    return code;
}
