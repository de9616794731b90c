/* tokenizer_impl.h - what tokenizer.c and its readers share. SPDX-License-Identifier: MIT */
#pragma once

#include "model/wan/tokenizer.h"

enum piece_type { /* the numbers of the files */
                  PIECE_NORMAL = 1,
                  PIECE_UNKNOWN = 2,
                  PIECE_CONTROL = 3,
                  PIECE_USER = 4,
                  PIECE_UNUSED = 5,
                  PIECE_BYTE = 6
};

struct piece {
    struct text text; /* into tokenizer.bytes */
    float score;
    enum piece_type type;
};

struct tokenizer {
    char *bytes; /* what the pieces and the map point into */
    size_t n_bytes;
    char *map_bytes; /* of a map with memory of its own; NULL: none */
    struct piece *pieces;
    int n_pieces;
    int32_t *sorted; /* ids of the pieces that match text, by their bytes */
    int n_sorted;
    int32_t byte_ids[256]; /* -1: none */
    bool byte_fallback;
    int32_t unknown, end, pad;
    float least, most; /* scores of normal pieces */

    bool add_prefix;    /* a space before the text */
    bool remove_spaces; /* at both ends, and of several all but one */
    bool escape_spaces; /* as U+2581 */
    const char *trie;   /* double array of 32-bit units, not aligned; NULL: text stays */
    size_t n_trie;
    const char *strings; /* NUL-terminated, by the trie's values */
    size_t n_strings;
};

/* Split the normaliser's map into trie and strings. map points into t->bytes or is empty. */
int tokenizer_set_map(struct tokenizer *t, struct text map, struct error *err) MUST_CHECK;

/* Read the message of a .model file in t->bytes. */
int tokenizer_read_model(struct tokenizer *t, struct error *err) MUST_CHECK;

/* Read GGUF's keys; ERR_NOT_FOUND without them. */
int tokenizer_read_gguf(struct tokenizer *t, const struct weights *w, struct error *err) MUST_CHECK;

/* Index the pieces and check the whole. */
int tokenizer_finish(struct tokenizer *t, struct error *err) MUST_CHECK;

/* The text as the pieces expect it. out is born with a maximum that fits. */
void tokenizer_normalize(const struct tokenizer *t, struct text s, struct text_buf *out);
