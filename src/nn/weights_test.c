/* weights_test.c - paths, names, shards, keys and scales, in whichever layout.
 * SPDX-License-Identifier: MIT */
#include "nn/weights.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "nn/quant.h"
#include "nn/weights_write.h"
#include "unit.h"

static float numbers[4096];

/* Tensors b, a.weight and c of 2 x 3, 4 and 1 numbers. */
static void three(struct weights_entry *e)
{
    for (int i = 0; i < 4096; i++)
        numbers[i] = (float)i / 8;
    e[0] = (struct weights_entry){
        .name = "b",
        .tensor = {.data = numbers, .dtype = DTYPE_F32, .n_dims = 2, .shape = {2, 3}, .scale = 1}};
    e[1] = (struct weights_entry){
        .name = "a.weight",
        .tensor = {.data = numbers + 6, .dtype = DTYPE_F32, .n_dims = 1, .shape = {4}, .scale = 1}};
    e[2] = (struct weights_entry){.name = "c",
                                  .tensor = {.data = numbers + 10, .dtype = DTYPE_F32, .scale = 1}};
}

/* A path in a fresh folder; static. */
static const char *path_of(const char *folder, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", unit_folder(), folder);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s", unit_folder(), folder, name);
    return path;
}

static void check_three(const struct weights *w)
{
    static const char *const names[] = {"a.weight", "b", "c"};
    assert_int_equal(weights_count(w), 3);
    assert_int_equal(weights_bytes(w), 44);
    for (int i = 0; i < 3; i++) {
        struct tensor t;
        assert_string_equal(weights_name(w, i), names[i]);
        assert_true(weights_find(w, names[i], &t));
        assert_ptr_equal(weights_tensor(w, i).data, t.data);
        assert_true(t.scale == 1);
    }
    float got[6];
    struct tensor b = weights_tensor(w, 1);
    assert_int_equal(tensor_rows(&b), 2);
    assert_int_equal(tensor_cols(&b), 3);
    quant_widen(got, &b, 0, 2);
    assert_memory_equal(got, numbers, sizeof got);
    struct tensor none;
    assert_false(weights_find(w, "a", &none));
    assert_false(weights_find(w, "d", &none));
}

static void check_path(const char *path, const char *layout)
{
    struct weights *w;
    struct error err;
    CHECK_OK(weights_open(&w, path, &err), err);
    check_three(w);
    assert_string_equal(weights_layout(w), layout);
    weights_drop(w);
    check_three(w);
    weights_close(w);
}

static void check_refused(const char *path, int code, const char *text)
{
    struct weights *w;
    struct error err;
    assert_int_equal(weights_open(&w, path, &err), code);
    if (!strstr(err.text, text))
        fail_msg("the error is \"%s\", must say \"%s\"", err.text, text);
}

static void write_text(const char *path, const char *text)
{
    struct error err;
    hash_start();
    CHECK_OK(file_write(path, text_of(text), 0644, &err), err);
}

TEST(each_layout_gives_the_same_tensors)
{
    struct weights_entry e[3];
    struct error err;
    three(e);
    const char *path = path_of("each", "m.safetensors");
    CHECK_OK(weights_write_safetensors(path, e, 3, NULL, &err), err);
    check_path(path, "safetensors");
    path = path_of("each", "m.gguf");
    CHECK_OK(weights_write_gguf(path, e, 3, &(struct weights_write_gguf){0}, &err), err);
    check_path(path, "gguf");
    path = path_of("each", "m.pth");
    CHECK_OK(weights_write_torch(path, e, 3, &(struct weights_write_torch){0}, &err), err);
    check_path(path, "torch");
}

TEST(the_first_bytes_tell_the_layout_not_the_ending)
{
    struct weights_entry e[3];
    struct error err;
    three(e);
    const char *path = path_of("endings", "m.bin");
    CHECK_OK(weights_write_gguf(path, e, 3, &(struct weights_write_gguf){0}, &err), err);
    check_path(path, "gguf");
}

TEST(shards_are_opened_by_their_index_or_by_their_folder)
{
    struct weights_entry e[3];
    struct error err;
    three(e);
    SCOPED(mem) char *folder = mem_dup(path_of("shards", ""));
    const struct weights_write_shards to = {.folder = folder, .stem = "m", .n_shards = 2};
    CHECK_OK(weights_write_shards(&to, e, 3, &err), err);
    check_path(path_of("shards", "m.safetensors.index.json"), "safetensors");
    check_path(folder, "safetensors");
}

TEST(a_folder_with_one_file_stands_for_it)
{
    struct weights_entry e[3];
    struct error err;
    three(e);
    CHECK_OK(
        weights_write_torch(path_of("one", "m.pth"), e, 3, &(struct weights_write_torch){0}, &err),
        err);
    write_text(path_of("one", "config.json"), "{}");
    check_path(path_of("one", ""), "torch");
    CHECK_OK(
        weights_write_gguf(path_of("one", "m.gguf"), e, 3, &(struct weights_write_gguf){0}, &err),
        err);
    check_path(path_of("one", ""), "gguf");
}

