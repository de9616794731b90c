/* weights_gguf_test.c - GGUF of every type, its keys, and files that lie.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "nn/quant.h"
#include "nn/weights.h"
#include "nn/weights_write.h"
#include "unit.h"

static const char *path(void)
{
    static char p[128];
    snprintf(p, sizeof p, "%s/m.gguf", unit_folder());
    return p;
}

static float numbers[1024];

static struct tensor source(void)
{
    for (int i = 0; i < 1024; i++)
        numbers[i] = (float)((i * 37) % 101 - 50) / 50;
    return (struct tensor){
        .data = numbers, .dtype = DTYPE_F32, .n_dims = 3, .shape = {2, 1, 512}, .scale = 1};
}

TEST(every_type_that_gguf_has_is_written_and_read)
{
    const struct tensor from = source();
    struct error err;
    for (int d = 0; d < DTYPES; d++) {
        if (d == DTYPE_F8_E4M3 || d == DTYPE_U8 || d == DTYPE_I32 || d == DTYPE_I64 ||
            d == DTYPE_BOOL)
            continue;
        struct tensor t;
        CHECK_OK(weights_write_convert(&t, &from, (enum dtype)d, &err), err);
        const struct weights_entry e = {.name = dtype_name((enum dtype)d), .tensor = t};
        CHECK_OK(weights_write_gguf(path(), &e, 1, &(struct weights_write_gguf){0}, &err), err);
        struct weights *w;
        CHECK_OK(weights_open(&w, path(), &err), err);
        const struct tensor got = weights_tensor(w, 0);
        assert_int_equal(got.dtype, d);
        assert_true(tensor_same_shape(&got, &from));
        assert_memory_equal(got.data, t.data, tensor_bytes(&t));
        weights_close(w);
        mem_free(t.data);
    }
}

TEST(keys_and_their_arrays_are_found)
{
    static const char *const tokens[] = {"<pad>", "", "▁a"};
    static const float scores[] = {0, -1, -2.5F};
    static const uint32_t end = 1;
    const struct weights_write_key keys[] = {
        {.name = "general.architecture", .type = 8, .value = "t5encoder"},
        {.name = "tokenizer.ggml.tokens", .type = 9, .item_type = 8, .n = 3, .value = tokens},
        {.name = "tokenizer.ggml.scores", .type = 9, .item_type = 6, .n = 3, .value = scores},
        {.name = "tokenizer.ggml.eos_token_id", .type = 4, .n = 1, .value = &end},
    };
    const struct weights_entry e = {.name = "x", .tensor = source()};
    struct error err;
    CHECK_OK(weights_write_gguf(
                 path(), &e, 1,
                 &(struct weights_write_gguf){.keys = keys, .n_keys = 4, .alignment = 128}, &err),
             err);
    SCOPED(weights) struct weights *w = NULL;
    CHECK_OK(weights_open(&w, path(), &err), err);
    assert_string_equal(weights_meta(w, "general.architecture"), "t5encoder");
    assert_null(weights_meta(w, "tokenizer.ggml.scores"));
    struct weights_value v;
    assert_true(weights_value(w, "tokenizer.ggml.scores", &v));
    assert_int_equal(v.type, 9);
    assert_int_equal(v.item_type, 6);
    assert_int_equal(v.n, 3);
    assert_int_equal(v.bytes.len, sizeof scores);
    assert_memory_equal(v.bytes.at, scores, sizeof scores);
    assert_true(weights_value(w, "tokenizer.ggml.tokens", &v));
    assert_int_equal(v.n, 3);
    assert_int_equal(v.bytes.len, 3 * 8 + 5 + 0 + 4);
    assert_memory_equal(v.bytes.at + 8, "<pad>", 5);
    assert_true(weights_value(w, "tokenizer.ggml.eos_token_id", &v));
    assert_memory_equal(v.bytes.at, &end, sizeof end);
    assert_false(weights_value(w, "tokenizer", &v));
    assert_int_equal(((const char *)weights_tensor(w, 0).data - v.bytes.at) % 4, 0);
    float got[1024];
    const struct tensor t = weights_tensor(w, 0);
    quant_widen(got, &t, 0, 2);
    assert_memory_equal(got, numbers, sizeof got);
}

TEST(an_original_shape_replaces_the_one_that_is_stored)
{
    static const int32_t shape[] = {4, 4, 1, 8, 8}, wrong[] = {4, 4, 1, 8, 9}, bad[] = {-4, -256};
    const struct weights_entry e = {.name = "patch_embedding.weight", .tensor = source()};
    struct weights_write_key key = {.name = "comfy.gguf.orig_shape.patch_embedding.weight",
                                    .type = 9,
                                    .item_type = 5,
                                    .n = 5,
                                    .value = shape};
    const struct weights_write_gguf how = {.keys = &key, .n_keys = 1};
    struct error err;
    struct weights *w;
    CHECK_OK(weights_write_gguf(path(), &e, 1, &how, &err), err);
    CHECK_OK(weights_open(&w, path(), &err), err);
    char text[64];
    const struct tensor t = weights_tensor(w, 0);
    assert_string_equal(tensor_text(&t, text, sizeof text), "F32 [4, 4, 1, 8, 8]");
    weights_close(w);
    key.value = wrong;
    CHECK_OK(weights_write_gguf(path(), &e, 1, &how, &err), err);
    CHECK_ERR(weights_open(&w, path(), &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "has 1152 numbers, the tensor 1024"));
    key.value = bad;
    key.n = 2;
    CHECK_OK(weights_write_gguf(path(), &e, 1, &how, &err), err);
    CHECK_ERR(weights_open(&w, path(), &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "patch_embedding.weight has an axis of -4"));
}

/* ---- files that lie ---------------------------------------------------------------------- */

