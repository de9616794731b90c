/* film_test.c - whole films, small ones, by the storyboard. SPDX-License-Identifier: MIT */
#include "worker/film.h"

#include <spng.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "media/image.h"
#include "unit.h"

static const struct model small = {
    .id = "small",
    .engine = "storyboard",
    .prompt_max = 2000,
    .width = 320,
    .height = 180,
    .fps = 25,
    .n_frames = 12,
};

/* What the hooks saw. */
struct seen {
    char stages[200]; /* each once, with spaces between */
    double done;
    bool fell;     /* done went down */
    int n_asked;   /* for cancelled  */
    int cancel_at; /* 0: never      */
};

static void on_progress(void *arg, const char *stage, double done)
{
    struct seen *s = arg;
    size_t len = strlen(s->stages);
    if (!strstr(s->stages, stage))
        snprintf(s->stages + len, sizeof s->stages - len, "%s ", stage);
    s->fell |= done < s->done;
    s->done = done;
}

static bool on_cancelled(void *arg)
{
    struct seen *s = arg;
    return s->cancel_at && ++s->n_asked >= s->cancel_at;
}

static struct film_request request_for(const char *prompt, const char *name)
{
    static char path[120];
    snprintf(path, sizeof path, "%s/%s", unit_folder(), name);
    return (struct film_request){
        .model = &small,
        .prompt = text_of(prompt),
        .seed = 7,
        .fetch = fetch_limits_default(),
        .path = path,
    };
}

static int make(const struct film_request *r, struct seen *seen, struct film_result *out,
                struct error *err)
{
    const struct film_hooks hooks = {
        .arg = seen, .progress = on_progress, .cancelled = on_cancelled};
    return film_make(r, &hooks, out, err);
}

