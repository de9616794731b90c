/* weights_torch_test.c - torch's zips: whole, changed, and pickles that want more than a state
 * dict does. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "nn/weights.h"
#include "nn/weights_pickle.h"
#include "nn/weights_write.h"
#include "nn/weights_zip.h"
#include "unit.h"

static const float numbers[24] = {1, 2, 3, 4, 5, 6, 7, 8};

static const struct weights_entry entries[] = {
    {"w", {.data = (void *)numbers, .dtype = DTYPE_F32, .n_dims = 2, .shape = {3, 2}, .scale = 1}},
    {"h", {.data = (void *)numbers, .dtype = DTYPE_F16, .n_dims = 1, .shape = {5}, .scale = 1}},
    {"b", {.data = (void *)numbers, .dtype = DTYPE_BF16, .n_dims = 1, .shape = {1}, .scale = 1}},
    {"d", {.data = (void *)numbers, .dtype = DTYPE_F64, .n_dims = 0, .scale = 1}},
    {"i", {.data = (void *)numbers, .dtype = DTYPE_I64, .n_dims = 1, .shape = {2}, .scale = 1}},
};
enum { N = sizeof entries / sizeof *entries };

/* The bytes of the zip of entries; the caller calls text_buf_fini. */
static struct text_buf zip_of(const struct weights_write_torch *how)
{
    char path[128];
    struct error err;
    struct text_buf bytes = {0};
    snprintf(path, sizeof path, "%s/m.pth", unit_folder());
    CHECK_OK(weights_write_torch(path, entries, N, how, &err), err);
    CHECK_OK(file_read(path, 1 << 20, &bytes, &err), err);
    return bytes;
}

static int open_bytes(struct weights **w, const struct text_buf *bytes, struct error *err)
{
    return weights_open_bytes(w, (struct text){.at = bytes->at, .len = bytes->len}, err);
}

TEST(every_type_of_torch_comes_back_with_and_without_zip64_and_nested)
{
    static const struct weights_write_torch ways[] = {
        {0}, {.zip64 = true}, {.nest = "state_dict"}, {.nest = "model", .zip64 = true}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        SCOPED(text_buf) struct text_buf bytes = zip_of(&ways[i]);
        struct weights *w;
        struct error err;
        CHECK_OK(open_bytes(&w, &bytes, &err), err);
        assert_int_equal(weights_count(w), N);
        for (int e = 0; e < N; e++) {
            struct tensor t;
            assert_true(weights_find(w, entries[e].name, &t));
            assert_int_equal(t.dtype, entries[e].tensor.dtype);
            assert_true(tensor_same_shape(&t, &entries[e].tensor));
            assert_memory_equal(t.data, numbers, tensor_bytes(&t));
            assert_int_equal(((const char *)t.data - bytes.at) % 64, 0);
        }
        weights_close(w);
    }
}

TEST(a_dictionary_under_an_unknown_name_is_no_state_dict)
{
    SCOPED(text_buf) struct text_buf bytes = zip_of(&(struct weights_write_torch){.nest = "optim"});
    struct weights *w;
    struct error err;
    CHECK_ERR(open_bytes(&w, &bytes, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "no dictionary of tensors"));
}

/* Replace the nth place where from stands by to, of the same length. */
static void change(struct text_buf *b, struct text from, struct text to, int nth)
{
    assert_int_equal(from.len, to.len);
    char *at = b->at;
    for (int i = 0; i <= nth; i++) {
        at = memmem(at + (i > 0), b->len - (size_t)(at + (i > 0) - b->at), from.at, from.len);
        assert_non_null(at);
    }
    memcpy(at, to.at, to.len);
}

