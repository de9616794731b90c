/* weights_safetensors.c - the reader of .safetensors files.
 *
 *   0  u64    length of the header
 *   8  JSON   {NAME: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ..,
 *             "__metadata__": {KEY: TEXT, ..}}; spaces may follow
 *   .. bytes  of the tensors, offsets counted from here; every byte belongs to exactly one
 *
 * SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "nn/weights_impl.h"

/* A tensor takes about 120 bytes of header; the largest models have some thousand. */
enum { MOST_HEADER = 8 << 20 };

static const enum dtype known[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_F8_E4M3, DTYPE_F64,
                                   DTYPE_U8,  DTYPE_I32, DTYPE_I64,  DTYPE_BOOL};

static int read_type(const char *name, const json_t *o, enum dtype *out, struct error *err)
{
    const char *text = json_string_value(json_object_get(o, "dtype"));
    if (!text)
        return error_set(err, ERR_CORRUPT, "%.100s has no dtype", name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, dtype_name(known[i])) == 0) {
            *out = known[i];
            return 0;
        }
    return error_set(err, ERR_CORRUPT, "%.100s has the dtype %.20s, which is not known", name,
                     text);
}

/* n of the numbers of o's array key; none below 0. */
static int read_numbers(const char *name, const json_t *array, int64_t *out, size_t n,
                        struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(array, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            return error_set(err, ERR_CORRUPT, "%.100s has a size or offset that is no count",
                             name);
        out[i] = json_integer_value(v);
    }
    return 0;
}

static int read_tensor(struct weights *w, size_t data, const char *name, const json_t *o,
                       struct weights_range *range, struct error *err)
{
    const json_t *shape = json_object_get(o, "shape"), *at = json_object_get(o, "data_offsets");
    struct weights_found found = {.name = text_of(name)};
    if (read_type(name, o, &found.dtype, err) < 0)
        return err->code;
    if (!json_is_array(shape) || json_array_size(shape) > TENSOR_MOST_DIMS)
        return error_set(err, ERR_CORRUPT, "%.100s has no shape of at most %d axes", name,
                         TENSOR_MOST_DIMS);
    if (json_array_size(at) != 2)
        return error_set(err, ERR_CORRUPT, "%.100s has no data_offsets", name);
    int64_t offsets[2] = {0};
    found.n_dims = (int)json_array_size(shape);
    if (read_numbers(name, shape, found.shape, (size_t)found.n_dims, err) < 0 ||
        read_numbers(name, at, offsets, 2, err) < 0)
        return err->code;
    found.begin = data + (uint64_t)offsets[0]; /* below 2^64: an offset is below 2^63 */
    found.end = data + (uint64_t)offsets[1];
    *range = (struct weights_range){.begin = found.begin, .end = found.end, .name = found.name};
    return weights_add(w, &found, err);
}

static int read_metadata(struct weights *w, json_t *o, struct error *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(o))
        return error_set(err, ERR_CORRUPT, "__metadata__ is no object");
    json_object_foreach(o, key, value)
    {
        if (!json_is_string(value))
            return error_set(err, ERR_CORRUPT, "__metadata__ %.100s is no text", key);
        struct weights_value v = {
            .type = WEIGHTS_STRING,
            .n = 1,
            .bytes = {.at = json_string_value(value), .len = json_string_length(value)}};
        if (weights_add_key(w, text_of(key), &v, err) < 0)
            return err->code;
    }
    return 0;
}

/* Every byte from data to the end of the file belongs to one tensor. */
static int check_cover(struct weights_range *ranges, size_t n, struct text file, size_t data,
                       struct error *err)
{
    if (weights_ranges_check(ranges, n, err) < 0)
        return err->code;
    uint64_t end = data;
    for (size_t i = 0; i < n; i++) {
        if (ranges[i].begin != end)
            return error_set(err, ERR_CORRUPT, "%.100s leaves a gap of %llu bytes before it",
                             ranges[i].name.at, (unsigned long long)(ranges[i].begin - end));
        end = ranges[i].end;
    }
    if (end != file.len)
        return error_set(err, ERR_CORRUPT, "%llu bytes at the end belong to no tensor",
                         (unsigned long long)(file.len - end));
    return 0;
}

static int read_header(struct weights *w, json_t *header, struct text file, size_t data,
                       struct error *err)
{
    SCOPED(mem)
    struct weights_range *ranges = mem_try(json_object_size(header) * sizeof *ranges);
    if (!ranges)
        return error_set(err, ERR_MEMORY, "no memory for %zu tensors", json_object_size(header));
    const char *name;
    json_t *value;
    size_t n = 0;
    json_object_foreach(header, name, value)
    {
        int rc = strcmp(name, "__metadata__") == 0
                     ? read_metadata(w, value, err)
                     : read_tensor(w, data, name, value, &ranges[n++], err);
        if (rc < 0)
            return rc;
    }
    return check_cover(ranges, n, file, data, err);
}

int weights_safetensors_read(struct weights *w, struct text file, struct error *err)
{
    uint64_t len;
    if (file.len < sizeof len + 2)
        return error_set(err, ERR_CORRUPT, "it is %zu bytes: no weights in a known layout",
                         file.len);
    memcpy(&len, file.at, sizeof len);
    if (file.at[sizeof len] != '{')
        return error_set(err, ERR_CORRUPT, "it is neither safetensors nor GGUF nor a torch zip");
    if (len > MOST_HEADER || len > file.len - sizeof len)
        return error_set(err, ERR_CORRUPT, "the header is %llu bytes of %zu, must be at most %d",
                         (unsigned long long)len, file.len, MOST_HEADER);
    json_error_t why;
    json_t *header = json_loadb(file.at + sizeof len, (size_t)len, JSON_REJECT_DUPLICATES, &why);
    if (!header)
        return error_set(err, ERR_CORRUPT, "the header is no JSON: %.100s", why.text);
    int rc = read_header(w, header, file, sizeof len + (size_t)len, err);
    json_decref(header);
    return rc;
}