/* A PNG with a gradient; bytes is text_buf_fini'd by the caller. */
static void make_png(int width, int height, struct text_buf *bytes)
{
    size_t size = (size_t)width * (size_t)height * 3;
    uint8_t *rgb = mem_try(size);
    for (size_t i = 0; i < size; i++)
        rgb[i] = (uint8_t)(i / 3 % (size_t)width * 255 / (size_t)width);
    spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
    struct spng_ihdr head = {.width = (uint32_t)width,
                             .height = (uint32_t)height,
                             .bit_depth = 8,
                             .color_type = SPNG_COLOR_TYPE_TRUECOLOR};
    size_t len = 0;
    int rc = 0;
    spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
    spng_set_ihdr(ctx, &head);
    assert_int_equal(spng_encode_image(ctx, rgb, size, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
    void *png = spng_get_png_buffer(ctx, &len, &rc);
    text_buf_init(bytes, 1 << 24);
    text_buf_add(bytes, png, len);
    mem_free(png);
    spng_ctx_free(ctx);
    mem_free(rgb);
}

TEST(a_prompt_becomes_a_film_with_all_its_frames)
{
    struct film_request r = request_for("a red fox runs in the snow", "film.mp4");
    struct seen seen = {0};
    struct film_result film;
    struct error err;
    CHECK_OK(make(&r, &seen, &film, &err), err);
    assert_int_equal(film.mp4.n_frames, small.n_frames);
    assert_int_equal(film.width, 320);
    assert_int_equal(film.height, 180);
    assert_string_equal(film.engine, "storyboard");
    assert_string_equal(film.prompt, "a red fox runs in the snow");
    assert_false(seen.fell);
    assert_true(seen.done == 1.0);
    assert_non_null(strstr(seen.stages, "finishing"));
    film_result_fini(&film);
}

TEST(enhancing_adds_words_and_literal_adds_none)
{
    struct film_request r = request_for("a red fox", "enhanced.mp4");
    struct seen seen = {0};
    struct film_result film;
    struct error err;
    r.enhance = true;
    CHECK_OK(make(&r, &seen, &film, &err), err);
    assert_true(strlen(film.prompt) > strlen("a red fox"));
    assert_memory_equal(film.prompt, "a red fox", strlen("a red fox"));
    film_result_fini(&film);
}

TEST(the_same_request_gives_the_same_bytes)
{
    struct text_buf bytes[2];
    for (int i = 0; i < 2; i++) {
        struct film_request r = request_for("a dragon over mountains", i ? "b.mp4" : "a.mp4");
        struct seen seen = {0};
        struct film_result film;
        struct error err;
        CHECK_OK(make(&r, &seen, &film, &err), err);
        film_result_fini(&film);
        CHECK_OK(file_read(r.path, 1 << 24, &bytes[i], &err), err);
    }
    assert_int_equal(bytes[0].len, bytes[1].len);
    assert_memory_equal(bytes[0].at, bytes[1].at, bytes[0].len);
    text_buf_fini(&bytes[0]);
    text_buf_fini(&bytes[1]);
}

TEST(an_image_decides_the_size)
{
    SCOPED(text_buf) struct text_buf png;
    make_png(640, 480, &png);
    struct film_request r = request_for("", "image.mp4");
    r.image_bytes = (struct text){png.at, png.len};
    struct seen seen = {0};
    struct film_result film;
    struct error err;
    CHECK_OK(make(&r, &seen, &film, &err), err);
    assert_int_equal(film.width, 240); /* the shorter side is that of the model */
    assert_int_equal(film.height, 180);
    assert_non_null(strstr(seen.stages, "decoding"));
    assert_false(seen.fell);
    film_result_fini(&film);
}

static void expect_failure(const struct film_request *r, int rc, const char *name,
                           const char *words)
{
    struct seen seen = {0};
    struct film_result film;
    struct error err = {0};
    int got = make(r, &seen, &film, &err);
    if (got != rc || strcmp(film.error_name, name) != 0 || !strstr(err.text, words))
        fail_msg("%d %s \"%s\", must be %d %s \"%s\"", got, film.error_name, err.text, rc, name,
                 words);
    assert_null(film.prompt);
    assert_null(film.meta);
}

TEST(an_image_that_breaks_rules_fails_with_all_of_them)
{
    SCOPED(text_buf) struct text_buf png;
    make_png(1000, 200, &png);
    struct film_request r = request_for("x", "bad.mp4");
    r.image_bytes = (struct text){png.at, png.len};
    expect_failure(&r, ERR_INVALID, "InvalidImageException", "shorter side is 200 px");
    expect_failure(&r, ERR_INVALID, "InvalidImageException", "; ");
    r.image_bytes = TEXT("GIF89a, not one of ours");
    expect_failure(&r, ERR_INVALID, "InvalidImageException", "");
    r.image_bytes = (struct text){png.at, png.len / 2};
    expect_failure(&r, ERR_CORRUPT, "InvalidImageException", "");
}

TEST(an_image_that_cannot_be_fetched_says_why)
{
    struct film_request r = request_for("x", "fetch.mp4");
    r.image_url = "http://127.0.0.1:9/image.png";
    expect_failure(&r, ERR_DENIED, "ImageFetchException", "127.0.0.1 is a loopback address");
    r.image_url = "file:///etc/passwd";
    expect_failure(&r, ERR_INVALID, "ImageFetchException", "scheme is file");
}

TEST(what_is_not_the_images_fault_is_the_generations)
{
    struct film_request r = request_for("x", "x.mp4");
    struct model other = small;
    other.engine = "none";
    r.model = &other;
    expect_failure(&r, ERR_NOT_FOUND, "GenerationException", "no engine none");
    r.model = &small;
    r.path = "/nonexistent/x.mp4";
    struct seen seen = {0};
    struct film_result film;
    struct error err;
    assert_true(make(&r, &seen, &film, &err) < 0);
    assert_string_equal(film.error_name, "GenerationException");
}

TEST(a_film_stops_soon_after_it_is_cancelled)
{
    for (int at = 1; at <= 3; at++) {
        struct film_request r = request_for("a fox", "cancelled.mp4");
        struct model longer = small;
        longer.n_frames = 100000; /* would take for ever */
        r.model = &longer;
        struct seen seen = {.cancel_at = at};
        struct film_result film;
        struct error err;
        CHECK_ERR(make(&r, &seen, &film, &err), ERR_CANCELLED);
        assert_int_equal(seen.n_asked, at);
    }
}
