/* wan_ti2v_test.c - TI2V-5B from a prompt or a prompt and an image to its frames, in small.
 *
 * The reference has no golden run of the whole; its parts (transformer with a time per token, VAE
 * of 2.2, sampler) have golden files of their own. What is between them is checked here by doing
 * it again from the parts, one by one and in the plainest way.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "model/wan/dit.h"
#include "model/wan/latent.h"
#include "model/wan/resize.h"
#include "model/wan/vae.h"
#include "model/wan/wan.h"
#include "unit.h"

enum {
    STEPS = 4,
    WIDTH = 96,
    HEIGHT = 64,
    FRAMES = 9,
    C = 48, /* the latent [C, F, H, W] */
    F = 3,
    H = HEIGHT / 16,
    W = WIDTH / 16,
    PLANE = H * W,
    LATENT = C * F * PLANE,
    TOKENS = F * PLANE / 4,
    IMAGE_WIDTH = 130,
    IMAGE_HEIGHT = 71,
    MOST_IDS = 512,
    TEXT_DIM = 64,
};

static const double guidance = 5;

/* A network of golden files, and what a run of it showed. */
struct bed {
    struct nn *nn;
    struct parts parts;
    struct wan *wan;
    uint8_t image[IMAGE_HEIGHT * IMAGE_WIDTH * 3];

    float noise[LATENT], in[STEPS][LATENT], cond[STEPS][LATENT], uncond[STEPS][LATENT];
    float last[LATENT];
    float context[2][MOST_IDS * TEXT_DIM];
    int n_ids[2];
    float *frames; /* [n_frames, HEIGHT, WIDTH, 3] */
    int64_t n_frames;
    int n_steps; /* begun */
    char stage[48];
    int stop_after; /* steps, then the run is cancelled; 0: never */
    bool strange;   /* a frame of another size */
};

static void bed_free(struct bed *b)
{
    if (!b)
        return;
    wan_close(b->wan);
    parts_fini(&b->parts);
    nn_close(b->nn);
    mem_free(b->frames);
    mem_free(b);
}
SCOPED_FREE(bed)

static const struct parts_places ti2v = {
    .given = {[PART_DIT] = GOLDEN "/dit_ti2v.safetensors",
              [PART_TEXT] = GOLDEN "/umt5.safetensors",
              [PART_VAE] = GOLDEN "/vae22.safetensors"},
    .tokenizer = GOLDEN "/spm_nfkc.model",
};

static void open_bed(struct bed *b)
{
    static const struct wan_options options = {.n_steps = STEPS};
    struct error err;
    memset(b, 0, sizeof *b);
    for (int i = 0; i < IMAGE_HEIGHT * IMAGE_WIDTH * 3; i++)
        b->image[i] = (uint8_t)(i * 7 + i / IMAGE_WIDTH * 3);
    CHECK_OK(parts_open(&b->parts, &ti2v, &err), err);
    CHECK_OK(nn_open(&b->nn, &(struct nn_options){.n_threads = 1}, &err), err);
    CHECK_OK(wan_open(&b->wan, &b->parts, &options, b->nn, &err), err);
}

static struct tensor host(void *data, int n_dims, const int64_t *shape, enum dtype type)
{
    struct tensor t = {.data = data, .dtype = type, .n_dims = n_dims, .scale = 1};
    memcpy(t.shape, shape, (size_t)n_dims * sizeof *shape);
    return t;
}

static struct tensor image_of(struct bed *b)
{
    return host(b->image, 3, (int64_t[]){IMAGE_HEIGHT, IMAGE_WIDTH, 3}, DTYPE_U8);
}

/* ---- a run --------------------------------------------------------------------------------- */

static void on_progress(void *arg, const char *stage, double done)
{
    struct bed *b = arg;
    (void)done;
    if (strcmp(b->stage, stage) != 0 && strncmp(stage, "step ", 5) == 0)
        b->n_steps++;
    snprintf(b->stage, sizeof b->stage, "%s", stage);
}

static bool on_cancelled(void *arg)
{
    const struct bed *b = arg;
    return b->stop_after && b->n_steps > b->stop_after;
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct bed *b = arg;
    const size_t each = (size_t)HEIGHT * WIDTH * 3, n = (size_t)rgb->shape[0];
    (void)err;
    b->strange = b->strange || rgb->shape[1] != HEIGHT || rgb->shape[2] != WIDTH;
    b->frames = mem_grow(b->frames, ((size_t)b->n_frames + n) * each * sizeof *b->frames);
    memcpy(b->frames + (size_t)b->n_frames * each, rgb->data, n * each * sizeof *b->frames);
    b->n_frames += (int64_t)n;
    return 0;
}

