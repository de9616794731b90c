/* wan_test.c - whole runs of small models at the edges of what may be asked of them.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/wan.h"

#include <math.h>
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "model/wan/probe.h"
#include "nn/weights_write.h"
#include "unit.h"

/* A model of golden files. */
struct house {
    struct nn *nn;
    struct parts parts;
    struct wan *wan;
};

static void house_fini(struct house *h)
{
    wan_close(h->wan);
    parts_fini(&h->parts);
    nn_close(h->nn);
}
SCOPED_FINI(house)

static const struct parts_places t2v = {
    .given = {[PART_DIT] = GOLDEN "/dit_t2v.safetensors",
              [PART_TEXT] = GOLDEN "/umt5.safetensors",
              [PART_VAE] = GOLDEN "/vae21.safetensors"},
    .tokenizer = GOLDEN "/spm_nfkc.model",
};
static const struct parts_places i2v = {
    .given = {[PART_DIT] = GOLDEN "/dit_i2v22.safetensors",
              [PART_DIT_HIGH] = GOLDEN "/dit_i2v22.safetensors",
              [PART_TEXT] = GOLDEN "/umt5.safetensors",
              [PART_VAE] = GOLDEN "/vae21.safetensors"},
    .tokenizer = GOLDEN "/spm_nfkc.model",
};

static void open_house(struct house *h, const struct parts_places *places,
                       const struct wan_options *options, enum nn_precision precision)
{
    struct error err;
    /* In plain C bf16 is bf16 on every machine. */
    const struct nn_options how = {
        .n_threads = 1, .precision = precision, .sets = precision == NN_BF16 ? 1U << NN_PLAIN : 0};
    *h = (struct house){0};
    CHECK_OK(parts_open(&h->parts, places, &err), err);
    CHECK_OK(nn_open(&h->nn, &how, &err), err);
    CHECK_OK(wan_open(&h->wan, &h->parts, options, h->nn, &err), err);
}

/* What a run told. */
struct told {
    double done;
    double decoding; /* done when the first frames came */
    double half;     /* done when half of the frames had come */
    int64_t n_wanted;
    int n_steps; /* "step i of n" as they began, without repetitions */
    int64_t n_frames;
    bool fell, strange;
    char stage[48];
    int stop_at_step; /* 0: never */
    int n_warnings, n_unguided;
    struct hash_sha256_run frames;
    uint8_t film[HASH_SIZE]; /* their digest */
};

static void on_progress(void *arg, const char *stage, double done)
{
    struct told *t = arg;
    t->fell = t->fell || !(done >= t->done && done <= 1);
    t->done = done;
    if (strcmp(t->stage, stage) != 0 && strncmp(stage, "step ", 5) == 0)
        t->n_steps++;
    snprintf(t->stage, sizeof t->stage, "%s", stage);
}

static bool on_cancelled(void *arg)
{
    const struct told *t = arg;
    return t->stop_at_step && t->n_steps >= t->stop_at_step;
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    struct told *t = arg;
    (void)err;
    if (t->n_frames == 0)
        t->decoding = t->done;
    t->n_frames += rgb->shape[0];
    if (t->n_frames <= t->n_wanted / 2)
        t->half = t->done;
    for (int64_t i = 0; i < tensor_count(rgb); i++)
        t->strange = t->strange || !(fabsf(tensor_f32(rgb)[i]) <= 1);
    hash_sha256_add(&t->frames, (struct text){rgb->data, tensor_bytes(rgb)});
    return 0;
}

static void on_warn(void *arg, const struct error *why)
{
    struct told *t = arg;
    t->n_warnings++;
    assert_non_null(strstr(why->text, "cannot go on from here"));
}

static void see(void *arg, const char *name, struct tensor x)
{
    struct told *t = arg;
    (void)x;
    t->n_unguided += strstr(name, ".v_uncond") != NULL;
}

static int make(const struct house *h, const struct wan_request *q, struct told *t,
                struct error *err)
{
    const struct probe probe = {.see = see, .arg = t};
    const struct wan_run run = {.arg = t,
                                .progress = on_progress,
                                .cancelled = on_cancelled,
                                .frames = on_frames,
                                .warn = on_warn,
                                .probe = &probe};
    hash_sha256_begin(&t->frames);
    const int code = wan_generate(h->wan, q, &run, err);
    hash_sha256_end(&t->frames, t->film);
    return code;
}

