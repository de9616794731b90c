/* retime_test.c - frames of a network as frames of a film. SPDX-License-Identifier: MIT */
#include "engine/retime.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "unit.h"

enum { MOST = 64, WIDTH = 16, HEIGHT = 16 };

/* A film that keeps the brightness of each frame's middle. */
struct film {
    struct frame *frame;
    int luma[MOST];
    int n;
    bool cancelled, full;
};

static void on_progress(void *arg, const char *stage, double done)
{
    (void)arg;
    (void)stage;
    (void)done;
}

static bool on_cancelled(void *arg)
{
    const struct film *f = arg;
    return f->cancelled;
}

static struct frame *on_next(void *arg)
{
    const struct film *f = arg;
    return f->full ? NULL : f->frame;
}

static void on_push(void *arg)
{
    struct film *f = arg;
    assert_true(f->n < MOST);
    f->luma[f->n++] = f->frame->plane[0][HEIGHT / 2 * f->frame->stride[0] + WIDTH / 2];
}

/* Grey frames that rise from black to white, n of them, two at a time, at half the film's size. */
static int play(struct film *f, struct engine_request *q, int n, struct error *err)
{
    const struct engine_run run = {.arg = f,
                                   .progress = on_progress,
                                   .cancelled = on_cancelled,
                                   .frame_next = on_next,
                                   .frame_push = on_push};
    struct retime r;
    float grey[2 * 8 * 8 * 3];
    int code = 0;
    q->width = WIDTH;
    q->height = HEIGHT;
    q->fps = 25;
    f->frame = frame_new(WIDTH, HEIGHT);
    retime_init(&r, q, &run, n);
    for (int i = 0; i < n && code == 0; i += 2) {
        const int chunk = i + 1 < n ? 2 : 1;
        for (int k = 0; k < chunk * 8 * 8 * 3; k++)
            grey[k] = -1 + 2.0F * (float)(i + k / (8 * 8 * 3)) / (float)(n > 1 ? n - 1 : 1);
        const struct tensor rgb = {
            .data = grey, .dtype = DTYPE_F32, .n_dims = 4, .shape = {chunk, 8, 8, 3}, .scale = 1};
        code = retime_add(&r, &rgb, err);
    }
    retime_fini(&r);
    frame_free(f->frame);
    return code;
}

TEST(first_and_last_frames_fall_together_and_the_rest_rises_evenly)
{
    static const struct {
        int from, to;
    } cases[] = {{9, 9}, {9, 33}, {33, 9}, {5, 6}, {81, 60}, {2, 50}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct film f = {0};
        struct error err;
        struct engine_request q = {.n_frames = cases[i].to};
        CHECK_OK(play(&f, &q, cases[i].from, &err), err);
        assert_int_equal(f.n, cases[i].to);
        assert_in_range(f.luma[0], 16, 17);
        assert_in_range(f.luma[f.n - 1], 234, 235);
        for (int k = 0; k < f.n; k++) {
            const int want = 16 + 219 * k / (f.n - 1);
            assert_in_range(f.luma[k], want - 3, want + 3);
        }
    }
}

TEST(a_film_of_one_frame_is_the_first)
{
    struct film f = {0};
    struct error err;
    struct engine_request q = {.n_frames = 1};
    CHECK_OK(play(&f, &q, 5, &err), err);
    assert_int_equal(f.n, 1);
    assert_in_range(f.luma[0], 16, 17);
}

TEST(a_film_with_an_image_begins_with_it_exactly)
{
    struct film f = {0};
    struct error err;
    SCOPED(image) struct image *image = image_new(WIDTH, HEIGHT);
    memset(image->rgb, 255, (size_t)WIDTH * HEIGHT * 3);
    struct engine_request q = {.n_frames = 10, .image = image};
    CHECK_OK(play(&f, &q, 5, &err), err);
    assert_int_equal(f.n, 10);
    assert_int_equal(f.luma[0], 235); /* the image is white, the network's first frame black */
    assert_true(f.luma[1] < 100);
}

TEST(what_is_no_number_is_black)
{
    struct film f = {.frame = frame_new(WIDTH, HEIGHT)};
    struct error err;
    struct engine_request q = {.n_frames = 1, .width = WIDTH, .height = HEIGHT, .fps = 25};
    const struct engine_run run = {.arg = &f,
                                   .progress = on_progress,
                                   .cancelled = on_cancelled,
                                   .frame_next = on_next,
                                   .frame_push = on_push};
    SCOPED(retime) struct retime r;
    float none[WIDTH * HEIGHT * 3];
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        none[i] = NAN;
    const struct tensor rgb = {
        .data = none, .dtype = DTYPE_F32, .n_dims = 4, .shape = {1, HEIGHT, WIDTH, 3}, .scale = 1};
    retime_init(&r, &q, &run, 1);
    CHECK_OK(retime_add(&r, &rgb, &err), err);
    frame_free(f.frame);
    assert_in_range(f.luma[0], 16, 17);
}

TEST(a_film_stops_when_somebody_wants_it_or_the_encoder_is_gone)
{
    struct error err;
    struct film cancelled = {.cancelled = true}, full = {.full = true};
    struct engine_request q = {.n_frames = 10};
    CHECK_ERR(play(&cancelled, &q, 5, &err), ERR_CANCELLED);
    CHECK_ERR(play(&full, &q, 5, &err), ERR_IO);
}