struct bytes {
    char at[512];
    size_t len;
};

static void put(struct bytes *b, const void *p, size_t n)
{
    assert_true(b->len + n <= sizeof b->at);
    memcpy(b->at + b->len, p, n);
    b->len += n;
}

static void put_number(struct bytes *b, uint64_t v, size_t n)
{
    put(b, &v, n);
}

/* One tensor x as given, in a file of 256 bytes. */
struct lie {
    uint32_t version, n_axes, type;
    uint64_t n_tensors, n_keys, axis, offset;
    const char *text; /* of the error */
};

static struct bytes file_of(const struct lie *lie)
{
    struct bytes b = {0};
    put(&b, "GGUF", 4);
    put_number(&b, lie->version, 4);
    put_number(&b, lie->n_tensors, 8);
    put_number(&b, lie->n_keys, 8);
    for (int i = 0; i < 2; i++) {
        put_number(&b, 1, 8);
        put(&b, i ? "y" : "x", 1);
        put_number(&b, lie->n_axes, 4);
        put_number(&b, lie->axis, 8);
        put_number(&b, lie->type, 4);
        put_number(&b, lie->offset * (i ? 2 : 1), 8);
    }
    b.len = 256;
    return b;
}

TEST(a_file_that_lies_is_refused_with_the_tensors_name)
{
    static const struct lie rows[] = {
        {1, 1, 0, 2, 0, 8, 0, "version is 1"},
        {0x03000000, 1, 0, 2, 0, 8, 0, "version is"},
        {3, 1, 0, UINT64_MAX, 0, 8, 0, "cannot be in 256 bytes"},
        {3, 1, 0, 2, UINT64_MAX / 2, 8, 0, "cannot be in 256 bytes"},
        {3, 99, 0, 2, 1, 8, 0, "key x is of no known type or leaves the file"},
        {3, 1, 0, 3, 0, 8, 32, "must be 1 to"},
        {3, 6, 0, 2, 0, 8, 0, "x has 6 axes"},
        {3, UINT32_MAX, 0, 2, 0, 8, 0, "x has 4294967295 axes"},
        {3, 1, 4, 2, 0, 8, 0, "x has the type 4"},
        {3, 1, 99, 2, 0, 8, 0, "x has the type 99"},
        {3, 1, 8, 2, 0, 33, 0, "x has rows of 33 numbers"},
        {3, 1, 0, 2, 0, 8, 1, "x begins where no tensor can"},
        {3, 1, 0, 2, 0, 8, 0, "overlaps"},
        {3, 1, 0, 2, 0, 800, 32, "x is at bytes"},
        {3, 1, 0, 2, 0, 8, 1 << 20, "x is at bytes"},
        {3, 1, 0, 2, 0, 8, UINT64_MAX - 31, "x begins where no tensor can"},
        {3, 1, 0, 2, 0, UINT64_MAX, 0, "x has an axis of -1"},
        {3, 1, 0, 2, 0, INT64_MAX, 0, "x has more numbers than can be counted"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct bytes b = file_of(&rows[i]);
        struct weights *w;
        struct error err;
        if (weights_open_bytes(&w, (struct text){.at = b.at, .len = b.len}, &err) != ERR_CORRUPT)
            fail_msg("\"%s\" is not refused", rows[i].text);
        if (!strstr(err.text, rows[i].text))
            fail_msg("\"%s\", must say \"%s\"", err.text, rows[i].text);
    }
}

TEST(a_file_that_breaks_off_anywhere_is_refused)
{
    static const uint32_t alignment = 4;
    const struct weights_write_key key = {.name = "k", .type = 4, .n = 1, .value = &alignment};
    struct weights_entry e = {.name = "x", .tensor = source()};
    e.tensor.n_dims = 1;
    e.tensor.shape[0] = 8;
    struct error err;
    CHECK_OK(weights_write_gguf(path(), &e, 1,
                                &(struct weights_write_gguf){.keys = &key, .n_keys = 1}, &err),
             err);
    SCOPED(text_buf) struct text_buf bytes = {0};
    CHECK_OK(file_read(path(), 4096, &bytes, &err), err);
    for (size_t len = 0; len < bytes.len; len++) {
        struct weights *w;
        SCOPED(mem) char *cut = mem_dup_n(bytes.at, len);
        CHECK_ERR(weights_open_bytes(&w, (struct text){.at = cut, .len = len}, &err), ERR_CORRUPT);
    }
}