static void check_run(const struct house *h, const struct wan_request *q)
{
    struct error err;
    struct told t = {0};
    CHECK_OK(make(h, q, &t, &err), err);
    assert_int_equal(t.n_frames, q->n_frames);
    assert_false(t.fell);
    assert_false(t.strange);
}

TEST(a_film_of_the_models_own_size_is_made_in_that_size)
{
    static const int sizes[][2] = {{832, 480}, {480, 832}, {1280, 720}, {720, 1280}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        SCOPED(house) struct house h;
        const int w = sizes[i][0], hh = sizes[i][1];
        const struct wan_options options = {.area = (int64_t)w * hh};
        int width, height;
        open_house(&h, &t2v, &options, NN_F32);
        wan_size(h.wan, w, hh, &width, &height);
        assert_int_equal(width, w);
        assert_int_equal(height, hh);
        wan_size(h.wan, w * 3, hh * 3, &width, &height);
        assert_int_equal(width, w);
    }
}

TEST(the_least_and_the_longest_prompts_and_clips_are_made)
{
    SCOPED(house) struct house h, plain;
    SCOPED(text_buf) struct text_buf words;
    text_buf_init(&words, 64 * 1024);
    for (int i = 0; i < 700; i++)
        text_buf_add_text(&words, "a calm lake, ");
    const struct wan_options guided = {.n_steps = 2, .negative = ""};
    const struct wan_options alone = {.n_steps = 1, .guidance = 1};
    const struct text prompts[] = {TEXT(""), TEXT("  \n "), {words.at, words.len}};
    open_house(&h, &t2v, &guided, NN_F32);
    open_house(&plain, &t2v, &alone, NN_F32);
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        struct wan_request q = {
            .prompt = prompts[i], .seed = UINT64_MAX, .width = 16, .height = 32, .n_frames = 1};
        check_run(&h, &q);
        q.n_frames = 5;
        check_run(&plain, &q);
    }
}

TEST(two_experts_answer_wherever_their_boundary_is)
{
    static const double boundaries[] = {0.01, 0.9, 1};
    uint8_t pixels[45 * 61 * 3];
    memset(pixels, 99, sizeof pixels);
    for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
        SCOPED(house) struct house h;
        const struct wan_options options = {.n_steps = 3, .boundary = boundaries[i]};
        const struct wan_request q = {
            .prompt = TEXT("a lake"),
            .image =
                {.data = pixels, .dtype = DTYPE_U8, .n_dims = 3, .shape = {45, 61, 3}, .scale = 1},
            .width = 32,
            .height = 16,
            .n_frames = 5,
        };
        open_house(&h, &i2v, &options, NN_F32);
        check_run(&h, &q);
    }
}

/* A film of both experts over a grey image. */
static void make_of_experts(const struct wan_options *options, struct told *t)
{
    static uint8_t pixels[45 * 61 * 3];
    SCOPED(house) struct house h;
    struct error err;
    const struct wan_request q = {
        .prompt = TEXT("a lake"),
        .image = {.data = pixels, .dtype = DTYPE_U8, .n_dims = 3, .shape = {45, 61, 3}, .scale = 1},
        .width = 32,
        .height = 16,
        .n_frames = 5,
    };
    memset(pixels, 99, sizeof pixels);
    *t = (struct told){0};
    open_house(&h, &i2v, options, NN_F32);
    CHECK_OK(make(&h, &q, t, &err), err);
    assert_false(t->fell);
}