static void see(void *arg, const char *name, struct tensor x)
{
    struct bed *b = arg;
    const struct {
        const char *name;
        float *at; /* [STEPS or 1, LATENT] */
    } kept[] = {{"latent_in", b->in[0]},
                {"v_cond", b->cond[0]},
                {"v_uncond", b->uncond[0]},
                {"noise", b->noise},
                {"latent_final", b->last}};
    const char *dot = strchr(name, '.');
    const long i = strncmp(name, "step", 4) == 0 ? strtol(name + 4, NULL, 10) : 0;
    const char *end = i || strncmp(name, "step", 4) == 0 ? dot + 1 : name;
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        if (strcmp(end, kept[k].name) == 0) {
            assert_int_equal(tensor_count(&x), LATENT);
            memcpy(kept[k].at + i * LATENT, x.data, LATENT * sizeof(float));
        }
    for (int k = 0; k < 2; k++)
        if (strcmp(name, k ? "negative.context" : "prompt.context") == 0) {
            b->n_ids[k] = (int)x.shape[0];
            memcpy(b->context[k], x.data, tensor_bytes(&x));
        }
}

static struct wan_request request(struct bed *b, bool image)
{
    struct wan_request q = {.prompt = TEXT("a calm lake"),
                            .seed = 42,
                            .width = WIDTH,
                            .height = HEIGHT,
                            .n_frames = FRAMES};
    if (image)
        q.image = image_of(b);
    return q;
}

static int run(struct bed *b, const struct wan_request *q, struct error *err)
{
    const struct probe probe = {.see = see, .arg = b};
    const struct wan_run how = {.arg = b,
                                .progress = on_progress,
                                .cancelled = on_cancelled,
                                .frames = on_frames,
                                .probe = &probe};
    b->n_frames = b->n_steps = 0;
    return wan_generate(b->wan, q, &how, err);
}

/* ---- the same again, from the parts -------------------------------------------------------- */

static void check_same(const char *what, int step, const float *got, const float *want, int n)
{
    for (int i = 0; i < n; i++)
        if (got[i] != want[i])
            fail_msg("%s of step %d: number %d is %g and must be %g", what, step, i, (double)got[i],
                     (double)want[i]);
}

/* The image covers the size (Lanczos), its middle becomes one frame of the VAE. [C, H, W] */
static void encode_image(struct bed *b, float out[C * PLANE])
{
    SCOPED(vae) struct vae *vae = NULL;
    SCOPED(arena) struct arena *arena = NULL;
    static uint8_t fit[HEIGHT * WIDTH * 3];
    static float planes[3 * HEIGHT * WIDTH];
    struct error err;
    struct step s;
    const int64_t size[] = {HEIGHT, WIDTH, 3}, of_planes[] = {3, HEIGHT, WIDTH};
    CHECK_OK(resize_cover(image_of(b), host(fit, 3, size, DTYPE_U8), &err), err);
    for (int i = 0; i < HEIGHT * WIDTH * 3; i++)
        planes[i % 3 * HEIGHT * WIDTH + i / 3] = (float)fit[i] / 255 * 2 - 1;
    const struct tensor image = host(planes, 3, of_planes, DTYPE_F32);
    CHECK_OK(vae_open(&vae, b->parts.file[PART_VAE], &err), err);
    CHECK_OK(arena_open(&arena, 64 << 20, &err), err);
    step_begin(&s, b->nn, arena);
    CHECK_OK(latent_of_image(vae, &s, image, out, &err), err);
}

