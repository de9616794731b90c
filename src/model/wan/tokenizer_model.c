/* tokenizer_model.c - where a tokenizer comes from: a .model file or the keys of a GGUF file; see
 * tokenizer.h.
 *
 * A .model file is a protobuf message. Of it these fields are read, all others are passed over:
 *
 *     1  piece, repeated   1 text, 2 score (float), 3 type
 *     2  trainer           35 byte_fallback, 40 unknown, 42 end, 43 pad (ids)
 *     3  normaliser        2 map, 3 add_dummy_prefix, 4 remove_extra_whitespaces,
 *                          5 escape_whitespaces
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/tokenizer_impl.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_PIECES = 1 << 21 };

/* One field of a message. */
struct field {
    uint32_t number;
    uint64_t value;    /* of a number */
    struct text bytes; /* of text, bytes or a message; a float's four bytes */
};

static bool varint(struct text *s, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; shift < 64 && s->len > 0; shift += 7) {
        const unsigned char c = (unsigned char)s->at[0];
        s->at++;
        s->len--;
        *out |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80))
            return true;
    }
    return false;
}

static bool take(struct text *s, uint64_t n, struct text *out)
{
    if (n > s->len)
        return false;
    *out = (struct text){s->at, (size_t)n};
    s->at += n;
    s->len -= (size_t)n;
    return true;
}

/* The next field of a message. False: it ends here, or in the middle (then *s is not empty, or
 * bad is set). */
static bool next_field(struct text *s, struct field *f, bool *bad)
{
    uint64_t tag, n;
    if (s->len == 0)
        return false;
    *f = (struct field){0};
    *bad = true;
    if (!varint(s, &tag) || tag >> 3 > UINT32_MAX)
        return false;
    f->number = (uint32_t)(tag >> 3);
    bool whole = false;
    switch (tag & 7) {
    case 0:
        whole = varint(s, &f->value);
        break;
    case 1:
        whole = take(s, 8, &f->bytes);
        break;
    case 2:
        whole = varint(s, &n) && take(s, n, &f->bytes);
        break;
    case 5:
        whole = take(s, 4, &f->bytes);
        break;
    }
    *bad = !whole;
    return whole;
}

static int broken(struct error *err, const char *what)
{
    return error_set(err, ERR_CORRUPT, "the tokenizer's %s is cut off", what);
}

static int read_piece(struct tokenizer *t, struct text message, struct error *err)
{
    struct piece *p = &t->pieces[t->n_pieces++];
    struct field f;
    bool bad = false;
    *p = (struct piece){.type = PIECE_NORMAL};
    while (next_field(&message, &f, &bad)) {
        if (f.number == 1)
            p->text = f.bytes;
        else if (f.number == 2 && f.bytes.len == 4)
            memcpy(&p->score, f.bytes.at, 4);
        else if (f.number == 3)
            p->type = (enum piece_type)f.value;
    }
    return bad ? broken(err, "piece") : 0;
}

static int read_trainer(struct tokenizer *t, struct text message, struct error *err)
{
    struct field f;
    bool bad = false;
    while (next_field(&message, &f, &bad)) {
        if (f.number == 35)
            t->byte_fallback = f.value != 0;
        else if (f.number == 40)
            t->unknown = (int32_t)f.value;
        else if (f.number == 42)
            t->end = (int32_t)f.value;
        else if (f.number == 43)
            t->pad = (int32_t)f.value;
    }
    return bad ? broken(err, "trainer") : 0;
}

static int read_normalizer(struct tokenizer *t, struct text message, struct error *err)
{
    struct field f;
    bool bad = false;
    while (next_field(&message, &f, &bad)) {
        if (f.number == 2) {
            const int code = tokenizer_set_map(t, f.bytes, err);
            if (code < 0)
                return code;
        } else if (f.number == 3)
            t->add_prefix = f.value != 0;
        else if (f.number == 4)
            t->remove_spaces = f.value != 0;
        else if (f.number == 5)
            t->escape_spaces = f.value != 0;
    }
    return bad ? broken(err, "normaliser") : 0;
}

/* Memory for the pieces is sized by counting them first. */
static int count_pieces(struct tokenizer *t, struct text message, struct error *err)
{
    struct field f;
    bool bad = false;
    size_t n = 0;
    while (next_field(&message, &f, &bad))
        n += f.number == 1;
    if (bad)
        return broken(err, "file");
    if (n == 0 || n > MOST_PIECES)
        return error_set(err, ERR_CORRUPT, "a tokenizer of %zu pieces", n);
    t->pieces = mem_try(n * sizeof *t->pieces);
    return t->pieces ? 0 : error_set(err, ERR_MEMORY, "no memory for %zu pieces", n);
}

int tokenizer_read_model(struct tokenizer *t, struct error *err)
{
    struct text message = {t->bytes, t->n_bytes};
    struct field f;
    bool bad = false;
    int code = count_pieces(t, message, err);
    /* The message's own defaults. */
    t->unknown = 0;
    t->end = 2;
    t->pad = -1;
    t->add_prefix = t->remove_spaces = t->escape_spaces = true;
    while (code == 0 && next_field(&message, &f, &bad)) {
        if (f.number == 1)
            code = read_piece(t, f.bytes, err);
        else if (f.number == 2)
            code = read_trainer(t, f.bytes, err);
        else if (f.number == 3)
            code = read_normalizer(t, f.bytes, err);
    }
    return code;
}

