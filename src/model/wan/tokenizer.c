/* tokenizer.c - the split of a text into pieces; see tokenizer.h. SPDX-License-Identifier: MIT */
#include "model/wan/tokenizer_impl.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define UNKNOWN_PENALTY 10.0F

static int compare_text(struct text a, struct text b)
{
    const int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_pieces(const void *a, const void *b, void *arg)
{
    const struct piece *pieces = arg;
    return compare_text(pieces[*(const int32_t *)a].text, pieces[*(const int32_t *)b].text);
}

/* The id of the byte that "<0xNN>" names; -1 when it is not of that form. */
static int byte_of(struct text s)
{
    static const char digits[] = "0123456789ABCDEF";
    if (s.len != 6 || memcmp(s.at, "<0x", 3) != 0 || s.at[5] != '>' || !s.at[3] || !s.at[4])
        return -1;
    const char *high = strchr(digits, s.at[3]), *low = strchr(digits, s.at[4]);
    return high && low ? (int)((high - digits) * 16 + (low - digits)) : -1;
}

static int add_piece(struct tokenizer *t, int id, struct error *err)
{
    const struct piece *p = &t->pieces[id];
    switch (p->type) {
    case PIECE_NORMAL:
        t->least = p->score < t->least ? p->score : t->least;
        t->most = p->score > t->most ? p->score : t->most;
        t->sorted[t->n_sorted++] = id;
        break;
    case PIECE_USER:
    case PIECE_UNUSED:
        t->sorted[t->n_sorted++] = id;
        break;
    case PIECE_BYTE:
        if (byte_of(p->text) < 0)
            return error_set(err, ERR_CORRUPT, "piece %d is no byte", id);
        t->byte_ids[byte_of(p->text)] = id;
        break;
    case PIECE_UNKNOWN:
    case PIECE_CONTROL:
        break;
    default:
        return error_set(err, ERR_CORRUPT, "piece %d is of type %d", id, (int)p->type);
    }
    if (p->text.len == 0)
        return error_set(err, ERR_CORRUPT, "piece %d is empty", id);
    return 0;
}

static int check(const struct tokenizer *t, struct error *err)
{
    if (t->unknown < 0 || t->unknown >= t->n_pieces || t->end < 0 || t->end >= t->n_pieces)
        return error_set(err, ERR_CORRUPT, "the unknown piece %d or the end %d is not among %d",
                         t->unknown, t->end, t->n_pieces);
    for (int i = 1; i < t->n_sorted; i++)
        if (text_equal(t->pieces[t->sorted[i - 1]].text, t->pieces[t->sorted[i]].text))
            return error_set(err, ERR_CORRUPT, "pieces %d and %d are the same", t->sorted[i - 1],
                             t->sorted[i]);
    for (int i = 0; t->byte_fallback && i < 256; i++)
        if (t->byte_ids[i] < 0)
            return error_set(err, ERR_CORRUPT, "there is no piece for byte %d", i);
    return 0;
}

int tokenizer_finish(struct tokenizer *t, struct error *err)
{
    t->sorted = mem_try((size_t)t->n_pieces * sizeof *t->sorted);
    if (!t->sorted)
        return error_set(err, ERR_MEMORY, "no memory for %d pieces", t->n_pieces);
    t->least = FLT_MAX;
    t->most = -FLT_MAX;
    for (int i = 0; i < 256; i++)
        t->byte_ids[i] = -1;
    for (int i = 0; i < t->n_pieces; i++) {
        const int code = add_piece(t, i, err);
        if (code < 0)
            return code;
    }
    qsort_r(t->sorted, (size_t)t->n_sorted, sizeof *t->sorted, compare_pieces, t->pieces);
    return check(t, err);
}

int tokenizer_open(struct tokenizer **out, struct text model, struct error *err)
{
    SCOPED(tokenizer) struct tokenizer *t = mem_alloc(sizeof *t);
    t->bytes = mem_try(model.len + 1);
    if (!t->bytes)
        return error_set(err, ERR_MEMORY, "no memory for a tokenizer of %zu bytes", model.len);
    memcpy(t->bytes, model.at, model.len);
    t->n_bytes = model.len;
    int code = tokenizer_read_model(t, err);
    if (code == 0)
        code = tokenizer_finish(t, err);
    if (code == 0)
        *out = TAKE(t);
    return code;
}

int tokenizer_open_weights(struct tokenizer **out, const struct weights *w, struct error *err)
{
    struct tensor model;
    if (weights_find(w, "spiece_model", &model) && model.dtype == DTYPE_U8)
        return tokenizer_open(out, (struct text){model.data, tensor_bytes(&model)}, err);
    SCOPED(tokenizer) struct tokenizer *t = mem_alloc(sizeof *t);
    int code = tokenizer_read_gguf(t, w, err);
    if (code == 0)
        code = tokenizer_finish(t, err);
    if (code == 0)
        *out = TAKE(t);
    return code;
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t)
        return;
    mem_free(t->bytes);
    mem_free(t->map_bytes);
    mem_free(t->pieces);
    mem_free(t->sorted);
    mem_free(t);
}