TEST(a_folder_with_several_files_is_refused_with_their_number)
{
    struct weights_entry e[3];
    struct error err;
    three(e);
    check_refused(path_of("several", ""), ERR_NOT_FOUND, "holds no weights");
    CHECK_OK(weights_write_safetensors(path_of("several", "x.safetensors"), e, 3, NULL, &err), err);
    CHECK_OK(weights_write_safetensors(path_of("several", "y.safetensors"), e, 3, NULL, &err), err);
    check_refused(path_of("several", ""), ERR_INVALID, "2 files");
    check_refused(path_of("several", "z.safetensors"), ERR_NOT_FOUND, "z.safetensors");
}

TEST(an_index_that_does_not_agree_with_its_shards_is_refused)
{
    static const struct {
        const char *index, *text;
    } rows[] = {
        {"{\"weight_map\": {\"b\": \"s\", \"d\": \"s\"}}", "d is not in s"},
        {"{\"weight_map\": {\"b\": \"../index/s\"}}", "b is said to be in"},
        {"{\"weight_map\": {\"b\": \"/etc/passwd\"}}", "b is said to be in"},
        {"{\"weight_map\": {\"b\": \"..\"}}", "b is said to be in"},
        {"{\"weight_map\": {\"b\": \"\"}}", "b is said to be in"},
        {"{\"weight_map\": {\"b\": 1}}", "b is in no shard"},
        {"{\"weight_map\": {\"b\": \"s\", \"c\": \"t\"}}", "is there twice"},
        {"{\"weight_map\": {\"b\": \"gone\"}}", "gone"},
        {"{\"weight_map\": {}}", "names no tensors"},
        {"{\"weight_map\": []}", "has no weight_map"},
        {"[]", "has no weight_map"},
        {"", "no JSON"},
        {"{\"weight_map\": {\"b\": \"s\", \"b\": \"s\"}}", "no JSON"},
    };
    struct weights_entry e[3];
    struct error err;
    three(e);
    CHECK_OK(weights_write_safetensors(path_of("index", "s"), e, 3, NULL, &err), err);
    CHECK_OK(weights_write_safetensors(path_of("index", "t"), e, 3, NULL, &err), err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weights *w;
        const char *path = path_of("index", "m.index.json");
        write_text(path, rows[i].index);
        assert_true(weights_open(&w, path, &err) < 0);
        if (!strstr(err.text, rows[i].text))
            fail_msg("%s: \"%s\", must say \"%s\"", rows[i].index, err.text, rows[i].text);
    }
}

TEST(what_is_no_file_of_weights_is_refused)
{
    write_text(path_of("bad", "empty"), "");
    check_refused(path_of("bad", "empty"), ERR_CORRUPT, "empty");
    write_text(path_of("bad", "short"), "abc");
    check_refused(path_of("bad", "short"), ERR_CORRUPT, "no weights");
    write_text(path_of("bad", "text"), "<!DOCTYPE html><html>not found</html>");
    check_refused(path_of("bad", "text"), ERR_CORRUPT, "text: it is neither");
    write_text(path_of("bad", "old.pth"), "\x80\2\x8a\x0alF\xfc");
    check_refused(path_of("bad", "old.pth"), ERR_CORRUPT, "older than the zip layout");
    CHECK_ERR(mkfifo(path_of("bad", "pipe"), 0644), 0);
    check_refused(path_of("bad", "pipe"), ERR_CORRUPT, "no file");
}

TEST(the_scale_beside_an_f8_weight_becomes_its_own)
{
    static const struct {
        const char *weight, *scale;
    } rows[] = {{"x.weight", "x.scale_weight"},
                {"x.weight", "x.weight_scale"},
                {"modulation", "modulation_scale"}};
    uint8_t bytes[6] = {0x38, 0x40, 0xb8, 0x01, 0x7e, 0};
    float scale = 0.25F;
    struct error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct weights_entry e[] = {
            {rows[i].weight, {.data = bytes, .dtype = DTYPE_F8_E4M3, .n_dims = 1, .shape = {6}}},
            {rows[i].scale, {.data = &scale, .dtype = DTYPE_F32, .n_dims = 1, .shape = {1}}},
            {"scaled_fp8", {.data = bytes, .dtype = DTYPE_F8_E4M3, .n_dims = 1, .shape = {0}}},
        };
        const char *path = path_of("f8", "m.safetensors");
        CHECK_OK(weights_write_safetensors(path, e, 3, NULL, &err), err);
        struct weights *w;
        CHECK_OK(weights_open(&w, path, &err), err);
        assert_int_equal(weights_count(w), 1);
        const struct tensor t = weights_tensor(w, 0);
        assert_true(t.scale == 0.25F);
        float got[6];
        quant_widen(got, &t, 0, 1);
        assert_true(got[0] == 0.25F && got[1] == 0.5F && got[2] == -0.25F && got[4] == 112);
        weights_close(w);
    }
}

