/* vae_test.c - the autoencoders' manners: streams, tiles, memory, cancelling, files. Numbers
 * against the reference are tests/parity's. SPDX-License-Identifier: MIT */
#include "model/wan/vae.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/wan/latent.h"
#include "model/wan/randn.h"
#include "model/wan/vae_impl.h"
#include "nn/weights_write.h"
#include "unit.h"

/* A small model with random weights, and a machine to run it. */
struct bench {
    struct weights *file;
    struct vae *vae;
    struct nn *nn;
};

static void bench_fini(struct bench *b)
{
    nn_close(b->nn);
    vae_close(b->vae);
    weights_close(b->file);
}
SCOPED_FINI(bench)

static void bench_open(struct bench *b, const char *path)
{
    struct error err;
    CHECK_OK(weights_open(&b->file, path, &err), err);
    CHECK_OK(vae_open(&b->vae, b->file, &err), err);
    CHECK_OK(nn_open(&b->nn, &(struct nn_options){.n_threads = 1}, &err), err);
}

static struct tensor noise(int64_t c, int64_t f, int64_t h, int64_t w)
{
    struct tensor t = {.dtype = DTYPE_F32, .n_dims = 4, .shape = {c, f, h, w}, .scale = 1};
    struct randn r;
    t.data = mem_try(tensor_bytes(&t));
    assert_non_null(t.data);
    randn_init(&r, 3);
    randn_fill(&r, t.data, tensor_count(&t));
    return t;
}

/* What comes of a decoding: all its frames one after the other. */
struct film {
    float *rgb; /* NULL: only counted */
    int64_t n_frames, n_numbers;
    int calls;
    int fail_at;   /* the call that returns an error; 0: none */
    int cancel_at; /* calls before it is cancelled; 0: never */
};

static int film_take(void *arg, const struct tensor *rgb, struct error *err)
{
    struct film *f = arg;
    const int64_t n = tensor_count(rgb);
    f->calls++;
    if (f->calls == f->fail_at)
        return error_set(err, ERR_IO, "the disk is full");
    if (f->rgb)
        memcpy(f->rgb + f->n_numbers, rgb->data, (size_t)n * sizeof(float));
    f->n_frames += rgb->shape[0];
    f->n_numbers += n;
    return 0;
}

static bool film_cancelled(void *arg)
{
    const struct film *f = arg;
    return f->cancel_at > 0 && f->calls >= f->cancel_at;
}

static int decode(const struct bench *b, struct vae_decoding d, struct film *f, struct error *err)
{
    size_t bytes;
    SCOPED(arena) struct arena *arena = NULL;
    d.frames = film_take;
    d.arg = f;
    const int rc = vae_decode_bytes(b->vae, b->nn, &d, &bytes, NULL, err);
    if (rc < 0)
        return rc;
    CHECK_OK(arena_open(&arena, bytes, err), *err);
    struct step s;
    step_begin(&s, b->nn, arena);
    s.cancelled = film_cancelled;
    s.cancelled_arg = f;
    return vae_decode(b->vae, &s, &d, err);
}

TEST(sizes_are_told_from_the_tensors)
{
    SCOPED(bench) struct bench b21 = {0}, b22 = {0};
    bench_open(&b21, GOLDEN "/vae21.safetensors");
    bench_open(&b22, GOLDEN "/vae22.safetensors");
    assert_int_equal(vae_info(b21.vae)->latent_channels, 16);
    assert_int_equal(vae_info(b21.vae)->space, 8);
    assert_int_equal(vae_info(b21.vae)->decoder_width, 8);
    assert_int_equal(vae_info(b22.vae)->latent_channels, 48);
    assert_int_equal(vae_info(b22.vae)->space, 16);
    assert_int_equal(vae_info(b22.vae)->decoder_width, 6);
    assert_int_equal(vae_info(b22.vae)->encoder_width, 4);
    assert_string_equal(vae_info(b22.vae)->name, "Wan 2.2 VAE");
}

TEST(frames_come_chunk_by_chunk)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    struct film f = {0};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    struct vae_decoding d = {.latent = noise(16, 4, 2, 3)};
    CHECK_OK(decode(&b, d, &f, &err), err);
    assert_int_equal(f.calls, 4);
    assert_int_equal(f.n_frames, 13);
    mem_free(d.latent.data);
}

