/* parallax_test.c - films over a picture: true to it, with depth, without a tear.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/parallax.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storyboard/dolly.h"
#include "storyboard/kernel.h"
#include "storyboard/reel.h"
#include "storyboard/still_light.h"
#include "storyboard/still_sample.h"
#include "unit.h"

enum { WIDTH = 480, HEIGHT = 272, FRAMES = 141, LAST = FRAMES - 1 };

static struct reel_request request(const char *prompt, const struct image *im)
{
    return (struct reel_request){.prompt = text_of(prompt),
                                 .image = im,
                                 .seed = 11,
                                 .width = im->width,
                                 .height = im->height,
                                 .fps = 25,
                                 .n_frames = FRAMES,
                                 .n_threads = 1};
}

/* Frame i of a film; the caller frees it. */
static struct frame *frame_of(const char *prompt, const struct image *im, int i)
{
    struct error err = {0};
    const struct reel_request q = request(prompt, im);
    SCOPED(reel) struct reel *r = NULL;
    struct frame *f = frame_new(im->width, im->height);
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    reel_frame(r, i, f);
    return f;
}

static bool same(const struct frame *a, const struct frame *b)
{
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < a->height >> (p > 0); y++)
            if (memcmp(a->plane[p] + (int64_t)y * a->stride[p],
                       b->plane[p] + (int64_t)y * b->stride[p], (size_t)(a->width >> (p > 0))) != 0)
                return false;
    return true;
}

static double change(const struct frame *a, const struct frame *b)
{
    double sum = 0;
    for (int y = 0; y < a->height; y++)
        for (int x = 0; x < a->width; x++)
            sum += abs(a->plane[0][y * a->stride[0] + x] - b->plane[0][y * b->stride[0] + x]);
    return sum / a->width / a->height;
}

static double mean_luma(const struct frame *f)
{
    double sum = 0;
    for (int y = 0; y < f->height; y++)
        for (int x = 0; x < f->width; x++)
            sum += f->plane[0][y * f->stride[0] + x];
    return sum / f->width / f->height;
}

/* The first frame is the picture, the next ones part from it slowly, and then it moves. */
static void check_start(const struct image *im, const char *prompt, const char *what)
{
    struct error err = {0};
    const struct reel_request q = request(prompt, im);
    SCOPED(reel) struct reel *r = NULL;
    struct frame *f[5] = {0};
    const int at[] = {0, 1, 3, 70, 71};
    SCOPED(frame) struct frame *exact = frame_new(im->width, im->height);
    frame_from_rgb(exact, im->rgb, 3 * im->width);
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    for (int i = 0; i < 5; i++) {
        f[i] = frame_new(im->width, im->height);
        reel_frame(r, at[i], f[i]);
    }
    const double first = change(f[0], f[1]), third = change(f[0], f[2]);
    const double pace = change(f[3], f[4]);
    if (!same(f[0], exact))
        fail_msg("%s, %s: the first frame is not the picture", what, prompt);
    if (first > 0.75 * pace + 0.35 || third > 3 * pace + 0.6)
        fail_msg("%s, %s: %.2f, %.2f at first, then %.2f a frame", what, prompt, first, third,
                 pace);
    for (int i = 0; i < 5; i++)
        frame_free(f[i]);
}

TEST(every_shot_starts_with_the_picture_and_gently)
{
    static const int sizes[][2] = {{320, 180}, {304, 304}, {432, 180}};
    for (int s = 0; s < STILL_SAMPLES; s++) {
        const int *size = sizes[s % 3];
        SCOPED(image) struct image *im = still_sample_draw((enum still_sample)s, size[0], size[1]);
        for (int shot = 0; shot < SHOTS; shot++) {
            char prompt[40];
            snprintf(prompt, sizeof prompt, "[%s]", plan_shot_name((enum shot)shot));
            if (shot != SHOT_SHAKE)
                check_start(im, prompt, still_sample_name((enum still_sample)s));
        }
    }
}

TEST(what_is_added_comes_in_from_nothing)
{
    static const char *const prompts[] = {"heavy rain [Static shot]", "it is snowing, dusk",
                                          "fog at night", "a bird flies across [Shake]"};
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, 320, 180);
    SCOPED(frame) struct frame *exact = frame_new(320, 180);
    frame_from_rgb(exact, im->rgb, 3 * 320);
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        SCOPED(frame) struct frame *first = frame_of(prompts[i], im, 0);
        SCOPED(frame) struct frame *second = frame_of(prompts[i], im, 1);
        SCOPED(frame) struct frame *late = frame_of(prompts[i], im, 100);
        assert_true(same(first, exact));
        assert_true(change(first, second) < 0.8);
        if (change(first, late) < 1.2)
            fail_msg("%s: %.2f", prompts[i], change(first, late));
    }
}

