/* wan_memory_test.c - memory of a run: what the preflight says and what is taken.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/wan.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/memory.h"
#include "nn/weights_write.h"
#include "unit.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WITH_SHADOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WITH_SHADOW 1
#endif
#endif
#ifndef WITH_SHADOW
#define WITH_SHADOW 0
#endif

enum { SLACK = 1 << 20 }; /* bytes: stacks of threads, the allocator's own */

struct model {
    struct parts parts;
    struct nn *nn;
    struct wan *wan;
};

static void model_fini(struct model *m)
{
    wan_close(m->wan);
    nn_close(m->nn);
    parts_fini(&m->parts);
}
SCOPED_FINI(model)

static void open_model(struct model *m, const char *dit, const char *clip)
{
    static const struct nn_options two = {.n_threads = 2};
    static const struct wan_options options = {.n_steps = 2};
    struct error err;
    SCOPED(mem) char *path = mem_printf("%s/%s", GOLDEN, dit);
    SCOPED(mem) char *image = mem_printf("%s/%s", GOLDEN, clip ? clip : "");
    const struct parts_places places = {
        .given = {[PART_DIT] = path,
                  [PART_TEXT] = GOLDEN "/umt5.safetensors",
                  [PART_VAE] = GOLDEN "/vae21.safetensors",
                  [PART_CLIP] = clip ? image : NULL},
        .tokenizer = GOLDEN "/spm_nfkc.model",
    };
    *m = (struct model){0};
    CHECK_OK(parts_open(&m->parts, &places, &err), err);
    CHECK_OK(nn_open(&m->nn, &two, &err), err);
    CHECK_OK(wan_open(&m->wan, &m->parts, &options, m->nn, &err), err);
}

/* ---- what is taken ----------------------------------------------------------------------- */

/* The numbers in a text, in their order; how many, at most most. */
static int numbers_in(const char *s, double *out, int most)
{
    int n = 0;
    while (*s && n < most) {
        char *end = NULL;
        s += strcspn(s, "0123456789");
        if (*s)
            out[n++] = strtod(s, &end);
        s = end ? end : s;
    }
    return n;
}

/* Bytes of this process that no file is behind, counted page by page; 0: it cannot be told. */
static int64_t own_memory(void)
{
    SCOPED(text_buf) struct text_buf all;
    struct error ignored;
    double kib = 0;
    text_buf_init(&all, 1 << 14);
    if (file_read("/proc/self/smaps_rollup", 1 << 14, &all, &ignored) < 0 || !all.at)
        return 0;
    const char *line = strstr(all.at, "Anonymous:");
    return line && numbers_in(line, &kib, 1) ? (int64_t)kib * 1024 : 0;
}