/* What the transformer says to x at this time, where the tokens of a first frame are at 0. */
static void ask(struct bed *b, const float *x, float time, int text, bool first, float *out)
{
    SCOPED(dit) struct dit *dit = NULL;
    SCOPED(arena) struct arena *arena = NULL;
    struct names names;
    struct error err;
    struct step s;
    struct dit_text keys;
    struct tensor v;
    int32_t which[TOKENS];
    const float times[] = {0, time};
    CHECK_OK(names_open(&names, b->parts.file[PART_DIT], &names_dit, &err), err);
    CHECK_OK(dit_open(&dit, &names, &err), err);
    CHECK_OK(arena_open(&arena, 64 << 20, &err), err);
    step_begin(&s, b->nn, arena);
    struct tensor latent = STEP_NEW(&s, C, F, H, W);
    struct tensor rows = STEP_NEW(&s, b->n_ids[text], TEXT_DIM);
    step_write(&s, latent, x);
    step_write(&s, rows, b->context[text]);
    CHECK_OK(dit_text_make(dit, &s, rows, &keys, &err), err);
    for (int i = 0; i < TOKENS; i++)
        which[i] = !first || i >= PLANE / 4;
    const struct dit_input in = {
        .x = latent, .times = times, .n_times = 2, .which = which, .text = &keys};
    CHECK_OK(dit_forward(dit, &s, &in, &v, &err), err);
    step_read(&s, v, out);
}

/* z [C, H, W] into latent frame 0; NULL: nothing. */
static void put_first(float *x, const float *z)
{
    for (int c = 0; z && c < C; c++)
        memcpy(x + c * F * PLANE, z + c * PLANE, PLANE * sizeof *x);
}

/* Follow a run that was made: noise, the network's answers, the sampler, the first frame. */
static void follow(struct bed *b, const float *z)
{
    SCOPED(sampler) struct sampler *s = NULL;
    static float answer[2][LATENT];
    struct error err;
    const struct sampler_options o = {.kind = SAMPLER_UNIPC, .n_steps = STEPS, .shift = 5};
    CHECK_OK(sampler_open(&s, &o, LATENT, &err), err);
    float *x = sampler_x(s);
    memcpy(x, b->noise, sizeof b->noise);
    put_first(x, z);
    for (int i = 0; i < STEPS; i++) {
        check_same("the latent", i, b->in[i], x, LATENT);
        for (int text = 0; text < 2; text++)
            ask(b, x, sampler_time(s, i), text, z != NULL, answer[text]);
        check_same("the answer to the prompt", i, b->cond[i], answer[0], LATENT);
        check_same("the answer to the negative prompt", i, b->uncond[i], answer[1], LATENT);
        for (int k = 0; k < LATENT; k++)
            answer[0][k] = answer[1][k] + (float)guidance * (answer[0][k] - answer[1][k]);
        sampler_step(s, answer[0]);
        put_first(x, z);
    }
    check_same("the latent", STEPS, b->last, x, LATENT);
}

TEST(a_film_without_an_image_is_made_as_the_parts_make_it)
{
    SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
    struct error err;
    open_bed(b);
    const struct wan_request q = request(b, false);
    CHECK_OK(run(b, &q, &err), err);
    assert_int_equal(b->n_frames, FRAMES);
    assert_false(b->strange);
    follow(b, NULL);
}

TEST(a_film_from_an_image_keeps_its_latent_through_all_steps)
{
    SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
    static float z[C * PLANE];
    struct error err;
    open_bed(b);
    const struct wan_request q = request(b, true);
    CHECK_OK(run(b, &q, &err), err);
    assert_int_equal(b->n_frames, FRAMES);
    assert_false(b->strange);
    encode_image(b, z);
    for (int i = 0; i <= STEPS; i++)
        for (int c = 0; c < C; c++)
            check_same("the first frame", i, (i < STEPS ? b->in[i] : b->last) + c * F * PLANE,
                       z + c * PLANE, PLANE);
    follow(b, z);
}

/* The first frame is decoded from the image's latent alone: nothing behind it reaches back. */
TEST(the_first_frame_is_what_the_autoencoder_makes_of_the_image)
{
    SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
    static float z[C * PLANE];
    struct error err;
    open_bed(b);
    struct wan_request q = request(b, true);
    CHECK_OK(run(b, &q, &err), err);
    const size_t frame = (size_t)HEIGHT * WIDTH * 3;
    SCOPED(mem) float *first = mem_alloc(frame * sizeof *first);
    memcpy(first, b->frames, frame * sizeof *first);
    encode_image(b, z);

    SCOPED(vae) struct vae *vae = NULL;
    SCOPED(arena) struct arena *arena = NULL;
    struct step s;
    struct vae_decoding d = {
        .latent = host(z, 4, (int64_t[]){C, 1, H, W}, DTYPE_F32), .frames = on_frames, .arg = b};
    CHECK_OK(vae_open(&vae, b->parts.file[PART_VAE], &err), err);
    CHECK_OK(arena_open(&arena, 256 << 20, &err), err);
    step_begin(&s, b->nn, arena);
    b->n_frames = 0;
    CHECK_OK(vae_decode(vae, &s, &d, &err), err);
    assert_int_equal(b->n_frames, 1);
    check_same("the first frame", 0, first, b->frames, (int)frame);

    q.seed++; /* the rest depends on the noise, the first frame does not */
    CHECK_OK(run(b, &q, &err), err);
    check_same("the first frame", 0, first, b->frames, (int)frame);
}