/* The middle of all pixels whose chroma is beyond a bound, and how many there are. */
struct spot {
    double x, y, n;
};

static struct spot find_spot(const struct frame *f, int plane)
{
    struct spot s = {0};
    for (int y = 0; y < f->height / 2; y++)
        for (int x = 0; x < f->width / 2; x++)
            if (f->plane[plane][y * f->stride[plane] + x] > (plane == 2 ? 185 : 175)) {
                s.x += 2 * x;
                s.y += 2 * y;
                s.n++;
            }
    assert_true(s.n > 20);
    s.x /= s.n;
    s.y /= s.n;
    return s;
}

struct markers {
    struct spot near, far;
};

static struct markers markers_at(const struct image *im, const char *prompt, int i)
{
    SCOPED(frame) struct frame *f = frame_of(prompt, im, i);
    return (struct markers){.near = find_spot(f, 2), .far = find_spot(f, 1)};
}

TEST(what_is_near_moves_more_than_what_is_far)
{
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    const struct markers at_rest = markers_at(im, "[Truck right]", 0);
    const struct markers right = markers_at(im, "[Truck right]", LAST);
    const struct markers left = markers_at(im, "[Truck left]", LAST);
    const double near = left.near.x - right.near.x, far = left.far.x - right.far.x;
    assert_true(left.near.x > at_rest.near.x && right.near.x < at_rest.near.x);
    if (near < 2 * far || far < 1)
        fail_msg("near %.1f px, far %.1f px", near, far);
    const struct markers in = markers_at(im, "[Push in]", LAST);
    const double grown = in.near.n / at_rest.near.n, grown_far = in.far.n / at_rest.far.n;
    if (grown < 1.15 || grown_far < 1.02 || grown < grown_far + 0.08)
        fail_msg("near %.2f times as large, far %.2f", grown, grown_far);
    assert_true(markers_at(im, "[Pull out]", LAST).near.n < at_rest.near.n);
}

TEST(each_shot_goes_its_way)
{
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    const struct markers at_rest = markers_at(im, "[Pan left]", 0);
    assert_true(markers_at(im, "[Pan left]", LAST).far.x > at_rest.far.x + 4);
    assert_true(markers_at(im, "[Pan right]", LAST).near.x < at_rest.near.x - 4);
    assert_true(markers_at(im, "[Tilt up]", LAST).far.y > at_rest.far.y + 3);
    assert_true(markers_at(im, "[Tilt down]", LAST).far.y < at_rest.far.y - 3);
    assert_true(markers_at(im, "[Pedestal up]", LAST).near.y > at_rest.near.y + 3);
    assert_true(markers_at(im, "[Pedestal down]", LAST).near.y < at_rest.near.y - 3);
    assert_true(markers_at(im, "[Zoom in]", LAST).far.n > 1.2 * at_rest.far.n);
    assert_true(markers_at(im, "[Zoom out]", LAST).far.n < at_rest.far.n);
    const struct markers still = markers_at(im, "[Static shot]", LAST);
    assert_true(fabs(still.near.x - at_rest.near.x) < 3 && fabs(still.far.x - at_rest.far.x) < 3);
}

/* How far points stray from the straight line that fits them best. */
static double stray(const double *at, int n)
{
    double si = 0, s = 0, sii = 0, sis = 0, most = 0;
    for (int i = 0; i < n; i++) {
        si += i;
        s += at[i];
        sii += (double)i * i;
        sis += i * at[i];
    }
    const double slope = (n * sis - si * s) / (n * sii - si * si), base = (s - slope * si) / n;
    for (int i = 0; i < n; i++)
        most = fmax(most, fabs(at[i] - base - slope * i));
    return most;
}

/* The middle of what is white along a line of a frame. */
static double white_at(const struct frame *f, int line, bool down, int from, int to)
{
    double sum = 0, weight = 0;
    for (int i = from; i < to; i++) {
        const int v = down ? f->plane[0][i * f->stride[0] + line]
                           : f->plane[0][line * f->stride[0] + i];
        const double k = v > 195 ? v - 195 : 0;
        sum += k * i;
        weight += k;
    }
    assert_true(weight > 20);
    return sum / weight;
}