TEST(memory_does_not_grow_with_the_clip)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    size_t two, hundred, at_once;
    double few, many;
    struct vae_decoding d = {.latent = {.dtype = DTYPE_F32, .n_dims = 4, .shape = {16, 2, 8, 8}}};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &two, &few, &err), err);
    d.latent.shape[1] = 100;
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &hundred, &many, &err), err);
    assert_int_equal(two, hundred);
    assert_true(many > 40 * few);
    d.at_once = 99;
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &at_once, NULL, &err), err);
    assert_true(at_once > 10 * hundred);

    struct vae_encoding e = {.n_frames = 5, .height = 64, .width = 64};
    CHECK_OK(vae_encode_bytes(b.vae, b.nn, &e, &two, NULL, &err), err);
    e.n_frames = 401;
    CHECK_OK(vae_encode_bytes(b.vae, b.nn, &e, &hundred, NULL, &err), err);
    assert_int_equal(two, hundred);
}

TEST(the_work_of_a_long_clip_is_counted_as_it_is_done)
{
    SCOPED(bench) struct bench b = {0};
    SCOPED(arena) struct arena *arena = NULL;
    SCOPED(mem) float *latent = mem_alloc(sizeof(float[16][7][8][8]));
    struct error err;
    struct film f = {0};
    struct step s;
    size_t bytes;
    double flops;
    const struct vae_decoding d = {.latent = {.data = latent,
                                              .dtype = DTYPE_F32,
                                              .n_dims = 4,
                                              .shape = {16, 7, 8, 8},
                                              .scale = 1},
                                   .frames = film_take,
                                   .arg = &f};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &bytes, &flops, &err), err);
    CHECK_OK(arena_open(&arena, bytes, &err), err);
    step_begin(&s, b.nn, arena);
    CHECK_OK(vae_decode(b.vae, &s, &d, &err), err);
    assert_int_equal(f.n_frames, 25);
    assert_true(s.flops == flops);
    assert_int_equal(s.peak, bytes);
}

TEST(a_cancelled_decode_gives_no_further_frame)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    struct film f = {.cancel_at = 2};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    struct vae_decoding d = {.latent = noise(16, 5, 2, 2)};
    CHECK_ERR(decode(&b, d, &f, &err), ERR_CANCELLED);
    assert_int_equal(f.calls, 2);
    mem_free(d.latent.data);
}

TEST(what_the_taker_of_frames_says_ends_the_run)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    struct film f = {.fail_at = 2};
    bench_open(&b, GOLDEN "/vae22.safetensors");
    struct vae_decoding d = {.latent = noise(48, 3, 1, 2)};
    CHECK_ERR(decode(&b, d, &f, &err), ERR_IO);
    assert_string_equal(err.text, "the disk is full");
    assert_int_equal(f.calls, 2);
    mem_free(d.latent.data);
}

/* 20 log10 of the range of -1..1 over the deviation. */
static double psnr(const float *a, const float *b, int64_t n)
{
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return 10 * log10(4 * (double)n / squares);
}

static void check_tiles(const char *path, struct tensor latent, double bound)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    bench_open(&b, path);
    struct vae_decoding d = {.latent = latent};
    const int64_t space = vae_info(b.vae)->space;
    const size_t bytes = (size_t)(5 * latent.shape[2] * space * latent.shape[3] * space * 3) *
                         sizeof(float);
    struct film whole = {.rgb = mem_try(bytes)}, tiled = {.rgb = mem_try(bytes)};
    assert_true(whole.rgb && tiled.rgb);
    CHECK_OK(decode(&b, d, &whole, &err), err);
    d.tile = 16;
    CHECK_OK(decode(&b, d, &tiled, &err), err);
    assert_int_equal(tiled.n_frames, 5);
    assert_int_equal(tiled.n_numbers, whole.n_numbers);
    const double db = psnr(whole.rgb, tiled.rgb, whole.n_numbers);
    print_message("# tiles of 16 against the whole: %.1f dB\n", db);
    assert_true(db > bound);
    mem_free(whole.rgb);
    mem_free(tiled.rgb);
    mem_free(d.latent.data);
}

/* Noise through random weights is the hardest picture there is; measured 34.8 and 32.7 dB. The
 * smallest pictures that have all that tiles can meet: two rows of three, so that one has a
 * neighbour on either side and four lie over a corner, with overlaps of 9 and 8; and, with the
 * other model, a side that is one tile. More tiles are more of the same. */
TEST(tiles_make_nearly_the_picture_of_the_whole)
{
    check_tiles(GOLDEN "/vae21.safetensors", noise(16, 2, 17, 28), 34);
    check_tiles(GOLDEN "/vae22.safetensors", noise(48, 2, 9, 17), 30);
}

