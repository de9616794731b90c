/* weights_write_torch.c - see weights_write.h; the zip's format stands in weights_zip.c.
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "nn/weights_write.h"
#include "nn/weights_write_impl.h"

enum { MOST_PICKLE = 64 << 20, MOST_DIRECTORY = 64 << 20, ALIGNMENT = 64 };

/* ---- the pickle -------------------------------------------------------------------------- */

static const char *storage_of(enum dtype t)
{
    static const char *const names[DTYPES] = {
        [DTYPE_F32] = "FloatStorage",     [DTYPE_F16] = "HalfStorage",
        [DTYPE_BF16] = "BFloat16Storage", [DTYPE_F64] = "DoubleStorage",
        [DTYPE_U8] = "ByteStorage",       [DTYPE_I32] = "IntStorage",
        [DTYPE_I64] = "LongStorage",      [DTYPE_BOOL] = "BoolStorage",
    };
    return names[t];
}

static void put_byte(struct text_buf *p, int byte)
{
    const uint8_t b = (uint8_t)byte;
    text_buf_add(p, &b, 1);
}

static void put_number(struct text_buf *p, uint64_t v, size_t n)
{
    text_buf_add(p, &v, n);
}

static void put_text(struct text_buf *p, const char *s)
{
    put_byte(p, 'X');
    put_number(p, strlen(s), 4);
    text_buf_add_text(p, s);
}

static void put_int(struct text_buf *p, int64_t v)
{
    const bool small = v >= INT32_MIN && v <= INT32_MAX;
    put_byte(p, small ? 'J' : 0x8a);
    if (!small)
        put_byte(p, 8);
    put_number(p, (uint64_t)v, small ? 4 : 8);
}

/* A function is spelled once and then fetched from the memo. */
static void put_function(struct text_buf *p, const char *spelled, int memo, bool first)
{
    if (first)
        text_buf_printf(p, "c%s", spelled);
    put_byte(p, first ? 'q' : 'h');
    put_byte(p, memo);
}

static void put_tensor(struct text_buf *p, const struct tensor *t, int key, bool first)
{
    put_function(p, "torch._utils\n_rebuild_tensor_v2\n", 0, first);
    text_buf_add_text(p, "((");
    put_text(p, "storage");
    text_buf_printf(p, "ctorch\n%s\n", storage_of(t->dtype));
    SCOPED(mem) char *name = mem_printf("%d", key);
    put_text(p, name);
    put_text(p, "cpu");
    put_int(p, tensor_count(t));
    text_buf_add_text(p, "tQ");
    put_int(p, 0);
    put_byte(p, '(');
    for (int i = 0; i < t->n_dims; i++)
        put_int(p, t->shape[i]);
    text_buf_add_text(p, "t(");
    int64_t stride = tensor_count(t);
    for (int i = 0; i < t->n_dims; i++) {
        stride /= t->shape[i];
        put_int(p, stride);
    }
    put_byte(p, 't');
    put_byte(p, 0x89);
    put_function(p, "collections\nOrderedDict\n", 1, first);
    text_buf_add_text(p, ")RtR");
}

static void put_pickle(struct text_buf *p, const struct weights_entry *e, int n, const char *nest)
{
    put_byte(p, 0x80);
    put_byte(p, 2);
    if (nest) {
        put_byte(p, '}');
        put_text(p, nest);
    }
    text_buf_add_text(p, "}(");
    for (int i = 0; i < n; i++) {
        put_text(p, e[i].name);
        put_tensor(p, &e[i].tensor, i, i == 0);
    }
    text_buf_add_text(p, nest ? "us." : "u.");
}

/* ---- the zip ----------------------------------------------------------------------------- */

struct zip {
    struct weights_write_file file;
    struct text_buf directory;
    uint64_t n;
    bool zip64;
};

/* The bytes begin at a multiple of 64, as torch has it: a private extra field fills up. */
static void put_local(struct zip *z, const char *name, uint32_t crc, uint64_t size)
{
    struct text_buf b;
    text_buf_init(&b, 4096);
    const uint64_t end = z->file.at + 30 + strlen(name) + 4;
    const uint64_t fill = (ALIGNMENT - end % ALIGNMENT) % ALIGNMENT;
    text_buf_add(&b, "PK\3\4\0\0\0\0\0\0\0\0\0\0", 14);
    put_number(&b, crc, 4);
    put_number(&b, size, 4);
    put_number(&b, size, 4);
    put_number(&b, strlen(name), 2);
    put_number(&b, fill + 4, 2);
    text_buf_add_text(&b, name);
    text_buf_add_text(&b, "FB");
    put_number(&b, fill, 2);
    for (uint64_t i = 0; i < fill; i++)
        put_byte(&b, 'Z');
    weights_write_bytes(&z->file, b.at, b.len);
    text_buf_fini(&b);
}

