/* storyboard_test.c - the engine's side of its contract. SPDX-License-Identifier: MIT */
#include "engine/engine.h"

#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "unit.h"

/* A job that counts. */
struct job {
    struct frame *frame;
    int n_next, n_pushed, n_asked;
    int cancel_at; /* the frame that is pushed last; -1: never */
    int fail_at;   /* the encoder fails instead of lending this frame; -1: never */
    bool fell;     /* progress went back */
    double done;
    char stages[64]; /* the first letter of each new stage */
    const char *stage;
};

static void progress(void *arg, const char *stage, double done)
{
    struct job *j = arg;
    j->fell = j->fell || done < j->done || done > 1;
    j->done = done;
    if (!j->stage || strcmp(j->stage, stage) != 0)
        j->stages[strlen(j->stages)] = stage[0];
    j->stage = stage;
}

static bool cancelled(void *arg)
{
    struct job *j = arg;
    j->n_asked++;
    return j->cancel_at >= 0 && j->n_pushed >= j->cancel_at;
}

static struct frame *frame_lend(void *arg)
{
    struct job *j = arg;
    return j->n_next++ == j->fail_at ? NULL : j->frame;
}

static void frame_take(void *arg)
{
    struct job *j = arg;
    j->n_pushed++;
}

static const struct engine_request small = {
    .prompt = "A cat walks on a beach [Push in]",
    .seed = 7,
    .width = 160,
    .height = 90,
    .fps = 25,
    .n_frames = 12,
};

static int run(struct job *j, const struct engine_request *q, char **meta, struct error *err)
{
    const struct engine_run r = {.arg = j,
                                 .progress = progress,
                                 .cancelled = cancelled,
                                 .frame_next = frame_lend,
                                 .frame_push = frame_take};
    struct engine *e = NULL;
    j->frame = frame_new(q->width, q->height);
    CHECK_OK(engine_storyboard.open(&e, &(struct engine_options){.model = "video-01"}, err), *err);
    int code = engine_storyboard.generate(e, q, &r, meta, err);
    engine_storyboard.close(e);
    frame_free(j->frame);
    return code;
}

TEST(the_table_knows_the_storyboard)
{
    assert_ptr_equal(engine_find("storyboard"), &engine_storyboard);
    assert_null(engine_find("nobody"));
}

TEST(a_film_has_all_its_frames_and_tells_its_plan)
{
    struct error err = {0};
    struct job j = {.cancel_at = -1, .fail_at = -1};
    SCOPED(mem) char *meta = NULL;
    CHECK_OK(run(&j, &small, &meta, &err), err);
    assert_int_equal(j.n_pushed, small.n_frames);
    assert_false(j.fell);
    assert_true(j.done > 0.999);
    assert_string_equal(j.stages, "rpd"); /* reading, painting, drawing */
    json_t *root = json_loads(meta, 0, NULL);
    assert_non_null(root);
    const char *place = NULL, *picture = NULL, *move = NULL;
    assert_int_equal(json_unpack(root, "{s:{s:s,s:[{s:s}],s:[{s:s}]}}", "plan", "place", &place,
                                 "cast", "picture", &picture, "camera", "move", &move),
                     0);
    assert_string_equal(place, "beach");
    assert_string_equal(picture, "cat");
    assert_string_equal(move, "Push in");
    json_decref(root);
}

TEST(cancelling_stops_before_the_next_frame)
{
    for (int at = 0; at < 3; at++) {
        struct error err = {0};
        struct job j = {.cancel_at = at, .fail_at = -1};
        char *meta = NULL;
        CHECK_ERR(run(&j, &small, &meta, &err), ERR_CANCELLED);
        assert_int_equal(j.n_pushed, at);
        assert_null(meta);
    }
}

TEST(an_encoder_that_fails_ends_the_film)
{
    struct error err = {0};
    struct job j = {.cancel_at = -1, .fail_at = 3};
    char *meta = NULL;
    CHECK_ERR(run(&j, &small, &meta, &err), ERR_IO);
    assert_int_equal(j.n_pushed, 3);
}

TEST(an_image_film_tells_only_its_camera)
{
    struct error err = {0};
    struct job j = {.cancel_at = -1, .fail_at = -1};
    struct image *image = image_new(160, 90);
    struct engine_request q = small;
    SCOPED(mem) char *meta = NULL;
    q.image = image;
    q.prompt = "";
    CHECK_OK(run(&j, &q, &meta, &err), err);
    assert_int_equal(j.n_pushed, q.n_frames);
    assert_non_null(strstr(meta, "\"cast\":[]")); /* nobody but whom the prompt names */
    assert_non_null(strstr(meta, "camera"));
    image_free(image);
}

TEST(the_estimate_grows_with_the_picture)
{
    int64_t little = 0, much = 0;
    double seconds;
    struct engine_request q = small;
    engine_storyboard.estimate(&q, &little, &seconds);
    q.width = 1280;
    q.height = 720;
    engine_storyboard.estimate(&q, &much, &seconds);
    assert_true(little > 0 && much > little);
}