TEST(lines_of_a_house_stay_straight)
{
    static const char *const shots[] = {"[Truck right]",   "[Push in]",  "[Pedestal up]",
                                        "[Tracking shot]", "[Pan left]", "[Pull out]"};
    SCOPED(image) struct image *im = still_sample_draw(STILL_FACADE, 640, 368);
    for (size_t k = 0; k < sizeof shots / sizeof *shots; k++) {
        SCOPED(frame) struct frame *f = frame_of(shots[k], im, LAST);
        double level[300], plumb[120];
        for (int x = 0; x < 300; x++)
            level[x] = white_at(f, 170 + x, true, 50, 104);
        for (int y = 0; y < 120; y++)
            plumb[y] = white_at(f, 120 + y, false, 20, 120);
        if (stray(level, 300) > 0.8 || stray(plumb, 120) > 0.8)
            fail_msg("%s: %.2f px of a level line, %.2f of a plumb one", shots[k],
                     stray(level, 300), stray(plumb, 120));
    }
}

TEST(rain_shows_and_dusk_falls)
{
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    SCOPED(frame) struct frame *plain = frame_of("[Static shot]", im, LAST);
    SCOPED(frame) struct frame *rain = frame_of("heavy rain [Static shot]", im, LAST);
    SCOPED(frame) struct frame *dusk = frame_of("dusk [Static shot]", im, LAST);
    SCOPED(frame) struct frame *half = frame_of("dusk [Static shot]", im, 70);
    if (change(plain, rain) < 0.12)
        fail_msg("rain changes %.2f", change(plain, rain));
    assert_true(mean_luma(dusk) < 0.75 * mean_luma(plain));
    assert_true(mean_luma(half) < mean_luma(plain) - 5 && mean_luma(half) > mean_luma(dusk) + 5);
}

TEST(somebody_crosses_only_when_the_prompt_says_so)
{
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    SCOPED(frame) struct frame *nobody = frame_of("[Static shot]", im, 70);
    SCOPED(frame) struct frame *named = frame_of("a bird [Static shot]", im, 70);
    SCOPED(frame) struct frame *flying = frame_of("a bird flies across [Static shot]", im, 70);
    assert_true(same(nobody, named));
    assert_true(change(nobody, flying) > 0.1);
}

TEST(who_crosses_comes_in_from_outside)
{
    static const char *const who[] = {"a dog walks across [Static shot]",
                                      "an eagle flies across [Static shot]",
                                      "two horses gallop past [Static shot]"};
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    SCOPED(frame) struct frame *early = frame_of("[Static shot]", im, 1);
    SCOPED(frame) struct frame *half = frame_of("[Static shot]", im, 70);
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        SCOPED(frame) struct frame *outside = frame_of(who[i], im, 1);
        SCOPED(frame) struct frame *within = frame_of(who[i], im, 70);
        if (change(early, outside) > 0.02 || change(half, within) < 0.2)
            fail_msg("%s: %.3f in the second frame, %.2f later", who[i], change(early, outside),
                     change(half, within));
    }
}

/* How many samples are as yellow as a cat, at most in any of some frames of a film. */
static int most_yellow(const char *prompt, const struct image *im)
{
    struct error err = {0};
    const struct reel_request q = request(prompt, im);
    SCOPED(reel) struct reel *r = NULL;
    SCOPED(frame) struct frame *f = frame_new(im->width, im->height);
    int most = 0;
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    for (int i = 10; i < FRAMES; i += 10) {
        int n = 0;
        reel_frame(r, i, f);
        for (int y = 0; y < f->height / 2; y++)
            for (int x = 0; x < f->width / 2; x++)
                n += f->plane[1][y * f->stride[1] + x] < 84;
        most = n > most ? n : most;
    }
    return most;
}

/* Only the first of the cast came, and chased nobody. */
TEST(who_is_chased_comes_too)
{
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    const int alone = most_yellow("a pig runs across [Static shot]", im);
    const int both = most_yellow("a pig chases a cat [Static shot]", im);
    if (alone > 0 || both < 20)
        fail_msg("%d yellow samples of a pig, %d with a cat", alone, both);
}

/* How much of a colour the mist has left. */
static double left(const struct frame *clear, const struct frame *misty, float haze,
                   const int at[3])
{
    const int i = at[2] / 2 * clear->stride[at[0]] + at[1] / 2;
    const double mist = (double)palette_chroma(haze);
    return (misty->plane[at[0]][i] - mist) / (clear->plane[at[0]][i] - mist);
}

