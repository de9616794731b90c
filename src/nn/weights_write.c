/* weights_write.c - see weights_write.h: safetensors and GGUF, whose formats stand in
 * weights_safetensors.c and weights_gguf.c. SPDX-License-Identifier: MIT */
#include "nn/weights_write.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nn/quant.h"
#include "nn/quant_write.h"
#include "nn/weights_write_impl.h"

/* ---- a file ------------------------------------------------------------------------------ */

int weights_write_begin(struct weights_write_file *f, const char *path, struct error *err)
{
    *f = (struct weights_write_file){.path = path, .file = fopen(path, "wbe")};
    return f->file ? 0 : error_errno(err, errno, "create %s", path);
}

void weights_write_bytes(struct weights_write_file *f, const void *bytes, size_t n)
{
    f->at += n;
    if (bytes)
        f->failed = f->failed || fwrite(bytes, 1, n, f->file) != n;
    else
        f->failed = f->failed || fseeko(f->file, (off_t)n, SEEK_CUR) < 0;
}

int weights_write_end(struct weights_write_file *f, struct error *err)
{
    /* A hole at the end becomes one by its last byte. */
    bool failed = f->failed || (f->at && (fseeko(f->file, 0, SEEK_END) < 0));
    if (!failed && ftello(f->file) < (off_t)f->at)
        failed = fseeko(f->file, (off_t)f->at - 1, SEEK_SET) < 0 || fputc(0, f->file) == EOF;
    if (fclose(f->file) < 0 || failed)
        return error_errno(err, errno ? errno : EIO, "write %s", f->path);
    return 0;
}

int weights_write_convert(struct tensor *out, const struct tensor *from, enum dtype type,
                          struct error *err)
{
    const int64_t rows = tensor_rows(from), cols = tensor_cols(from);
    if (cols % dtype_block(type))
        return error_set(err, ERR_INVALID, "rows of %lld numbers are no whole blocks of %s",
                         (long long)cols, dtype_name(type));
    struct tensor to = *from;
    to.dtype = type;
    to.scale = 1;
    SCOPED(mem) float *row = mem_try((size_t)cols * sizeof *row);
    SCOPED(mem) char *data = mem_try(tensor_bytes(&to));
    if (!row || !data)
        return error_set(err, ERR_MEMORY, "no memory for %zu bytes", tensor_bytes(&to));
    const size_t row_bytes = tensor_bytes(&to) / (size_t)rows;
    for (int64_t r = 0; r < rows; r++) {
        quant_widen(row, from, r, 1);
        quant_write_row(type, row, data + (size_t)r * row_bytes, cols);
    }
    to.data = TAKE(data);
    *out = to;
    return 0;
}

/* ---- safetensors ------------------------------------------------------------------------- */

/* The header's object, which the caller frees. */
static json_t *header_of(const struct weights_entry *e, int n, json_t *metadata)
{
    json_t *header = json_object();
    if (metadata)
        json_object_set_new(header, "__metadata__", metadata);
    uint64_t at = 0;
    for (int i = 0; i < n; i++) {
        const struct tensor *t = &e[i].tensor;
        json_t *shape = json_array();
        for (int d = 0; d < t->n_dims; d++)
            json_array_append_new(shape, json_integer(t->shape[d]));
        const uint64_t end = at + tensor_bytes(t);
        json_object_set_new(header, e[i].name,
                            json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_name(t->dtype),
                                      "shape", shape, "data_offsets", (json_int_t)at,
                                      (json_int_t)end));
        at = end;
    }
    return header;
}

static int check_types(const struct weights_entry *e, int n, struct error *err)
{
    for (int i = 0; i < n; i++)
        if (dtype_block(e[i].tensor.dtype) != 1)
            return error_set(err, ERR_INVALID, "%s is %s, which safetensors does not have",
                             e[i].name, dtype_name(e[i].tensor.dtype));
    return 0;
}

