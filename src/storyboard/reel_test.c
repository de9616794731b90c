/* reel_test.c - films: the same twice, alive, true to their image. SPDX-License-Identifier: MIT */
#include "storyboard/reel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "unit.h"

#define DRAGON                                                                                     \
    "A menacing evil dragon appears in a distance above the tallest mountain, then rushes toward " \
    "the camera with its jaws open, revealing massive fangs. We see it's coming."

static struct reel_request request(const char *prompt, int width, int height, int n_frames)
{
    return (struct reel_request){.prompt = text_of(prompt),
                                 .seed = 11,
                                 .width = width,
                                 .height = height,
                                 .fps = 25,
                                 .n_frames = n_frames,
                                 .n_threads = 1};
}

static uint64_t digest(const struct frame *f)
{
    uint64_t sum = 0;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < (p ? f->height / 2 : f->height); y++)
            sum = sum * 1099511628211U +
                  hash_quick((struct text){(const char *)f->plane[p] + y * f->stride[p],
                                           (size_t)(p ? f->width / 2 : f->width)});
    return sum;
}

struct look {
    double mean, deviation; /* of luma */
};

static struct look look_at(const struct frame *f)
{
    double sum = 0, squares = 0, n = (double)f->width * f->height;
    for (int y = 0; y < f->height; y++)
        for (int x = 0; x < f->width; x++) {
            double v = f->plane[0][y * f->stride[0] + x];
            sum += v;
            squares += v * v;
        }
    return (struct look){.mean = sum / n, .deviation = sqrt(squares / n - sum / n * (sum / n))};
}

/* The mean change of a luma sample. */
static double change(const struct frame *a, const struct frame *b)
{
    double sum = 0;
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < a->width; x++)
            sum += fabs((double)a->plane[0][y * a->stride[0] + x] -
                        (double)b->plane[0][y * b->stride[0] + x]);
    return sum / a->width / a->height;
}

static void film_digests(const struct reel_request *q, uint64_t *out)
{
    struct error err = {0};
    SCOPED(reel) struct reel *r = NULL;
    SCOPED(frame) struct frame *f = frame_new(q->width, q->height);
    CHECK_OK(reel_open(&r, q, NULL, NULL, &err), err);
    for (int i = 0; i < q->n_frames; i++) {
        reel_frame(r, i, f);
        out[i] = digest(f);
    }
}

TEST(the_same_request_gives_the_same_frames_on_any_number_of_threads)
{
    static const char *const prompts[] = {DRAGON, "A ship at sea in a storm",
                                          "A fox in a snowy forest", "a cat on a beach [Shake]"};
    enum { FRAMES = 5 };
    for (size_t k = 0; k < sizeof prompts / sizeof *prompts; k++) {
        uint64_t one[FRAMES], again[FRAMES], three[FRAMES], other[FRAMES];
        struct reel_request q = request(prompts[k], 320, 180, FRAMES);
        film_digests(&q, one);
        film_digests(&q, again);
        q.n_threads = 3;
        film_digests(&q, three);
        q.seed++;
        film_digests(&q, other);
        assert_memory_equal(one, again, sizeof one);
        assert_memory_equal(one, three, sizeof one);
        assert_true(memcmp(one, other, sizeof one) != 0);
    }
}

TEST(frames_may_be_drawn_in_any_order)
{
    struct error err = {0};
    const struct reel_request q = request("A swan on a lake", 256, 144, 6);
    uint64_t in_order[6];
    SCOPED(reel) struct reel *r = NULL;
    SCOPED(frame) struct frame *f = frame_new(256, 144);
    film_digests(&q, in_order);
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    for (int i = 5; i >= 0; i--) {
        reel_frame(r, i, f);
        assert_true(digest(f) == in_order[i]);
    }
}