TEST(mist_is_thicker_over_what_is_farther)
{
    static const int red_egg[] = {2, WIDTH * 65 / 100, HEIGHT * 70 / 100};
    static const int blue_egg[] = {1, WIDTH * 275 / 1000, HEIGHT * 46 / 100};
    struct palette light;
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, WIDTH, HEIGHT);
    SCOPED(frame) struct frame *first = frame_of("[Static shot]", im, 0);
    SCOPED(frame) struct frame *clear = frame_of("[Static shot]", im, 120);
    SCOPED(frame) struct frame *misty = frame_of("thick fog [Static shot]", im, 120);
    still_light_measure(&light, first, 0.5F);
    const double near = left(clear, misty, light.haze.v, red_egg);
    const double far = left(clear, misty, light.haze.u, blue_egg);
    if (near < far + 0.1 || far > 0.8 || near > 0.95)
        fail_msg("%.2f of the near colour is left, %.2f of the far one", near, far);
}

/* A prompt without a word of place could fall under a roof of the seed's. */
TEST(rain_falls_and_leaves_do_whatever_place_the_seed_has)
{
    struct error err = {0};
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, 320, 180);
    SCOPED(frame) struct frame *plain = frame_of("[Static shot]", im, 100);
    SCOPED(frame) struct frame *f = frame_new(320, 180);
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct reel_request q =
            request(seed % 2 ? "rain [Static shot]" : "leaves fall [Static shot]", im);
        SCOPED(reel) struct reel *r = NULL;
        q.seed = seed;
        CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
        reel_frame(r, 100, f);
        assert_true(change(plain, f) > 0.05);
    }
}

/* The seed chooses hours, clouds and animals for text films. Over a picture it adds nothing. */
TEST(the_seed_adds_nothing_to_a_picture)
{
    struct error err = {0};
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, 320, 180);
    SCOPED(frame) struct frame *one = frame_of("[Push in]", im, 70);
    SCOPED(frame) struct frame *other = frame_new(320, 180);
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct reel_request q = request("[Push in]", im);
        SCOPED(reel) struct reel *r = NULL;
        q.seed = seed;
        CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
        reel_frame(r, 70, other);
        assert_true(same(one, other));
    }
}

TEST(any_number_of_threads_draws_the_same)
{
    static const char *const prompts[] = {"[Truck right]", "heavy rain at dusk [Push in,Tilt up]",
                                          "a dog runs across [Shake]"};
    struct error err = {0};
    for (int s = 0; s < STILL_PLAIN; s++) {
        SCOPED(image) struct image *im = still_sample_draw((enum still_sample)s, 320, 180);
        struct reel_request q = request(prompts[s % 3], im);
        SCOPED(frame) struct frame *one = frame_new(320, 180);
        SCOPED(frame) struct frame *four = frame_new(320, 180);
        for (int i = 0; i < 2; i++) {
            SCOPED(reel) struct reel *r = NULL;
            q.n_threads = 1 + 3 * i;
            CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
            reel_frame(r, LAST, i ? four : one);
        }
        assert_true(same(one, four));
    }
}

TEST(every_set_of_kernels_draws_the_same)
{
    static const char *const prompt =
        "fog, rain and leaves at dusk, a dog runs across [Truck right]";
    SCOPED(image) struct image *im = still_sample_draw(STILL_PARK, 320, 180);
    SCOPED(frame) struct frame *plain = NULL;
    for (int i = 0; kernel_list(i); i++) {
        kernel_use(kernel_list(i));
        struct frame *f = frame_of(prompt, im, 80);
        if (!plain)
            plain = f;
        else if (!same(plain, f))
            fail_msg("%s differs from plain C", kernel_list(i)->name);
        if (f != plain)
            frame_free(f);
    }
    kernel_use(NULL);
}

static int64_t allocated(void)
{
    const struct mallinfo2 m = mallinfo2();
    return (int64_t)m.uordblks + (int64_t)m.hblkhd;
}

TEST(a_film_over_a_picture_stays_within_its_memory)
{
    struct error err = {0};
    SCOPED(image) struct image *im = still_sample_draw(STILL_MARKERS, 1280, 720);
    const struct reel_request q = request("heavy rain at dusk [Truck right]", im);
    SCOPED(reel) struct reel *r = NULL;
    const int64_t before = allocated();
    CHECK_OK(reel_open(&r, &q, NULL, NULL, &err), err);
    assert_true(allocated() - before <= reel_bytes(1280, 720, true));
    assert_true(reel_bytes(1280, 720, true) < 100 << 20);
}