int tokenizer_size(const struct tokenizer *t)
{
    return t->n_pieces;
}

int32_t tokenizer_pad(const struct tokenizer *t)
{
    return t->pad < 0 ? 0 : t->pad;
}

/* The best way to each byte of the text. */
struct node {
    float score;
    int32_t id;   /* of the piece that ends here */
    int32_t from; /* where it begins; -1: no way leads here */
};

/* The pieces of a range of the sorted list whose byte at i is c, of those that share the bytes
 * before it. */
static void narrow(const struct tokenizer *t, int *low, int *high, size_t i, unsigned char c)
{
    for (int side = 0; side < 2; side++) {
        int a = *low, b = *high;
        while (a < b) {
            const int middle = a + (b - a) / 2;
            const struct text s = t->pieces[t->sorted[middle]].text;
            const int byte = i < s.len ? (unsigned char)s.at[i] : -1;
            if (byte < c + side)
                a = middle + 1;
            else
                b = middle;
        }
        if (side == 0)
            *low = a;
        else
            *high = a;
    }
}

static float piece_score(const struct tokenizer *t, int32_t id)
{
    const struct piece *p = &t->pieces[id];
    return p->type == PIECE_USER ? (float)p->text.len * t->most - 0.1F : p->score;
}

static void offer(struct node *to, float score, int32_t id, size_t from)
{
    if (to->from < 0 || score > to->score)
        *to = (struct node){.score = score, .id = id, .from = (int32_t)from};
}

/* All pieces that begin at from; one of a single character must be among them, else the unknown
 * one is. */
static void extend(const struct tokenizer *t, struct text s, size_t from, size_t character,
                   struct node *nodes)
{
    int low = 0, high = t->n_sorted;
    bool single = false;
    const float so_far = nodes[from].score;
    for (size_t end = from; end < s.len; end++) {
        narrow(t, &low, &high, end - from, (unsigned char)s.at[end]);
        if (low >= high)
            break;
        const int32_t id = t->sorted[low]; /* the shortest comes first */
        if (t->pieces[id].text.len != end + 1 - from || t->pieces[id].type == PIECE_UNUSED)
            continue;
        offer(&nodes[end + 1], so_far + piece_score(t, id), id, from);
        single = single || end + 1 - from == character;
    }
    if (!single)
        offer(&nodes[from + character], so_far + t->least - UNKNOWN_PENALTY, t->unknown, from);
}

static size_t character_length(struct text s, size_t at)
{
    const unsigned char c = (unsigned char)s.at[at];
    const size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return n < s.len - at ? n : s.len - at;
}

/* Turn the way round, so that it can be walked from the front: next[i] is where the piece that
 * begins at i ends. */
static void write_ids(const struct tokenizer *t, struct text s, struct node *nodes, int32_t *out,
                      int most, int *n)
{
    int32_t end = -1, at = (int32_t)s.len;
    while (at > 0) {
        const int32_t from = nodes[at].from;
        nodes[at].from = end; /* where the piece behind this one ends */
        end = at;
        at = from;
    }
    bool unknown = false;
    for (int32_t from = 0; end > 0 && *n < most; from = end, end = nodes[end].from) {
        const bool was_unknown = unknown;
        unknown = nodes[end].id == t->unknown;
        if (unknown && t->byte_fallback)
            for (int32_t i = from; i < end && *n < most; i++)
                out[(*n)++] = t->byte_ids[(unsigned char)s.at[i]];
        else if (!unknown || !was_unknown)
            out[(*n)++] = nodes[end].id;
    }
}

int tokenizer_ids(const struct tokenizer *t, struct text s, int32_t *out, int most,
                  struct error *err)
{
    /* A key of the map is at least a byte; no string of a real one is longer than 64. */
    SCOPED(text_buf) struct text_buf normal;
    text_buf_init(&normal, s.len * 64 + 64);
    tokenizer_normalize(t, s, &normal);
    if (normal.failed || normal.len > INT32_MAX)
        return error_set(err, ERR_MEMORY, "a text of %zu bytes is too long", s.len);
    const struct text text = {normal.at, normal.len};
    SCOPED(mem) struct node *nodes = mem_try((text.len + 1) * sizeof *nodes);
    if (!nodes)
        return error_set(err, ERR_MEMORY, "no memory to split %zu bytes", text.len);
    for (size_t i = 1; i <= text.len; i++)
        nodes[i].from = -1;
    for (size_t at = 0; at < text.len;) {
        const size_t n = character_length(text, at);
        extend(t, text, at, n, nodes);
        at += n;
    }
    int n = 0;
    write_ids(t, text, nodes, out, most - 1, &n);
    out[n++] = t->end;
    return n;
}