TEST(every_place_at_every_time_is_a_picture)
{
    for (int place = 0; place < PLACES; place++)
        for (int time = 0; time < TIMES; time++) {
            char prompt[80];
            struct error err = {0};
            snprintf(prompt, sizeof prompt, "a dog in the %s at %s",
                     place == PLACE_PLANET ? "lunar crater" : plan_place_name((enum place)place),
                     plan_time_name((enum time_of_day)time));
            const struct reel_request q = request(prompt, 192, 108, 9);
            SCOPED(reel) struct reel *r = NULL;
            SCOPED(frame) struct frame *f = frame_new(192, 108);
            CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
            assert_int_equal(reel_plan(r)->place, place);
            assert_int_equal(reel_plan(r)->time, time);
            reel_frame(r, 4, f);
            const struct look l = look_at(f);
            if (l.mean < 20 || l.mean > 215 || l.deviation < 6)
                fail_msg("%s: mean %.1f, deviation %.1f", prompt, l.mean, l.deviation);
        }
}

/* A film that lives: no frame is flat, none repeats the one before, none jumps. */
TEST(the_dragon_film_lives)
{
    enum { FRAMES = 141 };
    struct error err = {0};
    const struct reel_request q = request(DRAGON, 320, 180, FRAMES);
    SCOPED(reel) struct reel *r = NULL;
    SCOPED(frame) struct frame *now = frame_new(320, 180);
    SCOPED(frame) struct frame *before = frame_new(320, 180);
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    for (int i = 0; i < FRAMES; i++) {
        reel_frame(r, i, now);
        const struct look l = look_at(now);
        assert_true(l.mean > 35 && l.mean < 180);
        assert_true(l.deviation > 12);
        if (i > 0) {
            const double moved = change(now, before);
            /* It ends close to the camera and fast, in a trembling hand. */
            if (moved < 0.05 || moved > 26)
                fail_msg("frame %d: %.2f", i, moved);
        }
        struct frame *swap = before;
        before = now;
        now = swap;
    }
}

/* Red: the inside of its jaws. */
static int count_red(const struct frame *f)
{
    int n = 0;
    for (int y = 0; y < f->height / 2; y++)
        for (int x = 0; x < f->width / 2; x++)
            n += f->plane[2][y * f->stride[2] + x] > 150 && f->plane[1][y * f->stride[1] + x] < 124;
    return n;
}

TEST(the_dragon_comes_from_afar_and_its_jaws_fill_the_frame)
{
    struct error err = {0};
    const struct reel_request q = request(DRAGON, 320, 180, 141);
    SCOPED(reel) struct reel *r = NULL;
    SCOPED(frame) struct frame *empty = frame_new(320, 180);
    SCOPED(frame) struct frame *far = frame_new(320, 180);
    SCOPED(frame) struct frame *near = frame_new(320, 180);
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    reel_frame(r, 0, empty);
    reel_frame(r, 45, far);
    reel_frame(r, 140, near);
    assert_true(change(far, empty) < 4);
    assert_true(change(near, empty) > 20);
    assert_true(count_red(near) > count_red(far) + 160 * 90 / 10);
}

static struct image *test_image(int width, int height)
{
    struct image *im = image_new(width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *p = im->rgb + 3 * (y * width + x);
            p[0] = (uint8_t)(x * 255 / width);
            p[1] = (uint8_t)((x / 9 + y / 7) % 2 * 200 + 20);
            p[2] = (uint8_t)(y * 255 / height);
        }
    return im;
}