int weights_write_safetensors(const char *path, const struct weights_entry *e, int n,
                              const char *metadata, struct error *err)
{
    json_t *meta = metadata ? json_loads(metadata, 0, NULL) : NULL;
    if (metadata && !meta)
        return error_set(err, ERR_INVALID, "the metadata is no JSON");
    json_t *header = header_of(e, n, meta);
    SCOPED(mem) char *text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    struct weights_write_file f;
    if (!text)
        return error_set(err, ERR_MEMORY, "no memory for a header");
    if (check_types(e, n, err) < 0 || weights_write_begin(&f, path, err) < 0)
        return err->code;
    const uint64_t len = (strlen(text) + 7) & ~(uint64_t)7;
    weights_write_bytes(&f, &len, sizeof len);
    weights_write_bytes(&f, text, strlen(text));
    weights_write_bytes(&f, "       ", (size_t)len - strlen(text));
    for (int i = 0; i < n; i++)
        weights_write_bytes(&f, e[i].tensor.data, tensor_bytes(&e[i].tensor));
    return weights_write_end(&f, err);
}

static char *shard_name(const struct weights_write_shards *to, int shard)
{
    return mem_printf("%s-%05d-of-%05d.safetensors", to->stem, shard + 1, to->n_shards);
}

static int write_shard(const struct weights_write_shards *to, int shard,
                       const struct weights_entry *e, int n, struct error *err)
{
    SCOPED(mem) struct weights_entry *part = mem_alloc((size_t)n * sizeof *part);
    int n_part = 0;
    for (int i = shard; i < n; i += to->n_shards)
        part[n_part++] = e[i];
    SCOPED(mem) char *name = shard_name(to, shard);
    SCOPED(mem) char *path = mem_printf("%s/%s", to->folder, name);
    return weights_write_safetensors(path, part, n_part, NULL, err);
}

int weights_write_shards(const struct weights_write_shards *to, const struct weights_entry *e,
                         int n, struct error *err)
{
    assert(to->n_shards > 0 && to->n_shards <= n);
    json_t *map = json_object();
    for (int i = 0; i < n; i++) {
        SCOPED(mem) char *name = shard_name(to, i % to->n_shards);
        json_object_set_new(map, e[i].name, json_string(name));
    }
    json_t *index = json_pack("{s:{}, s:o}", "metadata", "weight_map", map);
    SCOPED(mem) char *path = mem_printf("%s/%s.safetensors.index.json", to->folder, to->stem);
    int rc = json_dump_file(index, path, JSON_INDENT(2)) < 0
                 ? error_set(err, ERR_IO, "cannot write %s", path)
                 : 0;
    json_decref(index);
    for (int i = 0; rc == 0 && i < to->n_shards; i++)
        rc = write_shard(to, i, e, n, err);
    return rc;
}

/* ---- GGUF -------------------------------------------------------------------------------- */

/* GGUF's numbers of the types; -1: it has none. */
static int gguf_type(enum dtype t)
{
    static const int8_t types[DTYPES] = {
        [DTYPE_F32] = 0,     [DTYPE_F16] = 1,   [DTYPE_BF16] = 30, [DTYPE_F8_E4M3] = -1,
        [DTYPE_F64] = 28,    [DTYPE_U8] = -1,   [DTYPE_I32] = 26,  [DTYPE_I64] = 27,
        [DTYPE_BOOL] = -1,   [DTYPE_Q8_0] = 8,  [DTYPE_Q6_K] = 14, [DTYPE_Q5_K] = 13,
        [DTYPE_Q5_1] = 7,    [DTYPE_Q5_0] = 6,  [DTYPE_Q4_K] = 12, [DTYPE_Q4_1] = 3,
        [DTYPE_Q4_0] = 2,    [DTYPE_Q3_K] = 11, [DTYPE_Q2_K] = 10, [DTYPE_IQ4_XS] = 23,
        [DTYPE_IQ4_NL] = 20,
    };
    return types[t];
}

static void put_u32(struct weights_write_file *f, uint32_t v)
{
    weights_write_bytes(f, &v, sizeof v);
}