TEST(a_scale_that_is_none_is_refused_and_one_of_another_type_stays)
{
    uint8_t byte = 0x38;
    float scale[2] = {quant_from_bits(0x7fc00000), 1};
    struct error err;
    struct weights_entry e[] = {
        {"x.weight", {.data = &byte, .dtype = DTYPE_F8_E4M3, .n_dims = 1, .shape = {1}}},
        {"x.scale_weight", {.data = scale, .dtype = DTYPE_F32}},
    };
    const char *path = path_of("scale", "m");
    CHECK_OK(weights_write_safetensors(path, e, 2, NULL, &err), err);
    check_refused(path, ERR_CORRUPT, "x.scale_weight is not a finite number");
    e[1].tensor.n_dims = 1;
    e[1].tensor.shape[0] = 2;
    CHECK_OK(weights_write_safetensors(path, e, 2, NULL, &err), err);
    check_refused(path, ERR_CORRUPT, "x.scale_weight has 2 numbers");
    e[0].tensor.dtype = DTYPE_U8;
    CHECK_OK(weights_write_safetensors(path, e, 2, NULL, &err), err);
    struct weights *w;
    CHECK_OK(weights_open(&w, path, &err), err);
    assert_int_equal(weights_count(w), 2);
    weights_close(w);
}

/* Pages of files in this process's memory. */
static long shared_pages(void)
{
    long size = 0, resident = 0, shared = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld %ld", &size, &resident, &shared), 3); /* NOLINT */
    fclose(f);
    return shared;
}

static float sum_of(const struct tensor *t)
{
    const float *x = tensor_f32(t);
    float sum = 0;
    for (int64_t i = 0; i < tensor_count(t); i += 16)
        sum += x[i];
    return sum;
}

TEST(dropped_weights_leave_memory_and_come_back)
{
    enum { COUNT = 4 << 20 };
    const long pages = COUNT * (long)sizeof(float) / sysconf(_SC_PAGESIZE);
    struct error err;
    const struct weights_entry e[] = {
        {"a", {.dtype = DTYPE_F32, .n_dims = 1, .shape = {COUNT}}},
        {"b", {.data = numbers, .dtype = DTYPE_F32, .n_dims = 1, .shape = {4096}}},
    };
    const char *path = path_of("drop", "m");
    CHECK_OK(weights_write_safetensors(path, e, 2, NULL, &err), err);
    struct weights *w;
    CHECK_OK(weights_open(&w, path, &err), err);
    const struct tensor a = weights_tensor(w, 0), b = weights_tensor(w, 1);
    const long before = shared_pages();
    const float sum = sum_of(&a) + sum_of(&b);
    assert_true(shared_pages() - before > pages / 2);
    weights_drop(w);
    assert_true(shared_pages() - before < pages / 4);
    assert_true(sum_of(&a) + sum_of(&b) == sum);
    weights_close(w);
}

TEST(bytes_of_the_caller_are_read_in_place_and_never_dropped)
{
    struct weights_entry e[3];
    struct error err;
    three(e);
    const char *path = path_of("bytes", "m");
    CHECK_OK(weights_write_safetensors(path, e, 3, NULL, &err), err);
    SCOPED(text_buf) struct text_buf bytes = {0};
    CHECK_OK(file_read(path, 1 << 20, &bytes, &err), err);
    struct weights *w;
    CHECK_OK(weights_open_bytes(&w, (struct text){.at = bytes.at, .len = bytes.len}, &err), err);
    weights_drop(w);
    check_three(w);
    weights_close(w);
}

TEST(tensors_of_the_golden_files_are_all_there)
{
    struct weights *w, *q;
    struct error err;
    CHECK_OK(weights_open(&w, PARITY_DATA "/wan/dit_i2v22.safetensors", &err), err);
    CHECK_OK(weights_open(&q, PARITY_DATA "/wan/dit_i2v22_q8_0.gguf", &err), err);
    assert_int_equal(weights_count(w), 42);
    assert_int_equal(weights_count(q), 42);
    assert_non_null(strstr(weights_meta(w, "config"), "num_heads"));
    for (int i = 0; i < 42; i++) {
        const struct tensor a = weights_tensor(w, i), b = weights_tensor(q, i);
        assert_string_equal(weights_name(w, i), weights_name(q, i));
        const int64_t n = tensor_count(&a);
        assert_int_equal(n, tensor_count(&b));
        SCOPED(mem) float *x = mem_alloc((size_t)n * 4), *y = mem_alloc((size_t)n * 4);
        quant_widen(x, &a, 0, tensor_rows(&a));
        quant_widen(y, &b, 0, tensor_rows(&b));
        float largest = 0;
        for (int64_t j = 0; j < n; j++)
            largest = x[j] > largest ? x[j] : -x[j] > largest ? -x[j] : largest;
        for (int64_t j = 0; j < n; j++) /* half a step of Q8_0, and of its scale as F16 */
            assert_true(y[j] - x[j] <= 0.0045F * largest && x[j] - y[j] <= 0.0045F * largest);
    }
    weights_close(w);
    weights_close(q);
}