/* ---- GGUF ------------------------------------------------------------------------------- */

/* The numbers of GGUF's types of values. */
enum {
    GGUF_UINT8,
    GGUF_INT8,
    GGUF_UINT32 = 4,
    GGUF_INT32,
    GGUF_FLOAT,
    GGUF_BOOL,
    GGUF_STRING,
    GGUF_ARRAY
};

static bool gguf_array(const struct weights *w, const char *key, int item_type, size_t item,
                       struct weights_value *out)
{
    char name[64];
    snprintf(name, sizeof name, "tokenizer.ggml.%s", key);
    return weights_value(w, name, out) && out->type == GGUF_ARRAY && out->item_type == item_type &&
           (item == 0 || out->bytes.len / item >= out->n);
}

static int32_t gguf_number(const struct weights *w, const char *key, int32_t otherwise)
{
    char name[64];
    struct weights_value v;
    snprintf(name, sizeof name, "tokenizer.ggml.%s", key);
    if (!weights_value(w, name, &v))
        return otherwise;
    if (v.type == GGUF_BOOL && v.bytes.len == 1)
        return v.bytes.at[0] != 0;
    int32_t n = otherwise;
    if ((v.type == GGUF_UINT32 || v.type == GGUF_INT32) && v.bytes.len == 4)
        memcpy(&n, v.bytes.at, 4);
    return n;
}

/* The strings are copied: the map of the file may be dropped while the tokenizer lives. */
static int gguf_pieces(struct tokenizer *t, const struct weights_value *tokens, struct error *err)
{
    struct text rest = tokens->bytes;
    t->n_bytes = rest.len;
    t->bytes = mem_try(rest.len + 1);
    t->pieces = mem_try((size_t)tokens->n * sizeof *t->pieces);
    if (!t->bytes || !t->pieces)
        return error_set(err, ERR_MEMORY, "no memory for a tokenizer of %zu bytes", rest.len);
    memcpy(t->bytes, rest.at, rest.len);
    rest.at = t->bytes;
    for (uint64_t i = 0; i < tokens->n; i++) {
        uint64_t len;
        struct text head;
        if (!take(&rest, 8, &head))
            return broken(err, "list of pieces");
        memcpy(&len, head.at, 8);
        if (!take(&rest, len, &t->pieces[i].text))
            return broken(err, "list of pieces");
    }
    t->n_pieces = (int)tokens->n;
    return 0;
}

static int gguf_map(struct tokenizer *t, const struct weights *w, struct error *err)
{
    struct weights_value map;
    if (!gguf_array(w, "precompiled_charsmap", GGUF_UINT8, 1, &map) &&
        !gguf_array(w, "precompiled_charsmap", GGUF_INT8, 1, &map))
        return 0;
    t->map_bytes = mem_try(map.bytes.len + 1);
    if (!t->map_bytes)
        return error_set(err, ERR_MEMORY, "no memory for the normaliser");
    memcpy(t->map_bytes, map.bytes.at, map.bytes.len);
    return tokenizer_set_map(t, (struct text){t->map_bytes, map.bytes.len}, err);
}

int tokenizer_read_gguf(struct tokenizer *t, const struct weights *w, struct error *err)
{
    struct weights_value tokens, scores, types;
    if (!gguf_array(w, "tokens", GGUF_STRING, 0, &tokens))
        return error_set(err, ERR_NOT_FOUND, "the file has no tokenizer");
    if (!gguf_array(w, "scores", GGUF_FLOAT, 4, &scores) || scores.n != tokens.n ||
        !gguf_array(w, "token_type", GGUF_INT32, 4, &types) || types.n != tokens.n ||
        tokens.n == 0 || tokens.n > MOST_PIECES)
        return error_set(err, ERR_CORRUPT,
                         "a tokenizer of %llu pieces without as many scores and "
                         "types",
                         (unsigned long long)tokens.n);
    const int code = gguf_pieces(t, &tokens, err);
    if (code < 0)
        return code;
    for (int i = 0; i < t->n_pieces; i++) {
        int32_t type;
        memcpy(&t->pieces[i].score, scores.bytes.at + (size_t)i * 4, 4);
        memcpy(&type, types.bytes.at + (size_t)i * 4, 4);
        t->pieces[i].type = (enum piece_type)type;
        t->byte_fallback = t->byte_fallback || type == PIECE_BYTE;
    }
    t->unknown = gguf_number(w, "unknown_token_id", 2);
    t->end = gguf_number(w, "eos_token_id", 1);
    t->pad = gguf_number(w, "padding_token_id", 0);
    t->add_prefix = gguf_number(w, "add_space_prefix", 1);
    t->remove_spaces = gguf_number(w, "remove_extra_whitespaces", 1);
    t->escape_spaces = true;
    return gguf_map(t, w, err);
}