TEST(an_expert_without_guidance_is_not_asked_what_nobody_follows)
{
    enum { STEPS = 4 };
    static const struct {
        double boundary, low, high;
        int n_unguided; /* at least, at most */
        int n_most;
    } rows[] = {
        {1, 3, 1, STEPS, STEPS}, /* the expert for low noise alone, guided    */
        {0.01, 3, 1, 0, 0},      /* the other alone, unguided                 */
        {0.01, 1, 3, STEPS, STEPS}, {0.9, 3, 1, 1, STEPS - 1}, /* both */
        {0.9, 1, 3, 1, STEPS - 1},  {0.9, 1, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct told t;
        make_of_experts(&(struct wan_options){.n_steps = STEPS,
                                              .boundary = rows[i].boundary,
                                              .guidance = rows[i].low,
                                              .guidance_high = rows[i].high},
                        &t);
        if (t.n_unguided < rows[i].n_unguided || t.n_unguided > rows[i].n_most)
            fail_msg("row %zu: %d unguided answers", i, t.n_unguided);
    }
}

TEST(an_expert_without_guidance_answers_as_where_neither_has_any)
{
    struct told mixed, none, guided;
    struct wan_options o = {.n_steps = 3, .boundary = 0.01, .guidance = 3, .guidance_high = 1};
    make_of_experts(&o, &mixed);
    o.guidance = 1;
    make_of_experts(&o, &none);
    o.guidance_high = 3;
    make_of_experts(&o, &guided);
    assert_memory_equal(mixed.film, none.film, HASH_SIZE);
    assert_memory_not_equal(guided.film, none.film, HASH_SIZE);
}

TEST(half_of_a_pulled_pair_of_experts_is_no_model)
{
    static const char *const folders[] = {"low_noise_model", "high_noise_model"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        SCOPED(house) struct house h = {0};
        SCOPED(mem) char *folder = mem_printf("%s/%s", unit_folder(), folders[i]);
        SCOPED(mem) char *path = mem_printf("%s/m.safetensors", folder);
        struct parts_places places = t2v;
        const struct wan_options none = {0};
        struct error err;
        places.given[PART_DIT] = path;
        CHECK_OK(file_make_folders(folder, 0755, &err), err);
        assert_int_equal(symlink(GOLDEN "/dit_t2v.safetensors", path), 0);
        CHECK_OK(parts_open(&h.parts, &places, &err), err);
        CHECK_OK(nn_open(&h.nn, &(struct nn_options){.n_threads = 1}, &err), err);
        CHECK_ERR(wan_open(&h.wan, &h.parts, &none, h.nn, &err), ERR_NOT_FOUND);
        assert_non_null(strstr(err.text, i == 0 ? "high-noise" : "low-noise"));
    }
}

TEST(an_expert_that_reads_wider_texts_than_the_other_does_not_read_past_their_end)
{
    static const struct weights_entry wide = {
        "text_embedding.0.weight", {.dtype = DTYPE_F16, .n_dims = 2, .shape = {64, 1 << 16}}};
    SCOPED(house) struct house h = {0};
    SCOPED(weights) struct weights *low = NULL;
    SCOPED(mem) char *high = mem_printf("%s/high.gguf", unit_folder());
    struct parts_places places = i2v;
    const struct wan_options none = {0};
    struct error err;
    CHECK_OK(weights_open(&low, GOLDEN "/dit_i2v22.safetensors", &err), err);
    CHECK_OK(weights_write_changed(high, low, &wide, 1, &err), err);
    places.given[PART_DIT_HIGH] = high;
    CHECK_OK(parts_open(&h.parts, &places, &err), err);
    CHECK_OK(nn_open(&h.nn, &(struct nn_options){.n_threads = 1}, &err), err);
    CHECK_ERR(wan_open(&h.wan, &h.parts, &none, h.nn, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "of different models"));
}

/* wan_open with one tensor of a part's golden file another. */
static int open_changed(enum part part, const char *golden, struct weights_entry other,
                        struct error *err)
{
    SCOPED(house) struct house h = {0};
    SCOPED(weights) struct weights *file = NULL;
    SCOPED(mem) char *path = mem_printf("%s/changed.gguf", unit_folder());
    struct parts_places places = t2v;
    const struct wan_options none = {0};
    CHECK_OK(weights_open(&file, golden, err), *err);
    CHECK_OK(weights_write_changed(path, file, &other, 1, err), *err);
    places.given[part] = path;
    CHECK_OK(parts_open(&h.parts, &places, err), *err);
    CHECK_OK(nn_open(&h.nn, &(struct nn_options){.n_threads = 1}, err), *err);
    return wan_open(&h.wan, &h.parts, &none, h.nn, err);
}

TEST(a_tokenizer_with_pieces_that_the_text_encoder_lacks_is_refused_before_a_prompt_has_one)
{
    static const struct weights_entry few = {
        "token_embedding.weight",
        {.dtype = DTYPE_F32, .n_dims = 2, .shape = {1000, 64}, .scale = 1}};
    struct error err;
    CHECK_ERR(open_changed(PART_TEXT, GOLDEN "/umt5.safetensors", few, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "1024 pieces, the text encoder 1000"));
}

TEST(a_tensor_that_does_not_fit_is_named_with_its_file)
{
    static const struct {
        enum part part;
        const char *golden, *tensor;
    } rows[] = {
        {PART_DIT, GOLDEN "/dit_t2v.safetensors", "text_embedding.0.bias"},
        {PART_TEXT, GOLDEN "/umt5.safetensors", "blocks.1.norm2.weight"},
        {PART_VAE, GOLDEN "/vae21.safetensors", "decoder.head.0.gamma"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct weights_entry other = {
            rows[i].tensor, {.dtype = DTYPE_F32, .n_dims = 1, .shape = {7}, .scale = 1}};
        struct error err;
        CHECK_ERR(open_changed(rows[i].part, rows[i].golden, other, &err), ERR_CORRUPT);
        if (!strstr(err.text, rows[i].tensor) || !strstr(err.text, "changed.gguf"))
            fail_msg("%s", err.text);
    }
}

TEST(a_network_that_gives_no_numbers_makes_no_black_film)
{
    SCOPED(house) struct house h;
    struct told t = {0};
    struct error err;
    const struct wan_options options = {.n_steps = 1, .guidance = (double)INFINITY};
    const struct wan_request q = {
        .prompt = TEXT("a lake"), .width = 16, .height = 16, .n_frames = 1};
    open_house(&h, &t2v, &options, NN_F32);
    CHECK_ERR(make(&h, &q, &t, &err), ERR_CORRUPT);
    assert_int_equal(t.n_frames, 0);
}

TEST(a_lora_for_one_expert_is_not_merged_into_the_only_one)
{
    SCOPED(house) struct house h = {0};
    struct error err;
    const struct wan_options options = {
        .loras = {{.path = GOLDEN "/umt5.safetensors", .strength = 1, .expert = WAN_EXPERT_HIGH}},
        .n_loras = 1};
    CHECK_OK(parts_open(&h.parts, &t2v, &err), err);
    CHECK_OK(nn_open(&h.nn, &(struct nn_options){.n_threads = 1}, &err), err);
    CHECK_ERR(wan_open(&h.wan, &h.parts, &options, h.nn, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "two experts"));
}

TEST(a_lora_for_one_expert_leaves_the_other_alone)
{
    /* Nothing of this file fits: the expert that takes it says so, by its own file's name. */
    static const struct {
        enum wan_expert expert;
        const char *file;
    } cases[] = {{WAN_EXPERT_LOW, "dit_i2v22.safetensors"}, {WAN_EXPERT_HIGH, "other.safetensors"}};
    SCOPED(mem) char *other = mem_printf("%s/other.safetensors", unit_folder());
    assert_int_equal(symlink(GOLDEN "/dit_i2v22.safetensors", other), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED(house) struct house h = {0};
        struct error err;
        struct parts_places places = i2v;
        const struct wan_options options = {.loras = {{.path = GOLDEN "/umt5.safetensors",
                                                       .strength = 1,
                                                       .expert = cases[i].expert}},
                                            .n_loras = 1};
        places.given[PART_DIT_HIGH] = other;
        CHECK_OK(parts_open(&h.parts, &places, &err), err);
        CHECK_OK(nn_open(&h.nn, &(struct nn_options){.n_threads = 1}, &err), err);
        CHECK_ERR(wan_open(&h.wan, &h.parts, &options, h.nn, &err), ERR_INVALID);
        if (!strstr(err.text, cases[i].file))
            fail_msg("%s", err.text);
    }
}

TEST(a_long_clip_is_not_done_when_a_few_of_its_frames_are_decoded)
{
    enum { FRAMES = 81 };
    SCOPED(house) struct house h;
    struct told t = {.n_wanted = FRAMES};
    struct error err;
    const struct wan_options options = {.n_steps = 1, .guidance = 1};
    const struct wan_request q = {
        .prompt = TEXT("a lake"), .width = 16, .height = 16, .n_frames = FRAMES};
    open_house(&h, &t2v, &options, NN_F32);
    CHECK_OK(make(&h, &q, &t, &err), err);
    assert_false(t.fell);
    /* Nearly all of so small a run is the decoder's. */
    if (t.half < 0.3 || t.half > 0.7)
        fail_msg("half of the frames have come at %g of the run, the first at %g", t.half,
                 t.decoding);
}

TEST(the_largest_request_is_measured_and_refused_at_once)
{
    static const int tiles[] = {0, 16};
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        SCOPED(house) struct house h;
        struct told t = {0};
        struct error err;
        const struct wan_options options = {.n_steps = 1, .tile = tiles[i]};
        const struct wan_request q = {
            .prompt = TEXT("a lake"), .width = 8192, .height = 8192, .n_frames = 100001};
        open_house(&h, &t2v, &options, NN_F32);
        CHECK_ERR(make(&h, &q, &t, &err), ERR_BUSY); /* or after minutes */
    }
}

TEST(a_decoder_in_tiles_shows_how_far_it_is)
{
    SCOPED(house) struct house h;
    struct told t = {0};
    struct error err;
    const struct wan_options options = {.n_steps = 1, .guidance = 1, .tile = 16};
    const struct wan_request q = {
        .prompt = TEXT("a lake"), .width = 256, .height = 128, .n_frames = 5};
    open_house(&h, &t2v, &options, NN_F32);
    CHECK_OK(make(&h, &q, &t, &err), err);
    assert_false(t.fell);
    /* The frames come when all tiles are made. */
    if (t.decoding < 0.8)
        fail_msg("the frames come at %g of the run", t.decoding);
}

TEST(a_state_of_another_precision_is_not_gone_on_with)
{
    SCOPED(mem) char *keep = mem_printf("%s/latent", unit_folder());
    const struct wan_options options = {.n_steps = 3, .guidance = 1};
    const struct wan_request q = {
        .prompt = TEXT("a lake"), .width = 16, .height = 16, .n_frames = 1, .keep = keep};
    static const struct {
        enum nn_precision precision;
        int n_steps; /* that begin; fewer than 3: then it is cancelled */
    } runs[] = {{NN_F32, 2}, {NN_F32, 1}, {NN_BF16, 3}};
    struct error err;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        SCOPED(house) struct house h;
        struct told t = {.stop_at_step = runs[i].n_steps < 3 ? runs[i].n_steps : 0};
        open_house(&h, &t2v, &options, runs[i].precision);
        assert_int_equal(make(&h, &q, &t, &err), t.stop_at_step ? ERR_CANCELLED : 0);
        assert_int_equal(t.n_steps, runs[i].n_steps);
    }
    unlink(keep);
}