static void on_progress(void *arg, const char *stage, double done)
{
    int64_t *most = arg;
    const int64_t now = own_memory();
    (void)stage;
    (void)done;
    *most = now > *most ? now : *most;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static int on_frames(void *arg, const struct tensor *rgb, struct error *err)
{
    (void)rgb;
    (void)err;
    on_progress(arg, "", 0);
    return 0;
}

static void check_run(struct model *m, const struct wan_request *q)
{
    struct error err;
    struct wan_needs needs;
    CHECK_OK(wan_needs(m->wan, q, &needs, &err), err);
    const int64_t before = own_memory(), said = needs.arena + needs.beside;
    int64_t most = before;
    const struct wan_run run = {
        .arg = &most, .progress = on_progress, .cancelled = never, .frames = on_frames};
    CHECK_OK(wan_generate(m->wan, q, &run, &err), err);
    print_message("# %lld KiB taken, %lld KiB foretold\n", (long long)(most - before) / 1024,
                  (long long)said / 1024);
    if (most - before > said + SLACK)
        fail_msg("%lld bytes taken, %lld foretold", (long long)(most - before), (long long)said);
    /* The count sees the run at all. */
    assert_true(most - before > said / 2);
}

TEST(a_run_takes_no_more_memory_than_was_foretold)
{
    if (WITH_SHADOW)
        UNIT_SKIP("the sanitizer's own memory counts, too");
    if (own_memory() == 0)
        UNIT_SKIP("there is no /proc/self/smaps_rollup");
    SCOPED(model) struct model m;
    open_model(&m, "dit_t2v.safetensors", NULL);
    check_run(&m, &(struct wan_request){
                      .prompt = TEXT("a calm lake"), .width = 256, .height = 256, .n_frames = 9});
}

TEST(a_run_from_a_large_image_takes_no_more_memory_than_was_foretold)
{
    enum { SIDE = 1500 };
    if (WITH_SHADOW)
        UNIT_SKIP("the sanitizer's own memory counts, too");
    if (own_memory() == 0)
        UNIT_SKIP("there is no /proc/self/smaps_rollup");
    SCOPED(model) struct model m;
    SCOPED(mem) uint8_t *pixels = mem_alloc((size_t)SIDE * SIDE * 3);
    memset(pixels, UINT8_MAX / 3, (size_t)SIDE * SIDE * 3);
    open_model(&m, "dit_i2v21.safetensors", "clip_vision.safetensors");
    struct wan_request q = {
        .prompt = TEXT("a calm lake"), .width = 128, .height = 128, .n_frames = 9};
    q.image = (struct tensor){
        .data = pixels, .dtype = DTYPE_U8, .n_dims = 3, .shape = {SIDE, SIDE, 3}, .scale = 1};
    check_run(&m, &q);
}

/* ---- what cannot be ---------------------------------------------------------------------- */

TEST(a_request_that_cannot_fit_is_refused_with_both_numbers_and_a_size_that_would)
{
    SCOPED(model) struct model m;
    struct error err;
    struct wan_needs needs = {0};
    int64_t unused = 0;
    enum { WIDTH, HEIGHT, FRAMES, NEED, HAVE, FIT_WIDTH, FIT_HEIGHT, NUMBERS };
    double said[NUMBERS] = {0};
    const struct wan_run run = {
        .arg = &unused, .progress = on_progress, .cancelled = never, .frames = on_frames};
    struct wan_request q = {.prompt = TEXT("a calm lake"), .n_frames = 1001};
    open_model(&m, "dit_t2v.safetensors", NULL);
    const int64_t free_bytes = machine_memory();
    if (free_bytes == INT64_MAX)
        UNIT_SKIP("the machine does not say how much memory is free");
    for (q.width = q.height = 4096; needs.arena + needs.beside < 2 * free_bytes; q.height *= 2)
        CHECK_OK(wan_needs(m.wan, &q, &needs, &err), err);
    CHECK_ERR(wan_generate(m.wan, &q, &run, &err), ERR_BUSY);
    if (numbers_in(err.text, said, NUMBERS) != NUMBERS || !strstr(err.text, "would fit"))
        fail_msg("it says: %s", err.text);
    assert_int_equal((int)said[WIDTH], q.width);
    assert_int_equal((int)said[HEIGHT], q.height);
    assert_int_equal((int)said[FRAMES], q.n_frames);
    assert_true(said[NEED] > said[HAVE]);
    q.width = (int)said[FIT_WIDTH];
    q.height = (int)said[FIT_HEIGHT];
    CHECK_OK(wan_needs(m.wan, &q, &needs, &err), err);
    assert_true((double)(needs.arena + needs.beside) / (1 << 30) <= said[HAVE] + 0.05);
}

TEST(a_lora_whose_merged_weights_have_no_room_is_refused_before_the_first_is_made)
{
    enum { DIM = 128 };
    const int64_t ffn = machine_memory() / DIM; /* two bytes for each number: twice what there is */
    if (machine_memory() == INT64_MAX)
        UNIT_SKIP("the machine does not say how much memory is free");
    const struct tensor up = {.dtype = DTYPE_BF16, .n_dims = 2, .shape = {ffn, DIM}, .scale = 1};
    const struct tensor down = {.dtype = DTYPE_BF16, .n_dims = 2, .shape = {DIM, ffn}, .scale = 1};
    const struct tensor bias = {.dtype = DTYPE_BF16, .n_dims = 1, .shape = {ffn}, .scale = 1};
    const struct weights_entry wide[] = {{"blocks.0.ffn.0.weight", up},
                                         {"blocks.0.ffn.0.bias", bias},
                                         {"blocks.0.ffn.2.weight", down}};
    const struct weights_entry diff = {"blocks.0.ffn.0.diff", up};
    SCOPED(model) struct model m = {0};
    SCOPED(mem) char *path = mem_printf("%s/wide.gguf", unit_folder());
    SCOPED(mem) char *lora = mem_printf("%s/lora.gguf", unit_folder());
    SCOPED(weights) struct weights *golden = NULL;
    struct error err;
    struct parts_places places = {.given = {[PART_DIT] = path,
                                            [PART_TEXT] = GOLDEN "/umt5.safetensors",
                                            [PART_VAE] = GOLDEN "/vae21.safetensors"},
                                  .tokenizer = GOLDEN "/spm_nfkc.model"};
    struct wan_options options = {.loras = {{.path = lora, .strength = 1}}, .n_loras = 1};
    CHECK_OK(weights_open(&golden, GOLDEN "/dit_t2v_hd128.safetensors", &err), err);
    CHECK_OK(weights_write_changed(path, golden, wide, 3, &err), err);
    CHECK_OK(weights_write_gguf(lora, &diff, 1, &(struct weights_write_gguf){0}, &err), err);
    CHECK_OK(parts_open(&m.parts, &places, &err), err);
    CHECK_OK(nn_open(&m.nn, &(struct nn_options){.n_threads = 1}, &err), err);
    CHECK_ERR(wan_open(&m.wan, &m.parts, &options, m.nn, &err), ERR_BUSY);
    if (!strstr(err.text, "GiB of memory") || !strstr(err.text, "GiB are free"))
        fail_msg("it says: %s", err.text);

    /* Who only asks what a run would need is told. */
    struct wan_needs needs;
    const struct wan_request q = {
        .prompt = TEXT("a calm lake"), .width = 32, .height = 32, .n_frames = 1};
    options.unmerged = true;
    CHECK_OK(wan_open(&m.wan, &m.parts, &options, m.nn, &err), err);
    CHECK_OK(wan_needs(m.wan, &q, &needs, &err), err);
    assert_true(needs.beside > ffn * DIM * 2);
}