TEST(a_zip_that_lies_is_refused)
{
    static const struct {
        struct text from, to;
        int nth;
        const char *text;
    } rows[] = {
        /* strides (2, 1) of w */
        {{"(J\2\0\0\0J\1\0\0\0t\x89", 13},
         {"(J\1\0\0\0J\3\0\0\0t\x89", 13},
         0,
         "w is not contiguous"},
        /* shape (3, 2) of w */
        {{"(J\3\0\0\0J\2\0\0\0t(", 13}, {"(J\3\0\0\0J\3\0\0\0t(", 13}, 0, "w is not contiguous"},
        {{"(J\3\0\0\0J\2\0\0\0t(", 13},
         {"(J\4\0\0\0J\2\0\0\0t(", 13},
         0,
         "w has 8 numbers from 0 on of a storage of 6"},
        {{"(J\3\0\0\0J\2\0\0\0t(", 13},
         {"(J\xff\xff\xff\xffJ\2\0\0\0t(", 13},
         0,
         "w has an axis of -1"},
        /* count and offset of w */
        {{"cpuJ\6\0\0\0tQJ\0\0\0\0", 15},
         {"cpuJ\7\0\0\0tQJ\0\0\0\0", 15},
         0,
         "w needs the storage 0"},
        {{"cpuJ\6\0\0\0tQJ\0\0\0\0", 15}, {"cpuJ\6\0\0\0tQJ\1\0\0\0", 15}, 0, "w has 6 numbers"},
        {{"cpuJ\6\0\0\0tQJ\0\0\0\0", 15},
         {"cpuJ\6\0\0\0tQJ\xff\xff\xff\xff", 15},
         0,
         "w has 6 numbers"},
        {{"cpuJ\6\0\0\0tQJ\0\0\0\0", 15},
         {"cpuJ\xff\xff\xff\xfftQJ\0\0\0\0", 15},
         0,
         "refers to something that is no storage"},
        /* another storage, a larger type */
        {{"X\1\0\0\0"
          "0X\3",
          8},
         {"X\1\0\0\0"
          "9X\3",
          8},
         0,
         "w needs the storage 9"},
        {{"X\1\0\0\0h", 6}, {"X\1\0\0\0w", 6}, 0, "w is there twice"},
        {{"X\1\0\0\0h", 6}, {"X\1\0\0\0\xff", 6}, 0, "broken text"},
        {{"_rebuild_tensor_v2", 18},
         {"_rebuild_tensor_v9", 18},
         0,
         "torch._utils._rebuild_tensor_v9, which is no part"},
        {{"ctorch._utils", 13}, {"cposix.system", 13}, 0, "which is no part of a state dict"},
        /* the zip */
        {{"PK\1\2\0\0\0\0\0\0\0\0", 12},
         {"PK\1\2\0\0\0\0\0\0\10\0", 12},
         0,
         "data.pkl is compressed"},
        {{"PK\1\2\0\0\0\0\0\0\0\0", 12},
         {"PK\1\2\0\0\0\0\1\0\0\0", 12},
         0,
         "data.pkl is compressed"},
        {{"archive/data/1", 14}, {"archive/data/0", 14}, 0, "is not where the directory says"},
        {{"archive/data/1", 14}, {"archive/data/0", 14}, 1, "is not where the directory says"},
        {{"PK\1\2", 4}, {"PK\1\3", 4}, 0, "directory of the zip is damaged"},
        {{"PK\5\6\0\0", 6}, {"PK\5\6\1\0", 6}, 0, "directory of the zip is damaged"},
        {{"PK\5\6", 4}, {"PK\5\7", 4}, 0, "it has no directory"},
        {{"little", 6}, {"gitter", 6}, 0, "not little endian"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED(text_buf) struct text_buf bytes = zip_of(&(struct weights_write_torch){0});
        struct weights *w;
        struct error err;
        change(&bytes, rows[i].from, rows[i].to, rows[i].nth);
        if (open_bytes(&w, &bytes, &err) != ERR_CORRUPT)
            fail_msg("row %zu: \"%s\" is not refused", i, rows[i].text);
        if (!strstr(err.text, rows[i].text))
            fail_msg("row %zu: \"%s\", must say \"%s\"", i, err.text, rows[i].text);
    }
}

TEST(entries_that_overlap_are_refused)
{
    SCOPED(text_buf) struct text_buf bytes = zip_of(&(struct weights_write_torch){0});
    struct text file = {.at = bytes.at, .len = bytes.len};
    struct weights_zip zip;
    struct error err;
    CHECK_OK(weights_zip_read(&zip, file, &err), err);
    assert_int_equal(zip.n, N + 3);
    assert_non_null(weights_zip_find(&zip, TEXT("archive/version")));
    assert_null(weights_zip_find(&zip, TEXT("archive/versio")));
    weights_zip_fini(&zip);
    /* The size of archive/data/0 reaches into archive/data/1. */
    char *name = memmem(bytes.at, bytes.len, "PK\1\2", 4);
    while (memcmp(name + 46, "archive/data/0", 14) != 0)
        name = memmem(name + 1, bytes.len - (size_t)(name + 1 - bytes.at), "PK\1\2", 4);
    name[20] = name[24] = 127;
    CHECK_ERR(weights_zip_read(&zip, file, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "archive/data/1 overlaps archive/data/0"));
}

TEST(a_zip_that_breaks_off_anywhere_is_refused)
{
    static const struct weights_write_torch ways[] = {{0}, {.zip64 = true}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        SCOPED(text_buf) struct text_buf bytes = zip_of(&ways[i]);
        for (size_t len = 0; len < bytes.len; len++) {
            SCOPED(mem) char *cut = mem_dup_n(bytes.at, len);
            struct weights *w;
            struct error err;
            CHECK_ERR(weights_open_bytes(&w, (struct text){.at = cut, .len = len}, &err),
                      ERR_CORRUPT);
        }
    }
}

/* ---- pickles ----------------------------------------------------------------------------- */

/* Initialisers of static views. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        .at = (literal), .len = sizeof(literal) - 1                                                \
    }
#define PICKLE(literal) BYTES("\x80\2" literal)

TEST(a_pickle_that_wants_more_than_a_state_dict_is_refused)
{
    static const struct {
        struct text pickle;
        const char *text;
    } rows[] = {
        {PICKLE("cos\nsystem\nX\2\0\0\0ls\x85R."), "names os.system"},
        {PICKLE("cbuiltins\neval\n(X\1\0\0\0"
                "1tR."),
         "names builtins.eval"},
        {PICKLE("\x8c\2os\x8c\6system\x93."), "names os.system"},
        {PICKLE("ctorch\n_utils._rebuild_tensor_v2\n."), "which is no part"},
        {PICKLE("ios\nsystem\n."), "opcode 0x69"},
        {PICKLE("}\x81."), "opcode 0x81"},
        {PICKLE("\x82\1."), "opcode 0x82"},
        {PICKLE("P0\n."), "opcode 0x50"},
        {PICKLE("ccollections\nOrderedDict\nK\1\x85R."), "the wrong arguments"},
        {PICKLE("ctorch\nFloatStorage\n)R."), "the wrong arguments"},
        {PICKLE("K\1)R."), "no function"},
        {PICKLE("ctorch._utils\n_rebuild_tensor_v2\n)R."), "without storage"},
        {PICKLE("ctorch._utils\n_rebuild_parameter\n)R."), "the wrong arguments"},
        {PICKLE("K\1Q."), "no storage"},
        {PICKLE("(X\7\0\0\0storageccollections\nOrderedDict\nX\1\0\0\0"
                "0K\0K\1tQ."),
         "no storage"},
        {PICKLE("}b."), "no dictionary"},
        {PICKLE("K\1}b."), "no dictionary"},
        {PICKLE("K\1K\1K\1s."), "no dictionary"},
        {PICKLE("}(K\1u."), "fills no dictionary"},
        {PICKLE("}u."), "has no mark"},
        {PICKLE("t."), "has no mark"},
        {PICKLE("K\1(\x85."), "more values than there are"},
        {PICKLE("h\0."), "not kept"},
        {PICKLE("}r\xff\xff\xff\xff."), "out of turn"},
        {PICKLE("q\0."), "out of turn"},
        {PICKLE("\x8a\x09"
                "123456789."),
         "more than 8 bytes"},
        {PICKLE("X\xff\xff\xff\xff"
                "abc."),
         "broken text"},
        {PICKLE("."), "other than one value"},
        {PICKLE("}}."), "other than one value"},
        {PICKLE("(}."), "other than one value"},
        {PICKLE("}"), "breaks off"},
        {PICKLE("J\1"), "breaks off"},
        {PICKLE("ctorch"), "breaks off"},
        {PICKLE("ctorch\n"), "breaks off"},
        {BYTES("\x80\1}."), "another protocol"},
        {BYTES("\x80\5}."), "another protocol"},
        {BYTES(""), "breaks off"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weights_pickle p;
        struct error err;
        if (weights_pickle_read(&p, rows[i].pickle, &err) != ERR_CORRUPT)
            fail_msg("row %zu: \"%s\" is not refused", i, rows[i].text);
        if (!strstr(err.text, rows[i].text))
            fail_msg("row %zu: \"%s\", must say \"%s\"", i, err.text, rows[i].text);
    }
}

TEST(the_opcodes_of_protocol_4_and_of_attributes_are_read_too)
{
    /* {"w": Parameter(tensor of 2 halves), "n": (1.5, None, True, -1)}, with attributes {} */
    static const struct text pickle =
        BYTES("\x80\4\x95\0\0\0\0\0\0\0\0}\x94("
              "\x8c\1w\x94\x8c\14torch._utils\x8c\22_rebuild_parameter\x93"
              "\x8c\14torch._utils\x8c\22_rebuild_tensor_v2\x93"
              "((\x8c\7storage\x8c\5torch\x8c\13HalfStorage\x93\x8c\1k\x8c\3cpuM\2\0tQ"
              "K\0K\2\x85\x8a\1\1\x85\x89}tR\x89}\x87R"
              "\x8c\1n(G?\xf8\0\0\0\0\0\0N\x88J\xff\xff\xff\xfft"
              "u}b.");
    SCOPED(weights_pickle) struct weights_pickle p = {0};
    struct error err;
    CHECK_OK(weights_pickle_read(&p, pickle, &err), err);
    assert_int_equal(p.result.kind, PICKLE_DICT);
    assert_int_equal(p.items.n, 2);
    assert_int_equal(p.tensors.n, 1);
    const struct weights_pickle_item *items = p.items.at;
    assert_int_equal(items[0].value.kind, PICKLE_TENSOR);
    assert_int_equal(items[1].value.kind, PICKLE_TUPLE);
    const struct weights_pickle_storage *storage = p.storages.at;
    assert_int_equal(storage->dtype, DTYPE_F16);
    assert_int_equal(storage->count, 2);
    assert_true(text_equal(storage->key, TEXT("k")));
    const struct weights_pickle_value *values = p.values.at;
    assert_int_equal(values[p.values.n - 1].number, -1);
    assert_int_equal(values[p.values.n - 2].number, 1);
}