/* A disk that takes no more than this of a file. */
static void set_disk(rlim_t bytes)
{
    const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    signal(SIGXFSZ, bytes == RLIM_INFINITY ? SIG_DFL : SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

TEST(a_state_that_cannot_be_written_costs_a_warning_and_not_the_film)
{
    SCOPED(mem) char *full = mem_printf("%s/full", unit_folder());
    SCOPED(mem) char *part = mem_printf("%s.part", full);
    SCOPED(mem) char *nowhere = mem_printf("%s/no such folder/latent", unit_folder());
    const char *const keeps[] = {NULL, nowhere, full};
    const struct wan_options options = {.n_steps = 3, .guidance = 1};
    struct told t[3] = {0};
    struct error err;
    for (size_t i = 0; i < 3; i++) {
        SCOPED(house) struct house h;
        const struct wan_request q = {
            .prompt = TEXT("a lake"), .width = 16, .height = 16, .n_frames = 1, .keep = keeps[i]};
        open_house(&h, &t2v, &options, NN_F32);
        set_disk(keeps[i] == full ? 100 : RLIM_INFINITY);
        const int code = make(&h, &q, &t[i], &err);
        set_disk(RLIM_INFINITY);
        CHECK_OK(code, err);
        assert_int_equal(t[i].n_warnings, keeps[i] ? 1 : 0);
        assert_memory_equal(t[i].film, t[0].film, HASH_SIZE);
    }
    assert_int_equal(access(full, F_OK), -1);
    assert_int_equal(access(part, F_OK), -1); /* a full disk gets its room back */
}
