/* weights_gguf.c - the reader of GGUF files, versions 2 and 3, little endian.
 *
 *   0  "GGUF"   4  u32 version   8  u64 tensors   16  u64 keys
 *   keys     string name, u32 type, value
 *   tensors  string name, u32 axes, u64 size of each (innermost first), u32 type, u64 offset
 *   bytes    of the tensors, from the next multiple of general.alignment (32) on; each offset is
 *            counted from there and is a multiple of it
 *
 * A string is u64 length, bytes; an array is u32 type of its items, u64 count, items. The key
 * comfy.gguf.orig_shape.NAME, an array of i32, outermost first, is the shape of a tensor that had
 * to be stored under another.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/memory.h"
#include "nn/weights_impl.h"

enum { TYPE_U32 = 4, TYPE_I32 = 5, TYPE_ARRAY = 9, TYPES = 13 };
enum { SMALLEST_KEY = 8 + 1 + 4 + 1, SMALLEST_TENSOR = 8 + 1 + 4 + 4 + 8 };

#define ORIGINAL_SHAPE "comfy.gguf.orig_shape."

/* Bytes of a value; 0: a string or an array. */
static const uint8_t value_sizes[TYPES] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

/* GGUF's numbers of the types; 0, which is F32's own, stands for those that are not known. */
static const enum dtype types[] = {
    [0] = DTYPE_F32,     [1] = DTYPE_F16,     [2] = DTYPE_Q4_0,  [3] = DTYPE_Q4_1,
    [6] = DTYPE_Q5_0,    [7] = DTYPE_Q5_1,    [8] = DTYPE_Q8_0,  [10] = DTYPE_Q2_K,
    [11] = DTYPE_Q3_K,   [12] = DTYPE_Q4_K,   [13] = DTYPE_Q5_K, [14] = DTYPE_Q6_K,
    [20] = DTYPE_IQ4_NL, [23] = DTYPE_IQ4_XS, [26] = DTYPE_I32,  [27] = DTYPE_I64,
    [28] = DTYPE_F64,    [30] = DTYPE_BF16,
};
enum { N_TYPES = sizeof types / sizeof *types };

/* What is left of the file; a take past its end gives nothing and sets over. */
struct reader {
    struct text left;
    bool over;
};

static const char *take(struct reader *r, uint64_t n)
{
    if (r->over || n > r->left.len) {
        r->over = true;
        return NULL;
    }
    const char *at = r->left.at;
    r->left.at += n;
    r->left.len -= (size_t)n;
    return at;
}

static uint32_t take_u32(struct reader *r)
{
    uint32_t v = 0;
    const char *at = take(r, sizeof v);
    if (at)
        memcpy(&v, at, sizeof v);
    return v;
}

static uint64_t take_u64(struct reader *r)
{
    uint64_t v = 0;
    const char *at = take(r, sizeof v);
    if (at)
        memcpy(&v, at, sizeof v);
    return v;
}

static struct text take_string(struct reader *r)
{
    const uint64_t len = take_u64(r);
    const char *at = take(r, len);
    return at ? (struct text){.at = at, .len = (size_t)len} : TEXT("");
}

/* ---- keys -------------------------------------------------------------------------------- */

static void take_array(struct reader *r, struct weights_value *v)
{
    v->item_type = (int)take_u32(r);
    v->n = take_u64(r);
    const char *first = r->left.at;
    if (v->item_type < 0 || v->item_type >= TYPES || v->item_type == TYPE_ARRAY) {
        r->over = true;
        return;
    }
    const uint64_t size = value_sizes[v->item_type];
    uint64_t bytes;
    if (__builtin_mul_overflow(v->n, size, &bytes))
        r->over = true;
    take(r, bytes);
    for (uint64_t i = 0; size == 0 && i < v->n && !r->over; i++)
        take_string(r);
    v->bytes = (struct text){.at = first, .len = (size_t)(r->left.at - first)};
}