TEST(the_first_frame_is_the_image)
{
    static const char *const prompts[] = {
        "",           "[Pull out]",    "[Truck left,Tilt up] a cat",
        "[Shake]",    "[Static shot]", "[Zoom in] [Pan right]",
        "跟随 [跟随]"};
    enum { WIDTH = 288, HEIGHT = 162, FRAMES = 30 };
    SCOPED(image) struct image *im = test_image(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *exact = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *now = frame_new(WIDTH, HEIGHT);
    SCOPED(frame) struct frame *before = frame_new(WIDTH, HEIGHT);
    frame_from_rgb(exact, im->rgb, 3 * WIDTH);
    for (size_t k = 0; k < sizeof prompts / sizeof *prompts; k++) {
        struct error err = {0};
        struct reel_request q = request(prompts[k], WIDTH, HEIGHT, FRAMES);
        q.image = im;
        SCOPED(reel) struct reel *r = NULL;
        CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
        reel_frame(r, 0, now);
        assert_true(digest(now) == digest(exact));
        double total = 0, first = 0;
        for (int i = 1; i < FRAMES; i++) {
            struct frame *swap = before;
            before = now;
            now = swap;
            reel_frame(r, i, now);
            const double moved = change(now, before);
            total += moved;
            first = i == 1 ? moved : first;
        }
        assert_true(total > 1);
        assert_true(first <= total / (FRAMES - 1) * 1.2); /* it starts gently */
    }
}

TEST(any_size_and_length_can_be_drawn)
{
    static const int sizes[][3] = {{64, 64, 1},  {64, 130, 2},   {640, 66, 1},
                                   {66, 640, 3}, {1040, 720, 1}, {720, 1264, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct error err = {0};
        const struct reel_request q =
            request("A swan on a lake in the rain", sizes[i][0], sizes[i][1], sizes[i][2]);
        SCOPED(reel) struct reel *r = NULL;
        SCOPED(frame) struct frame *f = frame_new(q.width, q.height);
        CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
        for (int k = 0; k < q.n_frames; k++)
            reel_frame(r, k, f);
        assert_true(look_at(f).deviation > 4);
    }
}

TEST(impossible_films_are_refused)
{
    static const struct {
        int width, height, fps, n_frames;
    } cases[] = {{63, 64, 25, 1}, {64, 65, 25, 1}, {62, 64, 25, 1}, {4098, 64, 25, 1},
                 {64, 64, 0, 1},  {64, 64, 25, 0}, {-64, 64, 25, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        struct reel *r = NULL;
        struct reel_request q = request("", cases[i].width, cases[i].height, cases[i].n_frames);
        q.fps = cases[i].fps;
        CHECK_ERR(reel_open(&r, &q, NULL, NULL, &err), ERR_INVALID);
        assert_null(r);
    }
}

static int stop_after(void *arg, float done)
{
    int *n = arg;
    assert_true(done > 0 && done <= 1);
    return --*n == 0;
}

TEST(painting_can_be_stopped_at_each_sheet)
{
    for (int n = 1; n <= 3; n++) {
        struct error err = {0};
        struct reel *r = NULL;
        int left = n;
        const struct reel_request q = request("A cat in a village", 128, 72, 2);
        CHECK_ERR(reel_open(&r, &q, stop_after, &left, &err), ERR_CANCELLED);
        assert_int_equal(left, 0);
    }
}

TEST(every_camera_command_can_be_drawn_to_its_end)
{
    for (int shot = 0; shot < SHOTS; shot++) {
        char prompt[120];
        struct error err = {0};
        const char *name = plan_shot_name((enum shot)shot);
        snprintf(prompt, sizeof prompt, "[%s] [%s] [%s] [%s] a ship at sea", name, name, name,
                 name);
        const struct reel_request q = request(prompt, 160, 90, 4);
        SCOPED(reel) struct reel *r = NULL;
        SCOPED(frame) struct frame *f = frame_new(160, 90);
        CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
        for (int i = 0; i < 4; i++)
            reel_frame(r, i, f);
        assert_true(look_at(f).deviation > 3);
    }
}

TEST(hostile_prompts_give_films)
{
    static const char *const prompts[] = {"", "\xf0\x9f\x98\x80\xf0\x9f\x8e\x89", "שלום עולם",
                                          "\xff\xfe\x80 \x01\x02", "<svg onload=x> %s %n ../.."};
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        struct error err = {0};
        const struct reel_request q = request(prompts[i], 128, 72, 1);
        SCOPED(reel) struct reel *r = NULL;
        SCOPED(frame) struct frame *f = frame_new(128, 72);
        CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
        reel_frame(r, 0, f);
        assert_true(look_at(f).deviation > 3);
    }
}

/* No vector picture is in such a film: its bytes are the same on every machine. */
TEST(a_film_over_an_image_is_the_same_everywhere)
{
    struct error err = {0};
    SCOPED(image) struct image *im = test_image(256, 144);
    SCOPED(frame) struct frame *f = frame_new(256, 144);
    struct reel_request q = request("[Push in,Shake]", 256, 144, 9);
    q.image = im;
    SCOPED(reel) struct reel *r = NULL;
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    reel_frame(r, 8, f);
    assert_int_equal(digest(f), 0xd34830bedba74bbb);
}