/* A zip of one entry, data.pkl, that holds the pickle; the caller calls text_buf_fini. */
static struct text_buf zip_of_pickle(struct text pickle)
{
    static const char name[8] = "data.pkl";
    char local[30] = "PK\3\4", central[46] = "PK\1\2", end[22] = "PK\5\6";
    const uint32_t size = (uint32_t)pickle.len, length = sizeof name, one = 1;
    const uint32_t at = (uint32_t)(sizeof local + sizeof name + pickle.len);
    const uint32_t directory = sizeof central + sizeof name;
    struct text_buf zip;
    text_buf_init(&zip, pickle.len + 256);
    memcpy(local + 26, &length, 2);
    memcpy(central + 20, &size, 4);
    memcpy(central + 24, &size, 4);
    memcpy(central + 28, &length, 2);
    memcpy(end + 8, &one, 2);
    memcpy(end + 10, &one, 2);
    memcpy(end + 12, &directory, 4);
    memcpy(end + 16, &at, 4);
    text_buf_add(&zip, local, sizeof local);
    text_buf_add(&zip, name, sizeof name);
    text_buf_add(&zip, pickle.at, pickle.len);
    text_buf_add(&zip, central, sizeof central);
    text_buf_add(&zip, name, sizeof name);
    text_buf_add(&zip, end, sizeof end);
    assert_false(zip.failed);
    return zip;
}