static int read_key(struct weights *w, struct reader *r, uint64_t *alignment, struct error *err)
{
    const struct text name = take_string(r);
    struct weights_value v = {.type = (int)take_u32(r), .n = 1};
    if (v.type == TYPE_ARRAY)
        take_array(r, &v);
    else if (v.type == WEIGHTS_STRING)
        v.bytes = take_string(r);
    else if (v.type >= 0 && v.type < TYPES) {
        v.bytes = (struct text){.at = r->left.at, .len = value_sizes[v.type]};
        take(r, v.bytes.len);
    } else
        r->over = true;
    if (r->over)
        return error_set(err, ERR_CORRUPT, "key %.*s is of no known type or leaves the file",
                         name.len < 100 ? (int)name.len : 100, name.at);
    if (text_equal(name, TEXT("general.alignment")) && v.type == TYPE_U32) {
        uint32_t value;
        memcpy(&value, v.bytes.at, sizeof value);
        if (value == 0 || value & (value - 1))
            return error_set(err, ERR_CORRUPT, "general.alignment is %u", value);
        *alignment = value;
    }
    return weights_add_key(w, name, &v, err);
}

/* ---- tensors ----------------------------------------------------------------------------- */

static int read_axes(struct reader *r, struct weights_found *t, struct error *err)
{
    const uint32_t n = take_u32(r);
    if (n > TENSOR_MOST_DIMS)
        return error_set(err, ERR_CORRUPT, "%.*s has %u axes, must be at most %d",
                         t->name.len < 100 ? (int)t->name.len : 100, t->name.at, n,
                         TENSOR_MOST_DIMS);
    t->n_dims = (int)n;
    for (int i = t->n_dims - 1; i >= 0; i--)
        t->shape[i] = (int64_t)take_u64(r); /* one below 0 is refused by weights_measure */
    return 0;
}

/* The tensor's description; begin is counted from the bytes of the tensors. */
static int read_tensor(struct reader *r, struct weights_found *t, struct error *err)
{
    *t = (struct weights_found){.name = take_string(r)};
    const int name_len = t->name.len < 100 ? (int)t->name.len : 100;
    if (read_axes(r, t, err) < 0)
        return err->code;
    const uint32_t type = take_u32(r);
    t->begin = take_u64(r);
    if (r->over)
        return error_set(err, ERR_CORRUPT, "it ends inside the description of %.*s", name_len,
                         t->name.at);
    if (type >= N_TYPES || (type && types[type] == 0))
        return error_set(err, ERR_CORRUPT, "%.*s has the type %u, which is not known", name_len,
                         t->name.at, type);
    t->dtype = types[type];
    if (t->n_dims && t->shape[t->n_dims - 1] % dtype_block(t->dtype))
        return error_set(err, ERR_CORRUPT, "%.*s has rows of %lld numbers, not whole blocks of %s",
                         name_len, t->name.at, (long long)t->shape[t->n_dims - 1],
                         dtype_name(t->dtype));
    return 0;
}

/* Where comfy.gguf.orig_shape.NAME gives a shape of the same count, take that. */
static int original_shape(const struct weights *w, struct weights_found *t, uint64_t count,
                          struct error *err)
{
    char key[sizeof ORIGINAL_SHAPE + WEIGHTS_MOST_NAME];
    struct weights_value v;
    if (t->name.len > WEIGHTS_MOST_NAME)
        return 0;
    memcpy(key, ORIGINAL_SHAPE, sizeof ORIGINAL_SHAPE - 1);
    memcpy(key + sizeof ORIGINAL_SHAPE - 1, t->name.at, t->name.len);
    key[sizeof ORIGINAL_SHAPE - 1 + t->name.len] = '\0';
    if (!weights_value(w, key, &v))
        return 0;
    if (v.type != TYPE_ARRAY || v.item_type != TYPE_I32 || v.n > TENSOR_MOST_DIMS)
        return error_set(err, ERR_CORRUPT, "%.140s is no shape", key);
    struct weights_found other = *t;
    other.n_dims = (int)v.n;
    for (int i = 0; i < other.n_dims; i++) {
        int32_t size;
        memcpy(&size, v.bytes.at + 4 * i, sizeof size);
        other.shape[i] = size;
    }
    uint64_t other_count, bytes;
    if (weights_measure(&other, &other_count, &bytes, err) < 0)
        return err->code;
    if (other_count != count)
        return error_set(err, ERR_CORRUPT, "%.140s has %llu numbers, the tensor %llu", key,
                         (unsigned long long)other_count, (unsigned long long)count);
    *t = other;
    return 0;
}