/* A long side of the picture is exactly a tile's; the other makes work only. */
static void check_one_tile(int64_t height, int64_t width)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    static float one[5 * 128 * 32 * 3], other[5 * 128 * 32 * 3];
    struct film whole = {.rgb = one}, tiled = {.rgb = other};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    struct vae_decoding d = {.latent = noise(16, 2, height, width)};
    CHECK_OK(decode(&b, d, &whole, &err), err);
    d.tile = 16;
    CHECK_OK(decode(&b, d, &tiled, &err), err);
    assert_memory_equal(one, other, sizeof one);
    mem_free(d.latent.data);
}

TEST(a_tile_as_large_as_the_picture_is_the_whole)
{
    check_one_tile(16, 4);
    check_one_tile(4, 16);
}

TEST(tiles_need_the_memory_of_one_tile)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    size_t whole, tiled;
    struct vae_decoding d = {
        .latent = {.dtype = DTYPE_F32, .n_dims = 4, .shape = {16, 3, 90, 160}}};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &whole, NULL, &err), err);
    d.tile = 48;
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &tiled, NULL, &err), err);
    print_message("# whole %zu MB, in tiles %zu MB\n", whole >> 20, tiled >> 20);
    assert_true(tiled < whole / 2);
}

TEST(wrong_shapes_are_refused)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    struct film f = {0};
    size_t bytes;
    bench_open(&b, GOLDEN "/vae21.safetensors");
    struct vae_decoding d = {.latent = {.dtype = DTYPE_F32, .n_dims = 4, .shape = {48, 1, 2, 2}}};
    CHECK_ERR(decode(&b, d, &f, &err), ERR_INVALID);
    d.latent.shape[0] = 16;
    d.tile = 15;
    CHECK_ERR(decode(&b, d, &f, &err), ERR_INVALID);
    const struct vae_encoding wrong[] = {
        {.n_frames = 4, .height = 8, .width = 8},
        {.n_frames = 0, .height = 8, .width = 8},
        {.n_frames = 1, .height = 12, .width = 8},
        {.n_frames = 1, .height = 8, .width = 0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_ERR(vae_encode_bytes(b.vae, b.nn, &wrong[i], &bytes, NULL, &err), ERR_INVALID);
}

TEST(an_arena_that_is_too_small_is_an_error_with_numbers)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    struct film f = {0};
    SCOPED(arena) struct arena *arena = NULL;
    bench_open(&b, GOLDEN "/vae21.safetensors");
    struct vae_decoding d = {.latent = noise(16, 2, 4, 4), .frames = film_take, .arg = &f};
    size_t bytes;
    CHECK_OK(vae_decode_bytes(b.vae, b.nn, &d, &bytes, NULL, &err), err);
    for (size_t part = 1; part < 16; part++) {
        struct step s;
        CHECK_OK(arena_open(&arena, bytes * part / 16, &err), err);
        step_begin(&s, b.nn, arena);
        CHECK_ERR(vae_decode(b.vae, &s, &d, &err), ERR_MEMORY);
        arena_close(TAKE(arena));
    }
    mem_free(d.latent.data);
}

/* ---- files ------------------------------------------------------------------------------------
 */

static uint64_t header_length(const char *file)
{
    uint64_t n;
    memcpy(&n, file, sizeof n);
    return n;
}

/* The golden file of 2.1 with its header changed by change, in a folder of the test. */
static const char *rewritten(void (*change)(json_t *header))
{
    static char path[512];
    struct error err;
    struct text_buf file, out;
    CHECK_OK(file_read(GOLDEN "/vae21.safetensors", 1 << 24, &file, &err), err);
    const uint64_t old = header_length(file.at);
    json_t *header = json_loadb(file.at + 8, old, 0, NULL);
    assert_non_null(header);
    change(header);
    char *text = json_dumps(header, JSON_COMPACT);
    const uint64_t length = strlen(text);
    text_buf_init(&out, 1 << 24);
    text_buf_add(&out, &length, sizeof length);
    text_buf_add(&out, text, length);
    text_buf_add(&out, file.at + 8 + old, file.len - 8 - old);
    snprintf(path, sizeof path, "%s/changed.safetensors", unit_folder());
    CHECK_OK(file_write(path, (struct text){out.at, out.len}, 0600, &err), err);
    text_buf_fini(&file);
    text_buf_fini(&out);
    json_decref(header);
    free(text);
    return path;
}

static void without_a_tensor(json_t *header)
{
    json_t *entry = json_object_get(header, "decoder.upsamples.7.time_conv.bias");
    json_object_set(header, "nothing", entry);
    json_object_del(header, "decoder.upsamples.7.time_conv.bias");
}