TEST(dictionaries_of_one_name_are_not_all_looked_through)
{
    /* {"model": {}, "model": {}, ..}: each looked through for each takes minutes. */
    static const char begin[] = "\x80\2}q\0(X\5\0\0\0modelq\1}q\2";
    SCOPED(text_buf) struct text_buf pickle;
    struct weights *w;
    struct error err;
    text_buf_init(&pickle, 4 << 20);
    text_buf_add(&pickle, begin, sizeof begin - 1);
    for (int i = 0; i < 500000; i++)
        text_buf_add_text(&pickle, "h\1h\2");
    text_buf_add_text(&pickle, "u.");
    SCOPED(text_buf) struct text_buf zip = zip_of_pickle((struct text){pickle.at, pickle.len});
    CHECK_ERR(open_bytes(&w, &zip, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "no dictionary of tensors"));
}

TEST(a_pickle_larger_than_any_state_dict_is_refused)
{
    const size_t len = (4 << 20) + 1;
    SCOPED(mem) char *bytes = mem_alloc(len);
    memset(bytes, '}', len);
    struct weights_pickle p;
    struct error err;
    CHECK_ERR(weights_pickle_read(&p, (struct text){.at = bytes, .len = len}, &err), ERR_CORRUPT);
    assert_non_null(strstr(err.text, "must be at most"));
    CHECK_ERR(weights_pickle_read(&p, (struct text){.at = bytes, .len = len - 1}, &err),
              ERR_CORRUPT);
    assert_non_null(strstr(err.text, "breaks off"));
}