/* Add the tensors, whose bytes begin at data, and tell their ranges apart. */
static int add_tensors(struct weights *w, struct weights_found *tensors, size_t n, size_t data,
                       uint64_t alignment, struct error *err)
{
    SCOPED(mem) struct weights_range *ranges = mem_try(n * sizeof *ranges);
    if (!ranges)
        return error_set(err, ERR_MEMORY, "no memory for %zu tensors", n);
    for (size_t i = 0; i < n; i++) {
        struct weights_found *t = &tensors[i];
        uint64_t count, bytes;
        if (weights_measure(t, &count, &bytes, err) < 0 || original_shape(w, t, count, err) < 0)
            return err->code;
        if (t->begin % alignment || __builtin_add_overflow(t->begin, data, &t->begin) ||
            __builtin_add_overflow(t->begin, bytes, &t->end))
            return error_set(err, ERR_CORRUPT, "%.*s begins where no tensor can",
                             t->name.len < 100 ? (int)t->name.len : 100, t->name.at);
        ranges[i] = (struct weights_range){.begin = t->begin, .end = t->end, .name = t->name};
        if (weights_add(w, t, err) < 0)
            return err->code;
    }
    return weights_ranges_check(ranges, n, err);
}

int weights_gguf_read(struct weights *w, struct text file, struct error *err)
{
    struct reader r = {.left = file};
    take(&r, 4);
    const uint32_t version = take_u32(&r);
    const uint64_t n_tensors = take_u64(&r), n_keys = take_u64(&r);
    if (r.over || version < 2 || version > 3)
        return error_set(err, ERR_CORRUPT, "GGUF version is %u, must be 2 or 3, little endian",
                         version);
    if (n_tensors > r.left.len / SMALLEST_TENSOR || n_keys > r.left.len / SMALLEST_KEY)
        return error_set(err, ERR_CORRUPT, "%llu tensors and %llu keys cannot be in %zu bytes",
                         (unsigned long long)n_tensors, (unsigned long long)n_keys, file.len);
    if (n_tensors > WEIGHTS_MOST_TENSORS)
        return error_set(err, ERR_CORRUPT, "there are more than %d tensors", WEIGHTS_MOST_TENSORS);
    uint64_t alignment = 32;
    for (uint64_t i = 0; i < n_keys; i++)
        if (read_key(w, &r, &alignment, err) < 0)
            return err->code;
    if (weights_sort(w, err) < 0) /* for original_shape */
        return err->code;
    SCOPED(mem) struct weights_found *tensors = mem_try((size_t)n_tensors * sizeof *tensors);
    if (!tensors)
        return error_set(err, ERR_MEMORY, "no memory for %llu tensors",
                         (unsigned long long)n_tensors);
    for (uint64_t i = 0; i < n_tensors; i++)
        if (read_tensor(&r, &tensors[i], err) < 0)
            return err->code;
    const uint64_t at = (file.len - r.left.len + alignment - 1) & ~(alignment - 1);
    if (n_tensors && at > file.len)
        return error_set(err, ERR_CORRUPT, "it ends before the numbers of its tensors");
    return add_tensors(w, tensors, (size_t)n_tensors, (size_t)at, alignment, err);
}