static void put_entry(struct zip *z, const char *name, const void *bytes, uint64_t size)
{
    const uint32_t crc = bytes ? (uint32_t)crc32_z(0, bytes, (size_t)size) : 0;
    const uint64_t begin = z->file.at;
    put_local(z, name, crc, size);
    weights_write_bytes(&z->file, bytes, (size_t)size);
    struct text_buf *d = &z->directory;
    text_buf_add(d, "PK\1\2\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    put_number(d, crc, 4);
    put_number(d, z->zip64 ? UINT32_MAX : size, 4);
    put_number(d, z->zip64 ? UINT32_MAX : size, 4);
    put_number(d, strlen(name), 2);
    put_number(d, z->zip64 ? 28 : 0, 2);
    text_buf_add(d, "\0\0\0\0\0\0\0\0\0\0", 10);
    put_number(d, z->zip64 ? UINT32_MAX : begin, 4);
    text_buf_add_text(d, name);
    if (z->zip64) {
        put_number(d, 1, 2);
        put_number(d, 24, 2);
        put_number(d, size, 8);
        put_number(d, size, 8);
        put_number(d, begin, 8);
    }
    z->n++;
}

static void put_end(struct zip *z)
{
    struct text_buf b;
    text_buf_init(&b, 4096);
    const uint64_t begin = z->file.at, size = z->directory.len;
    weights_write_bytes(&z->file, z->directory.at, size);
    if (z->zip64) {
        text_buf_add(&b, "PK\6\6\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0", 24);
        put_number(&b, z->n, 8);
        put_number(&b, z->n, 8);
        put_number(&b, size, 8);
        put_number(&b, begin, 8);
        text_buf_add(&b, "PK\6\7\0\0\0\0", 8);
        put_number(&b, begin + size, 8);
        put_number(&b, 1, 4);
    }
    text_buf_add(&b, "PK\5\6\0\0\0\0", 8);
    put_number(&b, z->zip64 ? UINT16_MAX : z->n, 2);
    put_number(&b, z->zip64 ? UINT16_MAX : z->n, 2);
    put_number(&b, z->zip64 ? UINT32_MAX : size, 4);
    put_number(&b, z->zip64 ? UINT32_MAX : begin, 4);
    put_number(&b, 0, 2);
    weights_write_bytes(&z->file, b.at, b.len);
    text_buf_fini(&b);
}

static void put_zip(struct zip *z, const struct text_buf *pickle, const struct weights_entry *e,
                    int n)
{
    put_entry(z, "archive/data.pkl", pickle->at, pickle->len);
    put_entry(z, "archive/byteorder", "little", 6);
    for (int i = 0; i < n; i++) {
        SCOPED(mem) char *name = mem_printf("archive/data/%d", i);
        put_entry(z, name, e[i].tensor.data, tensor_bytes(&e[i].tensor));
    }
    put_entry(z, "archive/version", "3\n", 2);
    put_end(z);
}

int weights_write_torch(const char *path, const struct weights_entry *e, int n,
                        const struct weights_write_torch *how, struct error *err)
{
    for (int i = 0; i < n; i++)
        if (!storage_of(e[i].tensor.dtype) || tensor_bytes(&e[i].tensor) >= UINT32_MAX)
            return error_set(err, ERR_INVALID, "%s is of type %s or too large for a torch zip",
                             e[i].name, dtype_name(e[i].tensor.dtype));
    SCOPED(text_buf) struct text_buf pickle;
    text_buf_init(&pickle, MOST_PICKLE);
    put_pickle(&pickle, e, n, how->nest);
    struct zip z = {.zip64 = how->zip64};
    if (pickle.failed)
        return error_set(err, ERR_MEMORY, "no memory for a pickle");
    if (weights_write_begin(&z.file, path, err) < 0)
        return err->code;
    text_buf_init(&z.directory, MOST_DIRECTORY);
    put_zip(&z, &pickle, e, n);
    text_buf_fini(&z.directory);
    return weights_write_end(&z.file, err);
}