static void put_u64(struct weights_write_file *f, uint64_t v)
{
    weights_write_bytes(f, &v, sizeof v);
}

static void put_string(struct weights_write_file *f, const char *s)
{
    put_u64(f, strlen(s));
    weights_write_bytes(f, s, strlen(s));
}

static void put_pad(struct weights_write_file *f, uint64_t alignment)
{
    while (f->at % alignment)
        weights_write_bytes(f, "", 1);
}

static void put_key(struct weights_write_file *f, const struct weights_write_key *k)
{
    static const size_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    const bool array = k->type == 9;
    const int type = array ? k->item_type : k->type;
    assert(type >= 0 && type < 13 && type != 9);
    put_string(f, k->name);
    put_u32(f, (uint32_t)k->type);
    if (array) {
        put_u32(f, (uint32_t)type);
        put_u64(f, k->n);
    }
    if (type != 8)
        weights_write_bytes(f, k->value, sizes[type] * (array ? k->n : 1));
    else if (!array)
        put_string(f, k->value);
    else
        for (uint64_t i = 0; i < k->n; i++)
            put_string(f, ((const char *const *)k->value)[i]);
}

static void put_description(struct weights_write_file *f, const struct weights_entry *e,
                            uint64_t offset)
{
    const struct tensor *t = &e->tensor;
    put_string(f, e->name);
    put_u32(f, (uint32_t)t->n_dims);
    for (int d = t->n_dims - 1; d >= 0; d--)
        put_u64(f, (uint64_t)t->shape[d]);
    put_u32(f, (uint32_t)gguf_type(t->dtype));
    put_u64(f, offset);
}

int weights_write_gguf(const char *path, const struct weights_entry *e, int n,
                       const struct weights_write_gguf *how, struct error *err)
{
    const uint64_t alignment = how->alignment ? how->alignment : 32;
    for (int i = 0; i < n; i++)
        if (gguf_type(e[i].tensor.dtype) < 0)
            return error_set(err, ERR_INVALID, "%s is %s, which GGUF does not have", e[i].name,
                             dtype_name(e[i].tensor.dtype));
    struct weights_write_file f;
    if (weights_write_begin(&f, path, err) < 0)
        return err->code;
    weights_write_bytes(&f, "GGUF\3\0\0\0", 8);
    put_u64(&f, (uint64_t)n);
    put_u64(&f, (uint64_t)how->n_keys + (how->alignment != 0));
    if (how->alignment)
        put_key(&f, &(struct weights_write_key){
                        .name = "general.alignment", .type = 4, .value = &how->alignment});
    for (int i = 0; i < how->n_keys; i++)
        put_key(&f, &how->keys[i]);
    uint64_t offset = 0;
    for (int i = 0; i < n; i++) {
        put_description(&f, &e[i], offset);
        offset += (tensor_bytes(&e[i].tensor) + alignment - 1) / alignment * alignment;
    }
    for (int i = 0; i < n; i++) {
        put_pad(&f, alignment);
        weights_write_bytes(&f, e[i].tensor.data, tensor_bytes(&e[i].tensor));
    }
    return weights_write_end(&f, err);
}

int weights_write_changed(const char *path, const struct weights *w,
                          const struct weights_entry *others, int n, struct error *err)
{
    const int all = weights_count(w);
    SCOPED(mem) struct weights_entry *e = mem_alloc((size_t)all * sizeof *e);
    for (int i = 0; i < all; i++) {
        e[i] = (struct weights_entry){weights_name(w, i), weights_tensor(w, i)};
        for (int k = 0; k < n; k++)
            if (strcmp(others[k].name, e[i].name) == 0)
                e[i].tensor = others[k].tensor;
    }
    const char *config = weights_meta(w, "config");
    const struct weights_write_key key = {.name = "config", .type = 8, .value = config};
    return weights_write_gguf(
        path, e, all, &(struct weights_write_gguf){.keys = &key, .n_keys = config != NULL}, err);
}