TEST(its_seed_makes_the_same_film_again_and_another_seed_another)
{
    for (int image = 0; image < 2; image++) {
        SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
        struct error err;
        open_bed(b);
        struct wan_request q = request(b, image);
        CHECK_OK(run(b, &q, &err), err);
        const size_t bytes = (size_t)FRAMES * HEIGHT * WIDTH * 3 * sizeof *b->frames;
        SCOPED(mem) float *film = mem_alloc(bytes);
        memcpy(film, b->frames, bytes);
        CHECK_OK(run(b, &q, &err), err);
        assert_memory_equal(film, b->frames, bytes);
        q.seed++;
        CHECK_OK(run(b, &q, &err), err);
        assert_memory_not_equal(film, b->frames, bytes);
    }
}

TEST(a_film_that_was_stopped_after_any_step_goes_on_to_the_same_end)
{
    SCOPED(mem) char *keep = mem_printf("%s/ti2v", unit_folder());
    for (int image = 0; image < 2; image++) {
        SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
        struct error err;
        open_bed(b);
        struct wan_request q = request(b, image);
        CHECK_OK(run(b, &q, &err), err);
        const size_t bytes = (size_t)FRAMES * HEIGHT * WIDTH * 3 * sizeof *b->frames;
        SCOPED(mem) float *film = mem_alloc(bytes);
        memcpy(film, b->frames, bytes);
        q.keep = keep;
        for (int stop = 1; stop < STEPS; stop++) {
            unlink(keep);
            b->stop_after = stop;
            CHECK_ERR(run(b, &q, &err), ERR_CANCELLED);
            b->stop_after = 0;
            CHECK_OK(run(b, &q, &err), err);
            assert_int_equal(b->n_steps, STEPS - stop);
            assert_memory_equal(film, b->frames, bytes);
        }
        b->stop_after = 0;
        CHECK_OK(run(b, &q, &err), err); /* decodes alone */
        assert_int_equal(b->n_steps, 0);
        assert_memory_equal(film, b->frames, bytes);
        unlink(keep);
    }
}

/* The noise of a time of less than one step of the table: two times of the network are then the
 * same, 0. */
TEST(a_thousand_steps_end_at_time_zero_for_all_tokens)
{
    SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
    struct error err;
    static const struct wan_options options = {.n_steps = 1000, .shift = 1, .guidance = 1};
    open_bed(b);
    struct sampler *s = NULL;
    const struct sampler_options o = {.kind = SAMPLER_UNIPC, .n_steps = 1000, .shift = 1};
    CHECK_OK(sampler_open(&s, &o, 1, &err), err);
    assert_float_equal(sampler_time(s, 999), 0, 0);
    sampler_close(s);
    SCOPED(wan) struct wan *w = NULL;
    CHECK_OK(wan_open(&w, &b->parts, &options, b->nn, &err), err);
    struct wan_request q = request(b, true);
    q.width = q.height = 32;
    q.n_frames = 1;
    struct wan_needs needs;
    CHECK_OK(wan_needs(w, &q, &needs, &err), err);
}

TEST(its_sizes_are_multiples_of_32_near_its_area_with_the_images_aspect)
{
    static const struct {
        int width, height; /* of the image */
        int out_width, out_height;
    } rows[] = {{1280, 704, 1280, 704}, {704, 1280, 704, 1280}, {1920, 1080, 1248, 704}};
    SCOPED(bed) struct bed *b = mem_alloc(sizeof *b);
    open_bed(b);
    assert_int_equal(wan_info(b->wan)->step, 32);
    assert_true(wan_info(b->wan)->takes_image);
    assert_false(wan_info(b->wan)->needs_image);
    assert_int_equal(wan_settings(b->wan)->fps, 24);
    assert_int_equal(wan_settings(b->wan)->area, 1280 * 704);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int width, height;
        wan_size(b->wan, rows[i].width, rows[i].height, &width, &height);
        assert_int_equal(width, rows[i].out_width);
        assert_int_equal(height, rows[i].out_height);
    }
}