static void with_a_wrong_shape(json_t *header)
{
    json_t *a = json_object_get(header, "decoder.conv1.weight");
    json_t *b = json_object_get(header, "decoder.head.2.weight");
    json_incref(a);
    json_object_set(header, "decoder.conv1.weight", b);
    json_object_set_new(header, "decoder.head.2.weight", a);
}

TEST(weights_laid_out_beforehand_give_the_same_frames)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    static float one[5 * 24 * 16 * 3], two[5 * 24 * 16 * 3];
    struct film first = {.rgb = one}, second = {.rgb = two};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    struct vae_decoding d = {.latent = noise(16, 2, 3, 2)};
    CHECK_OK(decode(&b, d, &first, &err), err);
    CHECK_OK(vae_pack(b.vae, b.nn, VAE_DECODER, &err), err);
    CHECK_OK(vae_pack(b.vae, b.nn, VAE_ENCODER, &err), err);
    CHECK_OK(decode(&b, d, &second, &err), err);
    assert_memory_equal(one, two, sizeof one);
    mem_free(d.latent.data);
}

static void check_refused(void (*change)(json_t *header), const char *says)
{
    struct error err;
    struct weights *file = NULL;
    struct vae *v = NULL;
    CHECK_OK(weights_open(&file, rewritten(change), &err), err);
    CHECK_ERR(vae_open(&v, file, &err), ERR_CORRUPT);
    if (!strstr(err.text, says))
        fail_msg("%s does not say %s", err.text, says);
    weights_close(file);
}

TEST(a_file_that_does_not_fit_is_refused_with_the_tensors_name)
{
    check_refused(without_a_tensor, "decoder.upsamples.7.time_conv.bias");
    check_refused(with_a_wrong_shape, "decoder.conv1.weight");
}

TEST(a_bias_in_blocks_that_would_be_cut_through_is_refused)
{
    static const struct weights_entry blocks = {
        "conv1.bias", {.dtype = DTYPE_Q8_0, .n_dims = 1, .shape = {32}, .scale = 1}};
    SCOPED(mem) char *path = mem_printf("%s/blocks.gguf", unit_folder());
    SCOPED(weights) struct weights *golden = NULL, *file = NULL;
    struct error err;
    struct vae *v = NULL;
    CHECK_OK(weights_open(&golden, GOLDEN "/vae21.safetensors", &err), err);
    CHECK_OK(weights_write_changed(path, golden, &blocks, 1, &err), err);
    CHECK_OK(weights_open(&file, path, &err), err);
    CHECK_ERR(vae_open(&v, file, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "conv1.bias is Q8_0"));
}

TEST(a_file_of_another_model_is_refused)
{
    struct error err;
    struct weights *file = NULL;
    struct vae *v = NULL;
    CHECK_OK(weights_open(&file, GOLDEN "/dit_ti2v.safetensors", &err), err);
    CHECK_ERR(vae_open(&v, file, &err), ERR_CORRUPT);
    weights_close(file);
}

/* ---- conditions --------------------------------------------------------------------------------
 */

TEST(the_mask_of_a_condition_is_one_in_the_first_latent_frame)
{
    SCOPED(bench) struct bench b = {0};
    struct error err;
    SCOPED(arena) struct arena *arena = NULL;
    struct step s;
    static float image[3 * 16 * 24], y[20 * 3 * 2 * 3], alone[16 * 2 * 3];
    const struct tensor in = {.data = image, .n_dims = 3, .shape = {3, 16, 24}, .scale = 1};
    bench_open(&b, GOLDEN "/vae21.safetensors");
    for (int i = 0; i < 3 * 16 * 24; i++)
        image[i] = (float)(i % 7) / 3 - 1;
    step_begin(&s, b.nn, NULL);
    CHECK_OK(latent_condition(b.vae, &s, in, 9, NULL, &err), err);
    CHECK_OK(arena_open(&arena, s.peak, &err), err);
    step_begin(&s, b.nn, arena);
    CHECK_OK(latent_condition(b.vae, &s, in, 9, y, &err), err);
    for (int i = 0; i < 4 * 3 * 6; i++)
        assert_true(y[i] == (i / 6 % 3 == 0 ? 1.0F : 0.0F));

    /* Its first latent frame is that of the image alone. */
    CHECK_OK(latent_of_image(b.vae, &s, in, alone, &err), err);
    for (int c = 0; c < 16; c++)
        assert_memory_equal(y + (4 + c) * 18, alone + c * 6, 6 * sizeof(float));

    CHECK_ERR(latent_condition(b.vae, &s, in, 8, y, &err), ERR_INVALID);
}
